"""Moving a parameter's default into the function: `None`, and a guard as the first statement."""

from __future__ import annotations

import libcst as cst

from djfa_lint.sdk.context import Context
from djfa_lint.sdk.finding import Edit


def none_and_guard(function: cst.FunctionDef | cst.Lambda, param: cst.Param, ctx: Context) -> tuple[Edit, ...]:
    """The edits that default `param` to None and compute its value inside; none where that cannot be done well.

    Not for a lambda or a body on the ``def`` line, nor where the annotation admits None already: None may then be a
    value of its own, which the guard would take for "not given".
    """
    if param.default is None or not isinstance(function, cst.FunctionDef):
        return ()
    first = _first_after_docstring(function.body)
    if first is None or _admits_none(param, ctx):
        return ()
    line, indent = _start(first, ctx)
    if indent.strip():
        return ()
    name, value = param.name.value, ctx.code(param.default)
    step = indent.removeprefix(_indent_of(ctx.lines.line(ctx.span(function).line))) or "    "
    guard = (f"if {name} is None:", f"{step}{name} = {_moved(value, param, indent + step, ctx)}")
    text = "".join(f"{indent}{one}{ctx.newline}" for one in guard)
    return (ctx.replace(param.default, "None"), ctx.insert(line, 1, text), *_optional(param, ctx))


def _start(statement: cst.CSTNode, ctx: Context) -> tuple[int, str]:
    """The line a statement begins on, its decorators included, and what stands before it."""
    decorators = getattr(statement, "decorators", ())
    span = ctx.span(decorators[0] if decorators else statement)
    return span.line, ctx.lines.line(span.line)[: span.column - 1]


def _indent_of(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _moved(value: str, param: cst.Param, indent: str, ctx: Context) -> str:
    """A default over several lines with the indentation of where it is put; as it is where a string spans lines."""
    lines = value.splitlines(keepends=True)
    before = _indent_of(ctx.lines.line(ctx.span(param).line))
    movable = all(line.startswith(before) or not line.strip() for line in lines[1:])
    if not movable or '"""' in value or "'''" in value:
        return value
    return "".join([lines[0], *(indent + line[len(before) :] if line.strip() else line for line in lines[1:])])


def _first_after_docstring(body: cst.BaseSuite) -> cst.CSTNode | None:
    """The first statement after a docstring; None for a body on the ``def`` line or one that is all docstring."""
    if not isinstance(body, cst.IndentedBlock):
        return None
    statements = list(body.body)
    return next((one for one in statements if one is not statements[0] or not _is_string(one)), None)


def _is_string(statement: cst.CSTNode) -> bool:
    only = statement.body[0] if isinstance(statement, cst.SimpleStatementLine) else None
    return isinstance(only, cst.Expr) and isinstance(only.value, (cst.SimpleString, cst.ConcatenatedString))


def _admits_none(param: cst.Param, ctx: Context) -> bool:
    text = ctx.code(param.annotation.annotation) if param.annotation is not None else ""
    return "None" in text or "Optional" in text


def _optional(param: cst.Param, ctx: Context) -> list[Edit]:
    """`` | None`` after the annotation, unless it is a string."""
    if param.annotation is None or isinstance(param.annotation.annotation, cst.SimpleString):
        return []
    end = ctx.span(param.annotation.annotation)
    return [ctx.insert(end.end_line, end.end_column, " | None")]
