"""Calls: of project functions with what they are given, of classes, of methods of rows and querysets."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import replace

from djfa_lint.flow.evaluate import checks, containers, library, sessions
from djfa_lint.flow.evaluate.effects import Effect, Query, Read, Unchunked
from djfa_lint.flow.evaluate.frame import Frame
from djfa_lint.flow.evaluate.loads import OPEN, Loads
from djfa_lint.flow.evaluate.members import member
from djfa_lint.flow.evaluate.merging import tuple_of
from djfa_lint.flow.evaluate.querysets import Given, last_name, step
from djfa_lint.flow.evaluate.reading import fetch, write
from djfa_lint.flow.evaluate.values import (
    NOTHING,
    NULL,
    Closure,
    Cls,
    Fixed,
    Func,
    Getter,
    Lib,
    Made,
    Many,
    Map,
    Method,
    Obj,
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
# How often a nested function may be inside itself.
_MAX_NESTED = 2


def call(frame: Frame, func: Value, given: Given, node: ast.Call) -> Value:
    """What calling a value gives."""
    if isinstance(func, Method):
        return _method(frame, func, given, node)
    if isinstance(func, Lib):
        return library.call(frame, func.name, given, node)
    if func is None and isinstance(node.func, ast.Attribute):
        return sessions.session_method(frame, node.func.attr, given, node, sure=False)
    return apply(frame, func, given, node)


def apply(frame: Frame, func: Value, given: Given, node: ast.expr) -> Value:
    """Call something that has a body in the project, or that leads to one; `node` is where."""
    if isinstance(func, Func):
        return _function(frame, func, given, node)
    if isinstance(func, Cls):
        return _class(frame, func, given, node)
    if isinstance(func, Closure):
        return _closure(frame, func, given, node)
    if isinstance(func, Part):
        return apply(frame, func.func, given._replace(args=(*func.args, *given.args)), node)
    if isinstance(func, Getter):
        return _getter(frame, func, given, node)
    if isinstance(func, Lib) and isinstance(node, ast.Call):
        return library.call(frame, func.name, given, node)
    return None


def _function(frame: Frame, func: Func, given: Given, node: ast.expr) -> Value:
    """A function of the project: its effects are those of this place, with the way to them."""
    site = frame.site(node)
    value, effects = frame.evaluator.summary(func, given, frame.depth + 1, frame.level, site)
    saving = func.bound and isinstance(func.self, Row) and func.definition.known.name.endswith((".save", ".delete"))
    again = func.definition == frame.definition
    large = _is_large(effects)
    # Where each row is written one by one, what that reads on the way is not what the loop costs.
    writes = saving or any(isinstance(one, Query) and one.writes for one in effects)
    for effect in effects:
        if isinstance(effect, Read):
            if not writes or effect.lost or not effect.calls:
                frame.note(replace(effect, tree=True) if again else effect)
        elif isinstance(effect, Query) and not saving:
            frame.note(_seen_from(frame, replace(effect, buried=True) if large else effect, site))
    value = _made_here(value, site, node)
    if saving and isinstance(func.self, Row):
        row_write(frame, func.self, func.definition.known.name.rpartition(".")[2], site)
    return value


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
    return replace(effect, calls=(site, *effect.calls), loop=loop, varies=frame.varies(), level=-1)


def _class(frame: Frame, func: Cls, given: Given, node: ast.expr) -> Value:
    evaluator = frame.evaluator
    if evaluator.project.row_model(func.known) is not None:
        return Row(func.known, OPEN, new=True)
    if not func.known.path:
        return None
    init = evaluator.project.method(func.known, "__init__")
    if init is None:
        return Obj(func.known)
    made, effects = evaluator.constructed(func, init, given, frame.depth + 1, frame.level, frame.site(node))
    for effect in effects:
        frame.note(_seen_from(frame, effect, frame.site(node)) if isinstance(effect, Query) else effect)
    return made


def _closure(frame: Frame, func: Closure, given: Given, node: ast.expr) -> Value:
    """A lambda or nested function: evaluated in place, with the names it was made among."""
    if func.frame.path != frame.path or frame.running.count(func.node) >= _MAX_NESTED:
        return None
    args = func.node.args
    names = [one.arg for one in (*args.posonlyargs, *args.args)]
    outer, returned, yielded, noted = frame.env, frame.returned, frame.yielded, frame.effects
    base, leaving = frame.base, frame.leaving
    frame.base, frame.leaving = frame.level, []
    frame.env = {**func.env, **(outer if func.frame is frame else {})}
    for name in [*names, *(one.arg for one in args.kwonlyargs)]:
        frame.bind(name, given.keywords.get(name))
    for name, value in zip(names, () if given.rest else given.args, strict=False):
        frame.bind(name, value)
    if args.vararg is not None:
        frame.bind(args.vararg.arg, tuple_of(given.args[len(names) :], given.rest))
    frame.running.append(func.node)
    frame.returned = frame.yielded = NOTHING
    frame.effects = {}
    try:
        if isinstance(func.node, ast.Lambda):
            return frame.value(func.node.body)
        frame.run(frame, func.node.body)
        found = frame.returned if frame.yielded == NOTHING else frame.yielded
        return None if found == NOTHING else found
    finally:
        frame.running.pop()
        frame.base, frame.leaving = base, leaving
        done, frame.effects = frame.effects, noted
        frame.env, frame.returned, frame.yielded = outer, returned, yielded
        _note_inner(frame, func, done.values(), node)


def _note_inner(frame: Frame, func: Closure, effects: Iterable[Effect], node: ast.expr) -> None:
    """Note what a nested function did; what it did to a row of a loop around the call is reached through the call."""
    around = {one.site for one in frame.loops}
    again = func.node in frame.running
    for effect in effects:
        if again and isinstance(effect, Read):
            effect = replace(effect, tree=True)
        if isinstance(effect, (Read, Query)) and effect.loop in around and not isinstance(func.node, ast.Lambda):
            effect = replace(effect, calls=(frame.site(node), *effect.calls))
        frame.note(effect)


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
        if known.synchronous(method.name) in known.ROW_WRITES:
            row_write(frame, value, known.synchronous(method.name), frame.site(node))
        elif known.synchronous(method.name) in known.ROW_READS and value.loop is not None:
            name = known.synchronous(method.name)
            frame.note(
                Query(last_name(value), name, False, frame.site(node), frame.loops[-1].site if frame.loops else None)
            )
        return None
    if isinstance(value, Statement):
        return sessions.statement_method(frame, value, method.name, node)
    if isinstance(value, Obj) and value.cls == sessions.SESSION:
        return sessions.session_method(frame, method.name, given, node)
    if isinstance(value, Obj):
        return frame.evaluator.inherited(value, method.name, frame.level)
    if isinstance(value, (Many, Map, Zip, Fixed)) or value == NOTHING:
        return containers.method(frame, value, method.name, given, node)
    return containers.text_method(frame, value, method.name, given, node)


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
    done = step(rows, name, given, site, frame.level)
    if frame.several and isinstance(done.value, Rows) and done.value.made is not None:
        done = done._replace(value=done.value._replace(made=done.value.made._replace(editable=False)))
    if done.reads:
        fetch(frame, rows, name, site)
        checks.method_asked(frame, rows, name, node)
    if done.writes:
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
