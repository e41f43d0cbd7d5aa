"""Events of the evaluator for a whole project: found a file at a time, grouped by where they stand.

What a function does to the rows it is handed is known where it is called; so a file's events may stand in any other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from djfa_lint.flow.bodies import Bodies
from djfa_lint.flow.evaluate.evaluator import Evaluator
from djfa_lint.flow.evaluate.grouping import grouped
from djfa_lint.flow.evaluate.roots import effects_in
from djfa_lint.flow.evaluate.told import EVENTS, Event, Teller
from djfa_lint.flow.events import QueryPerRow
from djfa_lint.project.project import Project
from djfa_lint.project.roles import Role

__all__ = ["EVENTS", "ByFile", "Event", "Queries", "grouped"]

# What only these call is none of production's business.
_LEFT_OUT = frozenset({Role.TEST, Role.MIGRATION, Role.GENERATED})
ByFile = Mapping[str, Sequence[Event]]


class Queries:
    """Evaluates the functions of a project's files, one file after another."""

    def __init__(self, project: Project, bodies: Bodies) -> None:
        self._project = project
        self._evaluator = Evaluator(project, bodies)
        self._teller = Teller(bodies)

    @staticmethod
    def wanted(events: Collection[type]) -> bool:
        """Whether any of these event types come from here."""
        return not set(EVENTS).isdisjoint(events)

    @staticmethod
    def files(project: Project, events: Collection[type] = EVENTS) -> list[str]:
        """The files in which evaluation begins, where these events are asked for."""
        # Of SQLAlchemy's rows only queries in loops are told so far.
        if not project.has_rows("" if QueryPerRow in events else "django"):
            return []
        return [path for path in sorted(project.files) if not _LEFT_OUT & project.roles(path)]

    def events(self, path: str) -> list[Event]:
        """What the functions of one file lead to, wherever it stands."""
        told: Iterable[Event | None] = (self._teller.told(one) for one in effects_in(self._evaluator, path))
        return list(dict.fromkeys(one for one in told if one is not None))
