"""The mapped classes of a project as models."""

from __future__ import annotations

from djfa_lint.project.entities import Model, Relation
from djfa_lint.project.linked import Linked
from djfa_lint.project.names import Known
from djfa_lint.project.roles import Role
from djfa_lint.project.sqlalchemy.attributes import Attributes
from djfa_lint.project.sqlalchemy.constructs import PACKAGES
from djfa_lint.project.sqlalchemy.declarative import Declarative
from djfa_lint.project.sqlalchemy.relationships import Relationships


def models(linked: Linked) -> tuple[Model, ...]:
    """Every class SQLAlchemy maps to a table, and every abstract one, sorted by its name; tests are left out."""
    if not any(one.partition(".")[0] in PACKAGES for facts in linked.files.values() for one in facts.imported_modules):
        return ()
    declarative = Declarative(linked)
    found = [
        known
        for known, _ in declarative.classes_of_interest()
        if not declarative.is_base(known) and not _is_left_out(linked, known.path)
    ]
    mapped = [one for one in found if not declarative.is_abstract(one)]
    attributes = Attributes(declarative)
    relations, unclear = _relations(Relationships(attributes, mapped), found)
    made = []
    for known in found:
        table, _ = declarative.table(known)
        made.append(
            Model(
                known,
                known.path,
                linked.classes.declared[known].line,
                "sqlalchemy",
                table,
                abstract=declarative.is_abstract(known),
                complete=declarative.is_complete(known) and known not in unclear,
                fields=tuple(attributes.field(one) for one in attributes.of(known) if one.kind == "column"),
                relations=tuple(relations[known].values()),
            )
        )
    return tuple(made)


def _is_left_out(linked: Linked, path: str) -> bool:
    """Tests, and revisions of Alembic wherever they are kept: their classes are copies of what once was."""
    bound = linked.files[path].bindings
    return bool(linked.roles(path) & {Role.TEST, Role.MIGRATION}) or ("revision" in bound and "down_revision" in bound)


def _relations(relationships: Relationships, found: list[Known]) -> tuple[dict[Known, dict[str, Relation]], set[Known]]:
    """The relations of each class by name, and the classes that have some which cannot be told."""
    relations: dict[Known, dict[str, Relation]] = {}
    reverse: dict[Known, dict[str, Relation]] = {}
    unclear: set[Known] = set()
    for known in found:
        own = relations[known] = {}
        attributes = [one for one in relationships.attributes.of(known) if one.kind == "relationship"]
        for attribute, directed in zip(attributes, relationships.of(known), strict=True):
            if directed is None:
                unclear.add(known)
                continue
            own[attribute.name] = directed.relation
            if _is_own(relationships, known, attribute.owner):
                back, to = relationships.reverse(known, attribute, directed), directed.relation.to
                if back is not None and to is not None:
                    reverse.setdefault(to, {}).setdefault(back.name, back)
    for known in found:
        for one in relationships.declarative.order(known):
            for name, relation in reverse.get(one, {}).items():
                relations[known].setdefault(name, relation)
    return relations, unclear


def _is_own(relationships: Relationships, known: Known, owner: Known) -> bool:
    """Whether a relationship is a class's own: not that of a mapped parent, which has the way back already."""
    declarative = relationships.declarative
    return not declarative.is_abstract(known) and (owner == known or not declarative.is_mapped(owner))
