"""What declared names hold: lists of URLs, routers, apps, settings, followed through files, loops and factories.

Nothing is run. A `Value` says what an expression would be when the module is imported, as far as that can be told
from the declarations; `UNKNOWN` is an answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from djfa_lint.facts.values import Call, Expr, Function, Literal, Statement
from djfa_lint.project.names import Known


class Unknown(NamedTuple):
    """What cannot be told."""


class Lit(NamedTuple):
    """A string, number, truth value or None."""

    value: Literal


class Symbol(NamedTuple):
    """A definition: a class, function, method or module of the project, or a name of a library (canonical)."""

    known: Known


@dataclass(frozen=True, eq=False)
class Made:
    """What a call gives; one for each call and each run of the function it stands in.

    `callee` is a `Symbol`, or an `Attribute` for a method of something. Arguments are read with `Declared.argument`.
    """

    callee: Value
    call: Call
    scope: Scope


class Attribute(NamedTuple):
    """An attribute of something made, or of something unknown."""

    of: Value
    name: str


@dataclass(frozen=True, eq=False)
class Listed:
    """A list, tuple or set; `whole` is False if it may hold more than its items."""

    items: tuple[Value, ...]
    whole: bool = True


@dataclass(frozen=True, eq=False)
class Mapped:
    """A dict; values of keys that are not known have an `Unknown` key."""

    items: tuple[tuple[Value, Value], ...]


@dataclass(frozen=True, eq=False)
class Choice:
    """One of several."""

    options: tuple[Value, ...]


@dataclass(frozen=True, eq=False)
class Held:
    """An expression kept as written, with where its names are to be read: a subscript, an f-string."""

    expr: Expr
    scope: Scope


@dataclass(frozen=True, eq=False)
class Several:
    """Something made that stands for several items of a list: ``[...] + i18n_patterns(...)``."""

    value: Value


Value = Unknown | Lit | Symbol | Made | Attribute | Listed | Mapped | Choice | Held | Several
UNKNOWN = Unknown()
_MOST_ROUNDS = 5_000
_MOST_OPTIONS = 200


class Scope:
    """Where names are read: a module, or one run of a function or loop in it."""

    def __init__(
        self,
        path: str,
        statements: tuple[Statement, ...],
        values: dict[str, Value] | None = None,
        parent: Scope | None = None,
        function: Function | None = None,
        passing: bool = False,
    ) -> None:
        """`values` are names that are given from outside: parameters, a loop's variables.

        A `passing` scope only adds values to the one around it: what is made in it is made in that one.
        """
        self.path = path
        self.statements = statements
        self.given = values or {}
        self.parent = parent
        self.function = function
        self.kept: dict[str, Value] = {}
        self.home: Scope = parent.home if passing and parent is not None else self
        self.depth: int = parent.depth + 1 if parent is not None else 0
        # How many rounds the loops in it may still have, one within the other.
        self.rounds: int = parent.rounds if parent is not None else _MOST_ROUNDS


def options(value: Value) -> tuple[Value, ...]:
    """The values something may be: a choice's options, else itself."""
    if isinstance(value, Choice):
        return tuple(one for option in value.options for one in options(option))
    return (value,)


def choice(values: list[Value]) -> Value:
    """One value for several that a name may hold: what is unknown or None is left out where anything else is there."""
    distinct = list(dict.fromkeys(one for value in values for one in options(value)))
    telling = [one for one in distinct if one != UNKNOWN and one != Lit(None)] or distinct
    if not telling or len(telling) > _MOST_OPTIONS:
        return UNKNOWN
    return telling[0] if len(telling) == 1 else Choice(tuple(telling))


Plain: TypeAlias = "str | int | float | bool | tuple[Plain, ...] | dict[str, Plain] | None"


def plain(value: Value | None) -> Plain:
    """A value as plain data: texts, numbers, tuples and dicts with texts as keys; None for what cannot be told."""
    if isinstance(value, Lit):
        return value.value
    if isinstance(value, Listed):
        return tuple(plain(one) for one in value.items)
    if isinstance(value, Mapped):
        texts = ((key.value, one) for key, one in value.items if isinstance(key, Lit))
        return {key: plain(one) for key, one in texts if isinstance(key, str)}
    return value.known.name if isinstance(value, Symbol) else None
