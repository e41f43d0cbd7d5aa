"""What a method of a queryset or manager gives: the same rows with more loaded, other rows, one row, a plain value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from djfa_lint.flow.evaluate.loads import NONE, OPEN, Entry, Loads, of_paths
from djfa_lint.flow.evaluate.values import (
    NOTHING,
    NULL,
    Const,
    Fixed,
    Made,
    Many,
    Map,
    Prefetching,
    Row,
    Rows,
    Site,
    Value,
)
from djfa_lint.knowledge import querysets as known

# `.filter(pk=1)` gives one row at most, `[:5]` a handful: neither is worth a word.
_UNIQUE = frozenset({"pk", "id"})
FEW = 10
# Django's own bound on how deep `select_related()` goes.
_EVERY = 5


class Given(NamedTuple):
    """The arguments of a call; `rest` says that there are others which cannot be told (``*args``)."""

    args: tuple[Value, ...] = ()
    keywords: Mapping[str, Value] = {}
    rest: bool = False

    def argument(self, position: int, name: str = "") -> Value:
        """The argument at a position or by a keyword, None where there is none."""
        if name in self.keywords:
            return self.keywords[name]
        return self.args[position] if 0 <= position < len(self.args) else None


class Step(NamedTuple):
    """What calling a method of rows comes to: its value, and whether it reads or writes at once."""

    value: Value
    reads: bool = False
    writes: bool = False


def step(rows: Rows, method: str, given: Given, site: Site, level: int) -> Step:
    """Call a method; `site` is the whole call's, `level` the number of loops around it."""
    name = known.synchronous(method)
    if name == "none":
        return Step(Many(NOTHING, True))
    if name in known.CLONES:
        return Step(_clone(rows, name, given, site, level))
    if name in known.VALUES:
        return Step(_anew(rows, name, site, level)._replace(kind="values"))
    if name == "raw":
        loads = rows.loads.without("select")
        return Step(Rows("queryset", rows.model, loads, Made(site, last_name(rows), False), level=level))
    if name == "iterator":
        asked = rows.asked or name if rows.of is not None else ""
        return Step(rows._replace(kind="iterator", level=level, served=False, ready=False, asked=asked))
    if name == "in_bulk":
        fetched = rows._replace(kind="list", ready=True) if rows.kind != "values" else None
        return Step(Map(None, fetched), reads=True)
    if name in known.ROW:
        return Step(one_of(rows), reads=True)
    if name in known.SCALARS:
        return Step(None, reads=True)
    if name in known.WRITES:
        return Step(_written(rows, name), writes=True)
    return Step(None)


def last_name(rows: Rows | Row) -> str:
    """The bare name of the rows' model."""
    return rows.model.name.rpartition(".")[2]


def one_of(rows: Rows) -> Value:
    """A row fetched by itself."""
    if rows.kind == "values":
        return None
    return Row(
        rows.model,
        rows.loads if rows.own is None or rows.served else rows.own,
        rows.made,
        rows.path,
        joins=not rows.path and rows.joins,
    )


def sliced(rows: Rows, most: int | None, level: int) -> Rows:
    """``rows[:most]``; a slice of fetched rows is a list."""
    few = rows.few or (most is not None and most <= FEW)
    if rows.ready or rows.kind == "list" or rows.served:
        return rows._replace(few=few)
    return rows._replace(kind="values" if rows.kind == "values" else "queryset", few=few, level=level)


def _written(rows: Rows, name: str) -> Value:
    made = Row(rows.model, OPEN)
    if name in known.MADE_ROW:
        return made
    return Fixed((made, None)) if name in known.MADE_PAIR else None


def _anew(rows: Rows, method: str, site: Site, level: int) -> Rows:
    """The rows of a new query, made by the expression at `site`."""
    made = Made(site, last_name(rows))
    loads = rows.own if rows.own is not None else rows.loads
    return rows._replace(
        kind=rows.kind if rows.kind == "values" else "queryset",
        loads=loads,
        own=None,
        made=made,
        path=(),
        joins=bool(rows.path) or rows.joins,
        level=level,
        served=False,
        ready=False,
        asked=rows.asked or method if rows.of is not None else "",
    )


def _clone(rows: Rows, name: str, given: Given, site: Site, level: int) -> Rows:
    if name in {"all", "get_queryset"} and rows.kind == "manager" and rows.of is not None:
        # What a prefetch left on the row, or the relation's own rows: either way the row's loader decides.
        return rows._replace(kind="queryset", level=level)
    new = _anew(rows, name, site, level)
    if name == "select_related":
        return new._replace(loads=_select(new.loads, given))
    if name == "prefetch_related":
        return new._replace(loads=_prefetch(new.loads, given))
    if name in {"only", "defer"}:
        return new._replace(loads=_columns(new.loads, name, given))
    if name == "order_by":
        return new._replace(ordered=bool(given.args) or given.rest)
    if name == "fetch_mode":
        return new._replace(loads=OPEN)
    return _other_rows(new, name, given)


def _other_rows(new: Rows, name: str, given: Given) -> Rows:
    """The rows of a method that loads nothing: fewer, joined with others, locked."""
    if name == "select_for_update" and "of" not in given.keywords:
        return new._replace(joins=False)
    if name in {"union", "intersection", "difference"} and new.made is not None:
        return new._replace(made=new.made._replace(editable=False))
    if name == "filter":
        few = new.few or not _UNIQUE.isdisjoint(given.keywords)
        return new._replace(few=few, loads=_without_empty(new.loads, given))
    return new


def _without_empty(loads: Loads, given: Given) -> Loads:
    """What rows have loaded that are picked for having nothing in a relation: reading that is no query."""
    for keyword, value in given.keywords.items():
        name, _, asked = keyword.partition("__")
        if (asked == "isnull" and value == Const(True)) or (not asked and value == NULL):
            loads = loads.having(name.removesuffix("_id"), Entry(True, "attached", OPEN))
    return loads


def _texts(given: Given) -> list[str] | None:
    """The texts among the arguments, None where one cannot be told."""
    if given.rest or given.keywords:
        return None
    texts = [one.value for one in given.args if isinstance(one, Const) and isinstance(one.value, str)]
    return texts if len(texts) == len(given.args) else None


def _select(loads: Loads, given: Given) -> Loads:
    if given.args == (NULL,):
        return loads.without("select")
    texts = _texts(given)
    if texts is None:
        return loads._replace(open=True)
    if not texts:
        return loads.without("select")._replace(every=_EVERY)
    return of_paths(texts, "select", loads._replace(every=0))


def _prefetch(loads: Loads, given: Given) -> Loads:
    if given.args == (NULL,):
        return loads.without("prefetch")
    for one in given.args:
        if isinstance(one, Const) and isinstance(one.value, str):
            loads = of_paths([one.value], "prefetch", loads)
        elif isinstance(one, Prefetching) and one.path:
            loads = _prefetch_object(loads, one)
        else:
            loads = loads._replace(open=True)
    return loads._replace(open=True) if given.rest or given.keywords else loads


def _prefetch_object(loads: Loads, one: Prefetching) -> Loads:
    *before, name = one.path.split("__")
    rows = one.rows
    entry = Entry(
        True,
        "prefetch",
        rows.loads if rows is not None else NONE,
        rows is not None and rows.ordered,
        name if one.to_attr else "",
        rows.model if rows is not None else None,
    )
    return loads.path((*before, one.to_attr or name), "prefetch", entry)


def _columns(loads: Loads, name: str, given: Given) -> Loads:
    if given.args == (NULL,):
        return loads._replace(only=None, deferred=frozenset())
    texts = _texts(given)
    if texts is None:
        return loads._replace(only=None, deferred=frozenset())
    own = frozenset(one for one in texts if "__" not in one)
    if name == "defer":
        kept = None if loads.only is None else loads.only - own
        return loads._replace(only=kept, deferred=loads.deferred | own)
    loads = loads._replace(only=frozenset(one.partition("__")[0] for one in texts), deferred=frozenset())
    below: dict[str, set[str]] = {}
    for text in texts:
        first, _, rest = text.partition("__")
        below.setdefault(first, set()).update([rest] if rest else [])
    for first, rests in below.items():
        entry = loads.get(first)
        if entry is not None and rests and all("__" not in rest for rest in rests):
            nested = entry.loads._replace(only=frozenset(rests), deferred=frozenset())
            loads = loads.having(first, entry._replace(loads=nested))
    return loads
