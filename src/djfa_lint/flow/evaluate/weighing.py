"""Which effects of a body are worth telling: by what else happens in the same loop, and how far away they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from djfa_lint.flow.evaluate.effects import Effect, Query, Read
from djfa_lint.flow.evaluate.values import Site
from djfa_lint.knowledge.querysets import SERVED

# Further away what a row is asked for is seldom what the loop is about.
_MOST_CALLS = 2
_COMMIT, _FLUSH = "commit", "flush"
# To delete a row by itself costs more than what is read of it on the way.
_DELETE = "delete"


def weighed(effects: Iterable[Effect]) -> Iterator[Effect]:
    """The effects of one body less those that nobody would mend."""
    every = list(effects)
    written = _written(every)
    for effect in every:
        if isinstance(effect, Read):
            if _is_near(effect) and _DELETE not in written.get(effect.loop, frozenset()):
                yield effect
        elif not isinstance(effect, Query) or not _is_answered(effect, written.get(effect.loop, frozenset())):
            yield effect


def _is_near(effect: Read) -> bool:
    """Whether a read can be mended from the loop: a queryset of its own in a function cannot be loaded from outside."""
    own_query = bool(effect.operation) and effect.operation not in SERVED and not effect.lost and not effect.column
    return len(effect.calls) <= (1 if own_query else _MOST_CALLS)


def _written(effects: Iterable[Effect]) -> dict[Site | None, frozenset[str]]:
    """What each loop writes: models by name, and ``commit``."""
    found: dict[Site | None, frozenset[str]] = {}
    for effect in effects:
        if isinstance(effect, Query) and effect.writes:
            names = {effect.model, effect.operation} - {""}
            found[effect.loop] = found.get(effect.loop, frozenset()) | names
    return found


def _is_answered(effect: Query, written: frozenset[str]) -> bool:
    """Whether the loop itself says why: what it reads it also writes, what it flushes it commits."""
    if effect.writes:
        return effect.operation == _FLUSH and _COMMIT in written
    # What the loop writes answers differently each time, in whatever words it is asked for.
    return effect.model in written or (effect.varies and _COMMIT in written)
