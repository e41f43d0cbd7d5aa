"""Adding an import: which name the file already has for a module, or where a new import goes."""

from __future__ import annotations

import ast
import sys
from functools import lru_cache
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
    body = _statements(lines.text)
    always = {stmt.lineno for stmt in body if isinstance(stmt, (ast.Import, ast.ImportFrom))}
    bindings = project.files[path].bindings
    sure = {bound: found[0] for bound, found in bindings.items() if len(found) == 1 and found[0].line in always}
    for bound, binding in sure.items():
        if _means(binding, module, name):
            return Importing(bound, ())
    for bound, binding in sure.items():
        if name and _means(binding, module, ""):
            return Importing(f"{bound}.{name}", ())
    text = name or module
    joined = _joined(body, lines, path, module, name) if name else None
    if joined is not None:
        return Importing(text, (joined,))
    statement = f"from {module} import {name}" if name else f"import {module}"
    line, before, after = _place(body, lines, module)
    content = newline * before + statement + newline * after
    return Importing(text, (Edit(path, Span(line, 1, line, 1), content),))


def _joined(body: list[ast.stmt], lines: Lines, path: str, module: str, name: str) -> Edit | None:
    """The edit that adds a name to an import of the same module at the file's head, before the first later one."""
    for stmt in _head_imports(body):
        if isinstance(stmt, ast.ImportFrom) and stmt.module == module and not stmt.level and stmt.names[0].name != "*":
            later = next((one for one in stmt.names if one.name > name), None)
            beside = lines.span_of(later or stmt.names[-1])
            if later is not None:
                return Edit(path, Span(beside.line, beside.column, beside.line, beside.column), f"{name}, ")
            return Edit(path, Span(beside.end_line, beside.end_column, beside.end_line, beside.end_column), f", {name}")
    return None


@lru_cache(maxsize=2)
def _statements(text: str) -> list[ast.stmt]:
    """A file's statements; kept, for many findings of one file ask for an import one after the other."""
    return parse_python(text).body


def _means(binding: Binding, module: str, name: str) -> bool:
    imported = binding.imported
    if imported is None or imported.level:
        return False
    if name:
        return (imported.module, imported.attribute) == (module, name)
    whole = f"{imported.module}.{imported.attribute}" if imported.attribute else imported.module
    return whole == module


def _place(body: list[ast.stmt], lines: Lines, module: str) -> tuple[int, int, int]:
    """The line before which a new import goes, and the line ends to put before and after it.

    A standard library module goes among its like, in the order of `import` lines before `from` lines; anything else
    below the last import of the file's head.
    """
    head = _head_imports(body)
    ours = [stmt for stmt in head if _is_standard(stmt) and _is_standard_name(module)]
    if ours:
        later = next((stmt for stmt in ours if isinstance(stmt, ast.ImportFrom) or stmt.names[0].name > module), None)
        return (later.lineno, 0, 1) if later else _below(ours[-1], lines)
    if head and _is_standard_name(module):
        first = next((stmt for stmt in head if not _is_future(stmt)), None)
        return (first.lineno, 0, 2) if first else _below(head[-1], lines, blank=1)
    if head:
        return _below(head[-1], lines)
    if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        return _below(body[0], lines, blank=1)
    return (_first_line(body[0]) if body else 1), 0, 2


def _first_line(stmt: ast.stmt) -> int:
    """Where a statement begins, its decorators included."""
    decorators: list[ast.expr] = getattr(stmt, "decorator_list", [])
    return min([stmt.lineno, *(one.lineno for one in decorators)])


def _head_imports(body: list[ast.stmt]) -> list[ast.Import | ast.ImportFrom]:
    """The imports at the head of a file, up to the first other statement after them."""
    head: list[ast.Import | ast.ImportFrom] = []
    for stmt in body:
        if isinstance(stmt, (ast.Import, ast.ImportFrom)):
            head.append(stmt)
        elif head:
            break
    return head


def _below(stmt: ast.stmt, lines: Lines, blank: int = 0) -> tuple[int, int, int]:
    last = stmt.end_lineno or stmt.lineno
    return last + 1, blank + (0 if _ends_line(lines, last) else 1), 1


def _is_future(stmt: ast.Import | ast.ImportFrom) -> bool:
    return isinstance(stmt, ast.ImportFrom) and stmt.module == "__future__"


def _is_standard(stmt: ast.Import | ast.ImportFrom) -> bool:
    if isinstance(stmt, ast.ImportFrom):
        return not stmt.level and not _is_future(stmt) and _is_standard_name(stmt.module or "")
    return all(_is_standard_name(alias.name) for alias in stmt.names)


def _is_standard_name(module: str) -> bool:
    return module.partition(".")[0] in sys.stdlib_module_names


def _ends_line(lines: Lines, line: int) -> bool:
    """Whether a line has a line end, so that text put after it begins a line of its own."""
    return lines.raw(line, line).endswith(("\n", "\r"))
