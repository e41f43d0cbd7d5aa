"""How targets get their values, and which names a piece of code binds."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from djfa_lint.facts.scan import dotted
from djfa_lint.flow.evaluate import checks, stalls
from djfa_lint.flow.evaluate.effects import Read
from djfa_lint.flow.evaluate.frame import Frame
from djfa_lint.flow.evaluate.loads import OPEN, Entry
from djfa_lint.flow.evaluate.members import special
from djfa_lint.flow.evaluate.merging import collected, iterated, join
from djfa_lint.flow.evaluate.querysets import Given
from djfa_lint.flow.evaluate.reading import fetch
from djfa_lint.flow.evaluate.values import Fixed, Map, Row, Rows, Site, Value
from djfa_lint.source.nodes import children


def assign(frame: Frame, target: ast.expr, value: Value) -> None:
    """Bind a target of an assignment, a loop or ``with``."""
    if isinstance(target, ast.Name):
        frame.bind(target.id, value)
    elif isinstance(target, ast.Starred):
        assign(frame, target.value, value)
    elif isinstance(target, (ast.Tuple, ast.List)):
        _unpack(frame, target.elts, value)
    elif isinstance(target, ast.Attribute):
        _attach(frame, target, value)
    elif isinstance(target, ast.Subscript):
        _put(frame, target, value)


def _unpack(frame: Frame, targets: list[ast.expr], value: Value) -> None:
    exact = isinstance(value, Fixed) and len(value.items) == len(targets)
    for index, target in enumerate(targets):
        if isinstance(value, Fixed) and exact and not isinstance(target, ast.Starred):
            assign(frame, target, value.items[index])
        else:
            rest = isinstance(target, ast.Starred) and isinstance(value, Rows)
            assign(frame, target, value if rest else iterated(value, None))


def _attach(frame: Frame, target: ast.Attribute, value: Value) -> None:
    """``order.customer = customer``."""
    base = frame.value(target.value)
    name = dotted(target)
    if name:
        frame.bind(name, value)
    attach(frame, base, target.attr, value)


def attach(frame: Frame, base: Value, name: str, value: Value) -> None:
    """A row has something assigned from now on, and so has every row of the same maker; "" is a name not known."""
    if not isinstance(base, Row):
        return
    loads = value.loads if isinstance(value, Row) else OPEN
    entry = Entry(True, "attached", loads)
    for held, other in list(frame.env.items()):
        if isinstance(other, (Row, Rows)) and (other.made, other.path, other.model) == (
            base.made,
            base.path,
            base.model,
        ):
            known = other.loads.having(name, entry) if name else other.loads._replace(open=True)
            frame.env[held] = other._replace(loads=known)


def _put(frame: Frame, target: ast.Subscript, value: Value) -> None:
    """``found[key] = value``."""
    frame.value(target.slice)
    name = dotted(target.value)
    held = frame.env.get(name) if name else None
    if isinstance(held, Map):
        frame.env[name] = Map(held.keys, join(held.values, collected(value)))
    elif isinstance(held, Rows) and held.kind == "list":
        frame.env[name] = join(held, collected(value))
    elif not name:
        frame.value(target.value)


def bind_element(frame: Frame, target: ast.expr, iterable: Value, loop: Site | None) -> None:
    """Bind a loop's target to one element; with `loop` each iteration of it gives another."""
    assign(frame, target, iterated(iterable, loop))


def iterate(frame: Frame, node: ast.expr) -> Value:
    """The iterable of a loop; a queryset is fetched, and a name that holds it has its rows from now on."""
    return settled(frame, node, frame.value(node))


def settled(frame: Frame, node: ast.expr, value: Value, operation: str = "") -> Value:
    """A value after all of its rows are asked for."""
    if not isinstance(value, Rows):
        stalls.gone_over(frame, value, node)
        walked = special(frame, value, "__iter__", Given(), node)
        if walked is None:
            special(frame, value, "__next__", Given(), node)
        stalls.gone_over(frame, walked, node)
        return value
    frame.within.append(node)
    fetch(frame, value, operation, _asked_at(frame, node, value), keeps=True)
    frame.within.pop()
    checks.rows_used(frame, node, value)
    if value.kind == "iterator":
        return value
    ready = value._replace(ready=True)
    name = dotted(node)
    if name and name in frame.env and value.kind == "queryset":
        frame.env[name] = ready
    return ready


def _asked_at(frame: Frame, node: ast.expr, value: Rows) -> Site:
    """Where a query is told of: a name says little, where it was made in the same loop the queryset says more."""
    site = value.made.site if value.made is not None else None
    here = isinstance(node, ast.Name) and value.level > 0 and site is not None and site.path == frame.path
    return site if here and site is not None else frame.site(node)


def remember(frame: Frame, node: ast.expr, loop: Site) -> None:
    """What a loop read of each of a list's rows is there when the same rows are gone over again."""
    held = frame.env.get(node.id) if isinstance(node, ast.Name) else None
    if not isinstance(held, Rows) or not (held.ready or held.kind == "list") or not isinstance(node, ast.Name):
        return
    loads = held.loads
    for effect in frame.effects.values():
        same = isinstance(effect, Read) and effect.loop == loop and effect.made == held.made
        if isinstance(effect, Read) and same and not effect.operation and effect.path[:-1] == held.path:
            loads = loads.having(effect.path[-1], Entry(True, "attached", OPEN))
    frame.env[node.id] = held._replace(loads=loads)


def names_in(node: ast.AST) -> frozenset[str]:
    """The names that a piece of code binds, nested functions left out."""
    return frozenset(_names(node))


def _names(node: ast.AST) -> Iterator[str]:
    waiting = [node]
    while waiting:
        part = waiting.pop()
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            yield part.id
        elif isinstance(part, (ast.MatchAs, ast.MatchStar)) and part.name:
            yield part.name
        if not isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            waiting.extend(children(part))
