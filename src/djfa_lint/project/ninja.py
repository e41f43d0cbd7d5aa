"""The endpoints of django-ninja and django-ninja-extra APIs, with the prefix a URLconf gives them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from djfa_lint.facts.values import Spread
from djfa_lint.project.annotations import Placed, plain_class
from djfa_lint.project.declared import Attribute, Lit, Made, Mapped, Symbol, Value, options
from djfa_lint.project.django.urls import mounts
from djfa_lint.project.effects import Effect
from djfa_lint.project.entities import Endpoint, Handler
from djfa_lint.project.linked import Linked
from djfa_lint.project.names import Known

_VERBS = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "trace"})
_SEVERAL = frozenset({"api_operation", "generic"})
_APIS = ("ninja.NinjaAPI",)
_ROUTERS = ("ninja.Router",)
_CONTROLLER = "api_controller"
_DEEPEST = 20


class _Route(NamedTuple):
    view: Known
    method: str
    effect: Effect


class _Child(NamedTuple):
    group: _Group
    prefix: str | None
    made: Made
    maybe: bool


class _Way(NamedTuple):
    """The way from an API to a router: prefixes, and what was said of authentication last."""

    prefix: str
    auth: Value | None
    maybe: bool
    seen: tuple[_Group, ...]


class _Group:
    """An API, a router, or the controller that `cls` names; `made` is what its arguments are read from."""

    def __init__(self, made: Made, is_api: bool = False, cls: Known | None = None) -> None:
        self.made, self.is_api, self.cls = made, is_api, cls
        self.routes: list[_Route] = []
        self.children: list[_Child] = []


class _Groups:
    """Gathers the APIs, routers and controllers from what is done on import."""

    def __init__(self, linked: Linked) -> None:
        self._linked, self._linker = linked, linked.linker
        self._made: dict[Made, _Group] = {}
        self._controllers: dict[Known, _Group] = {}
        effects = [effect for effect in linked.effects if self._concerns(effect)]
        for effect in effects:
            if effect.target is not None and _of_extra(effect.receiver, {_CONTROLLER}):
                self._controllers[effect.target] = _Group(effect.made, cls=effect.target)
        for effect in effects:
            self._effect(effect)

    def __iter__(self) -> Iterator[_Group]:
        yield from list(self._made.values())
        yield from self._controllers.values()

    def of(self, value: Value | None) -> Iterator[_Group]:
        """The APIs and routers a value may be; a text is the dotted name of one."""
        for one in options(value) if value is not None else ():
            if not isinstance(one, Made) or not isinstance(one.callee, Symbol):
                continue
            is_api = self._linked.classes.is_a(one.callee.known, *_APIS)
            if is_api or self._linked.classes.is_a(one.callee.known, *_ROUTERS):
                if one not in self._made:
                    self._made[one] = _Group(one, is_api)
                yield self._made[one]

    def _concerns(self, effect: Effect) -> bool:
        if not effect.method:
            return effect.target is not None and isinstance(effect.receiver, Symbol)
        return isinstance(effect.receiver, (Made, Attribute)) or len(options(effect.receiver)) > 1

    def _effect(self, effect: Effect) -> None:
        if not effect.method:
            self._in_controller(effect)
            return
        for group in self.of(effect.receiver):
            if effect.method in _VERBS | _SEVERAL and effect.target is not None:
                group.routes.append(_Route(effect.target, effect.method, effect))
            elif effect.method == "add_router":
                self._add_router(group, effect)
            elif effect.method == "register_controllers":
                for value in self._positional(effect.made):
                    self._add_controller(group, value, effect)
            elif effect.method == "auto_discover_controllers":
                for controller in self._controllers.values():
                    group.children.append(_Child(controller, "", controller.made, effect.maybe))

    def _in_controller(self, effect: Effect) -> None:
        """``@http_get("/x")`` or ``@route.get("/x")`` on a method of a controller."""
        verbs = {*_VERBS, *_SEVERAL, *(f"http_{verb}" for verb in [*_VERBS, *_SEVERAL])}
        if effect.target is None or not _of_extra(effect.receiver, verbs):
            return
        owner = effect.target._replace(name=effect.target.name.rpartition(".")[0])
        controller = self._controllers.get(owner)
        if controller is not None and isinstance(effect.receiver, Symbol):
            method = effect.receiver.known.name.rpartition(".")[2].removeprefix("http_")
            controller.routes.append(_Route(effect.target, method, effect))

    def _add_router(self, group: _Group, effect: Effect) -> None:
        value = self._linker.argument(effect.made, 1, "router")
        text = self._linker.text(value)
        prefix = self._linker.text(self._linker.argument(effect.made, 0, "prefix"))
        for child in self.of(self._dotted(text, effect.path) if text is not None else value):
            group.children.append(_Child(child, prefix, effect.made, effect.maybe))

    def _add_controller(self, group: _Group, value: Value, effect: Effect) -> None:
        text = self._linker.text(value)
        for known in self._linker.symbols(self._dotted(text, effect.path) if text is not None else value):
            controller = self._controllers.get(known)
            if controller is not None:
                group.children.append(_Child(controller, "", controller.made, effect.maybe))

    def _positional(self, made: Made) -> Iterator[Value]:
        for expr in made.call.args:
            value = self._linker.value(made.scope, expr.value if isinstance(expr, Spread) else expr)
            yield from self._linker.items(value) if isinstance(expr, Spread) else (value,)

    def _dotted(self, name: str, path: str) -> Value | None:
        """What a dotted name in a string leads to, as Django imports it."""
        module, _, attribute = name.rpartition(".")
        found = self._linked.modules.find(path, module) if module else None
        return self._linker.lookup(self._linker.module(found), attribute) if found is not None else None


def _of_extra(receiver: Value, names: set[str]) -> bool:
    name = receiver.known.name if isinstance(receiver, Symbol) and not receiver.known.path else ""
    return name.startswith("ninja_extra.") and name.rpartition(".")[2] in names


class _Endpoints:
    def __init__(self, linked: Linked) -> None:
        self._linked, self._linker = linked, linked.linker
        self._groups = _Groups(linked)

    def __iter__(self) -> Iterator[Endpoint]:
        reached: set[_Group] = set()
        places: dict[_Group, list[str]] = {}
        if any(True for _ in self._groups):
            for prefix, value in mounts(self._linked):
                for group in self._groups.of(value.of if isinstance(value, Attribute) else value):
                    places.setdefault(group, []).append(prefix)
        for group in self._groups:
            if group.is_api:
                for prefix in dict.fromkeys(places.get(group, [])):
                    yield from self._below(group, _Way(prefix, None, False, ()), reached)
                if group not in places:
                    yield from self._below(group, _Way("", None, True, ()), reached)
        rest = [group for group in self._groups if group not in reached]
        inner = {child.group for group in rest for child in group.children}
        for group in rest:
            if group not in inner:
                yield from self._below(group, _Way("", None, True, ()), reached)

    def _below(self, group: _Group, way: _Way, reached: set[_Group]) -> Iterator[Endpoint]:
        if group in way.seen or len(way.seen) > _DEEPEST:
            return
        reached.add(group)
        prefix = self._linker.text(self._linker.argument(group.made, 0, "prefix_or_class")) if group.cls else ""
        here = _Way(_join(way.prefix, prefix or ""), self._auth(group.made, way.auth), way.maybe, (*way.seen, group))
        for route in group.routes:
            found = self._endpoint(route, here)
            if found is not None:
                yield found
        for child in group.children:
            maybe = here.maybe or child.maybe or child.prefix is None
            auth = self._auth(child.made, here.auth) if child.group.cls is None else here.auth
            inner = _Way(_join(here.prefix, child.prefix or ""), auth, maybe, here.seen)
            yield from self._below(child.group, inner, reached)

    def _auth(self, made: Made, outer: Value | None) -> Value | None:
        given = self._linker.argument(made, -1, "auth")
        return given if given is not None else outer

    def _endpoint(self, route: _Route, way: _Way) -> Endpoint | None:
        made = route.effect.made
        several = route.method in _SEVERAL
        # `api_operation(methods, path)`, but `generic(path, methods=...)`.
        given = self._linker.argument(made, 1 if route.method == "api_operation" else 0, "path")
        path = "" if given is None else self._linker.text(given)
        if path is None:
            return None
        methods: tuple[str, ...] = (route.method.upper(),)
        if several:
            listed = self._linker.argument(made, 0 if route.method == "api_operation" else -1, "methods")
            texts = [self._linker.text(one) for one in self._linker.items(listed)]
            methods = tuple(sorted({text.upper() for text in texts if text}))
        callables, complete = self._callables(self._auth(made, way.auth))
        return Endpoint(
            "ninja",
            _join(way.prefix, path).lstrip("/").replace("{", "<").replace("}", ">"),
            methods,
            route.view,
            route.effect.path,
            made.call.line or route.effect.line,
            self._linker.text(self._linker.argument(made, -1, "url_name")) or route.view.name.rpartition(".")[2],
            (Handler(route.view, methods),),
            dependencies=callables,
            response=self._response(made),
            maybe=way.maybe or route.effect.maybe,
            complete=complete,
        )

    def _callables(self, auth: Value | None) -> tuple[tuple[Known, ...], bool]:
        """What authenticates: functions, and the classes of instances."""
        found: dict[Known, None] = {}
        complete = True
        for one in self._linker.items(auth) or (options(auth) if auth is not None else ()):
            value = one.callee if isinstance(one, Made) else one
            if isinstance(value, Symbol):
                found[value.known] = None
            elif value != Lit(None):
                complete = False
        return tuple(found), complete

    def _response(self, made: Made) -> Known | None:
        """The schema it answers with when all goes well."""
        value = self._linker.argument(made, -1, "response")
        expr = made.call.argument(-1, "response")
        if isinstance(value, Mapped):
            for code, schema in value.items:
                if isinstance(code, Lit) and isinstance(code.value, int) and 200 <= code.value < 300:
                    symbols = self._linker.symbols(schema)
                    if len(symbols) == 1:
                        return symbols[0]
            return None
        return plain_class(self._linker, Placed(expr, made.scope), generics=True) if expr is not None else None


def _join(prefix: str, path: str) -> str:
    """Two parts of a route, joined as ninja does it: two slashes are a mistake."""
    whole = "/".join(part for part in (prefix, path) if part)
    while "//" in whole:
        whole = whole.replace("//", "/")
    return whole


def endpoints(linked: Linked) -> tuple[Endpoint, ...]:
    """All endpoints of the project's APIs, sorted; `maybe` where no URLconf is seen to lead to the API.

    Routes are spelled as Django's resolver has them: ``api/items/<int:id>``.
    """
    return tuple(sorted(set(_Endpoints(linked)), key=_order))


def _order(one: Endpoint) -> tuple[object, ...]:
    return one.route, one.methods, one.view, one.path, one.line, one.dependencies, one.maybe
