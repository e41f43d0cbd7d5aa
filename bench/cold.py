"""How long a cold run takes, in one process, beside a bare `ast.parse` of the same files in the same run.

    python -m bench.cold [FOLDER] [--rounds 3]

FOLDER defaults to the largest project of the corpus. Both sides are whole processes with the garbage collector off;
the figure is the ratio of the best rounds, which holds on machines of any speed.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import click

_PARSE = """
import ast, gc, sys, warnings
gc.disable()
warnings.simplefilter("ignore")
lines = 0
for path in sys.stdin.read().split("\\0"):
    try:
        with open(path, "rb") as stream:
            data = stream.read()
        ast.parse(data)
        lines += data.count(b"\\n")
    except (SyntaxError, ValueError, RecursionError, OSError):
        pass
print(lines)
"""
_LINT = [
    sys.executable,
    "-m",
    "djfa_lint",
    "check",
    "--isolated",
    "--select",
    "ALL",
    "--jobs",
    "1",
    "--no-cache",
]


@click.command()
@click.argument("folder", type=click.Path(exists=True, path_type=Path), required=False)
@click.option("--rounds", default=3, show_default=True)
def main(folder: Path | None, rounds: int) -> None:
    """Measure and print one line a round and the ratio of the best."""
    folder = (folder or largest()).resolve()
    files = "\0".join(_files(folder))
    parse, lint = [], []
    lines = 0
    for _ in range(rounds):
        seconds, output = _timed([sys.executable, "-c", _PARSE], folder, files)
        parse.append(seconds)
        lines = int(output)
        seconds, output = _timed([*_LINT, "--output-format", "json", "--exit-zero", "."], folder, "")
        lint.append(seconds)
        click.echo(f"parse {parse[-1]:6.2f} s   lint {lint[-1]:6.2f} s   {len(json.loads(output))} findings")
    click.echo(f"{folder.name}: {lines} lines, lint / parse = {min(lint) / min(parse):.2f}")


def largest() -> Path:
    """The project of the corpus with the most Python files."""
    projects = sorted(Path(".corpus/projects").glob("*"), key=lambda one: sum(1 for _ in one.rglob("*.py")))
    if not projects:
        raise click.ClickException("no corpus here; run `make corpus` first or name a folder")
    return projects[-1]


def _files(folder: Path) -> list[str]:
    """The Python files the linter itself finds there."""
    from djfa_lint.engine.config import find_config
    from djfa_lint.engine.discover import discover

    config = find_config(folder, isolated=True)
    found = discover(config.root, config.exclude, (folder,))
    return [str(config.root / path) for path in found.python]


def _timed(command: list[str], folder: Path, stdin: str) -> tuple[float, str]:
    """CPU seconds of a child process and what it printed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "PYTHONSAFEPATH": "1"}
    run = subprocess.run(command, cwd=folder, input=stdin, capture_output=True, text=True, env=environment, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, run.stdout


if __name__ == "__main__":
    main()
