"""A function or method of the project, as questions about it answer."""

from __future__ import annotations

from typing import NamedTuple

from djfa_lint.facts.values import Function
from djfa_lint.project.names import Known


class Definition(NamedTuple):
    """A function or method of the project, with what its file declares about it."""

    known: Known
    declared: Function
    owner: Known | None
