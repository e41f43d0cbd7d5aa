"""What the evaluator found in bodies, in the form rules are triggered by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from djfa_lint.knowledge.blocking import Entry
from djfa_lint.project.serving import Served
from djfa_lint.source.lines import Span


@dataclass(frozen=True)
class Deed:
    """One thing that a function does itself.

    `kind` is ``query`` or ``write`` (`what` is the model's name), ``transaction``, ``loop`` (one with logic), ``http``,
    ``mail``, ``task``, ``file`` or ``subprocess``.
    """

    kind: str
    what: str
    span: Span


@dataclass(frozen=True)
class EndpointWork:
    """What a function that answers requests does itself, and how hard it is to follow.

    `name` spans the function's name, `lines` counts those of its body, `complexity` is its cognitive complexity.
    `deeds` are in the order written.
    """

    path: str
    served: Served
    name: Span
    lines: int
    complexity: int
    deeds: tuple[Deed, ...]


class Place(NamedTuple):
    """Somewhere in the project's source."""

    path: str
    span: Span


class Via(NamedTuple):
    """A call or read on the way from a loop to what it costs; `text` is its own source text on one line."""

    path: str
    span: Span
    text: str


class Coroutine(NamedTuple):
    """The coroutine that something stands in: its name, the span of its ``async def`` with the name.

    `keyword` spans its ``async`` with the space behind it, in a FastAPI route or dependency that awaits nothing and so
    could do without; None in any other. `standing` is ``left over`` where nothing of the project calls it, ``edge``
    where only what an app runs before its first request or after its last does, ``alone`` where nothing else runs on
    its event loop.
    """

    name: str
    header: Span
    keyword: Span | None = None
    standing: str = ""


@dataclass(frozen=True)
class BlockingCall:
    """What a coroutine makes its event loop wait for, or what refuses to run on one.

    `entry` is the row of the table, with the kind ``orm`` where a database is asked through an ORM: its name is then
    the method that asks, "" for going over rows, ``.`` for a relation, where `model` names a Django model or relation.
    `call` spans the whole expression, `callee` what is called, read or gone over; `text` and `arguments` are their
    texts, the latter with its parentheses, "" where nothing is called. `way` leads from there to the blocking call,
    which is its last; none where it stands in the coroutine itself. `twin` is a coroutine that could be called in the
    place of `callee`, by its bare name. `some` says that only some of the methods that may answer block.

    `awaitable` says whether an awaited call could stand in its place, `cleaning_up` whether it is in a ``finally`` or
    an ``__aexit__``, where a new ``await`` may itself be cancelled, `chained` whether something is read from or called
    on its result. `looped` is the empty place before the ``for`` that goes over it, `awaited` says that it is
    awaited as if it were a coroutine.
    """

    path: str
    entry: Entry
    call: Span
    callee: Span
    text: str
    arguments: str
    coroutine: Coroutine
    awaitable: bool
    cleaning_up: bool
    chained: bool
    way: tuple[Via, ...] = ()
    twin: str = ""
    some: bool = False
    model: str = ""
    looped: Span | None = None
    awaited: bool = False


@dataclass(frozen=True)
class DroppedCoroutine:
    """A coroutine of the project that is made and thrown away: what it does never happens.

    `callee` spans what is called, `text` is its text; `defined` is where its ``async def`` stands. `start` is the empty
    place before the call, `within` says that it stands in a coroutine, where it could be awaited.
    """

    path: str
    callee: Span
    text: str
    defined: Place
    start: Span
    within: bool


@dataclass(frozen=True)
class SharedSession:
    """One asynchronous session that several tasks use; `how` is what makes them: ``gather``, ``create_task`` ..."""

    path: str
    callee: Span
    text: str
    session: str
    how: str


class Producer(NamedTuple):
    """The expression that makes rows: ``Order.objects.filter(paid=True)``.

    `model` is the rows' model by its name alone. `editable` says that a call of a loader can be appended to the text
    at `span`: it is a queryset that this place builds, not a list and not a model class.
    """

    path: str
    span: Span
    text: str
    model: str
    editable: bool


class Loop(NamedTuple):
    """What runs its body, key or element once a row; `text` is its head (``for order in orders``) on one line."""

    path: str
    span: Span
    text: str


@dataclass(frozen=True)
class RelationRead:
    """A relation that each row of a loop is asked for and that nothing on the way has loaded.

    `callee` spans the read, `text` is its source (``order.customer``). `model` is the name of the producer's model,
    `relation` the path from its rows (``("customer", "country")``). `remedy` is what can load it: ``select``,
    ``prefetch`` or "". `operation` is the manager's method that queries (``all``, ``count``, ``filter``), "" for a
    single row. `calls` lead from the loop's body to the read, outermost first; none where it stands in the loop
    itself. `others` are further places in the same loop that read the same. `key` is the text that would do without a
    query (``order.customer_id``) and `key_span` what it would replace; "" and None where there is none. `below` says
    that the loop goes over the many rows of one of the producer's, `one` that all of its rows belong to one object.
    """

    path: str
    callee: Span
    text: str
    model: str
    relation: tuple[str, ...]
    remedy: str
    operation: str
    loop: Loop
    producer: Producer | None
    calls: tuple[Via, ...] = ()
    others: tuple[Place, ...] = ()
    key: str = ""
    key_span: Span | None = None
    below: bool = False
    one: bool = False


@dataclass(frozen=True)
class QueryPerRow:
    """A query, or a write, that runs once per iteration and not through the loop's own row.

    `callee` spans the call in the loop's body, `text` is its source, `model` the queried model's name, `operation` the
    method that sends the query (``get``, ``save``). `calls` lead to it, outermost first, the query itself last; none
    where it stands in the loop itself. `varies` says that it depends on what the loop binds; one that does not can be
    hoisted. `hooks` are what a bulk operation would skip: ``save() of Order``, ``signals of Order``, ``auto_now``.
    `framework` is ``django`` or ``sqlalchemy``, `statement` the line on which the statement around `callee` begins.
    """

    path: str
    callee: Span
    text: str
    model: str
    operation: str
    writes: bool
    varies: bool
    loop: Loop
    calls: tuple[Via, ...] = ()
    others: tuple[Place, ...] = ()
    hooks: tuple[str, ...] = ()
    framework: str = "django"
    statement: int = 0


@dataclass(frozen=True)
class DefeatedPrefetch:
    """A query per row on a relation that was prefetched; `operation` is the method that does not use the prefetch."""

    path: str
    callee: Span
    text: str
    model: str
    relation: tuple[str, ...]
    operation: str
    loop: Loop
    producer: Producer | None
    calls: tuple[Via, ...] = ()
    others: tuple[Place, ...] = ()


@dataclass(frozen=True)
class DeferredRead:
    """Columns read per row that the rows' queryset left out with `operation`, ``only`` or ``defer``."""

    path: str
    callee: Span
    text: str
    model: str
    columns: tuple[str, ...]
    operation: str
    loop: Loop
    producer: Producer | None
    calls: tuple[Via, ...] = ()
    others: tuple[Place, ...] = ()


@dataclass(frozen=True)
class QuerysetCheck:
    """A queryset asked in a wasteful way.

    `kind` is ``count`` (a count compared with nothing or one), ``len`` (``len(queryset)`` as a truth test), ``truth``
    (the queryset itself as a truth test, its rows never used), ``exists`` (``exists()``, a count, a length or a truth
    test, and then the rows of the same queryset; `queryset` is then the text at `again`), ``list`` (``count()`` on a
    queryset whose rows are there already). `queryset` is the text that gives the queryset, `replacement` what could
    stand at `callee` with the same meaning, "" where nothing can. `again` is the other place for ``exists`` and
    ``list``.
    """

    path: str
    callee: Span
    text: str
    model: str
    kind: str
    queryset: str
    replacement: str = ""
    again: Place | None = None


@dataclass(frozen=True)
class UnchunkedIterator:
    """``prefetch_related(...).iterator()`` without a chunk size.

    `callee` spans the whole call, `inside` is the empty place before its closing parenthesis; `arguments` says that
    there are others.
    """

    path: str
    callee: Span
    text: str
    model: str
    relation: tuple[str, ...]
    inside: Span
    arguments: bool
