"""Lines, offsets and columns of one text: the only place that converts between them.

Everything the linter says about a place is 1-based lines and 1-based columns in code points, ends exclusive.
`ast` counts columns in UTF-8 bytes from 0; libcst counts characters from 0; both are converted here.
"""

from __future__ import annotations

import ast
import re
from bisect import bisect_right
from functools import cached_property
from typing import NamedTuple

# What Python's tokeniser takes as the end of a line. Never str.splitlines: it also splits at form feeds.
_NEWLINE = re.compile(r"\r\n|\r|\n")


class Span(NamedTuple):
    """A stretch of text: 1-based lines, 1-based columns in code points, the end exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


class Lines:
    """The line table of one text; made once a file, its parts worked out when first asked for."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def starts(self) -> list[int]:
        """Offsets (0-based, code points) at which the lines begin; the last one may be an empty line."""
        return [0, *(match.end() for match in _NEWLINE.finditer(self.text))]

    @property
    def count(self) -> int:
        """How many lines there are, an empty one after a last newline not counted."""
        starts = self.starts
        return len(starts) - 1 if len(starts) > 1 and starts[-1] == len(self.text) else len(starts)

    def raw(self, first: int, last: int) -> str:
        """The text of the lines `first` to `last` (1-based, both included) with their line ends."""
        starts = self.starts
        end = starts[last] if last < len(starts) else len(self.text)
        return self.text[starts[first - 1] : end]

    def line(self, number: int) -> str:
        """The text of one line (1-based) without its line end; empty past the last line."""
        if number > len(self.starts):
            return ""
        return self.raw(number, number).rstrip("\r\n")

    def offset(self, line: int, column: int) -> int:
        """The 0-based offset of a 1-based line and column; a place past the text is the text's end."""
        if line > len(self.starts):
            return len(self.text)
        return min(self.starts[line - 1] + column - 1, len(self.text))

    def position(self, offset: int) -> tuple[int, int]:
        """The 1-based line and column of a 0-based offset."""
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1

    def column(self, line: int, byte_column: int) -> int:
        """The 1-based column in code points for a 0-based one in UTF-8 bytes, as `ast` gives it."""
        text = self.line(line)
        if text.isascii():
            return byte_column + 1
        return len(text.encode("utf-8", "surrogatepass")[:byte_column].decode("utf-8", "replace")) + 1

    def between(self, start: int, end: int) -> Span:
        """The span between two 0-based offsets."""
        return Span(*self.position(start), *self.position(end))

    def text_of(self, span: Span) -> str:
        """The text a span covers."""
        return self.text[self.offset(span.line, span.column) : self.offset(span.end_line, span.end_column)]

    def span_of(self, node: ast.expr | ast.stmt | ast.alias, shift: int = 0) -> Span:
        """The span of an `ast` node whose tree was parsed from a slice that begins `shift` lines further down."""
        line, end_line = node.lineno + shift, (node.end_lineno or node.lineno) + shift
        end_byte = node.end_col_offset if node.end_col_offset is not None else node.col_offset
        return Span(line, self.column(line, node.col_offset), end_line, self.column(end_line, end_byte))
