"""Draws findings at random, with their source, for a person to judge."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

from bench.corpus.layout import Layout, Project
from bench.corpus.results import Finding, ProjectResult, Result
from bench.corpus.verdicts import Key, key_of_finding

LINES_BEFORE = 10
LINES_AFTER = 8
Drawn = tuple[ProjectResult, Finding]


def draw(result: Result, rule: str | None, count: int, seed: int, known: frozenset[Key]) -> list[Drawn]:
    """The same findings for the same result and seed, in the order of their places.

    Drawn from the projects in turn: one with many findings of a kind would else speak for all.
    """
    pool = [
        (project, finding)
        for project, finding in result.located()
        if (rule is None or rule in (finding["code"], finding.get("name")))
        and key_of_finding(project, finding) not in known
    ]
    generator = random.Random(seed)
    by_project: dict[str, list[int]] = {}
    for index in generator.sample(range(len(pool)), len(pool)):
        by_project.setdefault(pool[index][0].name, []).append(index)
    queues = [by_project[name] for name in sorted(by_project)]
    generator.shuffle(queues)
    turns = [queue[turn] for turn in range(len(pool)) for queue in queues if turn < len(queue)]
    return [pool[index] for index in sorted(turns[:count])]


def _excerpt(path: Path, line: int) -> Iterator[str]:
    try:
        # Not splitlines(): it also ends lines at characters that no Python parser counts.
        source = path.read_text("utf-8", errors="replace").split("\n")
    except OSError:
        yield "    (the source is not there)"
        return
    for number in range(max(1, line - LINES_BEFORE), min(len(source), line + LINES_AFTER) + 1):
        marker = ">" if number == line else " "
        yield f"  {marker} {number:5} | {source[number - 1]}".rstrip()


def describe(layout: Layout, pins: dict[str, Project], drawn: Drawn) -> str:
    """One finding with its evidence and the source around it."""
    project, finding = drawn
    head = f"{project.name} {project.version}  {finding['path']}:{finding['line']}:{finding.get('column', '')}"
    lines = [head, f"  {finding['code']} {finding.get('name', '')}: {finding['message']}"]
    steps = finding.get("evidence") or ()
    lines.extend(f"  evidence {step['path']}:{step['line']}: {step['message']}" for step in steps)
    pin = pins.get(project.name)
    if pin is None or pin.version != project.version:
        lines.append("    (the project is no longer pinned at this version)")
    else:
        lines.extend(_excerpt(pin.lint_folder(layout) / finding["path"], finding["line"]))
    return "\n".join(lines)


def template(drawn: Drawn) -> str:
    """The verdict on a finding, still to be filled in."""
    project, finding = drawn
    return json.dumps(
        {
            "project": project.name,
            "version": project.version,
            "path": finding["path"],
            "line": finding["line"],
            "code": finding["code"],
            "true": None,
            "cause": "",
        }
    )
