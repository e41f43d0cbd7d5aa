"""GitHub Actions workflow commands: annotations on the lines of a pull request.

Written after GitHub's documentation of workflow commands and the escaping its own toolkit does. Only the first ten
of each level are shown by GitHub in one step, so the worst come first.
"""

from __future__ import annotations

from collections.abc import Sequence

from djfa_lint.reporters.places import Places
from djfa_lint.sdk.finding import Finding, Severity

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
_SHOWN_PER_LEVEL = 10


def report(findings: Sequence[Finding], places: Places) -> str:
    """The findings as workflow commands, errors first; columns only where the span is on one line."""
    order = list(_LEVELS)
    ranked = sorted(findings, key=lambda one: order.index(one.severity))
    hidden = sum(max(0, sum(one.severity is level for one in ranked) - _SHOWN_PER_LEVEL) for level in order)
    lines = [_command(one, places) for one in ranked]
    if hidden:
        lines.append(f"{hidden} more findings are in this log; GitHub shows {_SHOWN_PER_LEVEL} of a level in a step\n")
    return "".join(lines)


def _command(finding: Finding, places: Places) -> str:
    span = finding.span
    properties = {"title": f"{finding.code} {finding.name}", "file": places.shown(finding.path)}
    properties |= {"line": str(span.line), "endLine": str(span.end_line)}
    if span.line == span.end_line:
        properties |= {"col": str(span.column), "endColumn": str(span.end_column)}
    message = finding.message
    for one in finding.evidence:
        message += f"\n{places.shown(one.path)}:{one.span.line}: {one.message}"
    told = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{_LEVELS[finding.severity]} {told}::{_data(message)}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
