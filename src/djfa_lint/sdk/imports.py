"""Adding an import: which name the file already has for a module, or where a new import goes."""

from __future__ import annotations

import ast
from typing import NamedTuple

from djfa_lint.facts.records import Binding
from djfa_lint.project.project import Project
from djfa_lint.sdk.finding import Edit
from djfa_lint.source.lines import Lines, Span
from djfa_lint.source.parse import parse_python


class Importing(NamedTuple):
    """The text that names the module or object in this file, and the edits (none or one) that make it known."""

    text: str
    edits: tuple[Edit, ...]


def import_edit(project: Project, path: str, lines: Lines, newline: str, module: str, name: str = "") -> Importing:
    """How `path` can name ``module`` or ``module.name``; an import is added below the last one at the file's head."""
    bindings = project.files[path].bindings
    for bound, found in bindings.items():
        if len(found) == 1 and _means(found[0], module, name):
            return Importing(bound, ())
    for bound, found in bindings.items():
        if name and len(found) == 1 and _means(found[0], module, ""):
            return Importing(f"{bound}.{name}", ())
    statement = f"from {module} import {name}" if name else f"import {module}"
    text = name or module
    line, before, after = _place(lines)
    content = newline * before + statement + newline * after
    return Importing(text, (Edit(path, Span(line, 1, line, 1), content),))


def _means(binding: Binding, module: str, name: str) -> bool:
    imported = binding.imported
    if imported is None or imported.level:
        return False
    if name:
        return (imported.module, imported.attribute) == (module, name)
    whole = f"{imported.module}.{imported.attribute}" if imported.attribute else imported.module
    return whole == module


def _place(lines: Lines) -> tuple[int, int, int]:
    """The line before which a new import goes, and the line ends to put before and after it."""
    body = parse_python(lines.text).body
    last = 0
    docstring = 0
    for index, stmt in enumerate(body):
        if isinstance(stmt, (ast.Import, ast.ImportFrom)):
            last = stmt.end_lineno or stmt.lineno
        elif index == 0 and isinstance(stmt, ast.Expr) and isinstance(stmt.value, ast.Constant):
            docstring = stmt.end_lineno or stmt.lineno
        elif last:
            break
    if last:
        return last + 1, 0 if _ends_line(lines, last) else 1, 1
    if docstring:
        return docstring + 1, 1, 1
    first = body[0].lineno if body else 1
    return first, 0, 2


def _ends_line(lines: Lines, line: int) -> bool:
    """Whether a line has a line end, so that text put after it begins a line of its own."""
    return lines.raw(line, line).endswith(("\n", "\r"))
