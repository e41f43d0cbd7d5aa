"""Reads `data/*.json`: the public classes of libraries, their bases and methods, and the models libraries bring.

One file for each top-level package, read when a name of that package is first asked about; `bench/library.py` writes
them from installed libraries. Every name taken is a dotted one, under any path the library offers it; every name
given is canonical: the shortest public one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal

import msgspec

Scalar = bool | int | float | str | None
Constant = Scalar | tuple[Any, ...]
MethodKind = Literal["method", "coroutine", "property", "cached"]


class Method(msgspec.Struct, frozen=True):
    """A method or property that a class defines itself; class and static methods are of kind `method`."""

    name: str
    kind: MethodKind


class ModelField(msgspec.Struct, frozen=True, array_like=True):
    """A field of a library's model; `type` is the canonical name of the field's class."""

    name: str
    type: str


class Relation(msgspec.Struct, frozen=True):
    """A forward relation of a library's model.

    `to` is the canonical name of the other model, `AUTH_USER_MODEL`, `self` on an abstract model that points at
    whatever it becomes, or None where any model can stand there. `related_name` is the accessor on the other side,
    with `%(class)s` and `%(app_label)s` left in on abstract models, or `+` where there is none.
    """

    name: str
    to: str | None = None
    many: bool = False
    one_to_one: bool = False
    related_name: str = "+"


class ModelManager(msgspec.Struct, frozen=True, rename={"class_": "class"}):
    """A manager of a library's model, with the canonical names of its class and of the class of its querysets."""

    name: str
    class_: str
    queryset: str


class LibraryModel(msgspec.Struct, frozen=True):
    """A model of a library: what it declares and what abstract models gave it, not what it joins to by inheritance.

    `relations` are also among `fields`; `swappable` is the setting that can put another model in its place, or empty;
    `unique` are the fields declared so, besides the primary key.
    """

    label: str
    abstract: bool = False
    proxy: bool = False
    swappable: str = ""
    fields: tuple[ModelField, ...] = ()
    relations: tuple[Relation, ...] = ()
    managers: tuple[ModelManager, ...] = ()
    unique: tuple[str, ...] = ()


class RelationField(msgspec.Struct, frozen=True):
    """How a field class relates two models.

    `many` says whether the field gives several objects, `reverse_many` whether the other side does; `to` is
    `argument` where the field's first argument names the other model, a canonical name where it is always the same
    one unless told otherwise, None where it can be any.
    """

    kind: Literal["fk", "one_to_one", "m2m", "generic_fk", "generic_relation", "tags"]
    to: str | None = None
    many: bool = False
    reverse_many: bool = False


class _Class(msgspec.Struct, frozen=True):
    bases: str = ""
    methods: str = ""
    coroutines: str = ""
    properties: str = ""
    cached: str = ""
    attributes: dict[str, Constant] = {}


class _File(msgspec.Struct, frozen=True):
    # Aliases: by module, by module of the canonical name, the names that are the same in both (`here=there` if not).
    aliases: dict[str, dict[str, str]]
    functions: dict[str, dict[str, str]]
    classes: dict[str, msgspec.Raw]
    models: dict[str, LibraryModel]
    relation_fields: dict[str, RelationField] = {}


class _Package:
    """One file, of which classes and modules are taken apart when they are asked about: a run needs few of them."""

    def __init__(self, file: _File) -> None:
        self.file = file
        self._classes: dict[str, _Class] = {}
        self._aliases: dict[str, dict[str, str]] = {}

    def cls(self, canonical: str) -> _Class | None:
        found = self._classes.get(canonical)
        if found is None and canonical in self.file.classes:
            found = self._classes[canonical] = msgspec.json.decode(self.file.classes[canonical], type=_Class)
        return found

    def class_name(self, name: str) -> str | None:
        if name in self.file.classes:
            return name
        return self._alias(self.file.aliases, "class ", name)

    def function_name(self, name: str) -> str | None:
        return self._alias(self.file.functions, "def ", name)

    def _alias(self, grouped: dict[str, dict[str, str]], kind: str, name: str) -> str | None:
        module, _, tail = name.rpartition(".")
        found = self._aliases.get(kind + module)
        if found is None and module in grouped:
            found = self._aliases[kind + module] = _expand(grouped[module])
        return found.get(tail) if found else None


_NO_METHODS: Mapping[str, Method] = MappingProxyType({})
_NO_ATTRIBUTES: Mapping[str, Constant] = MappingProxyType({})


class Library:
    """What is known of libraries; names that are not known give themselves, or nothing."""

    def __init__(self) -> None:
        self._folder = files(__package__).joinpath("data")
        self._tops = frozenset(one.name.removesuffix(".json") for one in self._folder.iterdir())
        self._packages: dict[str, _Package] = {}
        self._orders: dict[str, tuple[str, ...]] = {}
        self._mros: dict[str, tuple[str, ...]] = {}
        self._methods: dict[str, Mapping[str, Method]] = {}
        self._models: Mapping[str, LibraryModel] | None = None

    def canonical(self, name: str) -> str:
        """The canonical name of a class or function, with what follows a class's name kept; else the name itself."""
        package = self._package(name)
        if package is None:
            return name
        found = package.class_name(name) or package.function_name(name)
        head, _, tail = name.rpartition(".")
        while found is None and "." in head:
            known = package.class_name(head)
            found = known and f"{known}.{tail}"
            head, _, last = head.rpartition(".")
            tail = f"{last}.{tail}"
        return found or name

    def knows(self, name: str) -> bool:
        """Whether this is a class of the table, under any of its names."""
        return self._class(self.canonical(name)) is not None

    def bases(self, name: str) -> tuple[str, ...]:
        """The direct bases, canonical; those of other libraries and of Python are named too, but not `object`."""
        record = self._class(self.canonical(name))
        return tuple(record.bases.split()) if record else ()

    def mro(self, name: str) -> tuple[str, ...]:
        """The class and every class of the table it inherits from, in Python's own order; else the name alone."""
        name = self.canonical(name)
        found = self._mros.get(name)
        if found is None:
            found = (name, *(base for base in self._order(name)[1:] if self._class(base) is not None))
            self._mros[name] = found
        return found

    def methods(self, name: str) -> Mapping[str, Method]:
        """The methods and properties a class defines itself, by name; inherited ones are with its bases."""
        name = self.canonical(name)
        found = self._methods.get(name)
        if found is None:
            record = self._class(name)
            found = _methods(record) if record else _NO_METHODS
            self._methods[name] = found
        return found

    def attributes(self, name: str) -> Mapping[str, Constant]:
        """The class attributes that are small constants, as they are under default settings.

        A class is given as its canonical name.
        """
        record = self._class(self.canonical(name))
        return record.attributes if record else _NO_ATTRIBUTES

    def model(self, name: str) -> LibraryModel | None:
        """What a library's model declares, or None where this is no model of a library."""
        name = self.canonical(name)
        package = self._package(name)
        return package.file.models.get(name) if package else None

    def models(self) -> Mapping[str, LibraryModel]:
        """Every model of every library, by canonical name; this reads all files."""
        if self._models is None:
            packages = [self._package(top) for top in sorted(self._tops)]
            rows = (row for package in packages if package for row in package.file.models.items())
            self._models = MappingProxyType(dict(rows))
        return self._models

    def relation_field(self, name: str) -> RelationField | None:
        """How this class of model field relates two models, by its own entry or its nearest base's; else None."""
        for one in self.mro(name):
            package = self._package(one)
            if package and one in package.file.relation_fields:
                return package.file.relation_fields[one]
        return None

    def _order(self, canonical: str) -> tuple[str, ...]:
        """The whole order: bases outside the table take part in it, for `typing.Generic` moves those around it."""
        found = self._orders.get(canonical)
        if found is None:
            bases = self.bases(canonical)
            found = self._orders[canonical] = (canonical, *_merge([*map(self._order, bases), bases]))
        return found

    def _class(self, canonical: str) -> _Class | None:
        package = self._package(canonical)
        return package.cls(canonical) if package else None

    def _package(self, name: str) -> _Package | None:
        top = name.partition(".")[0]
        found = self._packages.get(top)
        if found is None and top in self._tops:
            text = self._folder.joinpath(f"{top}.json").read_bytes()
            found = self._packages[top] = _Package(msgspec.json.decode(text, type=_File))
        return found


@lru_cache(maxsize=1)
def library() -> Library:
    """The table that ships with the linter."""
    return Library()


def _expand(homes: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for home, names in homes.items():
        for name in names.split():
            alias, _, real = name.partition("=")
            found[alias] = f"{home}.{real or alias}"
    return found


def _methods(record: _Class) -> Mapping[str, Method]:
    kinds: tuple[tuple[MethodKind, str], ...] = (
        ("method", record.methods),
        ("coroutine", record.coroutines),
        ("property", record.properties),
        ("cached", record.cached),
    )
    return MappingProxyType({name: Method(name, kind) for kind, names in kinds for name in names.split()})


def _merge(lines: Iterable[tuple[str, ...]]) -> list[str]:
    """The C3 merge: always the first head that stands in no other line's tail."""
    rest = [list(line) for line in lines if line]
    merged: list[str] = []
    while rest:
        tails = {name for line in rest for name in line[1:]}
        # A base that was left out of the table can leave an order no head fits; the first line then decides.
        head = next((line[0] for line in rest if line[0] not in tails), rest[0][0])
        merged.append(head)
        rest = [kept for line in rest if (kept := [name for name in line if name != head])]
    return merged
