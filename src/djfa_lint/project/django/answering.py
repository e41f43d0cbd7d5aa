"""Who answers the requests of a view: verbs and functions, read from its class or from the decorators around it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from djfa_lint.facts.values import Assigned, Expr, Function
from djfa_lint.knowledge.library import library
from djfa_lint.project.declared import Made, Symbol, Value, options
from djfa_lint.project.linked import Linked
from djfa_lint.project.names import Known

VIEW = "django.views.View"
API_VIEW = "rest_framework.views.APIView"
VIEWSET = "rest_framework.viewsets.ViewSetMixin"

_VERBS = ("get", "post", "put", "patch", "delete", "head", "options", "trace")
_STANDARD_ACTIONS = {
    "list": "get",
    "create": "post",
    "retrieve": "get",
    "update": "put",
    "partial_update": "patch",
    "destroy": "delete",
}
_HTTP = "django.views.decorators.http."
_REQUIRED = {
    f"{_HTTP}require_POST": ("POST",),
    f"{_HTTP}require_GET": ("GET",),
    f"{_HTTP}require_safe": ("GET", "HEAD"),
}
_WITH_A_LIST = {f"{_HTTP}require_http_methods": (), "rest_framework.decorators.api_view": ("GET",)}
_API_VIEW_FUNCTION = "rest_framework.decorators.api_view"
_METHOD_DECORATOR = "django.utils.decorators.method_decorator"


class Answer(NamedTuple):
    """A function or method that answers; `verbs` in lower case."""

    function: Known
    verbs: tuple[str, ...]
    action: str = ""


class Answering:
    """Reads what answers a view's requests; answers are kept."""

    def __init__(self, linked: Linked) -> None:
        self._linker, self._classes = linked.linker, linked.classes
        self._decorators: dict[Known, tuple[Value, ...]] = {}
        self._allowed: dict[Known, frozenset[str]] = {}

    # --- kinds

    def kind(self, view: Known) -> str:
        """The kind of a view, as `entities.View` names it."""
        if view not in self._classes.declared:
            return "api_view" if _API_VIEW_FUNCTION in self._names(view) else "function"
        if self._classes.is_a(view, API_VIEW):
            return "viewset" if self._classes.is_a(view, VIEWSET) else "api_class"
        return "class"

    def decorators(self, view: Known) -> tuple[Known, ...]:
        """The definitions put around a function or class; for `method_decorator` what it puts around the methods."""
        found = dict.fromkeys(one for value in self._around(view) for one in self._meant(value))
        return tuple(found)

    def _meant(self, value: Value) -> Iterator[Known]:
        for one in options(value):
            known = _definition(one)
            if known is not None and known.name == _METHOD_DECORATOR and isinstance(one, Made):
                given = self._linker.argument(one, 0, "decorator")
                for inner in (*self._linker.items(given), *([given] if given is not None else [])):
                    yield from (part for part in (_definition(inner),) if part is not None)
            elif known is not None:
                yield known

    def _around(self, view: Known) -> tuple[Value, ...]:
        kept = self._decorators.get(view)
        if kept is None:
            function, cls = self._linker.function(view), self._classes.declared.get(view)
            written: tuple[Expr, ...] = function.decorators if function else cls.decorators if cls else ()
            scope = self._linker.module(view.path)
            kept = self._decorators[view] = tuple(self._linker.value(scope, one) for one in written)
        return kept

    def _names(self, view: Known) -> dict[str, Value]:
        """The decorators of a function by the name of their definition."""
        pairs = [(_definition(one), one) for value in self._around(view) for one in options(value)]
        return {known.name: one for known, one in pairs if known is not None}

    # --- functions

    def of_function(self, view: Known, around: Iterable[Known] = ()) -> tuple[str, ...]:
        """The verbs a function is let in by, in capitals, empty for any; `around` are decorators of the URLconf."""
        for name in [*self._names(view), *(one.name for one in around)]:
            if name in _REQUIRED:
                return _REQUIRED[name]
            value = self._names(view).get(name)
            if name in _WITH_A_LIST and value is not None:
                given = self._linker.argument(value, 0) if isinstance(value, Made) else None
                verbs = [self._linker.text(one) for one in self._linker.items(given)]
                return tuple(verb.upper() for verb in verbs if verb) or _WITH_A_LIST[name]
        return ()

    # --- classes

    def of_class(self, view: Known) -> tuple[tuple[str, ...], tuple[Answer, ...]]:
        """The verbs a class-based view knows, in capitals, and the project's methods that answer them."""
        verbs = [verb for verb in _VERBS if verb in self._verbs_allowed(view) and self._answers(view, verb)]
        answers = [Answer(one, (verb,)) for verb in verbs for one in self.method(view, verb)]
        if not verbs:
            answers = [Answer(one, ()) for name in ("dispatch", "__call__") for one in self.method(view, name)]
        complete = self._classes.mro(view).complete
        return (tuple(verb.upper() for verb in verbs) if complete else ()), tuple(answers)

    def of_actions(self, viewset: Known, actions: Iterable[tuple[str, str]]) -> tuple[Answer, ...]:
        """The project's methods that answer a viewset's actions."""
        allowed, found = self._verbs_allowed(viewset), dict[str, Answer]()
        for verb, action in actions:
            if verb in allowed:
                for one in self.method(viewset, action):
                    before = found[action].verbs if action in found else ()
                    found[action] = Answer(one, (*before, verb), action)
        return tuple(found.values())

    def verbs(self, viewset: Known, actions: Iterable[tuple[str, str]]) -> tuple[str, ...]:
        """The verbs of a viewset's actions that it lets in, in capitals."""
        allowed = self._verbs_allowed(viewset)
        return tuple(verb.upper() for verb, _ in actions if verb in allowed)

    def standard_actions(self, viewset: Known) -> tuple[tuple[str, str], ...]:
        """The standard actions that a viewset has, with the verbs a router gives them."""
        has = [name for name in _STANDARD_ACTIONS if self._classes.attribute(viewset, name) is not None]
        return tuple((_STANDARD_ACTIONS[name], name) for name in has)

    def method(self, cls: Known, name: str) -> tuple[Known, ...]:
        """The project's method of this name over the MRO, followed where it is another one's name; else none."""
        found = self._classes.attribute(cls, name)
        if found is None:
            return ()
        if isinstance(found.what, Function):
            return (Known(f"{found.owner.name}.{name}", path=found.owner.path),)
        if isinstance(found.what, Assigned):
            values = self._linker.symbols(self._linker.class_value(found.owner, found.what))
            return tuple(one for one in values if self._linker.function(one) is not None)
        return ()

    def _answers(self, view: Known, verb: str) -> bool:
        found = self._classes.attribute(view, verb)
        # Every view answers OPTIONS somehow; what counts is that somebody wrote it.
        return found is not None and not (found.what is None and found.owner.name in {VIEW, API_VIEW})

    def _verbs_allowed(self, view: Known) -> frozenset[str]:
        kept = self._allowed.get(view)
        if kept is None:
            found = self._classes.attribute(view, "http_method_names")
            names: list[object] = []
            if found is not None and isinstance(found.what, Assigned):
                value = self._linker.class_value(found.owner, found.what)
                names = [self._linker.text(one) for one in self._linker.items(value)]
            elif found is not None:
                names = [*_listed(library().attributes(found.owner.name).get("http_method_names"))]
            kept = self._allowed[view] = frozenset(one.lower() for one in names if isinstance(one, str)) or frozenset(
                _VERBS
            )
        return kept


def _listed(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else ()


def _definition(value: Value) -> Known | None:
    """What a decorator is defined as, whether it is called with arguments or not."""
    while isinstance(value, Made):
        value = value.callee
    return value.known if isinstance(value, Symbol) else None
