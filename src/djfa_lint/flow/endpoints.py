"""What each function that answers requests does in its own body; short ones are not looked into."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from djfa_lint.facts.records import Unit
from djfa_lint.flow.bodies import Bodies, Body
from djfa_lint.flow.complexity import cognitive_complexity
from djfa_lint.flow.events import Deed, EndpointWork
from djfa_lint.flow.rows import Data, Rows
from djfa_lint.flow.work import work_of
from djfa_lint.project.names import Known
from djfa_lint.project.project import Project
from djfa_lint.project.serving import Served
from djfa_lint.source.lines import Span
from djfa_lint.source.nodes import FunctionNode, children

# A body of fewer lines has no room for what a service does.
_LEAST = 12
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def may_serve(project: Project, path: str, unit: Unit) -> bool:
    """Whether a unit holds a function that answers requests and is long enough, by its facts."""
    return unit.kind == "function" and unit.end - unit.start >= _LEAST and bool(_served_in(project, path, unit))


def link_work(project: Project, path: str) -> None:
    """Have the project linked as far as `endpoint_work` asks it."""
    nowhere = Known("", path=path)
    project.served_in(path)
    project.model(nowhere)
    project.serializer(nowhere)


def endpoint_work(project: Project, bodies: Bodies, path: str, unit: Unit) -> Iterator[EndpointWork]:
    """The work of every function in a unit that answers requests, short ones left out, by line."""
    if not may_serve(project, path, unit):
        return
    body = bodies.body(path, unit)
    if body is None:
        return
    for served in _served_in(project, path, unit):
        around = _found(body.node, served.declared.line - body.shift, served.declared.name.rpartition(".")[2])
        if around and _length(around[-1]) >= _LEAST:
            yield _work(project, path, body, served, around)


def _served_in(project: Project, path: str, unit: Unit) -> list[Served]:
    return [
        one
        for one in project.served_in(path)
        if one.kind != "dependency" and unit.start <= one.declared.line <= unit.end
    ]


def _found(node: ast.stmt, line: int, name: str) -> list[FunctionNode]:
    """The function of this name whose ``def`` is on a line, last, after the functions around it."""
    if isinstance(node, _FUNCTIONS) and node.lineno == line and node.name == name:
        return [node]
    for inner in children(node):
        if isinstance(inner, ast.stmt) and inner.lineno <= line <= (inner.end_lineno or line):
            found = _found(inner, line, name)
            if found:
                return [node, *found] if isinstance(node, _FUNCTIONS) else found
    return []


def _length(node: FunctionNode) -> int:
    """The lines of a body, its docstring left out."""
    body = node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def _work(project: Project, path: str, body: Body, served: Served, around: list[FunctionNode]) -> EndpointWork:
    node = around[-1]
    done = work_of(project, path, around, _held(project, served))
    deeds = (Deed(one.kind, one.what, _span(body, one.node)) for one in done)
    return EndpointWork(
        path=path,
        served=served,
        name=_name(body, node),
        lines=_length(node),
        complexity=cognitive_complexity(node),
        deeds=tuple(deeds),
    )


def _span(body: Body, node: ast.expr | ast.stmt) -> Span:
    """The place of an expression, of a loop its head."""
    span = body.lines.span_of(node, body.shift)
    if isinstance(node, (ast.For, ast.AsyncFor, ast.While)):
        head = body.lines.span_of(node.test if isinstance(node, ast.While) else node.iter, body.shift)
        return Span(span.line, span.column, head.end_line, head.end_column)
    return span


def _name(body: Body, node: FunctionNode) -> Span:
    line = node.lineno + body.shift
    text = body.lines.line(line)
    # `def` and the name stand on one line in all but deliberately odd code.
    start = text.find(node.name, body.lines.column(line, node.col_offset) - 1) + 1
    return Span(line, max(start, 1), line, max(start, 1) + len(node.name))


def _held(project: Project, served: Served) -> dict[str, Data]:
    """What the framework gives a view: the user, the view's own model."""
    if served.framework not in {"django", "drf"}:
        return {}
    user = Data("row", "User", "django")
    held = {"request.user": user, "self.request.user": user}
    # A method that several views inherit works on the models of all of them.
    inherited = served.function.name.rpartition(".")[0] != served.owner.name
    view = None if inherited else project.view(served.owner)
    model = Rows.of_class(project, view.model) if view is not None else None
    if model is not None:
        row, rows = model.as_("row"), model.as_("rows")
        held |= {"self.get_object()": row, "self.object": row, "self.get_queryset()": rows, "self.queryset": rows}
    return held
