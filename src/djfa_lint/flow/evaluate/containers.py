"""Methods of lists, tuples, dicts and texts, and what they do to the rows in them."""

from __future__ import annotations

import ast

from djfa_lint.facts.scan import dotted
from djfa_lint.flow.evaluate.binding import settled
from djfa_lint.flow.evaluate.frame import Frame
from djfa_lint.flow.evaluate.members import shown
from djfa_lint.flow.evaluate.merging import collected, iterated, join
from djfa_lint.flow.evaluate.querysets import Given
from djfa_lint.flow.evaluate.values import NOTHING, Const, Many, Map, Method, Rows, Value, Zip

_ADDS = frozenset({"append", "add", "appendleft"})
_EXTENDS = frozenset({"extend", "update", "union"})
_SAME = frozenset({"copy", "union", "intersection", "difference", "values", "keys"})


def method(frame: Frame, value: Value, name: str, given: Given, node: ast.Call) -> Value:
    """Call a method of a container; a name that holds it holds what is then in it."""
    if isinstance(value, Map):
        return _of_map(frame, value, name, given, node)
    if name in _ADDS and given.args:
        _refill(frame, node, join(value, collected(given.args[-1])))
    elif name in _EXTENDS and given.args:
        added = settled(frame, node.args[0], given.args[0]) if node.args else given.args[0]
        added = added._replace(kind="list") if isinstance(added, Rows) and added.kind != "values" else added
        _refill(frame, node, join(value, added))
    elif name == "insert" and len(given.args) > 1:
        _refill(frame, node, join(value, collected(given.args[1])))
    elif name == "pop":
        return iterated(value, None)
    elif name == "sort":
        key(frame, given.keywords.get("key"), value, node)
    return value if name in _SAME else None


def _of_map(frame: Frame, value: Map, name: str, given: Given, node: ast.Call) -> Value:
    if name == "items":
        return Zip((value.keys, value.values))
    if name == "keys":
        return value.keys
    if name == "values":
        return value.values
    if name in {"get", "pop"}:
        return join(iterated(value.values, None), given.argument(1) if len(given.args) > 1 else NOTHING)
    if name == "setdefault":
        added = given.argument(1)
        _refill(frame, node, Map(value.keys, join(value.values, collected(added))))
        return join(iterated(value.values, None), added)
    if name == "update" and isinstance(given.argument(0), Map):
        _refill(frame, node, join(value, given.argument(0)))
    return value if name == "copy" else None


def _refill(frame: Frame, node: ast.Call, value: Value) -> None:
    """Let the name that a method was called on hold something else; ``found[key].append(x)`` fills ``found``."""
    if not isinstance(node.func, ast.Attribute):
        # `add = found.append`: which name it fills is not known.
        return
    target = node.func.value
    name = dotted(target)
    if name:
        if name in frame.env:
            frame.env[name] = value._replace(few=False) if isinstance(value, (Many, Rows)) else value
        return
    inner: ast.expr | None = None
    if isinstance(target, ast.Subscript):
        inner = target.value
    elif isinstance(target, ast.Call) and isinstance(target.func, ast.Attribute) and target.func.attr == "setdefault":
        inner = target.func.value
    name = dotted(inner) if inner is not None else ""
    held = frame.env.get(name) if name else None
    if isinstance(held, Map):
        frame.env[name] = Map(held.keys, join(held.values, collected(value)))


def key(frame: Frame, func: Value, rows: Value, node: ast.Call) -> Value:
    """Call a function once for each element, as ``sorted(key=)`` and ``map`` do; what the last call gives."""
    if func is None:
        return None
    site = frame.site(node)
    few = getattr(rows, "few", False)
    with frame.looping(None if few else site):
        return frame.apply(func, Given((iterated(rows, None if few else site),)), node)


def text_method(frame: Frame, value: Value, name: str, given: Given, node: ast.Call) -> Value:
    """``"{}".format(order)`` and ``", ".join(map(str, orders))``."""
    if isinstance(value, Const) and name == "format":
        for one in (*given.args, *given.keywords.values()):
            shown(frame, one, node)
    elif isinstance(value, Const) and name == "join" and node.args:
        settled(frame, node.args[0], given.argument(0))
    elif isinstance(value, Method):
        return None
    return None
