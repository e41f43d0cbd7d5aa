"""Which side of a relationship has the foreign key, as SQLAlchemy finds it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from djfa_lint.facts.values import Binary, Call, Const, Expr, Many, Ref, Text
from djfa_lint.project.declared import Held, Lit, Made, Scope, Value
from djfa_lint.project.names import Known
from djfa_lint.project.sqlalchemy import texts
from djfa_lint.project.sqlalchemy.attributes import Attributes, ForeignKey
from djfa_lint.project.sqlalchemy.constructs import made_by, option
from djfa_lint.project.sqlalchemy.targets import Targets

_COLUMN = re.compile(r"(?:(foreign|remote)\(\s*)?([A-Za-z_][\w.]*)")


class Column(NamedTuple):
    """A column in a join: its class (None: the class that declares the join), name, ``foreign`` or ``remote``."""

    owner: Known | None
    name: str
    mark: str


class Joins:
    """Tells the direction of relationships."""

    def __init__(self, attributes: Attributes, targets: Targets) -> None:
        self.attributes, self.targets = attributes, targets
        self.declarative, self.linker = attributes.declarative, attributes.linker

    def direction(self, known: Known, target: Known | None, made: Made | None) -> str:
        """``one`` (the foreign key is on this side), ``many`` (on the other), ``both`` (in between), "" if unknown."""
        if made is not None and self.secondary(made) is not None:
            return "both"
        if target is None:
            return ""
        mine = self._keys(known, target)
        theirs = self._keys(target, known)
        if self._related(known, target):
            return self._to_itself(known, made, mine)
        told = self._told(known, target, made)
        if told:
            return told
        if mine and not theirs:
            return "one"
        return "many" if theirs and not mine else ""

    def _related(self, known: Known, target: Known) -> bool:
        return known in self.declarative.order(target) or target in self.declarative.order(known)

    def _to_itself(self, known: Known, made: Made | None, mine: list[ForeignKey]) -> str:
        """A tree: many, unless the remote side is not the one with the foreign key."""
        remote: set[str] | None = None
        if made is not None and option(self.linker, made, "remote_side") is not None:
            remote = {one.name for one in self._columns(known, made, "remote_side")}
        elif made is not None:
            remote = {one.name for one in self._columns(known, made, "primaryjoin") if one.mark == "remote"} or None
        return "many" if remote is None or remote & {one.column for one in mine} else "one"

    def _told(self, known: Known, target: Known, made: Made | None) -> str:
        """The direction as said by `foreign_keys` or `primaryjoin`."""
        if made is None:
            return ""
        columns = self._columns(known, made, "foreign_keys")
        if not columns:
            columns = self._columns(known, made, "primaryjoin")
            marked = [one for one in columns if one.mark == "foreign"]
            columns = marked or self._with_keys(known, target, columns)
        for one in columns:
            if one.owner is None or one.owner in self.declarative.order(known):
                return "one"
            if one.owner in self.declarative.order(target):
                return "many"
        return ""

    def _with_keys(self, known: Known, target: Known, columns: list[Column]) -> list[Column]:
        """Of the columns in a join those with a foreign key to the other side."""
        mine = {one.column for one in self._keys(known, target)}
        theirs = {one.column for one in self._keys(target, known)}
        order = (None, *self.declarative.order(known))
        return [one for one in columns if one.name in (mine if one.owner in order else theirs)]

    def _columns(self, known: Known, made: Made, name: str) -> list[Column]:
        """The columns an option names: in strings, as ``[Order.customer_id]``, by names of the class body."""
        expr, scope = made.call.argument(-1, name), made.scope
        if expr is None:
            value = option(self.linker, made, name)
            if not isinstance(value, Held):
                return list(self._in_text(known, value)) if value is not None else []
            expr, scope = value.expr, value.scope
        return [one for leaf, mark in _leaves(expr, "") for one in self._in_leaf(known, scope, leaf, mark)]

    def _in_leaf(self, known: Known, scope: Scope, leaf: Ref | Const, mark: str) -> Iterator[Column]:
        if isinstance(leaf, Const):
            yield from self._in_text(known, Lit(leaf.value))
            return
        head, _, name = leaf.name.rpartition(".")
        owner = self.declarative.named(self.linker.value(scope, Ref(head.removesuffix(".c")))) if head else None
        if owner is not None or not head:
            yield Column(owner, name, mark)

    def _in_text(self, known: Known, value: Value) -> Iterator[Column]:
        for one in (value, *self.linker.items(value)):
            for mark, text in _COLUMN.findall(self.linker.text(one) or ""):
                head, _, name = text.rpartition(".")
                owner = self.targets.named(known, head.removesuffix(".c")) if head else None
                if (owner is not None or not head) and text not in {"and_", "or_", "foreign", "remote"}:
                    yield Column(owner, name, mark)

    def _keys(self, known: Known, target: Known) -> list[ForeignKey]:
        """The foreign keys of a class that lead to the table of another, or to one it inherits."""
        tables = self._tables(target)
        simple = target.name.rpartition(".")[2]
        order = set(self.declarative.order(target))
        parents = self._tables(known) if not self._related(known, target) else set()
        found = []
        for one in self.attributes.foreign_keys(known):
            # The primary key that joins a class to its parent's table is no relation.
            if one.primary and one.table in parents:
                continue
            here = one.cls in order if one.cls is not None else one.table in tables
            if here or (not tables and one.cls is None and texts.resembles(one.table, simple)):
                found.append(one)
        return found

    def _tables(self, known: Known) -> set[str]:
        mapped = [one for one in self.declarative.order(known) if self.declarative.is_mapped(one)]
        return {table for table in (self.declarative.table(one)[0] for one in mapped) if table}

    def secondary(self, made: Made | None) -> Value | None:
        """The association table of a relationship, None where it has none."""
        if made is None:
            return None
        value = option(self.linker, made, "secondary") or option(self.linker, made, "link_model")
        if value is None and len(made.call.args) > 1 and not made_by(made, "Relationship"):
            value = self.linker.argument(made, 1, "secondary")
        return value if value != Lit(None) else None


def _leaves(expr: Expr, mark: str) -> Iterator[tuple[Ref | Const, str]]:
    """The names and strings in an option; those in ``foreign(...)`` and ``remote(...)`` are marked so."""
    if isinstance(expr, (Ref, Const)):
        yield expr, mark
    elif isinstance(expr, (Many, Text)):
        for one in expr.items if isinstance(expr, Many) else expr.parts:
            yield from _leaves(one, mark)
    elif isinstance(expr, Binary):
        yield from _leaves(expr.left, mark)
        yield from _leaves(expr.right, mark)
    elif isinstance(expr, Call):
        called = expr.callee.name.rpartition(".")[2] if isinstance(expr.callee, Ref) else ""
        for one in expr.args:
            yield from _leaves(one, called if called in {"foreign", "remote"} else mark)
