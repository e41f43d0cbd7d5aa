"""What an annotation means: the class in it, and what stands behind ``Annotated``, aliases in other files included."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from djfa_lint.facts.values import Binary, Const, Expr, Item, Many, Opaque, Ref
from djfa_lint.project.declared import Held, Lit, Scope, Value, options
from djfa_lint.project.linker import Linker
from djfa_lint.project.names import Known

_NAME = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*\Z")
_TYPING = ("typing.", "typing_extensions.", "collections.abc.", "builtins.", "collections.")
_DEEPEST = 12
# What stands for its first argument: alone, or several of it.
_MARKS = frozenset({"Optional", "Annotated", "Final", "ClassVar", "Required", "NotRequired", "ReadOnly"})
_MANY = frozenset(
    "list List tuple Tuple set Set frozenset FrozenSet Sequence MutableSequence Iterable Collection AbstractSet deque "
    "Deque".split()
)


class Placed(NamedTuple):
    """An expression with where its names are to be read."""

    expr: Expr
    scope: Scope


class Shape(NamedTuple):
    """An annotation taken apart: ``X[A, B]`` or ``A | B`` (`union`); `origin` is the X, or the class alone."""

    origin: Known | None
    args: tuple[Placed, ...] = ()
    union: bool = False

    @property
    def name(self) -> str:
        """The last part of a typing construct's name (``Optional``, ``list``), "" for any other class."""
        full = self.origin.name if self.origin is not None and not self.origin.path else ""
        return full.rpartition(".")[2] if full.startswith(_TYPING) else ""


def shape(linker: Linker, placed: Placed, depth: int = 0) -> Shape:
    """Take an annotation apart; names that stand for another annotation are followed."""
    expr, scope = placed
    if depth > _DEEPEST:
        return Shape(None)
    if isinstance(expr, Const) and isinstance(expr.value, str):
        return shape(linker, Placed(Ref(expr.value), scope), depth + 1) if _NAME.match(expr.value) else Shape(None)
    if isinstance(expr, Const):
        return Shape(Known("builtins.None")) if expr.value is None else Shape(None)
    if isinstance(expr, Item):
        origin = shape(linker, Placed(expr.of, scope), depth + 1)
        parts = expr.index.items if isinstance(expr.index, Many) and expr.index.kind == "tuple" else (expr.index,)
        args = tuple(Placed(one, scope) for one in parts)
        return Shape(origin.origin if not origin.args else None, args, origin.name == "Union")
    if isinstance(expr, Binary):
        return Shape(None, (Placed(expr.left, scope), Placed(expr.right, scope)), expr.op == "|")
    return _named(linker, linker.value(scope, expr), depth) if not isinstance(expr, Opaque) else Shape(None)


def _named(linker: Linker, value: Value, depth: int) -> Shape:
    if isinstance(value, Held) and not isinstance(value.expr, Ref):
        return shape(linker, Placed(value.expr, value.scope), depth + 1)
    if isinstance(value, Lit) and value.value is None:
        return Shape(Known("builtins.None"))
    # A class imported in one of two ways is the project's own, if either is.
    symbols = linker.symbols(value)
    chosen = [one for one in symbols if one.path] or list(symbols)
    return Shape(chosen[0]) if len(chosen) == 1 and len(symbols) == len(options(value)) else Shape(None)


def plain_class(linker: Linker, placed: Placed, generics: bool = False, depth: int = 0) -> Known | None:
    """The one class in an annotation, ``Optional``, ``| None`` and lists around it left off; else None.

    Of a generic class with arguments it is that class, with `generics` the argument of a library's.
    """
    return class_in(linker, shape(linker, placed), generics, depth)


def class_in(linker: Linker, found: Shape, generics: bool = False, depth: int = 0) -> Known | None:
    """`plain_class` of an annotation taken apart already."""
    if depth > _DEEPEST:
        return None
    if found.union:
        return _single(linker, found.args, generics, depth)
    if not found.args:
        return found.origin if found.name not in {"None", "Any", "Union"} else None
    if found.name in _MARKS:
        return plain_class(linker, found.args[0], generics, depth + 1)
    if found.name in _MANY:
        return _single(linker, found.args, generics, depth)
    if found.origin is None or found.name:
        return None
    wraps = generics and not found.origin.path and len(found.args) == 1
    return plain_class(linker, found.args[0], generics, depth + 1) if wraps else found.origin


def _single(linker: Linker, args: tuple[Placed, ...], generics: bool, depth: int) -> Known | None:
    parts = [one for one in args if one.expr not in (Const(None), Opaque("Constant"))]
    found = {plain_class(linker, one, generics, depth + 1) for one in parts}
    return next(iter(found)) if len(found) == 1 else None


def extras(linker: Linker, placed: Placed, depth: int = 0) -> Iterator[Value]:
    """What ``Annotated`` adds to an annotation, the outermost last."""
    found = shape(linker, placed)
    if found.name == "Annotated" and found.args and depth <= _DEEPEST:
        yield from extras(linker, found.args[0], depth + 1)
        for one in found.args[1:]:
            yield linker.value(one.scope, one.expr)
