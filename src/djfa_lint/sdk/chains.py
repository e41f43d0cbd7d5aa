"""The calls that make a queryset, in the order written: ``Order.objects.filter(...).order_by(...)``."""

from __future__ import annotations

from typing import NamedTuple

import libcst as cst

from djfa_lint.knowledge.querysets import KNOWN, MADE_ROW, ROW, VALUES, synchronous
from djfa_lint.project.project import Project
from djfa_lint.sdk.expressions import literal_of
from djfa_lint.sdk.scopes import dotted

# Django's ways to a page's one object or list; they take a model, a manager or a queryset.
_SHORTCUTS = frozenset(f"{a}get_{what}_or_404" for a in ("", "a") for what in ("object", "list"))
# A chain's last calls, before which what changes the queryset has to stand.
_ENDS = ROW | VALUES | {"iterator", "in_bulk"}
# What is called on their result is not called on the queryset.
_ROWS = ROW | MADE_ROW | {"in_bulk"}


class Method(NamedTuple):
    """A method call of a chain; `name` is that of its synchronous twin."""

    name: str
    call: cst.Call
    func: cst.Attribute


class Given(NamedTuple):
    """What an argument names, a relation or a column; `literal` is None where it is in a `Prefetch`."""

    path: str
    literal: cst.SimpleString | None


class Chain(NamedTuple):
    """The method calls on `base` that make a queryset.

    `node` is all of them. `ends` are the calls after it, outermost first, which give something else than a queryset.
    `follower` is the attribute read from `node`, if one is. `own_all` says that ``.all()`` directly on the base may be
    the project's own method.
    """

    base: cst.BaseExpression
    methods: tuple[Method, ...]
    node: cst.BaseExpression
    ends: tuple[Method, ...]
    follower: cst.Attribute | None
    own_all: bool


def chain_of(node: cst.BaseExpression, path: str, project: Project) -> Chain | None:
    """The chain of an expression up to where a call can be added; None where there is no such place."""
    ends: list[Method] = []
    follower: cst.Attribute | None = None
    while True:
        if isinstance(node, cst.Subscript) and _is_of_rows(node):
            node, follower = node.value, None
        elif isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute) and _is_end(node.func):
            follower = node.func
            ends.append(Method(synchronous(follower.attr.value), node, follower))
            node = follower.value
        else:
            break
    methods: list[Method] = []
    base = node
    while isinstance(base, cst.Call) and isinstance(base.func, cst.Attribute):
        name = synchronous(base.func.attr.value)
        if name in _ROWS:
            break
        methods.insert(0, Method(name, base, base.func))
        base = base.func.value
    if not methods:
        if not _is_queryset(base, path, project):
            return None
        if follower is not None and _is_foreign(base, follower.attr.value, path, project):
            return None
    own_all = len(methods) == 1 and _is_foreign(base, "all", path, project)
    return Chain(base, tuple(methods), node, tuple(ends), follower, own_all)


def made_of(node: cst.BaseExpression, path: str, project: Project) -> tuple[cst.BaseExpression, bool]:
    """What makes the rows in an expression: of a shortcut's call its first argument, and whether it is that."""
    while isinstance(node, (cst.Await, cst.NamedExpr)):
        node = node.expression if isinstance(node, cst.Await) else node.value
    name = dotted(node.func) if isinstance(node, cst.Call) else ""
    if not isinstance(node, cst.Call) or name.rpartition(".")[2] not in _SHORTCUTS or not node.args:
        return node, False
    known = project.resolve(path, name)
    if known is not None and (known.made or not known.name.startswith("django.shortcuts.")):
        return node, False
    first = node.args[0]
    return (first.value, True) if first.keyword is None and not first.star else (node, False)


def is_default_managed(node: cst.BaseExpression, path: str, project: Project) -> bool:
    """Whether an expression is a model's class whose default manager is its `objects`."""
    name = dotted(node)
    known = project.resolve(path, name) if name else None
    model = project.model(known) if known is not None and not known.made else None
    if model is None or model.framework != "django" or not model.complete or not model.managers:
        return False
    return model.managers[0].name == "objects"


def given(call: cst.Call) -> list[Given | None]:
    """What each argument of a call names; None for one that is not written out."""
    return [_given(arg) for arg in call.args]


def names_in(method: Method) -> set[str]:
    """The names written out in a call's arguments."""
    return {one.path for one in given(method.call) if one is not None}


def is_reset(call: cst.Call) -> bool:
    """Whether a call's only argument is None."""
    return len(call.args) == 1 and dotted(call.args[0].value) == "None"


def _given(arg: cst.Arg) -> Given | None:
    if arg.star or arg.keyword is not None:
        return None
    literal = literal_of(arg.value)
    if literal is not None:
        return Given(str(literal.evaluated_value), literal)
    if not isinstance(arg.value, cst.Call) or dotted(arg.value.func).rpartition(".")[2] != "Prefetch":
        return None
    lookups = [one for one in arg.value.args if not one.star and (one.keyword is None or one.keyword.value == "lookup")]
    literal = literal_of(lookups[0].value) if lookups else None
    return Given(str(literal.evaluated_value), None) if literal is not None else None


def _is_of_rows(node: cst.Subscript) -> bool:
    """Whether a subscript is of a queryset: a slice, or right behind one (``found[key]`` may be of a dict)."""
    if len(node.slice) == 1 and isinstance(node.slice[0].slice, cst.Slice):
        return True
    value = node.value
    if isinstance(value, cst.Call) and isinstance(value.func, cst.Attribute):
        return synchronous(value.func.attr.value) in KNOWN
    return isinstance(value, cst.Attribute) and value.attr.value == "objects"


def _is_end(func: cst.Attribute) -> bool:
    """Whether a call of this attribute ends a chain; ``in_bulk().items()`` is of a dict."""
    name, value = func.attr.value, func.value
    if name in {"items", "keys"}:
        inner = value.func if isinstance(value, cst.Call) else None
        return isinstance(inner, cst.Attribute) and synchronous(inner.attr.value) == "in_bulk"
    return synchronous(name) in _ENDS


def _is_queryset(base: cst.BaseExpression, path: str, project: Project) -> bool:
    """Whether an expression on which no method is called may be a queryset or manager: no definition, list or row."""
    name = dotted(base.func) if isinstance(base, cst.Call) else dotted(base)
    known = project.resolve(path, name) if name else None
    if isinstance(base, cst.Call):
        is_row = isinstance(base.func, cst.Attribute) or name in _SHORTCUTS
        return not is_row and not (known is not None and known.name.startswith(("builtins.", "django.shortcuts.")))
    if not isinstance(base, (cst.Name, cst.Attribute)):
        return False
    if known is None or known.made:
        return isinstance(base, cst.Attribute) or known is not None or not name[:1].isupper()
    return isinstance(base, cst.Attribute) and project.model(known) is None and project.function(known) is None


def _is_foreign(base: cst.BaseExpression, method: str, path: str, project: Project) -> bool:
    """Whether a method of this name on a base may be the project's own: ``repository.all``, ``self.first``."""
    if isinstance(base, cst.Call):
        # Of an instance, or of what `super` gives.
        called = dotted(base.func)
        return called == "super" or called.rpartition(".")[2][:1].isupper()
    name = dotted(base)
    if name in {"self", "cls"}:
        return True
    known = project.resolve(path, name) if name else None
    if known is None:
        return False
    if known.made or isinstance(base, cst.Name):
        return not known.made or known.name.rpartition(".")[2][:1].isupper()
    member = project.resolve(path, f"{name}.{method}")
    return member is not None and project.function(member) is not None
