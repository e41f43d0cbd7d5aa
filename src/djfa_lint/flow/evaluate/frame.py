"""One body being evaluated: what its names hold, the loops around the place at hand, what has happened so far."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from djfa_lint.facts.records import Import
from djfa_lint.flow.evaluate.asking import Evaluating
from djfa_lint.flow.evaluate.effects import Effect, Query, Read, Stall
from djfa_lint.flow.evaluate.merging import join
from djfa_lint.flow.evaluate.querysets import Given
from djfa_lint.flow.evaluate.values import NOTHING, Closure, Const, Row, Site, Value
from djfa_lint.project.definition import Definition
from djfa_lint.project.names import Known
from djfa_lint.source.nodes import every_name, walk

# Lookups that compare with more than a key: no one query answers for all of them.
RANGES = frozenset(
    "contains icontains startswith istartswith endswith iendswith regex iregex gt gte lt lte range search overlap "
    "year month day date trigram_similar iexact".split()
)


@dataclass(frozen=True, eq=False)
class Loop:
    """A loop around the place at hand; `names` are those that get another value with each iteration.

    `branches` is how many conditions stand around it, `trying` how many ``try``.
    """

    site: Site
    names: frozenset[str]
    branches: int = 0
    trying: int = 0
    # The line on which the statement begins that is being evaluated.
    statement: int = 0


@dataclass(eq=False)
class Frame:
    """A body, or a module's statement, being evaluated.

    `evaluate`, `run` and `calls` are those of expressions, statements and calls, for what stands below them.
    `shift` makes a node's line one of the file. `owner` is the class whose method it is, `bound` its ``self``.
    `guards` counts the conditions around that let the rest run once a key or once at all, `lasting` those whose key is
    kept when the body is left. `branches` counts the conditions around, `walking` the ``while``, `trying` the ``try``.
    `params` are the names of what is handed in, `root` is the node of the body's function, whose definition is
    `definition`.
    """

    evaluator: Evaluating
    evaluate: Callable[[Frame, ast.expr], Value]
    run: Callable[[Frame, Sequence[ast.stmt]], bool]
    calls: Callable[[Frame, Value, Given, ast.expr], Value]
    path: str
    shift: int
    imports: Mapping[str, Import] = field(default_factory=dict)
    owner: Known | None = None
    bound: Value = None
    env: dict[str, Value] = field(default_factory=dict)
    loops: list[Loop] = field(default_factory=list)
    guards: int = 0
    lasting: int = 0
    branches: int = 0
    params: frozenset[str] = frozenset()
    root: ast.AST | None = None
    definition: Definition | None = None
    walking: int = 0
    # Rounds over things that are known one by one: what is made there is made of several models.
    several: int = 0
    # How many loops stand around blocks that end by leaving the innermost of them: what is in there happens once.
    leaving: list[int] = field(default_factory=list)
    # How many loops stood around the nested function being evaluated: a `return` in it leaves none of them.
    base: int = 0
    trying: int = 0
    # The line on which the statement begins that is being evaluated.
    statement: int = 0
    # Blocks around that say what went wrong, and ``raise``: what they read is not what a loop costs.
    failing: int = 0
    effects: dict[object, Effect] = field(default_factory=dict)
    returned: Value = NOTHING
    yielded: Value = NOTHING
    depth: int = 0
    # Querysets by name that `exists()` was asked of, with where.
    asked: dict[str, Site] = field(default_factory=dict)
    # For `order.customer.pk`: the text that needs no query and what it would replace, by the node of `order.customer`.
    key: dict[int, tuple[str, Site]] = field(default_factory=dict)
    # The nested functions being evaluated, one inside the other.
    running: list[ast.AST] = field(default_factory=list)
    # What each call or read that is being evaluated names, outermost first.
    within: list[ast.expr] = field(default_factory=list)
    # Calls around that run in a thread, and ``async for``: what is asked there holds no event loop up.
    threads: int = 0
    awaiting: int = 0
    # Whether `request.user` has been asked for something: it is fetched once.
    user_fetched: bool = False
    # The relations and columns of single rows that have been read, by what made the row.
    loaded: set[object] = field(default_factory=set)
    # Which task group has been handed which session.
    sharing: set[tuple[str, str]] = field(default_factory=set)
    # The coroutines defined inside the body, with the names they see.
    nested: list[Closure] = field(default_factory=list)

    @property
    def level(self) -> int:
        """How many loops stand around."""
        return len(self.loops)

    def value(self, node: ast.expr) -> Value:
        """What an expression holds; None where that cannot be traced."""
        return self.evaluate(self, node)

    def quietly(self, node: ast.expr) -> Value:
        """What an expression holds, noting nothing of what it does."""
        return self.silently(lambda: self.evaluate(self, node))

    def silently(self, work: Callable[[], Value]) -> Value:
        """What some work gives; what it does is not noted."""
        return self.apart(work)[0]

    def apart(self, work: Callable[[], Value]) -> tuple[Value, list[Effect]]:
        """What some work gives, and what it does, which is left to the caller to note."""
        noted, self.effects = self.effects, {}
        try:
            value = work()
            return value, list(self.effects.values())
        finally:
            self.effects = noted

    def apply(self, func: Value, given: Given, node: ast.expr) -> Value:
        """What calling a value gives; `node` is where."""
        return self.calls(self, func, given, node)

    def site(self, node: ast.expr | ast.stmt | ast.keyword | ast.comprehension) -> Site:
        """Where a node stands."""
        if isinstance(node, ast.comprehension):
            start, end = self.site(node.target), self.site(node.iter)
            return Site(self.path, start.line, start.column, end.end_line, end.end_column)
        end_line = node.end_lineno or node.lineno
        end_column = node.end_col_offset or node.col_offset
        return Site(self.path, node.lineno + self.shift, node.col_offset, end_line + self.shift, end_column)

    def varies(self) -> bool:
        """Whether what is asked here depends on what the innermost loop binds; True where that cannot be told."""
        if not self.loops or not self.loops[-1].names or not self.within:
            return True
        return bool(self.evaluator.memo(every_name, self.within[-1]) & self.loops[-1].names)

    def keys(self) -> bool:
        """Whether one query could answer for all iterations: it asks for keys, not for ranges."""
        if not self.within:
            return True
        for part in walk(self.within[-1]):
            if isinstance(part, ast.keyword) and part.arg and part.arg.rpartition("__")[2] in RANGES:
                return False
        return True

    def is_own(self, call: ast.Call, row: Row) -> bool:
        """Whether what is asked of a row's relation depends on the row by more than the relation.

        In a loop it does where an argument names what a loop binds; in a body that is handed the row, where it names
        anything of the body's own but a constant.
        """
        bound = {name for loop in self.loops for name in loop.names}
        if row.made is not None and row.made.given >= 0:
            bound.update(name for name, value in self.env.items() if not isinstance(value, Const))
        arguments = (*call.args, *(one.value for one in call.keywords))
        return any(self.evaluator.memo(every_name, one) & bound for one in arguments)

    @contextmanager
    def looping(self, site: Site | None, names: Iterable[str] = ()) -> Iterator[None]:
        """While the body of a loop is evaluated; one that is not worth counting has no site."""
        if site is None:
            yield
            return
        self.loops.append(Loop(site, frozenset(names), self.branches, self.trying))
        try:
            yield
        finally:
            self.loops.pop()

    @contextmanager
    def elsewhere(self) -> Iterator[None]:
        """While code is evaluated that holds no event loop up: it runs in a thread, or a coroutine asks."""
        self.threads += 1
        try:
            yield
        finally:
            self.threads -= 1

    def callee(self, node: ast.expr) -> Site:
        """Where what a call names stands; any other expression as a whole."""
        return self.site(node.func if isinstance(node, ast.Call) else node)

    def note(self, effect: Effect) -> None:
        """Note an effect; the same one at the same place counts once."""
        if isinstance(effect, Stall):
            self._note_stall(effect)
            return
        if self.leaving and self.leaving[-1] == self.level and isinstance(effect, (Read, Query)):
            effect = replace(effect, loop=None) if self._is_of_innermost(effect) else effect
        if isinstance(effect, Read):
            if self.failing or (effect.loop is None and (effect.made is None or effect.made.given < 0)):
                return
            # A query of its own that is asked once a key; the related row, or a column, is asked of each.
            if effect.operation and not effect.column and (self.lasting or self.guards):
                return
            key: object = (effect.site, effect.path, effect.loop, effect.made, effect.column, effect.operation)
        elif isinstance(effect, Query):
            # What is written under `try` may fail for one and must not undo the others.
            if effect.writes and effect.loop is not None and not effect.calls and self._tries():
                return
            if self.lasting or (effect.loop is not None and self.guards):
                return
            effect = replace(effect, statement=effect.statement or self.statement)
            key = (effect.site, effect.model, effect.operation, effect.loop, effect.given, effect.calls[:1])
        else:
            key = (effect.site, type(effect), getattr(effect, "kind", getattr(effect, "session", "")))
        self.effects.setdefault(key, effect)

    def _note_stall(self, stall: Stall) -> None:
        """Of what one place makes a loop wait for, one of each family is told."""
        # What fills a cache that outlives the call is waited for once, what goes wrong seldom.
        if self.threads or self.lasting or self.failing or not self.evaluator.stalling:
            return
        key = (Stall, stall.family, (*stall.calls, stall.site)[0])
        known = self.effects.get(key)
        if not isinstance(known, Stall) or stall.strength < known.strength:
            self.effects[key] = stall

    def _tries(self) -> bool:
        return bool(self.loops) and self.trying > self.loops[-1].trying

    def _is_of_innermost(self, effect: Read | Query) -> bool:
        return bool(self.loops) and effect.loop == self.loops[-1].site

    def given_constants(self, test: ast.expr) -> bool:
        """Whether a condition is about what this body was called with, and nothing has changed that."""
        names = self.evaluator.memo(every_name, test)
        return bool(names) and names <= self.params

    def outlives(self, name: str) -> bool:
        """Whether what a name holds is there when the body is called again."""
        root = name.partition(".")[0]
        return root in self.params or root not in self.env

    def loads(self, name: str) -> int:
        """How often the function around reads a name."""
        if self.root is None:
            return 0
        return self.evaluator.memo(_read_names, self.root)[name]

    def bind(self, name: str, value: Value) -> None:
        """Let a name, or a dotted one such as ``self.orders``, hold a value; what hung on the old one is forgotten."""
        prefix = name + "."
        self.asked.pop(name, None)
        for other in [one for one in self.env if one.startswith(prefix)]:
            del self.env[other]
        self.env[name] = value

    def is_within(self, node: ast.AST, other: ast.AST) -> bool:
        """Whether a node stands inside another one."""
        return any(part is node for part in walk(other))

    def forget_loop(self, loop: Site) -> None:
        """After a loop its variables hold one row."""
        for name, value in self.env.items():
            if isinstance(value, Row) and value.loop == loop:
                self.env[name] = value._replace(loop=None)


def _read_names(root: ast.AST) -> Counter[str]:
    """How often a function reads each name."""
    found = (part for part in walk(root) if isinstance(part, ast.Name))
    return Counter(part.id for part in found if not isinstance(part.ctx, ast.Store))


def merged(first: dict[str, Value], second: dict[str, Value]) -> dict[str, Value]:
    """What names hold where two paths meet; a name that only one of them binds holds that."""
    both = dict(first)
    for name, value in second.items():
        both[name] = join(both[name], value) if name in both else value
    return both
