"""What people decided about findings, and whether the linter still agrees."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from bench.corpus.results import Finding, ProjectResult, Result

Key = tuple[str, str, str, int, str]
_TYPES: dict[str, type] = {
    "project": str,
    "version": str,
    "path": str,
    "line": int,
    "code": str,
    "true": bool,
    "cause": str,
}
# Words and plain punctuation only: the corpus is other people's code and must not be copied here.
_CAUSE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ,.;:'/_-]{1,119}")


@dataclass(frozen=True, order=True)
class Verdict:
    """One decision: is the finding at this place a true one, and why."""

    project: str
    version: str
    path: str
    line: int
    code: str
    true: bool
    cause: str
    open: bool = False
    """A false one that is known to be reported still; `check` fails once it is not, so that this mark goes too."""

    @property
    def key(self) -> Key:
        """What two verdicts on the same finding share."""
        return (self.project, self.version, self.path, self.line, self.code)


@dataclass
class Outcome:
    """How a result of the linter agrees with the verdicts."""

    missed: list[Verdict] = field(default_factory=list)
    wrong: list[Verdict] = field(default_factory=list)
    settled: list[Verdict] = field(default_factory=list)
    open: int = 0
    agreed: int = 0
    skipped: int = 0


def key_of_finding(project: ProjectResult, finding: Finding) -> Key:
    """The key a verdict on this finding has."""
    return (project.name, project.version, finding["path"], finding["line"], finding["code"])


def _verdict(number: int, text: str) -> Verdict:
    try:
        raw: Any = json.loads(text)
    except ValueError as error:
        raise click.ClickException(f"verdict line {number}: not JSON") from error
    is_open = raw.pop("open", False) if isinstance(raw, dict) else False
    if not isinstance(is_open, bool) or not isinstance(raw, dict) or set(raw) != set(_TYPES):
        raise click.ClickException(f"verdict line {number}: the keys must be {', '.join(_TYPES)}")
    for name, kind in _TYPES.items():
        # type() and not isinstance(): a bool must not pass for a line number.
        if type(raw[name]) is not kind or raw[name] == "":
            raise click.ClickException(f"verdict line {number}: {name!r} must be a {kind.__name__}, not empty")
    if raw["line"] < 1:
        raise click.ClickException(f"verdict line {number}: 'line' must be at least 1")
    if not _CAUSE.fullmatch(raw["cause"]):
        raise click.ClickException(f"verdict line {number}: 'cause' must be up to 120 characters of plain words")
    if is_open and raw["true"]:
        raise click.ClickException(f"verdict line {number}: only a false one can be open")
    return Verdict(**raw, open=is_open)


def parse(text: str) -> list[Verdict]:
    """The verdicts in JSON lines; empty lines are skipped."""
    return [_verdict(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]


def load_verdicts(path: Path) -> list[Verdict]:
    """The stored verdicts."""
    return parse(path.read_text("utf-8")) if path.is_file() else []


def merge(path: Path, fresh: Iterable[Verdict]) -> tuple[int, int]:
    """Store the verdicts; returns how many are new and how many replaced another."""
    stored = {verdict.key: verdict for verdict in load_verdicts(path)}
    incoming = {verdict.key: verdict for verdict in fresh}
    replaced = len(stored.keys() & incoming.keys())
    merged = sorted({**stored, **incoming}.values())
    path.write_text("".join(_line(verdict) for verdict in merged), "utf-8")
    return len(incoming) - replaced, replaced


def _line(verdict: Verdict) -> str:
    """One stored verdict; `open` only where it says something."""
    row = {name: getattr(verdict, name) for name in (*_TYPES, *(["open"] if verdict.open else []))}
    return json.dumps(row) + "\n"


def check(verdicts: Iterable[Verdict], result: Result) -> Outcome:
    """Hold the verdicts against a result."""
    found = {key_of_finding(project, finding) for project, finding in result.located()}
    outcome = Outcome()
    for verdict in sorted(verdicts):
        project = result.projects.get(verdict.project)
        if project is None or project.version != verdict.version:
            outcome.skipped += 1
        elif verdict.open:
            if verdict.key in found:
                outcome.open += 1
            else:
                outcome.settled.append(verdict)
        elif verdict.true == (verdict.key in found):
            outcome.agreed += 1
        else:
            (outcome.missed if verdict.true else outcome.wrong).append(verdict)
    return outcome


def share_true(verdicts: Iterable[Verdict]) -> dict[str, tuple[int, int]]:
    """Of each rule the number of true verdicts and of all."""
    shares: dict[str, tuple[int, int]] = {}
    for verdict in sorted(verdicts, key=lambda one: one.code):
        true, total = shares.get(verdict.code, (0, 0))
        shares[verdict.code] = (true + verdict.true, total + 1)
    return shares
