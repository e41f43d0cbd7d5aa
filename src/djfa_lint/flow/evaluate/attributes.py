"""What attributes of classes and of their instances hold: assigned in a body, set by a method, given by a library."""

from __future__ import annotations

import ast
from functools import partial

from djfa_lint.flow.evaluate.asking import Evaluating
from djfa_lint.flow.evaluate.merging import iterated, join
from djfa_lint.flow.evaluate.needed import needed, parts_of
from djfa_lint.flow.evaluate.parameters import annotated
from djfa_lint.flow.evaluate.querysets import Given
from djfa_lint.flow.evaluate.texts import Code
from djfa_lint.flow.evaluate.values import NOTHING, Cls, Obj, Rows, Value
from djfa_lint.project.definition import Definition
from djfa_lint.project.names import Known
from djfa_lint.source.nodes import walk


class Attributes:
    """Answers that do not depend on a call; kept."""

    def __init__(self, evaluator: Evaluating) -> None:
        self._evaluator, self._project = evaluator, evaluator.project
        self._members: dict[tuple[Known, str], Value] = {}

    def class_value(self, cls: Known, name: str) -> Value:
        """What a class attribute of the project holds."""
        placed = self._project.class_assignment(cls, name)
        if placed is None:
            return None
        self._project.text(placed.owner.path)
        found = self._evaluator.assigned_at(placed.owner.path, placed.line, name)
        return found if found is not None else self._annotated_at(placed.owner.path, placed.line, name)

    def _annotated_at(self, path: str, line: int, name: str) -> Value:
        """The object that an attribute of a class is said to hold."""
        annotation = self._evaluator.texts.annotation(path, line, name)
        typed = annotated(self._evaluator.frame(path, 0), annotation) if annotation is not None else None
        return typed if isinstance(typed, Obj) else None

    def instance_value(self, value: Obj, name: str) -> Value:
        """What the methods of a class, called with unknown arguments, let an attribute of ``self`` hold."""
        key = (value.cls, name)
        if key not in self._members:
            self._members[key] = None
            self._members[key] = self._evaluator.apart(lambda: self._set_in_methods(Obj(value.cls), name), None)
        return self._members[key]

    def _set_in_methods(self, value: Obj, name: str) -> Value:
        found: Value = NOTHING
        for definition in self._project.methods_of(value.cls):
            code = self._evaluator.texts.function(definition.known.path, definition.declared)
            self._project.text(definition.known.path)
            if code is not None and name in self._evaluator.memo(_set_on_self, code.node):
                held = self._evaluator.apart(partial(self._set_by, value, definition, code, name), None)
                found = join(found, held)
        return None if found == NOTHING else found

    def _set_by(self, value: Obj, definition: Definition, code: Code, name: str) -> Value:
        """What a method, called by nobody in particular, lets an attribute hold; it is run as far as that needs."""
        frame = self._evaluator.entered(definition, code, value, Given(), 1)
        attribute = f"{code.node.args.args[0].arg}.{name}"
        frame.run(frame, needed(self._evaluator.memo(parts_of, code.node), attribute))
        held: Value = frame.env.get(attribute)
        return held

    def inherited(self, value: Obj, method: str, level: int) -> Value:
        """What a method of a library's class gives on a class of the project, by what its attributes say."""
        if method in {"get_queryset", "filter_queryset"}:
            return self._rows_of_view(value, level)
        if method == "get_object":
            rows = self._rows_of_view(value, level)
            return iterated(rows, None) if isinstance(rows, Rows) else None
        return None

    def _rows_of_view(self, value: Obj, level: int) -> Value:
        rows = self.class_value(value.cls, "queryset")
        if isinstance(rows, Rows):
            return rows._replace(kind="queryset", level=level, ready=False)
        model = self.class_value(value.cls, "model")
        manager = self._evaluator.manager(model.known, "") if isinstance(model, Cls) else None
        if manager is None or manager.made is None:
            return None
        return manager._replace(kind="queryset", level=level, made=manager.made._replace(editable=False))


def _set_on_self(node: ast.FunctionDef | ast.AsyncFunctionDef) -> frozenset[str]:
    """The attributes of its first parameter that a method sets."""
    first = node.args.args[0].arg if node.args.args else ""
    return frozenset(
        part.attr
        for part in walk(node)
        if isinstance(part, ast.Attribute)
        and isinstance(part.ctx, ast.Store)
        and isinstance(part.value, ast.Name)
        and part.value.id == first
    )
