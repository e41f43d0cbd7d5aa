"""What a function does with one of its own names, as far as its body shows: nothing, reads it, or lets it change."""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum

import libcst as cst

from djfa_lint.sdk.scopes import dotted
from djfa_lint.source.cst import children


class Use(IntEnum):
    """The most that happens to a name; a higher value is more."""

    UNUSED = 0
    """It is never read."""
    READ = 1
    """It is looked at: tested, iterated over, indexed, asked by methods that change nothing, copied."""
    SHARED = 2
    """It is changed, or handed to where it can be: returned, stored, passed on."""


# Calls that look at their arguments and keep none of them.
_LOOKING = frozenset(
    "len bool list dict set tuple frozenset sorted any all sum min max enumerate zip range str repr isinstance print "
    "reversed map filter iter next hash type json.dumps copy.copy copy.deepcopy deepcopy"
    " ".split()
)
# Methods of lists, dicts and sets that change nothing and give nothing of the container itself.
_ASKING = frozenset(
    "get items keys values copy index count issubset issuperset isdisjoint union intersection difference "
    "symmetric_difference most_common elements startswith endswith decode hex".split()
)
_TESTING = (cst.If, cst.While, cst.IfExp, cst.Comparison, cst.ComparisonTarget, cst.UnaryOperation, cst.Assert)
_SPREADING = (cst.StarredElement, cst.StarredDictElement, cst.FormattedStringExpression)


def use_of(function: cst.FunctionDef | cst.Lambda, name: str) -> Use:
    """The most that the body does with the parameter `name`; a body that calls `locals()` shares everything."""
    most = Use.UNUSED
    for node, around in _nodes(function.body):
        if isinstance(node, cst.Call) and dotted(node.func) in {"locals", "vars"} and not node.args:
            return Use.SHARED
        if isinstance(node, cst.Name) and node.value == name:
            most = max(most, _use(node, around))
    return most


def _nodes(body: cst.CSTNode) -> Iterator[tuple[cst.CSTNode, list[cst.CSTNode]]]:
    """Every node with the nodes around it, innermost last."""
    stack: list[tuple[cst.CSTNode, list[cst.CSTNode]]] = [(body, [])]
    while stack:
        node, around = stack.pop()
        yield node, around
        stack.extend((child, [*around, node]) for child in children(node))


def _use(name: cst.Name, around: list[cst.CSTNode]) -> Use:
    """What one mention of the name does, by what stands around it."""
    if any(isinstance(node, (cst.FunctionDef, cst.Lambda)) for node in around):
        return Use.SHARED  # caught by a function that may run at any time
    if any(isinstance(node, cst.Assign) and _rebinds(node, name.value) for node in around):
        return Use.READ  # `rows = list(rows)`: from here on the name is something else
    parent = around[-1] if around else None
    if isinstance(parent, (cst.AssignTarget, cst.Param, cst.AnnAssign)) and _is_target(name, parent):
        return Use.UNUSED
    if isinstance(parent, cst.Arg):
        return _use_as_argument(name, parent, around)
    if isinstance(parent, cst.Attribute):
        return _use_of_attribute(name, parent, around)
    if isinstance(parent, cst.Subscript):
        return _use_of_item(parent, around)
    if isinstance(parent, cst.BooleanOperation):
        tests = any(isinstance(node, _TESTING) for node in around[-3:])
        return Use.READ if tests else Use.SHARED
    if isinstance(parent, (cst.For, cst.CompFor)):
        return Use.READ if parent.iter is name else Use.UNUSED
    return Use.READ if isinstance(parent, (*_TESTING, *_SPREADING, cst.BinaryOperation)) else Use.SHARED


def _use_as_argument(name: cst.Name, arg: cst.Arg, around: list[cst.CSTNode]) -> Use:
    if arg.keyword is name:
        return Use.UNUSED
    call = around[-2]
    looks = isinstance(call, cst.Call) and (dotted(call.func) in _LOOKING or _copies(call.func))
    return Use.READ if arg.star or looks else Use.SHARED


def _copies(func: cst.BaseExpression) -> bool:
    """Whether a method takes the items of its argument and not the argument: ``rows.extend(more)``."""
    return isinstance(func, cst.Attribute) and func.attr.value in {"update", "extend", "union", "join"}


def _rebinds(assign: cst.Assign, name: str) -> bool:
    targets = [target.target for target in assign.targets]
    return all(isinstance(target, cst.Name) and target.value == name for target in targets)


def _is_target(name: cst.Name, parent: cst.CSTNode) -> bool:
    return name is getattr(parent, "target", None) or name is getattr(parent, "name", None)


def _use_of_attribute(name: cst.Name, attribute: cst.Attribute, around: list[cst.CSTNode]) -> Use:
    if attribute.value is not name:
        return Use.UNUSED  # the attribute's own name is spelled the same
    call = around[-2] if len(around) > 1 else None
    asks = isinstance(call, cst.Call) and call.func is attribute and attribute.attr.value in _ASKING
    return Use.READ if asks else Use.SHARED


def _use_of_item(subscript: cst.Subscript, around: list[cst.CSTNode]) -> Use:
    holder = around[-2] if len(around) > 1 else None
    writes = isinstance(holder, (cst.AssignTarget, cst.Del, cst.AugAssign)) and (
        getattr(holder, "target", None) is subscript or isinstance(holder, cst.Del)
    )
    return Use.SHARED if writes else Use.READ
