"""The errors that end a run or a file; every room may raise them, and only the engine and surfaces catch them."""

from __future__ import annotations


class DjfaError(Exception):
    """Base of every error this linter raises on purpose; its text is one line, fit to be shown to a user."""


class ConfigError(DjfaError):
    """The user's configuration or command line is wrong: unknown key, unknown code, a path that is not there.

    The command ends with exit code 2 and shows the text; `place` is ``file:line`` where it is known.
    """

    def __init__(self, message: str, place: str = "") -> None:
        super().__init__(f"{place}: {message}" if place else message)


class RuleError(DjfaError):
    """A rule is declared wrongly (no docs, a code twice, an unknown trigger): a bug of whoever wrote the rule."""


class SourceError(DjfaError):
    """One file cannot be read, decoded or parsed; becomes the finding DFA001, and the other files go on.

    `line` and `column` are 1-based; both are 1 where the place is not known.
    """

    def __init__(self, message: str, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.line = line
        self.column = column
