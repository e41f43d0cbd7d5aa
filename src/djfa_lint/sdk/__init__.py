"""The only room a rule may enter: how it is declared, what it is told, what it may ask and say."""

from djfa_lint.facts.kinds import Shape
from djfa_lint.flow.events import BlockingCall
from djfa_lint.project.names import Known
from djfa_lint.project.roles import Role
from djfa_lint.sdk.context import Context, shortened
from djfa_lint.sdk.defaults import none_and_guard
from djfa_lint.sdk.finding import (
    Applicability,
    Draft,
    Edit,
    Evidence,
    Finding,
    Findings,
    Fix,
    Severity,
)
from djfa_lint.sdk.imports import Importing
from djfa_lint.sdk.rule import Option, Rule
from djfa_lint.sdk.scopes import dotted
from djfa_lint.sdk.uses import Use, use_of
from djfa_lint.source.cst import children, walk
from djfa_lint.source.lines import Span

__all__ = [
    "Applicability",
    "BlockingCall",
    "Context",
    "Draft",
    "Edit",
    "Evidence",
    "Finding",
    "Findings",
    "Fix",
    "Importing",
    "Known",
    "Option",
    "Role",
    "Rule",
    "Severity",
    "Shape",
    "Span",
    "Use",
    "children",
    "dotted",
    "none_and_guard",
    "shortened",
    "use_of",
    "walk",
]
