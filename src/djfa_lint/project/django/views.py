"""The views of a Django project: those that endpoints lead to, and class-based and DRF views that none leads to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from djfa_lint.facts.values import Assigned, Call, Expr, Function, Item, Member, Ref, Returned, Statement
from djfa_lint.knowledge.library import library
from djfa_lint.project.declared import Attribute, Lit, Made, Mapped, Scope, Symbol, Value, options
from djfa_lint.project.django.answering import API_VIEW, VIEW, Answer, Answering
from djfa_lint.project.django.urls import handlers
from djfa_lint.project.django.viewsets import Viewsets
from djfa_lint.project.entities import Endpoint, View
from djfa_lint.project.linked import Linked
from djfa_lint.project.names import Known
from djfa_lint.project.roles import Role

_LEFT_OUT = {Role.TEST, Role.MIGRATION}
_DRF = "rest_framework"


def views(linked: Linked, endpoints: Iterable[Endpoint]) -> tuple[View, ...]:
    """The project's views, sorted by file and line."""
    reader = _Reader(linked)
    routes: dict[Known, list[Endpoint]] = {}
    for one in endpoints:
        routes.setdefault(one.view, []).append(one)
    known = dict.fromkeys([*routes, *reader.unrouted()])
    found = [reader.view(one, routes.get(one, [])) for one in known]
    return tuple(sorted(found, key=lambda view: (view.path, view.line, view.known)))


class _Reader:
    """Reads views one by one."""

    def __init__(self, linked: Linked) -> None:
        self._linked, self._linker, self._classes = linked, linked.linker, linked.classes
        self._answering, self._viewsets = Answering(linked), Viewsets(linked)

    def unrouted(self) -> Iterator[Known]:
        """Every class that is a view and every function that `api_view` makes one, outside of tests."""
        for base in (VIEW, API_VIEW):
            yield from (one for one in self._classes.subclasses(base) if not self._linked.roles(one.path) & _LEFT_OUT)
        for path in sorted(self._linked.files):
            facts = self._linked.files[path]
            if not any(one.partition(".")[0] == _DRF for one in facts.imported_modules):
                continue
            prefix = self._linked.modules.name(path)
            for function in facts.functions if not self._linked.roles(path) & _LEFT_OUT else ():
                known = Known(f"{prefix}.{function.name}", path=path)
                if "." not in function.name and function.decorators and self._answering.kind(known) == "api_view":
                    yield known

    def view(self, known: Known, routes: list[Endpoint]) -> View:
        """One view, with the endpoints that lead to it."""
        kind, cls = self._answering.kind(known), self._classes.declared.get(known)
        around = [decorator for one in routes for decorator in one.decorators]
        decorators = tuple(dict.fromkeys([*self._answering.decorators(known), *around]))
        if cls is None:
            function, methods = self._linker.function(known), self._answering.of_function(known)
            answers: tuple[Answer, ...] = (Answer(known, tuple(verb.lower() for verb in methods)),)
            line = function.line if function is not None else 1
            return View(known, known.path, line, kind, handlers(answers), decorators, routed=bool(routes))
        return View(
            known,
            known.path,
            cls.line,
            kind,
            handlers(self._answers(known, kind, routes)),
            decorators,
            serializers=self._serializers(known),
            model=self._model(known),
            templates=self._templates(known),
            routed=bool(routes),
        )

    def _answers(self, cls: Known, kind: str, routes: list[Endpoint]) -> tuple[Answer, ...]:
        if kind != "viewset":
            return self._answering.of_class(cls)[1]
        extra = [pair for one in self._viewsets.extras(cls) for pair in one.mapping]
        standard = self._answering.standard_actions(cls)
        routed = dict.fromkeys(pair for one in routes for pair in one.actions)
        named = {action for _, action in routed}
        pairs = [*routed, *(pair for pair in [*standard, *extra] if pair[1] not in named)]
        return self._answering.of_actions(cls, pairs)

    # --- what a view names

    def _serializers(self, cls: Known) -> tuple[Known, ...]:
        """The classes in `serializer_class` and those that `get_serializer_class` gives."""
        found: dict[Known, None] = {}
        values = [self._value(cls, "serializer_class"), *self._returned(cls, "get_serializer_class")]
        for value in values:
            found.update(dict.fromkeys(self._symbols(value)))
        return tuple(found)

    def _symbols(self, value: Value | None) -> Iterator[Known]:
        """The classes a value may be; a look-up in a dict may give any of its values."""
        for one in options(value) if value is not None else ():
            if isinstance(one, Symbol) and (one.known in self._classes.declared or library().knows(one.known.name)):
                yield one.known
            elif isinstance(one, Mapped):
                for _, inner in one.items:
                    yield from self._symbols(inner)
            elif isinstance(one, Made) and isinstance(one.callee, Attribute) and one.callee.name == "get":
                yield from self._symbols(one.callee.of if isinstance(one.callee.of, Mapped) else None)
                yield from self._symbols(self._linker.argument(one, 1))

    def _model(self, cls: Known) -> Known | None:
        """The model in `model` or `queryset`, else the only one that `get_queryset` begins with."""
        for known in self._linker.symbols(self._value(cls, "model")):
            if self._is_class(known):
                return known
        found = self._classes.attribute(cls, "queryset")
        if found is not None and isinstance(found.what, Assigned):
            model = self._begins(self._linker.class_scope(found.owner), found.what.value)
            if model is not None:
                return model
        returned = [self._begins(scope, one) for scope, one in self._returns(cls, "get_queryset")]
        models = {one for one in returned if one is not None}
        return next(iter(models)) if len(models) == 1 and None not in returned else None

    def _begins(self, scope: Scope, expr: Expr | None) -> Known | None:
        """The class a chain of calls begins with: ``Order.objects.filter(...).all()``."""
        while isinstance(expr, (Call, Member, Item)):
            expr = expr.callee if isinstance(expr, Call) else expr.of
        parts = expr.name.split(".") if isinstance(expr, Ref) else []
        # `self` is read as the class of the view, which is no model.
        for end in range(2 if parts and parts[0] in scope.given else 1, len(parts)):
            known = self._linker.symbols(self._linker.value(scope, Ref(".".join(parts[:end]))))
            if known and self._is_class(known[0]):
                return known[0]
        return None

    def _is_class(self, known: Known) -> bool:
        return known in self._classes.declared or (not known.path and library().model(known.name) is not None)

    def _templates(self, cls: Known) -> tuple[str, ...]:
        values = [self._value(cls, "template_name"), *self._returned(cls, "get_template_names")]
        found = [one for value in values for part in _parts(value) for one in (part, *self._linker.items(part))]
        texts = [one.value for one in found if isinstance(one, Lit) and isinstance(one.value, str)]
        return tuple(dict.fromkeys(texts))

    def _value(self, cls: Known, name: str) -> Value | None:
        found = self._classes.attribute(cls, name)
        if found is None or not isinstance(found.what, Assigned):
            return None
        return self._linker.class_value(found.owner, found.what)

    def _returned(self, cls: Known, name: str) -> list[Value]:
        return [self._linker.value(scope, expr) for scope, expr in self._returns(cls, name)]

    def _returns(self, cls: Known, name: str) -> Iterator[tuple[Scope, Expr]]:
        """What a method of the project returns, with the scope of its body; `self` is read as the class."""
        found = self._classes.attribute(cls, name)
        if found is None or not isinstance(found.what, Function):
            return
        module = self._linker.module(found.owner.path)
        own = {found.what.params[0].name: Symbol(cls)} if found.what.params else {}
        scope = Scope(found.owner.path, found.what.body, dict[str, Value](own), module, found.what)
        for one in _flat(found.what.body):
            if isinstance(one, Returned):
                yield scope, one.value


def _parts(value: Value | None) -> tuple[Value, ...]:
    return options(value) if value is not None else ()


def _flat(statements: tuple[Statement, ...]) -> Iterator[Statement]:
    for one in statements:
        yield one
        yield from _flat(getattr(one, "body", ()))
