"""What an annotation of a mapped class says: ``Mapped[list["Order"]]``, ``Optional[str]``, ``Annotated[int, ...]``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from djfa_lint.facts.values import Binary, Const, Expr, Item, Many, Member, Ref
from djfa_lint.project.declared import UNKNOWN, Held, Made, Scope, Symbol
from djfa_lint.project.linker import Linker
from djfa_lint.project.names import Known
from djfa_lint.project.sqlalchemy.constructs import is_construct

_WORD = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
_TYPING = ("typing.", "typing_extensions.", "collections.abc.", "builtins.", "sqlalchemy.")
_COLLECTIONS = frozenset(
    "list set frozenset dict List Set FrozenSet Dict Sequence MutableSequence Collection Iterable MutableSet "
    "AbstractSet Mapping MutableMapping InstrumentedList OrderingList".split()
)
_WRAPPERS = ("Mapped", "DynamicMapped", "WriteOnlyMapped")
_DEEPEST = 12


class Meaning(NamedTuple):
    """What an annotation says.

    `wrapper` is ``Mapped``, ``DynamicMapped``, ``WriteOnlyMapped`` or "". `target` is the class in the middle, `name`
    how it is spelled where it cannot be told. `container` is the collection around it, if there is one. `made` are what
    ``Annotated`` adds, `constant` says ``ClassVar``.
    """

    wrapper: str = ""
    many: bool = False
    target: Known | None = None
    name: str = ""
    made: tuple[Made, ...] = ()
    constant: bool = False
    container: str = ""


def meaning(linker: Linker, scope: Scope, expr: Expr | None, depth: int = 0) -> Meaning:
    """What an annotation says, read in the scope of its module."""
    if expr is None or depth > _DEEPEST:
        return Meaning()
    if isinstance(expr, Const):
        return _text(linker, scope, expr.value) if isinstance(expr.value, str) else Meaning()
    if isinstance(expr, Binary) and expr.op == "|":
        return _first(linker, scope, (expr.left, expr.right), depth)
    if isinstance(expr, Item):
        return _subscript(linker, scope, expr, depth)
    if isinstance(expr, (Ref, Member)):
        value = linker.value(scope, expr)
        if isinstance(value, Symbol):
            container = value.known.name if _plain(value.known) in _COLLECTIONS else ""
            return Meaning(_wrapper(value), bool(container), value.known, container=container)
        if isinstance(value, Held):
            return meaning(linker, value.scope, value.expr, depth + 1)
        return Meaning(name=expr.name if isinstance(expr, Ref) else "")
    return Meaning()


def _first(linker: Linker, scope: Scope, parts: tuple[Expr, ...], depth: int) -> Meaning:
    """The first part of a union that says something."""
    read = [meaning(linker, scope, one, depth + 1) for one in parts]
    return next((one for one in read if one.target is not None or one.name), Meaning())


def _subscript(linker: Linker, scope: Scope, expr: Item, depth: int) -> Meaning:
    head = linker.value(scope, expr.of)
    parts = expr.index.items if isinstance(expr.index, Many) else (expr.index,)
    wrapper = _wrapper(head)
    if wrapper:
        inner = meaning(linker, scope, parts[0], depth + 1)
        return inner._replace(wrapper=wrapper, many=inner.many or wrapper != "Mapped")
    plain = _plain(head.known) if isinstance(head, Symbol) else ""
    if plain in {"Optional", "Union"}:
        return _first(linker, scope, parts, depth)
    if plain == "Annotated":
        added = (linker.value(scope, one) for one in parts[1:])
        inner = meaning(linker, scope, parts[0], depth + 1)
        return inner._replace(made=inner.made + tuple(one for one in added if isinstance(one, Made)))
    if plain in {"ClassVar", "Final"}:
        return Meaning(constant=plain == "ClassVar")
    if plain in _COLLECTIONS:
        inner = meaning(linker, scope, parts[-1], depth + 1)
        return inner._replace(many=True, container=head.known.name if isinstance(head, Symbol) else "")
    return Meaning(target=head.known) if isinstance(head, Symbol) else Meaning()


def _wrapper(head: object) -> str:
    if not isinstance(head, Symbol):
        return ""
    return next((one for one in _WRAPPERS if is_construct(head, one)), "")


def _plain(known: Known) -> str:
    return known.name.rpartition(".")[2] if not known.path and known.name.startswith(_TYPING) else ""


def _text(linker: Linker, scope: Scope, text: str) -> Meaning:
    """A quoted part of an annotation: ``"Order"``, ``"list[Order] | None"``."""
    words = list(_told(text))
    collections = [one for one in words if one.rpartition(".")[2] in _COLLECTIONS]
    rest = [one for one in words if one not in collections]
    if not rest:
        return Meaning()
    # Of a mapping the value counts, of anything else there is one name.
    name = rest[-1] if collections else rest[0]
    value = linker.value(scope, Ref(name))
    target = value.known if value != UNKNOWN and isinstance(value, Symbol) else None
    return Meaning(target=target, name=name, many=bool(collections))


def _told(text: str) -> Iterator[str]:
    for word in _WORD.findall(text):
        if word.rpartition(".")[2] not in {"None", "Optional", "Union", *_WRAPPERS}:
            yield word
