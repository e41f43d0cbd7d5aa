"""Which classes are mapped: derived from a declarative base, SQLModels with ``table=True``, and their tables' names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from djfa_lint.facts.records import Class
from djfa_lint.facts.values import Assigned, Const, Expr, Function, Ref
from djfa_lint.project.declared import Attribute, Made, Scope, Symbol, Value, options
from djfa_lint.project.linked import Linked
from djfa_lint.project.names import Known
from djfa_lint.project.sqlalchemy import texts
from djfa_lint.project.sqlalchemy.constructs import is_construct, is_extension, made_by

_MAKERS = ("declarative_base", "generate_base", "automap_base")
_SQLMODEL = "sqlmodel.SQLModel"
# Libraries whose classes called `...Base` are declarative bases of their own.
_BASES_OF = ("advanced_alchemy.base.", "litestar.contrib.sqlalchemy.base.", "litestar.plugins.sqlalchemy.base.")


class Base(NamedTuple):
    """What makes a class declarative: `key` tells one declarative base from another.

    `extra` are the classes a made base takes its attributes from (``declarative_base(cls=...)``); `complete` says that
    nothing else can stand behind it.
    """

    key: object
    extra: tuple[Known, ...] = ()
    complete: bool = True
    flask: bool = False


class Declarative:
    """Tells the mapped classes of a project."""

    def __init__(self, linked: Linked) -> None:
        self.linked, self.classes, self.linker = linked, linked.classes, linked.linker
        self._bases: dict[Known, Base | None] = {}
        self._complete: dict[Known, bool] = {}
        self._tables: dict[Known, tuple[str, bool]] = {}

    def classes_of_interest(self) -> Iterator[tuple[Known, Class]]:
        """Every class that has a declarative base, sorted."""
        for known, cls in sorted(self.classes.declared.items()):
            if (cls.bases or cls.decorators) and self.base(known) is not None:
                yield known, cls

    def is_abstract(self, known: Known) -> bool:
        """Whether a declarative class has no table and no rows."""
        member = self.classes.members(known).get("__abstract__")
        return isinstance(member, Assigned) and member.value == Const(True)

    def is_base(self, known: Known) -> bool:
        """Whether a class is a declarative base itself."""
        return any(self._is_root(one) for one in self.classes.base_names(known)) or self._is_declared_base(known)

    # --- bases

    def base(self, known: Known, depth: int = 0) -> Base | None:
        """The declarative base of a class, None where it has none."""
        if known in self._bases or depth > 60:
            return self._bases.get(known)
        self._bases[known] = None
        found = self._found(known, depth)
        self._bases[known] = found
        return found

    def _found(self, known: Known, depth: int) -> Base | None:
        declared = self.classes.declared[known]
        if self.is_base(known):
            return Base(known)
        if self._is_sqlmodel(known):
            return Base(_SQLMODEL) if _is_table(declared) and not self._has_table_base(known) else None
        for spelled, one in self.classes.spelled_bases(known):
            if one is not None and one in self.classes.declared:
                found = self.base(one, depth + 1)
            else:
                found = self._made_base(known, spelled)
            if found is not None:
                return found
        return self._by_decorator(known, declared) or self._by_table(known)

    def _is_root(self, known: Known | None) -> bool:
        if known is None or known.path:
            return False
        plain = is_construct(Symbol(known), "DeclarativeBase", "DeclarativeBaseNoMeta")
        return plain or (known.name.startswith(_BASES_OF) and known.name.endswith("Base"))

    def _is_declared_base(self, known: Known) -> bool:
        """``@as_declarative() class Base`` and ``class Base(metaclass=DeclarativeMeta)``."""
        declared = self.classes.declared[known]
        scope = self.linker.module(known.path)
        for name, value in declared.keywords:
            if name == "metaclass" and is_construct(self.linker.value(scope, value), "DeclarativeMeta"):
                return True
        return any(_is_made(self._decorator(scope, one), "as_declarative") for one in declared.decorators) or any(
            _is_method(self._decorator(scope, one), "as_declarative_base") for one in declared.decorators
        )

    def _decorator(self, scope: Scope, expr: Expr) -> Value:
        value = self.linker.value(scope, expr)
        return value.callee if isinstance(value, Made) else value

    def _made_base(self, known: Known, spelled: str) -> Base | None:
        """``Base = declarative_base()``, ``db.Model``, ``registry.generate_base()``."""
        if not spelled:
            return None
        value = self.linker.value(self.linker.module(known.path), Ref(spelled))
        for one in options(value):
            if isinstance(one, Attribute) and one.name == "Model" and is_extension(one.of):
                return Base(id(one.of), complete=False, flask=True)
            made = made_by(one, *_MAKERS) or _of_registry(one)
            if made is not None:
                given = self.linker.argument(made, -1, "cls")
                extra = tuple(cls for cls in self.linker.symbols(given) if cls in self.classes.declared)
                return Base(id(made.call), extra, made_by(one, "automap_base") is None)
        return None

    def _by_decorator(self, known: Known, declared: Class) -> Base | None:
        """``@mapper_registry.mapped``."""
        scope = self.linker.module(known.path)
        for one in declared.decorators:
            value = self._decorator(scope, one)
            if _is_method(value, "mapped") or _is_method(value, "mapped_as_dataclass"):
                return Base(id(value.of) if isinstance(value, Attribute) else value)
        return None

    def _by_table(self, known: Known) -> Base | None:
        """A class that names its table and has columns is mapped, whatever the unknown base it has is called."""
        members = self.classes.members(known)
        if "__tablename__" not in members or self.classes.mro(known).complete:
            return None
        values = (
            self.linker.class_value(known, one)
            for one in members.values()
            if isinstance(one, Assigned) and one.value is not None
        )
        return Base("", complete=False) if any(made_by(one, "Column", "mapped_column") for one in values) else None

    # --- SQLModel

    def _is_sqlmodel(self, known: Known) -> bool:
        return any(one.name == _SQLMODEL and not one.path for one in self.classes.mro(known).classes)

    def _has_table_base(self, known: Known) -> bool:
        """A SQLModel derived from one with a table gets no table of its own."""
        return any(
            _is_table(self.classes.declared[one])
            for one in self.classes.mro(known).classes[1:]
            if one in self.classes.declared
        )

    # --- attributes

    def order(self, known: Known) -> tuple[Known, ...]:
        """The project classes a mapped class takes its attributes from, itself first."""
        base = self.base(known)
        behind = [one for cls in (base.extra if base else ()) for one in self.classes.mro(cls).classes]
        return tuple(dict.fromkeys(one for one in (*self.classes.mro(known).classes, *behind) if one.path))

    def is_complete(self, known: Known) -> bool:
        """Whether every class it takes attributes from is known."""
        kept = self._complete.get(known)
        if kept is None:
            self._complete[known] = False
            base = self.base(known)
            kept = self._complete[known] = (base is None or base.complete) and self._bases_known(known)
        return kept

    def _bases_known(self, known: Known) -> bool:
        return all(
            self.is_complete(one)
            if one is not None and one in self.classes.declared
            else self._is_root(one)
            or (one is not None and self.classes.mro(one).complete)
            or self._made_base(known, name) is not None
            for name, one in self.classes.spelled_bases(known)
        )

    def table(self, known: Known) -> tuple[str, bool]:
        """The name of a class's own or inherited table ("" if not known), and whether it has one of its own."""
        kept = self._tables.get(known)
        if kept is None:
            kept = self._tables[known] = self._table(known)
        return kept

    def _table(self, known: Known) -> tuple[str, bool]:
        simple = known.name.rpartition(".")[2]
        for one in self.order(known):
            members = self.classes.members(one)
            for name in ("__tablename__", "__table__"):
                member = members.get(name)
                if member is None:
                    continue
                own = one == known or not self.is_mapped(one)
                return self._named(known, one, member), own
        base = self.base(known)
        if base is not None and base.key == _SQLMODEL:
            return simple.lower(), True
        parents = [one for one in self.order(known)[1:] if self.is_mapped(one)]
        if parents:
            return self.table(parents[0])[0], False
        return (texts.snake(simple), True) if base is not None and base.flask else ("", True)

    def _named(self, known: Known, owner: Known, member: object) -> str:
        if isinstance(member, Assigned):
            value = self.linker.class_value(owner, member)
            made = made_by(value, "Table")
            text = self.linker.argument(made, 0, "name") if made is not None else value
            return self.linker.text(text) or ""
        if isinstance(member, Function) and member.body:
            return texts.returned(self.linker, member, owner, known)
        return ""

    def is_mapped(self, known: Known) -> bool:
        """Whether a class has rows: declarative, no base itself, not abstract."""
        if known not in self.classes.declared or self.base(known) is None:
            return False
        return not self.is_base(known) and not self.is_abstract(known)

    def named(self, value: Value | None) -> Known | None:
        """The mapped class a value is, or may be: a name can also be that of a schema."""
        for one in options(value) if value is not None else ():
            if isinstance(one, Symbol) and self.is_mapped(one.known):
                return one.known
        return None


def _is_table(declared: Class) -> bool:
    return ("table", Const(True)) in declared.keywords


def _is_made(value: Value, name: str) -> bool:
    return is_construct(value, name)


def _is_method(value: Value, name: str) -> bool:
    return isinstance(value, Attribute) and value.name == name and made_by(value.of, "registry") is not None


def _of_registry(value: Value) -> Made | None:
    """``mapper_registry.generate_base()``."""
    return value if isinstance(value, Made) and _is_method(value.callee, "generate_base") else None
