"""Which files belong to the project, and which of them were asked about.

The project is always whole: paths given on the command line only choose what is reported.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pathspec

from djfa_lint.errors import ConfigError
from djfa_lint.facts.requirements import is_requirements

PYTHON = (".py", ".pyi")
TEMPLATES = (".html", ".htm", ".txt", ".xml", ".djhtml", ".jinja", ".jinja2", ".j2")
_TEMPLATE_FOLDERS = frozenset({"templates", "jinja2"})
_MARKERS = frozenset({"manage.py", "pyproject.toml", "setup.py", "setup.cfg", "alembic.ini"})

DEFAULT_EXCLUDE = (
    ".*/",
    "__pycache__/",
    "__pypackages__/",
    "node_modules/",
    "bower_components/",
    "site-packages/",
    "venv/",
    "build/",
    "dist/",
    "*.egg-info/",
    "*.egg/",
)


@dataclass
class Found:
    """The files of a project, project-relative with ``/``, sorted."""

    python: list[str] = field(default_factory=list)
    templates: list[str] = field(default_factory=list)
    markers: list[str] = field(default_factory=list)
    requirements: list[str] = field(default_factory=list)


def discover(root: Path, exclude: Sequence[str], given: Iterable[Path] = ()) -> Found:
    """Walk the project below `root`, leaving out what ignore files and `exclude` name.

    What is in `given` is in, excluded or not; it lies below `root`.
    """
    found = Found()
    excluded = _spec(exclude)
    _walk(root, "", _ignore_files_above(root), excluded, found)
    for path in given:
        if not path.is_dir():
            _take(found, path.relative_to(root).as_posix())
        elif path != root and (excluded_by(root, exclude, path) or _through_link(root, path)):
            # What excludes the folder itself must not exclude all that is in it.
            prefix = path.relative_to(root).as_posix()
            _walk(path, prefix, [], excluded, found, len(prefix) + 1)
    for names in (found.python, found.templates, found.markers, found.requirements):
        names[:] = sorted(set(names))
    return found


def in_scope(found: Found, root: Path, given: Sequence[Path]) -> set[str]:
    """The project's files at or below the given paths."""
    files = {*found.python, *found.templates}
    wanted: set[str] = set()
    for path in given:
        if path == root:
            return files
        relative = path.relative_to(root).as_posix()
        wanted |= {name for name in files if name == relative or name.startswith(relative + "/")}
    return wanted


def excluded_by(root: Path, exclude: Sequence[str], path: Path) -> bool:
    """Whether a path given by name lies in something that is excluded; for ``--force-exclude``."""
    spec = _spec(exclude)
    relative = path.relative_to(root).as_posix()
    parts = relative.split("/")
    folders = ("/".join(parts[: count + 1]) + "/" for count in range(len(parts) - 1))
    own = relative + "/" if path.is_dir() else relative
    around = [root.joinpath(*parts[: count + 1]) for count in range(len(parts))]
    if any(_is_environment(one) for one in around):
        return True
    return any(spec.match_file(one) for one in (*folders, own)) or _git_ignored(root, parts)


def _is_environment(folder: Path) -> bool:
    return (folder / "pyvenv.cfg").exists()


def _through_link(root: Path, path: Path) -> bool:
    """Whether a symbolic link leads to a folder: the walk does not enter it by itself."""
    return any(one.is_symlink() for one in (path, *path.parents) if one != root and root in one.parents)


def _git_ignored(root: Path, parts: list[str]) -> bool:
    rules = _ignore_files_above(root) + _ignore_files(root, "")
    for depth in range(len(parts)):
        name = "/".join(parts[: depth + 1])
        is_folder = depth < len(parts) - 1 or (root / name).is_dir()
        if _ignored(rules, name, is_folder):
            return True
        if is_folder:
            rules = rules + _ignore_files(root / name, name)
    return False


def _walk(
    folder: Path, prefix: str, rules: list[_Ignore], excluded: pathspec.GitIgnoreSpec, found: Found, skip: int = 0
) -> None:
    """Take the files below `folder`; the first `skip` characters of their paths are not matched by `excluded`."""
    rules = rules + _ignore_files(folder, prefix)
    for entry in _entries(folder):
        name = prefix + "/" + entry.name if prefix else entry.name
        try:
            is_folder = entry.is_dir(follow_symlinks=False)
        except OSError:
            is_folder = False
        if not is_folder and not _kinds(name):
            # Most files of most projects are no business of a linter, and patterns are slow.
            continue
        if excluded.match_file(name[skip:] + ("/" if is_folder else "")) or (
            rules and _ignored(rules, name, is_folder)
        ):
            continue
        if is_folder:
            if not _is_environment(folder / entry.name):
                _walk(folder / entry.name, name, rules, excluded, found, skip)
        elif not (entry.is_symlink() and os.path.isdir(entry.path)):
            _take(found, name)


def _take(found: Found, name: str) -> None:
    for kind in _kinds(name):
        getattr(found, kind).append(name)


def _kinds(name: str) -> list[str]:
    """Which lists of a project's files a path belongs to, by its name alone."""
    base = name.rpartition("/")[2]
    kinds = ["markers"] if base in _MARKERS else []
    if is_requirements(name):
        kinds.append("requirements")
    if base.endswith(PYTHON):
        kinds.append("python")
    elif base.endswith(TEMPLATES) and _TEMPLATE_FOLDERS.intersection(name.split("/")[:-1]):
        kinds.append("templates")
    return kinds


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            yield from sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return


class _Ignore:
    """The patterns of one ignore file, which speak about paths below its folder.

    `prefix` is that folder below the project's root; `above` the root below that folder, where it lies higher.
    """

    def __init__(self, prefix: str, spec: pathspec.GitIgnoreSpec, above: str = "") -> None:
        self.prefix = prefix + "/" if prefix else ""
        self.above = above + "/" if above else ""
        self.spec = spec


def _ignore_files_above(root: Path) -> list[_Ignore]:
    """The ignore files between the repository's top and the project's root, outermost first.

    None where they leave out the root itself: whoever lints it wants what is in it.
    """
    folders = [root, *root.parents]
    top = next((index for index, folder in enumerate(folders) if (folder / ".git").exists()), 0)
    found: list[_Ignore] = []
    for folder in reversed(folders[1 : top + 1]):
        for one in _ignore_files(folder, ""):
            one.above = root.relative_to(folder).as_posix() + "/"
            found.append(one)
    parts = root.relative_to(folders[top]).parts
    inside = any(one.spec.match_file(one.above) for one in found) or any(
        _ignored(_ignore_files(folders[top], ""), "/".join(parts[: count + 1]), True) for count in range(len(parts))
    )
    return [] if inside else found


def _ignore_files(folder: Path, prefix: str) -> list[_Ignore]:
    found = []
    for name in (".gitignore", ".ignore"):
        try:
            text = (folder / name).read_text(encoding="utf-8-sig", errors="replace")
        except OSError:
            continue
        found.append(_Ignore(prefix, _spec(text.splitlines(), strict=False)))
    return found


def _ignored(rules: list[_Ignore], name: str, is_folder: bool) -> bool:
    """Whether ignore files leave a path out; the one deepest down that speaks about it decides."""
    for rule in reversed(rules):
        relative = rule.above + name[len(rule.prefix) :] + ("/" if is_folder else "")
        verdict = rule.spec.check_file(relative).include
        if verdict is not None:
            return verdict
    return False


def _spec(patterns: Iterable[str], strict: bool = True) -> pathspec.GitIgnoreSpec:
    lines = list(patterns)
    try:
        return pathspec.GitIgnoreSpec.from_lines(lines)
    except ValueError as error:
        if strict:
            raise ConfigError(f"`exclude` holds a pattern that cannot be read: {error}") from error
    good = []
    for line in lines:
        try:
            good += [line] if pathspec.GitIgnoreSpec.from_lines([line]) else []
        except ValueError:
            continue
    return pathspec.GitIgnoreSpec.from_lines(good)
