"""One expression of any file of the project: its nodes by their place in the text, and edits in the style around."""

from __future__ import annotations

import re
from functools import cached_property

import libcst as cst

from djfa_lint.errors import SourceError
from djfa_lint.sdk.context import Context
from djfa_lint.sdk.finding import Edit
from djfa_lint.source.cst import MAX_DEPTH, Tree, parse_file, walk
from djfa_lint.source.lines import Lines, Span

_REST_OF_ARGUMENT = re.compile(r"([ \t]*,)?([ \t]*(?:#[^\r\n]*)?)(?=[\r\n])")
_COMMENT = re.compile(r"[ \t]*#[^\r\n]*")


class Expression:
    """The expression that a span covers; places in it are offsets (0-based) into its file's text."""

    def __init__(self, path: str, lines: Lines, newline: str, span: Span, tree: Tree, node: cst.BaseExpression) -> None:
        """`tree` is that of the text in parentheses, `node` what is in them."""
        self.node = node
        self._path, self._lines, self._newline, self._tree = path, lines, newline, tree
        self._text = lines.text
        self._start = lines.offset(span.line, span.column)
        self._own = Lines(f"({lines.text_of(span)})")

    def place(self, node: cst.CSTNode) -> tuple[int, int]:
        """Where a node begins and ends, its parentheses included."""
        place = self._tree.place(node)
        span = place.outer if getattr(node, "lpar", None) and node is not self.node else place.inner
        shift = self._start - 1
        return shift + self._own.offset(*span[:2]), shift + self._own.offset(*span[2:])

    def dot(self, node: cst.Attribute) -> int:
        """Where the dot of an attribute stands."""
        return self.place(node.dot.whitespace_before)[1]

    @cached_property
    def quote(self) -> str:
        """The quotes that the expression's own texts have, double ones where it has none."""
        quotes = [one.quote for one in walk(self.node) if isinstance(one, cst.SimpleString) and len(one.quote) == 1]
        return quotes[0] if quotes else '"'

    def edit(self, start: int, end: int, content: str) -> Edit:
        """An edit that puts `content` between two offsets."""
        return Edit(self._path, self._lines.between(start, end), content)

    def added(self, node: cst.BaseExpression, follower: cst.Attribute | None, call: str) -> Edit:
        """An edit that puts `call` behind a node; `follower` is what is read from the node already.

        It has a line of its own where the calls around it have. The edit is never an insertion: two of those at one
        place would both be made, as two calls.
        """
        end = self.place(node)[1]
        own = self._before_line(node.func if isinstance(node, cst.Call) else node)
        next_own = self._before_line(follower) if follower is not None else ""
        if follower is not None and next_own:
            dot = self.dot(follower)
            return self.edit(dot, dot + 1, f"{call}{next_own}.")
        comment = _COMMENT.match(self._text, end) if own and "\\" not in own else None
        last = comment.end() if comment is not None else end
        return self.edit(end - 1, last, f"{self._text[end - 1 : last]}{own}{call}")

    def _before_line(self, node: cst.CSTNode) -> str:
        """What ends the line before an attribute's dot and indents its own; "" where it has no line of its own."""
        if not isinstance(node, cst.Attribute):
            return ""
        dot = self.dot(node)
        line, column = self._lines.position(dot)
        before = self._text[dot - column + 1 : dot]
        if before.strip() or dot - column < self._start:
            return ""
        joined = " \\" if self._lines.line(line - 1).endswith("\\") else ""
        return f"{joined}{self._newline}{before}"

    def appended(self, call: cst.Call, text: str) -> Edit:
        """An edit that adds a text to a call's arguments, of which it has one at least."""
        last = call.args[-1]
        start, end = self.place(last)
        literal = f"{self._quote_in(call)}{text}{self._quote_in(call)}"
        column = self._lines.position(start)[1]
        indent, char = self._text[start - column + 1 : start], self._text[end - 1]
        if indent.strip() or start - column < self._start:
            return self.edit(end - 1, end, f"{char}, {literal}")
        rest = _REST_OF_ARGUMENT.match(self._text, end)
        if rest is None:
            return self.edit(end - 1, end, f"{char},{self._newline}{indent}{literal}")
        comma = "," if rest[1] else ""
        return self.edit(end - 1, rest.end(), f"{char},{rest[2]}{self._newline}{indent}{literal}{comma}")

    def _quote_in(self, call: cst.Call) -> str:
        """The quotes of a call's last literal argument."""
        literals = [one for arg in call.args if (one := literal_of(arg.value)) is not None and len(one.quote) == 1]
        return literals[-1].quote if literals else self.quote

    def without_argument(self, call: cst.Call, index: int) -> Edit | None:
        """An edit that takes away an argument of several; None where a comment would go with it."""
        start, end = self.place(call.args[index])
        if index + 1 < len(call.args):
            end = self.place(call.args[index + 1])[0]
        else:
            start = self.place(call.args[index - 1])[1]
        return self._removal(start, end)

    def without_call(self, func: cst.Attribute, call: cst.Call) -> Edit | None:
        """An edit that takes a method call off what it is called on; None where a comment would go with it."""
        return self._removal(self.place(func.value)[1], self.place(call)[1])

    def _removal(self, start: int, end: int) -> Edit | None:
        return self.edit(start, end, "") if "#" not in self._text[start:end] else None


def opened(ctx: Context, path: str, span: Span) -> Expression | None:
    """The expression at a place of any file; None where the text there cannot be read as one."""
    if path not in ctx.project.files or _is_deep(ctx, path, span):
        return None
    lines, newline = ctx.lines, ctx.newline
    if path != ctx.path:
        try:
            source = ctx.bodies.source(path)
        except SourceError:
            return None
        lines, newline = source.lines, source.newline
    # Without the parentheses it could not go over lines.
    tree = parse_file(f"({lines.text_of(span)})")
    body = tree.module.body if tree is not None else ()
    line = body[0] if len(body) == 1 else None
    only = line.body[0] if isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1 else None
    if tree is None or not isinstance(only, cst.Expr):
        return None
    return Expression(path, lines, newline, span, tree, only.value)


def _is_deep(ctx: Context, path: str, span: Span) -> bool:
    """Whether the place is in a unit that libcst cannot be given."""
    units = ctx.project.files[path].units
    return any(one.start <= span.line <= one.end and one.depth > MAX_DEPTH for one in units)


def literal_of(node: cst.BaseExpression) -> cst.SimpleString | None:
    """The node itself where it is a text written out in one piece."""
    return node if isinstance(node, cst.SimpleString) and isinstance(node.evaluated_value, str) else None
