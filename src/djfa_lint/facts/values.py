"""Expressions and statements as plain data: what a file declares at module level, in class bodies and in factories.

A declaration is kept as written, nothing is resolved: ``path("orders/", views.index)`` is a `Call` of a `Ref`. What is
not worth keeping (a lambda, a comparison) is `Opaque`. Lines are 1-based.
"""

from __future__ import annotations

import msgspec

Literal = str | int | float | bool | None


class Ref(msgspec.Struct, frozen=True, array_like=True, tag="r"):
    """A name or dotted name."""

    name: str


class Const(msgspec.Struct, frozen=True, array_like=True, tag="c"):
    """A string, number, truth value or None."""

    value: Literal


class Call(msgspec.Struct, frozen=True, array_like=True, tag="()"):
    """A call; a keyword with an empty name is ``**value``."""

    callee: Expr
    args: tuple[Expr, ...] = ()
    keywords: tuple[tuple[str, Expr], ...] = ()
    line: int = 0

    def argument(self, position: int, name: str = "") -> Expr | None:
        """The argument given by this keyword or at this position (0-based; -1: by keyword only), or None."""
        for keyword, value in self.keywords:
            if name and keyword == name:
                return value
        if 0 <= position < len(self.args) and not any(isinstance(one, Spread) for one in self.args[: position + 1]):
            return self.args[position]
        return None


class Member(msgspec.Struct, frozen=True, array_like=True, tag="."):
    """An attribute of something that is not a dotted name."""

    of: Expr
    name: str


class Item(msgspec.Struct, frozen=True, array_like=True, tag="[]"):
    """A subscript."""

    of: Expr
    index: Expr


class Many(msgspec.Struct, frozen=True, array_like=True, tag="s"):
    """A display; `kind` is ``list``, ``tuple`` or ``set``."""

    kind: str
    items: tuple[Expr, ...]


class Pairs(msgspec.Struct, frozen=True, array_like=True, tag="{}"):
    """A dict display; a None key is ``**value``."""

    items: tuple[tuple[Expr | None, Expr], ...]


class Binary(msgspec.Struct, frozen=True, array_like=True, tag="+"):
    """Two operands; `op` is the operator as written, of ``+ - * / % | ==``."""

    op: str
    left: Expr
    right: Expr


class Spread(msgspec.Struct, frozen=True, array_like=True, tag="*"):
    """``*value``."""

    value: Expr


class Either(msgspec.Struct, frozen=True, array_like=True, tag="?"):
    """One of several: ``a if test else b``, ``a or b``."""

    options: tuple[Expr, ...]


class Each(msgspec.Struct, frozen=True, array_like=True, tag="e"):
    """A list or set comprehension or generator of one ``for``."""

    element: Expr
    targets: tuple[str, ...]
    iterable: Expr


class Text(msgspec.Struct, frozen=True, array_like=True, tag="f"):
    """An f-string."""

    parts: tuple[Expr, ...]


class Opaque(msgspec.Struct, frozen=True, array_like=True, tag="x"):
    """Anything else; `what` is the `ast` type."""

    what: str


Expr = Ref | Const | Call | Member | Item | Many | Pairs | Binary | Spread | Either | Each | Text | Opaque


class Assigned(msgspec.Struct, frozen=True, array_like=True, tag="="):
    """``target = value``; `op` is the operator of an augmented one, `maybe` that it stands under a condition.

    A bare annotation (``x: int``) has no value.
    """

    target: str
    value: Expr | None
    line: int
    annotation: Expr | None = None
    op: str = ""
    maybe: bool = False


class Done(msgspec.Struct, frozen=True, array_like=True, tag="!"):
    """A call made for its effect."""

    call: Call
    line: int
    maybe: bool = False


class Looped(msgspec.Struct, frozen=True, array_like=True, tag="for"):
    """A ``for`` statement with what is kept of its body."""

    targets: tuple[str, ...]
    iterable: Expr
    body: tuple[Statement, ...]
    line: int


class Imported(msgspec.Struct, frozen=True, array_like=True, tag="import"):
    """An import in a function: the name it binds, and what is imported, as in `records.Import`."""

    name: str
    module: str
    attribute: str = ""
    level: int = 0


class Returned(msgspec.Struct, frozen=True, array_like=True, tag="return"):
    """``return value``."""

    value: Expr
    line: int


class Defined(msgspec.Struct, frozen=True, array_like=True, tag="def"):
    """A decorated function or class stands here; `name` is its dotted name in the file."""

    name: str
    line: int
    maybe: bool = False


Statement = Assigned | Done | Looped | Imported | Returned | Defined


class Param(msgspec.Struct, frozen=True, array_like=True):
    """A parameter; `kind` is ``positional``, ``normal``, ``keyword``, ``*`` or ``**``."""

    name: str
    kind: str = "normal"
    annotation: Expr | None = None
    default: Expr | None = None


class Function(msgspec.Struct, frozen=True, array_like=True):
    """A function or method, or a decorated function inside a function.

    `name` is dotted through the classes and functions around it, `line` that of its name, `start` that of its first
    decorator, `owner` the dotted name of the class it is a method of. `body` is kept where it may declare something:
    in factories and in methods that a framework asks for declarations. `registers` says that it puts something into an
    app, a router or a registry itself. `answers` are the dotted names called in its return statements, where its first
    parameter is called ``request`` and it returns nothing else.
    """

    name: str
    line: int
    start: int
    coroutine: bool = False
    params: tuple[Param, ...] = ()
    returns: Expr | None = None
    decorators: tuple[Expr, ...] = ()
    owner: str = ""
    body: tuple[Statement, ...] = ()
    registers: bool = False
    answers: tuple[str, ...] = ()
