"""What one function does itself: queries and writes by model, transactions, calls that reach outside, loops with logic.

What it hands to a function or method of the project is not its work, and what cannot be traced counts nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from djfa_lint.facts.scan import dotted
from djfa_lint.flow.database import Database
from djfa_lint.flow.reach import outside_kind, queues_task
from djfa_lint.flow.rows import Data, Rows
from djfa_lint.flow.values import Scope
from djfa_lint.knowledge.outside import outside
from djfa_lint.project.project import Project
from djfa_lint.source.nodes import FunctionNode, children, walk

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_LEAVES = frozenset({ast.Name, ast.Constant, ast.Load, ast.Store, ast.Pass, ast.alias})
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_LOGIC = (ast.If, ast.Try, ast.Match, ast.For, ast.AsyncFor, ast.While)
_ATOMIC = frozenset({"django.db.transaction.atomic", "django.db.transaction.Atomic"})
_BEGINS = frozenset({"begin", "begin_nested"})
_SESSION = "sqlalchemy.orm.Session"
_SESSIONS = dict.fromkeys(
    (
        "sqlalchemy.orm.Session",
        "sqlalchemy.orm.session.Session",
        "sqlalchemy.ext.asyncio.AsyncSession",
        "sqlmodel.Session",
        "sqlmodel.ext.asyncio.session.AsyncSession",
    ),
    _SESSION,
)


class Done(NamedTuple):
    """One piece of work: ``query`` or ``write`` of the model named `what`, ``transaction``, ``loop``, or the kind of a
    call that reaches outside (``http``, ``mail``, ``task``, ``file``, ``subprocess``)."""

    kind: str
    what: str
    node: ast.expr | ast.stmt


def work_of(
    project: Project,
    path: str,
    functions: Iterable[FunctionNode],
    held: Mapping[str, Data] | None = None,
) -> list[Done]:
    """What a function does, in the order written.

    `functions` are those around it, outermost first, and itself last. `held` says what names such as
    ``self.get_object()`` and ``request.user`` are.
    """
    scope: Scope | None = None
    for function in functions:
        scope = Scope(project, path, function, _types(), scope)
    assert scope is not None, "at least the function itself"
    rows = Rows(project, scope, held=held)
    work = _Work(project, path, scope, rows)
    work.function(function)
    return work.done


@lru_cache(maxsize=1)
def _types() -> Mapping[str, str]:
    return {**outside().types, **_SESSIONS}


class _Work:
    """Reads one function from top to bottom."""

    def __init__(self, project: Project, path: str, scope: Scope, rows: Rows) -> None:
        self.project, self.path, self.scope, self.rows = project, path, scope, rows
        self.database = Database(scope, rows)
        self.done: list[Done] = []
        self._changed: set[str] = set()

    def function(self, node: FunctionNode) -> None:
        """Note what a function does; a parameter that is annotated with a model is a row."""
        for arg in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
            annotated = self.rows.of(arg.annotation)
            is_row = annotated is not None and annotated.kind == "model"
            self.rows.bind(ast.Name(arg.arg), annotated.as_("row") if annotated and is_row else None)
        for decorator in node.decorator_list:
            self._transaction(decorator)
        for stmt in node.body:
            self.read(stmt)

    def read(self, node: ast.AST) -> None:
        """Note what a node does, and what it binds."""
        if isinstance(node, _FUNCTIONS):
            self._nested(node)
        elif isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.NamedExpr)):
            self._assignment(node)
        elif isinstance(node, (ast.For, ast.AsyncFor, ast.While)):
            self._loop(node)
        elif isinstance(node, (ast.With, ast.AsyncWith)):
            self._with(node)
        elif isinstance(node, _COMPREHENSIONS):
            self._comprehension(node)
        elif isinstance(node, ast.Call):
            self._chain(node)
        else:
            if isinstance(node, ast.Attribute):
                self._queues(node)
            self._parts(node)

    def _parts(self, node: ast.AST) -> None:
        for child in children(node):
            if type(child) not in _LEAVES:
                self.read(child)

    def _all(self, nodes: Iterable[ast.AST | None]) -> None:
        for node in nodes:
            if node is not None:
                self.read(node)

    def _nested(self, node: FunctionNode) -> None:
        scope = Scope(self.project, self.path, node, _types(), self.scope)
        inner = _Work(self.project, self.path, scope, Rows(self.project, scope, self.rows))
        inner.function(node)
        self.done += inner.done

    def _assignment(self, node: ast.Assign | ast.AnnAssign | ast.AugAssign | ast.NamedExpr) -> None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        self._all([node.value, *(one for one in targets if isinstance(one, ast.Subscript))])
        value = self.rows.of(node.value)
        for target in targets:
            if isinstance(target, ast.Attribute):
                self._change(target)
            if not isinstance(node, ast.AugAssign):
                self.rows.bind(target, value)

    def _change(self, target: ast.Attribute) -> None:
        """An attribute of a row of SQLAlchemy's is written with the next flush; each row counts once."""
        row, name = self.rows.of(target.value), dotted(target.value)
        if row is not None and row.kind == "row" and row.framework == "sqlalchemy" and name not in self._changed:
            self._changed.add(name)
            self._note("write", row.name, target)

    def _loop(self, node: ast.For | ast.AsyncFor | ast.While) -> None:
        if isinstance(node, ast.While):
            self.read(node.test)
        else:
            self.read(node.iter)
            self._each(node.target, node.iter)
        before = len(self.done)
        self._all([*node.body, *node.orelse])
        logic = any(isinstance(part, _LOGIC) for stmt in node.body for part in walk(stmt))
        if logic or any(one.kind == "write" for one in self.done[before:]):
            self.done.insert(before, Done("loop", "", node))

    def _each(self, target: ast.expr, iterable: ast.expr) -> None:
        found = self.rows.of(iterable)
        self.rows.bind(target, found.as_("row") if found is not None and found.kind == "rows" else None)

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> None:
        for one in node.generators:
            self.read(one.iter)
            self._each(one.target, one.iter)
            self._all(one.ifs)
        self._all([node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt])

    def _with(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            if not self._transaction(item.context_expr):
                self.read(item.context_expr)
            if item.optional_vars is not None:
                self.rows.bind(item.optional_vars, None)
        self._all(node.body)

    def _transaction(self, node: ast.expr) -> bool:
        """Whether a context manager or decorator opens a transaction; it is then noted."""
        callee = node.func if isinstance(node, ast.Call) else node
        known = self.scope.known(callee)
        found = known is not None and not known.made and known.name in _ATOMIC
        if isinstance(callee, ast.Attribute) and callee.attr in _BEGINS:
            found = found or self.scope.type_of(callee.value) == _SESSION
        if found:
            self._note("transaction", "", node)
        return found

    def _chain(self, top: ast.Call) -> None:
        """One chain of calls, ``Order.objects.filter(...).first()``: one piece of work, and what its arguments do."""
        calls: list[ast.Call] = []
        node: ast.expr = top
        while isinstance(node, (ast.Call, ast.Attribute, ast.Await, ast.Subscript)):
            if isinstance(node, ast.Call):
                calls.insert(0, node)
                node = node.func
            else:
                if isinstance(node, ast.Attribute):
                    self._queues(node)
                node = node.value
        self.read(node)
        before = len(self.done)
        for call in calls:
            self._all([*call.args, *(keyword.value for keyword in call.keywords)])
        inner, self.done[before:] = self.done[before:], []
        access = self.database.access(calls)
        if access is None:
            self._outside(calls)
            self.done += inner
            return
        if access.kind != "held":
            self._note(access.kind, access.model, top)
        # A queryset given to a query is part of it; one that was fetched first is a query of its own.
        self.done += [one for one in inner if one.kind != "query" or not self.database.is_lazy(one.node)]

    def _queues(self, node: ast.Attribute) -> None:
        if queues_task(self.project, self.scope, node):
            self._note("task", "", node)

    def _outside(self, calls: list[ast.Call]) -> None:
        """Note the first call of a chain that reaches outside; what follows reads its answer."""
        for call in calls:
            kind = outside_kind(self.scope, call.func)
            if kind:
                self._note(kind, "", call)
                return

    def _note(self, kind: str, what: str, node: ast.expr | ast.stmt) -> None:
        self.done.append(Done(kind, what, node))
