"""Effects as the events that rules get: places with their texts, one event a defect."""

from __future__ import annotations

import re
from collections.abc import Iterable

from djfa_lint.errors import SourceError
from djfa_lint.flow.bodies import Bodies
from djfa_lint.flow.evaluate.effects import Check, Effect, Query, Read, Unchunked
from djfa_lint.flow.evaluate.values import Made, Site
from djfa_lint.flow.events import (
    DefeatedPrefetch,
    DeferredRead,
    Loop,
    Place,
    Producer,
    QueryPerRow,
    QuerysetCheck,
    RelationRead,
    UnchunkedIterator,
    Via,
)
from djfa_lint.knowledge.querysets import SERVED
from djfa_lint.source.lines import Lines, Span

Event = RelationRead | DefeatedPrefetch | DeferredRead | QueryPerRow | QuerysetCheck | UnchunkedIterator
# A comment in a line, where no string stands behind its mark.
_COMMENT = re.compile(r"#[^'\"]*$")
EVENTS = (RelationRead, DefeatedPrefetch, DeferredRead, QueryPerRow, QuerysetCheck, UnchunkedIterator)


class Teller:
    """Turns effects into events; texts are read when a place is told."""

    def __init__(self, bodies: Bodies) -> None:
        self._bodies = bodies
        self._lines: dict[str, Lines] = {}

    def told(self, effect: Effect) -> Event | None:
        """The event of an effect, None of one that comes to nothing."""
        try:
            if isinstance(effect, Read):
                return self._read(effect)
            if isinstance(effect, Query):
                return self._query(effect)
            return self._check(effect) if isinstance(effect, Check) else self._unchunked(effect)
        except SourceError:
            return None

    def _place(self, site: Site) -> tuple[str, Span, str]:
        lines = self._lines.get(site.path)
        if lines is None:
            lines = self._lines[site.path] = self._bodies.source(site.path).lines
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
