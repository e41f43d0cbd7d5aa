"""Paths as they are shown: relative to the current folder, with ``/``; and the texts code frames are cut from."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

from djfa_lint.errors import SourceError
from djfa_lint.source.lines import Lines
from djfa_lint.source.store import Store


class Places:
    """Turns project-relative paths into shown ones, and gives the text behind them."""

    def __init__(self, store: Store, base: Path) -> None:
        """`base` is the absolute folder that paths are shown relative to."""
        self._store, self._base = store, base
        self.lines = lru_cache(maxsize=16)(self._lines)
        self.shown = lru_cache(maxsize=None)(self._shown)

    def _shown(self, path: str) -> str:
        relative = os.path.relpath(self._store.root / path, self._base)
        # A name that is not text is shown with a mark for each byte that is none.
        return os.fsencode(relative.replace(os.sep, "/")).decode("utf-8", "replace")

    def _lines(self, path: str) -> Lines:
        """The line table of a file; empty where it cannot be read."""
        try:
            return self._store.source(path).lines
        except SourceError:
            return Lines("")
