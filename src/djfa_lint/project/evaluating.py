"""What the parts of the linker ask of the whole: a name may be a call, a call's arguments are names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from djfa_lint.facts.records import FileFacts
from djfa_lint.facts.values import Expr, Function
from djfa_lint.project.classes import Classes
from djfa_lint.project.declared import Made, Scope, Value
from djfa_lint.project.modules import Modules
from djfa_lint.project.names import Known, Names
from djfa_lint.project.questions import Questions


class Evaluating(Protocol):
    """The linker, as `Lookups` and `Calls` see it."""

    files: Mapping[str, FileFacts]
    modules: Modules
    names: Names
    classes: Classes
    questions: Questions

    def module(self, path: str) -> Scope:
        """The scope of a file's module level."""

    def function(self, known: Known) -> Function | None:
        """A project function or method by its absolute name."""

    def value(self, scope: Scope, expr: Expr | None) -> Value:
        """What an expression is in a scope."""

    def attribute(self, value: Value, name: str) -> Value:
        """An attribute of a value."""

    def argument(self, made: Made, position: int, name: str = "") -> Value | None:
        """An argument of something made, by keyword or 0-based position."""

    def items(self, value: Value | None) -> tuple[Value, ...]:
        """The items of a list."""

    def text(self, value: Value | None) -> str | None:
        """A value's text, where it is a string."""
