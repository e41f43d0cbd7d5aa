"""Which statements of a method an attribute's value rests on: those that set it, and those that set what they read."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from djfa_lint.facts.scan import dotted, imports_of
from djfa_lint.source.nodes import FunctionNode, own_nodes, statement_nodes

_NAMED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class Part(NamedTuple):
    """An outermost statement of a method, with the names that it binds or fills, dotted ones included, and reads."""

    statement: ast.stmt
    binds: frozenset[str]
    reads: frozenset[str]


def parts_of(function: FunctionNode) -> list[Part]:
    """The outermost statements of a method."""
    return [_part(statement) for statement in function.body]


def needed(parts: list[Part], attribute: str) -> list[ast.stmt]:
    """The statements that ``self.attribute`` needs, in order; `attribute` with its owner."""
    wanted = {attribute}
    found: set[int] = set()
    while True:
        more = [one for one in parts if id(one.statement) not in found and not wanted.isdisjoint(one.binds)]
        if not more:
            return [one.statement for one in parts if id(one.statement) in found]
        for statement, _, reads in more:
            found.add(id(statement))
            wanted |= reads


def _part(statement: ast.stmt) -> Part:
    binds: set[str] = set()
    reads: set[str] = set()
    for node in (statement, *statement_nodes(statement)):
        binds.update(_bound(node))
        if isinstance(node, _NAMED):
            # What a nested function sees it reads when it is called.
            inner = own_nodes(node) if not isinstance(node, ast.ClassDef) else []
            reads.update(one.id for one in inner if isinstance(one, ast.Name))
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            reads.add(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
            reads.add(dotted(node))
    return Part(statement, frozenset(binds), frozenset(reads))


def _bound(node: ast.AST) -> Iterator[str]:
    if isinstance(node, (ast.Name, ast.Attribute)) and not isinstance(node.ctx, ast.Load):
        yield dotted(node)
    elif isinstance(node, _NAMED):
        yield node.name
    elif isinstance(node, (ast.Import, ast.ImportFrom)):
        yield from (one.name for one in imports_of(node))
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        # `self.clients.append(client)` fills what it is called on.
        yield dotted(node.func.value)
    elif isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
        yield dotted(node.value)
