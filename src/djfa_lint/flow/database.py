"""Which calls speak to the database: a chain of calls is one query, or a write if it ends in one."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import NamedTuple

from djfa_lint.facts.scan import dotted
from djfa_lint.flow.rows import CHANGES, FETCHES, SELECTS, Rows
from djfa_lint.flow.values import Scope

_WRITES = frozenset(
    "create bulk_create get_or_create update_or_create update bulk_update delete add set remove clear acreate "
    "abulk_create aget_or_create aupdate_or_create aupdate abulk_update adelete aadd aset aremove aclear".split()
)
_SAVES = frozenset({"save", "asave"})
_DELETES = frozenset({"delete", "adelete"})
# Methods of a session that write the row they are given, and those that fetch rows of the model they are given.
_ADDS = frozenset({"add", "add_all", "delete", "merge"})
_GETS = frozenset({"get", "get_one", "query"})
_RAW = frozenset({"sqlalchemy.text", "sqlalchemy.sql.text", "sqlalchemy.sql.expression.text"})
_STATEMENTS = {"SELECT": "query", "WITH": "query", "INSERT": "write", "UPDATE": "write", "DELETE": "write"}


class Access(NamedTuple):
    """A ``query`` or ``write`` of the model of this name (``SQL`` where a text is sent).

    ``held`` is the further use of a queryset that a variable holds: it was counted where it was made.
    """

    kind: str
    model: str


class Database:
    """Tells what chains of calls in one function do to the database, by what its names hold at that point."""

    def __init__(self, scope: Scope, rows: Rows) -> None:
        self._scope, self._rows = scope, rows

    def access(self, calls: Sequence[ast.Call]) -> Access | None:
        """What a chain does, its calls given from the first; None where it does not speak to the database."""
        for index, call in enumerate(calls):
            found = self._by_method(call) or self._by_function(call)
            if found is not None:
                if any(_method(one) == "none" for one in calls[index:]):
                    return found._replace(kind="held")
                writes = any(_method(one) in _WRITES for one in calls[index:])
                return found._replace(kind="write") if writes else found
        return None

    def is_lazy(self, node: ast.AST) -> bool:
        """Whether an expression is a queryset or statement that nothing has run yet."""
        found = self._rows.of(node) if isinstance(node, ast.expr) else None
        return found is not None and found.kind == "rows"

    def _by_method(self, call: ast.Call) -> Access | None:
        if not isinstance(call.func, ast.Attribute):
            return None
        base, method = self._rows.of(call.func.value), call.func.attr
        if base is None:
            return self._by_session(call, method)
        if base.kind == "rows":
            return Access("held" if self._rows.holds(dotted(call.func.value)) else "query", base.name)
        if base.kind != "row" or base.framework != "django":
            return None
        writes = method in _DELETES or (method in _SAVES and not base.given)
        return Access("write", base.name) if writes else None

    def _by_session(self, call: ast.Call, method: str) -> Access | None:
        """``db.add(order)``, ``db.get(Order, 1)``: a method of something unknown, where the argument tells."""
        given = call.args[0] if call.args else None
        if isinstance(given, (ast.List, ast.Tuple)) and given.elts:
            given = given.elts[0]
        row = self._rows.of(given) if method in _ADDS else None
        if row is not None and row.framework == "sqlalchemy":
            return Access("write", row.name)
        rows = self._rows.of(call) if method in _GETS else None
        return Access("query", rows.name) if rows is not None else None

    def _by_function(self, call: ast.Call) -> Access | None:
        known = self._scope.known(call.func)
        if known is None or known.made:
            return None
        if known.name in _RAW:
            kind = _STATEMENTS.get(_first_word(call.args[0]).upper()) if call.args else None
            return Access(kind, "SQL") if kind else None
        if known.name not in FETCHES | SELECTS | CHANGES:
            return None
        found = self._rows.of(call)
        # With a queryset for an argument, that is the query.
        if found is None or (known.name in FETCHES and isinstance(call.args[0], ast.Call)):
            return None
        return Access("write" if known.name in CHANGES else "query", found.name)


def _method(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def _first_word(node: ast.expr) -> str:
    """The first word of a string or f-string, "" of anything else."""
    if isinstance(node, ast.JoinedStr) and node.values:
        node = node.values[0]
    words = node.value.split() if isinstance(node, ast.Constant) and isinstance(node.value, str) else []
    return words[0] if words else ""
