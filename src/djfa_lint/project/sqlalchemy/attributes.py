"""What a mapped class declares, over its bases: columns and relationships as written, and its foreign keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from djfa_lint.facts.values import Assigned, Call, Expr, Function, Many, Ref
from djfa_lint.project.declared import UNKNOWN, Made, Scope, Symbol, Value, options
from djfa_lint.project.entities import Field
from djfa_lint.project.names import Known
from djfa_lint.project.sqlalchemy import texts
from djfa_lint.project.sqlalchemy.annotations import Meaning, meaning
from djfa_lint.project.sqlalchemy.constructs import is_column, is_construct, made_by
from djfa_lint.project.sqlalchemy.declarative import Declarative

RELATIONSHIPS = ("relationship", "relation", "dynamic_loader", "Relationship")
_COLUMNS = ("column_property", "deferred", "query_expression", "Field")
# Made by a library or not: a `Mapped` annotation with one of these is no column.
_OTHERS = ("synonym", "composite", "association_proxy", "hybrid_property")
_NO_TYPES = ("ForeignKey", "Identity", "Sequence", "Computed", "FetchedValue", "CheckConstraint", "Column")
_SQLMODEL = "sqlmodel.SQLModel"


class Attribute(NamedTuple):
    """Something a mapped class has: `kind` is ``column`` or ``relationship``; `made` is the call that makes it."""

    name: str
    kind: str
    owner: Known
    line: int
    meaning: Meaning
    made: Made | None
    statement: Assigned | None
    path: str


class ForeignKey(NamedTuple):
    """A foreign key of a class: its column, the table or class it leads to, whether it is (in) the primary key."""

    column: str
    table: str
    cls: Known | None
    primary: bool


class Attributes:
    """Reads the attributes of mapped classes; answers are kept."""

    def __init__(self, declarative: Declarative) -> None:
        self.declarative = declarative
        self.linker, self.classes = declarative.linker, declarative.classes
        self._own: dict[Known, dict[str, Attribute | None]] = {}
        self._all: dict[Known, tuple[Attribute, ...]] = {}
        self._keys: dict[Known, tuple[ForeignKey, ...]] = {}
        self._added = self._outside()

    def of(self, known: Known) -> tuple[Attribute, ...]:
        """The columns and relationships of a class, those of its bases included."""
        kept = self._all.get(known)
        if kept is None:
            kept = self._all[known] = tuple(self._over_bases(known))
        return kept

    def _over_bases(self, known: Known) -> Iterator[Attribute]:
        seen: set[str] = set()
        sqlmodel = self.is_sqlmodel(known)
        for one in self.declarative.order(known):
            for name, attribute in self._declared(one).items():
                # SQLModel takes relationships from the class with the table only.
                if sqlmodel and one != known and attribute is not None and attribute.kind == "relationship":
                    continue
                if name not in seen and attribute is not None:
                    yield attribute
                seen.add(name)
            for name, member in self.classes.members(one).items():
                if name not in seen and isinstance(member, Function):
                    found = self._computed(known, one, name, member)
                    if found is not None:
                        yield found
                seen.add(name)
        yield from self._of_table(known, seen)

    def is_sqlmodel(self, known: Known) -> bool:
        """Whether a class is a SQLModel."""
        return any(one.name == _SQLMODEL for one in self.classes.mro(known).classes)

    # --- in class bodies

    def _declared(self, known: Known) -> dict[str, Attribute | None]:
        """The assigned attributes of one class; None for one that is neither column nor relationship."""
        kept = self._own.get(known)
        if kept is None:
            sqlmodel = self.is_sqlmodel(known)
            kept = self._own[known] = {}
            for name, member in self.classes.members(known).items():
                if isinstance(member, Assigned) and not (name.startswith("__") and name.endswith("__")):
                    kept[name] = self._read(known, name, member, self.linker.class_scope(known), sqlmodel)
            for one in self._added.get(known, ()):
                kept[one.name] = one
        return kept

    def _read(self, owner: Known, name: str, statement: Assigned, scope: Scope, sqlmodel: bool) -> Attribute | None:
        # A method's or column's name may hide a class in the body: annotations are read in the module.
        said = meaning(self.linker, self.linker.module(scope.path), statement.annotation)
        value = self.linker.value(scope, statement.value)
        kind, made = self._kind(said, value)
        if not kind and sqlmodel and statement.annotation is not None:
            kind = "" if said.constant or name.startswith("_") or name == "model_config" else "column"
        return Attribute(name, kind, owner, statement.line, said, made, statement, scope.path) if kind else None

    def _kind(self, said: Meaning, value: Value) -> tuple[str, Made | None]:
        made = made_by(value, *RELATIONSHIPS)
        if made is not None:
            return "relationship", made
        made = is_column(self.classes, value) or made_by(value, *_COLUMNS)
        if made is not None:
            return "column", made
        if not said.wrapper or any(_is_other(one) for one in options(value)):
            return "", None
        if said.target is not None and self.declarative.is_mapped(said.target):
            return "relationship", None
        return "column", next((one for one in said.made if is_column(self.classes, one)), None)

    def _computed(self, known: Known, owner: Known, name: str, function: Function) -> Attribute | None:
        """What a `declared_attr` gives for a class."""
        module = self.linker.module(owner.path)
        if name.startswith("__") or not any(self._is_declared_attr(module.path, one) for one in function.decorators):
            return None
        said = meaning(self.linker, module, function.returns)
        scope = texts.scope_of(self.linker, function, owner, known)
        for expr in texts.results(function.body):
            kind, made = self._kind(said, self.linker.value(scope, expr))
            if kind:
                return Attribute(name, kind, owner, function.line, said, made, None, owner.path)
        kind, made = self._kind(said, UNKNOWN)
        return Attribute(name, kind or "column", owner, function.line, said, made, None, owner.path)

    def _is_declared_attr(self, path: str, expr: Expr) -> bool:
        value = self.linker.value(self.linker.module(path), expr)
        name = value.known.name if isinstance(value, Symbol) else ""
        return is_construct(value, "declared_attr") or name.startswith("sqlalchemy.orm.declared_attr.")

    def _of_table(self, known: Known, seen: set[str]) -> Iterator[Attribute]:
        """The columns of ``__table__ = Table("name", metadata, Column("id", Integer))``."""
        found = self.classes.attribute(known, "__table__")
        if found is None or not isinstance(found.what, Assigned):
            return
        table = made_by(self.linker.class_value(found.owner, found.what), "Table")
        for expr in table.call.args if table is not None else ():
            made = is_column(self.classes, self.linker.value(table.scope, expr)) if table is not None else None
            name = self.linker.text(self.linker.argument(made, 0, "name")) if made is not None else None
            if made is not None and name and name not in seen:
                yield Attribute(name, "column", found.owner, made.call.line, Meaning(), made, None, found.owner.path)

    def _outside(self) -> dict[Known, list[Attribute]]:
        """What is put on classes at module level: ``User.orders = relationship(...)``."""
        added: dict[Known, list[Attribute]] = {}
        for path, facts in sorted(self.declarative.linked.files.items()):
            for one in facts.declared:
                if not isinstance(one, Assigned) or one.target.count(".") != 1 or one.op or one.maybe:
                    continue
                owner, _, name = one.target.partition(".")
                scope = self.linker.module(path)
                cls = self.declarative.named(self.linker.value(scope, Ref(owner)))
                found = self._read(cls, name, one, scope, False) if cls is not None else None
                if cls is not None and found is not None:
                    added.setdefault(cls, []).append(found)
        return added

    # --- columns

    def field(self, attribute: Attribute) -> Field:
        """A column as a field."""
        kind = self._type(attribute.made) if attribute.made is not None else ""
        said = attribute.meaning
        for made in said.made if not kind else ():
            kind = kind or self._type(made)
        kind = kind or said.container or (said.target.name if said.target is not None else "")
        return Field(attribute.name, kind, attribute.path, attribute.line, attribute.owner, attribute.statement)

    def _type(self, made: Made) -> str:
        given = self.linker.argument(made, -1, "type_")
        values = [given] if given is not None else [self.linker.value(made.scope, one) for one in made.call.args[:3]]
        for value in values:
            while isinstance(value, Made) and not isinstance(value.callee, Symbol):
                value = getattr(value.callee, "of", UNKNOWN)
            if is_column(self.classes, value):
                return self._type(value) if isinstance(value, Made) and value is not made else ""
            callee = value.callee if isinstance(value, Made) else value
            if isinstance(callee, Symbol) and not is_construct(callee, *_NO_TYPES):
                if callee.known.name.endswith(".as_mutable") and isinstance(value, Made):
                    return self._type(value)
                return callee.known.name
        return ""

    # --- foreign keys

    def foreign_keys(self, known: Known) -> tuple[ForeignKey, ...]:
        """The foreign keys of a class and its bases."""
        kept = self._keys.get(known)
        if kept is None:
            columns = [one for one in self.of(known) if one.kind == "column"]
            found = [key for one in columns for key in self._keys_of(one)]
            kept = self._keys[known] = (*found, *self._constraints(known))
        return kept

    def _keys_of(self, attribute: Attribute) -> Iterator[ForeignKey]:
        for made in (attribute.made, *attribute.meaning.made):
            if made is not None:
                yield from self._keys_in(attribute.name, made)

    def _keys_in(self, column: str, made: Made) -> Iterator[ForeignKey]:
        primary = self.linker.argument(made, -1, "primary_key")
        is_primary = primary is not None and getattr(primary, "value", False) is True
        if made_by(made, "Field"):
            text = self.linker.text(self.linker.argument(made, -1, "foreign_key"))
            if text:
                yield ForeignKey(column, _table_in(text), None, is_primary)
        given = [self.linker.value(made.scope, one) for one in made.call.args]
        given += [self.linker.argument(made, -1, "sa_column") or UNKNOWN]
        given += self.linker.items(self.linker.argument(made, -1, "sa_column_args"))
        for value in given:
            key, inner = made_by(value, "ForeignKey"), is_column(self.classes, value)
            if key is not None:
                yield self._leads(column, key, is_primary)
            elif inner is not None and inner is not made:
                yield from self._keys_in(column, inner)

    def _leads(self, column: str, key: Made, primary: bool) -> ForeignKey:
        text = self.linker.text(self.linker.argument(key, 0, "column"))
        if text:
            return ForeignKey(column, _table_in(text), None, primary)
        expr = key.call.argument(0, "column")
        name = expr.name if isinstance(expr, Ref) else ""
        while "." in name:
            name = name.rpartition(".")[0]
            value = self.linker.value(key.scope, Ref(name))
            cls = self.declarative.named(value)
            if cls is not None:
                return ForeignKey(column, "", cls, primary)
            table = made_by(value, "Table")
            if table is not None:
                found = self.linker.text(self.linker.argument(table, 0, "name"))
                return ForeignKey(column, found or "", None, primary)
        return ForeignKey(column, "", None, primary)

    def _constraints(self, known: Known) -> Iterator[ForeignKey]:
        """``__table_args__ = (ForeignKeyConstraint(["a"], ["t.a"]),)``."""
        found = self.classes.attribute(known, "__table_args__")
        if found is None or not isinstance(found.what, Assigned):
            return
        for value in self.linker.items(self.linker.class_value(found.owner, found.what)):
            made = made_by(value, "ForeignKeyConstraint")
            if made is None:
                continue
            columns, targets = _parts(made, 0, "columns"), _parts(made, 1, "refcolumns")
            for column, target in zip(columns, targets, strict=False):
                # Columns are named by strings or by the names of the class body.
                plain = (
                    column.name if isinstance(column, Ref) else self.linker.text(self.linker.value(made.scope, column))
                )
                if plain:
                    yield self._leads(plain, Made(made.callee, Call(Ref(""), (target,)), made.scope), False)


def _parts(made: Made, position: int, name: str) -> tuple[Expr, ...]:
    given = made.call.argument(position, name)
    return given.items if isinstance(given, Many) else ()


def _table_in(text: str) -> str:
    """The table of ``schema.table.column``."""
    parts = text.split(".")
    return parts[-2] if len(parts) > 1 else parts[0]


def _is_other(value: Value) -> bool:
    callee = value.callee if isinstance(value, Made) else None
    name = callee.known.name if isinstance(callee, Symbol) and not callee.known.path else ""
    return name.rpartition(".")[2] in _OTHERS
