"""Brings the pinned projects onto this machine, and prints pins for new ones."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import click

from bench.corpus.archive import extract, python_size, sha256_of
from bench.corpus.index import Release, download, find_release
from bench.corpus.layout import Layout, Project

Finder = Callable[[str, str | None], Release]
_IMPORT = re.compile(rb"^\s*(?:from|import)\s+(django|fastapi)\b", re.MULTILINE)


def _archive(layout: Layout, project: Project) -> Path:
    return layout.archives / f"{project.label}-{project.sha256[:12]}.sdist"


def _checked_archive(layout: Layout, project: Project, finder: Finder) -> Path:
    archive = _archive(layout, project)
    if not archive.is_file():
        download(finder(project.name, project.version), archive)
    actual = sha256_of(archive)
    if actual != project.sha256:
        archive.unlink()
        raise click.ClickException(f"{project.label}: sha256 is {actual}, pinned is {project.sha256}")
    return archive


def ensure_project(layout: Layout, project: Project, finder: Finder = find_release) -> Path:
    """The folder to lint, fetched and unpacked first where it is missing."""
    root = layout.projects / project.label
    if not root.is_dir():
        extract(_checked_archive(layout, project, finder), root)
    folder = project.lint_folder(layout)
    if not folder.is_dir():
        raise click.ClickException(f"{project.label}: no folder {project.folder!r} in the archive")
    return folder


def _guess_kind(folder: Path) -> str:
    seen: set[bytes] = set()
    for path in folder.rglob("*.py"):
        seen.update(_IMPORT.findall(path.read_bytes()))
        if len(seen) == 2:
            return "both"
    return seen.pop().decode() if seen else "django"


def describe_new(layout: Layout, name: str, version: str | None, finder: Finder = find_release) -> str:
    """Fetch a release and return the manifest entry that pins it."""
    release = finder(name, version)
    fresh = layout.archives / f"{release.filename}.new"
    download(release, fresh)
    sha256 = sha256_of(fresh)
    if release.sha256 not in (None, sha256):
        fresh.unlink()
        raise click.ClickException(f"{release.filename}: the index states another sha256 than {sha256}")
    project = Project(name, release.version, sha256, "django")
    fresh.replace(_archive(layout, project))
    folder = ensure_project(layout, project, finder)
    files, lines = python_size(folder)
    return (
        f"# {lines:,} lines in {files:,} Python files\n"
        f'[[project]]\nname = "{name}"\nversion = "{release.version}"\n'
        f'sha256 = "{sha256}"\nkind = "{_guess_kind(folder)}"\n'
    )
