"""The endpoints of FastAPI and Starlette apps: what apps, routers and mounts add up to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from djfa_lint.facts.values import Function
from djfa_lint.project.annotations import Placed, plain_class
from djfa_lint.project.declared import Lit, Made, Scope
from djfa_lint.project.entities import Endpoint, Handler
from djfa_lint.project.fastapi.containers import VERBS, Container, Containers, Route, scope_of
from djfa_lint.project.fastapi.depends import Dependencies, Dependency
from djfa_lint.project.linked import Linked
from djfa_lint.project.names import Known

_DEEPEST = 30
_MOST = 50_000
_RESPONSES = ("starlette.responses.Response",)


class _Way(NamedTuple):
    """The way from an app to a router: its prefix and what runs before."""

    prefix: str = ""
    before: tuple[Dependency, ...] = ()
    maybe: bool = False
    seen: tuple[Container, ...] = ()


class _Apps:
    def __init__(self, linked: Linked) -> None:
        self._linked, self._linker = linked, linked.linker
        self.containers = Containers(linked)
        self._dependencies = Dependencies(linked)
        self._routes: dict[Route, Endpoint | None] = {}

    def endpoints(self) -> Iterator[Endpoint]:
        """Those of the apps, then those of routers that no app includes."""
        every = list(self.containers)
        inner = {one.child for container in every for one in container.inclusions}
        reached: set[Container] = set()
        for app in every:
            if app.is_app and app not in inner:
                yield from self.below(app, _Way(), reached)
        rest = [one for one in every if one not in reached]
        inner = {one.child for container in rest for one in container.inclusions}
        for router in rest:
            if router not in inner:
                yield from self.below(router, _Way(maybe=True), reached)

    def below(self, container: Container, way: _Way, reached: set[Container]) -> Iterator[Endpoint]:
        """The endpoints of an app or router and of all in it."""
        if container in way.seen or len(way.seen) > _DEEPEST:
            return
        reached.add(container)
        prefix = self.containers.text(self.containers.told(container.made, "prefix"))
        own = self._dependencies.listed(self.containers.told(container.made, "dependencies"))
        here = _Way(
            way.prefix + (prefix or ""), (*way.before, *own), way.maybe or prefix is None, (*way.seen, container)
        )
        for route in container.routes:
            found = self._endpoint(route, way if route.given else here)
            if found is not None:
                yield found
        told = {one.child for one in container.inclusions if one.prefix is not None}
        for one in container.inclusions:
            if one.prefix is None and one.child in told:
                continue
            before = () if one.mounted else (*here.before, *self._listed(one.made))
            maybe = here.maybe or one.maybe or one.prefix is None
            outer = way.prefix if one.mounted else here.prefix
            yield from self.below(one.child, _Way(outer + (one.prefix or ""), before, maybe, here.seen), reached)

    def _listed(self, made: Made) -> tuple[Dependency, ...]:
        return self._dependencies.listed(self._linker.argument(made, -1, "dependencies"))

    def _endpoint(self, route: Route, way: _Way) -> Endpoint | None:
        path = self.containers.text(self._linker.argument(route.made, 0, "path"))
        if path is None:
            return None
        scope = scope_of(self._linked, route)
        function = self._linker.function(route.view)
        own = (*way.before, *self._listed(route.made)) if not route.plain else ()
        if function is not None and not route.plain:
            own = (*own, *self._of_view(function, route.view), *self._dependencies.of(route.view, scope))
        callables, complete = self._dependencies.whole(own)
        methods = self._methods(route)
        return Endpoint(
            "fastapi",
            way.prefix + path,
            methods,
            route.view,
            route.made.scope.path,
            route.line,
            self._linker.text(self._linker.argument(route.made, -1, "name")) or route.view.name.rpartition(".")[2],
            self._handlers(route.view, methods),
            dependencies=callables,
            response=self._response(route, function, scope),
            websocket=route.websocket,
            maybe=way.maybe or route.maybe,
            complete=complete,
        )

    def _of_view(self, function: Function, view: Known) -> tuple[Dependency, ...]:
        owner = Known(view.name.rpartition(".")[0], path=view.path)
        return self._dependencies.of_class(owner) if function.owner and owner in self._linked.classes.declared else ()

    def _methods(self, route: Route) -> tuple[str, ...]:
        if route.verb:
            return (route.verb,)
        if route.websocket:
            return ()
        given = self._linker.argument(route.made, -1, "methods")
        if given is None or given == Lit(None):
            return ("GET",) if self._linker.function(route.view) is not None else ()
        texts = [self._linker.text(one) for one in self._linker.items(given)]
        return tuple(sorted({text.upper() for text in texts if text is not None}))

    def _handlers(self, view: Known, methods: tuple[str, ...]) -> tuple[Handler, ...]:
        """The function itself; of a Starlette class the methods named after verbs."""
        if self._linker.function(view) is not None:
            return (Handler(view, methods),)
        found = []
        for owner, function in self._linked.classes.methods(view):
            verb = function.name.rpartition(".")[2]
            if verb in VERBS:
                found.append(Handler(Known(f"{owner.name}.{verb}", path=owner.path), (verb.upper(),)))
        return tuple(sorted(found))

    def _response(self, route: Route, function: Function | None, scope: Scope) -> Known | None:
        if route.plain or route.websocket:
            return None
        given = route.made.call.argument(-1, "response_model")
        if given is not None:
            return plain_class(self._linker, Placed(given, route.made.scope), generics=True)
        if function is None or function.returns is None:
            return None
        found = plain_class(self._linker, Placed(function.returns, scope), generics=True)
        return None if found is None or self._linked.classes.is_a(found, *_RESPONSES) else found


def endpoints(linked: Linked) -> tuple[Endpoint, ...]:
    """All endpoints of the project's apps, sorted; `maybe` for those of a router that no app is seen to include."""
    found: dict[Endpoint, Endpoint] = {}
    for one in _Apps(linked).endpoints():
        key = replace(one, maybe=False)
        if key not in found or found[key].maybe:
            found[key] = one
        if len(found) > _MOST:
            break
    return tuple(sorted(found.values(), key=_order))


def _order(one: Endpoint) -> tuple[object, ...]:
    return one.route, one.methods, one.view, one.path, one.line, one.dependencies, one.maybe


def routes_of(linked: Linked, app: Known) -> tuple[Endpoint, ...]:
    """The endpoints of the app that a module-level name holds (``Known("shop.main.app", path="shop/main.py")``)."""
    module, _, name = app.name.rpartition(".")
    if not app.path or linked.modules.name(app.path) != module:
        return ()
    apps = _Apps(linked)
    value = linked.linker.lookup(linked.linker.module(app.path), name)
    found = [one for container in apps.containers.of(value) for one in apps.below(container, _Way(), set())]
    return tuple(sorted(found, key=_order))
