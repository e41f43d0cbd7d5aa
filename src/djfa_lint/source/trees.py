"""The `ast` of whole files, kept from the reading of the facts for those who go into bodies later."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import NamedTuple

from djfa_lint.source.parse import parse_python
from djfa_lint.source.text import Source

# Characters of source whose trees are kept; a tree takes some thirty bytes for each.
_ROOM = 8_000_000


class _Kept(NamedTuple):
    text: str
    tree: ast.Module


class Trees:
    """Parses files; the first ones asked for are kept. Nobody may change what it gives."""

    def __init__(self, room: int = _ROOM) -> None:
        """`room` is how many characters of source are kept as trees."""
        self._room = room
        self._kept: dict[Path, _Kept] = {}

    def parsed(self, source: Source) -> ast.Module:
        """The tree of a file as it is now; raises SourceError."""
        tree = self.kept(source)
        if tree is None:
            tree = parse_python(source.text)
            if len(source.text) <= self._room:
                self._room -= len(source.text)
                self._kept[source.path] = _Kept(source.text, tree)
        return tree

    def kept(self, source: Source) -> ast.Module | None:
        """The tree of a file, if it is there already."""
        found = self._kept.get(source.path)
        return found.tree if found is not None and found.text == source.text else None
