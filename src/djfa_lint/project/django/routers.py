"""The routes of DRF's routers: what is registered, in which spelling, and what a router makes of each viewset.

Routes are spelled as DRF's own resolver has them; the variants with a format suffix are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from djfa_lint.project.declared import Attribute, Made, Symbol, Value, options
from djfa_lint.project.django.routing import Registered, Shape, Shapes, Template
from djfa_lint.project.django.targets import view_class
from djfa_lint.project.django.viewsets import Viewsets
from djfa_lint.project.effects import Effect, effects_of
from djfa_lint.project.linked import Linked
from djfa_lint.project.names import Known
from djfa_lint.project.roles import Role

_ROUTERS = (
    "rest_framework.routers.BaseRouter",
    "rest_framework_extensions.routers.ExtendedSimpleRouter",
    "rest_framework_extensions.routers.ExtendedDefaultRouter",
)
_MOST_DEEP = 10


class RouterRoute(NamedTuple):
    """One route of a router; `actions` are the viewset's, by verb, none for a router's root view."""

    route: str
    view: Known
    actions: tuple[tuple[str, str], ...]
    name: str
    path: str
    line: int
    maybe: bool = False


class Routers:
    """What the project's routers hold; answers are kept."""

    def __init__(self, linked: Linked) -> None:
        self._linked, self._linker, self._classes = linked, linked.linker, linked.classes
        self.viewsets = Viewsets(linked)
        # By router: what is registered, and the routers whose registry is taken over, in the order it is done.
        self._held: dict[int, list[Registered | Made]] = {}
        self._seen: dict[tuple[int, int], Made] = {}
        self._gathered: set[str] = set()
        self._runs = 0
        self._shapes = Shapes(linked, self)
        self._routes: dict[int, tuple[RouterRoute, ...]] = {}
        self._gather(linked.effects)

    def is_router(self, value: Value) -> bool:
        """Whether this is an instance of a DRF router."""
        callee = value.callee if isinstance(value, Made) else None
        return isinstance(callee, Symbol) and self._classes.is_a(callee.known, *_ROUTERS)

    def routes(self, router: Made) -> tuple[RouterRoute, ...]:
        """The routes a router gives, in its own order."""
        kept = self._routes.get(id(router))
        if kept is None:
            self._look_again(router)
            kept = self._routes[id(router)] = tuple(self._made(router))
        return kept

    def held(self, router: Made, depth: int = 0) -> Iterator[Registered]:
        """What is registered with a router, taken over registries included."""
        for one in self._held.get(id(router), ()):
            if isinstance(one, Registered):
                yield one
            elif depth < _MOST_DEEP:
                yield from self.held(one, depth + 1)

    # --- registering

    def _look_again(self, router: Made) -> None:
        """Look where the application's effects do not come from: a test's own URLconf, a factory first run by one."""
        path, runs = router.scope.path, len(self._linker.runs)
        if Role.TEST in self._linked.roles(path) and path not in self._gathered:
            self._gathered.add(path)
            self._gather(effects_of(self._linker, [path]))
        elif router.scope.home.function is not None and runs > self._runs:
            self._gather(effects_of(self._linker, []))
            self._runs = runs

    def _gather(self, effects: Iterable[Effect]) -> None:
        for effect in effects:
            if effect.method == "register":
                self._register(effect)
            elif effect.method == "extend" and isinstance(effect.receiver, Attribute):
                self._extend(effect.receiver, effect)

    def _routers(self, value: Value) -> Iterator[Made]:
        for one in options(value):
            if isinstance(one, Made) and self.is_router(one):
                yield one

    def _is_new(self, router: Made, made: Made) -> bool:
        key = (id(router), id(made))
        if key in self._seen:
            return False
        self._seen[key] = made
        return True

    def _register(self, effect: Effect) -> None:
        """``router.register(...)``; drf-extensions registers with what that gives: ``orders.register(...)``."""
        chain, receiver = [effect.made], effect.receiver
        while isinstance(receiver, Made) and isinstance(receiver.callee, Attribute) and len(chain) < _MOST_DEEP:
            chain.insert(0, receiver)
            receiver = receiver.callee.of
        for router in self._routers(receiver):
            for at, made in enumerate(chain):
                one = self._registered(made, chain[:at], effect.maybe)
                if one is not None and self._is_new(router, made):
                    self._held.setdefault(id(router), []).append(one)

    def _registered(self, made: Made, around: list[Made], maybe: bool) -> Registered | None:
        text, argument = self._linker.text, self._linker.argument
        prefix, viewset = text(argument(made, 0, "prefix")), self._viewset(made)
        lookups = (
            [text(one) for one in self._linker.items(argument(made, 3, "parents_query_lookups"))] if around else []
        )
        if prefix is None or viewset is None or len(lookups) != len(around):
            return None
        for parent, lookup in zip(reversed(around), reversed(lookups), strict=True):
            above, of = text(argument(parent, 0, "prefix")), self._viewset(parent)
            if above is None or of is None:
                return None
            value = self.viewsets.text(of, "lookup_value_regex") or "[^/.]+"
            prefix = f"{above}/(?P<parent_lookup_{lookup}>{value})/{prefix}"
        basename = text(argument(made, 2, "basename") or argument(made, -1, "base_name")) or ""
        return Registered(prefix, viewset, basename, made.scope.path, made.call.line, maybe)

    def _viewset(self, made: Made) -> Known | None:
        given = self._linker.symbols(self._linker.argument(made, 1, "viewset"))
        return next((one for cls in given for one in view_class(self._linked, cls)), None)

    def _extend(self, registry: Attribute, effect: Effect) -> None:
        """``router.registry.extend(other.registry)``."""
        taken = self._linker.argument(effect.made, 0)
        if registry.name != "registry" or not isinstance(taken, Attribute) or taken.name != "registry":
            return
        for router in self._routers(registry.of):
            if self._is_new(router, effect.made):
                self._held.setdefault(id(router), []).extend(self._routers(taken.of))

    # --- routes

    def _made(self, router: Made) -> Iterator[RouterRoute]:
        shape = self._shapes.of(router)
        for one in self.held(router):
            lookup = self._shapes.lookup(shape, one.viewset)
            for template in shape.templates:
                yield from self._routes_of(shape, template, one, lookup)
        root = self._shapes.root_view(router)
        if root is not None:
            yield RouterRoute("", root, (), "api-root", router.scope.path, router.call.line)

    def _routes_of(self, shape: Shape, template: Template, one: Registered, lookup: str) -> Iterator[RouterRoute]:
        """The routes of one template: one for each extra action where it is a dynamic one."""
        if not template.dynamic:
            rows = [("", "", template.mapping)]
        else:
            extras = self.viewsets.extras(one.viewset)
            rows = [
                (extra.url_path, extra.url_name, extra.mapping) for extra in extras if extra.detail == template.detail
            ]
        for url_path, url_name, mapping in rows:
            actions = tuple((verb, name) for verb, name in mapping if self.viewsets.has(one.viewset, name))
            if actions:
                route = shape.route(template, one.prefix, lookup, url_path)
                name = template.name.replace("{basename}", one.basename).replace("{url_name}", url_name)
                yield RouterRoute(
                    route, one.viewset, actions, name if one.basename else "", one.path, one.line, one.maybe
                )
