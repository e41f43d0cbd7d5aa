"""The comments on a fixture's lines, and the functions they stand in.

=====================================  ===========================================================================
``# want DFA201``                      exactly one such finding starts on this line
``# want DFA201 on `order.customer```  and its span is exactly this text
``# want DFA201: "part"``              and its message contains this (after ``on`` too)
``# want+1 DFA201``                    on the next line
``# missed DFA201: why``               a known missed alarm: fails once it is found
``# false DFA201: why``                a known false alarm: fails once it is gone
``# fact Order: is app.models.Base``   what the project must hold for this class, completely for each kind of fact
``{# want DFA203 #}``                  the same in a template
=====================================  ===========================================================================
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from djfa_lint.errors import DjfaError, SourceError
from djfa_lint.source.lines import Lines
from djfa_lint.source.parse import parse_python

_LIKE_ONE = re.compile(r"#\s*(want|missed|false|fact)\b")
_WANT = re.compile(
    r"#\s*want(?P<down>\+\d+)?\s+(?P<code>[A-Z]{1,3}\d{3})"
    r"(?:\s+on\s+`(?P<on>[^`]+)`)?(?::\s*\"(?P<message>[^\"]+)\")?\s*$"
)
_KNOWN = re.compile(r"#\s*(?P<kind>missed|false)(?P<down>\+\d+)?\s+(?P<code>[A-Z]{1,3}\d{3}):\s*(?P<why>\S.*)$")
_FACT = re.compile(r"#\s*fact\s+(?P<name>[\w.]+):\s*(?P<items>\S.*)$")
_TEMPLATE_COMMENT = re.compile(r"\{#(?P<body>.*?)#\}")


class FixtureError(DjfaError):
    """A fixture that cannot be read: an unreadable expectation, code that does not compile."""


class Expectation(NamedTuple):
    """What is expected on a line (1-based). `kind` is ``want``, ``missed`` or ``false``."""

    kind: str
    line: int
    code: str
    on: str = ""
    message: str = ""
    why: str = ""


class Fact(NamedTuple):
    """What the project must hold for a class; `line` is where that is said."""

    line: int
    name: str
    items: tuple[str, ...]


class Part(NamedTuple):
    """A function of a fixture whose name says what it is: ``bad``, ``good`` or ``unsure``."""

    kind: str
    name: str
    first: int
    last: int


@dataclass(frozen=True)
class Expectations:
    """All that one fixture file says about itself."""

    expected: tuple[Expectation, ...]
    facts: tuple[Fact, ...]
    parts: tuple[Part, ...]


def read_expectations(path: str, text: str, may_be_broken: bool = False) -> Expectations:
    """Read a fixture file; Python by its tokens, anything else as a template.

    Raises FixtureError for a comment that begins like an expectation and is none, for code that does not compile
    (unless it `may_be_broken`), and for ``bad_*`` and ``good_*`` functions that do not hold what they must.
    """
    python = path.endswith((".py", ".pyi"))
    expected: list[Expectation] = []
    facts: list[Fact] = []
    for line, comment in _comments(text) if python else _template_comments(text):
        for part in re.split(r"(?=#\s*(?:want|missed|false|fact)\b)", comment):
            if _LIKE_ONE.match(part):
                found = _read(path, line, part.rstrip())
                if isinstance(found, Fact):
                    facts.append(found)
                else:
                    expected.append(found)
    parts: tuple[Part, ...] = ()
    if python:
        try:
            parts = tuple(_parts(parse_python(text)))
        except SourceError as error:
            if not may_be_broken:
                raise FixtureError(f"{path}:{error.line}: does not compile: {error}") from error
    _check_parts(path, parts, expected)
    return Expectations(tuple(expected), tuple(facts), parts)


def _read(path: str, line: int, comment: str) -> Expectation | Fact:
    want, known, fact = _WANT.match(comment), _KNOWN.match(comment), _FACT.match(comment)
    if want:
        at = line + int(want["down"] or 0)
        return Expectation("want", at, want["code"], want["on"] or "", want["message"] or "")
    if known:
        at = line + int(known["down"] or 0)
        return Expectation(known["kind"], at, known["code"], why=known["why"])
    if fact:
        return Fact(line, fact["name"], tuple(item.strip() for item in fact["items"].split(";")))
    raise FixtureError(f"{path}:{line}: `{comment}` begins like an expectation and cannot be read")


def _comments(text: str) -> Iterator[tuple[int, str]]:
    try:
        for token in tokenize.generate_tokens(io.StringIO(text, newline="").readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string
    except (tokenize.TokenError, SyntaxError):
        # Only a fixture that may be broken comes here; what the tokeniser reached has been read.
        return


def _template_comments(text: str) -> Iterator[tuple[int, str]]:
    lines = Lines(text)
    for match in _TEMPLATE_COMMENT.finditer(text):
        yield lines.position(match.start())[0], "#" + match["body"]


def _parts(tree: ast.Module) -> Iterator[Part]:
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            kind = node.name.lower().lstrip("_").partition("_")[0]
            kind = kind if not isinstance(node, ast.ClassDef) else _class_kind(node.name)
            if kind in {"bad", "good", "unsure"}:
                first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
                yield Part(kind, node.name, first, node.end_lineno or node.lineno)


def _class_kind(name: str) -> str:
    """Classes say it in their own case: ``BadOrder``, ``GoodOrder``."""
    match = re.match(r"(Bad|Good|Unsure)(?=[A-Z])", name)
    return match[1].lower() if match else ""


def _check_parts(path: str, parts: tuple[Part, ...], expected: list[Expectation]) -> None:
    for part in parts:
        inside = {one.kind for one in expected if part.first <= one.line <= part.last}
        if part.kind == "bad" and "want" not in inside:
            raise FixtureError(f"{path}:{part.first}: `{part.name}` is bad and wants nothing")
        if part.kind == "good" and inside:
            raise FixtureError(f"{path}:{part.first}: `{part.name}` is good and says otherwise on a line")
