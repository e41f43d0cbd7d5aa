"""What a run of the linter over the corpus leaves behind."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import click

from bench.corpus.gitstate import State
from bench.corpus.layout import Layout

Finding = dict[str, Any]
CRASH_CODE = "DFA002"


@dataclass
class ProjectResult:
    """One project: how the linter ran over it, and what it found."""

    name: str
    version: str
    files: int
    lines: int
    seconds: float
    exit_code: int | None
    crashes: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


@dataclass
class Result:
    """All projects under one state of the linter; `origin` is the verb that made it."""

    state: str
    fingerprint: str
    origin: str
    finished: str = ""
    projects: dict[str, ProjectResult] = field(default_factory=dict)

    def located(self) -> Iterator[tuple[ProjectResult, Finding]]:
        """Every finding with its project, in an order that does not depend on the run."""
        for name in sorted(self.projects):
            project = self.projects[name]
            for finding in sorted(project.findings, key=finding_order):
                yield project, finding


def finding_order(finding: Finding) -> tuple[str, int, int, str, str]:
    """The sort key of the findings of one project."""
    return (
        finding["path"],
        finding["line"],
        finding.get("column", 0),
        finding["code"],
        finding["message"],
    )


def _path(layout: Layout, state: str) -> Path:
    return layout.results / f"{state}.json"


def _read(path: Path) -> Result:
    raw = json.loads(path.read_text("utf-8"))
    projects = {name: ProjectResult(**entry) for name, entry in raw.pop("projects").items()}
    return Result(**raw, projects=projects)


def load(layout: Layout, state: str) -> Result | None:
    """The stored result of that name, whatever files it was made with."""
    path = _path(layout, state)
    return _read(path) if path.is_file() else None


def load_for(layout: Layout, state: State, origin: str) -> Result:
    """The stored result of exactly these linter files, else an empty one."""
    stored = load(layout, state.name)
    if stored is not None and stored.fingerprint == state.fingerprint:
        return stored
    return Result(state.name, state.fingerprint, origin)


def save(layout: Layout, result: Result) -> Path:
    """Write the result, whole or not at all."""
    path = _path(layout, result.state)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".part")
    partial.write_text(json.dumps(asdict(result)), "utf-8")
    partial.replace(path)
    return path


def newest(layout: Layout, state: str | None = None) -> Result:
    """The named result, else the one that finished last.

    Results that `compare` made of older commits do not count as new.
    """
    if state is not None:
        paths = sorted(layout.results.glob(f"{state}*.json"))
        exact = [path for path in paths if path.stem == state]
        if len(exact or paths) != 1:
            raise click.ClickException(f"{len(paths)} results match {state!r}")
        return _read((exact or paths)[0])
    found = [_read(path) for path in layout.results.glob("*.json")]
    if not found:
        raise click.ClickException("there is no result yet; call `run` first")
    return max(found, key=lambda result: (result.origin == "run", result.finished))
