"""Functions of libraries: what a call of one gives, by its canonical name."""

from __future__ import annotations

import ast

from djfa_lint.flow.evaluate import sessions, stalls, tasks
from djfa_lint.flow.evaluate.called import Called
from djfa_lint.flow.evaluate.frame import Frame
from djfa_lint.flow.evaluate.pythonic import PYTHON
from djfa_lint.flow.evaluate.querysets import Given
from djfa_lint.flow.evaluate.shortcuts import DJANGO
from djfa_lint.flow.evaluate.values import Obj, Value

_STATEMENTS = sessions.statements()
_TABLE = {**PYTHON, **DJANGO}


def call(frame: Frame, name: str, given: Given, node: ast.Call) -> Value:
    """What a function of a library gives; None of one that is not in the table."""
    made = stalls.called(frame, name, node) or tasks.maker(name)
    tasks.started(frame, name, node)
    handler = _TABLE.get(name)
    if handler is not None:
        return handler(Called(frame, given, node)) or made
    if name in _STATEMENTS:
        return sessions.built(frame, _STATEMENTS[name], node)
    if name in sessions.SESSIONS:
        return Obj(sessions.SESSIONS[name])
    return sessions.maker(name, given) or made
