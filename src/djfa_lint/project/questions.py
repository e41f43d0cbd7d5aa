"""Answers questions that lead to other questions, in circles too, each once.

What is in a circle with others is not known: so the answer to one does not depend on which was asked first, nor on
what was asked before. A question that is asked too deep is answered first and the one that led to it asked again, so
no chain is too long.
"""

from __future__ import annotations

from collections.abc import Callable

from djfa_lint.project.declared import UNKNOWN, Scope, Value

# What is asked: a name in a scope, what a run of a function returns ...
Key = tuple[Scope, str]
Work = Callable[[], Value]
_DEEPEST = 25


class _TooDeepError(Exception):
    def __init__(self, key: Key, work: Work) -> None:
        super().__init__()
        self.key, self.work = key, work


class Questions:
    """Keeps the answers; the circles are found as Tarjan finds strongly connected components."""

    def __init__(self) -> None:
        self._answers: dict[Key, Value] = {}
        self._waiting: list[Key] = []
        self._places: dict[Key, int] = {}
        # For each question that is being worked on, the first one that it leads back to.
        self._lows: list[int] = []

    def answer(self, key: Key, work: Work) -> Value:
        """The answer to a question; `work` finds it where it has not been asked before."""
        kept = self._answers.get(key)
        if kept is not None:
            return kept
        if self._lows:
            return self._ask(key, work)
        first = {key: work}
        while first:
            current = next(reversed(first))
            try:
                self._ask(current, first[current])
            except _TooDeepError as deeper:
                if deeper.key in first:
                    # A circle of more questions than can be asked at once.
                    self._answers.update(dict.fromkeys(first, UNKNOWN))
                    break
                first[deeper.key] = deeper.work
            else:
                del first[current]
        return self._answers[key]

    def _ask(self, key: Key, work: Work) -> Value:
        kept = self._answers.get(key)
        if kept is not None:
            return kept
        place = self._places.get(key)
        if place is not None:
            self._lows[-1] = min(self._lows[-1], place)
            return UNKNOWN
        if len(self._lows) >= _DEEPEST:
            raise _TooDeepError(key, work)
        place = self._places[key] = len(self._waiting)
        self._waiting.append(key)
        self._lows.append(place)
        try:
            value = work()
        except RecursionError:
            self._forget(place)
            if not self._lows:
                value = self._answers[key] = UNKNOWN
                return value
            raise _TooDeepError(key, work) from None
        except BaseException:
            self._forget(place)
            raise
        return self._settled(key, place, value)

    def _settled(self, key: Key, place: int, value: Value) -> Value:
        low = self._lows.pop()
        if low < place:
            self._lows[-1] = min(self._lows[-1], low)
            return UNKNOWN
        circle = self._waiting[place:]
        del self._waiting[place:]
        for one in circle:
            del self._places[one]
            self._answers[one] = UNKNOWN
        if len(circle) == 1:
            self._answers[key] = value
        return self._answers[key]

    def _forget(self, place: int) -> None:
        for one in self._waiting[place:]:
            del self._places[one]
        del self._waiting[place:]
        self._lows.pop()
