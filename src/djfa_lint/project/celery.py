"""The project's background tasks: Celery's, and those of huey, dramatiq and rq."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from djfa_lint.facts.values import Function
from djfa_lint.project.declared import Attribute, Made, Symbol, Value, options
from djfa_lint.project.effects import Effect
from djfa_lint.project.entities import Task
from djfa_lint.project.linked import Linked
from djfa_lint.project.names import Known

_BASES = ("celery.Task",)
_APPS = ("celery.Celery",)


class _Way(NamedTuple):
    """How a library marks its tasks: the names of decorators, and the argument that names a task."""

    decorators: frozenset[str]
    naming: str = "name"


_LIBRARIES = {
    "celery": _Way(frozenset({"task", "shared_task", "periodic_task"})),
    "huey": _Way(frozenset({"task", "periodic_task", "db_task", "db_periodic_task", "on_commit_task"})),
    "dramatiq": _Way(frozenset({"actor"}), "actor_name"),
    "rq": _Way(frozenset({"job"}), ""),
    "django_rq": _Way(frozenset({"job"}), ""),
}


class _Tasks:
    def __init__(self, linked: Linked) -> None:
        self._linked, self._linker = linked, linked.linker

    def __iter__(self) -> Iterator[Task]:
        for effect in self._linked.effects:
            if effect.target is not None:
                yield from self._decorated(effect, effect.target)
        for name in _BASES:
            for cls in self._linked.classes.subclasses(name):
                yield from self._class(cls)

    def _decorated(self, effect: Effect, target: Known) -> Iterator[Task]:
        way, made = self._way(effect)
        if way is None or self._linker.function(target) is None:
            return
        given = self._linker.text(self._linker.argument(made, -1, way.naming)) if way.naming else None
        yield Task(target, given or target.name, effect.path, effect.made.call.line or effect.line)

    def _way(self, effect: Effect) -> tuple[_Way | None, Made]:
        """Whether a decorator makes a task, also one that a function of the project makes from another."""
        if effect.method:
            return self._method(effect.receiver, effect.method), effect.made
        made = effect.made
        if isinstance(effect.receiver, Symbol) and effect.receiver.known.path:
            value = self._linker.called(made.scope, made.call)
            if isinstance(value, Made) and isinstance(value.callee, Attribute):
                return self._method(value.callee.of, value.callee.name), value
            if isinstance(value, Made) and isinstance(value.callee, Symbol):
                return _named(value.callee.known), value
        return next((way for one in self._linker.symbols(effect.receiver) if (way := _named(one))), None), made

    def _method(self, receiver: Value, name: str) -> _Way | None:
        for one in options(receiver):
            if isinstance(one, Attribute) and one.name == "tasks":
                one = one.of
            callee = one.callee if isinstance(one, Made) else one
            if not isinstance(callee, Symbol):
                continue
            known = callee.known
            if isinstance(one, Made) and self._linked.classes.is_a(known, *_APPS):
                return _LIBRARIES["celery"] if name == "task" else None
            # The other libraries are not in the tables: the package something was made by tells.
            if not known.path and (way := _named(Known(f"{known.name}.{name}"))):
                return way
            for base in self._linked.classes.mro(known).classes if isinstance(one, Made) and known.path else ():
                if not base.path and (way := _named(Known(f"{base.name}.{name}"))):
                    return way
        return None

    def _class(self, cls: Known) -> Iterator[Task]:
        """A class-based task; one without `run` is only a base."""
        found = self._linked.classes.attribute(cls, "run")
        declared = self._linked.classes.declared.get(cls)
        if found is None or declared is None or not isinstance(found.what, Function):
            return
        name = self._linker.text(self._linker.attribute(Symbol(cls), "name"))
        yield Task(Known(f"{found.owner.name}.run", path=found.owner.path), name or cls.name, cls.path, declared.line)


def _named(known: Known) -> _Way | None:
    top, _, tail = known.name.partition(".")
    way = _LIBRARIES.get(top) if not known.path else None
    return way if way is not None and tail.rpartition(".")[2] in way.decorators else None


def tasks(linked: Linked) -> tuple[Task, ...]:
    """The project's tasks, sorted; the function of a class-based one is its `run`."""
    return tuple(sorted(set(_Tasks(linked))))
