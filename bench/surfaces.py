"""Whether the command, flake8 and pylint tell the same of a project: place, code and message.

    python -m bench.surfaces FOLDER [FOLDER ...] [--select ALL]

Left out is what a surface cannot show: files that do not parse (flake8 and pylint have their own words for them) and
comments that are findings of their own where the other tool reads the comment first.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import click

_LINE = re.compile(r"(?P<path>.+?):(?P<line>\d+):(?P<column>\d+): (?P<code>DFA\d{3}) (?P<message>.*)")
# DFA001: the file does not parse, and no plugin is run. DFA002: a crash is told in each tool's own way.
LEFT_OUT = frozenset({"DFA001", "DFA002"})


class Told(NamedTuple):
    """One finding as a surface tells it; the column is 1-based, of an encoding-independent count."""

    path: str
    line: int
    column: int
    code: str
    message: str


def by_command(root: Path, select: str) -> set[Told]:
    """What ``djfa-lint check`` says of the Python files."""
    done = _run([sys.executable, "-m", "djfa_lint", "check", "--select", select, "--output-format", "json", "."], root)
    return {
        Told(one["path"], one["line"], one["column"], one["code"], one["message"])
        for one in json.loads(done.stdout)
        if one["path"].endswith((".py", ".pyi")) and one["code"] not in LEFT_OUT
    }


def by_flake8(root: Path, select: str, jobs: int = 2) -> set[Told]:
    """What flake8 says with the plugin."""
    # `DFA` alone switches the plugin on and leaves off what is off by default.
    wanted = ",".join(f"DFA{family}" for family in range(9)) if select == "ALL" else select
    command = [sys.executable, "-m", "flake8", "--isolated", "--jobs", str(jobs), "--select", wanted, "."]
    matches = (_LINE.fullmatch(line) for line in _run(command, root).stdout.splitlines())
    return {told for one in matches if one is not None for told in _told(one.groupdict()) if told.code not in LEFT_OUT}


def by_pylint(root: Path, select: str, jobs: int = 1) -> set[Told]:
    """What pylint says with the plugin."""
    files = sorted(str(path.relative_to(root)) for path in root.rglob("*.py") if not _hidden(path, root))
    enabled = "djfa" if select == "ALL" else ",".join(_ids(select))
    command = [sys.executable, "-m", "pylint", "--rcfile", os.devnull, "--load-plugins=djfa_lint.surfaces.pylint"]
    command += ["--disable=all", f"--enable={enabled}", "--output-format=json2", f"--jobs={jobs}", *files]
    done = _run(command, root)
    codes = _codes()
    return {
        Told(one["path"].replace(os.sep, "/"), one["line"], one["column"] + 1, codes[one["symbol"]], one["message"])
        for one in json.loads(done.stdout)["messages"]
        if one["symbol"] in codes and codes[one["symbol"]] not in LEFT_OUT
    }


def differences(told: Mapping[str, set[Told]]) -> Iterator[str]:
    """What the surfaces disagree about, in words."""
    for one in sorted(set().union(*told.values())):
        silent = [name for name, found in told.items() if one not in found]
        if silent:
            yield f"{one.path}:{one.line}:{one.column}: {one.code} not by {', '.join(silent)}: {one.message}"


def compared(root: Path, select: str = "ALL") -> dict[str, set[Told]]:
    """What each surface says."""
    return {
        "the command": by_command(root, select),
        "flake8": by_flake8(root, select),
        "pylint": by_pylint(root, select),
    }


def _told(groups: Mapping[str, str]) -> Iterator[Told]:
    path = groups["path"].replace(os.sep, "/").removeprefix("./")
    yield Told(path, int(groups["line"]), int(groups["column"]), groups["code"], groups["message"])


def _run(command: list[str], root: Path) -> subprocess.CompletedProcess[str]:
    with tempfile.TemporaryDirectory() as cache:
        environment = {**os.environ, "DJFA_LINT_CACHE_DIR": cache, "PYTHONSAFEPATH": "1", "PYLINTHOME": cache}
        return subprocess.run(command, cwd=root, capture_output=True, text=True, env=environment, check=False)


def _hidden(path: Path, root: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(root).parts)


def _codes() -> dict[str, str]:
    from djfa_lint.engine.registry import load_registry

    return {rule.name: rule.code for rule in load_registry().rules}


def _ids(select: str) -> list[str]:
    return [name for name, code in _codes().items() if code.startswith(tuple(select.split(",")))]


@click.command()
@click.argument("folders", type=click.Path(exists=True, path_type=Path), nargs=-1, required=True)
@click.option("--select", default="ALL", show_default=True)
def main(folders: tuple[Path, ...], select: str) -> None:
    """Compare the surfaces over projects; exit 1 if they differ."""
    wrong = 0
    for folder in folders:
        told = compared(folder.resolve(), select)
        lines = list(differences(told))
        wrong += len(lines)
        counts = ", ".join(f"{len(found)} by {name}" for name, found in told.items())
        click.echo(f"{folder.name}: {counts}; {len(lines)} told by some only")
        for line in lines[:40]:
            click.echo(f"  {line}")
    raise SystemExit(1 if wrong else 0)


if __name__ == "__main__":
    main()
