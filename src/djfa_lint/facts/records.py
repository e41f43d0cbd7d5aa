"""What is known of one file, as plain data: small, typed, serialisable, the same bytes for the same text.

Lines are 1-based. Names are as the file spells them (`facts` resolves nothing): the project resolves them.
"""

from __future__ import annotations

import msgspec

from djfa_lint.facts.values import Expr, Function, Statement


class Import(msgspec.Struct, frozen=True, array_like=True):
    """One name that an import statement binds.

    `module` and `attribute` are what is imported (`attribute` is empty for ``import module``); `level` counts the
    leading dots of a relative import. For ``import a.b`` the name is ``a`` and so is the module. A star import has
    the name ``*``.
    """

    name: str
    module: str
    attribute: str = ""
    level: int = 0


class Binding(msgspec.Struct, frozen=True, array_like=True):
    """One way in which a module-level name gets its value.

    `kind` is ``import``, ``def``, ``class``, ``alias`` (`target` is the dotted name assigned), ``call`` (`target` is
    the dotted name called), ``none`` (assigned None, as after a failed optional import) or ``other``.
    """

    kind: str
    line: int
    target: str = ""
    imported: Import | None = None


class Unit(msgspec.Struct, frozen=True, array_like=True):
    """A stretch of whole lines that can be parsed and judged alone.

    `kind` is ``function`` (outermost function or method, decorators included), ``class`` (a class without its
    methods) or ``statement`` (one at module level). `holes` are the line ranges of units inside this one. `kinds`
    are the bits of `facts.kinds`; `refs` the dotted names read in it whose root is not one of its own variables;
    `default_calls` are the dotted names called in its defaults: of parameters, of ``default=`` arguments, of
    annotated class attributes. `imports` is what it imports itself, inside a function. `depth` is the
    deepest nesting of its `ast`. `members` are the names of attributes that it reads of its own variables and of what
    it computes, `awaited` the bare names of what it calls and awaits at once, or enters with ``async with``.
    """

    kind: str
    name: str
    start: int
    end: int
    indented: bool
    kinds: int
    refs: tuple[str, ...]
    default_calls: tuple[str, ...] = ()
    holes: tuple[tuple[int, int], ...] = ()
    imports: tuple[Import, ...] = ()
    depth: int = 0
    members: tuple[str, ...] = ()
    awaited: tuple[str, ...] = ()


class Class(msgspec.Struct, frozen=True, array_like=True):
    """A class at module level or inside another class: its dotted name, line and bases as spelled ("" if computed).

    `body` are the assignments and calls in it; its methods and inner classes are functions and classes of the file.
    `computed` are the bases that are spelled "".
    """

    name: str
    line: int
    bases: tuple[str, ...]
    keywords: tuple[tuple[str, Expr], ...] = ()
    decorators: tuple[Expr, ...] = ()
    body: tuple[Statement, ...] = ()
    computed: tuple[Expr, ...] = ()


class FileFacts(msgspec.Struct, frozen=True, array_like=True):
    """Everything one Python file tells the others, and what is needed to find its suspect parts.

    `exports` are the names in ``__all__``, None where there is none or it is computed. `directives` says that a
    comment may speak to this linter (``djfa:`` is somewhere in the text).
    """

    path: str
    digest: str
    units: tuple[Unit, ...] = ()
    bindings: dict[str, tuple[Binding, ...]] = {}
    star_imports: tuple[Import, ...] = ()
    classes: tuple[Class, ...] = ()
    imported_modules: tuple[str, ...] = ()
    main_guard: bool = False
    generated: bool = False
    directives: bool = False
    exports: tuple[str, ...] | None = None
    declared: tuple[Statement, ...] = ()
    functions: tuple[Function, ...] = ()


_ENCODER = msgspec.msgpack.Encoder(order="sorted")
_DECODER = msgspec.msgpack.Decoder(FileFacts)


def encode(facts: FileFacts) -> bytes:
    """Bytes that are the same for equal facts, whatever order they were gathered in."""
    return _ENCODER.encode(facts)


def decode(data: bytes) -> FileFacts:
    """The facts that `encode` wrote; raises msgspec.DecodeError or ValidationError on anything else."""
    return _DECODER.decode(data)
