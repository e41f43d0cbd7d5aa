"""Tuples, lists, dicts and texts as they are written out, and what generators yield."""

from __future__ import annotations

import ast

from djfa_lint.flow.evaluate.binding import settled
from djfa_lint.flow.evaluate.frame import Frame
from djfa_lint.flow.evaluate.members import shown
from djfa_lint.flow.evaluate.merging import collected, join
from djfa_lint.flow.evaluate.querysets import FEW
from djfa_lint.flow.evaluate.values import NOTHING, Fixed, Many, Map, Rows, Value


def made_tuple(frame: Frame, node: ast.Tuple) -> Value:
    """A tuple, by its items."""
    if any(isinstance(one, ast.Starred) for one in node.elts):
        for one in node.elts:
            frame.value(one)
        return None
    return Fixed(tuple(frame.value(one) for one in node.elts))


def made_list(frame: Frame, node: ast.List | ast.Set) -> Value:
    """A list or set, by what is in it."""
    found: Value = Many(NOTHING)
    for one in node.elts:
        value = frame.value(one)
        found = join(found, settled(frame, one.value, value) if isinstance(one, ast.Starred) else collected(value))
    few = 0 < len(node.elts) <= FEW and not any(isinstance(one, ast.Starred) for one in node.elts)
    return found._replace(few=few) if isinstance(found, (Many, Rows)) else found


def made_dict(frame: Frame, node: ast.Dict) -> Value:
    """A dict, by the values in it."""
    values: Value = Many(NOTHING)
    for key, value in zip(node.keys, node.values, strict=True):
        if key is not None:
            frame.value(key)
        values = join(values, collected(frame.value(value)))
    return Map(Many(NOTHING), values) if not node.values else Map(None, values)


def joined(frame: Frame, node: ast.JoinedStr) -> Value:
    """An f-string: what stands in it is shown."""
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            shown(frame, frame.value(part.value), part.value)
    return None


def yielded(frame: Frame, node: ast.Yield) -> Value:
    """What a generator gives; the expression itself holds what is sent in, which nobody knows."""
    value = frame.value(node.value) if node.value is not None else None
    frame.yielded = join(frame.yielded, collected(value))
    return None


def yielded_from(frame: Frame, node: ast.YieldFrom) -> Value:
    """What a generator hands on, one by one."""
    value = settled(frame, node.value, frame.value(node.value))
    fetched = value._replace(kind="list") if isinstance(value, Rows) and value.kind != "values" else value
    frame.yielded = join(frame.yielded, fetched)
    return None
