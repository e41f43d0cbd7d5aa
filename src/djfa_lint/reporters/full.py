"""For people: each finding with its code frame, the span underlined, and its evidence with short frames."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.text import Text

from djfa_lint.reporters.places import Places
from djfa_lint.sdk.finding import Applicability, Finding, Severity
from djfa_lint.source.lines import Lines, Span

_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.INFO: "bold blue"}
_AROUND = 2
_MAX_LINES = 6
_MAX_WIDTH = 160


def report(findings: Sequence[Finding], places: Places) -> Text:
    """The findings as styled text; a console without colour drops the styles."""
    return Text("\n").join([_finding(one, places) for one in findings]) if findings else Text()


def _finding(finding: Finding, places: Places) -> Text:
    style = _STYLES[finding.severity]
    text = Text()
    text.append(f"{places.shown(finding.path)}:{finding.span.line}:{finding.span.column}", "bold")
    text.append(f" {finding.severity.value} ", style)
    text.append(f"{finding.code} {finding.name}\n", style)
    text.append_text(_ticked(finding.message)).append("\n")
    spans = [finding.span, *(one.span for one in finding.evidence)]
    width = len(str(max(span.end_line for span in spans) + _AROUND))
    _frame(text, places.lines(finding.path), finding.span, style, width, _AROUND)
    for one in finding.evidence:
        where = "" if one.path == finding.path else f"{places.shown(one.path)}:{one.span.line}:{one.span.column} "
        text.append(" " * width + " = ", "dim").append(where, "bold").append_text(_ticked(one.message)).append("\n")
        _frame(text, places.lines(one.path), one.span, "cyan", width, 0)
    if finding.fix is not None:
        flag = "--fix" if finding.fix.applicability is Applicability.SAFE else "--fix --unsafe-fixes"
        text.append(" " * width + " = ", "dim").append("fix: ", "green").append_text(_ticked(finding.fix.message))
        text.append(f" ({flag})\n", "dim")
    return text


def _frame(text: Text, lines: Lines, span: Span, style: str, width: int, around: int) -> None:
    """Source lines with their numbers; under each line of the span, what of it belongs to the span."""
    if not lines.text:
        return
    first, last = max(1, span.line - around), min(lines.count, span.end_line + around)
    cut = span.end_line - span.line + 1 > _MAX_LINES
    for number in range(first, last + 1):
        if cut and span.line + 2 < number < span.end_line:
            if number == span.line + 3:
                text.append(f"{'...':>{width}} |\n", "dim")
            continue
        line = lines.line(number)
        shown = _printable(line)
        text.append(f"{number:>{width}} | ", "dim").append(shown[:_MAX_WIDTH] + "\n")
        if span.line <= number <= span.end_line:
            _underline(text, line, number, span, style, width)


def _underline(text: Text, line: str, number: int, span: Span, style: str, width: int) -> None:
    start = span.column - 1 if number == span.line else len(line) - len(line.lstrip())
    end = span.end_column - 1 if number == span.end_line else len(line.rstrip())
    before = cell_len(_printable(line[:start]))
    length = max(1, cell_len(_printable(line[start:end])))
    if before < _MAX_WIDTH and (end > start or number == span.line):
        marks = "^" * min(length, _MAX_WIDTH - before)
        text.append(" " * width + " | ", "dim").append(" " * before).append(marks + "\n", style)


def _printable(line: str) -> str:
    """Tabs as four columns and control characters as a mark, so that the underline stays below what it means."""
    return "".join("    " if char == "\t" else char if char.isprintable() else "?" for char in line)


def _ticked(message: str) -> Text:
    """A message with its backticked parts made bold."""
    text = Text()
    for index, part in enumerate(message.split("`")):
        text.append(f"`{part}`" if index % 2 else part, "bold" if index % 2 else "")
    return text
