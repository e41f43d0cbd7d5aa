"""Cut whole lines out of a text so that they parse alone and every line keeps its number and its columns.

An indented definition is put under ``if True:``, so its raw lines, tabs and multi-line strings included, stay as
they are. Definitions inside that are judged on their own are replaced by one odd name and empty lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from djfa_lint.source.lines import Lines

# Stands where a definition was cut out; the walk passes over it.
HOLE = "_djfa_lint_hole_"


class Slice(NamedTuple):
    """Text to parse; its line n is line n + `shift` of the file, its columns are the file's."""

    text: str
    shift: int
    indented: bool


def cut(lines: Lines, start: int, end: int, indented: bool, holes: Sequence[tuple[int, int]] = ()) -> Slice:
    """The lines `start` to `end` (1-based, both included) less the `holes`, as text that parses alone."""
    text = lines.raw(start, end) if not holes else _with_holes(lines, start, end, holes)
    if indented:
        return Slice("if True:\n" + text, start - 2, True)
    return Slice(text, start - 1, False)


def _with_holes(lines: Lines, start: int, end: int, holes: Sequence[tuple[int, int]]) -> str:
    parts: list[str] = []
    at = start
    for first, last in sorted(holes):
        parts.append(lines.raw(at, first - 1) if first > at else "")
        head = lines.line(first)
        parts.append(head[: len(head) - len(head.lstrip())] + HOLE + "\n" + "\n" * (last - first))
        at = last + 1
    if at <= end:
        parts.append(lines.raw(at, end))
    return "".join(parts)
