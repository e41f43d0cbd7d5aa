"""What the statements of a function's body tell, on `ast`: where it can end, what its variables are given."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

from djfa_lint.facts.blocks import blocks_of, links_of
from djfa_lint.facts.scan import dotted
from djfa_lint.source.nodes import FunctionNode, children

_NESTED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
# Python 3.10 has no `except*`.
_TRIES = (ast.Try, getattr(ast, "TryStar", ast.Try))


def own(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """The nodes of a body in the order written, without those of functions and classes inside it."""
    waiting = [one for one in body if not isinstance(one, _NESTED)][::-1]
    while waiting:
        node = waiting.pop()
        yield node
        below = [one for one in children(node) if not isinstance(one, _NESTED)]
        waiting += reversed(below)


def statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a body and of the blocks in it; functions and classes are given and not entered."""
    waiting = list(reversed(body))
    while waiting:
        one = waiting.pop()
        yield one
        if not isinstance(one, _NESTED):
            waiting += [part for link in links_of(one) for block in blocks_of(link) for part in block][::-1]


def completes(block: Sequence[ast.stmt]) -> bool:
    """Whether the end of a block can be reached, as far as its statements tell."""
    return all(_passes(one) for one in block)


def _passes(node: ast.stmt) -> bool:
    if isinstance(node, (ast.Return, ast.Raise)):
        return False
    if isinstance(node, ast.If):
        return completes(node.body) or completes(node.orelse)
    if isinstance(node, (ast.With, ast.AsyncWith)):
        managers = [one.context_expr for one in node.items]
        swallows = any("suppress" in dotted(one.func if isinstance(one, ast.Call) else one) for one in managers)
        return swallows or completes(node.body)
    if isinstance(node, ast.While):
        for_ever = isinstance(node.test, ast.Constant) and node.test.value is True
        return not for_ever or any(isinstance(one, ast.Break) for one in statements(node.body))
    if isinstance(node, ast.Match):
        rest = any(isinstance(one.pattern, ast.MatchAs) and one.pattern.pattern is None for one in node.cases)
        return not rest or any(completes(one.body) for one in node.cases)
    return _passes_try(node) if isinstance(node, _TRIES) else True


def _passes_try(node: ast.Try) -> bool:
    if not completes(node.finalbody):
        return False
    straight = completes(node.body) and completes(node.orelse)
    return straight or any(completes(one.body) for one in node.handlers)


def names_bound(function: FunctionNode, name: str) -> list[ast.expr] | None:
    """The values a local variable is given, each by a plain assignment; None if it is bound in any other way."""
    found: list[ast.expr] = []
    plain: set[ast.expr] = set()
    if any(one.arg == name for one in params_of(function)):
        return None
    for node in own(function.body):
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target = node.targets[0]
            if isinstance(target, ast.Name) and target.id == name:
                found.append(node.value)
                plain.add(target)
        elif isinstance(node, ast.Name):
            if node.id == name and not isinstance(node.ctx, ast.Load) and node not in plain:
                return None
        elif name in _names_given(node):
            return None
    return found or None


def _names_given(node: ast.AST) -> tuple[str | None, ...]:
    """The names that a node binds and that no `Name` stands for."""
    if isinstance(node, ast.alias):
        return (node.asname,)
    if isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)):
        return (node.name,)
    return (node.rest,) if isinstance(node, ast.MatchMapping) else ()


def params_of(function: FunctionNode) -> tuple[ast.arg, ...]:
    """The parameters that are no starred ones."""
    args = function.args
    return (*args.posonlyargs, *args.args, *args.kwonlyargs)
