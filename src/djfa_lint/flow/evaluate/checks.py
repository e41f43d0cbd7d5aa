"""Questions to querysets that cost more than they need, and reads of a row for its key alone."""

from __future__ import annotations

import ast

from djfa_lint.facts.scan import dotted
from djfa_lint.flow.evaluate.afterwards import Around, is_needed_besides, loaded_for_sure, reaches
from djfa_lint.flow.evaluate.effects import Check
from djfa_lint.flow.evaluate.frame import Frame
from djfa_lint.flow.evaluate.querysets import last_name
from djfa_lint.flow.evaluate.unique import is_one_at_most
from djfa_lint.flow.evaluate.values import Rows, Site, Value
from djfa_lint.knowledge.querysets import CLONES
from djfa_lint.source.nodes import walk


def key_read(frame: Frame, node: ast.Attribute, relation: ast.Attribute) -> None:
    """Prepare what could be read in place of ``order.customer.pk``: ``order.customer_id``."""
    base = dotted(relation.value)
    if base:
        frame.key[id(relation)] = (f"{base}.{relation.attr}_id", frame.site(node))


def condition(frame: Frame, node: ast.expr, value: Value, whole: ast.expr | None = None) -> None:
    """Note a wasteful truth test; `whole` is what would be replaced."""
    if isinstance(node, (ast.Call, ast.Await)) and not isinstance(value, Rows):
        _asked(frame, node, whole or node, True)
    elif isinstance(value, Rows) and _is_unfetched(value) and value.kind != "manager" and _only_here(frame, node):
        _note(frame, "truth", value, node, whole or node, "exists", True)


def compared(frame: Frame, node: ast.Compare) -> None:
    """``count() > 0``, ``count() == 0``, ``len(rows) >= 1``, ``0 < count()``."""
    asked = _compared(node)
    if asked is not None:
        _asked(frame, asked[0], node, asked[1])


def _compared(node: ast.Compare) -> tuple[ast.expr, bool] | None:
    """The call whose number is only asked to be some, or none: with which of them."""
    if len(node.ops) != 1:
        return None
    left, right, operator = node.left, node.comparators[0], type(node.ops[0])
    if isinstance(left, ast.Constant):
        left, right, operator = right, left, _TURNED.get(operator, operator)
    if not isinstance(right, ast.Constant) or isinstance(right.value, bool):
        return None
    asked = (operator, right.value) if right.value in (0, 1) else None
    return (left, asked in _SOME) if asked in _SOME or asked in _NONE else None


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
    if not isinstance(node, ast.Name) or rows.ready:
        return
    site = frame.asked.get(node.id)
    if site is None:
        return
    asked = _node_at(frame, site)
    if asked is not None and frame.root is not None and not reaches(Around(frame.root), node, asked, node):
        return
    del frame.asked[node.id]
    name = frame.site(node)
    frame.note(Check("exists", last_name(rows), site, name, "", name))


def _node_at(frame: Frame, site: Site) -> ast.Call | None:
    nodes = walk(frame.root) if frame.root is not None else ()
    return next((one for one in nodes if isinstance(one, ast.Call) and frame.site(one) == site), None)


def _asked(frame: Frame, asked: ast.expr, whole: ast.expr, some: bool) -> None:
    call = asked.value if isinstance(asked, ast.Await) else asked
    if not isinstance(call, ast.Call):
        return
    count, twin = ("acount", "await aexists") if isinstance(asked, ast.Await) else ("count", "exists")
    if isinstance(call.func, ast.Attribute) and call.func.attr == count and not call.args:
        queryset, kind = call.func.value, "count"
    elif dotted(call.func) == "len" and len(call.args) == 1:
        queryset, kind = call.args[0], "len"
    else:
        return
    rows = frame.quietly(queryset)
    if rows is None and kind == "count" and _is_spelled_out(queryset):
        _note(frame, kind, None, queryset, whole, twin, some)
    if not isinstance(rows, Rows) or not _is_unfetched(rows):
        return
    if kind == "len" and (rows.kind == "manager" or not _only_here(frame, queryset)):
        return
    _note(frame, kind, rows, queryset, whole, twin, some)


def _note(
    frame: Frame, kind: str, rows: Rows | None, queryset: ast.expr, whole: ast.expr, twin: str, some: bool
) -> None:
    """Note a question whether there are rows, unless its answer is good for more than that."""
    model = last_name(rows) if rows is not None else ""
    if rows is not None and is_one_at_most(frame, queryset, rows):
        return
    if frame.root is not None:
        around = Around(frame.root)
        if is_needed_besides(around, queryset, whole, _is_test):
            return
        used = loaded_for_sure(around, queryset, whole, some)
        if used is not None:
            # A query for whether there are rows saves nothing.
            frame.note(Check("exists", model, frame.site(whole), frame.site(used), "", frame.site(used)))
            return
    frame.note(Check(kind, model, frame.site(whole), frame.site(queryset), twin if some else f"not {twin}"))


def _is_test(node: ast.Compare) -> bool:
    return _compared(node) is not None


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
