"""Reads `blocking.toml`: which calls and methods block, how they are typed, and what to write instead."""

from __future__ import annotations

import sys
from functools import lru_cache
from importlib.resources import files

import msgspec

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One call that blocks; the keys are explained at the head of the table."""

    name: str
    aliases: tuple[str, ...] = ()
    kind: str = ""
    weight: str = ""
    effect: str = "stalls"
    instead: str = ""
    offload: bool = True
    unless: tuple[str, ...] = ()
    when: tuple[str, ...] = ()
    shared: bool = False
    opens: bool = False
    source: str = ""


class _Class(Entry, frozen=True, forbid_unknown_fields=True):
    methods: tuple[str, ...] = ()
    method: tuple[Entry, ...] = ()


class _Returns(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    call: str
    type: str


class _File(
    msgspec.Struct,
    frozen=True,
    rename={"functions": "function", "classes": "class"},
    forbid_unknown_fields=True,
):
    functions: tuple[Entry, ...] = ()
    classes: tuple[_Class, ...] = ()
    returns: tuple[_Returns, ...] = ()


class Blocking(msgspec.Struct, frozen=True):
    """The table, looked up by dotted name.

    `functions` are calls that block; `methods` the blocking methods by type; `types` says what a call gives (a class
    gives itself); `names` is every name that can begin a finding, for filtering.
    """

    functions: dict[str, Entry]
    methods: dict[str, dict[str, Entry]]
    types: dict[str, str]
    names: frozenset[str]


@lru_cache(maxsize=1)
def blocking() -> Blocking:
    """The table that ships with the linter."""
    text = files(__package__).joinpath("blocking.toml").read_text(encoding="utf-8")
    raw = msgspec.convert(tomllib.loads(text), _File)
    functions = {name: entry for entry in raw.functions for name in (entry.name, *entry.aliases)}
    types = {name: cls.name for cls in raw.classes for name in (cls.name, *cls.aliases)}
    types.update((row.call, row.type) for row in raw.returns)
    methods = {cls.name: _methods(cls) for cls in raw.classes}
    return Blocking(functions, methods, types, frozenset((*functions, *types)))


def _methods(cls: _Class) -> dict[str, Entry]:
    """A class's methods with the class's own keys filled in where a method does not say otherwise."""
    own = {entry.name: entry for entry in cls.method}
    result = {}
    for name in (*cls.methods, *own):
        entry = own.get(name, Entry(name))
        result[name] = Entry(
            name=f"{cls.name}.{name}",
            kind=entry.kind or cls.kind,
            weight=entry.weight or cls.weight,
            effect=entry.effect if entry.effect != "stalls" else cls.effect,
            instead=(entry.instead or cls.instead).replace("{method}", name),
            offload=entry.offload and cls.offload,
            unless=entry.unless or cls.unless,
            when=entry.when or cls.when,
            shared=entry.shared or cls.shared,
            opens=entry.opens or cls.opens,
            source=entry.source or cls.source,
        )
    return result
