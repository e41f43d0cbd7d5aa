"""Querysets of one row at most: their filters say all of a unique key."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from djfa_lint.facts import values as facts
from djfa_lint.flow.evaluate.frame import Frame
from djfa_lint.flow.evaluate.values import Rows
from djfa_lint.knowledge.querysets import CLONES
from djfa_lint.project.entities import Model
from djfa_lint.project.names import Known
from djfa_lint.source.nodes import walk

_LOOKUPS = frozenset({"exact", "iexact"})
_SETS = frozenset({"union", "intersection", "difference"})
# A name for what another name was given, and so on.
_MAX_NAMES = 4


def is_one_at_most(frame: Frame, node: ast.expr, rows: Rows) -> bool:
    """Whether no more than one row can pass the filters that the function itself puts on these rows."""
    model = frame.evaluator.project.row_model(rows.model)
    if model is None:
        return False
    told = (_column(frame, model, key.split("__")) for key in _keys(frame, node, _MAX_NAMES))
    columns = {one for one in told if one}
    owner = frame.evaluator.project.row_model(rows.of.model) if rows.of is not None else None
    relation = owner.relation(rows.name) if owner is not None else None
    if relation is not None and relation.reverse and relation.accessor:
        columns.add(relation.accessor)
    return bool(columns) and _is_key(frame, model, columns)


def _keys(frame: Frame, node: ast.expr, left: int) -> Iterator[str]:
    """The keywords of the filters of a queryset, also of one that a name was given once."""
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLONES - _SETS:
        if node.func.attr == "filter":
            yield from (one.arg for one in node.keywords if one.arg)
        node = node.func.value
    if isinstance(node, ast.Name) and frame.root is not None and left:
        bound = [one for one in walk(frame.root) if isinstance(one, ast.Name) and one.id == node.id]
        stored = sum(isinstance(one.ctx, ast.Store) for one in bound)
        for part in walk(frame.root) if stored == 1 else ():
            if isinstance(part, ast.Assign) and part.targets[0] in bound:
                yield from _keys(frame, part.value, left - 1)


def _column(frame: Frame, model: Model, path: Sequence[str]) -> str:
    """The column of the model that a look-up fixes, "" where it fixes none: ``customer__email`` fixes ``customer``."""
    name, *rest = path[:-1] if path[-1] in _LOOKUPS and len(path) > 1 else path
    if name in {"pk", "id"}:
        return "" if rest else "pk"
    relation = model.relation(name) or model.relation(name.removesuffix("_id"))
    if relation is None:
        return name if not rest and model.field(name) is not None else ""
    if relation.many or not rest:
        return "" if relation.many else relation.name
    other = frame.evaluator.project.row_model(relation.to) if relation.to is not None else None
    column = _column(frame, other, rest) if other is not None else ""
    return relation.name if other is not None and column and _is_key(frame, other, {column}) else ""


def _is_key(frame: Frame, model: Model, columns: set[str]) -> bool:
    if "pk" in columns:
        return True
    for name in columns:
        field, relation = model.field(name), model.relation(name)
        if field is not None and (field.says("unique") or field.says("primary_key")):
            return True
        if relation is not None and relation.kind == "one_to_one":
            return True
    return any(columns.issuperset(one) for one in _together(frame, model.known))


def _together(frame: Frame, model: Known) -> Iterator[frozenset[str]]:
    """The columns that are unique together by the model's own ``Meta``."""
    project = frame.evaluator.project
    meta = Known(f"{model.name}.Meta", path=model.path)
    if meta not in project.linked.classes.declared:
        return
    # What its file says of a class rests on the text of the file.
    project.text(model.path)
    members = project.linked.classes.members(meta)
    for name in ("unique_together", "constraints"):
        said = members.get(name)
        value = said.value if isinstance(said, facts.Assigned) else None
        items = value.items if isinstance(value, facts.Many) else ()
        for one in (value, *items) if name == "unique_together" else (_constraint(one) for one in items):
            columns = _texts(one)
            if columns:
                yield columns


def _constraint(item: facts.Expr) -> facts.Expr | None:
    """The fields of a constraint that holds for every row."""
    if not isinstance(item, facts.Call) or not isinstance(item.callee, facts.Ref):
        return None
    whole = item.callee.name.rpartition(".")[2] == "UniqueConstraint" and item.argument(-1, "condition") is None
    return item.argument(-1, "fields") if whole else None


def _texts(value: facts.Expr | None) -> frozenset[str]:
    items = value.items if isinstance(value, facts.Many) else ()
    texts = [one.value for one in items if isinstance(one, facts.Const) and isinstance(one.value, str)]
    return frozenset(texts) if len(texts) == len(items) else frozenset()
