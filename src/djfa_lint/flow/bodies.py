"""The text and trees behind the facts, read when first asked for and kept only for the file at hand."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from djfa_lint.errors import SourceError
from djfa_lint.facts.blocks import blocks_of, links_of
from djfa_lint.facts.records import Unit
from djfa_lint.source.lines import Lines
from djfa_lint.source.nodes import FunctionNode, walk
from djfa_lint.source.parse import parse_python
from djfa_lint.source.slices import HOLE, cut
from djfa_lint.source.store import Store
from djfa_lint.source.text import Source
from djfa_lint.source.trees import Trees

if TYPE_CHECKING:
    from djfa_lint.source.cst import Tree


class Body(NamedTuple):
    """A unit's statement as `ast`; the file's line is the node's line plus `shift`."""

    node: ast.stmt
    shift: int
    lines: Lines


class Bodies:
    """Gives sources and parsed units by project-relative path."""

    def __init__(self, store: Store, digests: Callable[[str], str] | None = None, trees: Trees | None = None) -> None:
        """`digests` gives the content hash that the facts of a file were read from; without it nothing is compared.

        `trees` are those of files that have been read already.
        """
        self._store = store
        self._parsed = trees if trees is not None else Trees()
        self._digests = digests
        self._path = ""
        self._source: Source | None = None
        self._trees: dict[int, Tree | None] = {}
        self._whole: Tree | None = None
        self._functions: dict[int, FunctionNode] | None = None

    def source(self, path: str) -> Source:
        """The text of one file; the last one asked for is kept.

        Raises SourceError if it has become unreadable, or another than the facts were read from.
        """
        if self._source is None or path != self._path:
            source = self._store.source(path)
            if self._digests is not None and source.digest != self._digests(path):
                raise SourceError("was changed while it was linted; lint it again")
            self._source = source
            self._path = path
            self._trees = {}
            self._whole = None
            self._functions = None
        return self._source

    def module(self, path: str) -> ast.Module:
        """The `ast` of a whole file, which nobody may change; raises SourceError."""
        return self._parsed.parsed(self.source(path))

    def body(self, path: str, unit: Unit) -> Body | None:
        """The `ast` of one unit, cut from the whole file's where its lines do not parse alone."""
        source = self.source(path)
        function = self._function(source, unit)
        if function is not None:
            return Body(function, 0, source.lines)
        part = cut(source.lines, unit.start, unit.end, unit.indented, unit.holes)
        try:
            module = parse_python(part.text)
        except SourceError:
            return _in_file(source, unit)
        body = module.body[0].body if unit.indented and isinstance(module.body[0], ast.If) else module.body
        if unit.holes:
            _drop_holes(module)
        return Body(body[0], part.shift, source.lines) if len(body) == 1 else _in_file(source, unit)

    def _function(self, source: Source, unit: Unit) -> FunctionNode | None:
        """A unit that is a function, whole, from the file's tree if that is there."""
        if unit.kind != "function" or unit.holes:
            return None
        if self._functions is None:
            tree = self._parsed.kept(source)
            self._functions = dict(_functions(tree)) if tree is not None else {}
        found = self._functions.get(unit.end)
        fits = found is not None and found.lineno >= unit.start and unit.name.endswith(found.name)
        return found if fits else None

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


def _drop_holes(module: ast.Module) -> None:
    """Take out the names that stand where definitions were cut out."""
    for node in walk(module):
        for field in ("body", "orelse", "finalbody"):
            block = getattr(node, field, None)
            if isinstance(block, list):
                block[:] = [stmt for stmt in block if not _is_hole(stmt)]


def _functions(module: ast.Module) -> Iterator[tuple[int, FunctionNode]]:
    """The outermost functions and methods of a file by their last line."""
    waiting: list[ast.stmt] = [*module.body]
    while waiting:
        statement = waiting.pop()
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield statement.end_lineno or statement.lineno, statement
        else:
            waiting += [one for link in links_of(statement) for block in blocks_of(link) for one in block]


def _is_hole(stmt: ast.stmt) -> bool:
    return isinstance(stmt, ast.Expr) and isinstance(stmt.value, ast.Name) and stmt.value.id == HOLE


def _in_file(source: Source, unit: Unit) -> Body | None:
    """The unit's definition in the `ast` of the whole file; None for a unit that is not a function."""
    for node in walk(parse_python(source.text)):
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        if node.end_lineno == unit.end and node.lineno >= unit.start and unit.name.endswith(node.name):
            return Body(node, 0, source.lines)
    return None
