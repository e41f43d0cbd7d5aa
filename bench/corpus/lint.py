"""Runs the linter over one project in a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import click

from bench.corpus.archive import python_size
from bench.corpus.layout import Layout, Project
from bench.corpus.results import CRASH_CODE, Finding, ProjectResult

ARGUMENTS = ("check", "--isolated", "--select", "ALL", "--output-format", "json", "--no-cache", ".")
DEFAULT_TIMEOUT = 900.0
_FIELDS: Mapping[str, type] = {"code": str, "message": str, "path": str, "line": int}


@dataclass(frozen=True)
class Linter:
    """How to call a version of the linter."""

    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    timeout: float = DEFAULT_TIMEOUT


def installed_linter(command: str, timeout: float = DEFAULT_TIMEOUT) -> Linter:
    """The linter behind a shell-like command, looked for beside this Python first."""
    words = shlex.split(command)
    if not words:
        raise click.ClickException("the command of the linter is empty")
    beside = Path(sys.executable).parent / words[0]
    # Made absolute, since each project is linted from its own folder.
    program = str(beside) if beside.is_file() else shutil.which(words[0])
    if program is None:
        raise click.ClickException(f"no such command: {words[0]}")
    return Linter((str(Path(program).absolute()), *words[1:]), timeout=timeout)


def _require_safe_path() -> None:
    if sys.version_info < (3, 11):
        raise click.ClickException("linting with an older commit needs Python 3.11 or newer")


def worktree_linter(worktree: Path, timeout: float = DEFAULT_TIMEOUT) -> Linter:
    """The linter as it is in a checkout."""
    _require_safe_path()
    paths = os.pathsep.join(str(worktree / folder) for folder in ("src", "rules"))
    return Linter((sys.executable, "-m", "djfa_lint"), {"PYTHONPATH": paths}, timeout)


def _kill(process: subprocess.Popen[bytes]) -> None:
    # The whole group: worker processes would outlive the linter and slow the next project.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _execute(linter: Linter, folder: Path, out: IO[bytes], err: IO[bytes]) -> int | None:
    # Safe path: with `-m`, Python would else import modules from the project being linted.
    environment = {**os.environ, "PYTHONSAFEPATH": "1", **linter.environment}
    process = subprocess.Popen(
        [*linter.command, *ARGUMENTS],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=err,
        start_new_session=True,
    )
    try:
        return process.wait(linter.timeout)
    except subprocess.TimeoutExpired:
        return None
    finally:
        _kill(process)


def _parse(output: bytes) -> list[Finding] | None:
    try:
        findings: Any = json.loads(output)
    except ValueError:
        return None
    if not isinstance(findings, list):
        return None
    for finding in findings:
        if not isinstance(finding, dict):
            return None
        if any(not isinstance(finding.get(name), kind) for name, kind in _FIELDS.items()):
            return None
    return findings


def _crashes(exit_code: int | None, findings: list[Finding] | None, errors: str, limit: float) -> list[str]:
    if exit_code is None:
        return [f"no end after {limit:g} s"]
    tail = " | ".join(errors.strip().splitlines()[-3:])
    if exit_code not in (0, 1):
        return [f"exit code {exit_code}: {tail}"]
    if findings is None:
        return [f"exit code {exit_code} without a valid JSON array: {tail}"]
    return [
        f"{CRASH_CODE} {finding['path']}:{finding['line']}: {finding['message']}"
        for finding in findings
        if finding["code"] == CRASH_CODE
    ]


def lint_project(layout: Layout, project: Project, linter: Linter) -> ProjectResult:
    """Lint one unpacked project and measure it."""
    folder = project.lint_folder(layout)
    files, lines = python_size(folder)
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        started = time.perf_counter()
        exit_code = _execute(linter, folder, out, err)
        seconds = time.perf_counter() - started
        out.seek(0)
        err.seek(0)
        findings = _parse(out.read())
        errors = err.read().decode("utf-8", "replace")
    return ProjectResult(
        name=project.name,
        version=project.version,
        files=files,
        lines=lines,
        seconds=round(seconds, 3),
        exit_code=exit_code,
        crashes=_crashes(exit_code, findings, errors, linter.timeout),
        findings=findings or [],
    )
