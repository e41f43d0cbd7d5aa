"""The project as it was at a revision: its files laid out where they can be linted, without checking them out."""

from __future__ import annotations

import os
import posixpath
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from djfa_lint.engine.discover import PYTHON, TEMPLATES
from djfa_lint.engine.run import Request
from djfa_lint.facts.requirements import is_requirements
from djfa_lint.source.git import Entry, Repository
from djfa_lint.source.store import Store

_READ = (*PYTHON, *TEMPLATES)
# What else says where a project begins and what belongs to it.
_MARKING = (".toml", ".cfg", ".ini", ".in")
_IGNORING = frozenset({".gitignore", ".ignore"})
_MOST_LINKS = 5


@contextmanager
def earlier(request: Request, repository: Repository, commit: str, renamed: Mapping[str, str]) -> Iterator[Request]:
    """The request for all findings in the same files at a commit, by the configuration and the rules of now.

    `renamed` are old paths by new ones: a given file is followed to what it was called. Nothing is given where none of
    the files was there. Raises DjfaError where the repository lacks contents.
    """
    with tempfile.TemporaryDirectory(prefix="djfa-lint-") as folder:
        top = Path(folder).resolve()
        # The names alone are on disk, for the walk; the texts lie over them and need not be written.
        (top / ".git").mkdir()
        root = top / repository.prefix
        root.mkdir(parents=True, exist_ok=True)
        texts = _laid_out(top, repository, commit)
        given = _given_then(request, root, renamed)
        config = replace(request.config, root=root)
        yield replace(request, config=config, store=Store(root, texts), given=given, narrow=())


def _laid_out(top: Path, repository: Repository, commit: str) -> dict[str, bytes]:
    """Make the files below `top`, empty but for those that name what is ignored; the texts to be read, by path."""
    entries = {one.path: one for one in repository.entries(commit) if _matters(one.path)}
    followed = {path: _followed(one, entries, repository) for path, one in entries.items()}
    present = {path: one for path, one in followed.items() if one is not None}
    wanted = {
        path: one.id
        for path, one in present.items()
        if _name(path) in _IGNORING or (path.startswith(repository.prefix) and _is_read(path))
    }
    contents = repository.contents(sorted(set(wanted.values())))
    texts: dict[str, bytes] = {}
    for path in present:
        data = contents[wanted[path]] if path in wanted else b""
        # A name that this system cannot hold is none of its projects' either.
        with suppress(OSError, ValueError):
            target = top / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data if _name(path) in _IGNORING else b"")
            if path in wanted and path.startswith(repository.prefix):
                texts[path.removeprefix(repository.prefix)] = data
    return texts


def _followed(entry: Entry, entries: Mapping[str, Entry], repository: Repository) -> Entry | None:
    """The file that an entry is, or that it leads to as a link; None where that is none of the entries."""
    found: Entry | None = entry
    for _ in range(_MOST_LINKS):
        if found is None or not found.link:
            return found
        target = os.fsdecode(repository.contents([found.id])[found.id])
        found = entries.get(posixpath.normpath(posixpath.join(posixpath.dirname(found.path), target)))
    return None


def _given_then(request: Request, root: Path, renamed: Mapping[str, str]) -> tuple[Path, ...]:
    """Where the given files and folders were; those that were not there are left out."""
    names = [path.relative_to(request.config.root).as_posix() for path in request.given]
    names += [old for new, old in renamed.items() if any(new == name or new.startswith(f"{name}/") for name in names)]
    paths = dict.fromkeys(root / name for name in names)
    return tuple(path for path in paths if path.exists())


def _matters(path: str) -> bool:
    """Whether linting looks at a file of this path, and it is a path at all: a tree may say anything."""
    parts = path.split("/")
    if any(not part or part in {"..", ".git"} or Path(part).name != part for part in parts):
        return False
    return _is_read(path) or path.endswith(_MARKING) or parts[-1] in _IGNORING


def _is_read(path: str) -> bool:
    return path.endswith(_READ) or is_requirements(path)


def _name(path: str) -> str:
    return path.rpartition("/")[2]
