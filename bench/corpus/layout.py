"""Where the corpus keeps its files, and the pins of its projects."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import click

# By name, so that type checking needs only the one of the two that is installed.
_toml = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")

REPOSITORY = Path(__file__).resolve().parents[2]
KINDS = ("django", "fastapi", "both")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.!+_-]*")


@dataclass(frozen=True)
class Layout:
    """The files and folders one corpus works with."""

    repository: Path
    home: Path
    manifest: Path
    verdicts: Path

    @classmethod
    def of(cls, repository: Path) -> Layout:
        """The layout of a checkout."""
        bench = repository / "bench"
        return cls(repository, repository / ".corpus", bench / "corpus.toml", bench / "verdicts.jsonl")

    @property
    def archives(self) -> Path:
        """The archives as they were downloaded."""
        return self.home / "archives"

    @property
    def projects(self) -> Path:
        """The unpacked projects."""
        return self.home / "projects"

    @property
    def results(self) -> Path:
        """One file for each state of the linter."""
        return self.home / "results"

    @property
    def worktrees(self) -> Path:
        """Checkouts of older commits of the linter."""
        return self.home / "worktrees"


@dataclass(frozen=True)
class Project:
    """One pinned source distribution."""

    name: str
    version: str
    sha256: str
    kind: str
    folder: str = ""

    @property
    def label(self) -> str:
        """Name and version, as its folder is called."""
        return f"{self.name}-{self.version}"

    def lint_folder(self, layout: Layout) -> Path:
        """Where the linter is started."""
        return layout.projects / self.label / self.folder


def _project(entry: dict[str, object]) -> Project:
    texts = {key: value for key, value in entry.items() if isinstance(value, str)}
    if set(texts) != set(entry) or not {"name", "version", "sha256", "kind"} <= set(texts):
        raise click.ClickException(f"corpus manifest: incomplete or wrong entry {entry}")
    unknown = set(texts) - {"name", "version", "sha256", "kind", "folder"}
    if unknown:
        raise click.ClickException(f"corpus manifest: unknown keys {sorted(unknown)}")
    project = Project(**texts)
    sound = (
        _NAME.fullmatch(project.name)
        and _VERSION.fullmatch(project.version)
        and re.fullmatch(r"[0-9a-f]{64}", project.sha256)
        and project.kind in KINDS
        and ".." not in Path(project.folder).parts
        and not Path(project.folder).is_absolute()
    )
    if not sound:
        raise click.ClickException(f"corpus manifest: wrong value in the entry of {project.name!r}")
    return project


def load_projects(layout: Layout, names: Iterable[str] = ()) -> list[Project]:
    """The pinned projects, or those of them that are named."""
    entries = _toml.loads(layout.manifest.read_text("utf-8")).get("project", [])
    projects = [_project(entry) for entry in entries]
    by_name = {project.name: project for project in projects}
    if len(by_name) != len(projects):
        raise click.ClickException("corpus manifest: a project is listed twice")
    wanted = list(dict.fromkeys(names))
    unknown = [name for name in wanted if name not in by_name]
    if unknown:
        raise click.ClickException(f"not in the corpus manifest: {', '.join(unknown)}")
    return [by_name[name] for name in wanted] if wanted else projects
