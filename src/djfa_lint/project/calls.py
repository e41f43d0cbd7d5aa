"""What calls give: something made, or what a factory of the project returns when it is run with these arguments."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from djfa_lint.facts.values import Call, Function, Item, Looped, Param, Ref, Returned, Spread, Statement
from djfa_lint.knowledge.library import library
from djfa_lint.project.combine import pairs_of
from djfa_lint.project.declared import (
    UNKNOWN,
    Attribute,
    Choice,
    Held,
    Listed,
    Lit,
    Made,
    Scope,
    Symbol,
    Value,
    choice,
)
from djfa_lint.project.evaluating import Evaluating
from djfa_lint.project.names import Known

# What only wraps a list.
_LISTS = frozenset({"builtins.list", "builtins.tuple", "builtins.sorted", "builtins.reversed", "builtins.set"})
_DEEPEST_RUN = 20
_MOST_RUNS = 3_000


class Calls:
    """Works calls out for a `Linker`."""

    def __init__(self, linker: Evaluating) -> None:
        self._linker = linker
        self._runs: dict[tuple[str, str, tuple[object, ...]], Scope] = {}
        self._ran: dict[Made, Scope] = {}
        self._callers: dict[Scope, Scope] = {}
        self._passed: dict[tuple[str, str, str], Value] = {}
        self._calls: dict[tuple[Scope, int], Made] = {}
        self.runs: list[Scope] = []

    def made(self, scope: Scope, call: Call) -> Made:
        """What a call makes; one for each call and each run or round it stands in."""
        key = (scope.home, id(call))
        kept = self._calls.get(key)
        if kept is None:
            callee = self._linker.value(scope, call.callee)
            if isinstance(call.callee, Item) and isinstance(callee, Held):
                # `Page[Order](...)` makes a `Page`.
                generic = self._linker.value(scope, call.callee.of)
                callee = generic if isinstance(generic, Symbol) else callee
            # The callee may have led back to this call.
            kept = self._calls.setdefault(key, Made(callee, call, scope))
        return kept

    def result(self, made: Made) -> Value:
        """What is returned in place of something made: by a factory, by what wraps a list, by ``getattr``."""
        if not isinstance(made.callee, Symbol):
            return made
        known = made.callee.known
        if known.name.startswith("builtins."):
            return self._of_builtin(made, known.name)
        run = self.run(known, made)
        if run is None:
            return made
        value = self._linker.questions.answer((run, "return"), partial(self._returned, run))
        return made if value in (UNKNOWN, Lit(None)) else value

    def _of_builtin(self, made: Made, name: str) -> Value:
        if not made.call.args:
            return made
        first = self._linker.value(made.scope, made.call.args[0])
        second = self._linker.argument(made, 1)
        if name in _LISTS:
            return first if isinstance(first, (Listed, Choice)) else made
        if name == "builtins.enumerate" and second is None:
            return pairs_of(made, first, None)
        if name == "builtins.zip" and second is not None and len(made.call.args) == 2:
            return pairs_of(made, first, second)
        attribute = self._linker.text(second)
        if name == "builtins.getattr" and attribute is not None:
            return self._read(made, first, attribute)
        return made

    def _read(self, made: Made, owner: Value, name: str) -> Value:
        """``getattr(owner, name, default)``: the attribute, and the default where it may have none."""
        value = self._linker.attribute(owner, name)
        default = self._linker.argument(made, 2)
        certain = not isinstance(value, (Attribute, Symbol)) and value != UNKNOWN
        return value if default is None or certain else choice([value, default])

    def _returned(self, run: Scope) -> Value:
        return choice(
            [self._linker.value(run, one.value) for one in _flat(run.statements) if isinstance(one, Returned)]
        )

    # --- runs of factories

    def run(self, known: Known, made: Made) -> Scope | None:
        """One run of a project function with the arguments of a call.

        None where its body declares nothing, where it is called from itself with other arguments, and where there have
        been too many runs.
        """
        function = self._linker.function(known)
        if function is None or not function.body or function.owner or made.scope.depth > _DEEPEST_RUN:
            return None
        ran = self._ran.get(made)
        if ran is not None:
            return ran
        if len(self.runs) >= _MOST_RUNS:
            return None
        given = self._given(known.path, function, made)
        key = (known.path, known.name, tuple(id(one) if not isinstance(one, tuple) else one for one in given.values()))
        found = self._runs.get(key)
        if found is None:
            if self._calls_itself(function, known.path, made.scope):
                return None
            found = self._runs[key] = self._start(known, function, given, made)
        self._ran[made] = found
        return found

    def _start(self, known: Known, function: Function, given: dict[str, Value], made: Made) -> Scope:
        parent = Scope(known.path, (), parent=self._linker.module(known.path))
        parent.depth = made.scope.depth + 1
        found = Scope(known.path, function.body, given, parent, function)
        self._callers[found] = made.scope
        self.runs.append(found)
        return found

    def _calls_itself(self, function: Function, path: str, scope: Scope | None) -> bool:
        while scope is not None:
            if scope.path == path and scope.function is not None and scope.function.name == function.name:
                return True
            scope = self._callers.get(scope, scope.parent)
        return False

    def _given(self, path: str, function: Function, made: Made) -> dict[str, Value]:
        """What the parameters hold in a run."""
        given: dict[str, Value] = {}
        position = 0
        module = self._linker.module(path)
        for param in function.params:
            if param.kind in {"*", "**"}:
                given[param.name] = UNKNOWN
                continue
            expr = made.call.argument(-1 if param.kind == "keyword" else position, param.name)
            position += param.kind != "keyword"
            if expr is not None:
                value = self._linker.value(made.scope, expr)
            else:
                value = UNKNOWN if _may_be_spread(made.call, param) else self._linker.value(module, param.default)
            given[param.name] = value if value != UNKNOWN else self._somebodys(path, function, param)
        return given

    def _somebodys(self, path: str, function: Function, param: Param) -> Value:
        """What stands for an argument that is not known: an instance of the class it is annotated with.

        ``def include_routers(app: FastAPI)`` fills an app, whoever passes it.
        """
        key = (path, function.name, param.name)
        if key not in self._passed:
            linker, module = self._linker, self._linker.module(path)
            cls = linker.value(module, param.annotation) if isinstance(param.annotation, Ref) else UNKNOWN
            known = cls.known if isinstance(cls, Symbol) else None
            is_class = known is not None and (known in linker.classes.declared or library().knows(known.name))
            call = Call(param.annotation if is_class and param.annotation is not None else Ref(""))
            self._passed[key] = Made(cls, call, module) if is_class else UNKNOWN
        return self._passed[key]


def _may_be_spread(call: Call, param: Param) -> bool:
    """Whether an argument that is not spelled may come with ``*args`` or ``**kwargs``."""
    by_name = any(not name for name, _ in call.keywords)
    by_place = any(isinstance(one, Spread) for one in call.args)
    return (by_name and param.kind != "positional") or (by_place and param.kind != "keyword")


def _flat(statements: tuple[Statement, ...]) -> Iterator[Statement]:
    for one in statements:
        if isinstance(one, Looped):
            yield from _flat(one.body)
        else:
            yield one
