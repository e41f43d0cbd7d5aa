"""Django models with all their relations: declared, inherited, and from the other side."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from djfa_lint.facts.values import Assigned, Call, Const, Many
from djfa_lint.knowledge.library import library
from djfa_lint.project.django.apps import Apps
from djfa_lint.project.django.fields import Body, Written, body_of
from djfa_lint.project.django.outside import library_body, library_models
from djfa_lint.project.django.references import References
from djfa_lint.project.entities import Field, Manager, Model, Relation
from djfa_lint.project.linked import Linked
from djfa_lint.project.names import Known

_MODEL = "django.db.models.Model"
_MANAGER = "django.db.models.Manager"
_QUERYSET = "django.db.models.QuerySet"
_TAGGED = "taggit.models.TaggedItem"
_ONE_BACK = {"one_to_one", "parent"}
_NO_WAY_BACK = {"generic_fk", "tags"}
_EMPTY = (None, Const(None), Many("tuple", ()), Many("list", ()))


@dataclass
class _Draft:
    """A model being put together."""

    known: Known
    line: int
    label: str
    abstract: bool
    proxy: bool
    complete: bool
    default_related_name: str = ""
    ordered: bool = False
    base_manager: str = ""
    parents: list[Known] = field(default_factory=list)
    fields: dict[str, Field] = field(default_factory=dict)
    written: dict[str, Written] = field(default_factory=dict)
    managers: dict[str, Manager] = field(default_factory=dict)
    relations: dict[str, Relation] = field(default_factory=dict)
    inherited: bool = False

    @property
    def name(self) -> str:
        return self.known.name.rpartition(".")[2]


def models(linked: Linked) -> tuple[Model, ...]:
    """The Django models of a project itself, sorted by file and line."""
    return tuple(one for one in every_model(linked) if one.path)


def every_model(linked: Linked) -> tuple[Model, ...]:
    """All Django models of a project and those of the libraries it installs, sorted by file and line."""
    drafts = _drafts(linked)
    bodies = {known: _body(linked, known) for known in _bases(linked, drafts)}
    for draft in drafts.values():
        _gather(linked, draft, drafts, bodies)
    concrete = [one for one in drafts.values() if not one.abstract]
    references = References(linked, ((one.label, one.known) for one in concrete if one.known.path))
    for draft in drafts.values():
        _resolve(draft, references)
    for draft in drafts.values():
        _follow_tags(draft, drafts)
    for draft in concrete:
        _point_back(draft, drafts)
    for draft in drafts.values():
        _inherit(draft, drafts)
    found = sorted(drafts.values(), key=lambda one: (one.known.path, one.line, one.known.name))
    return tuple(_model(one) for one in found)


def _drafts(linked: Linked) -> dict[Known, _Draft]:
    classes, apps = linked.classes, Apps(linked)
    ours = [*classes.subclasses(_MODEL), *_by_their_fields(linked)]
    drafts = {cls: _draft(linked, apps, cls) for cls in ours}
    bases = {one.name for cls in ours for one in classes.mro(cls).classes if not one.path}
    for known, model in sorted(library_models(linked, bases).items()):
        drafts[known] = _Draft(known, 0, model.label, model.abstract, model.proxy, True)
    return drafts


def _by_their_fields(linked: Linked) -> list[Known]:
    """Classes with a base that is not known and columns of their own: only a model can use those."""
    found: list[Known] = []
    for cls, declared in linked.classes.declared.items():
        mro = linked.classes.mro(cls)
        called = (one.value for one in declared.body if isinstance(one, Assigned) and isinstance(one.value, Call))
        if mro.complete or not any(called) or any(one.name == _MODEL for one in mro.classes):
            continue
        body = body_of(linked, cls)
        if body.fields or body.relations:
            found.append(cls)
    return sorted(found)


def _draft(linked: Linked, apps: Apps, cls: Known) -> _Draft:
    declared = linked.classes.declared[cls]
    label = _meta_text(linked, cls, "app_label") or apps.label(cls.path)
    return _Draft(
        cls,
        declared.line,
        f"{label}.{declared.name.rpartition('.')[2]}",
        _meta_says(linked, cls, "abstract"),
        _meta_says(linked, cls, "proxy"),
        linked.classes.mro(cls).complete,
        _meta_text(linked, cls, "default_related_name"),
        _meta_has(linked, cls, "ordering"),
        _meta_text(linked, cls, "base_manager_name"),
    )


def _meta_has(linked: Linked, cls: Known, name: str) -> bool:
    """Whether the model's `Meta`, its own or that of a base, sets this to something."""
    meta = linked.classes.inner(cls, "Meta")
    found = linked.classes.attribute(meta, name) if meta is not None else None
    return found is not None and isinstance(found.what, Assigned) and found.what.value not in _EMPTY


def _meta_says(linked: Linked, cls: Known, name: str) -> bool:
    """Whether the model's own `Meta` sets this to True; Django does not let it be inherited."""
    meta = Known(f"{cls.name}.Meta", path=cls.path)
    member = linked.classes.members(meta).get(name) if meta in linked.classes.declared else None
    return isinstance(member, Assigned) and member.value == Const(True)


def _meta_text(linked: Linked, cls: Known, name: str) -> str:
    """A text in the model's `Meta`, its own or that of a base."""
    meta = linked.classes.inner(cls, "Meta")
    found = linked.classes.attribute(meta, name) if meta is not None else None
    if found is None or not isinstance(found.what, Assigned):
        return ""
    return linked.linker.text(linked.linker.class_value(found.owner, found.what)) or ""


def _bases(linked: Linked, drafts: dict[Known, _Draft]) -> set[Known]:
    return {one for cls in drafts for one in linked.classes.mro(cls).classes}


def _body(linked: Linked, known: Known) -> Body:
    return body_of(linked, known) if known.path else library_body(known)


def _gather(linked: Linked, draft: _Draft, drafts: dict[Known, _Draft], bodies: dict[Known, Body]) -> None:
    """Take what the class and its abstract bases declare; a concrete base keeps its own, and becomes a parent."""
    behind: set[Known] = set()
    hidden: set[str] = set()
    for one in linked.classes.mro(draft.known).classes:
        other = drafts.get(one)
        if one in behind:
            continue
        if other is not None and not other.abstract and one != draft.known:
            draft.parents.append(one)
            behind.update(linked.classes.mro(one).classes)
            continue
        body = bodies[one]
        if other is not None or library().model(one.name) is not None:
            _take(draft, body, hidden)
        hidden |= body.taken


def _take(draft: _Draft, body: Body, hidden: set[str]) -> None:
    for plain in body.fields:
        if plain.name not in hidden:
            draft.fields.setdefault(plain.name, plain)
    for written in body.relations:
        if written.name not in hidden and written.name not in draft.fields:
            draft.written.setdefault(written.name, written)
    for manager in body.managers:
        if manager.name not in hidden:
            draft.managers.setdefault(manager.name, manager)


def _resolve(draft: _Draft, references: References) -> None:
    """Find the targets, and the names under which they lead back."""
    label = draft.label.rpartition(".")[0]
    for one in draft.written.values():
        to = references.model(one.to, draft.known, label)
        through = references.model(one.through, draft.known, label)
        kind = "parent" if one.parent_link else one.kind
        accessor = _accessor(draft, one, to)
        draft.relations[one.name] = Relation(
            one.name, to, one.many, False, kind, one.path, one.line, one.owner, accessor, through, one.statement
        )
    linked_parents = {one.to for one in draft.relations.values() if one.kind == "parent"}
    for parent in draft.parents:
        link = f"{parent.name.rpartition('.')[2].lower()}_ptr"
        if not draft.proxy and not draft.abstract and parent not in linked_parents and link not in draft.relations:
            back = draft.name.lower()
            draft.relations[link] = Relation(
                link, parent, False, False, "parent", draft.known.path, draft.line, draft.known, back
            )


def _follow_tags(draft: _Draft, drafts: dict[Known, _Draft]) -> None:
    """What django-taggit makes of a manager: the tags are what its table points to, and the rows can be read too."""
    for name, one in list(draft.relations.items()):
        if one.kind != "tags" or one.to is None:
            continue
        through = one.through or Known(_TAGGED)
        table = drafts.get(through)
        tag = table.relations.get("tag") if table is not None else None
        if tag is not None and one.through is not None:
            draft.relations[name] = one._replace(to=tag.to)
        if table is not None and any(other.kind == "generic_fk" for other in table.relations.values()):
            rows = one._replace(name="tagged_items", to=through, kind="generic", through=None)
            draft.relations.setdefault(rows.name, rows)


def _accessor(draft: _Draft, one: Written, to: Known | None) -> str:
    """The name of the way back, as Django makes it; "" where there is none."""
    related = one.related_name if one.related_name is not None else draft.default_related_name
    if one.kind in _NO_WAY_BACK or related.endswith("+") or draft.abstract:
        return ""
    if one.kind == "m2m" and to == draft.known and one.symmetrical is not False:
        return ""
    if one.kind == "generic" and one.related_name is None:
        return ""
    label = draft.label.rpartition(".")[0].lower()
    if related:
        values = {"class": draft.name.lower(), "model_name": draft.name.lower(), "app_label": label}
        for name, value in values.items():
            related = related.replace(f"%({name})s", value)
        return related
    return draft.name.lower() if one.kind in _ONE_BACK or one.parent_link else f"{draft.name.lower()}_set"


def _point_back(draft: _Draft, drafts: dict[Known, _Draft]) -> None:
    """Give every target the way back; a relation to a proxy is one to its concrete model."""
    if draft.proxy:
        return
    for one in [one for one in draft.relations.values() if not one.reverse]:
        target = _concrete(one.to, drafts)
        if target is not None and one.accessor:
            back = one._replace(
                name=one.accessor, to=draft.known, many=one.kind not in _ONE_BACK, reverse=True, accessor=one.name
            )
            target.relations.setdefault(back.name, back)


def _concrete(to: Known | None, drafts: dict[Known, _Draft]) -> _Draft | None:
    draft = drafts.get(to) if to is not None else None
    while draft is not None and draft.proxy and draft.parents:
        draft = drafts.get(draft.parents[0])
    return draft


def _inherit(draft: _Draft, drafts: dict[Known, _Draft]) -> None:
    """Take over what concrete parents have, their ways back included."""
    if draft.inherited:
        return
    draft.inherited = True
    for parent in draft.parents:
        above = drafts[parent]
        _inherit(above, drafts)
        for name, one in above.fields.items():
            draft.fields.setdefault(name, one)
        for name, relation in above.relations.items():
            to_itself = relation.reverse and relation.kind == "parent"
            if name not in draft.relations and (draft.proxy or not to_itself):
                draft.relations[name] = relation
        if not draft.managers and draft.proxy:
            draft.managers.update(above.managers)


def _model(draft: _Draft) -> Model:
    managers = draft.managers or {
        "objects": Manager("objects", Known(_MANAGER), Known(_QUERYSET), draft.known),
    }
    return Model(
        draft.known,
        draft.known.path,
        draft.line,
        "django",
        draft.label,
        draft.abstract,
        draft.proxy,
        draft.complete,
        tuple(draft.fields.values()),
        tuple(_in_order(draft.relations.values())),
        tuple(managers.values()),
        draft.ordered,
        draft.base_manager,
    )


def _in_order(relations: Iterable[Relation]) -> list[Relation]:
    return sorted(relations, key=lambda one: (one.reverse, one.path, one.line, one.name))
