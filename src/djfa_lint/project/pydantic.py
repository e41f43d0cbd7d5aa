"""Pydantic models with their fields, those of SQLModel and django-ninja included."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from djfa_lint.facts.values import Assigned, Const
from djfa_lint.project.annotations import Placed, class_in, shape
from djfa_lint.project.declared import Lit, Made, Mapped, Symbol, Value
from djfa_lint.project.entities import Field, Schema
from djfa_lint.project.linked import Linked
from djfa_lint.project.names import Known

_BASES = ("pydantic.BaseModel", "pydantic.BaseSettings", "pydantic.v1.BaseModel", "pydantic.v1.BaseSettings")
_TABLE = "sqlmodel.SQLModel"
# What Pydantic takes for its own among a class's names.
_OWN = frozenset({"model_config", "Config"})


class Schemas(Mapping[Known, Schema]):
    """The project's Pydantic models by class, in the order of their names; tables of SQLModel are left out.

    A project has hundreds of them and few are asked about: the fields of each are read at the first question.
    """

    def __init__(self, linked: Linked) -> None:
        self._linker, self._classes = linked.linker, linked.classes
        self._read: dict[Known, Schema] = {}
        self._kept: dict[Known, tuple[tuple[str, Field | None], ...]] = {}
        found = {cls for base in _BASES for cls in self._classes.subclasses(base)}
        self._every = {cls: None for cls in sorted(found) if not self._is_table(cls)}

    def __getitem__(self, cls: Known) -> Schema:
        found = self._read.get(cls)
        if found is None:
            if cls not in self._every:
                raise KeyError(cls)
            found = self._read[cls] = self._schema(cls)
        return found

    def __iter__(self) -> Iterator[Known]:
        return iter(self._every)

    def __len__(self) -> int:
        return len(self._every)

    def _is_table(self, cls: Known) -> bool:
        """Whether an SQLModel class is a table, which is said for each class anew."""
        if not self._classes.is_a(cls, _TABLE):
            return False
        return ("table", Const(True)) in self._classes.declared[cls].keywords

    def _schema(self, cls: Known) -> Schema:
        declared, mro = self._classes.declared[cls], self._classes.mro(cls)
        fields: dict[str, Field] = {}
        # A field keeps the place where it came up first, and is what the last class says.
        for owner in reversed(mro.classes):
            if owner not in self._kept:
                self._kept[owner] = tuple(self._fields(owner))
            for name, field in self._kept[owner]:
                if field is not None:
                    fields[name] = field
                else:
                    fields.pop(name, None)
        config = self._config(cls)
        return Schema(cls, cls.path, declared.line, tuple(fields.values()), tuple(sorted(config.items())), mro.complete)

    def _fields(self, owner: Known) -> Iterator[tuple[str, Field | None]]:
        """What a class declares, a mixin that is no model too; None for a name that is no field any more."""
        declared = self._classes.declared.get(owner) if owner.path else None
        if declared is None:
            return
        scope = self._linker.class_scope(owner)
        for statement in declared.body:
            if not isinstance(statement, Assigned) or statement.op:
                continue
            name = statement.target
            if statement.annotation is None or name.startswith("_") or "." in name or name in _OWN:
                continue
            found = shape(self._linker, Placed(statement.annotation, scope))
            if found.name == "ClassVar":
                yield name, None
                continue
            cls = class_in(self._linker, found)
            yield name, Field(name, cls.name if cls else "", owner.path, statement.line, owner, statement)

    def _config(self, cls: Known) -> dict[str, object]:
        """The constants of ``model_config``, ``class Config`` and of the class statement, the nearest class last."""
        found: dict[str, object] = {}
        for owner in reversed(self._classes.mro(cls).classes):
            declared = self._classes.declared.get(owner) if owner.path else None
            if declared is None:
                continue
            scope = self._linker.class_scope(owner)
            for statement in declared.body:
                if isinstance(statement, Assigned) and statement.target == "model_config":
                    found |= self._constants(self._linker.value(scope, statement.value))
            found |= self._inner(owner)
            keywords = {name: self._linker.value(scope, value) for name, value in declared.keywords if name}
            found |= _literals(keywords)
        return found

    def _constants(self, value: Value) -> dict[str, object]:
        if isinstance(value, Mapped):
            return _literals({one.value: held for one, held in value.items if isinstance(one, Lit)})
        if not isinstance(value, Made) or not isinstance(value.callee, Symbol):
            return {}
        found: dict[str, object] = {}
        for name, expr in value.call.keywords:
            held = self._linker.value(value.scope, expr)
            found |= _literals({name: held}) if name else self._constants(held)
        return found

    def _inner(self, owner: Known) -> dict[str, object]:
        """What ``class Config`` says, its own bases included."""
        inner = Known(f"{owner.name}.Config", path=owner.path)
        if inner not in self._classes.declared:
            return {}
        found: dict[str, object] = {}
        for one in reversed(self._classes.mro(inner).classes):
            for name, member in (self._classes.members(one) if one.path else {}).items():
                if isinstance(member, Assigned):
                    found |= _literals({name: self._linker.class_value(one, member)})
        return found


def _literals(values: Mapping[Any, Value]) -> dict[str, object]:
    return {name: one.value for name, one in values.items() if isinstance(name, str) and isinstance(one, Lit)}
