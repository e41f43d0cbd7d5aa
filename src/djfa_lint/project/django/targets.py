"""What the view of a URL pattern leads to: through `as_view`, decorators, `partial` and names, to a class or function.

Nothing but what the project defines is a target: a library's view is nobody's code here.
"""

from __future__ import annotations

from typing import NamedTuple

from djfa_lint.facts.values import Assigned, Call, Expr, Function, Member, Ref, Spread
from djfa_lint.project.declared import Attribute, Lit, Made, Mapped, Scope, Symbol, Value, options
from djfa_lint.project.linked import Linked
from djfa_lint.project.names import Known

_AS_VIEW = ".as_view"
_MOST_DEEP = 12

Actions = tuple[tuple[str, str], ...]


class Target(NamedTuple):
    """A view: the function or class, a viewset's actions by verb, the decorators put around it where it is used."""

    known: Known
    actions: Actions = ()
    decorators: tuple[Known, ...] = ()


class Targets:
    """Finds the targets of views."""

    def __init__(self, linked: Linked) -> None:
        self._linked, self._linker, self._classes = linked, linked.linker, linked.classes

    def all(self, scope: Scope, expr: Expr | None) -> tuple[Target, ...]:
        """The targets of a view as written: several where a name is bound under a condition, none of the project's."""
        if expr is None or isinstance(expr, Call):
            found = self.of(scope, expr)
            return (found,) if found is not None else ()
        targets = [self._value(scope, one, 0) for one in options(self._linker.value(scope, expr))]
        # One that is bound again with decorators around it, `index = login_required(index)`, is what it is at last.
        return tuple({(one.known, one.actions): one for one in targets if one is not None}.values())

    def of(self, scope: Scope, expr: Expr | None, depth: int = 0) -> Target | None:
        """The target of an expression, the first of several; None where it leads to nothing the project defines."""
        if expr is None or depth > _MOST_DEEP:
            return None
        if isinstance(expr, Call):
            return self._call(Made(self._linker.value(scope, expr.callee), expr, scope), depth)
        for one in options(self._linker.value(scope, expr)):
            found = self._value(scope, one, depth)
            if found is not None:
                return found
        return None

    def _value(self, scope: Scope, value: Value, depth: int) -> Target | None:
        if isinstance(value, Made):
            return self._call(value, depth + 1)
        if isinstance(value, Symbol):
            return Target(value.known) if self._is_view_function(value.known) else None
        if isinstance(value, Attribute):
            return self._method(value)
        return self._spelled(scope, value.value) if isinstance(value, Lit) and isinstance(value.value, str) else None

    def _is_view_function(self, known: Known) -> bool:
        """Whether this is a function that an import reaches, not one inside another function."""
        owner = Known(known.name.rpartition(".")[0], path=known.path)
        return self._linker.function(known) is not None and self._linker.function(owner) is None

    def _method(self, value: Attribute) -> Target | None:
        """The method of an instance: ``path("", site.index)``."""
        cls = value.of.callee if isinstance(value.of, Made) else None
        if not isinstance(cls, Symbol) or cls.known not in self._classes.declared:
            return None
        found = self._classes.attribute(cls.known, value.name)
        # What is decorated may be a property: `api.urls` is no view.
        if found is None or not isinstance(found.what, Function) or found.what.decorators:
            return None
        return Target(Known(f"{found.owner.name}.{value.name}", path=found.owner.path))

    def _spelled(self, scope: Scope, dotted: str) -> Target | None:
        module, _, name = dotted.rpartition(".")
        path = self._linked.modules.find(scope.path, module)
        found = self._linker.lookup(self._linker.module(path), name) if path else None
        return Target(found.known) if isinstance(found, Symbol) and self._is_view_function(found.known) else None

    # --- calls

    def _call(self, made: Made, depth: int) -> Target | None:
        if _is_as_view(made):
            cls = self._class_of(made)
            return Target(cls, self._actions(made)) if cls is not None else None
        callee = made.callee
        if isinstance(callee, Symbol) and callee.known in self._classes.declared:
            called = self._classes.attribute(callee.known, "__call__")
            return Target(callee.known) if called is not None else None
        return self._result(made, depth) or self._wrapped(made, depth)

    def _result(self, made: Made, depth: int) -> Target | None:
        """What a function of the project gives back."""
        for one in options(self._linker.called(made.scope, made.call)):
            if not isinstance(one, Made) or one.call is not made.call:
                found = self._value(made.scope, one, depth + 1)
                if found is not None:
                    return found
        return None

    def _wrapped(self, made: Made, depth: int) -> Target | None:
        """The view given to a decorator: ``login_required(index)``, ``cache_page(60)(Index.as_view())``."""
        for expr in (*made.call.args, *(value for _, value in made.call.keywords)):
            found = self.of(made.scope, expr, depth + 1) if not isinstance(expr, Spread) else None
            if found is not None:
                return found._replace(decorators=(*_known(made.callee), *found.decorators))
        return None

    def _class_of(self, made: Made) -> Known | None:
        """The class `as_view` is called on; one that inherits a project's `as_view` is that class, not the owner."""
        callee = made.call.callee
        owner: Value | None = None
        if isinstance(callee, Ref) and callee.name.endswith(_AS_VIEW):
            owner = self._linker.value(made.scope, Ref(callee.name.removesuffix(_AS_VIEW)))
        elif isinstance(callee, Member):
            owner = self._linker.value(made.scope, callee.of)
        elif isinstance(made.callee, Symbol):
            owner = Symbol(made.callee.known._replace(name=made.callee.known.name.removesuffix(_AS_VIEW)))
        return next((one for cls in self._linker.symbols(owner) for one in view_class(self._linked, cls)), None)

    def _actions(self, made: Made) -> Actions:
        given = self._linker.argument(made, 0, "actions")
        pairs = given.items if isinstance(given, Mapped) else ()
        texts = [(self._linker.text(verb), self._linker.text(action)) for verb, action in pairs]
        return tuple((verb.lower(), action) for verb, action in texts if verb and action)


def view_class(linked: Linked, cls: Known) -> tuple[Known, ...]:
    """The project class that answers when this one is used as a view: itself, or the view that it stands for.

    A class that is no view itself can only be a stand-in: its metaclass hands `as_view` on to the view it names.
    """
    classes, linker = linked.classes, linked.linker

    def may_be_view(one: Known) -> bool:
        return one in classes.declared and (
            not classes.mro(one).complete or classes.attribute(one, "as_view") is not None
        )

    if cls not in classes.declared or may_be_view(cls):
        return (cls,) if cls in classes.declared else ()
    values = [linker.class_value(cls, one) for one in classes.members(cls).values() if isinstance(one, Assigned)]
    views = {one for value in values for one in linker.symbols(value) if may_be_view(one)}
    return tuple(views) if len(views) == 1 else ()


def _is_as_view(made: Made) -> bool:
    callee = made.call.callee
    if isinstance(callee, Ref) and f".{callee.name}".endswith(_AS_VIEW):
        return True
    if isinstance(callee, Member):
        return callee.name == "as_view"
    return isinstance(made.callee, Symbol) and made.callee.known.name.endswith(_AS_VIEW)


def _known(callee: Value) -> tuple[Known, ...]:
    """The definition of a decorator, whether it is called with arguments or not."""
    if isinstance(callee, Made):
        return _known(callee.callee)
    return (callee.known,) if isinstance(callee, Symbol) else ()
