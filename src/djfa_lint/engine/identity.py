"""What makes a finding the same one after its file was edited: no line, and no more of the text than has a meaning.

A finding is known by its file, its code, the definition it stands in and the normal form of the text it underlines.
That form is read off the `ast` of the text alone, so nothing a formatter does changes it: line breaks, comments,
commas and parentheses that may be left out, quotes, prefixes, numbers written another way. It is the same under every
Python that can parse the text; `ast.dump` and `ast.unparse` differ from one to the next.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache, partial
from typing import Any, NamedTuple

from djfa_lint.engine import workers
from djfa_lint.errors import SourceError
from djfa_lint.sdk.context import shortened
from djfa_lint.sdk.finding import Finding
from djfa_lint.source.lines import Span
from djfa_lint.source.parse import parse_python
from djfa_lint.source.store import Store
from djfa_lint.source.text import Source

_PYTHON = (".py", ".pyi")
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")
# What a span may underline, and what makes it a text that parses; an expression is by far the most frequent.
_BLOCK = "if 1:\n{}"
_WHOLE = ("(\n{}\n)", "{}", _BLOCK)
_PARTS = (
    "{}\n pass",
    "try: pass\n{}\n pass",
    "if 1: pass\n{}\n pass",
    "match 1:\n {}\n  pass",
    "f(\n{}\n)",
    "def f(\n{}\n): pass",
    "with (\n{}\n): pass",
)
# Not what the text means but how it is written, what a formatter may add, or what not every Python says.
_LEFT_OUT = frozenset({"ctx", "kind", "type_comment", "simple", "str"})
# Findings of the family `security` may underline a secret, and their messages may quote it.
_SECRETS = re.compile(r"[A-Z]+6\d\d")
_SNIPPET = 60
_MESSAGE = 100


class Identity(NamedTuple):
    """What a finding is known by. `scope` is the dotted name of the definition around it, "" at module level."""

    path: str
    code: str
    scope: str
    hash: str


class Known(NamedTuple):
    """A finding's identity, and for people a short form of the text it underlines and of what it says."""

    identity: Identity
    snippet: str
    message: str


def identified(findings: Sequence[Finding], store: Store, jobs: int = 1) -> list[Known | None]:
    """For each finding what it is known by, None where its file cannot be read; `jobs` as for a run."""
    places: dict[str, list[int]] = {}
    for index, one in enumerate(findings):
        places.setdefault(one.path, []).append(index)
    known: list[Known | None] = [None] * len(findings)
    in_file = partial(_known, store, {path: [findings[index] for index in own] for path, own in places.items()})
    for own, found in zip(places.values(), workers.run(in_file, list(places), jobs, _no_progress), strict=True):
        for index, what in zip(own, found, strict=True):
            known[index] = what
    return known


def _known(store: Store, findings: dict[str, list[Finding]], path: str) -> list[Known | None]:
    try:
        file = _File(store.source(path))
    except SourceError:
        return [None] * len(findings[path])
    return [file.known(one) for one in findings[path]]


def _no_progress(done: int, total: int) -> None:
    """Show nothing."""


class _File:
    """One file's text and the definitions in it."""

    def __init__(self, source: Source) -> None:
        self.lines = source.lines
        self.is_python = str(source.path).endswith(_PYTHON)
        self.scopes = _scopes(parse_python(source.text)) if self.is_python else []

    def known(self, finding: Finding) -> Known:
        text = self._text(finding.span)
        scope = ""
        for first, last, name in self.scopes:
            if first <= finding.span.line <= last:
                scope = name  # outer definitions come first
        form = normal_form(text) if self.is_python else " ".join(text.split())
        digest = hashlib.blake2b(form.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
        identity = Identity(finding.path, finding.code, scope, digest)
        if _SECRETS.fullmatch(finding.code):
            snippet = without_literals(text) if self.is_python else ""
            return Known(identity, shortened(snippet, _SNIPPET), finding.name)
        return Known(identity, shortened(text, _SNIPPET), shortened(finding.message, _MESSAGE))

    def _text(self, span: Span) -> str:
        """What a finding underlines, the lines of a block with their indentation; its line where that is nothing."""
        text = self.lines.text_of(span)
        before = self.lines.line(span.line)[: span.column - 1]
        if not text.strip():
            return self.lines.line(span.line)
        return before + text if span.end_line > span.line and not before.strip() else text


def _scopes(tree: ast.Module) -> list[tuple[int, int, str]]:
    """First and last line (1-based, both included, decorators too) and dotted name of each definition, outer first."""
    found: list[tuple[int, int, str]] = []
    waiting: list[tuple[ast.AST, str]] = [(tree, "")]
    while waiting:
        node, scope = waiting.pop()
        if isinstance(node, _DEFINITIONS):
            scope = f"{scope}.{node.name}" if scope else node.name
            first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            found.append((first, node.end_lineno or node.lineno, scope))
        waiting += [(one, scope) for name in _BLOCKS for one in getattr(node, name, ()) if isinstance(one, ast.AST)]
    return sorted(found, key=lambda one: (one[0], -one[1]))


@lru_cache(maxsize=4096)
def normal_form(text: str) -> str:
    """A text that is the same for all ways to write a piece of Python: an expression, statements, part of one.

    What does not parse by itself comes down to its words.
    """
    if text.lstrip().startswith("#"):
        return " ".join(re.findall(r"\w+", text))  # a comment: in a frame it would be nothing
    for frame in (*_WHOLE, *_PARTS):
        tree = _parsed(frame, text)
        if tree is not None:
            try:
                return "".join(_told(tree[0].value if isinstance(tree[0], ast.Expr) and len(tree) == 1 else tree))
            except RecursionError:
                break
    return " ".join(re.findall(r"\w+", re.sub(r"#.*", "", text)))


def without_literals(text: str) -> str:
    """A piece of Python of whose strings no more than two characters are left; "" where it does not parse by itself."""
    for frame in _WHOLE:
        tree = _parsed(frame, text)
        if tree is not None:
            try:
                return "; ".join(ast.unparse(_Masked().visit(one)) for one in tree)
            except (RecursionError, ValueError):
                break
    return ""


class _Masked(ast.NodeTransformer):
    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        if isinstance(node.value, str) and len(node.value) > 2:
            return ast.Constant(node.value[:2] + "...")
        if isinstance(node.value, bytes) and len(node.value) > 2:
            return ast.Constant(node.value[:2] + b"...")
        return node


def _parsed(frame: str, text: str) -> list[ast.stmt] | None:
    """The statements of a text put into a frame, None where that does not parse."""
    # Only in a block do the following lines stand where the first one does.
    framed = frame.format(text.rstrip() if frame is _BLOCK else text.strip())
    try:
        body = parse_python(framed).body
    except SourceError:
        return None
    return body[0].body if frame is _BLOCK and isinstance(body[0], ast.If) else body


def _told(value: Any) -> Iterator[str]:
    """A tree as text, in pieces; what is empty is left out, so that new fields of a later Python change nothing."""
    if isinstance(value, ast.Constant):
        yield _constant(value.value)
    elif isinstance(value, ast.JoinedStr):
        yield "f"
        yield from _sequence(_joined(value.values))
    elif isinstance(value, ast.Delete) and len(value.targets) == 1 and isinstance(value.targets[0], ast.Tuple):
        yield from _told(ast.Delete(value.targets[0].elts))  # `del (a, b)` is `del a, b`
    elif isinstance(value, ast.AST):
        yield type(value).__name__ + "("
        for name in value._fields:
            part = getattr(value, name, None)
            if name not in _LEFT_OUT and part is not None and part != []:
                yield f"{name}="
                yield from _told(part)
        yield ")"
    elif isinstance(value, list):
        yield from _sequence([one for one in value if not _is_docstring(one)])
    else:
        yield ascii(value)


def _sequence(values: Sequence[Any]) -> Iterator[str]:
    yield "["
    for one in values:
        yield from _told(one)
        yield ","
    yield "]"


def _constant(value: object) -> str:
    # repr() of a text depends on Python's tables of characters, that of a long number fails.
    return hex(value) if type(value) is int else ascii(value)


def _joined(values: Sequence[ast.expr]) -> list[ast.expr]:
    """The parts of an f-string with neighbouring texts made one: how many there are differs between Pythons."""
    found: list[ast.expr] = []
    for one in values:
        before = found[-1] if found else None
        if not isinstance(one, ast.Constant) or not isinstance(before, ast.Constant):
            found.append(one)
        else:
            found[-1] = ast.Constant(f"{before.value!s}{one.value!s}")
    return [one for one in found if not (isinstance(one, ast.Constant) and not one.value)]


def _is_docstring(node: object) -> bool:
    """Whether this is a text that stands alone: formatters indent it anew."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
