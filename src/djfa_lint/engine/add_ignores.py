"""Writes the comments that hide what is found; nothing but comments is put in.

A finding is hidden on its own line where a comment can stand there, else above the statement: the end of a line inside
a string or before a backslash is no place for one. What other tools read stays first on its line.
"""

from __future__ import annotations

import io
import re
import token as kinds
import tokenize
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from djfa_lint.engine.fix import Fixed
from djfa_lint.engine.own import ALWAYS_ON
from djfa_lint.engine.run import Request, lint
from djfa_lint.errors import SourceError
from djfa_lint.facts.records import FileFacts
from djfa_lint.sdk.finding import Finding
from djfa_lint.source.directives import Directive, Directives, python_directives, template_directives
from djfa_lint.source.parse import parse_python
from djfa_lint.source.store import Store
from djfa_lint.source.text import Source

MAX_ROUNDS = 5
_PYTHON = (".py", ".pyi")
_LONE_CR = re.compile(r"\r(?!\n)")
_TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.DOTALL)
_COMMENT = re.compile(r"^\{#[^\r\n]*?#\}(?:\r\n|\r|\n)|\{#[^\r\n]*?#\}", re.MULTILINE)
# What speaks for the next line, and not for the next statement as ours does.
_NEXT_LINE = re.compile(r"#.*(?:disable-next|nosemgrep|noinspection)")
_NO_CODE = frozenset({kinds.COMMENT, kinds.NL, kinds.INDENT, kinds.DEDENT, kinds.ENDMARKER})
_OPENING = {getattr(kinds, name, None) for name in ("FSTRING_START", "TSTRING_START")}
_CLOSING = {getattr(kinds, name, None) for name in ("FSTRING_END", "TSTRING_END")}


class Place(NamedTuple):
    """Where codes are written: an offset in the text (0-based), and what stands around them."""

    offset: int
    before: str
    after: str
    between: str = ", "


def add_ignores(request: Request) -> Fixed:
    """Hide in memory all that is reported, until nothing is left that a comment can hide.

    What was hidden is counted as made. Words are given about findings that no comment can hide: those in a file whose
    encoding would not write it back as it is, and on lines where no comment can stand. A file that cannot be linted,
    and a rule that crashed (DFA001, DFA002), stay findings.
    """
    store = Store(request.store.root, request.store.overlay)
    request = replace(request, store=store)
    kept: dict[str, FileFacts] = {}
    result = Fixed(lint(request, kept))
    for _ in range(MAX_ROUNDS):
        by_path: dict[str, list[Finding]] = defaultdict(list)
        for one in result.outcome.findings:
            if one.code not in ALWAYS_ON:
                by_path[one.path].append(one)
        changed: dict[str, bytes] = {}
        result.dropped = []
        for path, findings in by_path.items():
            data, left = _hidden(store, path, findings)
            result.dropped += [f"{path}:{one.span.line}: {one.code} cannot be hidden by a comment" for one in left]
            if data is not None:
                changed[path] = data
                result.made += len(findings) - len(left)
        if not changed:
            break
        store.overlay.update(changed)
        result.texts.update(changed)
        for path in changed:
            kept.pop(path, None)
        result.outcome = lint(request, kept)
    return result


def _hidden(store: Store, path: str, findings: Sequence[Finding]) -> tuple[bytes | None, list[Finding]]:
    """The bytes of a file in which these findings are hidden, and those that cannot be; None where none can."""
    try:
        source = store.source(path)
        places = Python(source) if path.endswith(_PYTHON) else Template(source)
        codes: dict[Place, set[str]] = defaultdict(set)
        left = []
        for one in findings:
            place = places.place(one.span.line)
            if place is None:
                left.append(one)
            else:
                codes[place].add(one.code)
        text = _written(source.text, codes)
        if not codes or source.encode(source.text) != source.data or not places.only_comments(text):
            return None, list(findings)
        return source.encode(text), left
    except SourceError:
        return None, list(findings)


def _written(text: str, codes: dict[Place, set[str]]) -> str:
    for place, some in sorted(codes.items(), reverse=True):
        written = place.before + place.between.join(sorted(some)) + place.after
        text = text[: place.offset] + written + text[place.offset :]
    return text


def _merged(said: Directives, line: int, last: int, source: Source) -> Place | None:
    """The place after the codes of a comment that speaks for a line, and for less than the file; `last` is its end."""
    fitting = [one for one in said.ignores if one.first <= line <= one.last <= last]
    if not fitting:
        return None
    chosen: Directive = min(fitting, key=lambda one: one.own_line)
    return Place(source.lines.offset(*chosen.codes[-1].span[2:]), ", ", "")


class Template:
    """Where comments can stand in a template. One more character of text would be one more of output, so none is."""

    def __init__(self, source: Source) -> None:
        self.source, self.lines = source, source.lines
        self.said = template_directives(source.text, source.lines)

    def place(self, line: int) -> Place | None:
        """Where the codes for a line (1-based) go; None where no comment can stand."""
        merged = _merged(self.said, line, self.lines.count, self.source)
        if merged is not None:
            return merged
        start = self.lines.offset(line, 1)
        text = self.lines.line(line)
        if any(one.own_line and one.span.line == line for one in self.said.ignores):
            # A second comment on its line would make it speak for that line.
            newline = self.lines.raw(line, line)[len(text) :] or self.source.newline
            return Place(start, "{# djfa: ignore[", "] #}" + newline)
        at = start + len(text)
        around = next((tag for tag in _TAG.finditer(self.source.text) if tag.start() < at < tag.end()), None)
        if around is not None:
            # A tag over several lines: before it, if that is the line.
            at = around.start()
        return Place(at, "{# djfa: ignore[", "] #}") if at >= start else None

    def only_comments(self, text: str) -> bool:
        """Whether a text differs from this one in comments alone."""
        return _COMMENT.sub("", text) == _COMMENT.sub("", self.source.text)


class Python:
    """Where comments can stand in a Python file."""

    def __init__(self, source: Source) -> None:
        """Raises SourceError where the tokeniser cannot read the text; its comments say nothing then."""
        self.source, self.lines = source, source.lines
        self.layout = _layout(source.text)
        self.said = python_directives(source.text, source.lines)

    def place(self, line: int) -> Place | None:
        """Where the codes for a line (1-based) go; None where no comment can stand."""
        merged = _merged(self.said, line, self.lines.count, self.source)
        if merged is not None:
            return merged
        start = self.layout.starts.get(line, 0)
        text = self.lines.line(line)
        comment = self.layout.comments.get(line, "")
        if line in self.layout.joined or self._continues(line) or comment.startswith("#:"):
            return self._above(start) if start else None
        if line not in self.layout.code:
            return self._beside_no_code(line, text, comment)
        return Place(self.lines.offset(line, len(text.rstrip()) + 1), "  # djfa: ignore[", "]")

    def _beside_no_code(self, line: int, text: str, comment: str) -> Place | None:
        """On a line that holds a comment at most: one of ours would speak for the next statement, a `noqa` does not."""
        if "noqa" in comment.lower() or line > self.lines.count:
            return None
        gap = "  " if comment else ""
        return Place(self.lines.offset(line, len(text.rstrip()) + 1), f"{gap}# noqa: ", "", ",")

    def _above(self, line: int) -> Place:
        """On a line of its own above the statement that begins on `line`."""
        while self._continues(line - 1) or _NEXT_LINE.match(self.layout.comments.get(line - 1, "")):
            line -= 1
        text = self.lines.line(line)
        indent = text[: len(text) - len(text.lstrip(" \t\f"))]
        newline = self.lines.raw(line, line)[len(text) :] or self.source.newline
        return Place(self.lines.offset(line, 1), f"{indent}# djfa: ignore[", f"]{newline}")

    def _continues(self, line: int) -> bool:
        """Whether a backslash joins the next line to this one."""
        inside = line in self.layout.joined or line in self.layout.comments
        return line > 0 and not inside and self.lines.line(line).endswith("\\")

    def only_comments(self, text: str) -> bool:
        """Whether a text parses and differs from this one in comments alone."""
        parse_python(text)
        return _layout(text).tokens == self.layout.tokens


@dataclass
class _Layout:
    """A file as its tokens show it; lines are 1-based.

    `joined` are the lines that end inside a string, `code` those on which a token of code begins or ends; `starts` maps
    the lines of a statement (of its head, where it has a block) to the first of them, `comments` lines to the text of
    their comment. `tokens` are all but the comments.
    """

    joined: set[int] = field(default_factory=set)
    code: set[int] = field(default_factory=set)
    starts: dict[int, int] = field(default_factory=dict)
    comments: dict[int, str] = field(default_factory=dict)
    tokens: list[tuple[int, str]] = field(default_factory=list)


def _layout(text: str) -> _Layout:
    found = _Layout()
    tokens = _tokens(text)
    start = 0
    for token in tokens:
        if token.type == kinds.COMMENT:
            found.comments[token.start[0]] = token.string
        if token.type not in {kinds.COMMENT, kinds.NL}:
            found.tokens.append((token.type, token.string))
        if token.type == kinds.NEWLINE:
            found.starts.update(dict.fromkeys(range(start, token.start[0] + 1) if start else (), start))
            start = 0
        elif token.type not in _NO_CODE:
            start = start or token.start[0]
            found.code.update((token.start[0], token.end[0]))
    for first, last in _strings(tokens):
        found.joined.update(range(first, last))
    return found


def _tokens(text: str) -> list[tokenize.TokenInfo]:
    try:
        readable = _LONE_CR.sub("\n", text)
        return list(tokenize.generate_tokens(io.StringIO(readable, newline="").readline))
    except (tokenize.TokenError, SyntaxError, ValueError) as error:
        raise SourceError(f"cannot be read token by token: {error}") from error


def _strings(tokens: Iterable[tokenize.TokenInfo]) -> Iterator[tuple[int, int]]:
    """First and last line of each string, of those that hold code from their first quote to their last."""
    opened: list[int] = []
    for token in tokens:
        if token.type == kinds.STRING:
            yield token.start[0], token.end[0]
        elif token.type in _OPENING:
            opened.append(token.start[0])
        elif token.type in _CLOSING and opened:
            yield opened.pop(), token.end[0]
