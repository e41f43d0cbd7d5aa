"""Edits that take a statement out of a loop, where it gives the same in every pass."""

from __future__ import annotations

import ast

from djfa_lint.errors import SourceError
from djfa_lint.sdk.context import Context
from djfa_lint.sdk.finding import Edit
from djfa_lint.source.lines import Lines, Span
from djfa_lint.source.nodes import walk

_Loop = ast.For | ast.AsyncFor


def hoist_edits(ctx: Context, path: str, loop: Span, value: Span) -> tuple[Edit, ...] | None:
    """The edits after which ``name = <value>`` stands before the loop in whose body it stands now.

    `loop` spans the loop's head, `value` the whole right side (an ``await`` around it aside). None where it is not a
    statement of its own right in the loop's body, or where the loop gives the name another value too.
    """
    try:
        lines, module = ctx.bodies.source(path).lines, ctx.bodies.module(path)
    except SourceError:
        return None
    node = next((one for one in walk(module) if isinstance(one, _Loop) and one.lineno == loop.line), None)
    if node is None or node.orelse:
        return None
    statement = next((one for one in node.body if _assigns(one, value, lines)), None)
    if not isinstance(statement, ast.Assign) or not _is_free(node, statement, lines):
        return None
    first, last = statement.lineno, statement.end_lineno or statement.lineno
    moved = _dedented(lines.raw(first, last), statement.col_offset - node.col_offset)
    if moved is None:
        return None
    taken = Edit(path, Span(first, 1, last + 1, 1), "")
    return Edit(path, Span(node.lineno, 1, node.lineno, 1), moved), taken


def _assigns(statement: ast.stmt, value: Span, lines: Lines) -> bool:
    if not isinstance(statement, ast.Assign):
        return False
    right = statement.value.value if isinstance(statement.value, ast.Await) else statement.value
    return lines.span_of(right) == value


def _is_free(loop: _Loop, statement: ast.Assign, lines: Lines) -> bool:
    """Whether a statement can be taken out: it is alone on its lines and in its name, and others are left."""
    target = statement.targets[0]
    if len(statement.targets) != 1 or not isinstance(target, ast.Name) or len(loop.body) < 2:
        return False
    same = [one for one in walk(loop) if isinstance(one, ast.Name) and one.id == target.id]
    stored = [one for one in same if not isinstance(one.ctx, ast.Load)]
    # What reads it before it is set reads what was there before the loop.
    early = any(one.lineno < statement.lineno for one in same)
    alone = all(
        (one.end_lineno or 0) < statement.lineno or one.lineno > (statement.end_lineno or 0)
        for one in loop.body
        if one is not statement
    )
    span = lines.span_of(statement)
    text = lines.line(span.line)[: span.column - 1] + lines.line(span.end_line)[span.end_column - 1 :]
    return alone and len(stored) == 1 and not early and not text.strip().startswith(";")


def _dedented(text: str, width: int) -> str | None:
    """Lines moved to the left; None where one of them does not stand that far in, as in a long string."""
    moved = []
    for line in text.splitlines(keepends=True):
        if line.strip() and line[:width].strip():
            return None
        moved.append(line[width:] if line.strip() else line)
    return "".join(moved)
