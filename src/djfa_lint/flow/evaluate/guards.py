"""Loops and conditions that bound how often something runs: leaving at once, a literal, batches, a memo."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from djfa_lint.facts.scan import dotted
from djfa_lint.flow.evaluate.frame import Frame
from djfa_lint.flow.evaluate.merging import is_few
from djfa_lint.flow.evaluate.values import Cls, Method, Value
from djfa_lint.source.nodes import walk

_BATCHES = frozenset({"chunked", "batched", "chunks", "batch", "batches", "grouper", "chunk", "ichunked", "page_range"})
_SAME = frozenset({"enumerate", "list", "tuple", "sorted", "reversed", "set", "zip", "tqdm"})
# The members of an enumeration.
_MEMBERS = frozenset({"choices", "values", "names", "labels"})
_CACHES = frozenset({"fields_cache", "_prefetched_objects_cache"})


def leaves_at_once(loop: ast.For | ast.AsyncFor) -> bool:
    """Whether a loop's body runs once at most: nothing before a ``break``, ``return`` or ``raise`` could skip it."""
    for statement in loop.body:
        if isinstance(statement, (ast.Break, ast.Return, ast.Raise)):
            return True
        if any(isinstance(part, ast.Continue) for part in walk(statement)):
            return False
    return False


def is_bounded(frame: Frame, node: ast.expr, value: Value) -> bool:
    """Whether an iterable holds a handful at most, or batches: a query for each of them is as it should be."""
    if is_few(value) or isinstance(value, Cls):
        return True
    if isinstance(node, (ast.Tuple, ast.List, ast.Set, ast.Dict, ast.Constant)):
        return True
    if isinstance(node, ast.Call):
        return _is_bounded_call(frame, node)
    if (value is None or isinstance(value, Method)) and _is_of_payload(frame, node):
        return True
    if isinstance(node, ast.Attribute) and node.attr in _MEMBERS:
        return isinstance(frame.quietly(node.value), Cls)
    return isinstance(node, ast.Attribute) and node.attr in _BATCHES


def _is_of_payload(frame: Frame, node: ast.expr) -> bool:
    """Whether an iterable is a list inside of what a function is handed, or what two sets differ by: mostly a few."""
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, (ast.Sub, ast.BitAnd))
    root = dotted(node).partition(".")[0] if isinstance(node, ast.Attribute) else ""
    return root in frame.params and (frame.owner is None or root not in {"self", "cls"})


def _is_bounded_call(frame: Frame, node: ast.Call) -> bool:
    name = dotted(node.func).rpartition(".")[2] or (node.func.attr if isinstance(node.func, ast.Attribute) else "")
    if name == "range":
        # With a step it goes from batch to batch.
        return len(node.args) == 3 or all(isinstance(one, ast.Constant) for one in node.args)
    if name in _BATCHES:
        return True
    if name in _SAME and node.args:
        return any(is_bounded(frame, one, None) for one in node.args)
    if name in {"items", "keys", "values"} and isinstance(node.func, ast.Attribute):
        return isinstance(node.func.value, ast.Dict)
    return False


def checked(test: ast.expr) -> tuple[str, ...]:
    """The names whose loaded relations a condition asks about: ``Order.customer.is_cached(order)``."""
    asked: list[ast.expr] = []
    for part in walk(test):
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute) and part.func.attr == "is_cached":
            asked += part.args
        elif isinstance(part, ast.Attribute) and part.attr in _CACHES:
            asked.append(part.value.value if isinstance(part.value, ast.Attribute) else part.value)
        elif isinstance(part, ast.Call) and dotted(part.func) in {"hasattr", "getattr"} and len(part.args) > 1:
            name = part.args[1]
            asked += part.args[:1] if isinstance(name, ast.Constant) and name.value in _CACHES else []
    return tuple(name for name in map(dotted, asked) if name)


def is_for_debugging(test: ast.expr) -> bool:
    """Whether a condition holds in development alone: ``if settings.DEBUG``."""
    return dotted(test).rpartition(".")[2] == "DEBUG"


def tells_an_error(call: ast.Call) -> bool:
    """Whether a call says what went wrong: an exception is made, or a form is told."""
    name = dotted(call.func).rpartition(".")[2]
    return name == "add_error" or name.endswith(("Error", "Exception"))


def picks(frame: Frame, test: ast.expr) -> bool:
    """Whether a condition picks one of the loop's passes: ``if kind == "user"`` is true for one of them."""
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        return any(picks(frame, one) for one in test.values)
    if not frame.loops or not isinstance(test, ast.Compare) or len(test.ops) != 1:
        return False
    left, right = test.left, test.comparators[0]
    constant = isinstance(right, ast.Constant) and right.value is not None and not isinstance(right.value, bool)
    own = isinstance(left, ast.Name) and left.id in frame.loops[-1].names
    return own and constant and isinstance(test.ops[0], ast.Eq)


def filled(node: ast.If) -> str:
    """The container or name that the body of a condition fills because the condition missed it: it runs once a key.

    ``if key not in cache: cache[key] = ...``, ``if found is None: found = ...``.
    """
    missing = _missing(node.test)
    if missing and any(_fills(part, missing) for stmt in node.body for part in walk(stmt)):
        return missing
    return ""


def kept_below(node: ast.If, rest: Sequence[ast.stmt]) -> str:
    """The container or name that statements below a condition fill, where the condition has found it filled and left.

    ``if self._client is not None: return self._client`` and then ``self._client = ...``: the rest runs once.
    """
    last = node.body[-1] if node.body and not node.orelse else None
    if not isinstance(last, ast.Return) or last.value is None:
        return ""
    present = _present(node.test)
    if not present:
        return ""
    # `if name in TEXTS: return TEXTS[name]`: what is below is for the name that is not there.
    given_back = any(dotted(part) == present for part in walk(last))
    return present if given_back or any(_fills(part, present) for one in rest for part in walk(one)) else ""


def _present(test: ast.expr) -> str:
    """What a condition finds there: a name with a value, a container with a key."""
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        return next((found for one in test.values if (found := _present(one))), "")
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        if isinstance(test.ops[0], ast.In):
            return dotted(test.comparators[0])
        is_none = isinstance(test.comparators[0], ast.Constant) and test.comparators[0].value is None
        return _asked(test.left) if isinstance(test.ops[0], (ast.IsNot, ast.NotEq)) and is_none else ""
    return _asked(test)


def _missing(test: ast.expr) -> str:
    """What a condition finds missing: a container without a key, a name without a value."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return _asked(test.operand)
    if not isinstance(test, ast.Compare) or len(test.ops) != 1:
        return ""
    if isinstance(test.ops[0], ast.NotIn):
        return dotted(test.comparators[0]) or _asked(test.comparators[0])
    is_none = isinstance(test.comparators[0], ast.Constant) and test.comparators[0].value is None
    return _asked(test.left) if isinstance(test.ops[0], (ast.Is, ast.Eq)) and is_none else ""


def _asked(node: ast.expr) -> str:
    """The container or name that is asked: of ``cache.get(key)`` and ``cache[key]`` it is ``cache``."""
    if isinstance(node, ast.NamedExpr):
        return _asked(node.value)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in {"get", "keys"}:
        return dotted(node.func.value)
    if isinstance(node, ast.Call) and dotted(node.func) in {"hasattr", "getattr"} and node.args:
        return dotted(node.args[0])
    if isinstance(node, ast.Subscript):
        return dotted(node.value)
    return dotted(node)


def _fills(node: ast.AST, missing: str) -> bool:
    targets: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, (ast.AnnAssign, ast.AugAssign, ast.NamedExpr)):
        targets = [node.target]
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        fills = node.func.attr in {"add", "append", "set", "update", "setdefault"}
        return fills and dotted(node.func.value) == missing
    for target in targets:
        held = target.value if isinstance(target, (ast.Subscript, ast.Attribute)) else target
        if dotted(target) == missing or (dotted(held) == missing and held is not target):
            return True
    return False
