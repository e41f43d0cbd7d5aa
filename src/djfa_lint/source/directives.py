"""Comments that speak to the linter: ``# djfa: ignore[CODE] reason`` and ``# noqa``, in Python and in templates.

Read from the file's tokens, never from a slice or by searching lines, so that a string that looks like one is not one.
Where only ``noqa`` can be meant, strings and comments are all the tokens that matter, and `source/comments.py` finds
these many times faster.
What is found is only described here; which findings it hides is the engine's business.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from djfa_lint.source.comments import Comments, read_comments
from djfa_lint.source.lines import Lines, Span

# Ends where another comment for a tool begins; `#12` in a reason does not end it.
_DIRECTIVE = re.compile(r"#\s*djfa:(?P<rest>(?:[^#]|#(?=\d))*)")
_LONE_CR = re.compile(r"\r(?!\n)")
_IN_TEMPLATE = re.compile(r"\{#(?P<body>[^\n]*?)#\}")
_REST = re.compile(r"\s*(?P<verb>[\w-]*)\s*(?:\[(?P<codes>[^\]\n]*)\])?(?P<reason>.*)", re.DOTALL)
# The grammar flake8 reads: codes only directly after `noqa:`, anything else hides every code.
_NOQA = re.compile(r"#\s*noqa(?::\s?(?P<codes>[A-Z]+[0-9]+(?:[,\s]+[A-Z]+[0-9]+)*))?", re.IGNORECASE)
_NOQA_FILE = re.compile(r"#\s*flake8\s*[:=]\s*noqa(?P<codes>:\s?[A-Z]+[0-9]+(?:[,\s]+[A-Z]+[0-9]+)*)?", re.IGNORECASE)
_CODE = re.compile(r"[^\s,]+")


_NO_CODE = frozenset({tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER})


class Code(NamedTuple):
    """One code or rule name in a directive, and where it stands."""

    text: str
    span: Span


@dataclass(frozen=True)
class Directive:
    """A readable ``ignore`` or ``ignore-file``.

    `first` to `last` are the lines (1-based, included) whose findings it hides; the whole file for ``ignore-file``.
    `span` is the comment; `own_line` says whether nothing else stands on its line.
    """

    span: Span
    codes: tuple[Code, ...]
    reason: str
    first: int
    last: int
    own_line: bool


class BadDirective(NamedTuple):
    """A comment that begins like a directive and cannot be read."""

    span: Span
    problem: str


@dataclass
class Directives:
    """All that one file's comments say.

    `noqa` maps a line to the code prefixes it hides, () meaning every code. `nonblocking` are the lines, first and
    last, of which somebody says that they do not block.
    """

    ignores: list[Directive] = field(default_factory=list)
    bad: list[BadDirective] = field(default_factory=list)
    noqa: dict[int, tuple[str, ...]] = field(default_factory=dict)
    noqa_file: tuple[str, ...] | None = None
    nonblocking: list[tuple[int, int]] = field(default_factory=list)


def python_directives(text: str, lines: Lines) -> Directives:
    """The directives of a Python file; none where it cannot be tokenised (it does not parse either)."""
    comments = read_comments(text) if "djfa:" not in text else None
    return _noqa_alone(text, lines, comments) if comments is not None else _by_tokens(text, lines)


def _by_tokens(text: str, lines: Lines) -> Directives:
    """The directives as the tokeniser shows them."""
    found = Directives()
    try:
        # The tokeniser does not take a lone CR for the end of a comment; Python's own parser does.
        readable = _LONE_CR.sub("\n", text)
        tokens = list(tokenize.generate_tokens(io.StringIO(readable, newline="").readline))
    except (tokenize.TokenError, SyntaxError, ValueError):
        return found
    logical = _logical_lines(tokens)
    code = {token.start[0] for token in tokens if token.type not in _NO_CODE}
    for token in tokens:
        if token.type != tokenize.COMMENT:
            continue
        line, start = token.start
        own_line = not token.line[:start].strip()
        for match in _DIRECTIVE.finditer(token.string):
            whole = Span(line, start + match.start() + 1, line, start + match.start() + len(match[0].rstrip()) + 1)
            target = _next(logical, line, code) if own_line else (line, line)
            _read(found, match["rest"], start + match.start("rest") + 1, whole, target, own_line, lines.count)
        _read_noqa(found, token.string, line, own_line)
    _spread_noqa(found, tokens)
    return found


def _noqa_alone(text: str, lines: Lines, comments: Comments) -> Directives:
    """What the ``noqa`` of a file without other directives say."""
    found = Directives()
    for start, end in comments.places:
        if "noqa" in text[start:end].lower():
            line, column = lines.position(start)
            _read_noqa(found, text[start:end], line, not lines.line(line)[: column - 1].strip())
    if not found.noqa:
        return found
    joined = {number for span in comments.joins for number in _lines_after_first(span, lines)}
    for line, said in list(found.noqa.items()):
        while line in joined:
            line -= 1
            found.noqa[line] = said
    return found


def _lines_after_first(span: tuple[int, int], lines: Lines) -> range:
    return range(lines.position(span[0])[0] + 1, lines.position(span[1])[0] + 1)


def noqa_may_speak(lines: Lines, asked: Iterable[int]) -> bool:
    """Whether a ``noqa`` can concern one of these lines; spares tokenising large files for a comment far away.

    It speaks for its own line, and for lines before it only across a multi-line string or a backslash.
    """
    text = lines.text.lower()
    if "noqa" not in text:
        return False
    if "flake8" in text:
        return True
    for line in asked:
        start = lines.offset(line, 1)
        at = text.find("noqa", start)
        if at < 0:
            continue
        between = text[start:at]
        joined = "\\\n" in between or "\\\r" in between or '"""' in between or "'''" in between
        # An odd number of triple quotes before it: the line itself stands in a string.
        joined = joined or (text.count('"""', 0, start) + text.count("'''", 0, start)) % 2 == 1
        if joined or ("\n" not in between and "\r" not in between):
            return True
    return False


def template_directives(text: str, lines: Lines) -> Directives:
    """The directives in a template's one-line comments, ``{# djfa: ignore[DFA203] reason #}``."""
    found = Directives()
    for match in _IN_TEMPLATE.finditer(text):
        body = match["body"]
        if not body.strip().startswith("djfa:"):
            continue
        span = lines.between(match.start(), match.end())
        own_line = lines.line(span.line).strip() == match[0].strip()
        rest = body[body.index("djfa:") + 5 :]
        column = span.column + 2 + body.index("djfa:") + 5
        target = (span.line, span.line)
        if own_line:
            following = (n for n in range(span.line + 1, lines.count + 1) if lines.line(n).strip())
            target = (next(following, span.line),) * 2
        _read(found, rest, column, span, target, own_line, lines.count)
    return found


def _read(
    found: Directives,
    rest: str,
    column: int,
    span: Span,
    target: tuple[int, int],
    own_line: bool,
    last_line: int,
) -> None:
    """Read what follows ``djfa:``; `column` is where it begins."""
    match = _REST.match(rest)
    assert match is not None  # every part of the pattern may be empty
    verb, codes = match["verb"], match["codes"]
    if verb == "nonblocking":
        if match["reason"].strip():
            found.nonblocking.append(target)
        else:
            found.bad.append(BadDirective(span, "`nonblocking` needs a reason: `nonblocking reads what is cached`"))
        return
    if verb not in {"ignore", "ignore-file"}:
        known = "`ignore[CODE]`, `ignore-file[CODE]` or `nonblocking REASON`"
        problem = f"`{verb}` is not a directive; use {known}" if verb else f"there is no directive; use {known}"
        found.bad.append(BadDirective(span, problem))
        return
    listed = tuple(
        Code(part[0], Span(span.line, at, span.line, at + len(part[0])))
        for part in _CODE.finditer(codes or "")
        for at in (column + match.start("codes") + part.start(),)
    )
    if not listed:
        found.bad.append(BadDirective(span, f"`{verb}` names no code; write `{verb}[DFA401]`"))
        return
    first, last = (1, last_line + 1) if verb == "ignore-file" else target
    found.ignores.append(Directive(span, listed, match["reason"].strip(), first, last, own_line))


def _logical_lines(tokens: Sequence[tokenize.TokenInfo]) -> list[tuple[int, int, bool]]:
    """First line, last line and "is a decorator" of each logical line."""
    lines: list[tuple[int, int, bool]] = []
    start, decorator = 0, False
    for token in tokens:
        if token.type == tokenize.NEWLINE:
            lines.append((start, token.start[0], decorator))
            start = 0
        elif not start and token.type not in _NO_CODE:
            start, decorator = token.start[0], token.string == "@"
    return lines


def _next(logical: Iterable[tuple[int, int, bool]], line: int, code: Collection[int]) -> tuple[int, int]:
    """The lines a comment on a line of its own speaks for; `code` are the lines that hold some.

    Those of the next logical line, decorators taking what they decorate with them; inside a statement over several
    lines, the next of these.
    """
    first = 0
    for start, end, decorator in logical:
        if start < line < end:
            return (next((number for number in range(line + 1, end + 1) if number in code), line),) * 2
        if start > line:
            first = first or start
            if not decorator:
                return first, end
    return (first or line, line)


def _read_noqa(found: Directives, comment: str, line: int, own_line: bool) -> None:
    whole = _NOQA_FILE.match(comment)
    if whole:
        if not own_line:
            return  # flake8 reads it alone on its line only, and takes it for nothing else
        codes = _codes((whole["codes"] or "").lstrip(":"))
        found.noqa_file = () if not codes or found.noqa_file == () else (*(found.noqa_file or ()), *codes)
        return
    match = _NOQA.search(comment)
    if match:
        found.noqa[line] = _codes(match["codes"] or "")


def _codes(text: str) -> tuple[str, ...]:
    return tuple(part.upper() for part in _CODE.findall(text))


def _spread_noqa(found: Directives, tokens: Iterable[tokenize.TokenInfo]) -> None:
    """A ``noqa`` after a multi-line string or a backslash speaks for all the lines it joins, as in flake8."""
    if not found.noqa:
        return
    first = last = 0
    for token in tokens:
        if token.type in {tokenize.ENDMARKER, tokenize.DEDENT}:
            continue
        first, last = min(first or token.start[0], token.start[0]), max(last, token.end[0])
        if token.type in {tokenize.NL, tokenize.NEWLINE}:
            said = next((found.noqa[n] for n in range(first, last + 1) if n in found.noqa), None)
            if said is not None:
                found.noqa.update(dict.fromkeys(range(first, last + 1), said))
            first = last = 0
