"""What evaluating a body comes to besides its value: reads of relations and columns, queries, checks.

An effect stands where it happens. One on a row that a caller hands in names it by its number and waits: the caller
puts its own row in the place, and an effect whose row is one of a loop's has become certain.
"""

from __future__ import annotations

from dataclasses import dataclass

from djfa_lint.flow.evaluate.values import Made, Site
from djfa_lint.knowledge.blocking import Entry


@dataclass(frozen=True)
class Read:
    """A relation read from a row of `made`; `loop` gives one of its rows an iteration, None where that is not known.

    `path` leads from the maker's rows to what is read. `operation` is the manager's method, "" for a single row.
    `calls` lead from the loop's body to it; `lead` would come before them if the row handed in is one of a loop's.
    `tree` says that the same is then read of what was read: no load reaches the end of it.
    `below` says that the loop goes over many rows of one of the maker's, `one` that all its rows belong to one object.
    `lost` says that it was prefetched, `column` names a column that was left out by `operation`, `awaited` that it is
    read by a coroutine.
    """

    made: Made | None
    path: tuple[str, ...]
    loop: Site | None
    site: Site
    operation: str = ""
    joins: bool = True
    lost: bool = False
    column: str = ""
    key: str = ""
    key_site: Site | None = None
    calls: tuple[Site, ...] = ()
    lead: tuple[Site, ...] = ()
    tree: bool = False
    below: bool = False
    one: bool = False
    awaited: bool = False


@dataclass(frozen=True)
class Query:
    """A query that is sent. `loop` is the innermost loop around it in the body, None where there is none.

    `given` is the number of a queryset that a caller hands in and that is fetched here, -1 for any other. `varies`
    says that it depends on what the loop binds, `level` how many loops stand around the making of that queryset, -1 for
    any other, `buried` that it is part of something larger than a look-up or a write, `awaited` that a coroutine sends
    it, `statement` on which line the statement begins that it is a part of. `hooks` are what a bulk operation would
    leave out.
    """

    model: str
    operation: str
    writes: bool
    site: Site
    loop: Site | None = None
    given: int = -1
    varies: bool = True
    hooks: tuple[str, ...] = ()
    calls: tuple[Site, ...] = ()
    level: int = -1
    buried: bool = False
    framework: str = "django"
    awaited: bool = False
    statement: int = 0


@dataclass(frozen=True)
class Check:
    """A wasteful question to a queryset; the fields are those of `events.QuerysetCheck`."""

    kind: str
    model: str
    site: Site
    queryset: Site
    replacement: str = ""
    again: Site | None = None


@dataclass(frozen=True)
class Unchunked:
    """An iterator that prefetches with no chunk size; `given` spans its arguments, None where there are none."""

    model: str
    relation: tuple[str, ...]
    site: Site
    given: Site | None = None


@dataclass(frozen=True)
class Stall:
    """Something that an event loop waits for, or that refuses to run on one.

    `site` spans it, `callee` what is called, read or gone over. `calls` are what is called on the way to it, outermost
    first. `twin` is a coroutine of the same name beside the outermost of these. `some` says that only some of the
    classes that may answer do this, `lazy` that it happens when what is called is gone over. `model` is the bare name
    of a Django model that is asked for.
    """

    entry: Entry
    site: Site
    callee: Site
    calls: tuple[Site, ...] = ()
    twin: str = ""
    some: bool = False
    model: str = ""
    lazy: bool = False

    @property
    def family(self) -> str:
        """What one mend is for: ``orm``, ``low`` or ``high``."""
        return self.entry.kind if self.entry.kind == "orm" else self.entry.weight

    @property
    def strength(self) -> tuple[object, ...]:
        """Sorts the one to tell first before others: certain, near, early."""
        return self.some, len(self.calls), (*self.calls, self.site)


@dataclass(frozen=True)
class Dropped:
    """A coroutine that is made and thrown away; `callee` spans what is called, `defined` where it begins.

    `within` says that it could be awaited there.
    """

    site: Site
    callee: Site
    defined: Site
    within: bool


@dataclass(frozen=True)
class Shared:
    """One asynchronous session handed to several tasks; `callee` is the call that makes it several."""

    site: Site
    callee: Site
    session: str
    how: str


Effect = Read | Query | Check | Unchunked | Stall | Dropped | Shared
