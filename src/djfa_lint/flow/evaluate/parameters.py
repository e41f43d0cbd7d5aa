"""What a parameter or variable holds by its annotation, or by what a framework injects."""

from __future__ import annotations

import ast

from djfa_lint.facts.scan import dotted
from djfa_lint.flow.evaluate import tasks
from djfa_lint.flow.evaluate.frame import Frame
from djfa_lint.flow.evaluate.loads import OPEN
from djfa_lint.flow.evaluate.members import REQUEST
from djfa_lint.flow.evaluate.sessions import SESSIONS
from djfa_lint.flow.evaluate.values import Cls, Lib, Many, Map, Obj, Row, Value
from djfa_lint.project.names import Known

_REQUESTS = frozenset(
    {"django.http.HttpRequest", "rest_framework.request.Request", "django.core.handlers.wsgi.WSGIRequest"}
)
_COLLECTIONS = frozenset(
    "list List tuple Tuple set Set frozenset Sequence Iterable Iterator Collection deque Generator".split()
)
_MAPPINGS = frozenset("dict Dict Mapping MutableMapping defaultdict OrderedDict".split())
# An alias of an alias of an alias.
_MAX_ALIASES = 3


def parameter(frame: Frame, arg: ast.arg, default: ast.expr | None) -> Value:
    """What a parameter of a function that nothing calls holds: by its annotation, what is injected, its name."""
    found = annotated(frame, arg.annotation) if arg.annotation is not None else None
    if isinstance(default, ast.Call) and (found is None or isinstance(found, Obj)):
        # What is injected says more than the class it is announced as.
        injected = frame.quietly(default)
        found = injected if isinstance(injected, Obj) else found
    if found is None and arg.annotation is None and arg.arg == "request":
        return Obj(REQUEST, exact=_is_view(frame))
    return found


def _is_view(frame: Frame) -> bool:
    """Whether a URL of Django's leads to the function at hand."""
    definition = frame.definition
    return definition is not None and frame.evaluator.project.view(definition.owner or definition.known) is not None


def annotated(frame: Frame, annotation: ast.expr, left: int = _MAX_ALIASES) -> Value:
    """What has this type; ``X | None``, ``Optional[X]`` and ``Annotated[X, ...]`` are X, an alias is what it names."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        try:
            return annotated(frame, ast.parse(annotation.value, mode="eval").body, left - 1) if left else None
        except SyntaxError:
            return None
    if isinstance(annotation, ast.BinOp):
        sides = [one for one in (annotation.left, annotation.right) if not isinstance(one, ast.Constant)]
        return annotated(frame, sides[0], left) if len(sides) == 1 else None
    if isinstance(annotation, ast.Subscript):
        outer = dotted(annotation.value).rpartition(".")[2]
        parts = annotation.slice.elts if isinstance(annotation.slice, ast.Tuple) else [annotation.slice]
        if outer in {"Annotated", "Optional"} and parts:
            return annotated(frame, parts[0], left)
        return _several(frame, outer, parts, left)
    name = dotted(annotation)
    value = frame.evaluator.defined(frame.path, name, frame.imports) if name else None
    if isinstance(value, Cls):
        return (
            Row(value.known, OPEN) if frame.evaluator.project.row_model(value.known) is not None else Obj(value.known)
        )
    if isinstance(value, Lib):
        return _of_library(frame, value.name)
    alias = frame.evaluator.alias(frame.path, name) if name and "." not in name and left else None
    return annotated(frame.evaluator.frame(alias[0], 0), alias[1], left - 1) if alias is not None else None


def _several(frame: Frame, outer: str, parts: list[ast.expr], left: int) -> Value:
    """A collection of objects of a known class; of rows nobody knows what is loaded."""
    keyed = outer in _MAPPINGS and len(parts) == 2
    item = annotated(frame, parts[-1], left) if keyed or (outer in _COLLECTIONS and parts) else None
    if not isinstance(item, Obj):
        return None
    return Map(None, Many(item)) if keyed else Many(item)


def _of_library(frame: Frame, name: str) -> Value:
    """An object of a library's class, where a table knows it."""
    if name in _REQUESTS:
        return Obj(REQUEST, exact=True)
    if name in SESSIONS:
        return Obj(SESSIONS[name])
    if name in tasks.MAKERS:
        return tasks.maker(name)
    blocking = frame.evaluator.blocking
    made = blocking.types.get(name)
    return Obj(Known(made)) if made in blocking.methods else None
