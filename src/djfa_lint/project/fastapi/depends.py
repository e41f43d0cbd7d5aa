"""What runs before an endpoint: ``Depends(...)`` in signatures and lists, and what those depend on in turn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from djfa_lint.facts.values import Assigned, Call, Expr, Function, Item, Ref
from djfa_lint.project.annotations import Placed, extras, shape
from djfa_lint.project.declared import UNKNOWN, Attribute, Lit, Made, Scope, Symbol, Value, options
from djfa_lint.project.entities import Endpoint
from djfa_lint.project.fastapi.containers import signature_scope
from djfa_lint.project.linked import Linked
from djfa_lint.project.names import Known

_DEPENDS = frozenset({"fastapi.Depends", "fastapi.Security", "fastapi.params.Depends", "fastapi.params.Security"})
_PARTIAL = "functools.partial"


class Dependency(NamedTuple):
    """A callable that runs before an endpoint; `code` is the function of the project whose signature asks for more.

    `known` is None where the callable cannot be told. Of an instance it is the class.
    """

    known: Known | None
    code: Known | None = None
    scope: Scope | None = None


class Dependencies:
    """Finds dependencies; those of a function are kept."""

    def __init__(self, linked: Linked) -> None:
        self._linked, self._linker = linked, linked.linker
        self._kept: dict[tuple[Known, int], tuple[Dependency, ...]] = {}
        self._nested: dict[tuple[str, str], list[Scope]] | None = None

    def listed(self, value: Value | None) -> tuple[Dependency, ...]:
        """Those of a list, as a router or a decorator takes it."""
        return tuple(found for one in self._linker.items(value) for found in self._depends(one, None))

    def of(self, function: Known, scope: Scope) -> tuple[Dependency, ...]:
        """Those in a function's signature, and for a method of a class-based view those of its class."""
        key = (function, id(scope))
        found = self._kept.get(key)
        if found is None:
            record = self._linker.function(function)
            found = self._kept[key] = tuple(self._in_signature(record, scope)) if record is not None else ()
        return found

    def of_class(self, cls: Known) -> tuple[Dependency, ...]:
        """Those a class-based view or a class used as a dependency declares as attributes or takes when made."""
        found: list[Dependency] = []
        made = self._linked.classes.attribute(cls, "__init__")
        if made is not None and isinstance(made.what, Function):
            init = Known(f"{made.owner.name}.__init__", path=made.owner.path)
            found += self.of(init, signature_scope(self._linked, init))
        for one in self._linked.classes.mro(cls).classes:
            if one.path:
                found += self._in_body(one)
        return tuple(found)

    def whole(self, roots: Iterable[Dependency]) -> tuple[tuple[Known, ...], bool]:
        """The callables of these and of all they depend on, each once; and whether all of them are known."""
        found: dict[Known, None] = {}
        complete = True
        waiting = list(roots)[::-1]
        while waiting:
            one = waiting.pop()
            if one.known is None or one.known in found:
                complete = complete and one.known is not None
                continue
            found[one.known] = None
            waiting += reversed(self._next(one))
        return tuple(found), complete

    def _next(self, one: Dependency) -> tuple[Dependency, ...]:
        if one.code is not None:
            return self.of(one.code, one.scope or signature_scope(self._linked, one.code))
        is_class = one.known is not None and one.known in self._linked.classes.declared
        return self.of_class(one.known) if is_class and one.known is not None else ()

    def _in_signature(self, function: Function, scope: Scope) -> Iterator[Dependency]:
        for param in function.params:
            yield from self._asked(param.annotation, param.default, scope)

    def _in_body(self, cls: Known) -> Iterator[Dependency]:
        scope = self._linker.class_scope(cls)
        for statement in self._linked.classes.declared[cls].body:
            if isinstance(statement, Assigned):
                yield from self._asked(statement.annotation, statement.value, scope)

    def _asked(self, annotation: Expr | None, default: Expr | None, scope: Scope) -> Iterator[Dependency]:
        placed = Placed(annotation, scope) if isinstance(annotation, (Ref, Item)) else None
        if isinstance(default, (Call, Ref)):
            yield from self._depends(self._linker.value(scope, default), placed)
        for extra in extras(self._linker, placed) if placed is not None else ():
            yield from self._depends(extra, placed)
        if isinstance(annotation, Ref) and default is None and not self._is_told(annotation, scope):
            # It may stand for an `Annotated` with a dependency in it.
            yield Dependency(None)

    def _is_told(self, annotation: Ref, scope: Scope) -> bool:
        """Whether an annotation is known; a name out of a file of the project that could not be read is not."""
        value = self._linker.value(scope, annotation)
        known = value.known if isinstance(value, Symbol) else None
        if known is None or known.path:
            return value != UNKNOWN
        return self._linked.modules.find(scope.path, known.name.partition(".")[0]) is None

    def _depends(self, value: Value, annotated: Placed | None) -> Iterator[Dependency]:
        for one in options(value):
            if not isinstance(one, Made) or not isinstance(one.callee, Symbol) or one.callee.known.name not in _DEPENDS:
                continue
            given = self._linker.argument(one, 0, "dependency")
            if given is None or given == Lit(None):
                cls = self._annotated_class(annotated)
                yield Dependency(cls)
            else:
                expr = one.call.argument(0, "dependency")
                inside = self._linker.ran(one.scope, expr) if isinstance(expr, Call) else None
                yield from (self._callable(option, inside) for option in options(given))

    def _annotated_class(self, annotated: Placed | None) -> Known | None:
        found = shape(self._linker, annotated) if annotated is not None else None
        if found is not None and found.name == "Annotated" and found.args:
            found = shape(self._linker, found.args[0])
        return found.origin if found is not None else None

    def _callable(self, value: Value, inside: Scope | None = None) -> Dependency:
        """What a value is as a dependency; `inside` is the run of the factory that gave it."""
        if isinstance(value, Symbol):
            return self._named(value.known, inside)
        if isinstance(value, Attribute):
            return self._method(value.of, value.name)
        if not isinstance(value, Made):
            return Dependency(None)
        if isinstance(value.callee, Attribute):
            return self._method(value.callee.of, value.callee.name)
        return self._instance(value)

    def _named(self, known: Known, inside: Scope | None) -> Dependency:
        if self._linker.function(known) is not None:
            inner = inside is not None and signature_scope(self._linked, known, inside) is inside
            return Dependency(known, known, inside if inner else self._run(known))
        return Dependency(known) if not known.path or known in self._linked.classes.declared else Dependency(None)

    def _instance(self, made: Made) -> Dependency:
        cls = made.callee.known if isinstance(made.callee, Symbol) else None
        if cls is not None and cls.name == _PARTIAL:
            return self._callable(self._linker.argument(made, 0) or Lit(None))
        if cls is None or (cls.path and cls not in self._linked.classes.declared):
            return Dependency(None)
        found = self._method(made, "__call__")
        return Dependency(cls, found.code, found.scope)

    def _method(self, of: Value, name: str) -> Dependency:
        """A method of something made; a library's is told by its class and name."""
        cls = of.callee.known if isinstance(of, Made) and isinstance(of.callee, Symbol) else None
        if cls is None:
            return Dependency(None)
        found = self._linked.classes.attribute(cls, name)
        if found is not None and isinstance(found.what, Function):
            known = Known(f"{found.owner.name}.{name}", path=found.owner.path)
            return Dependency(known, known)
        # What a library's class sets when it is made is in no table.
        library = next((one for one in self._linked.classes.mro(cls).classes if not one.path), None)
        return Dependency(Known(f"{library.name}.{name}")) if library is not None else Dependency(None)

    def _run(self, known: Known) -> Scope | None:
        """The run of the factory that a function is defined in, where all its runs come to the same."""
        if self._nested is None:
            self._nested = {}
            for scope in self._linker.runs:
                if scope.function is not None:
                    self._nested.setdefault((scope.path, scope.function.name), []).append(scope)
        function = self._linker.function(known)
        outer = function.name.rpartition(".")[0] if function is not None else ""
        runs = self._nested.get((known.path, outer), [])
        distinct = {self.of(known, scope) for scope in runs} if len(runs) > 1 else ()
        return runs[0] if runs and len(distinct) < 2 else None


def dependencies(linked: Linked, endpoints: Iterable[Endpoint]) -> tuple[Known, ...]:
    """The functions and methods of the project that some endpoint depends on, each once, sorted."""
    found = {known for one in endpoints for known in one.dependencies if known.path}
    return tuple(sorted(known for known in found if linked.linker.function(known) is not None))
