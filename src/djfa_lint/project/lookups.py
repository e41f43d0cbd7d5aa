"""What names hold: through imports and assignments, in the order written, loops over written-out lists unrolled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

from djfa_lint.facts.records import Binding, Import
from djfa_lint.facts.values import (
    Assigned,
    Done,
    Each,
    Expr,
    Imported,
    Looped,
    Statement,
)
from djfa_lint.knowledge.library import library
from djfa_lint.project.combine import added, joined
from djfa_lint.project.declared import (
    UNKNOWN,
    Listed,
    Lit,
    Made,
    Mapped,
    Scope,
    Symbol,
    Value,
    choice,
    options,
)
from djfa_lint.project.evaluating import Evaluating
from djfa_lint.project.names import Known
from djfa_lint.project.statements import FILLING, bound_in, filling, names_of

_MOST_ROUNDS = 500
_MOST_VALUES = 200
# Stands for what the name means in the scope around the next one.
_OUTER: Value = Lit("outer")

_NOTHING: dict[str, list[Statement]] = {}
_COLLECTIONS = frozenset({"builtins.list", "builtins.dict", "builtins.set"})


class Elsewhere(NamedTuple):
    """A name of another module."""

    path: str
    name: str


Way = Value | Elsewhere


class Lookups:
    """Looks names up for a `Linker`."""

    def __init__(self, linker: Evaluating) -> None:
        self._linker = linker
        self._by_name: dict[Scope, dict[str, list[Statement]]] = {}
        self._unrolls: dict[tuple[Scope, int], tuple[Looped | Each, list[Scope]]] = {}
        self._kept: dict[Elsewhere, Value] = {}
        self._asked = 0

    def lookup(self, scope: Scope, name: str) -> Value:
        """The value of a name in a scope."""
        outer = scope.parent
        while outer is not None:
            given = scope.given.get(name)
            if given is _OUTER:
                # Past the scope in which the name has no value yet.
                if scope.home.parent is None:
                    return self._through([self._star(scope.path, name)])
                scope = scope.home.parent
                outer = scope.parent
                continue
            if name in self._index(scope):
                work = partial(self._filled, scope, name, self._index(scope)[name], given)
                return self._linker.questions.answer((scope, name), work)
            if given is not None:
                return given
            inner = self._inner_function(scope, name)
            if inner is not None:
                return inner
            scope, outer = outer, outer.parent
        return self._global(scope, name)

    def _inner_function(self, scope: Scope, name: str) -> Value | None:
        if scope.function is None:
            return None
        known = Known(f"{self._linker.modules.name(scope.path)}.{scope.function.name}.{name}", path=scope.path)
        return Symbol(known) if self._linker.function(known) is not None else None

    # --- module level

    def _global(self, scope: Scope, name: str) -> Value:
        if name not in self._index(scope):
            key = Elsewhere(scope.path, name)
            kept = self._kept.get(key)
            if kept is None:
                asked = self._asked
                kept = self._through([key])
                # What another question had a part in may have been cut short by a circle, and is asked again.
                if asked == self._asked:
                    self._kept[key] = kept
            return kept
        return self._linker.questions.answer((scope, name), partial(self._global_filled, scope, name))

    def _global_filled(self, scope: Scope, name: str) -> Value:
        """A name that is assigned or filled here, imports and definitions of it taken in the order written too."""
        statements = self._index(scope)[name]
        bindings = [
            one
            for one in self._linker.files[scope.path].bindings.get(name, ())
            if one.imported is not None or one.kind in {"def", "class"}
        ]
        about: list[Statement | Binding] = sorted([*bindings, *statements], key=_line)
        first = about[0]
        # What a star import brings is the start of a list that this file goes on filling.
        fills = isinstance(first, (Done, Looped)) or (isinstance(first, Assigned) and bool(first.op))
        start = self._through([self._star(scope.path, name)]) if fills else None
        return self._filled(scope, name, about, start)

    def _through(self, ways: list[Way]) -> Value:
        """What names of modules hold that are only imported and defined there, however long the way.

        A circle of imports brings nothing.
        """
        found: list[Value] = []
        seen: set[Elsewhere] = set()
        waiting = ways[::-1]
        while waiting:
            one = waiting.pop()
            if not isinstance(one, Elsewhere):
                found.append(one)
            elif one not in seen:
                seen.add(one)
                waiting += self._ways(one)[::-1]
        return choice(found)

    def _ways(self, asked: Elsewhere) -> list[Way]:
        path, name = asked
        module = self._linker.module(path)
        if name in self._index(module):
            self._asked += 1
            return [self._global(module, name)]
        bindings = self._linker.files[path].bindings.get(name)
        if bindings is None:
            return [self._star(path, name)]
        return [self._bound(path, name, one) for one in bindings]

    def _bound(self, path: str, name: str, binding: Binding) -> Way:
        if binding.imported is not None:
            return self._imported(path, binding.imported)
        if binding.kind in {"def", "class"}:
            return Symbol(Known(f"{self._linker.modules.name(path)}.{name}", path=path))
        return UNKNOWN

    def _star(self, path: str, name: str) -> Way:
        source = self._linker.names.star(path, name)
        if source is not None:
            return Elsewhere(source, name)
        known = self._linker.names.resolve(path, name)
        return Symbol(known) if known is not None and known.name == f"builtins.{name}" else UNKNOWN

    def _imported(self, path: str, imported: Import | Imported) -> Way:
        modules = self._linker.modules
        module = modules.absolute(path, imported.module, imported.level)
        if module is None:
            return UNKNOWN
        home = modules.find(path, module) if imported.attribute else None
        # A package's own name hides its module of that name: `from .app import app` in `__init__`.
        if home is None or home == path or imported.attribute not in self._linker.files[home].bindings:
            whole = ".".join(part for part in (module, imported.attribute) if part)
            found = modules.find(path, whole)
            if found is not None:
                return Symbol(Known(modules.name(found), path=found))
            if home is None and not imported.level:
                return Symbol(Known(library().canonical(whole)))
        return Elsewhere(home, imported.attribute) if home is not None and home != path else UNKNOWN

    # --- the statements about a name

    def _index(self, scope: Scope) -> dict[str, list[Statement]]:
        """The statements that bind or fill each name of a scope."""
        table = self._by_name.get(scope) if scope.statements else _NOTHING
        if table is None:
            table = self._by_name[scope] = {}
            for statement in scope.statements:
                for name in names_of(statement):
                    table.setdefault(name, []).append(statement)
            if scope.parent is not None:
                # What is only filled here is bound further out.
                own = {*scope.given, *(name for statement in scope.statements for name in bound_in(statement))}
                for name in table.keys() - own:
                    del table[name]
        return table

    def is_last(self, scope: Scope, statement: Assigned) -> bool:
        """Whether nothing more is written about a name after this in its scope."""
        about = self._index(scope).get(statement.target)
        return about is not None and about[-1] is statement

    def _filled(self, scope: Scope, name: str, about: Sequence[Statement | Binding], start: Value | None) -> Value:
        """Go through what is written about a name, in order."""
        values: list[Value] = [start] if start is not None else []
        for one in about:
            if isinstance(one, Binding):
                values.append(self._through([self._bound(scope.path, name, one)]))
                continue
            for statement, where in self.unrolled(one, scope):
                self._step(statement, where, name, values)
            if len(values) > _MOST_VALUES:
                return UNKNOWN
        return choice(values)

    def _step(self, statement: Statement, scope: Scope, name: str, values: list[Value]) -> None:
        if isinstance(statement, Imported):
            if statement.name == name:
                values.append(self._through([self._imported(scope.path, statement)]))
        elif isinstance(statement, Assigned):
            if statement.target == name and statement.value is not None:
                self._assign(statement, scope, name, values)
        elif isinstance(statement, Done) and statement.call.args:
            method = filling(statement, name)
            before = choice(values)
            if method and self._is_filled(before, method):
                item = self.in_turn(scope, name, statement.call.args[-1], values)
                values[:] = [joined(before, item if FILLING[method] else Listed((item,)))]

    def _assign(self, statement: Assigned, scope: Scope, name: str, values: list[Value]) -> None:
        value = self.in_turn(scope, name, statement.value, values)
        if statement.op:
            value = added(choice(values), value)
        elif statement.maybe:
            values.append(value)
            return
        values[:] = [value]

    def in_turn(self, scope: Scope, name: str, expr: Expr | None, before: list[Value]) -> Value:
        """The value of an expression that may read the name it is assigned to."""
        given = {name: choice(before) if before else _OUTER}
        return self._linker.value(Scope(scope.path, (), given, scope, passing=True), expr)

    def _is_filled(self, value: Value, method: str) -> bool:
        """Whether a call of a method like ``append`` adds to this value, as it does to a list, dict or set.

        An instance of a class has methods of its own by these names.
        """
        if method in {"append", "insert", "extend"}:
            return not any(self._is_instance(one) for one in options(value))
        return all(
            isinstance(one, (Listed, Mapped)) or (isinstance(one, Made) and _is_collection(one.callee))
            for one in options(value)
        )

    def _is_instance(self, value: Value) -> bool:
        if not isinstance(value, Made) or not isinstance(value.callee, Symbol) or _is_collection(value.callee):
            return False
        known = value.callee.known
        return known in self._linker.classes.declared or (not known.path and library().knows(known.name))

    # --- loops

    def unrolled(self, statement: Statement, scope: Scope) -> Iterator[tuple[Statement, Scope]]:
        """A statement with the scope to read it in; a loop's body once for each item of a written-out list."""
        if not isinstance(statement, Looped):
            yield statement, scope
            return
        for one_round in self.rounds(scope, statement):
            for one in statement.body:
                yield from self.unrolled(one, one_round)

    def rounds(self, scope: Scope, loop: Looped | Each) -> list[Scope]:
        """A scope for each round of a loop; none where the list is not written out."""
        key = (scope.home, id(loop))
        kept = self._unrolls.get(key)
        if kept is None:
            held = self._held(scope, loop.targets, loop.iterable)
            body = loop.body if isinstance(loop, Looped) else ()
            kept = self._unrolls[key] = loop, [Scope(scope.path, body, values, scope) for values in held]
            for one in kept[1]:
                one.rounds = scope.rounds // len(kept[1])
        return kept[1]

    def _held(self, scope: Scope, targets: tuple[str, ...], iterable: Expr) -> list[dict[str, Value]]:
        """What a loop's variables hold in each round."""
        held: list[dict[str, Value]] = []
        for item in self._linker.items(self._linker.value(scope, iterable))[: min(_MOST_ROUNDS, scope.rounds)]:
            if len(targets) == 1:
                held.append({targets[0]: item})
            elif isinstance(item, Listed) and len(item.items) == len(targets):
                held.append(dict(zip(targets, item.items, strict=True)))
        return held


def _is_collection(callee: Value) -> bool:
    return isinstance(callee, Symbol) and callee.known.name in _COLLECTIONS


def _line(one: Statement | Binding) -> int:
    return 0 if isinstance(one, Imported) else one.line
