"""How a DRF router spells its routes: templates, trailing slash, lookup patterns, nesting in another router."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple, Protocol

from djfa_lint.facts.values import Assigned, Call, Done, Expr, Function, Member, Ref
from djfa_lint.project.declared import Lit, Made, Mapped, Symbol, Value
from djfa_lint.project.django.viewsets import Viewsets
from djfa_lint.project.linked import Linked
from djfa_lint.project.names import Known

_DEFAULT = "rest_framework.routers.DefaultRouter"
_NESTED = "rest_framework_nested.routers.NestedMixin"
_ROUTE, _DYNAMIC = "rest_framework.routers.Route", "rest_framework.routers.DynamicRoute"
_OLD_DYNAMIC = {
    "rest_framework.routers.DynamicListRoute": False,
    "rest_framework.routers.DynamicDetailRoute": True,
}
_PLACE = re.compile(r"\{(parent|prefix|lookup|trailing_slash|url_path)\}")
_MOST_NESTED = 8


class Template(NamedTuple):
    """One template of a router, of which it makes routes."""

    url: str
    name: str
    detail: bool
    mapping: tuple[tuple[str, str], ...] = ()
    dynamic: bool = False


_DETAIL = (("get", "retrieve"), ("put", "update"), ("patch", "partial_update"), ("delete", "destroy"))
_STANDARD = (
    Template(r"^{prefix}{trailing_slash}$", "{basename}-list", False, (("get", "list"), ("post", "create"))),
    Template(r"^{prefix}/{url_path}{trailing_slash}$", "{basename}-{url_name}", False, dynamic=True),
    Template(r"^{prefix}/{lookup}{trailing_slash}$", "{basename}-detail", True, _DETAIL),
    Template(r"^{prefix}/{lookup}/{url_path}{trailing_slash}$", "{basename}-{url_name}", True, dynamic=True),
)


class Shape(NamedTuple):
    """How one router spells: its templates, slash, whether by regular expressions, what it is nested in."""

    templates: tuple[Template, ...]
    slash: str
    regex: bool
    parent: str = ""
    nested: int = 0

    def route(self, template: Template, prefix: str, lookup: str, url_path: str) -> str:
        """A route of a template, spelled out."""
        url = template.url
        if self.regex:
            url = url.replace("^", "^{parent}")
        else:
            url = "{parent}" + url.removeprefix("^").removesuffix("$")
        texts = {
            "parent": self.parent,
            "prefix": prefix,
            "lookup": lookup,
            "trailing_slash": self.slash,
            "url_path": url_path,
        }
        route = _PLACE.sub(lambda found: texts[found[1]], url)
        if prefix:
            return route
        if self.regex:
            return "^" + route[2:] if route.startswith("^/") else route
        return route.removeprefix("/")


class Registered(NamedTuple):
    """A viewset put into a router: the prefix, the name routes are called by ("" if computed), where."""

    prefix: str
    viewset: Known
    basename: str
    path: str
    line: int
    maybe: bool


class Registry(Protocol):
    """What is registered with the routers, as far as a route's text depends on it."""

    viewsets: Viewsets

    def is_router(self, value: Value) -> bool:
        """Whether a value is a router."""

    def held(self, router: Made, depth: int = 0) -> Iterator[Registered]:
        """What a router holds."""


class Shapes:
    """Reads how routers spell; answers are kept."""

    def __init__(self, linked: Linked, routers: Registry) -> None:
        self._linked, self._linker, self._classes = linked, linked.linker, linked.classes
        self._routers = routers
        self._kept: dict[int, Shape] = {}

    def of(self, router: Made, depth: int = 0) -> Shape:
        """The shape of a router."""
        kept = self._kept.get(id(router))
        if kept is None:
            kept = self._kept[id(router)] = self._read(router, depth)
        return kept

    def lookup(self, shape: Shape, viewset: Known, prefix: str = "") -> str:
        """The part of a route that stands for one row of a viewset."""
        text = self._routers.viewsets.text
        name = text(viewset, "lookup_url_kwarg") or text(viewset, "lookup_field") or "pk"
        value = None if shape.regex else text(viewset, "lookup_value_converter")
        value = value or text(viewset, "lookup_value_regex") or ("[^/.]+" if shape.regex else "str")
        return f"(?P<{prefix}{name}>{value})" if shape.regex else f"<{value}:{prefix}{name}>"

    def root_view(self, router: Made) -> Known | None:
        """The project's class that a router with a root view shows there; None for DRF's own."""
        cls = _class_of(router)
        if cls is None or not self._classes.is_a(cls, _DEFAULT):
            return None
        shown = self._attribute(cls, "include_root_view")
        value = self._set.get((id(router), "APIRootView")) or self._attribute(cls, "APIRootView")
        view = value.known if isinstance(value, Symbol) else None
        return view if view in self._classes.declared and shown != Lit(False) else None

    # --- one router

    def _read(self, router: Made, depth: int) -> Shape:
        cls = _class_of(router)
        nested = cls is not None and self._classes.is_a(cls, _NESTED)
        first = 2 if nested else 0
        regex = self._linker.argument(router, first + 1, "use_regex_path") != Lit(False)
        slash = self._slash(router, cls, first)
        shape = Shape(self._templates(cls), slash if slash is not None else "/", regex)
        return self._in_parent(router, shape, slash, depth) if nested and depth < _MOST_NESTED else shape

    def _in_parent(self, router: Made, shape: Shape, slash: str | None, depth: int) -> Shape:
        """A nested router's shape: it begins with a row of the parent's viewset, and takes the parent's slash."""
        parent = self._linker.argument(router, 0, "parent_router")
        prefix = self._linker.text(self._linker.argument(router, 1, "parent_prefix"))
        if not isinstance(parent, Made) or not self._routers.is_router(parent) or prefix is None:
            return shape
        around = self.of(parent, depth + 1)
        count = around.nested + 1
        viewset = next((one.viewset for one in self._routers.held(parent) if one.prefix == prefix), None)
        if viewset is None:
            return shape
        given = self._linker.text(self._linker.argument(router, -1, "lookup")) or f"nested_{count}"
        regex = f"{prefix}/{self.lookup(around, viewset, f'{given}_')}/"
        regex = regex if prefix else regex.removeprefix("/")
        return shape._replace(
            slash=slash if slash is not None else around.slash, parent=around.parent + regex, nested=count
        )

    def _slash(self, router: Made, cls: Known | None, position: int) -> str | None:
        """The trailing slash: set on the router, given to it, or set when its class makes one; None if nowhere."""
        later = self._linker.text(self._set.get((id(router), "trailing_slash")))
        if later is not None:
            return later
        given = self._linker.argument(router, position, "trailing_slash")
        made = _slash_of(given) if given is not None else None
        return made if made is not None else self._slash_of_class(cls)

    def _slash_of_class(self, cls: Known | None) -> str | None:
        for one in self._classes.mro(cls).classes if cls is not None else ():
            init = self._classes.members(one).get("__init__") if one.path else None
            for statement in init.body if isinstance(init, Function) else ():
                scope = self._linker.module(one.path)
                if isinstance(statement, Assigned) and statement.target == "self.trailing_slash":
                    return self._linker.text(self._linker.value(scope, statement.value))
                given = _given_to_super(statement, "trailing_slash") if isinstance(statement, Done) else None
                found = _slash_of(self._linker.value(scope, given)) if given is not None else None
                if found is not None:
                    return found
        return None

    @cached_property
    def _set(self) -> dict[tuple[int, str], Value]:
        """What is set on routers after they are made: ``router.APIRootView = RootView``."""
        found: dict[tuple[int, str], Value] = {}
        for path in sorted(self._linked.files):
            for one in self._linked.files[path].declared:
                if isinstance(one, Assigned) and one.target.endswith((".APIRootView", ".trailing_slash")):
                    owner, _, name = one.target.rpartition(".")
                    scope = self._linker.module(path)
                    router = self._linker.value(scope, Ref(owner))
                    if isinstance(router, Made):
                        found[id(router), name] = self._linker.value(scope, one.value)
        return found

    # --- templates

    def _templates(self, cls: Known | None) -> tuple[Template, ...]:
        value = self._attribute(cls, "routes") if cls is not None else None
        items = self._linker.items(value)
        found = tuple(one for item in items if isinstance(item, Made) for one in self._template(item))
        return found if found and len(found) == len(items) else _STANDARD

    def _template(self, made: Made) -> Iterator[Template]:
        kind = made.callee.known.name if isinstance(made.callee, Symbol) else ""
        argument, text = self._linker.argument, self._linker.text
        url = text(argument(made, 0, "url"))
        if url is None:
            return
        if kind == _ROUTE:
            mapping, detail = argument(made, 1, "mapping"), argument(made, 3, "detail")
            rows = mapping.items if isinstance(mapping, Mapped) else ()
            pairs = [(text(verb), text(action)) for verb, action in rows]
            texts = tuple((verb.lower(), action) for verb, action in pairs if verb and action)
            yield Template(url, text(argument(made, 2, "name")) or "", detail == Lit(True), texts)
        elif kind == _DYNAMIC or kind in _OLD_DYNAMIC:
            detail = argument(made, 2, "detail") if kind == _DYNAMIC else Lit(_OLD_DYNAMIC[kind])
            yield Template(url, text(argument(made, 1, "name")) or "", detail == Lit(True), dynamic=True)

    def _attribute(self, cls: Known, name: str) -> Value | None:
        found = self._classes.attribute(cls, name)
        if found is None or not isinstance(found.what, Assigned):
            return None
        return self._linker.class_value(found.owner, found.what)


def _class_of(router: Made) -> Known | None:
    return router.callee.known if isinstance(router.callee, Symbol) else None


def _slash_of(value: Value) -> str | None:
    """What `trailing_slash=` makes; None where it is not told."""
    return ("/" if value.value else "") if isinstance(value, Lit) else None


def _given_to_super(statement: Done, name: str) -> Expr | None:
    """An argument of ``super().__init__(...)``."""
    callee = statement.call.callee
    is_super = isinstance(callee, Member) and callee.name == "__init__" and isinstance(callee.of, Call)
    return statement.call.argument(-1, name) if is_super else None
