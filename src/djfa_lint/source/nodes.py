"""Going over `ast` trees: what `ast.walk` and `ast.iter_child_nodes` do, for code that does little else.

Left out are the nodes that say no more than their type does: contexts (``Load``, ``Store``) and operators, which are
read from their parents.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
NodeT = TypeVar("NodeT", bound=ast.AST)
ValueT = TypeVar("ValueT")

# Fields that hold no nodes worth a visit.
_PLAIN = frozenset(
    "ctx op ops id attr arg name kind type_comment type_ignores rest kwd_attrs level module asname "
    "conversion is_async simple".split()
)


def _fields_of(node_type: type[ast.AST]) -> tuple[str, ...]:
    if issubclass(node_type, (ast.Constant, ast.Global, ast.Nonlocal)):
        return ()
    return tuple(one for one in node_type._fields if one not in _PLAIN)


class _Fields(dict[type[ast.AST], tuple[str, ...]]):
    """The fields that may hold nodes, by type of node."""

    def __missing__(self, node_type: type[ast.AST]) -> tuple[str, ...]:
        self[node_type] = found = _fields_of(node_type)
        return found


_FIELDS = _Fields()


def children(node: ast.AST) -> list[ast.AST]:
    """The nodes right below a node, in the order of its fields."""
    found: list[ast.AST] = []
    for name in _FIELDS[type(node)]:
        value: Any = getattr(node, name, None)
        if isinstance(value, list):
            found += [one for one in value if isinstance(one, ast.AST)]
        elif value is not None and isinstance(value, ast.AST):
            found.append(value)
    return found


def walk(node: ast.AST) -> list[ast.AST]:
    """A node and all below it, level by level."""
    found = [node]
    for one in found:
        # What has no fields to look into is most of a tree.
        if _FIELDS[type(one)]:
            found += children(one)
    return found


def every_name(node: ast.AST) -> frozenset[str]:
    """The names in a piece of code, read or bound."""
    return frozenset(one.id for one in walk(node) if isinstance(one, ast.Name))


def own_nodes(function: FunctionNode | ast.Lambda) -> list[ast.AST]:
    """Every node of a function's body, nested definitions and lambdas given but not entered; parents first."""
    return _within(list(reversed(function.body)) if isinstance(function.body, list) else [function.body])


def statement_nodes(statement: ast.stmt) -> list[ast.AST]:
    """Every node of a statement, nested definitions and lambdas given but not entered; parents first."""
    return _within([statement])


def _within(waiting: list[ast.AST]) -> list[ast.AST]:
    found: list[ast.AST] = []
    while waiting:
        node = waiting.pop()
        found.append(node)
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            waiting.extend(reversed(children(node)))
    return found


class Memo:
    """Remembers what was found out about nodes, which live as long as it does."""

    def __init__(self) -> None:
        self._kept: dict[tuple[Hashable, ast.AST], Any] = {}

    def __call__(self, question: Callable[[NodeT], ValueT], node: NodeT) -> ValueT:
        """The answer of a function that depends on the node alone."""
        key = (question, node)
        if key not in self._kept:
            self._kept[key] = question(node)
        answer: ValueT = self._kept[key]
        return answer
