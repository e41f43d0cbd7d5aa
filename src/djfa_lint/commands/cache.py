"""Where the cache of a project lies, and ``djfa-lint clean``."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from djfa_lint.engine.cache import FOLDER, Cache
from djfa_lint.engine.config import find_config
from djfa_lint.errors import DjfaError


def cache_of(root: Path, folder: Path | None = None) -> Cache:
    """The cache of the project at `root`: in its own folder, or in one for many projects."""
    if folder is None:
        return Cache(root / FOLDER)
    own = hashlib.blake2b(os.fsencode(root), digest_size=8).hexdigest()
    return Cache(Path(os.path.abspath(folder)) / f"{root.name}-{own}")


def clean(start: Path, folder: Path | None = None) -> str:
    """Take away the cache of the project around `start`; what was done, in words. Raises DjfaError if that fails."""
    root = find_config(start).root
    try:
        was_there = cache_of(root, folder).clear()
    except OSError as error:
        raise DjfaError(f"the cache cannot be removed: {error}") from error
    return f"removed the cache of `{root.name}`" if was_there else f"`{root.name}` has no cache"
