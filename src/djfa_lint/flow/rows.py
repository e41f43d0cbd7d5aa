"""Which expressions of one function are models, rows and querysets: of Django, SQLAlchemy and SQLModel.

A value is followed from where the model's class is named, through managers, relations and the function's own names, in
the order written. What cannot be followed is None.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import NamedTuple

from djfa_lint.facts.scan import dotted
from djfa_lint.flow.values import Scope
from djfa_lint.knowledge.library import library
from djfa_lint.project.entities import Model
from djfa_lint.project.names import Known
from djfa_lint.project.project import Project

_MANAGERS = frozenset({"objects", "_default_manager", "_base_manager"})
_TO_ROW = frozenset(
    "get first last latest earliest create aget afirst alast alatest aearliest acreate "
    "one one_or_none scalar scalar_one scalar_one_or_none get_object_or_404".split()
)
_TO_PAIR = frozenset({"get_or_create", "update_or_create", "aget_or_create", "aupdate_or_create"})
_TO_VALUE = frozenset(
    "count exists aggregate update delete acount aexists aaggregate aupdate adelete values values_list dates datetimes "
    "explain in_bulk add remove clear set".split()
)
_OF_ONE = frozenset(
    {
        "django.shortcuts.get_object_or_404",
        "django.shortcuts.aget_object_or_404",
        "rest_framework.generics.get_object_or_404",
    }
)
_OF_MANY = frozenset({"django.shortcuts.get_list_or_404", "django.shortcuts.aget_list_or_404"})
SELECTS = frozenset({"sqlalchemy.select", "sqlalchemy.future.select", "sqlmodel.select", "sqlalchemy.orm.Query"})
CHANGES = frozenset(
    {
        "sqlalchemy.insert",
        "sqlalchemy.update",
        "sqlalchemy.delete",
        "sqlmodel.insert",
        "sqlmodel.update",
        "sqlmodel.delete",
        "sqlalchemy.dialects.postgresql.insert",
        "sqlalchemy.dialects.sqlite.insert",
    }
)
FETCHES = _OF_ONE | _OF_MANY
_EXECUTES = frozenset({"execute", "scalars", "stream", "stream_scalars", "exec", "scalar"})
_USER_MODEL = "django.contrib.auth.get_user_model"


class Data(NamedTuple):
    """What an expression is: `kind` is ``model`` (the class), ``row``, ``rows`` (a queryset, a manager, a select),
    ``pair`` (a row with a flag) or ``form`` (a model's form or serializer). `name` is the model's. `given` says that a
    form made the row: saving it is the second half of the form's own work."""

    kind: str
    name: str
    framework: str
    model: Model | None = None
    given: bool = False

    def as_(self, kind: str) -> Data:
        """The same model's, of another kind."""
        return self._replace(kind=kind)


class Rows:
    """The values of one function's names; `bind` is called as its statements are read in order."""

    def __init__(
        self, project: Project, scope: Scope, outer: Rows | None = None, held: Mapping[str, Data] | None = None
    ) -> None:
        """`held` says what dotted names hold, and under ``name()`` what calls of them give."""
        self._project, self._scope = project, scope
        self._held: dict[str, Data | None] = dict(outer._held) if outer else dict(held or {})

    def holds(self, name: str) -> bool:
        """Whether a dotted name was bound."""
        return name in self._held

    def bind(self, target: ast.expr, value: Data | None) -> None:
        """Note that a name, or an attribute of one, now holds a value."""
        if isinstance(target, (ast.Tuple, ast.List)):
            for index, one in enumerate(target.elts):
                self._unpack(one, value, index)
        name = dotted(target)
        if name:
            self._held[name] = value

    def _unpack(self, target: ast.expr, value: Data | None, index: int) -> None:
        if value is not None and value.kind == "rows":
            rest = isinstance(target, ast.Starred)
            self.bind(target.value if isinstance(target, ast.Starred) else target, value if rest else value.as_("row"))
        else:
            self.bind(target, value.as_("row") if value is not None and value.kind == "pair" and not index else None)

    @staticmethod
    def of_class(project: Project, known: Known | None) -> Data | None:
        """The model a class is."""
        if known is None or known.made:
            return None
        found = project.model(known)
        if found is not None:
            return Data("model", _last(known.name), found.framework, found)
        name = project.canonical(known.name)
        return Data("model", _last(name), "django") if not known.path and library().model(name) else None

    def model_of(self, known: Known | None) -> Data | None:
        """The model a definition is."""
        return self._made(known) if known is not None and known.made else self.of_class(self._project, known)

    def _made(self, known: Known) -> Data | None:
        """``User = get_user_model()`` at module level."""
        is_user = known.name == _USER_MODEL and not known.attributes
        return Data("model", "User", "django") if is_user else None

    def of(self, node: ast.expr | None) -> Data | None:
        """What an expression is, or None where that is not known."""
        if isinstance(node, (ast.Await, ast.NamedExpr, ast.Starred)):
            return self.of(node.value)
        if isinstance(node, ast.Name):
            return self._held[node.id] if node.id in self._held else self.model_of(self._scope.known(node))
        if isinstance(node, ast.Attribute):
            return self._attribute(node)
        if isinstance(node, ast.Call):
            return self._call(node)
        if isinstance(node, ast.Subscript):
            found = self.of(node.value)
            if found is None or found.kind != "rows":
                return None
            return found if isinstance(node.slice, ast.Slice) else found.as_("row")
        if isinstance(node, ast.BoolOp):
            return next(filter(None, map(self.of, node.values)), None)
        if isinstance(node, ast.IfExp):
            return self.of(node.body) or self.of(node.orelse)
        # Of two querysets, or in an annotation.
        return self.of(node.left) or self.of(node.right) if isinstance(node, ast.BinOp) else None

    def form_of(self, known: Known | None) -> Data | None:
        """The model behind a form or serializer class."""
        found = self._project.serializer(known) if known is not None and not known.made else None
        if found is None or found.model is None:
            return None
        of = self.model_of(found.model)
        return of.as_("form") if of else None

    def _attribute(self, node: ast.Attribute) -> Data | None:
        name = dotted(node)
        if name in self._held:
            return self._held[name]
        base = self.of(node.value)
        if base is None:
            return self.model_of(self._scope.known(node))
        if base.kind == "model":
            return base.as_("rows") if _is_manager(base, node.attr) else None
        if base.kind == "form":
            return base.as_("row") if node.attr == "instance" else None
        return self._related(base, node.attr) if base.kind == "row" else None

    def _related(self, row: Data, name: str) -> Data | None:
        relation = row.model.relation(name) if row.model else None
        other = self.model_of(relation.to) if relation is not None else None
        if relation is None or other is None:
            return None
        return other.as_("rows" if relation.many else "row")

    def _call(self, node: ast.Call) -> Data | None:
        name = f"{dotted(node.func)}()"
        if name in self._held:
            return self._held[name]
        if isinstance(node.func, ast.Attribute):
            base = self.of(node.func.value)
            if base is not None:
                return _of_method(base, node.func.attr)
        known = self._scope.known(node.func)
        if known is not None and not known.made:
            return self._of_function(known, node)
        return self._of_session(node) if isinstance(node.func, ast.Attribute) else None

    def _of_function(self, known: Known, node: ast.Call) -> Data | None:
        if known.name == _USER_MODEL:
            return Data("model", "User", "django")
        if known.name in FETCHES:
            found = self.of(node.args[0]) if node.args else None
            return found.as_("row" if known.name in _OF_ONE else "rows") if found else None
        if known.name in SELECTS or known.name in CHANGES:
            return self.selected(node)
        made = self.model_of(known)
        return made.as_("row") if made else self.form_of(known)

    def selected(self, node: ast.Call) -> Data | None:
        """The rows that ``select(Model)`` or ``session.query(Model.id)`` speaks of."""
        for one in node.args:
            found = self.of(one) or (self.of(one.value) if isinstance(one, ast.Attribute) else None)
            if found is not None and found.kind == "model":
                return found.as_("rows")
        return None

    def _of_session(self, node: ast.Call) -> Data | None:
        """What a method of something unknown gives, where its argument tells: ``db.get(Order, 1)``."""
        method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        given = self.of(node.args[0]) if node.args else None
        if given is None or given.framework != "sqlalchemy":
            return self.selected(node) if method == "query" and given is None else None
        if given.kind == "model":
            return {"get": given.as_("row"), "query": given.as_("rows"), "get_one": given.as_("row")}.get(method)
        if given.kind == "rows" and method in _EXECUTES:
            return given.as_("row") if method == "scalar" else given
        return None


def _of_method(base: Data, method: str) -> Data | None:
    if base.kind == "form":
        return base._replace(kind="row", given=True) if method == "save" else None
    if base.kind != "rows" or method in _TO_VALUE:
        return None
    if method in _TO_PAIR:
        return base.as_("pair")
    return base.as_("row") if method in _TO_ROW else base


def _is_manager(model: Data, name: str) -> bool:
    if model.framework != "django":
        return False
    return name in _MANAGERS or (model.model is not None and any(one.name == name for one in model.model.managers))


def _last(name: str) -> str:
    return name.rpartition(".")[2]
