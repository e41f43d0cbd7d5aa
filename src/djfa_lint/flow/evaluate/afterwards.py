"""What a function does with a queryset besides asking whether it has rows: counts it again, takes one, loads it all.

Told from the text alone: two expressions that are spelled alike, with no new value for their names in between, are
taken for the same rows.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Sequence

from djfa_lint.facts.scan import dotted
from djfa_lint.knowledge import querysets as known
from djfa_lint.source.nodes import children, every_name, walk

# Give the same rows, in another order or with other columns.
_SAME_ROWS = frozenset("all order_by reverse select_related prefetch_related only defer using distinct".split())
# Ask for all that they are given.
_LOADERS = frozenset("list tuple set frozenset sorted enumerate zip map filter dict len sum min max any all".split())
_WRITES = known.WRITES | known.ROW_WRITES
_NESTED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
_LEAVES = (ast.Return, ast.Break, ast.Continue)


class Around:
    """A function's tree with the way from each node up."""

    def __init__(self, root: ast.AST) -> None:
        self.root = root
        self._up: dict[int, tuple[ast.AST, str, int]] = {}
        for parent in walk(root):
            for field, child in ast.iter_fields(parent):
                for index, one in enumerate(child if isinstance(child, list) else [child]):
                    if isinstance(one, ast.AST):
                        self._up[id(one)] = (parent, field, index)

    def above(self, node: ast.AST) -> tuple[ast.AST, str, int] | None:
        """The node around, by which of its fields this one hangs there, and where in the list; None for the root."""
        return self._up.get(id(node))

    def way(self, node: ast.AST) -> list[tuple[ast.AST, str, int]]:
        """All that stands around a node, outermost first."""
        found = []
        step = self.above(node)
        while step is not None:
            found.append(step)
            step = self.above(step[0])
        return found[::-1]

    def excludes(self, first: ast.AST, second: ast.AST) -> bool:
        """Whether two places are on branches of which one runs only."""
        for one, other in zip(self.way(first), self.way(second), strict=False):
            if one != other:
                fields = {one[1], other[1]}
                same = one[0] is other[0]
                return same and (fields == {"body", "orelse"} or fields == {"cases"} or fields == {"handlers"})
        return False


def is_needed_besides(
    around: Around, queryset: ast.expr, whole: ast.expr, is_test: Callable[[ast.Compare], bool]
) -> bool:
    """Whether the number is asked for again and used, or one of the rows is taken after the question `whole`."""
    like = _spelled(queryset, _SAME_ROWS)
    inside = {id(part) for part in walk(whole)}
    for node in walk(around.root):
        of = _one_of(node) or _counted(node)
        if of is None or id(node) in inside or _spelled(of, _SAME_ROWS) != like:
            continue
        if _rebound(around, queryset, whole, node) or around.excludes(whole, node):
            continue
        if _counted(node) is not None and not _is_asked(around, node, is_test):
            return True
        if _one_of(node) is not None and _place(node) > _place(whole):
            return True
    return False


def loaded_for_sure(around: Around, queryset: ast.expr, whole: ast.expr, some: bool) -> ast.expr | None:
    """Where all rows are loaded whenever `whole` finds some; `some` is its truth then. None where that is not sure."""
    like = _spelled(queryset, frozenset({"all"}))
    inside = {id(part) for part in walk(whole)}
    found = {
        id(one): one
        for one in _loaded(around.root)
        if id(one) not in inside and _spelled(one, frozenset({"all"})) == like
    }
    return _Path(around, queryset, frozenset(found)).after(whole, some) if found else None


def reaches(around: Around, queryset: ast.Name, whole: ast.expr, use: ast.expr) -> bool:
    """Whether what loads the rows at `use` runs whenever `whole`, an ``exists()``, has found some."""
    return _Path(around, queryset, frozenset({id(use)})).after(whole, True) is not None


class _Path:
    """What runs for sure after a question, until the names of the queryset get another value or rows are written."""

    def __init__(self, around: Around, queryset: ast.expr, loads: frozenset[int]) -> None:
        self._around, self._loads, self._names = around, loads, every_name(queryset)

    def after(self, whole: ast.expr, some: bool) -> ast.expr | None:
        """The first load after the question where it has found rows."""
        truth: bool | None = some
        top = self._around.above(whole)
        while top is not None and not isinstance(top[0], ast.stmt):
            parent, field, index = top
            if isinstance(parent, (ast.Lambda, ast.comprehension)):
                return None
            following: ast.expr | None = None
            if isinstance(parent, ast.IfExp) and field == "test" and truth is not None:
                following = parent.body if truth else parent.orelse
            elif isinstance(parent, ast.BoolOp) and self._goes_on(parent, truth, index):
                following = parent.values[index + 1]
            found = self._in(following) if following is not None else None
            if found is not None:
                return found
            truth = _truth_above(parent, index, truth)
            top = self._around.above(parent)
        return self._behind(top[0], truth, whole) if top is not None else None

    def _goes_on(self, parent: ast.BoolOp, truth: bool | None, index: int) -> bool:
        return truth is isinstance(parent.op, ast.And) and index < len(parent.values) - 1

    def _behind(self, statement: ast.AST, truth: bool | None, whole: ast.expr) -> ast.expr | None:
        """The first load in the statement of the question, or after it."""
        if isinstance(statement, (ast.While, *_NESTED)):
            # What is kept is not asked anew in the next round.
            return None
        if isinstance(statement, ast.If):
            if truth is None:
                return self._beyond(statement) if not self._bars(statement) else None
            run, other = (statement.body, statement.orelse) if truth else (statement.orelse, statement.body)
            found, goes_on = self._first(run)
            if found is not None or not goes_on or (other and not _ends(other)):
                # Where there are none, something happens before the rows are asked for again.
                return found
            return self._beyond(statement)
        for part in walk(statement) if not _is_compound(statement) else ():
            if id(part) in self._loads and isinstance(part, ast.expr) and not self._around.excludes(part, whole):
                return part
        if isinstance(statement, (ast.With, ast.AsyncWith)):
            found, goes_on = self._first(statement.body)
            if found is not None or not goes_on:
                return found
        if isinstance(statement, (*_LEAVES, ast.Raise, ast.For, ast.AsyncFor)) or self._bars(statement):
            return None
        return self._beyond(statement)

    def _beyond(self, statement: ast.AST) -> ast.expr | None:
        """The first load after a statement is through, in its block or in those around."""
        top = self._around.above(statement)
        if top is None or isinstance(statement, _NESTED):
            return None
        parent, field, index = top
        block = getattr(parent, field)
        rest: list[ast.stmt] = block[index + 1 :] if isinstance(statement, ast.stmt) else []
        if isinstance(parent, ast.Try):
            rest = [*rest, *(parent.orelse if field == "body" else []), *parent.finalbody]
        return self._after_block(rest, parent)

    def _after_block(self, rest: Sequence[ast.stmt], parent: ast.AST) -> ast.expr | None:
        found, goes_on = self._first(rest)
        if found is not None or not goes_on:
            return found
        # The next round of a loop has other rows.
        return None if isinstance(parent, (ast.While, ast.For, ast.AsyncFor, *_NESTED)) else self._beyond(parent)

    def _first(self, block: Sequence[ast.stmt]) -> tuple[ast.expr | None, bool]:
        """The first load that statements come to for sure, and whether what follows is reached for sure."""
        for one in block:
            for head in _heads(one):
                found = self._in(head)
                if found is not None:
                    return found, True
            if isinstance(one, ast.If):
                ways = [self._first(one.body)[0], self._first(one.orelse)[0]]
                if None not in ways:
                    return ways[0], True
            elif isinstance(one, (ast.With, ast.AsyncWith, ast.Try)):
                found, goes_on = self._first(one.body)
                if found is not None or not goes_on:
                    return found, goes_on
            if self._bars(one):
                return None, False
        return None, True

    def _in(self, node: ast.expr) -> ast.expr | None:
        return next((one for one in _inner(node) if id(one) in self._loads and isinstance(one, ast.expr)), None)

    def _bars(self, statement: ast.AST) -> bool:
        """Whether what comes after a statement may not be reached, or not with the same rows."""
        if isinstance(statement, ast.Raise):
            return True
        for part in _inner(statement):
            if isinstance(part, _LEAVES) or (isinstance(part, ast.Name) and _is_bound(part, self._names)):
                return True
            if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute) and part.func.attr in _WRITES:
                return True
        return False


def _truth_above(parent: ast.AST, index: int, truth: bool | None) -> bool | None:
    """The truth of what stands around an expression of this truth, None where that is not known."""
    if truth is None:
        return None
    if isinstance(parent, ast.UnaryOp) and isinstance(parent.op, ast.Not):
        return not truth
    if isinstance(parent, ast.BoolOp):
        # One that is false decides `and`, one that is true `or`; the last one decides what the others left open.
        last = index == len(parent.values) - 1
        return truth if last or truth is isinstance(parent.op, ast.Or) else None
    kept = isinstance(parent, ast.NamedExpr) or (isinstance(parent, ast.Call) and dotted(parent.func) == "bool")
    return truth if kept else None


def _is_compound(node: ast.AST) -> bool:
    return isinstance(getattr(node, "body", None), list)


def _heads(node: ast.stmt) -> Iterable[ast.expr]:
    """The expressions of a statement that run whenever it does."""
    if isinstance(node, (ast.For, ast.AsyncFor)):
        return [node.iter]
    if isinstance(node, (ast.With, ast.AsyncWith)):
        return [item.context_expr for item in node.items]
    if isinstance(node, (ast.If, ast.While)):
        return [node.test]
    return [] if _is_compound(node) else [one for one in children(node) if isinstance(one, ast.expr)]


def _ends(block: Sequence[ast.stmt]) -> bool:
    return isinstance(block[-1], (*_LEAVES, ast.Raise))


def _inner(node: ast.AST) -> Iterator[ast.AST]:
    """A node and all below it, in order, nested functions left out."""
    waiting = [node]
    while waiting:
        part = waiting.pop()
        yield part
        waiting.extend(one for one in reversed(children(part)) if not isinstance(one, _NESTED))


def _loaded(root: ast.AST) -> Iterator[ast.expr]:
    """The expressions whose rows, were they querysets, would all be loaded."""
    for node in walk(root):
        if isinstance(node, (ast.For, ast.AsyncFor, ast.comprehension)):
            yield node.iter
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _LOADERS:
            yield from node.args
        elif isinstance(node, ast.Starred):
            yield node.value
        elif isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.In, ast.NotIn)):
            yield node.comparators[0]


def _one_of(node: ast.AST) -> ast.expr | None:
    """The queryset that one row is taken of."""
    if isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Slice):
        return node.value
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        method = known.synchronous(node.func.attr)
        alone = method != "get" or not (node.args or node.keywords)
        return node.func.value if method in known.ROW and alone else None
    return None


def _counted(node: ast.AST) -> ast.expr | None:
    """The queryset that is counted."""
    if not isinstance(node, ast.Call):
        return None
    if isinstance(node.func, ast.Attribute) and known.synchronous(node.func.attr) == "count" and not node.args:
        return node.func.value
    return node.args[0] if dotted(node.func) == "len" and len(node.args) == 1 else None


def _is_asked(around: Around, node: ast.AST, is_test: Callable[[ast.Compare], bool]) -> bool:
    """Whether a number tells no more than whether there are any."""
    above = around.above(node)
    while above is not None and isinstance(above[0], ast.BoolOp):
        above = around.above(above[0])
    if above is None:
        return False
    parent, field, _ = above
    if isinstance(parent, ast.Compare):
        return is_test(parent)
    if isinstance(parent, ast.Call):
        return dotted(parent.func) == "bool"
    return field == "test" or (isinstance(parent, ast.UnaryOp) and isinstance(parent.op, ast.Not))


def _spelled(node: ast.expr, same: frozenset[str]) -> str:
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in same:
        node = node.func.value
    return ast.dump(node)


def _rebound(around: Around, queryset: ast.expr, first: ast.AST, second: ast.AST) -> bool:
    """Whether a name of the queryset gets another value between two places."""
    start, end = sorted([_place(first), _place(second)])
    own = every_name(queryset)
    return any(
        isinstance(part, ast.Name) and _is_bound(part, own) and start < _place(part) < end for part in walk(around.root)
    )


def _is_bound(node: ast.Name, names: frozenset[str]) -> bool:
    return node.id in names and not isinstance(node.ctx, ast.Load)


def _place(node: ast.AST) -> tuple[int, int]:
    return getattr(node, "lineno", 0), getattr(node, "col_offset", 0)
