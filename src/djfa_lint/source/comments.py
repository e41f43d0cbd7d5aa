"""Comments by strings: where they stand, without tokenising what is between.

In a file that parses, a ``#`` outside a string begins a comment and a quote outside a comment begins a string; nothing
else need be known. Only f-strings since Python 3.12 are not so plain: they may hold strings and comments themselves.
Where one does, the answer is None, and the tokeniser is to be asked.
"""

from __future__ import annotations

import re
import sys
from typing import NamedTuple

_TRIPLE = r"{0}{0}{0}[^{0}\\]*(?:(?:\\(?s:.)|{0}(?!{0}{0}))[^{0}\\]*)*{0}{0}{0}"
_SINGLE = r"{0}[^{0}\\\r\n]*(?:\\(?:\r\n|(?s:.))[^{0}\\\r\n]*)*{0}"
_PART = re.compile(
    r"(?P<comment>#[^\r\n]*)"
    r"|(?P<join>\\(?:\r\n|\r|\n))"
    r"|(?P<string>{})".format("|".join(form.format(quote) for form in (_TRIPLE, _SINGLE) for quote in "\"'"))
    + r"|(?P<odd>[\"'])"
)
_PREFIX = re.compile(r"[A-Za-z]{0,3}\Z")
# What an f-string may hold to be as plain as before Python 3.12: fields on one line, strings in them without braces.
_PLAIN = re.compile(
    r"(?:[^{}]|\{\{|\}\}|\{(?!\{)(?:[^{}\"'#\\\r\n]|\"[^\"{}\\\r\n]*\"|'[^'{}\\\r\n]*'|\{[^{}\"'#\\\r\n]*\})*\})*"
)
_NESTING = sys.version_info >= (3, 12)


class Comments(NamedTuple):
    """Offsets (0-based, ends exclusive): of the comments, and of what joins lines: long strings and backslashes."""

    places: tuple[tuple[int, int], ...]
    joins: tuple[tuple[int, int], ...]


def read_comments(text: str, nesting: bool = _NESTING) -> Comments | None:
    """The comments of a Python file that parses; None where the tokeniser must tell.

    With `nesting` f-strings are as in Python 3.12 and later.
    """
    places: list[tuple[int, int]] = []
    joins: list[tuple[int, int]] = []
    for match in _PART.finditer(text):
        kind, part = match.lastgroup, match[0]
        if kind == "comment":
            places.append(match.span())
        elif kind == "odd":
            return None
        elif "\n" in part or "\r" in part:
            joins.append(match.span())
        if nesting and kind == "string" and "{" in part and not _is_plain(text, match.start(), part):
            return None
    return Comments(tuple(places), tuple(joins))


def _is_plain(text: str, start: int, string: str) -> bool:
    """Whether a string ends where its first quote says: it is none with fields, or they hold nothing odd."""
    prefix = _PREFIX.search(text, max(start - 3, 0), start)
    formatted = prefix is not None and not {"f", "t"}.isdisjoint(prefix[0].lower())
    quotes = 3 if string[:3] in {'"""', "'''"} and len(string) >= 6 else 1
    return not formatted or _PLAIN.fullmatch(string, quotes, len(string) - quotes) is not None
