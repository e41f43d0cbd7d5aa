"""The `ast` of functions and assignments by where they stand; a file is parsed when first asked for, once."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from djfa_lint.errors import SourceError
from djfa_lint.facts.blocks import blocks_of, links_of
from djfa_lint.facts.values import Function
from djfa_lint.flow.bodies import Bodies
from djfa_lint.project.project import Project
from djfa_lint.source.cst import MAX_DEPTH
from djfa_lint.source.directives import python_directives
from djfa_lint.source.nodes import FunctionNode

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


class Code(NamedTuple):
    """A function's node; a line in the file is the node's plus `shift`."""

    node: FunctionNode
    shift: int


class _Parsed(NamedTuple):
    """The outermost functions and methods of a file by their line, and what its names get where."""

    functions: dict[int, Code]
    assigned: dict[tuple[int, str], ast.expr]
    annotated: dict[tuple[int, str], ast.expr]


_NOTHING = _Parsed({}, {}, {})


class Texts:
    """Gives parsed bodies by where they are declared. Each reading rests on the file's text, and says so."""

    def __init__(self, project: Project, bodies: Bodies) -> None:
        self._project, self._bodies = project, bodies
        self._files: dict[str, _Parsed] = {}
        self._excused: dict[str, tuple[tuple[int, int], ...]] = {}

    def function(self, path: str, declared: Function) -> Code | None:
        """The function that is declared on a line; None where it stands in another one, or is nested too deep."""
        return self._parsed(path).functions.get(declared.line)

    def assigned(self, path: str, line: int, name: str) -> tuple[ast.expr, int] | None:
        """The value that a name gets in the statement of a module or class on a line, with the shift of its lines."""
        value = self._parsed(path).assigned.get((line, name))
        return (value, 0) if value is not None else None

    def annotation(self, path: str, line: int, name: str) -> ast.expr | None:
        """The annotation of a name in the statement of a module or class on a line."""
        return self._parsed(path).annotated.get((line, name))

    def excused(self, path: str) -> tuple[tuple[int, int], ...]:
        """The lines, first and last, that a comment says hold nothing that blocks."""
        found = self._excused.get(path)
        if found is None:
            try:
                source = self._bodies.source(path)
                found = tuple(python_directives(source.text, source.lines).nonblocking)
            except SourceError:
                found = ()
            self._excused[path] = found
        return found

    def _parsed(self, path: str) -> _Parsed:
        found = self._files.get(path)
        if found is None:
            self._project.text(path)
            try:
                found = self._read(path)
            except SourceError:
                found = _NOTHING
            self._files[path] = found
        return found

    def _read(self, path: str) -> _Parsed:
        deep = [(one.start, one.end) for one in self._project.files[path].units if one.depth > MAX_DEPTH]
        found = _Parsed({}, {}, {})
        for statement in _statements(self._bodies.module(path).body):
            line = statement.lineno
            if any(start <= line <= end for start, end in deep):
                continue
            if isinstance(statement, _FUNCTIONS):
                found.functions[line] = Code(statement, 0)
                continue
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                found.annotated.setdefault((line, statement.target.id), statement.annotation)
            for target, value in _targets(statement):
                if isinstance(target, ast.Name) and value is not None:
                    found.assigned.setdefault((line, target.id), value)
        return found


def _statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a block and of all blocks in it but those of functions."""
    waiting = [*reversed(body)]
    while waiting:
        statement = waiting.pop()
        yield statement
        if not isinstance(statement, _FUNCTIONS):
            blocks = [block for link in links_of(statement) for block in blocks_of(link)]
            waiting += [one for block in reversed(blocks) for one in reversed(block)]


def _targets(statement: ast.stmt) -> list[tuple[ast.expr, ast.expr | None]]:
    if isinstance(statement, ast.Assign):
        return [(target, statement.value) for target in statement.targets]
    return [(statement.target, statement.value)] if isinstance(statement, ast.AnnAssign) else []
