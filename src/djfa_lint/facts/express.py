"""Turns an `ast` expression into plain data, as deep as a declaration is worth it."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import Any

from djfa_lint.facts.values import (
    Binary,
    Call,
    Const,
    Each,
    Either,
    Expr,
    Item,
    Many,
    Member,
    Opaque,
    Pairs,
    Ref,
    Spread,
    Text,
)

_MOST_DEEP = 40
# A long table of constants is data, not a declaration.
_MOST_CONSTANTS = 400
_LONGEST_TEXT = 4000
_NAME = re.compile(r"[A-Za-z_][\w]*(\.[A-Za-z_]\w*)*\Z")
_OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Mod: "%", ast.BitOr: "|"}


def express(node: ast.expr, depth: int = 0) -> Expr:
    """An expression as data; `Opaque` where it is of no kind that declares something, or too deep."""
    cls = node.__class__
    if cls is ast.Name:
        return Ref(node.id)  # type: ignore[attr-defined]
    if depth > _MOST_DEEP:
        return Opaque(cls.__name__)
    make = _MAKERS.get(cls)
    return make(node, depth + 1) if make is not None else Opaque(cls.__name__)


def express_annotation(node: ast.expr | None) -> Expr | None:
    """An annotation as data; one in quotes is read."""
    if node is None:
        return None
    if isinstance(node, ast.Name):
        return Ref(node.id)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return _quoted(node.value)
    return express(node)


def targets_of(node: ast.expr) -> tuple[str, ...]:
    """The names a ``for`` binds, one for each part of a tuple; "" for anything but a name."""
    parts = node.elts if isinstance(node, (ast.Tuple, ast.List)) else [node]
    return tuple(one.id if isinstance(one, ast.Name) else "" for one in parts)


def _quoted(text: str) -> Expr:
    if _NAME.match(text):
        return Ref(text)
    if len(text) > _LONGEST_TEXT:
        return Opaque("Constant")
    try:
        return express(ast.parse(text.strip(), mode="eval").body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Const(text) if _encodable(text) else Opaque("Constant")


def _constant(node: ast.Constant, _depth: int) -> Expr:
    value = node.value
    if isinstance(value, str):
        kept = len(value) <= _LONGEST_TEXT and _encodable(value)
        return Const(value) if kept else Opaque("Constant")
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        return Opaque("Constant")
    return Const(value) if value is None or isinstance(value, (int, float)) else Opaque("Constant")


def _encodable(text: str) -> bool:
    """Whether a text has no lone surrogates, which no encoding takes."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _attribute(node: ast.Attribute, depth: int) -> Expr:
    chain: list[str] = [node.attr]
    value: ast.expr = node.value
    while isinstance(value, ast.Attribute):
        chain.append(value.attr)
        value = value.value
    chain.reverse()
    if isinstance(value, ast.Name):
        return Ref(".".join([value.id, *chain]))
    if len(chain) > _MOST_DEEP:
        return Opaque("Attribute")
    found = express(value, depth)
    for name in chain:
        found = Member(found, name)
    return found


def _call(node: ast.Call, depth: int) -> Expr:
    return Call(
        express(node.func, depth),
        tuple([express(one, depth) for one in node.args]),
        tuple([(one.arg or "", express(one.value, depth)) for one in node.keywords]),
        node.lineno,
    )


def _display(kind: str) -> Callable[[Any, int], Expr]:
    def make(node: Any, depth: int) -> Expr:
        items = node.elts
        if len(items) > _MOST_CONSTANTS and all(isinstance(one, ast.Constant) for one in items):
            return Opaque(type(node).__name__)
        return Many(kind, tuple([express(one, depth) for one in items]))

    return make


def _dict(node: ast.Dict, depth: int) -> Expr:
    if len(node.keys) > _MOST_CONSTANTS:
        return Opaque("Dict")
    return Pairs(
        tuple(
            [
                (express(key, depth) if key is not None else None, express(value, depth))
                for key, value in zip(node.keys, node.values, strict=True)
            ]
        )
    )


def _binary(node: ast.BinOp, depth: int) -> Expr:
    op = _OPERATORS.get(type(node.op))
    return Binary(op, express(node.left, depth), express(node.right, depth)) if op else Opaque("BinOp")


def _comparison(node: ast.Compare, depth: int) -> Expr:
    """``a == b``, which is how SQLAlchemy writes a join; no other comparison declares anything."""
    if len(node.ops) != 1 or not isinstance(node.ops[0], ast.Eq):
        return Opaque("Compare")
    return Binary("==", express(node.left, depth), express(node.comparators[0], depth))


def _either(node: ast.IfExp, depth: int) -> Expr:
    return Either((express(node.body, depth), express(node.orelse, depth)))


def _boolean(node: ast.BoolOp, depth: int) -> Expr:
    return Either(tuple([express(one, depth) for one in node.values])) if isinstance(node.op, ast.Or) else Opaque("And")


def _comprehension(node: Any, depth: int) -> Expr:
    if len(node.generators) != 1:
        return Opaque(type(node).__name__)
    generator = node.generators[0]
    return Each(express(node.elt, depth), targets_of(generator.target), express(generator.iter, depth))


def _unary(node: ast.UnaryOp, depth: int) -> Expr:
    """``-1``; no other operator of one operand declares anything."""
    value = express(node.operand, depth) if isinstance(node.op, ast.USub) else None
    number = value.value if isinstance(value, Const) else None
    if not isinstance(number, (int, float)) or isinstance(number, bool) or number > 2**63:
        return Opaque("UnaryOp")
    return Const(-number)


def _formatted(node: ast.FormattedValue, depth: int) -> Expr:
    # `{x:03}` and `{x!r}` are not the text of `x`; 115 is `!s`.
    plain = node.format_spec is None and node.conversion in {-1, 115}
    return express(node.value, depth) if plain else Opaque("FormattedValue")


def _joined(node: ast.JoinedStr, depth: int) -> Expr:
    return Text(tuple([express(one, depth) for one in node.values]))


_MAKERS: dict[type[ast.expr], Callable[[Any, int], Expr]] = {
    ast.Constant: _constant,
    ast.Attribute: _attribute,
    ast.Call: _call,
    ast.List: _display("list"),
    ast.Tuple: _display("tuple"),
    ast.Set: _display("set"),
    ast.Dict: _dict,
    ast.BinOp: _binary,
    ast.Compare: _comparison,
    ast.IfExp: _either,
    ast.BoolOp: _boolean,
    ast.Subscript: lambda node, depth: Item(express(node.value, depth), express(node.slice, depth)),
    ast.Starred: lambda node, depth: Spread(express(node.value, depth)),
    ast.FormattedValue: _formatted,
    ast.UnaryOp: _unary,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.JoinedStr: _joined,
    ast.Await: lambda node, depth: express(node.value, depth),
    ast.NamedExpr: lambda node, depth: express(node.value, depth),
}
