"""Everything that the frameworks make of a project, each part worked out when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any, Protocol, TypeVar

from djfa_lint.project import celery, fastapi, ninja, pydantic, sqlalchemy
from djfa_lint.project.declared import Plain, plain
from djfa_lint.project.django import admin, serializers, signals, templates, urls, views
from djfa_lint.project.django import models as django_models
from djfa_lint.project.django import settings as django_settings
from djfa_lint.project.entities import (
    Admin,
    Endpoint,
    Model,
    Receiver,
    Schema,
    Serializer,
    Task,
    Template,
    View,
)
from djfa_lint.project.linked import Linked
from djfa_lint.project.names import Known
from djfa_lint.project.serving import Served, served


class _Named(Protocol):
    @property
    def known(self) -> Known: ...


_NamedT = TypeVar("_NamedT", bound=_Named)
_AnyT = TypeVar("_AnyT")


PARTS = (
    "models",
    "endpoints",
    "views",
    "served",
    "serializers",
    "forms",
    "schemas",
    "admins",
    "tasks",
    "receivers",
    "templates",
    "settings",
)


class Frameworks:
    """The entities of a project, read-only."""

    def __init__(self, linked: Linked) -> None:
        self._linked = linked

    @cached_property
    def models(self) -> Mapping[Known, Model]:
        """Django and SQLAlchemy models by their class."""
        ours = (one for one in self.django_models.values() if one.path)
        return _by_class([*ours, *sqlalchemy.models(self._linked)])

    @cached_property
    def django_models(self) -> Mapping[Known, Model]:
        """Django's models by their class, those of installed libraries too."""
        return _by_class(django_models.every_model(self._linked))

    @cached_property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """The routes of all frameworks."""
        found = [*urls.endpoints(self._linked), *fastapi.endpoints(self._linked), *ninja.endpoints(self._linked)]
        return tuple(sorted(found, key=lambda one: (one.path, one.line, one.route, one.methods)))

    @cached_property
    def views(self) -> Mapping[Known, View]:
        """Django's views, DRF's included, by function or class."""
        django = [one for one in self.endpoints if one.framework in {"django", "drf"}]
        return _by_class(views.views(self._linked, django))

    @cached_property
    def served(self) -> Mapping[str, tuple[Served, ...]]:
        """The functions that answer requests, by the file they stand in."""
        dependencies = fastapi.dependencies(self._linked, self.endpoints)
        found = served(self._linked, self.endpoints, self.views.values(), dependencies)
        return _by_file(found, lambda one: one.function.path)

    @cached_property
    def serializers(self) -> Mapping[Known, Serializer]:
        """DRF serializers by class."""
        return _by_class(serializers.serializers(self._linked))

    @cached_property
    def forms(self) -> Mapping[Known, Serializer]:
        """Django's model forms by class."""
        return _by_class(serializers.forms(self._linked))

    @cached_property
    def schemas(self) -> Mapping[Known, Schema]:
        """Pydantic models by class."""
        return pydantic.Schemas(self._linked)

    @cached_property
    def admins(self) -> Mapping[Known, Admin]:
        """Admin classes."""
        return _by_class(admin.admins(self._linked))

    @cached_property
    def tasks(self) -> tuple[Task, ...]:
        """Background tasks."""
        return celery.tasks(self._linked)

    @cached_property
    def receivers(self) -> tuple[Receiver, ...]:
        """Functions connected to signals."""
        return signals.receivers(self._linked)

    @cached_property
    def templates(self) -> tuple[Template, ...]:
        """Template files by the name they are loaded by."""
        return templates.templates(self._linked)

    @cached_property
    def settings(self) -> tuple[str, ...]:
        """The paths of settings modules."""
        return django_settings.settings_modules(self._linked)

    def setting(self, name: str) -> Plain:
        """A Django setting as plain data, None where it cannot be told."""
        return plain(django_settings.setting(self._linked, name))


def _by_class(entities: Iterable[_NamedT]) -> Mapping[Known, _NamedT]:
    return {one.known: one for one in entities}


def _by_file(entities: Iterable[_AnyT], path: Callable[[Any], str]) -> Mapping[str, tuple[_AnyT, ...]]:
    found: dict[str, list[_AnyT]] = {}
    for one in entities:
        found.setdefault(path(one), []).append(one)
    return {name: tuple(some) for name, some in found.items()}
