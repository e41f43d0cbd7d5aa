"""What a queryset has loaded along with its rows: a tree of relations, each surely or maybe there.

A tree is immutable and compares by content. Names are those read from a row (``customer``), or a ``to_attr``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from djfa_lint.project.names import Known


class Entry(NamedTuple):
    """One loaded relation.

    `sure` is False where only some paths load it. `how` is ``select``, ``prefetch``, ``preset`` (the row was reached
    from there), ``parent`` (all rows were reached from that one) or ``attached`` (assigned by hand). `loads` is what
    the related rows have loaded in turn, `ordered` that a prefetched list comes from an ordered queryset, `source` the
    relation that a ``to_attr`` list comes from.
    """

    sure: bool
    how: str
    loads: Loads
    ordered: bool = False
    source: str = ""
    model: Known | None = None


class Loads(NamedTuple):
    """A row's loaded relations.

    `open` says that there may be any others, `every` how many levels of foreign keys that cannot be null are joined
    (``select_related()``). `only` are the columns of ``only()`` (None: all), `deferred` those left out.
    """

    entries: tuple[tuple[str, Entry], ...] = ()
    open: bool = False
    every: int = 0
    only: frozenset[str] | None = None
    deferred: frozenset[str] = frozenset()

    def get(self, name: str) -> Entry | None:
        """The entry of one relation, or None."""
        return next((entry for key, entry in self.entries if key == name), None)

    def having(self, name: str, entry: Entry) -> Loads:
        """This tree with one entry put in the place of what was there."""
        kept = {**dict(self.entries), name: entry}
        return self._replace(entries=tuple(sorted(kept.items(), key=lambda item: item[0])))

    def path(self, parts: tuple[str, ...], how: str, last: Entry | None = None) -> Loads:
        """This tree with a path loaded, all its prefixes included; `last` describes the end of it."""
        if not parts:
            return self
        name, rest = parts[0], parts[1:]
        found = self.get(name)
        below = found.loads if found is not None else Loads()
        if not rest and last is not None:
            return self.having(name, last._replace(loads=below.also(last.loads)))
        kind = found.how if found is not None and found.sure else how
        source = found.source if found is not None else ""
        model = found.model if found is not None else None
        return self.having(name, Entry(True, kind, below.path(rest, how, last), source=source, model=model))

    def also(self, other: Loads) -> Loads:
        """This tree and another on top of it."""
        merged = self
        for name, entry in other.entries:
            own = merged.get(name)
            merged = merged.having(name, entry if own is None else entry._replace(loads=own.loads.also(entry.loads)))
        return merged._replace(
            open=self.open or other.open,
            every=max(self.every, other.every),
            only=other.only if other.only is not None else self.only,
            deferred=self.deferred | other.deferred,
        )

    def without(self, how: str) -> Loads:
        """This tree after ``select_related(None)`` or ``prefetch_related(None)``."""
        kept = tuple((name, entry) for name, entry in self.entries if entry.how != how)
        return self._replace(entries=kept, every=0 if how == "select" else self.every)

    def leaves_out(self, column: str) -> str:
        """``only`` or ``defer``, whichever leaves a column out, else ""."""
        if column in self.deferred:
            return "defer"
        return "only" if self.only is not None and column not in self.only else ""


OPEN = Loads(open=True)
NONE = Loads()


def joined(first: Loads, second: Loads) -> Loads:
    """What is loaded where two paths meet: what only one of them loads is not sure."""
    if first == second:
        return first
    names = {name for name, _ in (*first.entries, *second.entries)}
    entries = {name: _either(first.get(name), second.get(name)) for name in names}
    return Loads(
        tuple(sorted(entries.items(), key=lambda item: item[0])),
        first.open or second.open,
        max(first.every, second.every),
        None if first.only is None or second.only is None else first.only | second.only,
        first.deferred & second.deferred,
    )


def _either(first: Entry | None, second: Entry | None) -> Entry:
    if first is None or second is None:
        one = first or second
        assert one is not None
        return one._replace(sure=False)
    sure = first.sure and second.sure
    return first._replace(sure=sure, loads=joined(first.loads, second.loads), ordered=first.ordered and second.ordered)


def preset(name: str, loads: Loads = NONE, how: str = "preset") -> Loads:
    """The tree of a row that was reached from the row it belongs to."""
    return NONE.having(name, Entry(True, how, loads)) if name else NONE


def of_paths(paths: Iterable[str], how: str, start: Loads = NONE) -> Loads:
    """A tree with these ``a__b`` paths loaded on top of `start`."""
    for path in paths:
        start = start.path(tuple(path.split("__")), how)
    return start
