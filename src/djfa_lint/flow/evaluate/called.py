"""How the functions of libraries are told of a call."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import NamedTuple

from djfa_lint.flow.evaluate.binding import settled
from djfa_lint.flow.evaluate.frame import Frame
from djfa_lint.flow.evaluate.querysets import Given
from djfa_lint.flow.evaluate.values import Value


class Called(NamedTuple):
    """A call of a library's function: the frame it stands in, what it is given, and where."""

    frame: Frame
    given: Given
    node: ast.Call

    def first(self) -> Value:
        """The first argument with its rows fetched."""
        return settled(self.frame, self.node.args[0], self.given.argument(0)) if self.node.args else None


Handler = Callable[[Called], Value]
