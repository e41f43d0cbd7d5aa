"""What a `declared_attr` gives for a class, as far as it is text: table names like ``cls.__name__.lower()``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from djfa_lint.facts.values import Call, Const, Expr, Function, Looped, Ref, Returned, Statement, Text
from djfa_lint.project.declared import Lit, Scope, Symbol
from djfa_lint.project.linker import Linker
from djfa_lint.project.names import Known

_CAPITAL = re.compile(r"(?<=[a-z0-9])([A-Z])|(?<=[A-Z])([A-Z])(?=[a-z])")
_ENDINGS = ("", "s", "es")


def snake(name: str) -> str:
    """``OrderItem`` as ``order_item``, as Flask-SQLAlchemy names tables."""
    return _CAPITAL.sub(lambda match: "_" + match.group(0), name).lower()


def resembles(table: str, cls: str) -> bool:
    """Whether a table can have got its name from a class by a rule of the project that is not known."""
    plain, name = table.replace("_", "").lower(), cls.lower()
    return plain in {name + ending for ending in _ENDINGS} or (name.endswith("y") and plain == name[:-1] + "ies")


def scope_of(linker: Linker, function: Function, owner: Known, cls: Known) -> Scope:
    """The scope of a method that is asked about a class: its first parameter is that class."""
    first = function.params[0].name if function.params else "cls"
    return Scope(owner.path, function.body, {first: Symbol(cls)}, linker.module(owner.path), function)


def results(statements: tuple[Statement, ...]) -> Iterator[Expr]:
    """What a function's body returns."""
    for one in statements:
        if isinstance(one, Returned):
            yield one.value
        elif isinstance(one, Looped):
            yield from results(one.body)


def returned(linker: Linker, function: Function, owner: Known, cls: Known) -> str:
    """The text a `declared_attr` returns for a class, "" where it cannot be told."""
    found = list(results(function.body))
    if len(found) != 1:
        return ""
    return _text(linker, scope_of(linker, function, owner, cls), found[0], cls) or ""


def _text(linker: Linker, scope: Scope, expr: Expr, cls: Known) -> str | None:
    if isinstance(expr, Text):
        parts = [_text(linker, scope, one, cls) for one in expr.parts]
        return "".join(one for one in parts if one is not None) if None not in parts else None
    if isinstance(expr, Const):
        return str(expr.value)
    if isinstance(expr, Call):
        inner = expr.callee
        if isinstance(inner, Ref) and inner.name.endswith(".lower") and not expr.args:
            name = _text(linker, scope, Ref(inner.name.removesuffix(".lower")), cls)
            return name.lower() if name is not None else None
        return None
    value = linker.value(scope, expr)
    if isinstance(value, Symbol) and value.known.name == f"{cls.name}.__name__":
        return cls.name.rpartition(".")[2]
    return str(value.value) if isinstance(value, Lit) else None
