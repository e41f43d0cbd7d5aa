"""What an event loop waits for, or what refuses to run on one: noted where it happens, passed on to whoever calls.

What is noted in a plain function is worth nothing by itself: it counts in the coroutine that the calls begin in.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from djfa_lint.flow.evaluate.effects import Effect, Query, Read, Stall
from djfa_lint.flow.evaluate.frame import Frame
from djfa_lint.flow.evaluate.values import Closure, Func, Many, Method, Obj, Row, Rows, Site, Statement, Value
from djfa_lint.flow.evaluate.waits import asks_for_loop, entering_waits, is_just_made, on_loop, waits
from djfa_lint.knowledge import querysets as known
from djfa_lint.knowledge.blocking import Entry
from djfa_lint.project.definition import Definition
from djfa_lint.project.names import Known

# Further away a mend is a matter of design, and what was traced on the way less sure.
_MOST_CALLS = {"high": 3, "orm": 3, "low": 2}
_NEAR = ("LocMemCache", "DummyCache")
_ORM = Entry("", kind="orm", effect="raises")
# How coroutines are named after the functions that they stand beside.
_TWINS = ("a{}", "{}_async", "async_{}", "{}_aio")


def called(frame: Frame, name: str, node: ast.Call) -> Value:
    """A call of a library's function or class; what it gives, as far as the table knows."""
    if not frame.evaluator.stalling:
        return None
    table = frame.evaluator.blocking
    entry = table.functions.get(name)
    if entry is None:
        owner, _, method = name.rpartition(".")
        entry = table.method(table.types[owner], method) if owner in table.types else None
    _note(frame, entry, node)
    made = table.types.get(name)
    return Obj(Known(made)) if made is not None else None


def method_called(frame: Frame, owner: str, name: str, node: ast.Call) -> Value:
    """A call of a method of a library's object; what it gives, as far as the table knows."""
    table = frame.evaluator.blocking
    _note(frame, table.method(owner, name), node)
    made = table.given(owner, name)
    return Obj(Known(made)) if made is not None else None


def attribute(frame: Frame, owner: str, name: str) -> Value:
    """An attribute of a library's object that is no method: an object of a known type, None where it is not known."""
    table = frame.evaluator.blocking
    if table.method(owner, name) is not None:
        return None
    made = table.given(owner, name)
    return Obj(Known(made)) if made is not None else None


def of_class(frame: Frame, cls: Known, name: str) -> Value:
    """An attribute that a library's base gives a class of the project: ``Base.metadata``."""
    if not frame.evaluator.stalling:
        return None
    table = frame.evaluator.blocking
    for one in frame.evaluator.project.ancestors(cls):
        made = table.types.get(f"{one}.{name}")
        if made is not None:
            return Obj(Known(made))
    return None


def type_of(frame: Frame, value: Value) -> str:
    """The type of the table that an object is of, through the bases of its class; "" where there is none."""
    if not isinstance(value, Obj):
        return ""
    table = frame.evaluator.blocking
    if not value.cls.path:
        return table.types.get(value.cls.name, "")
    names = frame.evaluator.project.ancestors(value.cls)
    return next((table.types[one] for one in names if one in table.types), "")


def _note(frame: Frame, entry: Entry | None, node: ast.Call) -> None:
    if entry is None or not frame.evaluator.stalling or not waits(frame, entry, node):
        return
    if entry.kind == "cache" and not _is_far(frame.evaluator.project.setting("CACHES")):
        return
    if entry.effect != "raises" or entry.kind == "orm" or not asks_for_loop(frame):
        frame.note(Stall(entry, frame.site(node), frame.site(node.func)))


def _is_far(caches: object) -> bool:
    """Whether Django's settings put the default cache outside of the process."""
    default = caches.get("default") if isinstance(caches, Mapping) else None
    backend = default.get("BACKEND") if isinstance(default, Mapping) else None
    return isinstance(backend, str) and not backend.endswith(_NEAR)


def entered(frame: Frame, value: Value, item: ast.withitem, node: ast.With) -> None:
    """What entering and leaving ``with`` waits for."""
    if is_just_made(frame, item.context_expr):
        return
    owner = type_of(frame, value)
    site = frame.site(item.context_expr)
    for name in ("__enter__", "__exit__") if owner else ():
        entry = frame.evaluator.blocking.method(owner, name)
        if entry is not None and entering_waits(entry, node):
            frame.note(Stall(entry, site, site))


def settled(frame: Frame, value: Value) -> Value:
    """An attribute of a library's object as what it holds, where it is not called."""
    if isinstance(value, Method) and isinstance(value.of, Obj) and not value.of.cls.path:
        return attribute(frame, value.of.cls.name, value.name) or value
    return value


def gone_over(frame: Frame, value: Value, node: ast.expr) -> None:
    """What going over something waits for: over an object of a library, or what a generator does."""
    value = settled(frame, value)
    if isinstance(value, Statement) and value.query:
        value = Obj(Known("sqlalchemy.orm.Query"))
    if isinstance(value, Many):
        for one in value.waits:
            if isinstance(one, Stall):
                frame.note(one)
    owner = type_of(frame, value)
    entry = frame.evaluator.blocking.method(owner, "__iter__") if owner and not frame.awaiting else None
    if entry is not None:
        frame.note(Stall(entry, frame.site(node), frame.site(node)))


def orm(frame: Frame, model: Known, operation: str, site: Site, callee: Site | None = None, asks: str = "") -> None:
    """Rows of a Django model are asked for, or written, by a synchronous method; "" goes over them.

    `asks` is the name of a function that does it.
    """
    if not frame.evaluator.stalling or (operation and known.synchronous(operation) != operation):
        return
    found = frame.evaluator.project.row_model(model)
    if found is None or found.framework != "django" or (frame.awaiting and not operation):
        return
    name = model.name.rpartition(".")[2]
    frame.note(Stall(_asking(asks or operation), site, callee or site, model=name))


def rendered(frame: Frame, held: Value, name: str, node: ast.Call) -> None:
    """A template is rendered that may go over a queryset, which its context holds under a name."""
    if isinstance(held, Rows) and held.kind in {"queryset", "manager"} and not held.ready:
        frame.note(Stall(_asking("render"), frame.site(node), frame.site(node.func), model=name))


def asked_for_itself(frame: Frame, row: Row, node: ast.expr) -> None:
    """A row is asked for anything that is only fetched then: ``request.user.is_staff``."""
    if row.lazy and not frame.user_fetched:
        frame.user_fetched = True
        frame.note(Stall(_asking("user"), frame.site(node), frame.site(node), model=row.model.name.rpartition(".")[2]))


def _asking(operation: str) -> Entry:
    """The row for a way of asking Django's ORM."""
    return _ORM.named(operation)


def read(frame: Frame, effect: Read, call: ast.expr | None = None) -> None:
    """A relation or column is read of a row that does not have it; `call` hands the row to a function that reads it."""
    # What `request.user` has loaded by now nobody knows; what a caller hands in, it knows.
    if not frame.evaluator.stalling or effect.awaited or effect.made is None or effect.made.given >= 0:
        return
    way = (*effect.lead, *effect.calls)
    if way[:1] != ((frame.site(call),) if call is not None else ()):
        return
    if isinstance(call, ast.Call):
        way = (frame.site(call.func), *way[1:])
    key = (effect.made, effect.path, effect.column)
    if on_loop(frame) and (effect.loop is not None or key not in frame.loaded):
        # Once read it is there.
        frame.loaded.add(key)
        relation = effect.column or effect.path[-1]
        frame.note(Stall(_asking("."), effect.site, effect.site, way, model=relation))


def handed_in(frame: Frame, effect: Query, node: ast.expr) -> None:
    """A queryset is handed to a function that goes over it."""
    if effect.level < 0 or effect.given >= 0 or effect.awaited or effect.framework != "django":
        return
    callee = frame.callee(node)
    frame.note(Stall(_asking(effect.operation), effect.site, effect.site, (callee,), model=effect.model))


def lazily_here(frame: Frame, value: Value, node: ast.expr) -> Value:
    """What a generator function that is defined here gives; what it has done so far is taken back until then."""
    callee = frame.callee(node)
    found = [(key, one) for key, one in frame.effects.items() if isinstance(one, Stall)]
    for key, _ in found:
        del frame.effects[key]
    told = (_further(one, callee) for _, one in found)
    waits = tuple(replace(one, lazy=True) for one in told if one is not None)
    return value._replace(waits=waits) if isinstance(value, Many) else Many(value, waits=waits)


def later(frame: Frame, work: Callable[[], Value]) -> Value:
    """What a generator expression, or ``map``, gives: what its elements wait for is waited for by who goes over it."""
    value, effects = frame.apart(work)
    waits = tuple(one for one in effects if isinstance(one, Stall))
    for one in effects:
        if not isinstance(one, Stall):
            frame.note(one)
    if not waits:
        return value
    return value._replace(waits=waits) if isinstance(value, Many) else Many(value, waits=waits)


def inside(frame: Frame, func: Closure, effects: Iterable[Effect], node: ast.expr) -> None:
    """Note what a lambda or nested function makes its caller wait for; a coroutine tells it itself."""
    if isinstance(func.node, ast.AsyncFunctionDef):
        return
    callee = frame.callee(node)
    for effect in effects:
        if isinstance(effect, Stall):
            here = isinstance(func.node, ast.Lambda) and frame.is_within(func.node, node)
            further = effect if here else _further(effect, callee)
            if further is not None:
                frame.note(further)


def passed_on(frame: Frame, func: Func, effects: Iterable[Effect], node: ast.expr) -> None:
    """Note what a called function makes its caller wait for."""
    if frame.threads or not frame.evaluator.keeps(func.definition):
        return
    callee = frame.callee(node)
    listed = frame.evaluator.blocking.named(func.definition.known.name)
    if listed is not None:
        frame.note(Stall(listed, frame.site(node), callee))
        return
    for effect in effects:
        if isinstance(effect, Stall):
            further = _further(effect, callee)
            if further is not None:
                twin = _twin(frame, func.definition) if not effect.calls else ""
                frame.note(replace(further, twin=twin))


def _further(effect: Stall, callee: Site) -> Stall | None:
    """The same one call further away; None where that is too far."""
    begins_loop = effect.entry.effect == "raises" and effect.entry.kind != "orm"
    if len(effect.calls) >= (1 if begins_loop else _MOST_CALLS[effect.family]):
        return None
    return replace(effect, calls=(callee, *effect.calls), lazy=False)


def lazily(frame: Frame, func: Func, value: Many, effects: Iterable[Effect], node: ast.expr) -> Value:
    """What a generator function gives: what it does is done by whoever goes over it."""
    if not frame.evaluator.keeps(func.definition):
        return value
    callee = frame.callee(node)
    found = (_further(one, callee) for one in effects if isinstance(one, Stall))
    return value._replace(waits=tuple(replace(one, lazy=True) for one in found if one is not None))


def of_any(frame: Frame, effects: list[list[Effect]]) -> None:
    """Note what all the methods that may answer wait for, and, as no more than possible, what some of them do."""
    weights = {"orm": 0, "high": 0, "low": 1}
    found = [[one for one in some if isinstance(one, Stall)] for some in effects]
    first = [min(some, key=lambda one: (weights[one.family], one.strength)) for some in found if some]
    if first:
        told = max(first, key=lambda one: (weights[one.family], one.strength))
        frame.note(replace(told, some=told.some or len(first) < len(found)))


def _twin(frame: Frame, definition: Definition) -> str:
    """The name of a coroutine that stands beside a function and is called like it."""
    project = frame.evaluator.project
    owner, _, name = definition.known.name.rpartition(".")
    found: Definition | None
    for form in _TWINS:
        other = form.format(name.lstrip("_"))
        other = "_" * (len(name) - len(name.lstrip("_"))) + other
        if definition.owner is not None:
            found = project.method(definition.owner, other)
        else:
            beside = Known(f"{owner}.{other}", path=definition.known.path)
            declared = project.function(beside)
            found = Definition(beside, declared, None) if declared is not None else None
        if found is not None and found.declared.coroutine and not frame.evaluator.is_abstract(found):
            return other
    return ""


def strongest(effects: Iterable[Effect]) -> tuple[Effect, ...]:
    """The effects of a body, one stall of each family."""
    kept: list[Effect] = []
    best: dict[str, Stall] = {}
    for one in effects:
        if not isinstance(one, Stall):
            kept.append(one)
        elif one.family not in best or one.strength < best[one.family].strength:
            best[one.family] = one
    return (*kept, *best.values())
