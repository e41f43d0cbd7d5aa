"""Tells which state of the linter produced a result, and checks out older states."""

from __future__ import annotations

import hashlib
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import click

LINTER_FOLDERS = ("src", "rules")


@dataclass(frozen=True)
class State:
    """A version of the linter: its commit, and a digest of its files."""

    name: str
    fingerprint: str


def _git(repository: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    # Inside a git hook these variables would point every call at the hook's repository.
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    return subprocess.run(
        ["git", *arguments], cwd=repository, env=environment, capture_output=True, text=True, check=False
    )


def _fingerprint(repository: Path) -> str:
    listed = _git(repository, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *LINTER_FOLDERS)
    digest = hashlib.sha256()
    for name in sorted(set(filter(None, listed.stdout.split("\0")))):
        path = repository / name
        if path.is_file() and path.suffix != ".pyc":
            digest.update(f"{name}\0{path.stat().st_size}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def current_state(repository: Path) -> State:
    """The commit of the checkout, with `-dirty` when the linter's files differ from it."""
    head = _git(repository, "rev-parse", "--verify", "--quiet", "HEAD")
    changed = _git(repository, "status", "--porcelain", "--", *LINTER_FOLDERS).stdout.strip()
    name = head.stdout.strip() or "uncommitted"
    return State(f"{name}-dirty" if changed else name, _fingerprint(repository))


def resolve_commit(repository: Path, reference: str) -> str:
    """The full hash of the commit a name stands for."""
    found = _git(repository, "rev-parse", "--verify", "--quiet", f"{reference}^{{commit}}")
    if found.returncode != 0:
        raise click.ClickException(f"no such commit: {reference}")
    return found.stdout.strip()


def ensure_worktree(repository: Path, folder: Path, sha: str) -> State:
    """Check the commit out into the folder, unless it is there already."""
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        # Forced, so that a folder removed by hand and still registered does not block it.
        added = _git(repository, "worktree", "add", "--force", "--detach", str(folder), sha)
        if added.returncode != 0:
            raise click.ClickException(f"git worktree add failed: {added.stderr.strip()}")
    return State(sha, _fingerprint(folder))
