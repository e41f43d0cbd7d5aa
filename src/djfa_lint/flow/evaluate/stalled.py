"""What a coroutine waits for, as an event: where it stands in the coroutine, and what could stand there instead."""

from __future__ import annotations

import ast
from collections.abc import Callable

from djfa_lint.flow.evaluate.roots import Stalled
from djfa_lint.flow.evaluate.values import Site
from djfa_lint.flow.events import BlockingCall, Coroutine, Via
from djfa_lint.project.project import Project
from djfa_lint.source.lines import Lines, Span
from djfa_lint.source.nodes import Memo, children, own_nodes, walk

Place = Callable[[Site], tuple[str, Span, str]]
_AWAITING = (ast.Await, ast.AsyncFor, ast.AsyncWith)
_ROUTES = frozenset({"route", "dependency"})
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


class Stalls:
    """Tells what coroutines wait for."""

    def __init__(self, project: Project, place: Place) -> None:
        self._project, self._place = project, place
        self._memo = Memo()

    def told(self, found: Stalled, lines: Lines) -> BlockingCall | None:
        """The event; None where the place is not one in the coroutine."""
        stall, function = found.stall, found.function
        first = stall.calls[0] if stall.calls else stall.callee
        node = self._memo(_places, function).get(_spot(first, found.shift))
        if node is None or first.path != found.path:
            return None
        # Where a call is gone over or entered, the whole of it is what waits.
        is_called = isinstance(node, ast.Call) and _spot_of(node) != _spot(first, found.shift)
        named = node.func if is_called and isinstance(node, ast.Call) else node
        whole, callee = lines.span_of(node, found.shift), lines.span_of(named, found.shift)
        around = _around(node, self._memo(_parents, function))
        further = (*stall.calls[1:], stall.callee) if stall.calls else ()
        return BlockingCall(
            path=found.path,
            entry=stall.entry,
            call=whole,
            callee=callee,
            text=lines.text_of(callee),
            arguments=lines.text_of(Span(callee.end_line, callee.end_column, whole.end_line, whole.end_column)),
            coroutine=self._coroutine(found, lines),
            # In a generator expression an `await` makes an asynchronous generator; a context manager is not awaited.
            awaitable=is_called and not stall.lazy and not any(map(_forbids, around)),
            cleaning_up=function.name == "__aexit__" or _in_finally(node, self._memo(own_nodes, function)),
            chained=_is_chained(node, around),
            way=tuple(Via(*self._place(one)) for one in further),
            twin=stall.twin,
            some=stall.some,
            model=stall.model,
            looped=_looped(node, around, lines, found.shift),
            awaited=isinstance(around[0], ast.Await),
        )

    def _coroutine(self, found: Stalled, lines: Lines) -> Coroutine:
        function = found.function
        line = function.lineno + found.shift
        text = lines.line(line)
        start = lines.column(line, function.col_offset)
        # `async def` and the name stand on one line in all but deliberately odd code.
        end = text.find(function.name, start - 1) + len(function.name) + 1
        keyword = None
        if text[start - 1 :].startswith("async def ") and self._is_idle_route(found):
            keyword = Span(line, start, line, start + len("async "))
        standing = self._project.standing(found.path, line)
        return Coroutine(function.name, Span(line, start, line, max(end, start + 1)), keyword, standing)

    def _is_idle_route(self, found: Stalled) -> bool:
        """Whether FastAPI calls a coroutine that awaits nothing: as a plain function it would run in a thread."""
        parts = self._memo(walk, found.function)
        if any(isinstance(one, _AWAITING) or (isinstance(one, ast.comprehension) and one.is_async) for one in parts):
            return False
        line = found.function.lineno + found.shift
        return any(
            one.declared.line == line and one.framework == "fastapi" and one.kind in _ROUTES
            for one in self._project.served_in(found.path)
        )


def _spot(site: Site, shift: int) -> tuple[int, int, int, int]:
    return site.line - shift, site.column, site.end_line - shift, site.end_column


def _places(function: ast.AsyncFunctionDef) -> dict[tuple[int, int, int, int], ast.expr]:
    """The expressions of a function by where they stand; a call also by what it calls."""
    found: dict[tuple[int, int, int, int], ast.expr] = {}
    for node in walk(function):
        if isinstance(node, ast.expr):
            found.setdefault(_spot_of(node), node)
    for node in list(found.values()):
        if isinstance(node, ast.Call):
            found[_spot_of(node.func)] = node
    return found


def _spot_of(node: ast.expr) -> tuple[int, int, int, int]:
    return node.lineno, node.col_offset, node.end_lineno or node.lineno, node.end_col_offset or node.col_offset


def _parents(function: ast.AsyncFunctionDef) -> dict[int, ast.AST]:
    return {id(child): parent for parent in walk(function) for child in children(parent)}


def _around(node: ast.AST, parents: dict[int, ast.AST]) -> list[ast.AST]:
    """The expressions around a node up to its statement, innermost first, the statement included."""
    found: list[ast.AST] = []
    while not isinstance(node, ast.stmt):
        node = parents[id(node)]
        if isinstance(node, ast.withitem) and found:
            break  # the context manager is made from the call's result, it is not the call
        found.append(node)
    return found


def _forbids(around: ast.AST) -> bool:
    """Whether nothing can be awaited inside of something."""
    return isinstance(around, (ast.GeneratorExp, ast.withitem, *_DEFINITIONS))


def _is_chained(node: ast.expr, around: list[ast.AST]) -> bool:
    outer = around[0]
    return isinstance(outer, (ast.Attribute, ast.Subscript)) or (isinstance(outer, ast.Call) and outer.func is node)


def _looped(node: ast.expr, around: list[ast.AST], lines: Lines, shift: int) -> Span | None:
    """The empty place before ``for``, where a statement goes over an expression."""
    outer = around[0]
    if not isinstance(outer, ast.For) or outer.iter is not node:
        return None
    line = outer.lineno + shift
    column = lines.column(line, outer.col_offset)
    return Span(line, column, line, column)


def _in_finally(node: ast.expr, nodes: list[ast.AST]) -> bool:
    final = (stmt for one in nodes if isinstance(one, ast.Try) for stmt in one.finalbody)
    return any(part is node for stmt in final for part in walk(stmt))
