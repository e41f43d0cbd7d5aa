"""Models of libraries as the project meets them: as bases, as targets, and as holders of relations to its models."""

from __future__ import annotations

from djfa_lint.knowledge.library import LibraryModel, Relation, library
from djfa_lint.project.declared import Lit, Symbol, Value
from djfa_lint.project.django.fields import Body, Written
from djfa_lint.project.django.settings import installed_apps
from djfa_lint.project.entities import Field, Manager
from djfa_lint.project.linked import Linked
from djfa_lint.project.names import Known

_USER_SETTING = Known("django.conf.settings.AUTH_USER_MODEL")


def library_models(linked: Linked, bases: set[str]) -> dict[Known, LibraryModel]:
    """The library models that matter: of installed apps, and those among `bases`, by name."""
    # Anything may point at users and content types, and a project can name its apps where nothing sees it.
    apps = {*installed_apps(linked), "django.contrib.auth", "django.contrib.contenttypes"}
    found: dict[Known, LibraryModel] = {}
    for name, model in library().models().items():
        package = name.rpartition(".models.")[0] or name.rpartition(".")[0]
        if name in bases or any(app == package or app.startswith(package + ".") for app in apps):
            found[Known(name)] = model
    return found


def library_body(cls: Known) -> Body:
    """What a library's model declares, in the form of a class of the project."""
    model = library().model(cls.name)
    if model is None:
        return Body((), (), (), frozenset())
    related = {one.name for one in model.relations}
    fields = tuple(Field(one.name, one.type, "", 0, cls) for one in model.fields if one.name not in related)
    managers = tuple(
        Manager(one.name, Known(one.class_), Known(one.queryset) if one.queryset else None, cls)
        for one in model.managers
    )
    return Body(fields, tuple(_written(cls, one) for one in model.relations), managers, frozenset())


def _written(cls: Known, one: Relation) -> Written:
    to: Value | None = None
    if one.to == "AUTH_USER_MODEL":
        to = Symbol(_USER_SETTING)
    elif one.to == "self":
        to = Lit("self")
    elif one.to is not None:
        to = Symbol(Known(one.to))
    kind = _kind(one)
    return Written(one.name, kind, one.many, to, one.related_name or None, "", 0, cls)


def _kind(one: Relation) -> str:
    if one.to is None:
        return "generic" if one.many else "generic_fk"
    if one.many:
        return "m2m"
    return "one_to_one" if one.one_to_one else "fk"
