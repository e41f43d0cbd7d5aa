"""Lambdas and nested functions: evaluated in place, with the names they were made among."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import replace

from djfa_lint.flow.evaluate import decorating, stalls
from djfa_lint.flow.evaluate.effects import Effect, Query, Read, Stall
from djfa_lint.flow.evaluate.frame import Frame
from djfa_lint.flow.evaluate.merging import tuple_of
from djfa_lint.flow.evaluate.querysets import Given
from djfa_lint.flow.evaluate.values import NOTHING, Closure, Value

# How often a nested function may be inside itself.
_MAX_NESTED = 2


def call(frame: Frame, func: Closure, given: Given, node: ast.expr) -> Value:
    """A lambda or nested function: evaluated in place, with the names it was made among."""
    if func.frame.path != frame.path or frame.running.count(func.node) >= _MAX_NESTED:
        return None
    args = func.node.args
    names = [one.arg for one in (*args.posonlyargs, *args.args)]
    outer, returned, yielded, noted = frame.env, frame.returned, frame.yielded, frame.effects
    base, leaving = frame.base, frame.leaving
    frame.base, frame.leaving = frame.level, []
    frame.env = {**func.env, **(outer if func.frame is frame else {})}
    for name in [*names, *(one.arg for one in args.kwonlyargs)]:
        frame.bind(name, given.keywords.get(name))
    for name, value in zip(names, () if given.rest else given.args, strict=False):
        frame.bind(name, value)
    if args.vararg is not None:
        frame.bind(args.vararg.arg, tuple_of(given.args[len(names) :], given.rest))
    lazy = not isinstance(func.node, ast.Lambda) and frame.evaluator.memo(decorating.yields, func.node)
    frame.running.append(func.node)
    frame.returned = frame.yielded = NOTHING
    frame.effects = {}
    try:
        if isinstance(func.node, ast.Lambda):
            return frame.value(func.node.body)
        frame.run(frame, func.node.body)
        found = frame.returned if frame.yielded == NOTHING else frame.yielded
        if lazy and frame.evaluator.stalling:
            return stalls.lazily_here(frame, found, node)
        return None if found == NOTHING else found
    finally:
        frame.running.pop()
        frame.base, frame.leaving = base, leaving
        done, frame.effects = frame.effects, noted
        frame.env, frame.returned, frame.yielded = outer, returned, yielded
        _note_inner(frame, func, done.values(), node)


def _note_inner(frame: Frame, func: Closure, effects: Iterable[Effect], node: ast.expr) -> None:
    """Note what a nested function did; what it did to a row of a loop around the call is reached through the call."""
    around = {one.site for one in frame.loops}
    again = func.node in frame.running
    stalls.inside(frame, func, effects, node)
    for effect in effects:
        if isinstance(effect, Stall):
            continue
        if again and isinstance(effect, Read):
            effect = replace(effect, tree=True)
        if isinstance(effect, (Read, Query)) and effect.loop in around and not isinstance(func.node, ast.Lambda):
            effect = replace(effect, calls=(frame.site(node), *effect.calls))
            effect = replace(effect, statement=0) if isinstance(effect, Query) else effect
        frame.note(effect)
