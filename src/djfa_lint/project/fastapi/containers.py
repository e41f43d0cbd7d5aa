"""Which app or router has which routes of its own, and which others it includes or mounts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from djfa_lint.facts.values import Assigned, Call, Function, Returned, Statement
from djfa_lint.project.declared import Attribute, Lit, Made, Scope, Symbol, Value, options
from djfa_lint.project.effects import Effect
from djfa_lint.project.linked import Linked
from djfa_lint.project.names import Known
from djfa_lint.project.roles import Role

VERBS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})
_APPS = ("fastapi.FastAPI", "starlette.applications.Starlette")
_ROUTERS = ("fastapi.APIRouter", "starlette.routing.Router")
_ROUTES = ("starlette.routing.Route", "starlette.routing.WebSocketRoute")
_API_ROUTES = ("fastapi.routing.APIRoute", "fastapi.routing.APIWebSocketRoute")
_MOUNTS = ("starlette.routing.Mount", "starlette.routing.Host")
# What an app is told when it is made, besides its title and the like.
_TELLING = frozenset("routes lifespan middleware exception_handlers on_startup on_shutdown dependencies".split())
_ADDING = frozenset({"add_api_route", "add_route", "add_api_websocket_route", "add_websocket_route"})
_DECLARING = VERBS | _ADDING | {"api_route", "route", "websocket", "websocket_route"}
_WEBSOCKETS = frozenset({"websocket", "websocket_route", "add_api_websocket_route", "add_websocket_route"})
# Starlette's own routes hand the request over and know neither dependencies nor a router's prefix.
_PLAIN = frozenset({"route", "add_route", "websocket_route", "add_websocket_route"})
_LEFT_OUT = {Role.TEST, Role.MIGRATION}


class Route(NamedTuple):
    """A route as declared: `made` is the call, `verb` its own verb, `view` the function, class or bound method.

    A `plain` one is Starlette's own and has no dependencies; one that is `given` takes no prefix from its router.
    """

    made: Made
    view: Known
    line: int
    maybe: bool
    verb: str = ""
    websocket: bool = False
    plain: bool = False
    given: bool = False


class Inclusion(NamedTuple):
    """A router or app in another; `prefix` is None where it cannot be told."""

    child: Container
    made: Made
    prefix: str | None
    mounted: bool
    maybe: bool


class Container:
    """An app or a router."""

    def __init__(self, made: Made, is_app: bool) -> None:
        """`made` is the call that makes it."""
        self.made, self.is_app = made, is_app
        self.routes: list[Route] = []
        self.inclusions: list[Inclusion] = []
        self.effects: list[Effect] = []


class Containers:
    """All apps and routers of a project."""

    def __init__(self, linked: Linked) -> None:
        self._linked, self._linker = linked, linked.linker
        self._kinds: dict[Known, str] = {}
        self._found: dict[Made, Container] = {}
        for effect in linked.effects:
            self._effect(effect)
        for made in self._told():
            for _ in self.of(made):
                pass

    def __iter__(self) -> Iterator[Container]:
        # A list of routes may mount what was not met before.
        return iter(list(self._found.values()))

    def of(self, value: Value | None, depth: int = 0) -> Iterator[Container]:
        """The apps and routers a value may be, also with other ASGI apps around them."""
        for one in options(value) if value is not None and depth < 10 else ():
            if isinstance(one, Attribute) and one.name == "router":
                yield from self.of(one.of, depth + 1)
            if not isinstance(one, Made) or not isinstance(one.callee, Symbol):
                continue
            kind = self.kind(one.callee.known)
            if kind in {"app", "router"}:
                yield self._container(one, kind == "app")
            elif not kind and not one.callee.known.path:
                yield from self.of(self._linker.argument(one, 0, "app"), depth + 1)

    def kind(self, cls: Known) -> str:
        """What a class is: ``app``, ``router``, ``route``, ``mount`` or ""."""
        found = self._kinds.get(cls)
        if found is None:
            classes = self._linked.classes
            kinds = (("app", _APPS), ("router", _ROUTERS), ("route", _ROUTES), ("mount", _MOUNTS))
            found = next((kind for kind, names in kinds if classes.is_a(cls, *names)), "")
            self._kinds[cls] = found
        return found

    def told(self, made: Made, name: str) -> Value | None:
        """What an app or router is told when it is made, its class's own defaults included."""
        given = self._linker.argument(made, -1, name)
        cls = made.callee.known if isinstance(made.callee, Symbol) else None
        if given is not None or cls is None or not cls.path:
            return given
        found = self._linked.classes.attribute(cls, "__init__")
        for param in found.what.params if found is not None and isinstance(found.what, Function) else ():
            if param.name == name and param.default is not None and found is not None:
                return self._linker.value(self._linker.module(found.owner.path), param.default)
        return None

    def text(self, value: Value | None) -> str | None:
        """A path or prefix: "" where none is given, None where it cannot be told."""
        return "" if value is None or value == Lit(None) else self._linker.text(value)

    def views(self, value: Value | None) -> tuple[Known, ...]:
        """The functions, methods and classes of the project a value may be."""
        found: list[Known] = []
        for one in options(value) if value is not None else ():
            known = self._view(one)
            if known is not None and known.path and (self._linker.function(known) or self._is_class(known)):
                found.append(known)
        return tuple(found)

    def _view(self, value: Value) -> Known | None:
        if isinstance(value, Symbol):
            return self._inherited(value.known)
        if isinstance(value, Attribute) and isinstance(value.of, Made) and isinstance(value.of.callee, Symbol):
            known = value.of.callee.known
            return self._inherited(Known(f"{known.name}.{value.name}", path=known.path))
        partial = isinstance(value, Made) and value.callee == Symbol(Known("functools.partial"))
        return self._view(self._linker.argument(value, 0) or Lit(None)) if partial and isinstance(value, Made) else None

    def _inherited(self, known: Known) -> Known:
        """A method under the class of the project that has it."""
        owner, _, name = known.name.rpartition(".")
        cls = Known(owner, path=known.path)
        found = self._linked.classes.attribute(cls, name) if self._is_class(cls) else None
        return Known(f"{found.owner.name}.{name}", path=found.owner.path) if found is not None else known

    def _is_class(self, known: Known) -> bool:
        return known in self._linked.classes.declared

    def _container(self, made: Made, is_app: bool) -> Container:
        found = self._found.get(made)
        if found is None:
            found = self._found[made] = Container(made, is_app)
            self._listed(found, self._linker.argument(made, -1, "routes"), False)
        return found

    def _listed(self, container: Container, routes: Value | None, maybe: bool) -> None:
        """Routes and mounts given as a list."""
        for one in self._linker.items(routes):
            if not isinstance(one, Made) or not isinstance(one.callee, Symbol):
                continue
            kind = self.kind(one.callee.known)
            if kind == "route":
                views = self.views(self._linker.argument(one, 1, "endpoint"))
                plain = not self._linked.classes.is_a(one.callee.known, *_API_ROUTES)
                websocket = self._linked.classes.is_a(one.callee.known, "starlette.routing.WebSocketRoute")
                for view in views:
                    route = Route(one, view, one.call.line, maybe or len(views) > 1, "", websocket, plain, True)
                    container.routes.append(route)
            elif kind == "mount":
                self._mounted(container, one, maybe)

    def _mounted(self, container: Container, made: Made, maybe: bool) -> None:
        """``Mount("/x", app=...)`` or one with a list of routes, or ``app.mount("/x", app)``."""
        prefix = self.text(self._linker.argument(made, 0, "path"))
        prefix = prefix.rstrip("/") if prefix is not None else None
        for child in self.of(self._linker.argument(made, 1, "app")):
            container.inclusions.append(Inclusion(child, made, prefix, True, maybe))
        routes = self._linker.argument(made, 2, "routes")
        if routes is not None and isinstance(made.callee, Symbol):
            child = Container(made, False)
            self._listed(child, routes, maybe)
            container.inclusions.append(Inclusion(child, made, prefix, True, maybe))

    def _effect(self, effect: Effect) -> None:
        effect = self._through_helper(effect)
        if effect.method:
            for container in self.of(effect.receiver):
                self._on(container, effect)

    def _through_helper(self, effect: Effect) -> Effect:
        """``@protected_get("/x")`` where the project's function returns ``router.get(...)``."""
        if effect.target is None or effect.method or not isinstance(effect.receiver, Symbol):
            return effect
        if not effect.receiver.known.path:
            return effect
        value = self._linker.called(effect.made.scope, effect.made.call)
        if isinstance(value, Made) and isinstance(value.callee, Attribute):
            return effect._replace(receiver=value.callee.of, method=value.callee.name, made=value)
        return effect

    def _on(self, container: Container, effect: Effect) -> None:
        container.effects.append(effect)
        made, method = effect.made, effect.method
        if method in _DECLARING:
            self._declared(container, effect)
        elif method == "include_router":
            prefix = self.text(self._linker.argument(made, -1, "prefix"))
            for child in self.of(self._linker.argument(made, 0, "router")):
                container.inclusions.append(Inclusion(child, made, prefix, False, effect.maybe))
        elif method == "mount":
            self._mounted(container, made, effect.maybe)

    def _declared(self, container: Container, effect: Effect) -> None:
        """A route that a decorator or an `add_...` method declares."""
        made, method = effect.made, effect.method
        views: tuple[Known, ...] = (effect.target,) if effect.target is not None else ()
        if method in _ADDING:
            names = ("endpoint", "route") if method in _PLAIN else ("endpoint",)
            given = [self._linker.argument(made, 1, name) for name in names]
            views = self.views(next((one for one in given if one is not None), None))
        verb = method.upper() if method in VERBS else ""
        plain, line = method in _PLAIN, made.call.line or effect.line
        for view in views:
            maybe = effect.maybe or len(views) > 1
            container.routes.append(Route(made, view, line, maybe, verb, method in _WEBSOCKETS, plain, plain))

    def _told(self) -> Iterator[Value]:
        """Apps that are told everything when they are made: nothing is done to them afterwards."""
        scopes = [
            self._linker.module(path) for path in sorted(self._linked.files) if not self._linked.roles(path) & _LEFT_OUT
        ]
        for scope in [*scopes, *self._linker.runs]:
            for statement in scope.statements:
                if _tells(statement):
                    yield self._linker.value(scope, statement.value)  # type: ignore[union-attr]


def _tells(statement: Statement) -> bool:
    if not isinstance(statement, (Assigned, Returned)) or not isinstance(statement.value, Call):
        return False
    return any(name in _TELLING for name, _ in statement.value.keywords)


def scope_of(linked: Linked, route: Route) -> Scope:
    """Where the names in a view's signature are read: where it is defined, which may be inside a factory."""
    return signature_scope(linked, route.view, route.made.scope)


def signature_scope(linked: Linked, known: Known, inside: Scope | None = None) -> Scope:
    """Where a function's defaults and annotations are read; `inside` is the run it is met in, if it is in one."""
    function = linked.linker.function(known)
    if function is not None and function.owner:
        owner = Known(known.name.rpartition(".")[0], path=known.path)
        if owner in linked.classes.declared:
            return linked.linker.class_scope(owner)
    scope = inside
    while scope is not None and scope.path == known.path:
        if scope.function is not None and function is not None and function.name.startswith(scope.function.name + "."):
            return inside if inside is not None else scope
        scope = scope.parent
    return linked.linker.module(known.path)
