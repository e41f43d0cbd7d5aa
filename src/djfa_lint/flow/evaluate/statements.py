"""Statements: each may bind names, and says whether the one after it is reached."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence

from djfa_lint.facts.scan import dotted
from djfa_lint.flow.evaluate import guards, naming, tasks
from djfa_lint.flow.evaluate.binding import assign, bind_element, iterate, names_in, remember, settled
from djfa_lint.flow.evaluate.contexts import entered
from djfa_lint.flow.evaluate.expressions import combined, evaluate, truth
from djfa_lint.flow.evaluate.frame import Frame, merged
from djfa_lint.flow.evaluate.loads import OPEN
from djfa_lint.flow.evaluate.merging import join
from djfa_lint.flow.evaluate.parameters import annotated
from djfa_lint.flow.evaluate.querysets import FEW
from djfa_lint.flow.evaluate.values import Fixed, Many, Obj, Row, Rows, Value
from djfa_lint.source.nodes import children, walk

# What a loop can change is told after two rounds; a third brings nothing that rules could use.
_ROUNDS = 2


def run(frame: Frame, body: Sequence[ast.stmt]) -> bool:
    """Evaluate statements in order; False where the place behind them is not reached."""
    leaves = frame.level > frame.base and any(isinstance(one, (ast.Break, ast.Return, ast.Raise)) for one in body)
    fails = body is not getattr(frame.root, "body", None) and bool(body) and isinstance(body[-1], ast.Raise)
    frame.failing += fails
    if leaves:
        frame.leaving.append(frame.level)
    lasting = frame.lasting
    try:
        for index, statement in enumerate(body):
            frame.evaluator.spend()
            frame.statement = statement.lineno + frame.shift
            if not _run_one(frame, statement):
                return False
            if isinstance(statement, ast.If):
                kept = guards.kept_below(statement, body[index + 1 :])
                frame.lasting += bool(kept) and frame.outlives(kept)
        return True
    finally:
        frame.lasting = lasting
        frame.failing -= fails
        if leaves:
            frame.leaving.pop()


def _run_one(frame: Frame, node: ast.stmt) -> bool:
    handler = _HANDLERS.get(type(node))
    if handler is not None:
        return handler(frame, node)
    for child in children(node):
        if isinstance(child, ast.expr):
            evaluate(frame, child)
    return not isinstance(node, (ast.Break, ast.Continue))


def _raise(frame: Frame, node: ast.Raise) -> bool:
    frame.failing += 1
    for part in (node.exc, node.cause):
        if part is not None:
            evaluate(frame, part)
    frame.failing -= 1
    return False


def _expression(frame: Frame, node: ast.Expr) -> bool:
    # A generator that nothing asks runs none of its elements.
    if not isinstance(node.value, ast.GeneratorExp) and not _is_lazy_call(node.value):
        evaluate(frame, node.value)
        tasks.dropped(frame, node.value)
    return True


def _is_idle(frame: Frame, node: ast.Assign) -> bool:
    """Whether a generator is kept under a name that nothing reads: none of its elements is ever asked for."""
    lazy = isinstance(node.value, ast.GeneratorExp) or _is_lazy_call(node.value)
    return lazy and all(isinstance(one, ast.Name) and not frame.loads(one.id) for one in node.targets)


def _is_lazy_call(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and dotted(node.func) in {"map", "filter"}


def _assign(frame: Frame, node: ast.Assign) -> bool:
    if _is_idle(frame, node):
        return True
    value = evaluate(frame, node.value)
    if any(isinstance(target, (ast.Tuple, ast.List)) for target in node.targets):
        value = settled(frame, node.value, value)
    for target in node.targets:
        assign(frame, target, value)
    return True


def _annotated(frame: Frame, node: ast.AnnAssign) -> bool:
    value = evaluate(frame, node.value) if node.value is not None else None
    typed = annotated(frame, node.annotation) if value is None else None
    value = typed if isinstance(typed, Obj) else value
    if node.value is not None or value is not None:
        assign(frame, node.target, value)
    return True


def _augmented(frame: Frame, node: ast.AugAssign) -> bool:
    added = evaluate(frame, node.value)
    if isinstance(node.op, ast.Add):
        # A list takes the rows of a queryset one by one.
        added = settled(frame, node.value, added)
    held = evaluate(frame, node.target) if dotted(node.target) else None
    both = join(held, added) if isinstance(held, (Many, Rows)) and isinstance(added, (Many, Rows)) else None
    if isinstance(node.op, (ast.BitOr, ast.BitAnd)) and isinstance(held, Rows):
        both = combined(frame, held, node)
    assign(frame, node.target, both)
    return True


def _return(frame: Frame, node: ast.Return) -> bool:
    if node.value is not None:
        frame.returned = join(frame.returned, evaluate(frame, node.value))
    return False


def _if(frame: Frame, node: ast.If) -> bool:
    known = truth(frame, node.test)
    if known is not None and frame.given_constants(node.test):
        return run(frame, node.body if known else node.orelse)
    before = dict(frame.env)
    filled = frame.evaluator.memo(guards.filled, node)
    lasting = bool(filled) and frame.outlives(filled)
    frame.branches += 1
    debugs = guards.is_for_debugging(node.test)
    frame.failing += debugs
    picked = guards.picks(frame, node.test)
    frame.guards += bool(filled) + picked
    frame.lasting += lasting
    for name in frame.evaluator.memo(guards.checked, node.test):
        held = frame.env.get(name)
        if isinstance(held, Row):
            frame.env[name] = held._replace(loads=OPEN)
    reached = run(frame, node.body)
    frame.failing -= debugs
    frame.guards -= bool(filled) + picked
    frame.lasting -= lasting
    after, frame.env = frame.env, dict(before)
    otherwise = run(frame, node.orelse)
    frame.branches -= 1
    if reached and otherwise:
        frame.env = merged(after, frame.env)
    elif reached:
        frame.env = after
    return reached or otherwise


def _for(frame: Frame, node: ast.For | ast.AsyncFor) -> bool:
    written = _written_out(node.iter)
    frame.awaiting += isinstance(node, ast.AsyncFor)
    iterable = iterate(frame, node.iter) if written is None else None
    frame.awaiting -= isinstance(node, ast.AsyncFor)
    if isinstance(iterable, Fixed) and len(iterable.items) <= FEW:
        return _one_by_one(frame, node, iterable.items)
    if written is not None:
        return _one_by_one(frame, node, [evaluate(frame, one) for one in written])
    once = frame.evaluator.memo(guards.leaves_at_once, node)
    loop = None if once or guards.is_bounded(frame, node.iter, iterable) else frame.site(node)
    head = frame.site(node.iter)
    site = loop and loop._replace(end_line=head.end_line, end_column=head.end_column)
    names = frame.evaluator.memo(names_in, node)
    for _ in range(_ROUNDS):
        before = dict(frame.env)
        with frame.looping(site, names):
            bind_element(frame, node.target, iterable, None if once else site)
            run(frame, node.body)
        frame.env = merged(before, frame.env)
        if all(frame.env[name] == value for name, value in before.items()):
            break
    if site is not None:
        remember(frame, node.iter, site)
        frame.forget_loop(site)
    run(frame, node.orelse)
    return True


def _written_out(node: ast.expr) -> list[ast.expr] | None:
    """The elements of a literal sequence of a few."""
    if isinstance(node, (ast.Tuple, ast.List, ast.Set)) and 0 < len(node.elts) <= FEW:
        return None if any(isinstance(one, ast.Starred) for one in node.elts) else node.elts
    return None


def _one_by_one(frame: Frame, node: ast.For | ast.AsyncFor, items: Iterable[Value]) -> bool:
    """A loop over a few things that are known one by one: each has its own round."""
    before = dict(frame.env)
    frame.several += 1
    for item in items:
        assign(frame, node.target, item)
        run(frame, node.body)
    frame.several -= 1
    frame.env = merged(before, frame.env)
    run(frame, node.orelse)
    return True


def _while(frame: Frame, node: ast.While) -> bool:
    for _ in range(_ROUNDS):
        before = dict(frame.env)
        frame.walking += 1
        truth(frame, node.test)
        run(frame, node.body)
        frame.walking -= 1
        frame.env = merged(before, frame.env)
        if all(frame.env[name] == value for name, value in before.items()):
            break
    run(frame, node.orelse)
    endless = isinstance(node.test, ast.Constant) and bool(node.test.value)
    return not endless or frame.evaluator.memo(_breaks, node)


def _breaks(loop: ast.While) -> bool:
    return any(isinstance(part, ast.Break) for stmt in loop.body for part in walk(stmt))


def _with(frame: Frame, node: ast.With | ast.AsyncWith) -> bool:
    for item in node.items:
        value = evaluate(frame, item.context_expr)
        if isinstance(node, ast.With):
            value = entered(frame, value, item, node)
        if item.optional_vars is not None:
            # A generator that is a context manager gives what it yields.
            assign(frame, item.optional_vars, value.item if isinstance(value, Many) else value)
    return run(frame, node.body)


def _try(frame: Frame, node: ast.Try) -> bool:
    before = dict(frame.env)
    frame.trying += bool(node.handlers)
    reached = run(frame, node.body) and run(frame, node.orelse)
    frame.trying -= bool(node.handlers)
    ends = [frame.env] if reached else []
    started = merged(before, frame.env)
    for handler in node.handlers:
        frame.env = dict(started)
        if handler.name:
            frame.bind(handler.name, None)
        frame.failing += 1
        if run(frame, handler.body):
            ends.append(frame.env)
        frame.failing -= 1
    frame.env = started
    for index, end in enumerate(ends):
        frame.env = end if index == 0 else merged(frame.env, end)
    return run(frame, node.finalbody) and bool(ends)


def _match(frame: Frame, node: ast.Match) -> bool:
    evaluate(frame, node.subject)
    before, ends = dict(frame.env), []
    for case in node.cases:
        frame.env = dict(before)
        for name in names_in(case.pattern):
            frame.bind(name, None)
        if case.guard is not None:
            evaluate(frame, case.guard)
        if run(frame, case.body):
            ends.append(frame.env)
    frame.env = before
    for end in ends:
        frame.env = merged(frame.env, end)
    return True


_HANDLERS: dict[type, Callable[..., bool]] = {
    ast.Expr: _expression,
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.Return: _return,
    ast.Raise: _raise,
    ast.If: _if,
    ast.For: _for,
    ast.AsyncFor: _for,
    ast.While: _while,
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.Try: _try,
    ast.Match: _match,
    ast.FunctionDef: naming.define,
    ast.AsyncFunctionDef: naming.define,
    ast.ClassDef: naming.class_,
    ast.Import: naming.import_,
    ast.ImportFrom: naming.import_,
    ast.Delete: naming.delete,
}
if hasattr(ast, "TryStar"):
    _HANDLERS[ast.TryStar] = _try
