"""The `ast` of functions, class bodies and module-level statements, parsed when first asked for and kept."""

from __future__ import annotations

import ast
from typing import NamedTuple

from djfa_lint.errors import SourceError
from djfa_lint.facts.records import Unit
from djfa_lint.facts.values import Function
from djfa_lint.flow.bodies import Bodies, Body
from djfa_lint.project.project import Project
from djfa_lint.source.cst import MAX_DEPTH

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


class Code(NamedTuple):
    """A function's node; a line in the file is the node's plus `shift`."""

    node: FunctionNode
    shift: int


class Texts:
    """Gives parsed bodies by where they are declared. Each reading rests on the file's text, and says so."""

    def __init__(self, project: Project, bodies: Bodies) -> None:
        self._project, self._bodies = project, bodies
        self._units: dict[tuple[str, int], Body | None] = {}
        self._read: set[str] = set()

    def function(self, path: str, declared: Function) -> Code | None:
        """The function that is declared on a line; None where its text cannot be read alone."""
        unit = self._unit(path, declared.line)
        body = self._body(path, unit) if unit is not None else None
        if body is None:
            return None
        name = declared.name.rpartition(".")[2]
        for node in [body.node, *(ast.walk(body.node) if unit is not None and unit.kind == "class" else ())]:
            if isinstance(node, _FUNCTIONS) and node.name == name:
                return Code(node, body.shift)
        return None

    def assigned(self, path: str, line: int, name: str) -> tuple[ast.expr, int] | None:
        """The value that a name gets in the statement or class body around a line, with the shift of its lines."""
        unit = self._unit(path, line)
        body = self._body(path, unit) if unit is not None else None
        if body is None:
            return None
        inner = body.node.body if isinstance(body.node, ast.ClassDef) else [body.node]
        for statement in inner:
            for target, value in _targets(statement):
                if isinstance(target, ast.Name) and target.id == name and value is not None:
                    return value, body.shift
        return None

    def _unit(self, path: str, line: int) -> Unit | None:
        if path not in self._read:
            self._read.add(path)
            self._project.text(path)
        for unit in self._project.files[path].units:
            if unit.start <= line <= unit.end and not any(start <= line <= end for start, end in unit.holes):
                return unit if unit.depth <= MAX_DEPTH else None
        return None

    def _body(self, path: str, unit: Unit) -> Body | None:
        key = (path, unit.start)
        if key not in self._units:
            try:
                self._units[key] = self._bodies.body(path, unit)
            except SourceError:
                self._units[key] = None
        return self._units[key]


def _targets(statement: ast.stmt) -> list[tuple[ast.expr, ast.expr | None]]:
    if isinstance(statement, ast.Assign):
        return [(target, statement.value) for target in statement.targets]
    return [(statement.target, statement.value)] if isinstance(statement, ast.AnnAssign) else []
