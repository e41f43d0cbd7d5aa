"""Calls: of project functions with what they are given, of classes, of methods of rows and querysets."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import replace
from functools import partial

from djfa_lint.flow.evaluate import checks, closures, containers, library, members, sessions, stalls, tasks
from djfa_lint.flow.evaluate.effects import Effect, Query, Read, Stall, Unchunked
from djfa_lint.flow.evaluate.frame import Frame
from djfa_lint.flow.evaluate.loads import OPEN, Loads
from djfa_lint.flow.evaluate.members import member
from djfa_lint.flow.evaluate.merging import join
from djfa_lint.flow.evaluate.querysets import Given, last_name, step
from djfa_lint.flow.evaluate.reading import fetch, write
from djfa_lint.flow.evaluate.values import (
    NOTHING,
    NULL,
    Closure,
    Cls,
    Elsewhere,
    Fixed,
    Func,
    Getter,
    Lib,
    Made,
    Many,
    Map,
    Method,
    Obj,
    OneOf,
    Part,
    Row,
    Rows,
    Site,
    Statement,
    Value,
    Zip,
)
from djfa_lint.knowledge import querysets as known

# What a look-up needs at most.
_MOST_QUERIES = 2


def call(frame: Frame, func: Value, given: Given, node: ast.Call) -> Value:
    """What calling a value gives."""
    if isinstance(func, Method):
        return _method(frame, func, given, node)
    if isinstance(func, Lib):
        return library.call(frame, func.name, given, node)
    if isinstance(func, Elsewhere):
        return _elsewhere(frame, func, given, node)
    if func is None and isinstance(node.func, ast.Attribute):
        return sessions.session_method(frame, node.func.attr, given, node)
    return apply(frame, func, given, node)


def _elsewhere(frame: Frame, func: Elsewhere, given: Given, node: ast.Call) -> Value:
    """A function that is run in a thread, or on an event loop of its own."""
    if func.where == "loop":
        stalls.method_called(frame, "asgiref.sync.AsyncToSync", "__call__", node)
    with frame.elsewhere():
        return call(frame, func.of, given, node)


def apply(frame: Frame, func: Value, given: Given, node: ast.expr) -> Value:
    """Call something that has a body in the project, or that leads to one; `node` is where."""
    if isinstance(func, Func):
        return _function(frame, func, given, node)
    if isinstance(func, OneOf):
        return _one_of(frame, func, given, node)
    if isinstance(func, Cls):
        return _class(frame, func, given, node)
    if isinstance(func, Closure):
        return closures.call(frame, func, given, node)
    if isinstance(func, Part):
        whole = given._replace(args=(*func.args, *given.args), keywords={**dict(func.keywords), **given.keywords})
        return apply(frame, func.func, whole, node)
    if isinstance(func, Getter):
        return _getter(frame, func, given, node)
    if isinstance(func, Method) and isinstance(node, ast.Call):
        return _method(frame, func, given, node)
    if isinstance(func, Obj):
        return members.special(frame, func, "__call__", given, node)
    if isinstance(func, Lib) and isinstance(node, ast.Call):
        return library.call(frame, func.name, given, node)
    return None


def _function(frame: Frame, func: Func, given: Given, node: ast.expr) -> Value:
    """A function of the project: its effects are those of this place, with the way to them."""
    site = frame.site(node)
    if given.args and _is_unbound(frame, func):
        # `Client.fetch(client, url)`
        func, given = Func(func.definition, given.args[0], True), given._replace(args=given.args[1:])
    value, effects = frame.evaluator.summary(func, given, frame.depth + 1, frame.level, site)
    saving = func.bound and isinstance(func.self, Row) and func.definition.known.name.endswith((".save", ".delete"))
    again = func.definition == frame.definition
    large = _is_large(effects)
    # Where each row is written one by one, what that reads on the way is not what the loop costs.
    writes = saving or any(isinstance(one, Query) and one.writes for one in effects)
    value = _typed(frame, func, value, effects, node)
    kept = frame.evaluator.stalling and frame.evaluator.keeps(func.definition)
    for effect in effects:
        if isinstance(effect, Read):
            if kept:
                stalls.read(frame, effect, node)
            if not writes or effect.lost or not effect.calls:
                frame.note(replace(effect, tree=True) if again else effect)
        elif isinstance(effect, Query) and not saving:
            if kept:
                stalls.handed_in(frame, effect, node)
            frame.note(_seen_from(frame, replace(effect, buried=True) if large else effect, site))
    value = _made_here(value, site, node)
    if saving and isinstance(func.self, Row):
        row_write(frame, func.self, func.definition.known.name.rpartition(".")[2], site)
    return value


def _is_unbound(frame: Frame, func: Func) -> bool:
    """Whether a method is read from its class and gets its object handed in."""
    method = not func.bound and func.definition.owner is not None
    return method and "builtins.staticmethod" not in frame.evaluator.decorators(func.definition)


def _typed(frame: Frame, func: Func, value: Value, effects: Iterable[Effect], node: ast.expr) -> Value:
    """What a call gives, and what it makes its caller wait for: now, or where a generator is gone over."""
    if frame.evaluator.stalling and isinstance(value, Many) and frame.evaluator.is_generator(func.definition):
        return stalls.lazily(frame, func, value, effects, node)
    stalls.passed_on(frame, func, effects, node)
    return value if value is not None else frame.evaluator.declared(func.definition)


def _one_of(frame: Frame, func: OneOf, given: Given, node: ast.expr) -> Value:
    """One of several: what any of them may give, and what all of them do."""
    if not frame.evaluator.stalling:
        return None
    held: Value = NOTHING
    done: list[list[Effect]] = []
    for one in func.values:
        value, effects = frame.apart(partial(apply, frame, one, given, node))
        known = isinstance(value, (Cls, Func, Obj, OneOf))
        held = join(held, value) if known and (held is not None) else None
        done.append(effects)
    stalls.of_any(frame, done)
    return held


def _is_large(effects: Iterable[Effect]) -> bool:
    """Whether a body does more than look something up, or write one thing: it is a piece of work for each row."""
    queries = [one for one in effects if isinstance(one, Query) and one.loop is None]
    writes = [one for one in queries if one.writes]
    return len(queries) > _MOST_QUERIES or (bool(writes) and len(queries) > 1)


def _made_here(value: Value, site: Site, node: ast.expr) -> Value:
    """A queryset that a call gives is made, for whoever loads more with it, by the call: others call it too."""
    if isinstance(value, Rows) and value.kind in {"queryset", "manager"} and not value.path:
        own_all = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "all"
        # A method of the project's own called `all` looks like the queryset's, in whose place a loader could stand.
        return value._replace(made=Made(site, last_name(value), not own_all))
    return value


def _seen_from(frame: Frame, effect: Query, site: Site) -> Query:
    """A query of a body as one of the call of it, in whatever loop that stands."""
    if effect.loop is not None:
        return effect
    if effect.writes:
        # Whoever calls a function for each row cannot collect what it writes.
        effect = replace(effect, buried=True)
    loops = frame.loops[: effect.level] if effect.level >= 0 else frame.loops
    loop = loops[-1].site if loops else None
    calls = (site, *effect.calls)
    return replace(effect, calls=calls, loop=loop, varies=frame.varies(), level=-1, statement=0)


def _class(frame: Frame, func: Cls, given: Given, node: ast.expr) -> Value:
    evaluator = frame.evaluator
    if evaluator.project.row_model(func.known) is not None:
        return Row(func.known, OPEN, new=True)
    if not func.known.path:
        return None
    init = evaluator.project.method(func.known, "__init__")
    if init is None:
        made = Obj(func.known, exact=True)
        after = evaluator.project.method(func.known, "__post_init__") if evaluator.stalling else None
        if after is not None:
            _, effects = evaluator.summary(Func(after, made, True), Given(), frame.depth + 1, frame.level)
            stalls.passed_on(frame, Func(after, made, True), effects, node)
        return made
    found, effects = evaluator.constructed(func, init, given, frame.depth + 1, frame.level, frame.site(node))
    stalls.passed_on(frame, Func(init, found, True), effects, node)
    for effect in effects:
        if not isinstance(effect, Stall):
            frame.note(_seen_from(frame, effect, frame.site(node)) if isinstance(effect, Query) else effect)
    return found


def _getter(frame: Frame, func: Getter, given: Given, node: ast.expr) -> Value:
    for dotted in func.names:
        value = given.argument(0)
        for name in dotted.split("."):
            value = member(frame, value, name, node)
    return None


def _method(frame: Frame, method: Method, given: Given, node: ast.Call) -> Value:
    value = method.of
    if isinstance(value, Rows):
        return _of_rows(frame, value, method.name, given, node)
    if isinstance(value, Row):
        _of_row(frame, value, method.name, node)
        return None
    if isinstance(value, Part) and method.name == "begin":
        # `SessionLocal.begin()` makes a session for `with`.
        return apply(frame, value, Given(), node)
    if isinstance(value, Statement):
        return sessions.statement_method(frame, value, method.name, node)
    if method.name == "run_in_executor" and len(given.args) > 1 and not given.rest:
        return _elsewhere(frame, Elsewhere(given.args[1], "thread"), Given(given.args[2:]), node)
    if isinstance(value, Obj):
        return _of_object(frame, value, method.name, given, node)
    if isinstance(value, (Many, Map, Zip, Fixed)) or value == NOTHING:
        return containers.method(frame, value, method.name, given, node)
    return containers.text_method(frame, value, method.name, given, node)


def _of_row(frame: Frame, row: Row, method: str, node: ast.Call) -> None:
    name = known.synchronous(method)
    # Told what to leave out, `full_clean` may ask for nothing.
    told = name == "full_clean" and (node.args or node.keywords)
    if name in known.ROW_WRITES | known.ROW_READS and not told:
        stalls.orm(frame, row.model, method, frame.site(node), frame.site(node.func))
    if name in known.ROW_WRITES:
        row_write(frame, row, name, frame.site(node))
    elif name in known.ROW_READS and row.loop is not None:
        loop = frame.loops[-1].site if frame.loops else None
        frame.note(Query(last_name(row), name, False, frame.site(node), loop))


def _of_object(frame: Frame, value: Obj, name: str, given: Given, node: ast.Call) -> Value:
    """A method that a library gives an object, or a class of the project."""
    if tasks.is_maker(value):
        tasks.started_in(frame, value, name, node)
    if value.cls in sessions.KINDS:
        return sessions.session_method(frame, name, given, node, value.cls)
    owner = stalls.type_of(frame, value)
    made = stalls.method_called(frame, owner, name, node) if owner else None
    return made or frame.evaluator.inherited(value, name, frame.level)


def _of_rows(frame: Frame, rows: Rows, name: str, given: Given, node: ast.Call) -> Value:
    site = frame.site(node)
    if rows.kind == "list":
        return containers.method(frame, rows, name, given, node)
    if name in {"page", "get_page"}:
        return rows._replace(level=frame.level, ready=False)
    if name == "iterator":
        _unchunked(frame, rows, given, node)
    if rows.of is not None and (name == "select_for_update" or frame.is_own(node, rows.of)):
        rows = rows._replace(fits=False)
    for one in (*given.args, *given.keywords.values()):
        if isinstance(one, Row):
            stalls.asked_for_itself(frame, one, node)
    done = step(rows, name, given, site, frame.level)
    if frame.several and isinstance(done.value, Rows) and done.value.made is not None:
        done = done._replace(value=done.value._replace(made=done.value.made._replace(editable=False)))
    if done.reads:
        fetch(frame, rows, name, site, callee=frame.site(node.func))
        checks.method_asked(frame, rows, name, node)
    if done.writes:
        stalls.orm(frame, rows.model, name, site, frame.site(node.func))
        write(frame, rows, name, site)
    return done.value


def _unchunked(frame: Frame, rows: Rows, given: Given, node: ast.Call) -> None:
    prefetched = [(name, entry) for name, entry in rows.loads.entries if entry.how == "prefetch" and entry.sure]
    size = given.argument(0, "chunk_size")
    if (
        prefetched
        and size in (None, NULL)
        and len(given.args) + len(given.keywords) <= (size == NULL)
        and not given.rest
    ):
        path, entry = [prefetched[0][0]], prefetched[0][1]
        parts: list[ast.expr | ast.keyword] = [*node.args, *node.keywords]
        # Only the keyword can say None here: what stands there is replaced.
        arguments = frame.site(parts[0]) if parts else None
        frame.note(Unchunked(last_name(rows), (*path, *_down(entry.loads)), frame.site(node), arguments))


def _down(loads: Loads) -> tuple[str, ...]:
    """The first path below a loaded relation."""
    if not loads.entries:
        return ()
    name, entry = loads.entries[0]
    return (name, *_down(entry.loads)) if entry.how == "prefetch" else ()


def row_write(frame: Frame, row: Row, operation: str, site: Site) -> None:
    """Note that a row is saved or deleted: worth a word where a loop gives or makes it."""
    given = row.made.given if row.made is not None and row.loop is None else -1
    if row.loop is None and not row.new and given < 0:
        return
    loop = frame.loops[-1].site if frame.loops else None
    name = "create" if row.new and operation == "save" else operation
    frame.note(Query(last_name(row), name, True, site, loop, given, hooks=frame.evaluator.hooks(row.model, operation)))
