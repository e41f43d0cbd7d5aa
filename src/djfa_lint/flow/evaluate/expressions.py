"""Expressions: what each holds. Everything in them is evaluated, for what it reads on the way."""

from __future__ import annotations

import ast
from collections.abc import Callable

from djfa_lint.facts.scan import dotted
from djfa_lint.flow.evaluate import checks, displays, guards, stalls
from djfa_lint.flow.evaluate.binding import bind_element, iterate, names_in, remember, settled
from djfa_lint.flow.evaluate.calls import call
from djfa_lint.flow.evaluate.frame import Frame
from djfa_lint.flow.evaluate.members import member, shown, special
from djfa_lint.flow.evaluate.merging import collected, is_few, iterated, join, picked
from djfa_lint.flow.evaluate.querysets import Given, last_name, sliced
from djfa_lint.flow.evaluate.reading import fetch
from djfa_lint.flow.evaluate.values import NOTHING, Closure, Const, Fixed, Lib, Made, Many, Map, Obj, Rows, Value
from djfa_lint.source.nodes import children

# Libraries' registries, by what each of their items is like.
_ITEMS = {"django.db.connections": "django.db.connection", "django.core.cache.caches": "django.core.cache.cache"}


def evaluate(frame: Frame, node: ast.expr) -> Value:
    """What an expression holds; None where that cannot be traced."""
    handler = _HANDLERS.get(type(node))
    if handler is not None:
        return handler(frame, node)
    for child in children(node):
        if isinstance(child, ast.expr):
            evaluate(frame, child)
    return None


def truth(frame: Frame, node: ast.expr) -> bool | None:
    """Evaluate a condition: a queryset in it is fetched. What it comes to, None where that cannot be told."""
    if isinstance(node, ast.BoolOp):
        return _truth_of_several(frame, node)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        found = truth(frame, node.operand)
        return None if found is None else not found
    if isinstance(node, ast.Compare):
        return _truth_of_none(frame, node)
    value = evaluate(frame, node)
    checks.condition(frame, node, value)
    if isinstance(value, Rows):
        settled(frame, node, value)
    return _is_true(value)


def _truth_of_several(frame: Frame, node: ast.BoolOp) -> bool | None:
    found = [truth(frame, one) for one in node.values]
    decides = isinstance(node.op, ast.Or)
    if decides in found:
        return decides
    return None if None in found else not decides


def _truth_of_none(frame: Frame, node: ast.Compare) -> bool | None:
    """``x is None`` of what is known to be something, or nothing."""
    evaluate(frame, node)
    is_none = isinstance(node.comparators[0], ast.Constant) and node.comparators[0].value is None
    if len(node.ops) != 1 or not is_none or not isinstance(node.ops[0], (ast.Is, ast.IsNot)):
        return None
    value = frame.quietly(node.left)
    if not isinstance(value, Const):
        return None
    return (value.value is None) == isinstance(node.ops[0], ast.Is)


def _is_true(value: Value) -> bool | None:
    return bool(value.value) if isinstance(value, Const) else None


def _constant(_frame: Frame, node: ast.Constant) -> Value:
    return Const(node.value) if not isinstance(node.value, type(...)) else None


def _name(frame: Frame, node: ast.Name) -> Value:
    if node.id in frame.env:
        return frame.env[node.id]
    return frame.evaluator.named(frame.path, node.id, frame.imports)


def _attribute(frame: Frame, node: ast.Attribute) -> Value:
    name = dotted(node)
    if name:
        if name in frame.env:
            return frame.env[name]
        if name.partition(".")[0] not in frame.env:
            found = frame.evaluator.defined(frame.path, name, frame.imports)
            if found is not None:
                return found
    if node.attr in {"pk", "id"} and isinstance(node.value, ast.Attribute):
        checks.key_read(frame, node, node.value)
    return member(frame, evaluate(frame, node.value), node.attr, node)


def _call(frame: Frame, node: ast.Call) -> Value:
    frame.evaluator.spend()
    func = evaluate(frame, node.func)
    fails = frame.evaluator.memo(guards.tells_an_error, node)
    frame.failing += fails
    given = _arguments(frame, node)
    frame.failing -= fails
    frame.within.append(node)
    try:
        return call(frame, func, given, node)
    finally:
        frame.within.pop()


def _arguments(frame: Frame, node: ast.Call) -> Given:
    args: list[Value] = []
    rest = False
    for one in node.args:
        if isinstance(one, ast.Starred):
            value = settled(frame, one.value, evaluate(frame, one.value))
            if isinstance(value, Fixed) and not rest:
                args += value.items
            else:
                rest = True
                args.append(value)
        else:
            args.append(evaluate(frame, one))
    keywords = {one.arg or "**": evaluate(frame, one.value) for one in node.keywords}
    unknown = keywords.pop("**", NOTHING) is not NOTHING
    return Given(tuple(args), keywords, rest or unknown)


def _subscript(frame: Frame, node: ast.Subscript) -> Value:
    value = evaluate(frame, node.value)
    evaluate(frame, node.slice)
    if isinstance(value, Rows):
        return _item_of_rows(frame, value, node)
    if isinstance(value, Map):
        return iterated(value.values, None)
    if isinstance(value, Lib):
        return Lib(_ITEMS[value.name]) if value.name in _ITEMS else None
    value = stalls.settled(frame, value)
    if isinstance(value, Obj):
        # The items of a deep client are like its attributes: `client["shop"]["orders"]`.
        if not value.cls.path:
            return stalls.attribute(frame, value.cls.name, "__getitem__")
        return special(frame, value, "__getitem__", Given((None,)), node)
    if isinstance(value, Fixed) and isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, int):
        return value.items[node.slice.value] if -len(value.items) <= node.slice.value < len(value.items) else None
    if isinstance(node.slice, ast.Slice):
        return value
    return picked(value)


def _generator(frame: Frame, node: ast.GeneratorExp) -> Value:
    return stalls.later(frame, lambda: _comprehension(frame, node))


def _item_of_rows(frame: Frame, value: Rows, node: ast.Subscript) -> Value:
    if isinstance(node.slice, ast.Slice):
        upper = node.slice.upper
        most = upper.value if isinstance(upper, ast.Constant) and isinstance(upper.value, int) else None
        if node.slice.step is not None and not value.ready:
            fetch(frame, value, "", frame.site(node))
        return sliced(value, most, frame.level)
    if not value.ready:
        fetch(frame, value, "", frame.site(node))
    return iterated(value._replace(few=True), None)


def _comprehension(frame: Frame, node: ast.ListComp | ast.SetComp | ast.GeneratorExp) -> Value:
    found = _generate(frame, node.generators, lambda: collected(evaluate(frame, node.elt)))
    first = node.generators[0]
    # A generator may stop early, and a condition may leave rows out.
    if len(node.generators) == 1 and not first.ifs and not isinstance(node, ast.GeneratorExp):
        remember(frame, first.iter, frame.site(first))
    return found


def _dict_comprehension(frame: Frame, node: ast.DictComp) -> Value:
    def pair() -> Value:
        return Map(collected(evaluate(frame, node.key)), collected(evaluate(frame, node.value)))

    return _generate(frame, node.generators, pair)


def _generate(frame: Frame, generators: list[ast.comprehension], last: Callable[[], Value]) -> Value:
    if not generators:
        return last()
    one = generators[0]
    frame.awaiting += one.is_async
    iterable = iterate(frame, one.iter)
    frame.awaiting -= one.is_async
    bounded = guards.is_bounded(frame, one.iter, iterable)
    site = None if bounded else frame.site(one)
    before, names = dict(frame.env), frame.evaluator.memo(names_in, one.target)
    with frame.looping(site, names):
        bind_element(frame, one.target, iterable, site)
        for condition in one.ifs:
            truth(frame, condition)
        found = _generate(frame, generators[1:], last)
    walrus = {name: value for name, value in frame.env.items() if name not in names}
    frame.env = {**before, **walrus}
    return found._replace(few=True) if bounded and is_few(iterable) and isinstance(found, (Rows, Many)) else found


def _lambda(frame: Frame, node: ast.Lambda) -> Value:
    return Closure(node, frame, frame.env)


def _conditional(frame: Frame, node: ast.IfExp) -> Value:
    truth(frame, node.test)
    return join(evaluate(frame, node.body), evaluate(frame, node.orelse))


def _either(frame: Frame, node: ast.BoolOp) -> Value:
    found: Value = NOTHING
    for index, one in enumerate(node.values):
        value = evaluate(frame, one)
        if index < len(node.values) - 1:
            value = settled(frame, one, value)
        found = join(found, value) if isinstance(node.op, ast.Or) else value
    return found


def _walrus(frame: Frame, node: ast.NamedExpr) -> Value:
    value = evaluate(frame, node.value)
    frame.bind(node.target.id, value)
    return value


def _binary(frame: Frame, node: ast.BinOp) -> Value:
    left, right = evaluate(frame, node.left), evaluate(frame, node.right)
    if isinstance(node.op, ast.Mod) and isinstance(left, Const):
        for one in right.items if isinstance(right, Fixed) else (right,):
            shown(frame, one, node)
        return None
    if isinstance(node.op, (ast.BitOr, ast.BitAnd)) and isinstance(left, Rows):
        return combined(frame, left, node)
    left = stalls.settled(frame, left)
    if isinstance(node.op, ast.Div) and isinstance(left, Obj):
        return stalls.attribute(frame, left.cls.name, "__truediv__") if not left.cls.path else None
    if isinstance(node.op, ast.Add):
        if isinstance(left, Fixed) and isinstance(right, Fixed):
            return Fixed(left.items + right.items)
        if isinstance(left, (Rows, Many)) and isinstance(right, (Rows, Many)):
            return join(left, right)
    return None


def combined(frame: Frame, rows: Rows, node: ast.expr | ast.stmt) -> Rows:
    """The rows of ``first | second`` or ``first & second``: a query that no prefetch answers."""
    made = Made(frame.site(node), last_name(rows), False)
    new = rows._replace(kind="queryset", level=frame.level, served=False, ready=False, made=made, path=(), fits=False)
    return new._replace(asked=rows.asked or "|" if rows.of is not None else "")


def _awaited(frame: Frame, node: ast.Await) -> Value:
    return evaluate(frame, node.value)


def _negated(frame: Frame, node: ast.UnaryOp) -> Value:
    if isinstance(node.op, ast.Not):
        found = truth(frame, node.operand)
        return None if found is None else Const(not found)
    evaluate(frame, node.operand)
    return None


def _starred(frame: Frame, node: ast.Starred) -> Value:
    return evaluate(frame, node.value)


def _compare(frame: Frame, node: ast.Compare) -> Value:
    checks.compared(frame, node)
    sides = [node.left, *node.comparators]
    values = [evaluate(frame, one) for one in sides]
    for operator, side, value in zip(node.ops, node.comparators, values[1:], strict=True):
        if isinstance(operator, (ast.In, ast.NotIn)):
            settled(frame, side, value)
            special(frame, value, "__contains__", Given((None,)), side)
    return None


_HANDLERS: dict[type, Callable[..., Value]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Call: _call,
    ast.Subscript: _subscript,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.GeneratorExp: _generator,
    ast.DictComp: _dict_comprehension,
    ast.Lambda: _lambda,
    ast.IfExp: _conditional,
    ast.BoolOp: _either,
    ast.NamedExpr: _walrus,
    ast.BinOp: _binary,
    ast.Await: _awaited,
    ast.Starred: _starred,
    ast.UnaryOp: _negated,
    ast.Tuple: displays.made_tuple,
    ast.List: displays.made_list,
    ast.Set: displays.made_list,
    ast.Dict: displays.made_dict,
    ast.JoinedStr: displays.joined,
    ast.Compare: _compare,
    ast.Yield: displays.yielded,
    ast.YieldFrom: displays.yielded_from,
}
