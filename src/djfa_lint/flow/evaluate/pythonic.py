"""Python's own functions that matter here: what they do to rows, querysets and functions."""

from __future__ import annotations

from djfa_lint.flow.evaluate import checks, stalls
from djfa_lint.flow.evaluate.binding import attach, settled
from djfa_lint.flow.evaluate.called import Called, Handler
from djfa_lint.flow.evaluate.containers import key
from djfa_lint.flow.evaluate.members import member, shown
from djfa_lint.flow.evaluate.merging import collected, iterated, join
from djfa_lint.flow.evaluate.querysets import FEW, Given
from djfa_lint.flow.evaluate.values import (
    NOTHING,
    Cls,
    Const,
    Getter,
    Many,
    Map,
    Obj,
    Part,
    Row,
    Rows,
    Super,
    Value,
    Zip,
)


def _list(at: Called) -> Value:
    if not at.node.args:
        return Many(NOTHING)
    value = at.first()
    if isinstance(value, Rows):
        return value._replace(kind="values" if value.kind == "values" else "list", ready=True)
    return value.keys if isinstance(value, Map) else value


def _dict(at: Called) -> Value:
    value = at.first()
    if isinstance(value, Map):
        return value
    if isinstance(value, Zip) and len(value.parts) == 2:
        return Map(*value.parts)
    return Map(Many(NOTHING), Many(NOTHING)) if not at.node.args else None


def _default_dict(_at: Called) -> Value:
    return Map(Many(NOTHING), Many(NOTHING))


def _sorted(at: Called) -> Value:
    value = _list(at)
    key(at.frame, at.given.keywords.get("key"), value, at.node)
    return value


def _extreme(at: Called) -> Value:
    value = _sorted(at)
    return iterated(value, None) if len(at.node.args) == 1 else None


def _consume(at: Called) -> Value:
    at.first()
    return None


def _len(at: Called) -> Value:
    if at.node.args:
        settled(at.frame, at.node.args[0], at.given.argument(0))
    return None


def _bool(at: Called) -> Value:
    if at.node.args:
        checks.condition(at.frame, at.node.args[0], at.given.argument(0), at.node)
    return _consume(at)


def _enumerate(at: Called) -> Value:
    return Zip((Many(None), at.first()))


def _zip(at: Called) -> Value:
    if at.given.rest:
        return None
    return Zip(tuple(settled(at.frame, one, value) for one, value in zip(at.node.args, at.given.args, strict=True)))


def _map(at: Called) -> Value:
    if len(at.node.args) != 2 or at.given.rest:
        return None
    rows = settled(at.frame, at.node.args[1], at.given.args[1])
    return stalls.later(at.frame, lambda: collected(key(at.frame, at.given.args[0], rows, at.node)))


def _filter(at: Called) -> Value:
    if len(at.node.args) != 2 or at.given.rest:
        return None
    rows = settled(at.frame, at.node.args[1], at.given.args[1])
    key(at.frame, at.given.args[0], rows, at.node)
    return rows._replace(kind="list") if isinstance(rows, Rows) and rows.kind != "values" else rows


def _range(at: Called) -> Value:
    return Many(None, all(isinstance(one, Const) for one in at.given.args) or len(at.given.args) == 3)


def _chain(at: Called) -> Value:
    found: Value = NOTHING
    for one, value in zip(at.node.args, at.given.args, strict=False):
        fetched = settled(at.frame, one, value)
        found = join(found, fetched._replace(kind="list") if isinstance(fetched, Rows) else fetched)
    return found


def _chain_from(at: Called) -> Value:
    value = at.given.argument(0)
    inner = iterated(value, None) if isinstance(value, Many) else None
    return settled(at.frame, at.node.args[0], inner) if at.node.args else None


def _slice(at: Called) -> Value:
    value = at.first()
    most = at.given.argument(1 if len(at.given.args) == 2 else 2)
    few = isinstance(most, Const) and isinstance(most.value, int) and most.value <= FEW
    return value._replace(few=True) if few and isinstance(value, (Rows, Many)) else value


def _groups(at: Called) -> Value:
    value = at.first()
    key(at.frame, at.given.argument(1, "key"), value, at.node)
    inner = value._replace(kind="list") if isinstance(value, Rows) and value.kind != "values" else value
    return Zip((Many(None), Many(inner)))


def _reduce(at: Called) -> Value:
    if len(at.node.args) < 2:
        return None
    site = at.frame.site(at.node)
    rows = settled(at.frame, at.node.args[1], at.given.argument(1))
    with at.frame.looping(site):
        at.frame.apply(at.given.argument(0), Given((None, iterated(rows, site))), at.node)
    return None


def _next(at: Called) -> Value:
    if at.node.args:
        stalls.gone_over(at.frame, at.given.argument(0), at.node.args[0])
    return iterated(at.given.argument(0), None)


def _text(at: Called) -> Value:
    for one in at.given.args:
        shown(at.frame, one, at.node)
    return None


def _get_attribute(at: Called) -> Value:
    name = at.given.argument(1)
    if isinstance(name, Const) and isinstance(name.value, str):
        return member(at.frame, at.given.argument(0), name.value, at.node)
    return None


def _has_attribute(at: Called) -> Value:
    # Asking reads it, with what that costs; the answer is none of its rows.
    _get_attribute(at)
    return None


def _set_attribute(at: Called) -> Value:
    name = at.given.argument(1)
    text = name.value if isinstance(name, Const) and isinstance(name.value, str) else ""
    attach(at.frame, at.given.argument(0), text, at.given.argument(2))
    return None


def _super(at: Called) -> Value:
    return Super(at.frame.owner, at.frame.bound) if at.frame.owner is not None else None


def _type(at: Called) -> Value:
    value = at.given.argument(0)
    if isinstance(value, Row):
        return Cls(value.model)
    return Cls(value.cls) if isinstance(value, Obj) else None


def _partial(at: Called) -> Value:
    if not at.given.args or at.given.rest:
        return None
    return Part(at.given.args[0], at.given.args[1:], tuple(sorted(at.given.keywords.items(), key=lambda one: one[0])))


def _attribute_getter(at: Called) -> Value:
    names = tuple(one.value for one in at.given.args if isinstance(one, Const) and isinstance(one.value, str))
    return Getter(names) if len(names) == len(at.given.args) else None


def _in_thread(at: Called) -> Value:
    if not at.given.args:
        return None
    with at.frame.elsewhere():
        return at.frame.apply(at.given.args[0], at.given._replace(args=at.given.args[1:]), at.node)


def _injected(at: Called) -> Value:
    """What FastAPI hands in for ``Depends(function)``; a generator's function gives what it yields."""
    value = at.frame.apply(at.given.argument(0, "dependency"), Given(), at.node)
    return value.item if isinstance(value, Many) else value


PYTHON: dict[str, Handler] = {
    **{f"builtins.{name}": _list for name in ("list", "tuple", "set", "frozenset", "reversed", "iter")},
    **{f"builtins.{name}": _extreme for name in ("min", "max")},
    **{f"builtins.{name}": _consume for name in ("sum", "any", "all")},
    "builtins.bool": _bool,
    **{f"builtins.{name}": _text for name in ("str", "repr", "format", "print")},
    "builtins.sorted": _sorted,
    "builtins.dict": _dict,
    "builtins.len": _len,
    "builtins.enumerate": _enumerate,
    "builtins.zip": _zip,
    "builtins.map": _map,
    "builtins.filter": _filter,
    "builtins.range": _range,
    "builtins.next": _next,
    "builtins.getattr": _get_attribute,
    "builtins.hasattr": _has_attribute,
    "builtins.setattr": _set_attribute,
    "builtins.super": _super,
    "builtins.type": _type,
    "collections.defaultdict": _default_dict,
    "collections.deque": _list,
    "collections.OrderedDict": _dict,
    "itertools.chain": _chain,
    "itertools.chain.from_iterable": _chain_from,
    "itertools.islice": _slice,
    "itertools.groupby": _groups,
    "functools.partial": _partial,
    "functools.reduce": _reduce,
    "operator.attrgetter": _attribute_getter,
    "fastapi.Depends": _injected,
    "fastapi.Security": _injected,
    "asyncio.to_thread": _in_thread,
    "anyio.to_thread.run_sync": _in_thread,
    "starlette.concurrency.run_in_threadpool": _in_thread,
    "django.utils.safestring.mark_safe": _text,
}
