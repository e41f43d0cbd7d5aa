"""Questions to querysets that cost more than they need, and reads of a row for its key alone."""

from __future__ import annotations

import ast

from djfa_lint.facts.scan import dotted
from djfa_lint.flow.evaluate.effects import Check
from djfa_lint.flow.evaluate.frame import Frame
from djfa_lint.flow.evaluate.querysets import last_name
from djfa_lint.flow.evaluate.values import Rows, Value
from djfa_lint.knowledge.querysets import CLONES


def key_read(frame: Frame, node: ast.Attribute, relation: ast.Attribute) -> None:
    """Prepare what could be read in place of ``order.customer.pk``: ``order.customer_id``."""
    base = dotted(relation.value)
    if base:
        frame.key[id(relation)] = (f"{base}.{relation.attr}_id", frame.site(node))


def condition(frame: Frame, node: ast.expr, value: Value, whole: ast.expr | None = None) -> None:
    """Note a wasteful truth test; `whole` is what would be replaced."""
    if isinstance(node, ast.Call) and not isinstance(value, Rows):
        _asked(frame, node, whole or node, True)
    elif isinstance(value, Rows) and _is_unfetched(value) and value.kind != "manager" and _only_here(frame, node):
        frame.note(Check("truth", last_name(value), frame.site(whole or node), frame.site(node), "exists"))


def compared(frame: Frame, node: ast.Compare) -> None:
    """``count() > 0``, ``count() == 0``, ``len(rows) >= 1``, ``0 < count()``."""
    if len(node.ops) != 1:
        return
    left, right, operator = node.left, node.comparators[0], type(node.ops[0])
    if isinstance(left, ast.Constant):
        left, right, operator = right, left, _TURNED.get(operator, operator)
    if not isinstance(left, ast.Call) or not isinstance(right, ast.Constant) or isinstance(right.value, bool):
        return
    asked = (operator, right.value) if right.value in (0, 1) else None
    if asked in _SOME or asked in _NONE:
        _asked(frame, left, node, asked in _SOME)


_TURNED: dict[type[ast.cmpop], type[ast.cmpop]] = {ast.Lt: ast.Gt, ast.Gt: ast.Lt, ast.LtE: ast.GtE, ast.GtE: ast.LtE}
_SOME = ((ast.Gt, 0), (ast.NotEq, 0), (ast.GtE, 1))
_NONE = ((ast.Eq, 0), (ast.LtE, 0), (ast.Lt, 1))


def method_asked(frame: Frame, rows: Rows, method: str, node: ast.Call) -> None:
    """Remember that ``exists()`` was asked of what a name holds."""
    base = node.func.value if isinstance(node.func, ast.Attribute) else None
    if method == "exists" and isinstance(base, ast.Name) and rows.kind == "queryset" and not rows.ready:
        frame.asked[base.id] = frame.site(node)


def rows_used(frame: Frame, node: ast.expr, rows: Rows) -> None:
    """Note that the rows of a queryset are fetched after ``exists()`` was asked of it."""
    if isinstance(node, ast.Name) and not rows.ready:
        site = frame.asked.pop(node.id, None)
        if site is not None:
            name = frame.site(node)
            frame.note(Check("exists", last_name(rows), site, name, "", name))


def _asked(frame: Frame, call: ast.Call, whole: ast.expr, some: bool) -> None:
    if isinstance(call.func, ast.Attribute) and call.func.attr in {"count", "acount"} and not call.args:
        queryset, kind, twin = call.func.value, "count", "aexists" if call.func.attr == "acount" else "exists"
    elif dotted(call.func) == "len" and len(call.args) == 1:
        queryset, kind, twin = call.args[0], "len", "exists"
    else:
        return
    rows = frame.quietly(queryset)
    if rows is None and kind == "count" and _is_spelled_out(queryset):
        site = frame.site(queryset)
        frame.note(Check(kind, "", frame.site(whole), site, twin if some else f"not {twin}"))
    if not isinstance(rows, Rows) or not _is_unfetched(rows):
        return
    if kind == "len" and (rows.kind == "manager" or not _only_here(frame, queryset)):
        return
    frame.note(Check(kind, last_name(rows), frame.site(whole), frame.site(queryset), twin if some else f"not {twin}"))


def _is_spelled_out(node: ast.expr) -> bool:
    """Whether an expression is a queryset whatever its model is: ``model.objects.filter(...)``."""
    methods = 0
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLONES:
        node, methods = node.func.value, methods + 1
    return bool(methods) and isinstance(node, ast.Attribute) and node.attr in {"objects", "_default_manager"}


def _is_unfetched(rows: Rows) -> bool:
    """Whether asking costs a query of its own: nothing fetched, prefetched or cut off."""
    return rows.kind in {"queryset", "manager"} and not rows.ready and not rows.served and not rows.few


def _only_here(frame: Frame, node: ast.expr) -> bool:
    """Whether what a queryset holds is used nowhere else: it is made here, or its name is read only here."""
    if isinstance(node, ast.Name):
        return frame.loads(node.id) == 1
    return isinstance(node, ast.Call)
