"""Cognitive complexity: how hard a function is to follow, rather than how many paths it has.

The measure is SonarSource's (G. Ann Campbell, "Cognitive Complexity: a new way of measuring understandability"). One
point for each break in the straight flow: `if`, `elif`, `else`, the conditional expression, `match`, a loop, `except`,
each run of the same boolean operator, a function that calls itself. What nests costs one more for each level around it;
`elif` and `else` do not. Nested functions and lambdas are a level, but a function that only wraps another is not.
Beyond the paper: a comprehension with a condition counts like a loop, without one it costs nothing; so does `match`'s
`case`, and `else` after a loop counts as one.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from itertools import pairwise

from djfa_lint.source.nodes import FunctionNode, children

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_LEAVES = frozenset({ast.Name, ast.Constant, ast.Load, ast.Store, ast.Pass, ast.alias})
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def cognitive_complexity(function: FunctionNode) -> int:
    """The cognitive complexity of a function, the functions inside it included; decorators and defaults are not."""
    inner = _wrapped(function)
    if inner is not None:
        return cognitive_complexity(inner)
    count = _Count(function)
    return count.block(function.body, 0) + count.recursive


class _Count:
    """Adds up the nodes of one function; `recursive` becomes true where it calls itself."""

    def __init__(self, function: FunctionNode) -> None:
        self._function = function
        self.recursive = False

    def of(self, node: ast.AST, depth: int) -> int:
        """What a node and everything in it cost at a depth of nesting."""
        if isinstance(node, ast.If):
            return 1 + depth + self._branches(node, depth)
        if isinstance(node, _LOOPS):
            over = node.test if isinstance(node, ast.While) else node.iter
            return 1 + depth + self.of(over, depth) + self.block(node.body, depth + 1) + self._else(node.orelse, depth)
        if isinstance(node, ast.BoolOp):
            return _runs(node) + self.block(_operands(node), depth)
        if isinstance(node, ast.Call) and not self.recursive:
            self.recursive = _calls(node, self._function)
        cost, inside = _own(node, depth)
        return cost + self.block(children(node), inside)

    def block(self, nodes: Iterable[ast.AST], depth: int) -> int:
        """What several nodes cost."""
        # Most nodes are names and constants: they cost nothing, and nothing is in them.
        return sum([self.of(node, depth) for node in nodes if type(node) not in _LEAVES])

    def _branches(self, node: ast.If, depth: int) -> int:
        """The test and the branches of an ``if``; each ``elif`` and ``else`` is one, however deep."""
        cost = self.of(node.test, depth) + self.block(node.body, depth + 1)
        if len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If) and _is_elif(node, node.orelse[0]):
            return cost + 1 + self._branches(node.orelse[0], depth)
        return cost + self._else(node.orelse, depth)

    def _else(self, body: list[ast.stmt], depth: int) -> int:
        return 1 + self.block(body, depth + 1) if body else 0


def _own(node: ast.AST, depth: int) -> tuple[int, int]:
    """What a node costs without its parts, and the depth of its parts."""
    if isinstance(node, (ast.IfExp, ast.Match, ast.ExceptHandler)):
        return 1 + depth, depth + 1
    if isinstance(node, _COMPREHENSIONS) and any(one.ifs for one in node.generators):
        return 1 + depth, depth + 1
    if isinstance(node, (*_FUNCTIONS, ast.Lambda)):
        return 0, depth + 1
    return 0, depth


def _is_elif(node: ast.If, inner: ast.If) -> bool:
    """``elif`` stands in the column of its ``if``; an ``if`` in an ``else`` is indented."""
    return inner.col_offset == node.col_offset


def _runs(node: ast.BoolOp) -> int:
    """How many runs of one operator a condition has, read from left to right."""
    operators = list(_operators(node))
    return 1 + sum(one is not other for one, other in pairwise(operators))


def _operators(node: ast.BoolOp) -> Iterator[type[ast.boolop]]:
    for index, value in enumerate(node.values):
        if index:
            yield type(node.op)
        if isinstance(value, ast.BoolOp):
            yield from _operators(value)


def _operands(node: ast.BoolOp) -> Iterator[ast.expr]:
    for value in node.values:
        if isinstance(value, ast.BoolOp):
            yield from _operands(value)
        else:
            yield value


def _calls(call: ast.Call, function: FunctionNode) -> bool:
    """Whether a function is called by its name, a method through `self`: a bare name in a method is another one."""
    callee = call.func
    if isinstance(callee, ast.Attribute):
        by_self = isinstance(callee.value, ast.Name) and callee.value.id == "self"
        return by_self and callee.attr == function.name and _is_method(function)
    return isinstance(callee, ast.Name) and callee.id == function.name and not _is_method(function)


def _is_method(function: FunctionNode) -> bool:
    args = (*function.args.posonlyargs, *function.args.args)
    return bool(args) and args[0].arg == "self"


def _wrapped(function: FunctionNode) -> FunctionNode | None:
    """The function that a decorator's function consists of, besides returning it."""
    body = [one for one in function.body if not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))]
    if len(body) == 2 and isinstance(body[0], _FUNCTIONS) and isinstance(body[1], ast.Return):
        return body[0] if isinstance(body[1].value, ast.Name) and body[1].value.id == body[0].name else None
    return None
