"""What the body of one model class declares: plain fields, relations as written, managers."""

from __future__ import annotations

from typing import NamedTuple

from djfa_lint.facts.values import Assigned
from djfa_lint.knowledge.library import RelationField, library
from djfa_lint.project.declared import UNKNOWN, Lit, Made, Symbol, Value, options
from djfa_lint.project.entities import Field, Manager
from djfa_lint.project.linked import Linked
from djfa_lint.project.names import Known

_FIELD = "django.db.models.Field"
_MANAGER = "django.db.models.Manager"
_QUERYSET = "django.db.models.QuerySet"
_TRANSLATED = "parler.models.TranslatedFields"


class Written(NamedTuple):
    """A relation as its declaration says it; `to`, `through` and `related_name` are still to be resolved.

    `related_name` is None where none is given, `parent_link` marks the link of multi-table inheritance. `symmetrical`
    is that of a many-to-many relation, None where it is not said.
    """

    name: str
    kind: str
    many: bool
    to: Value | None
    related_name: str | None
    path: str
    line: int
    owner: Known
    statement: Assigned | None = None
    through: Value | None = None
    parent_link: bool = False
    symmetrical: bool | None = None


class Body(NamedTuple):
    """What one class declares itself."""

    fields: tuple[Field, ...]
    relations: tuple[Written, ...]
    managers: tuple[Manager, ...]
    taken: frozenset[str]


def body_of(linked: Linked, cls: Known) -> Body:
    """Read one class; `taken` are all names its body binds, which hide fields of the same name in its bases."""
    fields: list[Field] = []
    relations: list[Written] = []
    managers: list[Manager] = []
    members = linked.classes.members(cls)
    for name, member in members.items():
        if not isinstance(member, Assigned) or member.value is None:
            continue
        for value in options(linked.linker.class_value(cls, member)):
            made = value if isinstance(value, Made) else None
            called = _class_called(linked, made)
            if made is None or called is None:
                continue
            relation = _relation_field(linked, called)
            if relation is not None:
                relations.append(_written(linked, cls, name, member, made, relation))
            elif linked.classes.is_a(called, _FIELD):
                fields.append(Field(name, called.name, cls.path, member.line, cls, member))
            elif called.name == _TRANSLATED:
                fields += _translated(cls, member, made)
            else:
                manager = _manager(linked, cls, name, made, called)
                managers += [manager] if manager is not None else []
            break
    return Body(tuple(fields), tuple(relations), tuple(managers), frozenset(members))


def _class_called(linked: Linked, made: Made | None) -> Known | None:
    """The class of something made: what is called, or the class whose class method is called."""
    if made is None:
        return None
    callee = made.callee
    if isinstance(callee, Made):
        # `Manager.from_queryset(Orders)()`
        return _class_called(linked, callee)
    if not isinstance(callee, Symbol):
        return None
    known = callee.known
    if known.name.endswith((".as_manager", ".from_queryset")):
        return known._replace(name=known.name.rpartition(".")[0])
    return known


def _relation_field(linked: Linked, cls: Known) -> RelationField | None:
    for one in linked.classes.mro(cls).classes:
        if not one.path:
            found = library().relation_field(one.name)
            if found is not None:
                return found
    return None


def _written(linked: Linked, cls: Known, name: str, member: Assigned, made: Made, relation: RelationField) -> Written:
    linker = linked.linker
    to: Value | None = Symbol(Known(relation.to)) if relation.to not in {None, "argument"} and relation.to else None
    if relation.to == "argument":
        to = linker.argument(made, 0, "to")
    if to is None and relation.kind in {"fk", "one_to_one", "m2m"}:
        to = _in_init(linked, made)
    related = linker.argument(made, -1, "related_query_name" if relation.kind == "generic_relation" else "related_name")
    if relation.kind == "tags":
        through = linker.argument(made, 1, "through")
        if through is None and _own_init(linked, made):
            to = through = UNKNOWN
    else:
        through = linker.argument(made, -1, "through")
    kind = {"generic_relation": "generic"}.get(relation.kind, relation.kind)
    return Written(
        name,
        kind,
        relation.many,
        to,
        # A name that cannot be read leads back under a name that is not known: no way back is told.
        (linker.text(related) or "+") if related is not None and related != Lit(None) else None,
        cls.path,
        member.line,
        cls,
        member,
        through,
        linker.argument(made, -1, "parent_link") == Lit(True),
        _truth(linker.argument(made, -1, "symmetrical")),
    )


def _in_init(linked: Linked, made: Made) -> Value | None:
    """The target of a project's own field class that sets ``to`` itself, as a default of its constructor."""
    called = _class_called(linked, made)
    for one in linked.classes.mro(called).classes if called is not None else ():
        init = linked.classes.members(one).get("__init__") if one.path else None
        for param in getattr(init, "params", ()):
            if param.name == "to" and param.default is not None:
                return linked.linker.value(linked.linker.module(one.path), param.default)
    return None


def _own_init(linked: Linked, made: Made) -> bool:
    """Whether a field class of the project has a constructor of its own, which may set anything."""
    called = _class_called(linked, made)
    classes = linked.classes.mro(called).classes if called is not None else ()
    return any("__init__" in linked.classes.members(one) for one in classes if one.path)


def _truth(value: Value | None) -> bool | None:
    return value.value if isinstance(value, Lit) and isinstance(value.value, bool) else None


def _translated(cls: Known, member: Assigned, made: Made) -> list[Field]:
    """The fields that django-parler keeps in another table and reads through the model."""
    return [
        Field(name, _TRANSLATED, cls.path, member.line, cls, member) for name, _ in made.call.keywords if name != "meta"
    ]


def _manager(linked: Linked, cls: Known, name: str, made: Made, called: Known) -> Manager | None:
    """A manager with the class of its querysets: named by ``from_queryset`` or ``as_manager``."""
    source = made.callee if isinstance(made.callee, Made) else made
    how = source.callee.known.name.rpartition(".")[2] if isinstance(source.callee, Symbol) else ""
    if how == "as_manager" and linked.classes.is_a(called, _QUERYSET):
        return Manager(name, Known(_MANAGER), called, cls)
    if not linked.classes.is_a(called, _MANAGER):
        return None
    if how == "from_queryset":
        found = linked.linker.symbols(linked.linker.argument(source, 0))
        return Manager(name, called, found[0] if found else None, cls)
    return Manager(name, called, queryset_of(linked, called), cls)


def queryset_of(linked: Linked, manager: Known) -> Known | None:
    """The class of a manager's querysets, as far as its bases and its `get_queryset` tell."""
    mro = linked.classes.mro(manager)
    querysets = (one for one in mro.classes if one.path and linked.classes.is_a(one, _QUERYSET))
    own = next((one for one in querysets if not linked.classes.is_a(one, _MANAGER)), None)
    if own is not None:
        return own
    found = linked.classes.attribute(manager, "get_queryset")
    returns = getattr(found.what, "returns", None) if found is not None else None
    if returns is not None and found is not None:
        for known in linked.linker.symbols(linked.linker.value(linked.linker.module(found.owner.path), returns)):
            if linked.classes.is_a(known, _QUERYSET):
                return known
    if found is not None and found.what is not None:
        return None
    return Known(_QUERYSET) if mro.complete else None
