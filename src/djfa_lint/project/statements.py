"""Which names a statement binds, and which it only fills."""

from __future__ import annotations

from collections.abc import Iterable

from djfa_lint.facts.values import Assigned, Done, Imported, Looped, Ref, Statement

# Methods that fill a collection, and whether their argument is one itself.
FILLING = {"append": False, "insert": False, "extend": True, "add": False, "update": True}


def filling(statement: Done, name: str) -> str:
    """The method by which a call fills what a name holds, or ""."""
    callee = statement.call.callee
    owner, _, method = callee.name.rpartition(".") if isinstance(callee, Ref) else ("", "", "")
    return method if owner == name and method in FILLING else ""


def names_of(statement: Statement) -> Iterable[str]:
    """The names a statement binds or fills."""
    if isinstance(statement, Assigned):
        return (statement.target,)
    if isinstance(statement, Imported):
        return (statement.name,)
    if isinstance(statement, Looped):
        return dict.fromkeys(name for one in statement.body for name in names_of(one))
    if isinstance(statement, Done) and isinstance(statement.call.callee, Ref):
        owner, _, method = statement.call.callee.name.rpartition(".")
        return (owner,) if owner and method in FILLING else ()
    return ()


def bound_in(statement: Statement) -> Iterable[str]:
    """The names a statement binds, not those it only fills."""
    if isinstance(statement, Looped):
        return [name for one in statement.body for name in bound_in(one)]
    if isinstance(statement, Done) or (isinstance(statement, Assigned) and statement.op):
        return ()
    return names_of(statement)
