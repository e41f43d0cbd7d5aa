"""What it costs to edit one file and link the project again, beside a full run; all in memory, in one process.

    python -m bench.relink [FOLDER] [--rounds 5]

FOLDER defaults to the largest project of the corpus. A full run reads, links and judges every file. Linking again
takes the other files' facts as they are, reads the edited one, and works out everything the frameworks make of it.
"""

from __future__ import annotations

import gc
import time
from functools import partial
from pathlib import Path

import click

from bench.cold import largest
from djfa_lint.engine.config import find_config
from djfa_lint.engine.registry import load_registry
from djfa_lint.engine.run import Request, link, lint, read_facts
from djfa_lint.engine.selection import make_selection
from djfa_lint.project.frameworks import PARTS
from djfa_lint.project.project import Project
from djfa_lint.source.store import Store


@click.command()
@click.argument("folder", type=click.Path(exists=True, path_type=Path), required=False)
@click.option("--rounds", default=5, show_default=True)
def main(folder: Path | None, rounds: int) -> None:
    """Measure and print one line a round and the ratio of the best."""
    folder = (folder or largest()).resolve()
    request = _request(folder)
    gc.disable()
    full = _seconds(lambda: lint(request))
    project = link(request).project
    edited = max(project.files, key=lambda path: len(project.files[path].units))
    text = request.store.read(edited) + b"\nEDITED = 1\n"
    times: list[float] = []
    for _ in range(rounds):
        store = Store(request.config.root, {edited: text})
        times.append(_seconds(partial(_relink, project, store, edited)))
        gc.collect()
        click.echo(f"full run {full:6.2f} s   linked again {times[-1]:6.2f} s")
    click.echo(f"{folder.name}: {len(project.files)} files, linked again / full run = {min(times) / full:.3f}")


def _relink(project: Project, store: Store, edited: str) -> None:
    frameworks = project.edited({edited: read_facts(store, edited)}).frameworks
    for part in PARTS:
        getattr(frameworks, part)


def _request(folder: Path) -> Request:
    config = find_config(folder, isolated=True)
    registry = load_registry()
    selection = make_selection(config, registry, ("ALL",), ())
    return Request(config, Store(config.root), registry, selection, (folder,), jobs=1)


def _seconds(work: object) -> float:
    assert callable(work)
    before = time.process_time()
    work()
    return time.process_time() - before


if __name__ == "__main__":
    main()
