"""Values where paths meet, and what containers hold: one element, all that was put in, whether it is a handful."""

from __future__ import annotations

from collections.abc import Sequence

from djfa_lint.flow.evaluate.loads import joined
from djfa_lint.flow.evaluate.values import (
    NOTHING,
    NULL,
    Cls,
    Const,
    Fixed,
    Func,
    Many,
    Map,
    Nothing,
    Obj,
    OneOf,
    Row,
    Rows,
    Site,
    Value,
    Zip,
)

# More things than these are somebody's plug-ins.
MOST_OPTIONS = 12


def join(first: Value, second: Value) -> Value:
    """What a name holds where two paths meet. A missing object is no object: it says nothing about the other."""
    if first == second or isinstance(second, Nothing) or second == NULL:
        return first
    if isinstance(first, Nothing) or first == NULL:
        return second
    if isinstance(first, Rows) and isinstance(second, Rows) and first.model == second.model:
        return _rows(first, second)
    if isinstance(first, Row) and isinstance(second, Row) and first.model == second.model:
        made = first.made if (first.made, first.path) == (second.made, second.path) else None
        loop = first.loop if made is not None or first.loop == second.loop else None
        return first._replace(loads=joined(first.loads, second.loads), made=made or first.made, loop=loop)
    return _containers(first, second) or _one_of(first, second)


def _one_of(first: Value, second: Value) -> Value:
    """One of several things that are known by their class or definition."""
    several: list[Cls | Func | Obj] = []
    for side in (first, second):
        parts = side.values if isinstance(side, OneOf) else (side,)
        for one in parts:
            if not isinstance(one, (Cls, Func, Obj)):
                return None
            if one not in several:
                several.append(one)
    return OneOf(tuple(several)) if len(several) <= MOST_OPTIONS else None


def _rows(first: Rows, second: Rows) -> Value:
    values = "values" in (first.kind, second.kind)
    if values and first.kind != second.kind:
        return None
    # What one of the ways has fetched already may cost nothing.
    fetched = "list" in (first.kind, second.kind)
    same = (first.made, first.path) == (second.made, second.path)
    made = first.made if same or first.made is None else first.made._replace(editable=False)
    return first._replace(
        kind="list" if fetched else first.kind if first.kind == second.kind else "queryset",
        loads=joined(first.loads, second.loads),
        made=made,
        level=max(first.level, second.level),
        ordered=first.ordered and second.ordered,
        few=first.few and second.few,
        served=first.served and second.served,
        fits=first.fits and second.fits,
        one=first.one and second.one,
        ready=fetched or (first.ready and second.ready),
        queryset=first.queryset if first.queryset == second.queryset else None,
    )


def _containers(first: Value, second: Value) -> Value:
    if isinstance(first, Rows) and isinstance(second, Many) and isinstance(second.item, Nothing):
        return first
    if isinstance(first, Many) and isinstance(second, Rows) and isinstance(first.item, Nothing):
        return second
    if isinstance(first, Many) and isinstance(second, Many):
        return Many(join(first.item, second.item), first.few and second.few)
    if isinstance(first, Map) and isinstance(second, Map):
        return Map(join(first.keys, second.keys), join(first.values, second.values))
    if isinstance(first, Zip) and isinstance(second, Zip) and len(first.parts) == len(second.parts):
        return Zip(tuple(map(join, first.parts, second.parts)))
    if isinstance(first, Fixed) and isinstance(second, Fixed) and len(first.items) == len(second.items):
        return Fixed(tuple(map(join, first.items, second.items)))
    if isinstance(first, Obj) and isinstance(second, Obj) and first.cls == second.cls:
        both = dict(second.attrs)
        attrs = tuple((name, join(value, both.get(name))) for name, value in first.attrs)
        return Obj(first.cls, attrs, first.exact and second.exact, first.rows or second.rows)
    return None


def collected(item: Value) -> Value:
    """The list of what a comprehension or ``append`` puts into it, one an iteration."""
    if isinstance(item, Row):
        return Rows("list", item.model, item.loads, item.made, item.path, ready=True, joins=item.joins, one=item.one)
    if isinstance(item, Fixed):
        return Zip(tuple(map(collected, item.items)))
    return Many(item)


def iterated(value: Value, loop: Site | None) -> Value:
    """One element of an iterable; with `loop` each iteration of it gives another row."""
    if isinstance(value, Rows):
        if value.kind == "values":
            return None
        few = None if value.few else loop
        below = value.of is not None and bool(value.path)
        return Row(value.model, value.loads, value.made, value.path, few, joins=value.joins, below=below, one=value.one)
    if isinstance(value, Zip):
        return Fixed(tuple(iterated(part, loop) for part in value.parts))
    if isinstance(value, Map):
        return iterated(value.keys, loop)
    if isinstance(value, Fixed):
        found: Value = NOTHING
        for one in value.items:
            found = join(found, one)
        return found
    return value.item if isinstance(value, Many) else None


def picked(value: Value) -> Value:
    """One element of a list by its number; related rows in it are then those of one row."""
    one = iterated(value, None)
    if isinstance(one, Rows) and one.of is not None:
        return one._replace(of=one.of._replace(loop=None))
    return one


def is_few(value: Value) -> bool:
    """Whether an iterable holds a handful at most."""
    if isinstance(value, (Rows, Many)):
        return value.few
    if isinstance(value, Zip):
        return any(map(is_few, value.parts))
    if isinstance(value, Map):
        return is_few(value.keys)
    return isinstance(value, (Fixed, Const, Nothing))


def tuple_of(items: Sequence[Value], unknown: bool) -> Value:
    """What ``*args`` holds."""
    if not unknown:
        return Fixed(tuple(items))
    return items[-1] if len(items) == 1 else None
