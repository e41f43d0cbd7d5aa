"""Entering and leaving ``with``: what a context manager gives, and what it makes its user wait for."""

from __future__ import annotations

import ast

from djfa_lint.flow.evaluate import stalls
from djfa_lint.flow.evaluate.effects import Stall
from djfa_lint.flow.evaluate.frame import Frame
from djfa_lint.flow.evaluate.querysets import Given
from djfa_lint.flow.evaluate.values import Func, Obj, Value
from djfa_lint.project.names import Known


def entered(frame: Frame, value: Value, item: ast.withitem, node: ast.With) -> Value:
    """What ``as`` binds; a class that does not say what it gives, gives itself."""
    value = stalls.settled(frame, value)
    stalls.gone_over(frame, value, item.context_expr)
    if not isinstance(value, Obj):
        return value
    stalls.entered(frame, value, item, node)
    if not value.cls.path:
        given = frame.evaluator.blocking.types.get(f"{value.cls.name}.__enter__")
        return Obj(Known(given)) if given is not None else value
    given_by = _run(frame, value, "__enter__", item.context_expr)
    _run(frame, value, "__exit__", item.context_expr)
    return given_by or value


def _run(frame: Frame, value: Obj, name: str, node: ast.expr) -> Value:
    """What a method of a context manager gives; of what it does only what makes its caller wait is noted."""
    if not frame.evaluator.stalling or (not value.exact and frame.evaluator.is_overridden(value.cls, name)):
        return None
    definition = frame.evaluator.project.method(value.cls, name)
    if definition is None:
        return None
    func = Func(definition, value, True)
    given, done = frame.apart(lambda: frame.apply(func, Given(), node))
    for effect in done:
        if isinstance(effect, Stall):
            frame.note(effect)
    return given
