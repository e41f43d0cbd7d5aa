"""Statements that do nothing but bind names, or take them away; what is after them is always reached."""

from __future__ import annotations

import ast

from djfa_lint.facts.scan import imports_of
from djfa_lint.flow.evaluate.frame import Frame
from djfa_lint.flow.evaluate.values import Closure


def define(frame: Frame, node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """A nested function, with the names it sees."""
    closure = Closure(node, frame, frame.env)
    frame.bind(node.name, closure)
    if isinstance(node, ast.AsyncFunctionDef):
        frame.nested.append(closure)
    return True


def class_(frame: Frame, node: ast.ClassDef) -> bool:
    """A nested class: nothing is known of it."""
    frame.bind(node.name, None)
    return True


def import_(frame: Frame, node: ast.Import | ast.ImportFrom) -> bool:
    """An import in a function."""
    found = {one.name: one for one in imports_of(node)}
    frame.imports = {**frame.imports, **found}
    for name in found:
        frame.env.pop(name, None)
    return True


def delete(frame: Frame, node: ast.Delete) -> bool:
    """``del name``."""
    for target in node.targets:
        if isinstance(target, ast.Name):
            frame.bind(target.id, None)
    return True
