"""libcst for one slice: parsing with guards, walking without visitors, positions only when asked for.

`libcst.matchers`, `MetadataWrapper` and visitor classes are left out on purpose: the first costs more to import than
libcst itself, the others walk the whole tree once more for each question.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Any, NamedTuple

import libcst as cst
from libcst._nodes.internal import CodegenState

from djfa_lint.source.lines import Lines, Span
from djfa_lint.source.recursion import room_to_recurse
from djfa_lint.source.slices import HOLE, Slice

# Past this nesting libcst turns slow or ends the process; measured on chains of operators and attributes.
MAX_DEPTH = 200
# Writing a tree out takes about six Python frames a level of libcst, which has about three levels to one of `ast`.
_RECURSION_LIMIT = 6 * 3 * MAX_DEPTH + 2000

_SKIPPED_FIELDS = frozenset(
    [
        "lpar",
        "rpar",
        "lbracket",
        "rbracket",
        "lbrace",
        "rbrace",
        "comma",
        "equal",
        "dot",
        "semicolon",
        "header",
        "footer",
        "leading_lines",
        "lines_after_decorators",
        "trailing_whitespace",
        "asynchronous",
        "operator",
        "star",
        "colon",
        "indicator",
    ]
)


class Place(NamedTuple):
    """Where a node stands: `outer` with the whitespace it owns, `inner` without; 1-based, end exclusive."""

    outer: Span
    inner: Span


class Tree:
    """A parsed slice, or a whole file."""

    def __init__(self, module: cst.Module, shift: int, moved: Mapping[int, int], indented: bool = False) -> None:
        """`shift` is added to the module's lines; `moved` are the columns lost at the start of some of its lines."""
        self.module = module
        self.shift = shift
        self._moved = moved
        self._indented = indented
        self._starts: dict[cst.CSTNode, Span] = {}

    @property
    def root(self) -> cst.CSTNode:
        """The node under which everything is the file's own: without the ``if True:`` of an indented slice."""
        first = self.module.body[0] if self._indented else None
        return first.body.body[0] if isinstance(first, cst.If) else self.module

    @property
    def own(self) -> cst.CSTNode:
        """The statement that the tree of a unit is."""
        root = self.root
        return root.body[0] if isinstance(root, cst.Module) else root

    @cached_property
    def _places(self) -> dict[cst.CSTNode, Place]:
        return self._written(self.module)

    @cached_property
    def _head(self) -> dict[cst.CSTNode, Place]:
        """The places in the head of the function that the tree is: what most fixes of a signature ask about."""
        function = self.own
        if not isinstance(function, cst.FunctionDef) or not isinstance(function.body, cst.IndentedBlock):
            return {}
        block = function.body.with_changes(body=(), footer=())
        bare = function.with_changes(body=block)
        module = self.module.with_changes(body=[bare])
        if self._indented:
            outer = self.module.body[0]
            assert isinstance(outer, cst.If)
            module = self.module.with_changes(body=[outer.with_changes(body=outer.body.with_changes(body=[bare]))])
        places = self._written(module)
        # Where they begin is told by the head; where they end is not.
        self._starts = {function: places[bare].inner, function.body: places[block].outer}
        return places

    def _written(self, module: cst.Module) -> dict[cst.CSTNode, Place]:
        state = _Positions(module.default_indent, module.default_newline, self.shift, self._moved)
        with room_to_recurse(_RECURSION_LIMIT):
            module._codegen(state)
        return state.places

    def place(self, node: cst.CSTNode) -> Place:
        """Where a node of this tree stands in the file; worked out at the first question, for the whole tree or, where
        that suffices, for the head of its function."""
        if "_places" not in self.__dict__:
            found = self._head.get(node)
            if found is not None:
                return found
        return self._places[node]

    def header(self, node: cst.BaseCompoundStatement | cst.ExceptHandler) -> Span:
        """The head of a compound statement: from its keyword to its colon."""
        if "_places" not in self.__dict__ and self._head and node in self._starts:
            start, end = self._starts[node], self._starts[node.body]
        else:
            start, end = self.place(node).inner, self.place(node.body).outer
        return Span(start.line, start.column, end.line, end.column)


def parse_slice(part: Slice) -> Tree | None:
    """The tree of a slice, or None where it does not parse to exactly one statement.

    None is the guard for units whose lines do not hold the whole of them: a decorator's ``@(`` on a line above its
    expression, a line continued by a backslash.
    """
    text, moved = _without_form_feeds(part.text)
    try:
        module = cst.parse_module(text)
    except cst.ParserSyntaxError:
        return None
    count = len(module.body)
    if part.indented:
        first = module.body[0] if count == 1 else None
        count = len(first.body.body) if isinstance(first, cst.If) else 0
    return Tree(module, part.shift, moved, indented=part.indented) if count == 1 else None


def parse_file(text: str) -> Tree | None:
    """The tree of a whole file, or None where libcst cannot read what `ast` could."""
    text, moved = _without_form_feeds(text)
    try:
        return Tree(cst.parse_module(text), 0, moved)
    except cst.ParserSyntaxError:
        return None


def _without_form_feeds(text: str) -> tuple[str, dict[int, int]]:
    """The text less form feeds at the start of lines, and how many each line (1-based) has lost.

    They mean nothing to Python; libcst drops some of them and keeps others.
    """
    if "\f" not in text:
        return text, {}
    lines = Lines(text)
    lost = {
        number: len(raw) - len(raw.lstrip("\f"))
        for number in range(1, lines.count + 1)
        if (raw := lines.raw(number, number)).startswith("\f")
    }
    kept = [lines.raw(number, number).lstrip("\f") for number in range(1, lines.count + 1)]
    return "".join(kept), lost


_NOT_NODES = frozenset((type(None), str, bool, int, cst.MaybeSentinel))
_CHILD_FIELDS: dict[type, tuple[str, ...]] = {}


def child_fields(node_type: type[cst.CSTNode]) -> tuple[str, ...]:
    """The fields of a node type worth walking into: neither whitespace nor punctuation."""
    fields = _CHILD_FIELDS.get(node_type)
    if fields is None:
        fields = _CHILD_FIELDS[node_type] = tuple(
            field.name
            for field in dataclasses.fields(node_type)
            if field.name not in _SKIPPED_FIELDS and "whitespace" not in field.name
        )
    return fields


def children(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The child nodes that carry meaning, in field order; what stands for a definition that was cut out has none."""
    for name in child_fields(type(node)):
        value: Any = getattr(node, name)
        cls = value.__class__
        # By class, not isinstance: CSTNode is an abstract base, and asking it costs more than the rest of the walk.
        if cls is tuple or cls is list:
            yield from value if name != "body" else (one for one in value if not is_hole(one))
        elif cls not in _NOT_NODES:
            yield value


def is_hole(node: cst.CSTNode) -> bool:
    """Whether a statement only stands where a definition was cut out of a slice."""
    if not isinstance(node, cst.SimpleStatementLine) or len(node.body) != 1:
        return False
    only = node.body[0]
    return isinstance(only, cst.Expr) and isinstance(only.value, cst.Name) and only.value.value == HOLE


def walk(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The node and every node below it that carries meaning, parents first."""
    stack = [node]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(list(children(node))))


class _Positions(CodegenState):
    """Writes a tree out as libcst does and notes at which line and column each node begins and ends."""

    def __init__(self, default_indent: str, default_newline: str, shift: int, moved: Mapping[int, int]) -> None:
        super().__init__(default_indent, default_newline)
        self.shift, self.moved = shift, moved
        self.line, self.column = 1 + shift, 1 + moved.get(1, 0)
        self.stack: list[tuple[int, int]] = []
        self.inner: dict[cst.CSTNode, Span] = {}
        self.places: dict[cst.CSTNode, Place] = {}

    def add_indent_tokens(self) -> None:
        for token in self.indent_tokens:
            self.add_token(token)

    def add_token(self, value: str) -> None:
        newlines = value.count("\n") + value.count("\r") - value.count("\r\n")
        if newlines:
            self.line += newlines
            lost = self.moved.get(self.line - self.shift, 0)
            self.column = len(value) - max(value.rfind("\n"), value.rfind("\r")) + lost
        else:
            self.column += len(value)

    def pop_trailing_newline(self) -> None:
        """Nothing was kept, so there is nothing to take back."""

    def before_codegen(self, node: cst.CSTNode) -> None:
        self.stack.append((self.line, self.column))

    def after_codegen(self, node: cst.CSTNode) -> None:
        outer = Span(*self.stack.pop(), self.line, self.column)
        self.places[node] = Place(outer, self.inner.get(node, outer))

    @contextmanager
    def record_syntactic_position(
        self, node: cst.CSTNode, *, start_node: cst.CSTNode | None = None, end_node: cst.CSTNode | None = None
    ) -> Iterator[None]:
        """Called by libcst's nodes around the part of them that is not whitespace."""
        start = (self.line, self.column)
        yield
        end = (self.line, self.column)
        if start_node is not None:
            start = self.places[start_node].inner[:2]
        if end_node is not None:
            end = self.places[end_node].inner[2:]
        self.inner[node] = Span(*start, *end)


def nodes(root: cst.CSTNode) -> Iterator[tuple[cst.CSTNode, list[cst.CSTNode]]]:
    """Every node that carries meaning, parents first, with the nodes around it, outermost first."""
    stack: list[tuple[cst.CSTNode, list[cst.CSTNode]]] = [(root, [])]
    while stack:
        node, ancestors = stack.pop()
        yield node, ancestors
        inside = [*ancestors, node]
        stack.extend((child, inside) for child in reversed(list(children(node))))
