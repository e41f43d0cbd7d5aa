"""What a function does with one of its own names, as far as its body shows: nothing, reads it, or lets it change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
    PASSED = 2
    """It is handed to another function, which may or may not change it."""
    SHARED = 3
    """It is changed, returned or stored."""


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


def use_of(function: cst.FunctionDef | cst.Lambda, name: str, empty: bool = False) -> Use:
    """The most that the body does with the parameter `name`; a body that calls `locals()` shares everything.

    With `empty` the value in question is an empty container: what happens only where it is true does not happen to it.
    """
    most = Use.UNUSED
    for part in _parts(function.body):
        replaced = _replaces(part, name, empty)
        if replaced and isinstance(part, cst.If):
            return most  # `if not rows: rows = ...` is there for the default
        for node, around in _nodes(part):
            if isinstance(node, cst.Call) and dotted(node.func) in {"locals", "vars"} and not node.args:
                return Use.SHARED
            if isinstance(node, cst.Name) and node.value == name and not (empty and _only_if_true(node, around)):
                most = max(most, _use(node, around))
        if replaced:
            return most
    return most


def _parts(body: cst.CSTNode) -> Sequence[cst.CSTNode]:
    """The statements of a body in order, those of one line each for itself; an expression is its only part."""
    if isinstance(body, (cst.SimpleStatementLine, cst.SimpleStatementSuite)):
        return body.body
    if isinstance(body, cst.IndentedBlock):
        return [part for statement in body.body for part in _parts(statement)]
    return [body]


def _replaces(statement: cst.CSTNode, name: str, empty: bool) -> bool:
    """Whether after this statement the name is surely something else: ``rows = list(rows)``.

    For an empty value also ``if not rows: rows = ...``.
    """
    if isinstance(statement, cst.Assign):
        return _rebinds(statement, name)
    if not empty or not isinstance(statement, cst.If) or statement.orelse is not None:
        return False
    test = statement.test
    if not isinstance(test, cst.UnaryOperation) or not isinstance(test.operator, cst.Not):
        return False
    return _tests(test.expression, name) and any(_replaces(one, name, False) for one in _parts(statement.body))


def _only_if_true(name: cst.Name, around: list[cst.CSTNode]) -> bool:
    """Whether a mention matters only for a value that is true: ``if rows: keep(rows)``, ``rows or other``."""
    for index, node in enumerate(around):
        inside = around[index + 1] if index + 1 < len(around) else name
        if isinstance(node, (cst.If, cst.IfExp)) and inside is node.body and _tests(node.test, name.value):
            return True
        if isinstance(node, cst.BooleanOperation):
            is_or = isinstance(node.operator, cst.Or)
            if (is_or and node.left is name) or (not is_or and inside is node.right and _tests(node.left, name.value)):
                return True
    return False


def _tests(test: cst.BaseExpression, name: str) -> bool:
    """Whether a test holds only for a true value of the name."""
    if isinstance(test, cst.BooleanOperation) and isinstance(test.operator, cst.And):
        return _tests(test.left, name) or _tests(test.right, name)
    if isinstance(test, cst.Call) and dotted(test.func) == "len" and len(test.args) == 1:
        test = test.args[0].value
    return isinstance(test, cst.Name) and test.value == name


def _nodes(body: cst.CSTNode) -> Iterator[tuple[cst.CSTNode, list[cst.CSTNode]]]:
    """Every node with the nodes around it, innermost last."""
    stack: list[tuple[cst.CSTNode, list[cst.CSTNode]]] = [(body, [])]
    while stack:
        node, around = stack.pop()
        yield node, around
        stack.extend((child, [*around, node]) for child in children(node))


def _use(name: cst.Name, around: list[cst.CSTNode]) -> Use:
    """What one mention of the name does, by what stands around it."""
    parent = around[-1] if around else None
    if isinstance(parent, (cst.AssignTarget, cst.Param, cst.AnnAssign)) and _is_target(name, parent):
        return Use.UNUSED
    if any(isinstance(node, (cst.FunctionDef, cst.Lambda)) for node in around):
        return Use.SHARED  # caught by a function that may run at any time
    if any(isinstance(node, cst.Assign) and _rebinds(node, name.value) for node in around):
        # `rows = [rows]`: from here on the name is something else, made from what it was.
        return _use_as_argument(name, parent, around) if isinstance(parent, cst.Arg) else Use.READ
    if any(isinstance(node, cst.Call) and _is_assertion(node) for node in around):
        return Use.READ
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
    if _is_super(call):
        return Use.UNUSED  # the base class has its own default, and its own finding
    if arg.star or not isinstance(call, cst.Call) or (arg.keyword is not None and _is_lookup(arg.keyword.value)):
        return Use.READ
    looks = dotted(call.func) in _LOOKING or _copies(call.func)
    return Use.READ if looks else Use.PASSED


def _is_super(call: cst.CSTNode) -> bool:
    """Whether a call is one of the base class's methods, ``super().send(...)``."""
    func = call.func if isinstance(call, cst.Call) else None
    if not isinstance(func, cst.Attribute):
        return False
    owner = func.value
    # A constructor may well store what it is given.
    return isinstance(owner, cst.Call) and dotted(owner.func) == "super" and func.attr.value != "__init__"


def _is_lookup(keyword: str) -> bool:
    """Whether a keyword is a query's: Django copies the values it compares with."""
    return keyword.endswith(("__in", "__range"))


def _is_assertion(call: cst.Call) -> bool:
    return isinstance(call.func, cst.Attribute) and call.func.attr.value.startswith("assert")


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
