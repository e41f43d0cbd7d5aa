"""Entering a body: what its parameters hold; leaving a constructor: what it has made."""

from __future__ import annotations

import ast

from djfa_lint.flow.evaluate.frame import Frame
from djfa_lint.flow.evaluate.handing import holds_rows
from djfa_lint.flow.evaluate.merging import tuple_of
from djfa_lint.flow.evaluate.parameters import annotated
from djfa_lint.flow.evaluate.querysets import Given
from djfa_lint.flow.evaluate.texts import Code
from djfa_lint.flow.evaluate.values import Closure, Map, Obj, Row, Value


def bind_parameters(frame: Frame, code: Code, given: Given, static: bool) -> None:
    """Bind the parameters of a body to what is handed in, to their defaults, to what they are annotated as."""
    args = code.node.args
    names = [one.arg for one in (*args.posonlyargs, *args.args)]
    frame.params = frozenset([*names, *(one.arg for one in args.kwonlyargs)])
    if frame.owner is not None and not static and names:
        frame.env[names.pop(0)] = frame.bound
    for one in (*names, *(one.arg for one in args.kwonlyargs)):
        frame.env[one] = given.keywords.get(one)
    if not given.rest:
        frame.env.update(zip(names, given.args, strict=False))
    _bind_defaults(frame, code, given, names)
    for arg in (*args.posonlyargs, *args.args, *args.kwonlyargs):
        if frame.env.get(arg.arg) is None and arg.annotation is not None:
            typed = annotated(frame, arg.annotation)
            frame.env[arg.arg] = None if isinstance(typed, Row) else typed
    if args.vararg is not None:
        rest = given.args[len(names) :]
        frame.env[args.vararg.arg] = tuple_of(rest, given.rest)
    if args.kwarg is not None:
        frame.env[args.kwarg.arg] = Map(None, None)


def _bind_defaults(frame: Frame, code: Code, given: Given, names: list[str]) -> None:
    args = code.node.args
    every = [one.arg for one in (*args.posonlyargs, *args.args)]
    defaults = dict(zip(reversed(every), reversed(args.defaults), strict=False))
    defaults |= {one.arg: value for one, value in zip(args.kwonlyargs, args.kw_defaults, strict=True) if value}
    told = {*given.keywords, *names[: len(given.args)]}
    if not given.rest:
        for name, value in defaults.items():
            if name in frame.env and name not in told:
                frame.env[name] = frame.value(value)


def made(frame: Frame, value: Value) -> Value:
    """The object that a constructor was called for, with what it has set."""
    function = frame.root
    if not isinstance(function, ast.FunctionDef) or not isinstance(value, Obj) or not function.args.args:
        return value
    own = function.args.args[0].arg + "."
    attrs = [
        (name[len(own) :], held)
        for name, held in frame.env.items()
        if name.startswith(own) and held is not None and not isinstance(held, Closure)
    ]
    return value._replace(attrs=tuple(sorted(attrs, key=_first)), rows=any(holds_rows(held) for _, held in attrs))


def _first(item: tuple[str, Value]) -> str:
    return item[0]
