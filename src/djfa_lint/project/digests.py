"""Questions as keys, and digests of their answers."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any


def frozen(argument: Any) -> Any:
    """An argument of a question in a form that can be a key."""
    return ("imports", *sorted(argument.items())) if isinstance(argument, Mapping) else argument


def thawed(argument: Any) -> Any:
    """The argument that `frozen` was given."""
    return dict(argument[1:]) if type(argument) is tuple and argument[:1] == ("imports",) else argument


def digest_of(answer: Any) -> str:
    """The same text for equal answers, in any process."""
    if isinstance(answer, frozenset):
        answer = sorted(answer, key=repr)
    return hashlib.sha1(repr(answer).encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()
