"""Attributes of whatever an expression holds: of rows, managers, classes, objects, ``super()``."""

from __future__ import annotations

import ast
from functools import partial

from djfa_lint.flow.evaluate import stalls
from djfa_lint.flow.evaluate.frame import Frame
from djfa_lint.flow.evaluate.loads import NONE
from djfa_lint.flow.evaluate.merging import join
from djfa_lint.flow.evaluate.querysets import Given
from djfa_lint.flow.evaluate.reading import read
from djfa_lint.flow.evaluate.values import NOTHING, Cls, Func, Lib, Method, Obj, OneOf, Row, Rows, Super, Value
from djfa_lint.knowledge import querysets as known
from djfa_lint.project.definition import Definition
from djfa_lint.project.names import Known

_PROPERTIES = frozenset(
    "builtins.property functools.cached_property django.utils.functional.cached_property "
    "django.utils.functional.classproperty functools.cached_property".split()
)
# Stands for the request of any framework: its `user` is what matters here.
REQUEST = Known("django.http.HttpRequest")
_DJANGO_VIEW = "django.views.View"
_PAGES = frozenset({"page", "get_page"})


def member(frame: Frame, value: Value, name: str, node: ast.expr) -> Value:
    """What an attribute of a value holds; `node` is where it is read."""
    value = stalls.settled(frame, value)
    if isinstance(value, Row):
        return _read(frame, read(frame, value, name, node), node)
    if isinstance(value, Rows):
        return _of_rows(frame, value, name, node)
    if isinstance(value, Cls):
        return _of_class(frame, value, name, node)
    if isinstance(value, Obj):
        return _of_object(frame, value, name, node)
    if isinstance(value, Super):
        return _of_super(frame, value, name)
    if isinstance(value, Lib):
        return Lib(f"{value.name}.{name}")
    if isinstance(value, OneOf):
        return _of_each(frame, value, name, node)
    return Method(value, name) if value is not None else None


def shown(frame: Frame, value: Value, node: ast.expr) -> None:
    """Turn a value into text: a row's ``__str__`` runs, a queryset is asked for its rows."""
    if isinstance(value, Rows) and value.kind == "queryset" and not value.ready:
        stalls.orm(frame, value.model, "", frame.site(node))
    if isinstance(value, (Row, Obj)):
        cls = value.model if isinstance(value, Row) else value.cls
        for name in ("__str__", "__repr__"):
            definition = frame.evaluator.project.method(cls, name)
            if definition is not None:
                frame.apply(Func(definition, value, True), Given(), node)
                return


def _read(frame: Frame, value: Value, node: ast.expr) -> Value:
    """A property runs as it is read."""
    if isinstance(value, Func) and value.bound and is_property(frame, value.definition):
        return frame.apply(value, Given(), node)
    return value


def is_property(frame: Frame, definition: Definition) -> bool:
    """Whether a method is read like an attribute."""
    return not _PROPERTIES.isdisjoint(frame.evaluator.decorators(definition))


def _of_rows(frame: Frame, rows: Rows, name: str, node: ast.expr) -> Value:
    if name == "object_list" or (name in _PAGES and rows.kind != "manager"):
        return rows if name == "object_list" else Method(rows, name)
    if name == "model":
        return Cls(rows.model)
    if rows.kind == "list":
        return Method(rows, name)
    project = frame.evaluator.project
    for cls in (rows.manager if rows.kind == "manager" else None, rows.queryset):
        definition = project.method(cls, name) if cls is not None else None
        if definition is not None and known.synchronous(name) in known.ROW | known.SCALARS:
            # What a project does in the place of `get` is often a cache.
            return None
        # Managers hand on to their querysets what they do not do themselves.
        if definition is not None and name != "get_queryset":
            return _read(frame, Func(definition, rows, True), node)
    return Method(rows, name) if known.synchronous(name) in known.KNOWN or name in known.LOADERS else None


def _of_class(frame: Frame, cls: Cls, name: str, node: ast.expr) -> Value:
    evaluator = frame.evaluator
    manager = evaluator.manager(cls.known, name)
    if manager is not None:
        site = frame.site(node)
        made = manager.made._replace(site=site) if manager.made is not None else None
        return manager._replace(made=made, level=frame.level)
    definition = evaluator.project.method(cls.known, name)
    if definition is not None:
        decorators = evaluator.decorators(definition)
        if "builtins.classmethod" in decorators:
            return Func(definition, cls, True)
        return Func(definition, None, False)
    return evaluator.class_value(cls.known, name, cls) or stalls.of_class(frame, cls.known, name)


def _of_object(frame: Frame, value: Obj, name: str, node: ast.expr) -> Value:
    for attr, held in value.attrs:
        if attr == name:
            return held
    if name == "__class__":
        return Cls(value.cls)
    if value.cls == REQUEST:
        return _user(frame, value) if name == "user" else Method(value, name)
    if not value.cls.path:
        return Method(value, name)
    return _of_class_of(frame, value, name, node)


def _of_class_of(frame: Frame, value: Obj, name: str, node: ast.expr) -> Value:
    """What the class of an object gives it: a method, an attribute, what its methods set."""
    evaluator = frame.evaluator
    if not value.exact and evaluator.is_overridden(value.cls, name):
        return _of_any(frame, value, name, node)
    definition = evaluator.project.method(value.cls, name)
    if definition is not None:
        definition = evaluator.project.getter(definition)
        decorators = evaluator.decorators(definition)
        if "builtins.staticmethod" in decorators:
            return Func(definition, None, False)
        receiver: Value = Cls(value.cls) if "builtins.classmethod" in decorators else value
        return _read(frame, Func(definition, receiver, True), node)
    held = evaluator.class_value(value.cls, name, value)
    if held is not None:
        return held
    held = evaluator.instance_value(value, name)
    if held is None and name == "request":
        return Obj(REQUEST, exact=_DJANGO_VIEW in evaluator.project.ancestors(value.cls))
    return held or Method(value, name)


def special(frame: Frame, value: Value, name: str, given: Given, node: ast.expr) -> Value:
    """What one of Python's special methods gives that a class of the project has: ``__getitem__``, ``__call__``."""
    if not isinstance(value, Obj) or not value.cls.path or not frame.evaluator.stalling:
        return None
    if not value.exact and frame.evaluator.is_overridden(value.cls, name):
        return None
    definition = frame.evaluator.project.method(value.cls, name)
    return frame.apply(Func(definition, value, True), given, node) if definition is not None else None


def _of_any(frame: Frame, value: Obj, name: str, node: ast.expr) -> Value:
    """The methods of this name of all classes that may stand in for one; a property runs as it is read."""
    if not frame.evaluator.stalling:
        return None
    found = frame.evaluator.answering(value.cls, name)
    if any("builtins.staticmethod" in frame.evaluator.decorators(one) for one in found):
        return None
    any_of = OneOf(tuple(Func(one, Obj(one.owner or value.cls), True) for one in found))
    if found and all(is_property(frame, one) for one in found):
        return frame.apply(any_of, Given(), node)
    return any_of if found else None


def _of_each(frame: Frame, value: OneOf, name: str, node: ast.expr) -> Value:
    """What an attribute holds of one of several things; None where it is not known of one of them."""
    if not frame.evaluator.stalling:
        return None
    held: Value = NOTHING
    for one in value.values:
        found = frame.silently(partial(member, frame, one, name, node))
        if not isinstance(found, (Cls, Func, Obj, OneOf)):
            return None
        held = join(held, found)
    return held


def _user(frame: Frame, request: Obj) -> Value:
    user = frame.evaluator.user_model()
    lazy = request.exact and frame.evaluator.project.loads_user_lazily()
    return Row(user.known, NONE, lazy=lazy) if isinstance(user, Cls) else None


def _of_super(frame: Frame, value: Super, name: str) -> Value:
    receiver = value.self
    cls = receiver.cls if isinstance(receiver, Obj) else receiver.known if isinstance(receiver, Cls) else None
    if isinstance(receiver, Row):
        cls = receiver.model
    elif isinstance(receiver, Rows):
        cls = receiver.manager if receiver.kind == "manager" and receiver.manager is not None else receiver.queryset
    definition = frame.evaluator.project.method(cls or value.owner, name, value.owner)
    if definition is not None:
        return Func(definition, receiver, True)
    return Method(receiver, name) if receiver is not None else None
