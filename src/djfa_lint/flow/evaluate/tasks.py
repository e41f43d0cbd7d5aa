"""Coroutines that are made: dropped before they run, or run side by side with one session between them."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from djfa_lint.facts.scan import dotted
from djfa_lint.flow.evaluate import decorating
from djfa_lint.flow.evaluate.effects import Dropped, Shared
from djfa_lint.flow.evaluate.frame import Frame
from djfa_lint.flow.evaluate.sessions import ASYNC_SESSION
from djfa_lint.flow.evaluate.values import Closure, Func, Obj, OneOf, Site, Value
from djfa_lint.flow.evaluate.waits import body_of, is_awaited
from djfa_lint.project.names import Known
from djfa_lint.source.nodes import own_nodes

_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.GeneratorExp)
_GROUP, _BACKGROUND = Known("asyncio.TaskGroup"), Known("fastapi.BackgroundTasks")
# What makes tasks, by the names of its classes.
MAKERS = {
    "asyncio.TaskGroup": _GROUP,
    "anyio.TaskGroup": _GROUP,
    "anyio.abc.TaskGroup": _GROUP,
    "anyio.create_task_group": _GROUP,
    "fastapi.BackgroundTasks": _BACKGROUND,
    "starlette.background.BackgroundTasks": _BACKGROUND,
}
_STARTING = frozenset({"asyncio.create_task", "asyncio.ensure_future"})
_IN_GROUP = frozenset({"create_task", "start_soon"})


def dropped(frame: Frame, node: ast.expr) -> None:
    """A statement that is this expression: note the coroutines that it makes and leaves."""
    if not frame.evaluator.stalling:
        return
    for call in _last_calls(node):
        # A name may be another one's; an attribute has the name of a method.
        names = frame.evaluator.project.coroutine_names()
        if isinstance(call.func, ast.Attribute) and call.func.attr not in names:
            continue
        defined = _coroutine(frame, frame.quietly(call.func))
        if defined is not None:
            within = isinstance(body_of(frame), ast.AsyncFunctionDef)
            frame.note(Dropped(frame.site(call), frame.site(call.func), defined, within))


def _last_calls(node: ast.expr) -> Iterator[ast.Call]:
    """The calls whose result an expression statement throws away."""
    if isinstance(node, ast.Call):
        yield node
    elif isinstance(node, ast.IfExp):
        yield from (*_last_calls(node.body), *_last_calls(node.orelse))
    elif isinstance(node, ast.BoolOp):
        yield from _last_calls(node.values[-1])
    elif isinstance(node, ast.Tuple):
        for one in node.elts:
            yield from _last_calls(one)


def _coroutine(frame: Frame, func: Value) -> Site | None:
    """Where the coroutine is defined that a value is; None for any other value."""
    if isinstance(func, Closure):
        node = func.node
        plain = isinstance(node, ast.AsyncFunctionDef) and not node.decorator_list
        if not plain or frame.evaluator.memo(decorating.yields, node):
            return None
        return frame.site(node) if isinstance(node, ast.AsyncFunctionDef) else None
    if isinstance(func, OneOf):
        found = [_coroutine(frame, one) for one in func.values]
        return found[0] if all(found) else None
    if not isinstance(func, Func) or not func.definition.declared.coroutine:
        return None
    definition = func.definition
    path, line = definition.known.path, definition.declared.line
    kept = all(decorating.stays_coroutine(frame.evaluator, path, one) for one in definition.declared.decorators)
    if not kept or frame.evaluator.is_generator(definition):
        return None
    return Site(path, line, 0, line, 0)


# --- sessions


def started(frame: Frame, name: str, node: ast.Call) -> None:
    """A library's function that runs coroutines beside what called it."""
    if name == "asyncio.gather":
        _gathered(frame, node)
    elif name in _STARTING and not is_awaited(frame, node):
        for call in node.args[:1]:
            if isinstance(call, ast.Call):
                _note(frame, call, node, name.rpartition(".")[2])


def started_in(frame: Frame, maker: Obj, name: str, node: ast.Call) -> None:
    """A method of what makes tasks: of a group, or of the tasks that follow a response."""
    if maker.cls == _BACKGROUND and name == "add_task":
        given = [*node.args[1:], *(one.value for one in node.keywords)]
        for session in _sessions_in(frame, given):
            frame.note(Shared(frame.site(node), frame.site(node.func), session, name))
        return
    call = node.args[0] if node.args else None
    if maker.cls != _GROUP or name not in _IN_GROUP or not isinstance(call, ast.Call):
        return
    for session in _sessions_of(frame, call):
        key = (dotted(node.func), session)
        if key in frame.sharing or frame.loops:
            frame.note(Shared(frame.site(call), frame.site(call.func), session, name))
        frame.sharing.add(key)


def _gathered(frame: Frame, node: ast.Call) -> None:
    met: set[str] = set()
    told: set[str] = set()
    for call, many in _coroutines_in(frame, node.args):
        for session in _sessions_of(frame, call):
            if (many or session in met) and session not in told:
                told.add(session)
                frame.note(Shared(frame.site(call), frame.site(call.func), session, "gather"))
            met.add(session)


def _coroutines_in(frame: Frame, args: list[ast.expr]) -> Iterator[tuple[ast.Call, bool]]:
    """The calls whose coroutines are run side by side, and whether there are many of one."""
    for one in args:
        if isinstance(one, ast.Call):
            yield one, False
        elif isinstance(one, ast.Starred):
            made = _comprehension(frame, one.value)
            if made is not None and isinstance(made.elt, ast.Call):
                yield made.elt, True


def _comprehension(frame: Frame, node: ast.expr) -> ast.ListComp | ast.SetComp | ast.GeneratorExp | None:
    """The comprehension that an expression is, or that the function at hand assigns to a name."""
    if isinstance(node, _COMPREHENSIONS):
        return node
    function = body_of(frame)
    if not isinstance(node, ast.Name) or function is None:
        return None
    for part in frame.evaluator.memo(own_nodes, function):
        if not isinstance(part, ast.Assign) or not isinstance(part.value, _COMPREHENSIONS):
            continue
        if any(isinstance(one, ast.Name) and one.id == node.id for one in part.targets):
            return part.value
    return None


def _note(frame: Frame, call: ast.Call, node: ast.Call, how: str) -> None:
    for session in _sessions_of(frame, call):
        frame.note(Shared(frame.site(call), frame.site(node.func), session, how))


def _sessions_of(frame: Frame, call: ast.Call) -> Iterator[str]:
    """The names of sessions that a call uses: handed in, or held by what its method is called on."""
    receiver = call.func.value if isinstance(call.func, ast.Attribute) else None
    if receiver is not None and _holds_session(frame.quietly(receiver)):
        yield dotted(receiver)
    yield from _sessions_in(frame, [*call.args, *(one.value for one in call.keywords)])


def _sessions_in(frame: Frame, nodes: list[ast.expr]) -> Iterator[str]:
    for node in nodes:
        value = frame.quietly(node) if dotted(node) else None
        if isinstance(value, Obj) and value.cls == ASYNC_SESSION:
            yield dotted(node)


def _holds_session(value: Value) -> bool:
    if not isinstance(value, Obj):
        return False
    held = (one for _, one in value.attrs)
    return value.cls == ASYNC_SESSION or any(isinstance(one, Obj) and one.cls == ASYNC_SESSION for one in held)


def maker(name: str) -> Value:
    """What makes tasks, by the name of its class; None for any other name."""
    return Obj(MAKERS[name]) if name in MAKERS else None


def is_maker(value: Value) -> bool:
    """Whether a value makes tasks."""
    return isinstance(value, Obj) and value.cls in {_GROUP, _BACKGROUND}
