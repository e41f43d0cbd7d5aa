"""Reading from rows and querysets: relations, columns, methods; and the queries that this costs."""

from __future__ import annotations

import ast
from dataclasses import replace

from djfa_lint.facts.values import Call, Const, Expr
from djfa_lint.flow.evaluate import stalls
from djfa_lint.flow.evaluate.effects import Query, Read
from djfa_lint.flow.evaluate.frame import Frame
from djfa_lint.flow.evaluate.loads import NONE, OPEN, Entry, Loads, preset
from djfa_lint.flow.evaluate.querysets import last_name
from djfa_lint.flow.evaluate.values import Cls, Func, Made, Method, Row, Rows, Site, Value
from djfa_lint.knowledge import querysets as known
from djfa_lint.project.entities import Model, Relation

_TO_ONE = frozenset({"fk", "one_to_one"})


def fetch(
    frame: Frame,
    rows: Rows,
    operation: str,
    site: Site,
    *,
    keeps: bool = False,
    callee: Site | None = None,
    asks: str = "",
) -> None:
    """Note the query that asking for rows costs; `keeps` says that the rows are then there for later.

    `operation` is the method that asks, "" for going over the rows; `callee` is where it is named,
    `asks` the function that asks in its place.
    """
    name = known.synchronous(operation)
    if rows.kind == "list" or (rows.ready and (keeps or name in known.READY)):
        return
    if rows.of is not None:
        if rows.served and not rows.asked and _is_served(rows, name):
            return
        if rows.of.loop is not None or _is_given(rows.of.made):
            awaited = name != operation or bool(frame.awaiting)
            if not _is_given(rows.of.made) and rows.of.loads.get(rows.name) is None:
                stalls.orm(frame, rows.model, operation, site, callee)
            _fetch_related(frame, rows, rows.of, name, site, awaited)
            return
    given = rows.made.given if rows.made is not None else -1
    if given < 0:
        stalls.orm(frame, rows.model, operation, site, callee, asks)
    loop = _loop_of(frame, rows, keeps)
    varies = frame.varies()
    if loop is not None and varies and not frame.keys():
        return
    awaited = name != operation or bool(frame.awaiting)
    told = Query(last_name(rows), name or rows.asked or "all", False, site, loop, given, varies)
    frame.note(replace(told, awaited=awaited))


def write(frame: Frame, rows: Rows, operation: str, site: Site) -> None:
    """Note a write through a queryset or manager."""
    name = known.synchronous(operation)
    loop = frame.loops[-1].site if frame.loops else None
    hooks = frame.evaluator.hooks(rows.model, name)
    # `add` and its like write the table between, or the key of the other side.
    links = name in known.RELATED_WRITES and rows.of is not None
    model = f"{last_name(rows.of)}.{rows.name}" if links and rows.of is not None else last_name(rows)
    frame.note(Query(model, name, True, site, loop, varies=frame.varies(), hooks=hooks))


def _is_given(made: Made | None) -> bool:
    return made is not None and made.given >= 0


def _loop_of(frame: Frame, rows: Rows, keeps: bool) -> Site | None:
    """The innermost loop with each iteration of which a query is sent anew."""
    loops = frame.loops[: rows.level] if keeps and rows.kind != "iterator" else frame.loops
    return loops[-1].site if loops else None


def _fetch_related(frame: Frame, rows: Rows, row: Row, operation: str, site: Site, awaited: bool) -> None:
    """A query through the relation of one of many rows, unless a prefetch answers it."""
    if row.new or row.made is None:
        # Rows that the program made itself, and kept in a list: no queryset could bring more with them.
        return
    entry = row.loads.get(rows.name)
    if entry is not None and not entry.sure:
        return
    path = (*row.path, rows.name)
    asked = rows.asked or operation or "all"
    if entry is None and asked not in known.SERVED and not rows.fits:
        # No prefetch could bring it.
        return
    lost = entry is not None
    told = Read(row.made, path, row.loop, site, asked, joins=False, lost=lost, below=row.below, one=row.one)
    frame.note(replace(told, awaited=awaited))


def _is_served(rows: Rows, operation: str) -> bool:
    """Whether a prefetched list answers: going over it, and what does not need another order or other rows."""
    return not operation or operation in known.SERVED or (operation == "first" and rows.ordered)


def read(frame: Frame, row: Row, name: str, node: ast.expr) -> Value:
    """An attribute of a row."""
    stalls.asked_for_itself(frame, row, node)
    model = frame.evaluator.project.row_model(row.model)
    if model is None:
        return None
    if model.framework != "django":
        definition = frame.evaluator.project.method(row.model, name)
        return Func(definition, row, True) if definition is not None else None
    entry = row.loads.get(name)
    relation = model.relation(name)
    if relation is None:
        return _listed(row, model, name, entry) if entry is not None else _plain(frame, row, model, name, node)
    if relation.many:
        return _manager(frame, row, relation, entry, node)
    return _single(frame, row, relation, entry, node)


def _listed(row: Row, model: Model, name: str, entry: Entry) -> Value:
    """The list that a prefetch left under a name of its own."""
    relation = model.relation(entry.source) if entry.source else None
    to = entry.model or (relation.to if relation is not None else None)
    if to is None:
        return None
    loads = entry.loads.also(preset(relation.accessor)) if relation is not None else entry.loads
    return Rows("list", to, loads, row.made, (*row.path, name), ready=True, joins=False)


def _plain(frame: Frame, row: Row, model: Model, name: str, node: ast.expr) -> Value:
    if name == "__class__":
        return Cls(row.model)
    definition = frame.evaluator.project.method(row.model, name)
    if definition is not None:
        return Func(definition, row, True)
    if name in known.ROW_WRITES or name in known.ROW_READS:
        return Method(row, name)
    stem = name.removesuffix("_id") if name.endswith("_id") else ""
    relation = model.relation(stem) if stem else None
    column = name if model.field(name) is not None else stem if relation is not None and not relation.many else ""
    if column and name not in {"pk", "id"}:
        _column(frame, row, column, node)
    return None


def _column(frame: Frame, row: Row, column: str, node: ast.expr) -> None:
    """Note a column that was left out by ``only()`` or ``defer()``."""
    operation = row.loads.leaves_out(column)
    if operation and f"{column}_id" not in (row.loads.only or ()):
        told = Read(row.made, row.path, row.loop, frame.site(node), operation, column=column, one=row.one)
        stalls.read(frame, told)
        frame.note(told)


def _single(frame: Frame, row: Row, relation: Relation, entry: Entry | None, node: ast.expr) -> Value:
    path = (*row.path, relation.name)
    if entry is not None or row.loads.open or row.new or (relation.kind == "parent" and not relation.reverse):
        loads = entry.loads if entry is not None and entry.sure else OPEN
        if entry is not None and entry.how == "prefetch" and relation.to is not None:
            loads = loads.also(frame.evaluator.base_loads(relation.to))
    elif row.loads.every and relation.kind in _TO_ONE and not relation.reverse and not _may_be_null(relation):
        loads = Loads(every=row.loads.every - 1)
    else:
        _note_single(frame, row, relation, node, frame.site(node))
        loads = frame.evaluator.base_loads(relation.to) if relation.to is not None else NONE
    if entry is not None and entry.how == "parent" and relation.to is not None:
        # Whatever the loop, it is the one row that the others were reached from.
        return Row(relation.to, OPEN)
    if relation.kind == "one_to_one" and relation.accessor:
        loads = loads.also(preset(relation.accessor))
    joins = row.joins and relation.kind != "generic_fk"
    if relation.to is None:
        return None
    return Row(relation.to, loads, row.made, path, row.loop, joins=joins, below=row.below, one=row.one)


def _note_single(frame: Frame, row: Row, relation: Relation, node: ast.expr, site: Site) -> None:
    key, key_site = frame.key.pop(id(node), ("", None))
    if relation.reverse or relation.kind not in _TO_ONE or _says(relation, "to_field") is not None:
        key, key_site = "", None
    if not relation.reverse and relation.kind in _TO_ONE:
        _column(frame, row, relation.name, node)
    joins = row.joins and relation.kind != "generic_fk"
    made = (*row.path, relation.name)
    tree = bool(frame.walking) and relation.to == row.model
    told = Read(
        row.made, made, row.loop, site, joins=joins, key=key, key_site=key_site, tree=tree, below=row.below, one=row.one
    )
    stalls.read(frame, told)
    frame.note(told)


def _may_be_null(relation: Relation) -> bool:
    return relation.statement is None or _says(relation, "null") not in (None, Const(False))


def _says(relation: Relation, keyword: str) -> Expr | None:
    call = relation.statement.value if relation.statement is not None else None
    return call.argument(-1, keyword) if isinstance(call, Call) else None


def _manager(frame: Frame, row: Row, relation: Relation, entry: Entry | None, node: ast.expr) -> Value:
    """The manager of a relation to many."""
    if relation.to is None:
        return None
    fresh = frame.evaluator.manager(relation.to, "")
    base = fresh if fresh is not None else Rows("manager", relation.to, NONE)
    how = "preset" if row.loop is not None or _is_given(row.made) else "parent"
    back = preset(relation.accessor if relation.kind == "fk" else "", how=how)
    own = base.loads.also(back)
    loads, served, ordered = own, False, base.ordered
    if entry is not None and entry.sure:
        loads = entry.loads.also(back) if entry.model is not None else entry.loads.also(own)
        served, ordered = True, entry.ordered if entry.model is not None else base.ordered
    elif entry is not None or row.loads.open or row.new:
        loads, served = OPEN, True
    site = frame.site(node)
    through = row.loop is not None or served or _is_given(row.made)
    return base._replace(
        kind="manager",
        loads=loads,
        own=own,
        made=row.made if through else Made(site, last_name(base)),
        path=(*row.path, relation.name) if through else (),
        joins=not through,
        level=frame.level,
        ordered=ordered,
        of=row,
        name=relation.name,
        served=served,
        one=row.loop is None and not _is_given(row.made),
    )
