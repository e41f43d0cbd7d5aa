"""The one place that reads the project's files; texts that are not on disk (yet) lie over them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from djfa_lint.source.text import Source, decode_python, decode_template, read_bytes


class Store:
    """Files by project-relative path with ``/``. What `overlay` holds is read in place of the disk."""

    def __init__(self, root: Path, overlay: Mapping[str, bytes] | None = None) -> None:
        self.root = root
        self.overlay = dict(overlay or {})

    def read(self, path: str) -> bytes:
        """The bytes of a file; raises SourceError."""
        data = self.overlay.get(path)
        return read_bytes(self.root / path) if data is None else data

    def source(self, path: str) -> Source:
        """The decoded text of a file, by its suffix as Python or as a template; raises SourceError."""
        decode = decode_python if path.endswith((".py", ".pyi")) else decode_template
        return decode(self.root / path, self.read(path))
