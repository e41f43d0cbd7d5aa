"""Room for functions that call themselves as deep as code is nested."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def room_to_recurse(most: int) -> Iterator[None]:
    """While calls may be nested this deep; never less than they may be anyway."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, most))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)
