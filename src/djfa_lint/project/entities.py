"""What a project holds, in the words of its frameworks: models, endpoints, views, serializers, tasks.

Entities are plain and read-only. A `Known` names a definition; None stands for one that cannot be told. Lines are
1-based, paths project-relative.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from djfa_lint.facts.values import Assigned, Call, Const
from djfa_lint.project.names import Known


class Field(NamedTuple):
    """A column or other plain field: its name, the class of the field (or the annotated type), where it is declared.

    `type` is the canonical name of a library's class or the absolute name of a project class, "" if not known.
    `owner` is the class whose body declares it, `statement` the declaration (None where a library declares it).
    """

    name: str
    type: str
    path: str
    line: int
    owner: Known
    statement: Assigned | None = None

    def says(self, keyword: str) -> bool:
        """Whether the declaration sets a keyword to True: ``primary_key=True``."""
        call = self.statement.value if self.statement is not None else None
        return isinstance(call, Call) and call.argument(-1, keyword) == Const(True)

    def denies(self, keyword: str) -> bool:
        """Whether the declaration sets a keyword to False: ``editable=False``."""
        call = self.statement.value if self.statement is not None else None
        return isinstance(call, Call) and call.argument(-1, keyword) == Const(False)


class Relation(NamedTuple):
    """A relation as read from a row: ``order.customer``, ``customer.order_set``.

    `to` is None where the model is not known or may be any. `many` tells a manager or list from one row, `reverse`
    that the other side declares it. `kind` is ``fk``, ``one_to_one``, ``m2m``, ``generic_fk``, ``generic``, ``parent``
    (multi-table inheritance), ``tags`` or ``relationship`` (SQLAlchemy). `accessor` is the name of the other side's
    way back, "" where there is none. `owner` is the class whose body declares it. `through` is the model in between.
    """

    name: str
    to: Known | None
    many: bool
    reverse: bool
    kind: str
    path: str
    line: int
    owner: Known
    accessor: str = ""
    through: Known | None = None
    statement: Assigned | None = None


class Manager(NamedTuple):
    """A manager of a model: the class of the manager and of its querysets, None where not known."""

    name: str
    manager: Known | None
    queryset: Known | None
    owner: Known


@dataclass(frozen=True)
class Model:
    """A class whose instances are rows. `framework` is ``django`` or ``sqlalchemy``.

    `label` is Django's ``app.Model``, for SQLAlchemy the table's name. `complete` says that all bases are known, so
    that a name that is neither field nor relation is no relation. `ordered` says that its rows have an order of their
    own, `base_manager` names the manager that reads single relations, "" for Django's plain one.
    """

    known: Known
    path: str
    line: int
    framework: str
    label: str
    abstract: bool = False
    proxy: bool = False
    complete: bool = True
    fields: tuple[Field, ...] = ()
    relations: tuple[Relation, ...] = ()
    managers: tuple[Manager, ...] = ()
    ordered: bool = False
    base_manager: str = ""

    def relation(self, name: str) -> Relation | None:
        """The relation read by this name, or None."""
        return next((one for one in self.relations if one.name == name), None)

    def field(self, name: str) -> Field | None:
        """The plain field of this name, or None."""
        return next((one for one in self.fields if one.name == name), None)


class Handler(NamedTuple):
    """A function or method that answers requests of a view; `methods` are HTTP verbs in capitals, "" for any.

    `action` is a viewset's action (``list``, or the name of an extra one), "" elsewhere.
    """

    function: Known
    methods: tuple[str, ...]
    action: str = ""


@dataclass(frozen=True)
class View:
    """Something that answers requests in Django: a function, a class-based view, a DRF view or viewset, an admin page.

    `kind` is ``function``, ``class``, ``api_view``, ``api_class`` or ``viewset``. `known` is the function or class.
    `decorators` are the definitions put around it, in its own file or in the URLconf. `serializers` are those it names.
    `routed` says that a URLconf leads to it.
    """

    known: Known
    path: str
    line: int
    kind: str
    handlers: tuple[Handler, ...] = ()
    decorators: tuple[Known, ...] = ()
    serializers: tuple[Known, ...] = ()
    model: Known | None = None
    templates: tuple[str, ...] = ()
    routed: bool = False


@dataclass(frozen=True)
class Endpoint:
    """One route of an application and what serves it.

    `framework` is ``django``, ``drf``, ``fastapi`` or ``ninja``. `route` is the whole route as the framework spells
    it; `methods` HTTP verbs in capitals, empty for any. `view` is the function or class, `handlers` the functions
    that answer. `actions` maps a verb in lower case to a viewset's action. `path` and `line` are where the route is
    declared. For FastAPI and ninja: `dependencies` are the callables that run before it (own, the routers', the app's),
    `response` the response model, `websocket` that it is one. `maybe` says that it is declared under a condition, or
    that its whole route or the app it belongs to is not known; `complete` that no dependency is left out.
    For Django: `decorators` are the definitions put around the view where it is routed.
    """

    framework: str
    route: str
    methods: tuple[str, ...]
    view: Known
    path: str
    line: int
    name: str = ""
    handlers: tuple[Handler, ...] = ()
    actions: tuple[tuple[str, str], ...] = ()
    dependencies: tuple[Known, ...] = ()
    response: Known | None = None
    websocket: bool = False
    maybe: bool = False
    complete: bool = True
    decorators: tuple[Known, ...] = ()


class SerializerField(NamedTuple):
    """A declared or generated field of a serializer, form or schema.

    `type` is the canonical or absolute name of its class, "" if generated from the model. `source` is the dotted
    source it reads, `nested` the serializer it nests. `declared` is False for one that comes from ``Meta`` alone.
    """

    name: str
    type: str
    path: str
    line: int
    source: str = ""
    many: bool = False
    nested: Known | None = None
    declared: bool = True
    method: str = ""


@dataclass(frozen=True)
class Serializer:
    """A DRF serializer or a model form. `everything` says ``fields = "__all__"``, `excluded` is its ``exclude``.

    `meta_line` is the line of ``fields`` or ``exclude``, 0 where there is none; `meta_path` the file it stands in.
    `many` says that it is a list's serializer. `complete` says that all its bases and the names it lists are known.
    `read_only` is ``read_only_fields``, `list_serializer` the ``list_serializer_class``.
    """

    known: Known
    path: str
    line: int
    model: Known | None = None
    fields: tuple[SerializerField, ...] = ()
    everything: bool = False
    excluded: tuple[str, ...] = ()
    depth: int = 0
    many: bool = False
    complete: bool = True
    meta_path: str = ""
    meta_line: int = 0
    read_only: tuple[str, ...] = ()
    list_serializer: Known | None = None


@dataclass(frozen=True)
class Admin:
    """A `ModelAdmin` with the models it is registered for, and its inlines."""

    known: Known
    path: str
    line: int
    models: tuple[Known, ...] = ()
    inlines: tuple[Known, ...] = ()
    list_display: tuple[str, ...] = ()
    list_select_related: bool | tuple[str, ...] = False


class Receiver(NamedTuple):
    """A function connected to a signal: the signal and the senders, None where not known."""

    function: Known
    signal: Known | None
    senders: tuple[Known, ...]
    path: str
    line: int


class Task(NamedTuple):
    """A function that a task queue runs (Celery, huey, dramatiq, rq); `line` is that of the decorator."""

    function: Known
    name: str
    path: str
    line: int


class Template(NamedTuple):
    """A template file: the name it is loaded by, and its path."""

    name: str
    path: str


@dataclass(frozen=True)
class Schema:
    """A Pydantic model with its fields, base classes included; `config` are constants of its configuration."""

    known: Known
    path: str
    line: int
    fields: tuple[Field, ...] = ()
    config: tuple[tuple[str, object], ...] = field(default=())
    complete: bool = True
