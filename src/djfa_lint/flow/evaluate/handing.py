"""Handing rows into a body and what it gives and does out again.

Inside, rows that are handed in have a number in place of what made them, so that one evaluation serves every caller
that hands in the like.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from djfa_lint.flow.evaluate.effects import Query, Read
from djfa_lint.flow.evaluate.loads import Loads
from djfa_lint.flow.evaluate.querysets import Given
from djfa_lint.flow.evaluate.values import (
    Closure,
    Const,
    Fixed,
    Func,
    Made,
    Many,
    Map,
    Method,
    Nothing,
    Obj,
    Row,
    Rows,
    Site,
    Value,
    Zip,
)
from djfa_lint.project.definition import Definition
from djfa_lint.project.names import Known

# A list of dicts of lists of ... is not followed further: what calls itself would build it higher with each round.
_MAX_DEPTH = 8
# What holds no rows.
_WHOLE = (Known, Loads, Definition)


@dataclass(eq=False)
class Handed:
    """What is handed in: the receiver and arguments as seen inside, and what their numbers stand for.

    `whole` is False where a closure is among them, which no other call can have.
    """

    self: Value = None
    given: Given = field(default_factory=Given)
    numbers: list[Row | Rows] = field(default_factory=list)
    whole: bool = True

    @property
    def key(self) -> object:
        """The same for calls that hand in the like."""
        return self.self, self.given.args, tuple(sorted(self.given.keywords.items(), key=_name)), self.given.rest


def _name(item: tuple[str, Value]) -> str:
    return item[0]


def hand_in(func: Func, given: Given) -> Handed:
    """The receiver and arguments of a call as the body sees them."""
    handed = Handed()
    handed.self = _inside(func.self, handed)
    args = tuple(_inside(one, handed) for one in given.args)
    handed.given = Given(args, {name: _inside(one, handed) for name, one in given.keywords.items()}, given.rest)
    return handed


def without_texts(given: Given) -> Given:
    """The arguments without texts and numbers, which tell of one call only; Django alone names relations by a text."""
    args = tuple(_known_by_kind(one) for one in given.args)
    return Given(args, {name: _known_by_kind(one) for name, one in given.keywords.items()}, given.rest)


def without_details(given: Given) -> Given:
    """The arguments as far as they say what kind of things they are."""
    args = tuple(_kind(one) for one in given.args)
    return Given(args, {name: _kind(one) for name, one in given.keywords.items()}, given.rest)


def _known_by_kind(value: Value) -> Value:
    is_detail = isinstance(value, Const) and value.value is not None and not isinstance(value.value, bool)
    return None if is_detail else value


def _kind(value: Value) -> Value:
    is_container = isinstance(value, (Many, Map, Zip, Fixed)) and not getattr(value, "waits", ())
    return None if is_container else _known_by_kind(value)


def _inside(value: Any, handed: Handed, depth: int = 0) -> Any:
    if isinstance(value, (Row, Rows)):
        return _numbered(value, handed)
    if isinstance(value, Closure):
        handed.whole = False
        return value
    if isinstance(value, Obj) and not value.rows:
        return value
    if isinstance(value, Method) and _is_unknown(value.of):
        return None
    if isinstance(value, tuple) and not isinstance(value, _WHOLE):
        named = hasattr(value, "_fields")
        if depth > _MAX_DEPTH and named:
            return None
        parts = [_inside(one, handed, depth + named) for one in value]
        return type(value)(*parts) if named else tuple(parts)
    return value


def _is_unknown(value: Value) -> bool:
    """Whether what is read of something has no meaning here: it is of the project, which does not say what it is."""
    if isinstance(value, Method):
        return _is_unknown(value.of)
    return value is None or isinstance(value, (Nothing, Const)) or (isinstance(value, Obj) and bool(value.cls.path))


def holds_rows(value: Any) -> bool:
    """Whether a value has rows anywhere in it, or something that no other call can have."""
    if isinstance(value, (Row, Rows, Closure)):
        return True
    if isinstance(value, Obj):
        return value.rows
    return isinstance(value, tuple) and not isinstance(value, _WHOLE) and any(holds_rows(one) for one in value)


def _numbered(value: Row | Rows, handed: Handed) -> Row | Rows:
    model = value.made.model if value.made is not None else value.model.name.rpartition(".")[2]
    made = Made(None, model, True, len(handed.numbers))
    handed.numbers.append(value)
    if isinstance(value, Row):
        return value._replace(made=made, path=(), loop=None, joins=True, below=False, one=False)
    of = _numbered(value.of, handed) if value.of is not None else None
    return value._replace(made=made, path=(), joins=True, one=False, level=0, of=of if isinstance(of, Row) else None)


def hand_out(value: Any, handed: Handed, level: int, call: Site | None = None, depth: int = 0) -> Any:
    """A value or effect of the body as the caller sees it; what is made there is made `level` loops deep here.

    `call` is where an effect was called from.
    """
    if isinstance(value, Read):
        return _read(value, handed, call)
    if isinstance(value, Query):
        return _query(value, handed)
    if isinstance(value, (Row, Rows)):
        return _outside(value, handed, level)
    if isinstance(value, Obj) and not value.rows:
        return value
    if isinstance(value, tuple) and not isinstance(value, _WHOLE):
        named = hasattr(value, "_fields")
        if depth > _MAX_DEPTH and named:
            return None
        parts = [hand_out(one, handed, level, call, depth + named) for one in value]
        return type(value)(*parts) if named else tuple(parts)
    return value


def _outside(value: Row | Rows, handed: Handed, level: int) -> Row | Rows:
    given = value.made.given if value.made is not None else -1
    if isinstance(value, Rows):
        of = _outside(value.of, handed, level) if value.of is not None else None
        value = value._replace(level=level, of=of if isinstance(of, Row) else None)
    if given < 0:
        return value
    actual = handed.numbers[given]
    value = value._replace(made=actual.made, path=(*actual.path, *value.path))
    if isinstance(value, Row):
        loop = actual.loop if isinstance(actual, Row) else None
        joins = value.joins and actual.joins
        below = value.below or (isinstance(actual, Row) and actual.below)
        return value._replace(loop=value.loop or loop, joins=joins, below=below, one=actual.one)
    value = value._replace(joins=value.joins and actual.joins, one=actual.one or _is_single(actual))
    return value._replace(level=actual.level) if isinstance(actual, Rows) else value


def _read(effect: Read, handed: Handed, call: Site | None) -> Read:
    if effect.made is None or effect.made.given < 0:
        return effect
    actual = handed.numbers[effect.made.given]
    joins = effect.joins and actual.joins
    one = actual.one or _is_single(actual)
    effect = replace(effect, made=actual.made, path=(*actual.path, *effect.path), joins=joins, one=one)
    if isinstance(actual, Row) and actual.below:
        effect = replace(effect, below=True)
    if isinstance(actual, Rows) or call is None:
        return effect
    lead = (call, *effect.lead)
    if actual.loop is not None:
        # A loop inside goes over what one row of the caller's loop has: the caller's is the one that counts.
        return replace(effect, loop=actual.loop, calls=(*lead, *effect.calls), lead=())
    return replace(effect, lead=lead)


def _is_single(value: Row | Rows) -> bool:
    """Whether what a caller hands in is one object, of which it has no others."""
    given = value.made is not None and value.made.given >= 0
    return isinstance(value, Row) and value.loop is None and not given


def _query(effect: Query, handed: Handed) -> Query | None:
    """None where a row that no loop gives is saved: that is done once."""
    if effect.given < 0:
        return effect
    actual = handed.numbers[effect.given]
    given = actual.made.given if actual.made is not None else -1
    if isinstance(actual, Rows):
        return replace(effect, given=given, level=actual.level)
    return replace(effect, given=given) if given >= 0 or actual.loop is not None or actual.new else None
