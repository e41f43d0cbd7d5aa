"""Events of the evaluator for a whole project: found a file at a time, grouped by where they stand.

What a function does to the rows it is handed is known where it is called; so a file's events may stand in any other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from djfa_lint.flow.bodies import Bodies
from djfa_lint.flow.evaluate.evaluator import Evaluator
from djfa_lint.flow.evaluate.grouping import grouped
from djfa_lint.flow.evaluate.roots import effects_in
from djfa_lint.flow.evaluate.told import COROUTINES, EVENTS, ROWS, Event, Teller
from djfa_lint.flow.events import QueryPerRow
from djfa_lint.project.project import Project
from djfa_lint.project.roles import Role
from djfa_lint.source.recursion import room_to_recurse

__all__ = ["EVENTS", "ByFile", "Event", "Queries", "grouped"]

# What only these call is none of production's business.
_LEFT_OUT = frozenset({Role.TEST, Role.MIGRATION, Role.GENERATED})
# Bodies that lead to bodies, each with its expressions inside each other.
_MOST_NESTED = 6_000
ByFile = Mapping[str, Sequence[Event]]


class Queries:
    """Evaluates the functions of a project's files, one file after another."""

    def __init__(self, project: Project, bodies: Bodies, blocking: Mapping[str, str] | None = None) -> None:
        """`blocking` are further calls that block an event loop, each with what to write instead."""
        self._project = project
        self._evaluator = Evaluator(project, bodies, blocking or {})
        self._teller = Teller(project, bodies)
        # Of SQLAlchemy's rows only queries in loops are told so far.
        self._has_rows = project.has_rows()

    @staticmethod
    def wanted(events: Collection[type]) -> bool:
        """Whether any of these event types come from here."""
        return not set(EVENTS).isdisjoint(events)

    @staticmethod
    def files(project: Project, events: Collection[type] = EVENTS) -> list[str]:
        """The files in which evaluation begins, where these events are asked for."""
        coroutines = not set(COROUTINES).isdisjoint(events)
        rows = not set(ROWS).isdisjoint(events) and project.has_rows("" if QueryPerRow in events else "django")
        return [
            path
            for path in sorted(project.files)
            if not _LEFT_OUT & project.roles(path) and (rows or (coroutines and project.has_coroutines()))
        ]

    def events(self, path: str) -> list[Event]:
        """What the functions of one file lead to, wherever it stands."""
        with room_to_recurse(_MOST_NESTED):
            effects = effects_in(self._evaluator, path, rows=self._has_rows)
            told: Iterable[Event | None] = (self._teller.told(one) for one in effects)
            return list(dict.fromkeys(one for one in told if one is not None))
