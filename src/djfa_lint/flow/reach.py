"""Which calls reach outside the process: HTTP, mail, background tasks, files, processes."""

from __future__ import annotations

import ast

from djfa_lint.flow.values import Scope
from djfa_lint.knowledge.outside import outside
from djfa_lint.project.project import Project

_QUEUES = frozenset({"delay", "apply_async", "delay_on_commit", "apply_async_on_commit"})


def outside_kind(scope: Scope, callee: ast.expr) -> str:
    """The kind of a call of `callee` by the table of known calls, "" where it stays inside or is not known."""
    table = outside()
    known = scope.known(callee)
    if known is not None and not known.made:
        owner, _, method = known.name.rpartition(".")
        return table.function(known.name) or table.method(owner, method)
    if known is not None and len(known.attributes) == 1:
        return table.method(table.types.get(known.name, ""), known.attributes[0])
    if isinstance(callee, ast.Attribute):
        made = scope.type_of(callee.value)
        return table.method(made, callee.attr) if made else ""
    return ""


def queues_task(project: Project, scope: Scope, node: ast.Attribute) -> bool:
    """Whether an attribute is ``task.delay``, called or handed on: only what a decorator made of ``task`` has it."""
    if node.attr not in _QUEUES:
        return False
    known = scope.known(node.value)
    declared = project.function(known) if known is not None and not known.made else None
    return declared is not None and bool(declared.decorators)
