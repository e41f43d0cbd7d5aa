"""What is done when the project's modules are imported: routers included, views registered, functions decorated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from djfa_lint.facts.values import Assigned, Call, Defined, Done, Expr, Looped, Member, Ref, Returned, Statement
from djfa_lint.project.declared import Listed, Made, Scope, Symbol, Value
from djfa_lint.project.linker import Linker
from djfa_lint.project.names import Known


class Effect(NamedTuple):
    """A call of a method for its effect, or of one as decorator.

    `receiver` is what the method is called on; for a plain function it is that function and `method` is "". `made` is
    the call (for ``@admin.display`` without one, a call without arguments). `target` is the function or class that is
    decorated. Lines are 1-based. `maybe` says that it stands under a condition.
    """

    receiver: Value
    method: str
    made: Made
    path: str
    line: int
    target: Known | None = None
    maybe: bool = False


def effects_of(linker: Linker, paths: Iterable[str]) -> list[Effect]:
    """All effects of these files, one by one in the order given, then those of the factories that were run."""
    found: list[Effect] = []
    paths = list(paths)
    for path in paths:
        found += _in_scope(linker, linker.module(path))
        prefix = linker.modules.name(path)
        for cls in linker.files[path].classes:
            if any(isinstance(one, Defined) for one in cls.body):
                known = Known(f"{prefix}.{cls.name}", path=path)
                if linker.classes.declared.get(known) is cls:
                    found += _in_scope(linker, linker.class_scope(known), methods_only=True)
    done = 0
    while done < len(linker.runs) or _run_next(linker, paths):
        while done < len(linker.runs):
            found += _in_scope(linker, linker.runs[done])
            done += 1
    return found


def _run_next(linker: Linker, paths: list[str]) -> bool:
    """Run the factories that nobody calls, as an application server does; False when there is none left.

    One that another of them calls is left for it, which gives it its arguments.
    """
    run = {(scope.path, scope.function.name) for scope in linker.runs if scope.function is not None}
    before = len(linker.runs)
    waiting = [
        (path, function)
        for path in paths
        for function in linker.files[path].functions
        if function.registers and function.body and (path, function.name) not in run
    ]
    called = {name for _, one in waiting for name in _called(one.body) if name != one.name}
    outermost = [one for one in waiting if one[1].name.rpartition(".")[2] not in called]
    for some in (outermost, waiting):
        for path, function in some:
            known = Known(f"{linker.modules.name(path)}.{function.name}", path=path)
            linker.run(known, Made(Symbol(known), Call(Ref(function.name)), linker.module(path)))
        if len(linker.runs) > before:
            return True
    return False


def _called(statements: Iterable[Statement]) -> Iterator[str]:
    """The last parts of the names that are called in some statements."""
    for one in statements:
        if isinstance(one, Looped):
            yield from _called(one.body)
        elif isinstance(one, Done):
            yield from _called_in(one.call)
        elif isinstance(one, (Assigned, Returned)) and isinstance(one.value, Call):
            yield from _called_in(one.value)


def _called_in(call: Call) -> Iterator[str]:
    if isinstance(call.callee, Ref):
        yield call.callee.name.rpartition(".")[2]
    for one in (*call.args, *(value for _, value in call.keywords)):
        if isinstance(one, Call):
            yield from _called_in(one)


def effects_in(linker: Linker, scope: Scope) -> Iterator[Effect]:
    """What happens when the statements of one scope are run: those of a method that is kept."""
    yield from _in_scope(linker, scope)


def _in_scope(linker: Linker, scope: Scope, methods_only: bool = False) -> Iterator[Effect]:
    for statement in scope.statements:
        if methods_only and not isinstance(statement, Defined):
            continue
        for one, where in linker.unrolled(statement, scope):
            yield from _effects(linker, one, where)


def _effects(linker: Linker, statement: Statement, scope: Scope) -> Iterator[Effect]:
    if isinstance(statement, Done):
        yield from _call(linker, scope, statement.call, None, statement.line, statement.maybe)
    elif isinstance(statement, Assigned) and isinstance(statement.value, Call) and scope.depth < 30:
        linker.value(scope, Ref(statement.target) if "." not in statement.target else statement.value)
        if isinstance(statement.value.callee, Call) or _registers(statement.value):
            yield from _call(linker, scope, statement.value, None, statement.line, statement.maybe)
    elif isinstance(statement, Defined):
        prefix = linker.modules.name(scope.path)
        target = Known(f"{prefix}.{statement.name}", path=scope.path)
        for decorator in _decorators(linker, target):
            yield from _call(linker, scope, decorator, target, statement.line, statement.maybe)


def _registers(call: Call) -> bool:
    """Whether a call whose result is kept is made for its effect too: ``orders = router.register("orders", ...)``."""
    return isinstance(call.callee, Ref) and call.callee.name.endswith(".register")


def _decorators(linker: Linker, target: Known) -> tuple[Expr, ...]:
    function = linker.function(target)
    if function is not None:
        return function.decorators
    declared = linker.classes.declared.get(target)
    return declared.decorators if declared is not None else ()


def _call(linker: Linker, scope: Scope, expr: Expr, target: Known | None, line: int, maybe: bool) -> Iterator[Effect]:
    call = expr if isinstance(expr, Call) else Call(expr, line=line)
    callee = call.callee
    if isinstance(callee, Ref) and "." in callee.name:
        owner, _, method = callee.name.rpartition(".")
        receiver = linker.value(scope, Ref(owner))
    elif isinstance(callee, Member):
        method, receiver = callee.name, linker.value(scope, callee.of)
    elif isinstance(callee, Call):
        # A decorator put on by hand, as in `view = router.get("/")(view)` and `register(Model)(Admin)`.
        if target is None and len(call.args) == 1:
            given = linker.argument(linker.made(scope, call), 0)
            by_hand = [one for one in linker.symbols(given) if one.path]
            target = by_hand[0] if len(by_hand) == 1 else None
        yield from _call(linker, scope, callee, target, line, maybe)
        return
    else:
        receiver, method = linker.value(scope, callee), ""
    if isinstance(receiver, Symbol) and not receiver.known.path and method:
        receiver, method = Symbol(_inside(linker, receiver.known, method)), ""
    if isinstance(receiver, Listed):
        return
    value = linker.called(scope, call)
    made = value if isinstance(value, Made) and value.call is call else Made(receiver, call, scope)
    yield Effect(receiver, method, made, scope.path, line, target, maybe)


def _inside(linker: Linker, known: Known, name: str) -> Known:
    found = linker.attribute(Symbol(known), name)
    return found.known if isinstance(found, Symbol) else known
