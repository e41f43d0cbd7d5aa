"""One event a defect: what one person would mend as one, met in several places, ways, or of several makers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from typing import Any

from djfa_lint.flow.evaluate.told import Event
from djfa_lint.flow.events import (
    BlockingCall,
    DefeatedPrefetch,
    DeferredRead,
    Place,
    QueryPerRow,
    RelationRead,
)
from djfa_lint.source.lines import Span


def grouped(events: Iterable[Event]) -> dict[str, list[Event]]:
    """Events by the file they stand in, sorted; one defect met in several places or ways is one event."""
    first: dict[object, Event] = {}
    for event in sorted(events, key=_order):
        key = _defect(event)
        known = first.get(key)
        if known is None:
            first[key] = event
        elif isinstance(event, (RelationRead, DefeatedPrefetch, DeferredRead, QueryPerRow)):
            first[key] = _joined(known, event)
    found: dict[str, list[Event]] = {}
    for event in _told_once(_without_walks(list(first.values()))):
        found.setdefault(_home(event), []).append(event)
    return {path: sorted(some, key=_order) for path, some in found.items()}


def _without_walks(events: list[Event]) -> list[Event]:
    """The events, those of a walk along one relation once and without a remedy: no load reaches its end."""
    reads = [one for one in events if isinstance(one, RelationRead)]
    trees = {(one.loop, one.relation[0]) for one in reads if _repeats(one)}
    found: list[Event] = []
    for event in events:
        if isinstance(event, RelationRead):
            if _repeats(event):
                continue
            if (event.loop, event.relation[0]) in trees:
                event = replace(event, remedy="")
        found.append(event)
    return found


def _repeats(event: RelationRead) -> bool:
    """Whether a relation is read of what the same relation led to."""
    return any(one == other for one, other in pairwise(event.relation))


def _told_once(events: list[Event]) -> list[Event]:
    """The events less reads that another one's mend covers.

    A longer path loads the shorter ones on the same line. Of what one call reads and no load brings, one is enough.
    """
    reads = [one for one in events if isinstance(one, RelationRead)]
    paths: dict[tuple[object, ...], set[tuple[str, ...]]] = {}
    for one in reads:
        if one.remedy and not one.key:
            paths.setdefault(_standing(one), set()).add(one.relation)
    met: set[object] = set()
    found: list[Event] = []
    for event in events:
        if isinstance(event, RelationRead):
            place = _standing(event)
            if event.remedy and any(_goes_on(event.relation, path) for path in paths.get(place, ())):
                continue
            if not event.remedy and event.calls:
                if place in met:
                    continue
                met.add(place)
        found.append(event)
    return found


def _goes_on(path: tuple[str, ...], longer: tuple[str, ...]) -> bool:
    return len(longer) > len(path) and longer[: len(path)] == path


def _standing(event: RelationRead) -> tuple[object, ...]:
    """The loop, and the line in it that an event is told of."""
    span: Span = event.calls[0].span if event.calls else event.callee
    return event.loop, _home(event), span.line


def _home(event: Event) -> str:
    """The file of the loop's body, where what is reached from there is to be reported."""
    calls = getattr(event, "calls", ()) if not isinstance(event, QueryPerRow) else ()
    return calls[0].path if calls else event.path


def _order(event: Event) -> tuple[Any, ...]:
    """By where events are told of: what the loop reads first comes first."""
    calls = getattr(event, "calls", ()) if not isinstance(event, QueryPerRow) else ()
    span: Span = calls[0].span if calls else event.callee
    # Of what one call waits for, the longest wait comes first.
    short = isinstance(event, BlockingCall) and event.entry.weight == "low"
    return _home(event), span, event.path, event.callee, len(calls), short, repr(event)


def _defect(event: Event) -> object:
    """The same for events that one person would mend as one."""
    if isinstance(event, (RelationRead, DefeatedPrefetch)):
        # One load mends all reads of the relation itself; each other question is mended by itself.
        asked = event.text if isinstance(event, DefeatedPrefetch) or not event.remedy else ""
        return type(event), event.loop, event.relation, asked, _home(event)
    if isinstance(event, DeferredRead):
        return type(event), event.loop, event.producer or event.model, _home(event)
    if isinstance(event, QueryPerRow):
        # One statement is mended as one, however many queries it sends.
        return type(event), event.path, event.statement, event.writes, event.loop
    if isinstance(event, BlockingCall):
        return type(event), event.path, event.callee, event.entry.kind == "orm"
    return type(event), event.path, event.callee


def _joined(known: Any, event: Any) -> Any:
    """An event with the place of another one of the same defect."""
    if isinstance(known, RelationRead) and known.one and not event.one:
        # Somebody runs it over rows of many.
        known, event = replace(event, others=known.others), known
    if isinstance(known, RelationRead) and not event.key:
        # Where one read needs the row, the key does not do.
        known = replace(known, key="", key_span=None)
    if isinstance(known, DeferredRead):
        known = replace(known, columns=tuple(dict.fromkeys((*known.columns, *event.columns))))
    place = Place(event.path, event.callee)
    if place in known.others or event.callee == known.callee:
        return known
    return replace(known, others=(*known.others, place))
