"""Which file is which module: source roots, dotted names, relative imports.

A module is (root, dotted name), so two projects in one repository that both have an ``app`` never merge: an import is
looked up under the roots of the file that holds it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import PurePosixPath

_ROOT_MARKERS = frozenset({"manage.py", "pyproject.toml", "setup.py", "setup.cfg", "alembic.ini"})


class Modules:
    """The modules of a project, from its file names alone."""

    def __init__(self, paths: Iterable[str], src: Sequence[str] = (), markers: Iterable[str] = ()) -> None:
        """`paths` are the Python files and `markers` other files that mark a root, project-relative; `src` the
        configured roots."""
        self._paths = frozenset(paths)
        self._packages = {
            str(PurePosixPath(path).parent) for path in self._paths if PurePosixPath(path).name == "__init__.py"
        }
        marked = {str(PurePosixPath(m).parent) for m in (*self._paths, *markers) if _is_marker(m)}
        self._roots = {
            ".",
            *marked,
            *(folder + "/src" if folder != "." else "src" for folder in (*marked, ".")),
        }
        # A configured root is one for every file, an inferred one for the files below it and beside it.
        self._everywhere = tuple(str(PurePosixPath(folder)) for folder in src)
        self._roots.update(self._everywhere)
        self._by_name: dict[tuple[str, str], str] = {}
        for path in sorted(self._paths):
            for root in self.roots(path):
                if root == "." or path.startswith(root + "/"):
                    self._by_name.setdefault((root, _dotted(path, root)), path)
                    # Of `a.py` and `a/__init__.py`, Python imports the package.
                    if path.endswith("/__init__.py"):
                        self._by_name[root, _dotted(path, root)] = path

    @cache  # noqa: B019 - lives as long as the run
    def roots(self, path: str) -> tuple[str, ...]:
        """The source roots of a file, nearest first: the folder its top package stands in, then marked folders."""
        folder = PurePosixPath(path).parent
        own = self._top(folder)
        found = [str(self._above(own)), str(own)]
        for parent in (folder, *folder.parents):
            beside = str(parent / "src")
            found += [root for root in (str(parent), beside) if root in self._roots]
        return tuple(dict.fromkeys([*found, *self._everywhere]))

    def _top(self, folder: PurePosixPath) -> PurePosixPath:
        """The folder that a folder's top package stands in, itself if it is no package."""
        while str(folder) in self._packages and str(folder) != ".":
            folder = folder.parent
        return folder

    def _above(self, folder: PurePosixPath) -> PurePosixPath:
        """Where the package around a folder without an ``__init__.py`` begins, unless a root is in between."""
        for parent in (folder, *folder.parents):
            if str(parent) in self._packages and str(parent) != ".":
                return self._top(parent)
            if str(parent) in self._roots:
                break
        return folder

    @cache  # noqa: B019 - lives as long as the run
    def name(self, path: str) -> str:
        """The dotted name of a file's module under the folder its top package stands in."""
        return _dotted(path, self.roots(path)[0])

    def is_hidden(self, path: str) -> bool:
        """Whether a package of the same name stands beside a module, which Python imports in its place."""
        return not path.endswith("/__init__.py") and f"{path.removesuffix('.py')}/__init__.py" in self._paths

    def find(self, path: str, dotted: str) -> str | None:
        """The project file that ``import dotted`` in `path` means, or None."""
        for root in self.roots(path):
            found = self._by_name.get((root, dotted))
            if found is not None:
                return found
        return None

    def absolute(self, path: str, module: str, level: int) -> str | None:
        """The absolute name of a relative import's module, or None where it leaves the root."""
        if not level:
            return module
        parts = self.name(path).split(".") if self.name(path) else []
        if not path.endswith("__init__.py"):
            parts = parts[:-1]
        if level - 1 > len(parts):
            return None
        parts = parts[: len(parts) - (level - 1)]
        return ".".join([*parts, *([module] if module else [])])


def _is_marker(path: str) -> bool:
    return PurePosixPath(path).name in _ROOT_MARKERS


def _dotted(path: str, root: str) -> str:
    relative = path if root == "." else path[len(root) + 1 :]
    parts = relative.rsplit(".", 1)[0].split("/")
    if parts[-1] == "__init__":
        parts = parts[:-1]
    return ".".join(parts)
