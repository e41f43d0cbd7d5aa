"""Text to `ast`, with every way that can fail turned into one SourceError."""

from __future__ import annotations

import ast
import platform
import warnings

from djfa_lint.errors import SourceError
from djfa_lint.source.lines import Lines


def parse_python(text: str) -> ast.Module:
    """The `ast` of a Python text, by the running interpreter's grammar; raises SourceError with the place.

    Warnings that the parser emits about the text (invalid escapes and the like) are another tool's business.
    """
    if "\0" in text:
        line, column = Lines(text).position(text.index("\0"))
        raise SourceError("cannot be parsed: it holds a NUL character", line, column)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text)
        except SyntaxError as error:
            version = platform.python_version()
            reason = f"cannot be parsed by Python {version}: {error.msg}"
            raise SourceError(reason, error.lineno or 1, max(error.offset or 1, 1)) from error
        except (RecursionError, MemoryError) as error:
            raise SourceError("cannot be parsed: it is nested too deeply") from error
        except ValueError as error:
            raise SourceError(f"cannot be parsed: {error}") from error
