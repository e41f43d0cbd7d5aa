"""The functions that answer requests, whatever framework calls them: routes, views, handlers, actions, dependencies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from djfa_lint.facts.values import Function
from djfa_lint.knowledge.library import library
from djfa_lint.project.entities import Endpoint, View
from djfa_lint.project.linked import Linked
from djfa_lint.project.names import Known
from djfa_lint.project.roles import Role

_RESPONSE = "django.http.response.HttpResponseBase"
_DRF_RESPONSE = "rest_framework.response.Response"
_SHORTCUTS = frozenset({"django.shortcuts.render", "django.shortcuts.redirect"})
_CLASSES = {"class": "handler", "api_class": "handler", "viewset": "action"}


class Served(NamedTuple):
    """A function or method that a framework calls to answer a request.

    `kind` is ``view`` (a function), ``handler`` (a method of a class-based view), ``action`` (of a viewset), ``route``,
    ``websocket`` or ``dependency``. `routes` are those it is known to answer, sorted. `owner` is the class whose method
    it is, as the URLconf names it; for a function the function itself.
    """

    function: Known
    declared: Function
    framework: str
    kind: str
    owner: Known
    routes: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()


def served(
    linked: Linked, endpoints: Iterable[Endpoint], views: Iterable[View], dependencies: Iterable[Known]
) -> tuple[Served, ...]:
    """Every function of the project that answers requests, each once, sorted by file and line."""
    found: dict[Known, Served] = {}
    every = [*_of_endpoints(linked, endpoints), *_of_views(linked, views), *_dependencies(linked, dependencies)]
    for one in [*every, *_by_their_responses(linked)]:
        before = found.get(one.function)
        if before is None:
            found[one.function] = one
        elif before.kind != "dependency":
            routes = tuple(sorted({*before.routes, *one.routes}))
            methods = tuple(sorted({*before.methods, *one.methods}))
            found[one.function] = before._replace(routes=routes, methods=methods)
    return tuple(sorted(found.values(), key=lambda one: (one.function.path, one.declared.line)))


def _of_endpoints(linked: Linked, endpoints: Iterable[Endpoint]) -> Iterator[Served]:
    for endpoint in endpoints:
        if endpoint.framework not in {"fastapi", "ninja"}:
            continue
        for handler in endpoint.handlers:
            declared = linked.linker.function(handler.function)
            if declared is not None:
                kind = "websocket" if endpoint.websocket else "route"
                yield Served(
                    handler.function,
                    declared,
                    endpoint.framework,
                    kind,
                    endpoint.view,
                    (endpoint.route,),
                    endpoint.methods,
                )


def _of_views(linked: Linked, views: Iterable[View]) -> Iterator[Served]:
    for view in views:
        framework = "drf" if view.kind in {"api_view", "api_class", "viewset"} else "django"
        if view.kind not in _CLASSES:
            declared = linked.linker.function(view.known)
            if declared is not None:
                yield Served(view.known, declared, framework, "view", view.known)
            continue
        for handler in view.handlers:
            declared = linked.linker.function(handler.function)
            if declared is not None:
                kind = _CLASSES[view.kind]
                yield Served(handler.function, declared, framework, kind, view.known, (), handler.methods)


def _dependencies(linked: Linked, dependencies: Iterable[Known]) -> Iterator[Served]:
    for known in dependencies:
        declared = linked.linker.function(known)
        if declared is not None:
            yield Served(known, declared, "fastapi", "dependency", known)


def _by_their_responses(linked: Linked) -> Iterator[Served]:
    """Functions that take a request and return a response, though no URLconf that could be read leads to them."""
    for path, facts in linked.files.items():
        if Role.TEST in linked.roles(path):
            continue
        for function in facts.functions:
            if function.owner or not function.answers:
                continue
            if all(_is_response(linked, path, name) for name in function.answers):
                known = Known(f"{linked.modules.name(path)}.{function.name}", path=path)
                yield Served(known, function, "django", "view", known)


def _is_response(linked: Linked, path: str, name: str) -> bool:
    known = linked.names.resolve(path, name)
    if known is None or known.made or known.path:
        return False
    canonical = library().canonical(known.name)
    return canonical in _SHORTCUTS or _RESPONSE in library().mro(canonical) or canonical == _DRF_RESPONSE
