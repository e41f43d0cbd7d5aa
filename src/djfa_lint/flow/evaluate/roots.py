"""Where evaluation begins: each function of a file, called by nobody in particular."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from djfa_lint.facts.scan import dotted
from djfa_lint.flow.evaluate.effects import Effect
from djfa_lint.flow.evaluate.evaluator import Evaluator, GaveUpError
from djfa_lint.flow.evaluate.frame import Frame
from djfa_lint.flow.evaluate.loads import OPEN
from djfa_lint.flow.evaluate.members import REQUEST
from djfa_lint.flow.evaluate.querysets import Given
from djfa_lint.flow.evaluate.sessions import SESSION, SESSIONS
from djfa_lint.flow.evaluate.values import Cls, Lib, Made, Obj, Row, Rows, Value
from djfa_lint.flow.evaluate.weighing import weighed
from djfa_lint.project.definition import Definition

_REQUESTS = frozenset(
    {"django.http.HttpRequest", "rest_framework.request.Request", "django.core.handlers.wsgi.WSGIRequest"}
)

# An alias of an alias of an alias.
_MAX_ALIASES = 3


def effects_in(evaluator: Evaluator, path: str) -> Iterator[Effect]:
    """What the functions of a file do, wherever that stands."""
    for definition in evaluator.project.functions_in(path):
        try:
            yield from weighed(_effects_of(evaluator, definition))
        except GaveUpError:
            continue


def _effects_of(evaluator: Evaluator, definition: Definition) -> list[Effect]:
    evaluator.begin()
    code = evaluator.texts.function(definition.known.path, definition.declared)
    if code is None:
        return []
    frame = evaluator.entered(definition, code, _receiver(evaluator, definition), Given(rest=True), 0)
    for arg in (*code.node.args.posonlyargs, *code.node.args.args, *code.node.args.kwonlyargs):
        if frame.env.get(arg.arg) is None:
            frame.env[arg.arg] = _parameter(frame, arg)
    frame.run(frame, code.node.body)
    return list(frame.effects.values())


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


def _parameter(frame: Frame, arg: ast.arg) -> Value:
    """What a parameter holds by its annotation or, of a request, by its name."""
    if arg.annotation is None:
        return Obj(REQUEST) if arg.arg == "request" else None
    return _annotated(frame, arg.annotation, _MAX_ALIASES)


def _annotated(frame: Frame, annotation: ast.expr, left: int) -> Value:
    """What has this type; ``X | None``, ``Optional[X]`` and ``Annotated[X, ...]`` are X, an alias is what it names."""
    if isinstance(annotation, ast.BinOp):
        sides = [one for one in (annotation.left, annotation.right) if not isinstance(one, ast.Constant)]
        return _annotated(frame, sides[0], left) if len(sides) == 1 else None
    if isinstance(annotation, ast.Subscript):
        outer = dotted(annotation.value).rpartition(".")[2]
        inner = annotation.slice.elts[0] if isinstance(annotation.slice, ast.Tuple) else annotation.slice
        return _annotated(frame, inner, left) if outer in {"Annotated", "Optional"} else None
    name = dotted(annotation)
    value = frame.evaluator.defined(frame.path, name, frame.imports) if name else None
    if isinstance(value, Cls):
        return (
            Row(value.known, OPEN) if frame.evaluator.project.row_model(value.known) is not None else Obj(value.known)
        )
    if isinstance(value, Lib):
        held = REQUEST if value.name in _REQUESTS else SESSION if value.name in SESSIONS else None
        return Obj(held) if held is not None else None
    alias = frame.evaluator.alias(frame.path, name) if name and "." not in name and left else None
    return _annotated(frame.evaluator.frame(alias[0], 0), alias[1], left - 1) if alias is not None else None
