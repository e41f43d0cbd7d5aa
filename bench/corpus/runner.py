"""Lints a set of projects and stores the outcome under the state of the linter."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timezone

import click

from bench.corpus.fetch import ensure_project
from bench.corpus.gitstate import State, current_state, ensure_worktree, resolve_commit
from bench.corpus.layout import Layout, Project
from bench.corpus.lint import Linter, lint_project, worktree_linter
from bench.corpus.results import Result, load, load_for, save


def run_projects(layout: Layout, projects: Iterable[Project], linter: Linter, state: State, origin: str) -> Result:
    """Lint the projects and add them to the result of that state of the linter."""
    result = load_for(layout, state, origin)
    if origin == "run":
        result.origin = origin
    for project in projects:
        ensure_project(layout, project)
        outcome = lint_project(layout, project, linter)
        click.echo(
            f"{project.label}: {len(outcome.findings)} findings, {outcome.lines:,} lines, "
            f"{outcome.seconds:.1f} s{', CRASH' if outcome.crashes else ''}",
            err=True,
        )
        result.projects[project.name] = outcome
        result.finished = datetime.now(timezone.utc).isoformat()
        # Saved after each one, so that an interrupted run keeps what it has.
        save(layout, result)
    return result


def _missing(result: Result, projects: Iterable[Project]) -> list[Project]:
    missing = []
    for project in projects:
        known = result.projects.get(project.name)
        if known is None or known.version != project.version:
            missing.append(project)
    return missing


def result_of_commit(layout: Layout, reference: str, projects: list[Project], timeout: float) -> Result:
    """The result of a commit for all these projects, made where it is missing."""
    sha = resolve_commit(layout.repository, reference)
    stored = load(layout, sha)
    if stored is not None and not _missing(stored, projects):
        return stored
    worktree = layout.worktrees / sha
    state = ensure_worktree(layout.repository, worktree, sha)
    missing = _missing(load_for(layout, state, "compare"), projects)
    return run_projects(layout, missing, worktree_linter(worktree, timeout), state, "compare")


def result_of_checkout(layout: Layout, projects: list[Project], make_linter: Callable[[], Linter]) -> Result:
    """The result of the linter as it is in the checkout now, made where it is missing."""
    state = current_state(layout.repository)
    stored = load_for(layout, state, "compare")
    missing = _missing(stored, projects)
    return run_projects(layout, missing, make_linter(), state, "compare") if missing else stored
