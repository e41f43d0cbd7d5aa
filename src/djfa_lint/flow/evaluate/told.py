"""Effects as the events that rules get: places with their texts, one event a defect."""

from __future__ import annotations

import re
from collections.abc import Iterable

from djfa_lint.errors import SourceError
from djfa_lint.flow.bodies import Bodies
from djfa_lint.flow.evaluate.effects import Check, Dropped, Effect, Query, Read, Shared, Unchunked
from djfa_lint.flow.evaluate.roots import Stalled
from djfa_lint.flow.evaluate.stalled import Stalls
from djfa_lint.flow.evaluate.values import Made, Site
from djfa_lint.flow.events import (
    BlockingCall,
    DefeatedPrefetch,
    DeferredRead,
    DroppedCoroutine,
    Loop,
    Place,
    Producer,
    QueryPerRow,
    QuerysetCheck,
    RelationRead,
    SharedSession,
    UnchunkedIterator,
    Via,
)
from djfa_lint.knowledge.querysets import SERVED
from djfa_lint.project.project import Project
from djfa_lint.source.lines import Lines, Span

Event = (
    RelationRead
    | DefeatedPrefetch
    | DeferredRead
    | QueryPerRow
    | QuerysetCheck
    | UnchunkedIterator
    | BlockingCall
    | DroppedCoroutine
    | SharedSession
)
# A comment in a line, where no string stands behind its mark.
_COMMENT = re.compile(r"#[^'\"]*$")
ROWS = (RelationRead, DefeatedPrefetch, DeferredRead, QueryPerRow, QuerysetCheck, UnchunkedIterator)
COROUTINES = (BlockingCall, DroppedCoroutine, SharedSession)
EVENTS = (*ROWS, *COROUTINES)


class Teller:
    """Turns effects into events; texts are read when a place is told."""

    def __init__(self, project: Project, bodies: Bodies) -> None:
        self._bodies = bodies
        self._lines: dict[str, Lines] = {}
        self._stalls = Stalls(project, self._place)

    def told(self, effect: Effect | Stalled) -> Event | None:
        """The event of an effect, None of one that comes to nothing."""
        try:
            if isinstance(effect, Stalled):
                return self._stalls.told(effect, self._lines_of(effect.path))
            return self._told(effect)
        except SourceError:
            return None

    def _told(self, effect: Effect) -> Event | None:
        if isinstance(effect, Read):
            return self._read(effect)
        if isinstance(effect, Query):
            return self._query(effect)
        if isinstance(effect, Check):
            return self._check(effect)
        if isinstance(effect, Unchunked):
            return self._unchunked(effect)
        if isinstance(effect, Dropped):
            return self._dropped(effect)
        return self._shared(effect) if isinstance(effect, Shared) else None

    def _dropped(self, effect: Dropped) -> Event:
        path, span, text = self._place(effect.callee)
        start = Span(span.line, span.column, span.line, span.column)
        return DroppedCoroutine(path, span, text, Place(*self._place(effect.defined)[:2]), start, effect.within)

    def _shared(self, effect: Shared) -> Event:
        path, span, text = self._place(effect.callee)
        return SharedSession(path, span, text, effect.session, effect.how)

    def _lines_of(self, path: str) -> Lines:
        lines = self._lines.get(path)
        if lines is None:
            lines = self._lines[path] = self._bodies.source(path).lines
        return lines

    def _place(self, site: Site) -> tuple[str, Span, str]:
        lines = self._lines_of(site.path)
        span = Span(
            site.line, lines.column(site.line, site.column), site.end_line, lines.column(site.end_line, site.end_column)
        )
        return site.path, span, _one_line(lines.text_of(span))

    def _producer(self, made: Made | None) -> Producer | None:
        if made is None or made.site is None:
            return None
        return Producer(*self._place(made.site), made.model, made.editable)

    def _loop(self, site: Site) -> Loop:
        path, span, text = self._place(site)
        return Loop(path, span, text)

    def _calls(self, sites: Iterable[Site]) -> tuple[Via, ...]:
        return tuple(Via(*self._place(one)) for one in sites)

    def _read(self, effect: Read) -> Event | None:
        if effect.loop is None or (effect.made is not None and effect.made.given >= 0):
            return None
        path, span, text = self._place(effect.site)
        model = effect.made.model if effect.made is not None else ""
        loop, made, calls = self._loop(effect.loop), self._producer(effect.made), self._calls(effect.calls)
        if effect.column:
            column = "__".join((*effect.path, effect.column))
            return DeferredRead(path, span, text, model, (column,), effect.operation, loop, made, calls)
        if effect.lost:
            return DefeatedPrefetch(path, span, text, model, effect.path, effect.operation, loop, made, calls)
        loads = not effect.operation or effect.operation in SERVED
        remedy = ("select" if effect.joins else "prefetch") if loads and effect.made and not effect.tree else ""
        key = self._place(effect.key_site)[1] if effect.key_site is not None else None
        return RelationRead(
            path,
            span,
            text,
            model,
            effect.path,
            remedy,
            effect.operation,
            loop,
            made,
            calls,
            (),
            effect.key,
            key,
            effect.below,
            # A walk down a tree begins at one object and does not stop there.
            effect.one and not effect.tree,
        )

    def _query(self, effect: Query) -> Event | None:
        if effect.loop is None or effect.given >= 0 or effect.buried:
            return None
        way = (*effect.calls, effect.site)
        path, span, text = self._place(way[0])
        calls = self._calls(way[1:])
        return QueryPerRow(
            path,
            span,
            text,
            effect.model,
            effect.operation,
            effect.writes,
            effect.varies,
            self._loop(effect.loop),
            calls,
            (),
            effect.hooks,
            effect.framework,
            effect.statement,
        )

    def _check(self, effect: Check) -> Event:
        path, span, text = self._place(effect.site)
        queryset = self._place(effect.queryset)[2]
        negated, _, method = effect.replacement.rpartition(" ")
        instead = f"{negated} {queryset}.{method}()".strip() if method else ""
        again = Place(*self._place(effect.again)[:2]) if effect.again is not None else None
        return QuerysetCheck(path, span, text, effect.model, effect.kind, queryset, instead, again)

    def _unchunked(self, effect: Unchunked) -> Event:
        path, span, text = self._place(effect.site)
        inside = Span(span.end_line, span.end_column - 1, span.end_line, span.end_column - 1)
        if effect.given is not None:
            inside = self._place(effect.given)[1]
        return UnchunkedIterator(path, span, text, effect.model, effect.relation, inside, False)


def _one_line(text: str) -> str:
    """A text on one line, comments in between left out."""
    kept = [line if "#" not in line else _COMMENT.sub("", line) for line in text.split("\n")]
    return " ".join(" ".join(kept).split())
