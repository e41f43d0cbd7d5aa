"""Where evaluation begins: each function of a file, called by nobody in particular."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from djfa_lint.flow.evaluate.effects import Effect, Stall
from djfa_lint.flow.evaluate.evaluator import Evaluator, GaveUpError
from djfa_lint.flow.evaluate.frame import Frame
from djfa_lint.flow.evaluate.loads import OPEN
from djfa_lint.flow.evaluate.parameters import parameter
from djfa_lint.flow.evaluate.querysets import Given
from djfa_lint.flow.evaluate.values import Cls, Made, Obj, Row, Rows, Value
from djfa_lint.flow.evaluate.weighing import weighed
from djfa_lint.project.definition import Definition
from djfa_lint.project.project import Project


class Stalled(NamedTuple):
    """What a coroutine makes its event loop wait for; a line in the file is the node's plus `shift`."""

    stall: Stall
    path: str
    function: ast.AsyncFunctionDef
    shift: int


def effects_in(evaluator: Evaluator, path: str, *, rows: bool = True) -> Iterator[Effect | Stalled]:
    """What the functions of a file do, wherever that stands; without `rows` only what concerns coroutines."""
    wanted = None if rows else _concerned(evaluator.project, path)
    for definition in evaluator.project.functions_in(path):
        if wanted is not None and definition.declared.start not in wanted:
            continue
        frame = _entered(evaluator, definition)
        if frame is not None:
            yield from _effects_of(frame)


def _concerned(project: Project, path: str) -> frozenset[int]:
    """The lines on which functions begin that are coroutines, have some inside, or may call one."""
    names = project.coroutine_names()
    found = {unit.start for unit in project.coroutine_units(path)}
    functions = project.files[path].functions
    owners = {one.owner for one in functions if one.coroutine and one.owner}
    found.update(one.start for one in functions if one.owner in owners)
    for unit in project.files[path].units:
        if unit.kind == "function" and any(one.rpartition(".")[2] in names for one in unit.refs):
            found.add(unit.start)
    return frozenset(found)


def _effects_of(frame: Frame) -> Iterator[Effect | Stalled]:
    """The effects of one body, those of the coroutines in it included.

    Of one that needs too many steps only what a loop waits for: that is so whatever comes after.
    """
    function = frame.root
    if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return
    try:
        frame.run(frame, function.body)
        yield from weighed(one for one in frame.effects.values() if not isinstance(one, Stall))
    except (GaveUpError, RecursionError):
        pass
    if isinstance(function, ast.AsyncFunctionDef):
        yield from _stalled(frame, function)
    yield from _nested(frame)


def _nested(frame: Frame) -> Iterator[Stalled]:
    """What the coroutines that a body defines wait for; each is run once, with what the names hold in the end."""
    met: set[int] = set()
    for closure in frame.nested:
        node = closure.node
        if id(node) in met or not isinstance(node, ast.AsyncFunctionDef):
            continue
        met.add(id(node))
        frame.effects, frame.running, frame.threads = {}, [node], 0
        frame.env = {**frame.env, **closure.env}
        for arg, default in _parameters(node):
            frame.bind(arg.arg, parameter(frame, arg, default))
        with suppress(GaveUpError, RecursionError):
            frame.run(frame, node.body)
        yield from _stalled(frame, node)


def _stalled(frame: Frame, function: ast.AsyncFunctionDef) -> Iterator[Stalled]:
    for one in frame.effects.values():
        if isinstance(one, Stall):
            yield Stalled(one, frame.path, function, frame.shift)


def _entered(evaluator: Evaluator, definition: Definition) -> Frame | None:
    """The frame of a body that nobody in particular calls."""
    evaluator.begin()
    code = evaluator.texts.function(definition.known.path, definition.declared)
    if code is None:
        return None
    try:
        frame = evaluator.entered(definition, code, _receiver(evaluator, definition), Given(rest=True), 0)
        for arg, default in _parameters(code.node):
            if frame.env.get(arg.arg) is None:
                frame.env[arg.arg] = parameter(frame, arg, default)
    except (GaveUpError, RecursionError):
        return None
    return frame


def _parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[tuple[ast.arg, ast.expr | None]]:
    args = function.args
    placed = [*args.posonlyargs, *args.args]
    yield from zip(placed, [*[None] * (len(placed) - len(args.defaults)), *args.defaults], strict=True)
    yield from zip(args.kwonlyargs, args.kw_defaults, strict=True)


def _receiver(evaluator: Evaluator, definition: Definition) -> Value:
    """What ``self`` is: a row with anything loaded, a manager, an object."""
    owner = definition.owner
    if owner is None:
        return None
    if "builtins.classmethod" in evaluator.decorators(definition):
        return Cls(owner)
    if evaluator.project.row_model(owner) is not None:
        return Row(owner, OPEN)
    models = evaluator.project.managed(owner)
    if models:
        made = Made(None, models[0].name.rpartition(".")[2], False)
        return Rows("queryset", models[0], OPEN, made, queryset=owner) if len(models) == 1 else None
    return Obj(owner)
