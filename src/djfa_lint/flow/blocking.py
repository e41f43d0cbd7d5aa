"""Finds the calls in coroutines that block the event loop: known functions, and known methods of typed receivers."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from djfa_lint.facts.kinds import BITS
from djfa_lint.facts.records import Unit
from djfa_lint.flow.bodies import Bodies, Body
from djfa_lint.flow.events import BlockingCall
from djfa_lint.flow.handles import used_on_the_spot
from djfa_lint.flow.values import Scope, own_nodes
from djfa_lint.knowledge.blocking import Blocking, Entry, blocking
from djfa_lint.project.project import Project
from djfa_lint.source.lines import Span
from djfa_lint.source.nodes import FunctionNode, children, walk

_COROUTINE = BITS["AsyncFunctionDef"]


def may_block(project: Project, path: str, unit: Unit) -> bool:
    """Whether a unit can hold a blocking call in a coroutine, by its facts: has one, and names something known."""
    if unit.kind != "function" or not unit.kinds & _COROUTINE:
        return False
    names = blocking().names
    return any(known.name in names or known.name.rpartition(".")[0] in names for known in project.names_in(path, unit))


def blocking_calls(project: Project, bodies: Bodies, path: str, unit: Unit) -> Iterator[BlockingCall]:
    """The blocking calls of every coroutine in a unit, in the order written."""
    body = bodies.body(path, unit)
    if body is not None and isinstance(body.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        yield from _in_function(_Place(project, path, body), body.node, None)


class _Place:
    """Where the search is: the file and the slice, for scopes and spans."""

    def __init__(self, project: Project, path: str, body: Body) -> None:
        self.project, self.path, self.body = project, path, body

    def span(self, node: ast.expr) -> Span:
        return self.body.lines.span_of(node, self.body.shift)


def _in_function(place: _Place, function: FunctionNode, outer: Scope | None) -> Iterator[BlockingCall]:
    table = blocking()
    scope = Scope(place.project, place.path, function, table.types, outer)
    on_loop = isinstance(function, ast.AsyncFunctionDef)
    nodes = list(own_nodes(function))
    awaited = {id(node.value) for node in nodes if isinstance(node, ast.Await)}
    for node in nodes:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield from _in_function(place, node, scope)
        elif on_loop and isinstance(node, ast.Call) and id(node) not in awaited:
            entry = _entry(table, scope, node)
            if entry is None or not _waits(entry, node) or _nonblocking_socket(entry, node, nodes):
                continue
            if entry.opens and not used_on_the_spot(scope, node, nodes):
                continue
            if not (entry.shared and _just_made(scope, node)):
                yield _event(place, function, node, entry, nodes)


def _entry(table: Blocking, scope: Scope, call: ast.Call) -> Entry | None:
    """The table's row for what is called, if it has one."""
    known = scope.known(call.func)
    if known is not None:
        if not known.made:
            return table.functions.get(known.name) or _method_of_class(table, known.name)
        if len(known.attributes) == 1:
            return table.methods.get(table.types.get(known.name, ""), {}).get(known.attributes[0])
    if isinstance(call.func, ast.Attribute):
        owner = scope.type_of(call.func.value)
        return table.methods.get(owner, {}).get(call.func.attr) if owner else None
    return None


def _method_of_class(table: Blocking, name: str) -> Entry | None:
    """The row for a method called through its class, ``Path.read_text(path)``."""
    owner, _, method = name.rpartition(".")
    return table.methods.get(owner, {}).get(method)


def _waits(entry: Entry, call: ast.Call) -> bool:
    """Whether the arguments leave the call one that waits; not, where ``*args`` hide what a condition asks for."""
    if not entry.unless and not entry.when:
        return True
    if any(isinstance(arg, ast.Starred) for arg in call.args) or any(k.arg is None for k in call.keywords):
        return False
    if entry.when and not any(_argument(call, one.removeprefix("arg:")) is not None for one in entry.when):
        return False
    for condition in entry.unless:
        where, _, value = condition.partition("=")
        given = _argument(call, where)
        # `False`, `0` and `0.0` say the same to these calls; None does not.
        if isinstance(given, ast.Constant) and given.value == ast.literal_eval(value):
            return False
    return True


def _argument(call: ast.Call, where: str) -> ast.expr | None:
    """An argument by its position ("0") or its keyword."""
    if where.isdigit():
        return call.args[int(where)] if int(where) < len(call.args) else None
    return next((keyword.value for keyword in call.keywords if keyword.arg == where), None)


def _nonblocking_socket(entry: Entry, call: ast.Call, nodes: list[ast.AST]) -> bool:
    """Whether the socket was set to non-blocking in this very function."""
    if entry.kind != "socket" or not isinstance(call.func, ast.Attribute):
        return False
    receiver = ast.dump(call.func.value)
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"setblocking", "settimeout"}
        and ast.dump(node.func.value) == receiver
        for node in nodes
    )


def _just_made(scope: Scope, call: ast.Call) -> bool:
    """Whether the receiver is a variable of this very function, made by a call in it."""
    return isinstance(call.func, ast.Attribute) and scope.makes(call.func.value)


def _event(place: _Place, function: FunctionNode, call: ast.Call, entry: Entry, nodes: list[ast.AST]) -> BlockingCall:
    around = _around(call, nodes)
    whole, callee = place.span(call), place.span(call.func)
    lines = place.body.lines
    line = function.lineno + place.body.shift
    text = lines.line(line)
    start = lines.column(line, function.col_offset)
    # `async def` and the name stand on one line in all but deliberately odd code.
    end = text.find(function.name, start - 1) + len(function.name) + 1
    return BlockingCall(
        path=place.path,
        entry=entry,
        call=whole,
        callee=callee,
        text=lines.text_of(callee),
        arguments=lines.text_of(Span(callee.end_line, callee.end_column, whole.end_line, whole.end_column)),
        coroutine=function.name,
        header=Span(line, start, line, max(end, start + 1)),
        # In a generator expression an `await` makes an asynchronous generator; a context manager is not awaited.
        awaitable=not any(isinstance(node, (ast.GeneratorExp, ast.withitem)) for node in around),
        cleaning_up=function.name == "__aexit__" or _in_finally(call, nodes),
        chained=isinstance(around[0], (ast.Attribute, ast.Subscript))
        or (isinstance(around[0], ast.Call) and around[0].func is call),
    )


def _in_finally(call: ast.Call, nodes: list[ast.AST]) -> bool:
    final = (stmt for node in nodes if isinstance(node, ast.Try) for stmt in node.finalbody)
    return any(part is call for stmt in final for part in walk(stmt))


def _around(node: ast.AST, nodes: list[ast.AST]) -> list[ast.AST]:
    """The expressions around a node up to its statement, innermost first, the statement included."""
    parents = {id(child): parent for parent in nodes for child in children(parent)}
    found: list[ast.AST] = []
    while not isinstance(node, ast.stmt):
        node = parents[id(node)]
        if isinstance(node, ast.withitem) and found:
            break  # the context manager is made from the call's result, it is not the call
        found.append(node)
    return found
