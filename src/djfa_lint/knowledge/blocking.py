"""Reads `blocking*.toml`: which calls and methods block, how they are typed, and what to write instead."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.resources import files

import msgspec
from msgspec import structs

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

    def named(self, name: str) -> Entry:
        """The same row under another name, for a row that stands for several."""
        return structs.replace(self, name=name, instead=self.instead.replace("{method}", name.rpartition(".")[2]))


class _Class(Entry, frozen=True, forbid_unknown_fields=True):
    methods: tuple[str, ...] = ()
    method: tuple[Entry, ...] = ()
    free: tuple[str, ...] = ()
    deep: bool = False


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

    `functions` are calls that block; `methods` the blocking methods by type, ``*`` for any method that is not `free`;
    `types` says what a call, a property or an attribute gives (a class gives itself); `deep` are the types whose other
    attributes and items are of the same type.
    """

    functions: dict[str, Entry]
    methods: dict[str, dict[str, Entry]]
    types: dict[str, str]
    free: dict[str, frozenset[str]]
    deep: frozenset[str]

    def named(self, name: str) -> Entry | None:
        """The row for a function or method by its whole dotted name."""
        owner, _, last = name.rpartition(".")
        return self.functions.get(name) or self.methods.get(owner, {}).get(last)

    def method(self, owner: str, name: str) -> Entry | None:
        """The row for a method of a type."""
        rows = self.methods.get(owner, {})
        found = rows.get(name)
        if found is not None or name.startswith("_"):
            return found
        whole = rows.get("*")
        return whole.named(f"{owner}.{name}") if whole is not None and name not in self.free[owner] else None

    def given(self, owner: str, name: str) -> str | None:
        """The type of an attribute of a type, or of what a method of it gives; None where it is not known."""
        found = self.types.get(f"{owner}.{name}")
        if found is None and owner in self.deep and name not in self.methods[owner]:
            return owner
        return found


@lru_cache(maxsize=1)
def blocking() -> Blocking:
    """The table that ships with the linter, all of its files together."""
    folder = files(__package__)
    names = sorted(
        one.name for one in folder.iterdir() if one.name.startswith("blocking") and one.name.endswith("toml")
    )
    return table(folder.joinpath(name).read_text(encoding="utf-8") for name in names)


def table_with(calls: Mapping[str, str]) -> Blocking:
    """The table with further calls: dotted names, each with what to write in its place, "" for a thread.

    A name below one that begins with a capital letter is a method of that class.
    """
    known = blocking()
    functions, types = dict(known.functions), dict(known.types)
    methods, free = dict(known.methods), dict(known.free)
    for name, instead in calls.items():
        owner, _, last = name.rpartition(".")
        row = Entry(name, kind="listed", weight="high", instead=instead or "await asyncio.to_thread(...)")
        if owner.rpartition(".")[2][:1].isupper():
            owner = types.setdefault(owner, owner)
            methods[owner] = {**methods.get(owner, {}), last: row}
            free.setdefault(owner, frozenset())
        else:
            functions[name] = row
    return Blocking(functions, methods, types, free, known.deep)


def table(texts: Iterable[str]) -> Blocking:
    """The table that these TOML texts hold."""
    parts = [msgspec.convert(tomllib.loads(text), _File) for text in texts]
    functions = {name: entry for one in parts for entry in one.functions for name in (entry.name, *entry.aliases)}
    classes = [cls for one in parts for cls in one.classes]
    types = {name: cls.name for cls in classes for name in (cls.name, *cls.aliases)}
    types.update((row.call, row.type) for one in parts for row in one.returns)
    return Blocking(
        functions,
        {cls.name: _methods(cls) for cls in classes},
        types,
        {cls.name: frozenset(cls.free) for cls in classes},
        frozenset(cls.name for cls in classes if cls.deep),
    )


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
            instead=(entry.instead or cls.instead).replace("{method}", "{method}" if name == "*" else name),
            offload=entry.offload and cls.offload,
            unless=entry.unless or cls.unless,
            when=entry.when or cls.when,
            shared=entry.shared or cls.shared,
            opens=entry.opens or cls.opens,
            source=entry.source or cls.source,
        )
    return result
