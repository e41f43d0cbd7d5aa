"""Statements inside statements: the blocks of a compound one, its head, the names it binds."""

from __future__ import annotations

import ast

from djfa_lint.facts.scan import dotted
from djfa_lint.source.nodes import walk


def links_of(stmt: ast.stmt) -> list[ast.stmt]:
    """A statement, for an ``if`` with each of its ``elif``: a chain of 3,000 must not be 3,000 calls deep."""
    links = [stmt]
    while isinstance(stmt, ast.If) and _is_elif(stmt.orelse):
        stmt = stmt.orelse[0]
        links.append(stmt)
    return links


def _is_elif(orelse: list[ast.stmt]) -> bool:
    return len(orelse) == 1 and isinstance(orelse[0], ast.If)


def blocks_of(stmt: ast.stmt) -> list[list[ast.stmt]]:
    """The statement lists inside a compound statement, in order, an ``elif`` left out; none for a simple one."""
    blocks = [getattr(stmt, field) for field in ("body", "orelse", "finalbody") if getattr(stmt, field, None)]
    if isinstance(stmt, ast.If) and _is_elif(stmt.orelse):
        blocks = [stmt.body]
    inner = [*getattr(stmt, "handlers", ()), *getattr(stmt, "cases", ())]
    return blocks + [part.body for part in inner]


def heads_of(stmt: ast.stmt) -> list[ast.AST]:
    """What a compound statement holds besides its blocks; handlers are noted by their kind alone."""
    heads: list[ast.AST] = [
        part for field in ("test", "target", "iter", "subject") if (part := getattr(stmt, field, None)) is not None
    ]
    heads += getattr(stmt, "items", ())
    for handler in getattr(stmt, "handlers", ()):
        heads.append(ast.ExceptHandler(type=handler.type, name=handler.name, body=[]))
    for case in getattr(stmt, "cases", ()):
        heads += [case.pattern, *([case.guard] if case.guard else [])]
    return heads


def other_names(stmt: ast.stmt) -> set[str]:
    """Names that a statement other than an import, definition or assignment binds in its own head."""
    parts: list[ast.AST] = []
    if isinstance(stmt, (ast.For, ast.AsyncFor, ast.AugAssign)):
        parts = [stmt.target]
    elif isinstance(stmt, (ast.With, ast.AsyncWith)):
        parts = [item.optional_vars for item in stmt.items if item.optional_vars is not None]
    elif isinstance(stmt, ast.Delete):
        parts = list(stmt.targets)
    return {name for part in parts for name in stored(part)}


def stored(node: ast.AST) -> set[str]:
    """The names that a target binds or deletes."""
    return {part.id for part in walk(node) if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load)}


def starts_program(stmt: ast.stmt) -> bool:
    """Whether a module-level statement is a main guard, or runs an event loop to its end."""
    if isinstance(stmt, ast.Expr) and isinstance(stmt.value, ast.Call):
        return dotted(stmt.value.func) in {"asyncio.run", "anyio.run", "trio.run", "uvloop.run"}
    if not isinstance(stmt, ast.If):
        return False
    test = stmt.test
    return (
        isinstance(test, ast.Compare)
        and isinstance(test.left, ast.Name)
        and test.left.id == "__name__"
        and len(test.comparators) == 1
        and isinstance(test.comparators[0], ast.Constant)
        and test.comparators[0].value == "__main__"
    )
