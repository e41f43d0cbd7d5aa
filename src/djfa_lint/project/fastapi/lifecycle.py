"""What an app runs besides its endpoints: middleware, exception handlers, lifespan and start-up functions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from djfa_lint.project.declared import Made, Mapped, Symbol, Value, options
from djfa_lint.project.effects import Effect
from djfa_lint.project.fastapi.containers import Container, Containers
from djfa_lint.project.linked import Linked
from djfa_lint.project.names import Known

# The method that adds a hook: the kind, and the position and name of the function; -1: it decorates it.
_METHODS = {
    "middleware": ("middleware", -1, ""),
    "exception_handler": ("exception_handler", -1, ""),
    "on_event": ("event", -1, ""),
    "add_middleware": ("middleware", 0, "middleware_class"),
    "add_exception_handler": ("exception_handler", 1, "handler"),
    "add_event_handler": ("event", 1, "func"),
}
_RUNS = ("dispatch", "__call__")


class Hook(NamedTuple):
    """A function that an app runs; `kind` is ``middleware``, ``exception_handler``, ``lifespan`` or ``event``.

    Of a middleware class `function` is the method that handles a request. `path` and `line` are where it is added.
    """

    kind: str
    function: Known
    path: str
    line: int


class _Hooks:
    def __init__(self, linked: Linked) -> None:
        self._linked, self._linker = linked, linked.linker
        self._containers = Containers(linked)

    def __iter__(self) -> Iterator[Hook]:
        for container in self._containers:
            for effect in container.effects:
                if effect.method in _METHODS:
                    kind, position, name = _METHODS[effect.method]
                    line = effect.made.call.line or effect.line
                    for one in self._added(effect, position, name):
                        yield Hook(kind, one, effect.path, line)
            yield from self._told(container)

    def _added(self, effect: Effect, position: int, name: str) -> Iterator[Known]:
        if position >= 0:
            yield from self._functions(effect.made, position, name)
        elif effect.target is not None:
            yield effect.target

    def _told(self, container: Container) -> Iterator[Hook]:
        """What the app is told when it is made."""
        made = container.made
        for kind, function in self._arguments(made):
            yield Hook(kind, function, made.scope.path, made.call.line)

    def _arguments(self, made: Made) -> Iterator[tuple[str, Known]]:
        argument, items = self._linker.argument, self._linker.items
        yield from (("lifespan", one) for one in self._runs(argument(made, -1, "lifespan")))
        for name in ("on_startup", "on_shutdown"):
            yield from (("event", one) for value in items(argument(made, -1, name)) for one in self._runs(value))
        handlers = argument(made, -1, "exception_handlers")
        for one in options(handlers) if handlers is not None else ():
            for _, value in one.items if isinstance(one, Mapped) else ():
                yield from (("exception_handler", known) for known in self._runs(value))
        for one in items(argument(made, -1, "middleware")):
            if isinstance(one, Made):
                yield from (("middleware", known) for known in self._functions(one, 0, "cls"))

    def _functions(self, made: Made, position: int, name: str) -> Iterator[Known]:
        """The functions behind an argument; ``add_middleware(BaseHTTPMiddleware, dispatch=f)`` runs f."""
        found = tuple(self._runs(self._linker.argument(made, position, name)))
        yield from found or self._runs(self._linker.argument(made, -1, "dispatch"))

    def _runs(self, value: Value | None) -> Iterator[Known]:
        for view in self._containers.views(_class_of(value)):
            if self._linker.function(view) is not None:
                yield view
                continue
            for name in _RUNS:
                found = self._linked.classes.attribute(view, name)
                if found is not None and found.owner.path:
                    yield Known(f"{found.owner.name}.{name}", path=found.owner.path)
                    break


def _class_of(value: Value | None) -> Value | None:
    """An instance runs as its class says."""
    return value.callee if isinstance(value, Made) and isinstance(value.callee, Symbol) else value


def hooks(linked: Linked) -> tuple[Hook, ...]:
    """The project's functions that some app runs besides its endpoints, sorted."""
    return tuple(sorted(set(_Hooks(linked))))
