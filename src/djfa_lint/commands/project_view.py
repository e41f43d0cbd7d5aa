"""The linked project as plain data: the shape of ``djfa-lint project --output-format json``.

Classes and functions are named by their absolute dotted names, null where they cannot be told; lines are 1-based,
paths relative to the project's root.
"""

from __future__ import annotations

import msgspec

from djfa_lint.engine.run import LinkedProject
from djfa_lint.project.entities import Endpoint, Model, Serializer
from djfa_lint.project.names import Known
from djfa_lint.project.project import Project
from djfa_lint.project.versions import Version


class RelationView(msgspec.Struct):
    """A relation read from an instance."""

    name: str
    to: str | None
    many: bool
    reverse: bool
    kind: str


class ModelView(msgspec.Struct):
    """A model of Django or SQLAlchemy; `label` is ``app.Model`` or the table."""

    name: str
    path: str
    line: int
    framework: str
    label: str
    abstract: bool
    proxy: bool
    fields: list[str]
    relations: list[RelationView]
    managers: list[str]


class EndpointView(msgspec.Struct):
    """A route and what serves it; no methods: any. `maybe` says that it stands under a condition."""

    framework: str
    route: str
    methods: list[str]
    view: str
    path: str
    line: int
    websocket: bool
    actions: dict[str, str]
    dependencies: list[str]
    response: str | None
    maybe: bool


class SerializerView(msgspec.Struct):
    """A DRF serializer or a model form."""

    name: str
    path: str
    line: int
    model: str | None
    fields: list[str]
    everything: bool
    excluded: list[str]


class NamedView(msgspec.Struct):
    """Anything with a name and a place."""

    name: str
    path: str
    line: int


class ProjectView(msgspec.Struct):
    """Everything the linter sees of a project."""

    version: int
    root: str
    files: int
    unreadable: list[str]
    roots: list[str]
    frameworks: dict[str, str]
    settings: list[str]
    models: list[ModelView]
    endpoints: list[EndpointView]
    serializers: list[SerializerView]
    forms: list[SerializerView]
    schemas: list[NamedView]
    admins: list[NamedView]
    tasks: list[NamedView]
    receivers: list[NamedView]
    templates: list[NamedView]


def view_of(linked: LinkedProject, root: str) -> ProjectView:
    """The project as plain data, models and endpoints by place, the rest by name; `root` is what to call its folder."""
    project, frameworks = linked.project, linked.project.frameworks
    return ProjectView(
        version=1,
        root=root,
        files=len(project.files),
        unreadable=[f"{one.path}:{one.span.line}: {one.message}" for one in linked.problems],
        roots=_roots(project),
        frameworks={name: _version(version) for name, version in project.versions.known()},
        settings=list(frameworks.settings),
        models=[_model(one) for one in sorted(frameworks.models.values(), key=lambda one: (one.path, one.line))],
        endpoints=[_endpoint(one) for one in frameworks.endpoints],
        serializers=[_serializer(one) for one in frameworks.serializers.values()],
        forms=[_serializer(one) for one in frameworks.forms.values()],
        schemas=[NamedView(one.known.name, one.path, one.line) for one in frameworks.schemas.values()],
        admins=[NamedView(one.known.name, one.path, one.line) for one in frameworks.admins.values()],
        tasks=[NamedView(one.name, one.path, one.line) for one in frameworks.tasks],
        receivers=[NamedView(one.function.name, one.path, one.line) for one in frameworks.receivers],
        templates=[NamedView(one.name, one.path, 1) for one in frameworks.templates],
    )


def _roots(project: Project) -> list[str]:
    """The source roots that files are named from."""
    return sorted({project.modules.roots(path)[0] for path in project.files})


def _version(version: Version) -> str:
    """A version as people write it: ``5.2.1``, ``>=4.2``, ``>=4.2,<5``."""
    lowest = ".".join(map(str, version.lowest))
    if version.highest is None:
        return f">={lowest}"
    highest = ".".join(map(str, version.highest))
    if lowest == highest:
        return lowest
    return f">={lowest},{'<=' if version.inclusive else '<'}{highest}"


def _name(known: Known | None) -> str | None:
    return known.name if known is not None else None


def _model(model: Model) -> ModelView:
    return ModelView(
        model.known.name,
        model.path,
        model.line,
        model.framework,
        model.label,
        model.abstract,
        model.proxy,
        [one.name for one in model.fields],
        [RelationView(one.name, _name(one.to), one.many, one.reverse, one.kind) for one in model.relations],
        [one.name for one in model.managers],
    )


def _endpoint(endpoint: Endpoint) -> EndpointView:
    return EndpointView(
        endpoint.framework,
        endpoint.route,
        list(endpoint.methods),
        endpoint.view.name,
        endpoint.path,
        endpoint.line,
        endpoint.websocket,
        dict(endpoint.actions),
        [one.name for one in endpoint.dependencies],
        _name(endpoint.response),
        endpoint.maybe,
    )


def _serializer(serializer: Serializer) -> SerializerView:
    return SerializerView(
        serializer.known.name,
        serializer.path,
        serializer.line,
        _name(serializer.model),
        [one.name for one in serializer.fields],
        serializer.everything,
        list(serializer.excluded),
    )
