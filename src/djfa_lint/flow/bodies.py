"""The text and trees behind the facts, read when first asked for and kept only for the file at hand."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from djfa_lint.errors import SourceError
from djfa_lint.facts.records import Unit
from djfa_lint.source.lines import Lines
from djfa_lint.source.parse import parse_python
from djfa_lint.source.slices import cut
from djfa_lint.source.store import Store
from djfa_lint.source.text import Source

if TYPE_CHECKING:
    from djfa_lint.source.cst import Tree


class Body(NamedTuple):
    """A unit's statement as `ast`; the file's line is the node's line plus `shift`."""

    node: ast.stmt
    shift: int
    lines: Lines


class Bodies:
    """Gives sources and parsed units by project-relative path."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._path = ""
        self._source: Source | None = None
        self._trees: dict[int, Tree | None] = {}
        self._whole: Tree | None = None

    def source(self, path: str) -> Source:
        """The text of one file; the last one asked for is kept. Raises SourceError if it has become unreadable."""
        if self._source is None or path != self._path:
            self._source = self._store.source(path)
            self._path = path
            self._trees = {}
            self._whole = None
        return self._source

    def body(self, path: str, unit: Unit) -> Body | None:
        """The `ast` of one unit, or None where its lines do not parse alone."""
        lines = self.source(path).lines
        part = cut(lines, unit.start, unit.end, unit.indented, unit.holes)
        try:
            module = parse_python(part.text)
        except SourceError:
            return None
        body = module.body[0].body if unit.indented and isinstance(module.body[0], ast.If) else module.body
        return Body(body[0], part.shift, lines) if len(body) == 1 else None

    def tree(self, path: str, unit: Unit) -> Tree | None:
        """The libcst tree of one unit, or None where its lines do not parse alone."""
        from djfa_lint.source.cst import parse_slice

        source = self.source(path)
        if unit.start not in self._trees:
            part = cut(source.lines, unit.start, unit.end, unit.indented, unit.holes)
            self._trees[unit.start] = parse_slice(part)
        return self._trees[unit.start]

    def whole(self, path: str) -> Tree | None:
        """The libcst tree of the whole file; the way out where a unit does not parse alone."""
        from djfa_lint.source.cst import parse_file

        source = self.source(path)
        if self._whole is None:
            self._whole = parse_file(source.text)
        return self._whole
