"""Where relationships lead, and whether they give one row or many, as SQLAlchemy decides it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from djfa_lint.project.declared import Lit, Made, Symbol, Value, options
from djfa_lint.project.entities import Relation
from djfa_lint.project.names import Known
from djfa_lint.project.sqlalchemy.attributes import Attribute, Attributes
from djfa_lint.project.sqlalchemy.constructs import made_by, option
from djfa_lint.project.sqlalchemy.joins import Joins
from djfa_lint.project.sqlalchemy.targets import Targets

_DYNAMIC = {"dynamic", "write_only"}


class Directed(NamedTuple):
    """A relationship with its direction, as `Joins` tells it."""

    relation: Relation
    direction: str


class Relationships:
    """Reads the relationships of mapped classes."""

    def __init__(self, attributes: Attributes, mapped: Iterable[Known]) -> None:
        """`mapped` are the classes that strings may name."""
        self.attributes, self.linker = attributes, attributes.linker
        self.declarative = attributes.declarative
        self.targets = Targets(self.declarative, mapped)
        self.joins = Joins(attributes, self.targets)

    def of(self, known: Known) -> Iterator[Directed | None]:
        """The relationships a class declares or takes from its bases; None for one that cannot be told."""
        for attribute in self.attributes.of(known):
            if attribute.kind == "relationship":
                yield self._relation(known, attribute)

    def reverse(self, known: Known, attribute: Attribute, directed: Directed) -> Relation | None:
        """What a relationship's `backref` puts on the other side."""
        given = option(self.linker, attribute.made, "backref") if attribute.made is not None else None
        made = made_by(given, "backref") if given is not None else None
        name = self.linker.text(self.linker.argument(made, 0, "name") if made is not None else given)
        relation = directed.relation
        if not name or relation.to is None:
            return None
        one = _flag(option(self.linker, made, "uselist")) if made is not None else None
        if one is None:
            if not directed.direction:
                return None
            one = directed.direction != "many"
        where = (attribute.path, attribute.line, attribute.owner)
        return Relation(
            name, known, one, True, "relationship", *where, attribute.name, relation.through, attribute.statement
        )

    def _relation(self, known: Known, attribute: Attribute) -> Directed | None:
        made = self._inner(attribute.made)
        target = self.targets.of(known, attribute, made)
        direction = self.joins.direction(known, target, made)
        many = self._many(attribute, made, direction)
        if many is None:
            return None
        if not direction and many:
            direction = "many"
        where = (attribute.path, attribute.line, attribute.owner)
        relation = Relation(
            attribute.name,
            target,
            many,
            False,
            "relationship",
            *where,
            self._accessor(made, attribute.made),
            self._through(made),
            attribute.statement,
        )
        return Directed(relation, direction)

    def _inner(self, made: Made | None) -> Made | None:
        """The `relationship` inside SQLModel's ``Relationship(sa_relationship=...)``."""
        given = self.linker.argument(made, -1, "sa_relationship") if made is not None else None
        return (made_by(given, "relationship") if given is not None else None) or made

    def _accessor(self, made: Made | None, outer: Made | None) -> str:
        for one in (made, outer):
            for name in ("back_populates", "backref"):
                value = option(self.linker, one, name) if one is not None else None
                inner = made_by(value, "backref") if value is not None else None
                text = self.linker.text(self.linker.argument(inner, 0, "name") if inner is not None else value)
                if text:
                    return text
        return ""

    def _through(self, made: Made | None) -> Known | None:
        """The class in between, where the association table is mapped."""
        value = self.joins.secondary(made)
        for one in options(value) if value is not None else ():
            if isinstance(one, Symbol):
                name = one.known.name.removesuffix(".__table__")
                cls = one.known._replace(name=name)
                if self.declarative.is_mapped(cls):
                    return cls
            text = self.linker.text(one)
            if text:
                return self.targets.with_table(text)
        return None

    # --- one or many

    def _many(self, attribute: Attribute, made: Made | None, direction: str) -> bool | None:
        told = _flag(option(self.linker, made, "uselist")) if made is not None else None
        if told is not None:
            return told
        said = attribute.meaning
        if made is not None and self.linker.text(option(self.linker, made, "lazy")) in _DYNAMIC:
            return True
        if made_by(made, "dynamic_loader") if made is not None else False:
            return True
        annotated = said.wrapper or (attribute.statement is not None and self._is_sqlmodel(attribute))
        if annotated and not said.many and (said.target is not None or said.name):
            return False
        # A collection's annotation gives way to a foreign key on this side.
        if annotated and said.many and not direction:
            return True
        return direction != "one" if direction else None

    def _is_sqlmodel(self, attribute: Attribute) -> bool:
        return attribute.made is not None and made_by(attribute.made, "Relationship") is not None


def _flag(value: Value | None) -> bool | None:
    return value.value if isinstance(value, Lit) and isinstance(value.value, bool) else None
