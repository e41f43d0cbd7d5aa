"""Random edits of a project in memory: what is found through recorded questions must equal a fresh run.

    python -m bench.edits FOLDER [--edits 200] [--seed 1] [--shuffles 3]

For each file the evaluator's events are kept with the questions it asked and digests of the answers. After an edit
those whose answers still stand are taken as they are, the others are found anew; together they must be what one
evaluator finds over all files. The order in which files are evaluated, and whether they share an evaluator, must not
matter either.
"""

from __future__ import annotations

import ast
import random
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import click

from bench.editing import EDITS, Texts
from djfa_lint.engine.config import find_config
from djfa_lint.engine.discover import discover
from djfa_lint.errors import SourceError
from djfa_lint.facts.python import python_facts
from djfa_lint.facts.records import FileFacts, Unit
from djfa_lint.flow.bodies import Bodies, Body
from djfa_lint.flow.queries import Event, Queries, grouped
from djfa_lint.project.project import Project, Question, Recorded
from djfa_lint.source.parse import parse_python
from djfa_lint.source.store import Store
from djfa_lint.source.text import Source

# After so many edits all of them are taken back at once.
_LASTING = 12
# How often an edit of one kind is tried before another kind is drawn.
_TRIES = 20


class _Bodies(Bodies):
    """Bodies of texts in memory; what is equal is parsed once."""

    def __init__(self, store: Store, project: Project, kept: dict[tuple[str, Unit], Body | None]) -> None:
        super().__init__(store)
        self._project, self._kept = project, kept
        self._sources: dict[str, Source] = {}

    def source(self, path: str) -> Source:
        if path not in self._sources:
            self._sources[path] = self._store.source(path)
        return self._sources[path]

    def body(self, path: str, unit: Unit) -> Body | None:
        key = self._project.files[path].digest, unit
        if key not in self._kept:
            self._kept[key] = super().body(path, unit)
        return self._kept[key]


@dataclass
class Folder:
    """What of a project stays as it is while its Python files change; facts and bodies of equal texts are kept."""

    src: tuple[str, ...] = ()
    markers: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    _facts: dict[tuple[str, str], FileFacts] = field(default_factory=dict)
    _bodies: dict[tuple[str, Unit], Body | None] = field(default_factory=dict)

    def project(self, texts: Texts) -> tuple[Project, Bodies]:
        """A project of these texts, and what reads its bodies."""
        store = Store(Path("/"), {path: text.encode() for path, text in texts.items()})
        project = Project(
            {path: self._read(path, texts[path]) for path in sorted(texts)}, self.src, self.markers, self.others
        )
        return project, _Bodies(store, project, self._bodies)

    def _read(self, path: str, text: str) -> FileFacts:
        key = path, text
        if key not in self._facts:
            digest = Source(Path(path), text.encode(), text).digest
            self._facts[key] = python_facts(path, digest, text, parse_python(text))
        return self._facts[key]


class Kept:
    """Events by file with what they rest on."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[list[Event], dict[Question, str]]] = {}

    def events(self, project: Project, bodies: Bodies) -> tuple[dict[str, list[Event]], int]:
        """The events of each file, and how many files were evaluated for them."""
        found: dict[str, list[Event]] = {}
        anew = 0
        for path in Queries.files(project):
            kept = self._kept.get(path)
            if kept is None or not project.agrees(kept[1]):
                recorded = Recorded(project)
                kept = self._kept[path] = Queries(recorded, bodies).events(path), recorded.answers
                anew += 1
            found[path] = kept[0]
        return found, anew


@dataclass
class Tally:
    """What came of a series of edits; `wrong` describes each of those after which something differed."""

    wrong: list[str] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    changing: int = 0
    files: list[int] = field(default_factory=list)
    anew: list[int] = field(default_factory=list)
    kept_seconds: float = 0
    fresh_seconds: float = 0


def texts_of(folder: Path, paths: Iterable[str]) -> dict[str, str]:
    """The texts of those files that can be read and parsed."""
    store, found = Store(folder), {}
    for path in paths:
        try:
            text = store.source(path).text
            parse_python(text)
        except SourceError:
            continue
        found[path] = text
    return found


def fresh(project: Project, bodies: Bodies, paths: Sequence[str] = ()) -> dict[str, list[Event]]:
    """The events of each file by one evaluator that goes over them in this order, the usual one if none is given."""
    queries = Queries(project, bodies)
    return {path: queries.events(path) for path in paths or Queries.files(project)}


def apart(project: Project, bodies: Bodies) -> dict[str, list[Event]]:
    """The events of each file by an evaluator of its own."""
    return {path: Queries(project, bodies).events(path) for path in Queries.files(project)}


def together(events: Mapping[str, Iterable[Event]]) -> dict[str, list[Event]]:
    """The events of all files, grouped as a run groups them."""
    return grouped(one for some in events.values() for one in some)


class Step(NamedTuple):
    """What an edit was, and the project after it."""

    what: str
    texts: dict[str, str]
    project: Project
    bodies: Bodies


def edit_series(folder: Folder, texts: Texts, edits: int, seed: int) -> Iterator[Step]:
    """Edits, one on the other; every edit leaves files that parse."""
    draw = random.Random(seed)
    first = step = Step("", dict(texts), *folder.project(texts))
    for number in range(edits):
        if number % _LASTING == 0:
            step = first
        edited = None
        while edited is None:
            kind = draw.choice(list(EDITS))
            tries = (EDITS[kind](draw, step.project, step.texts) for _ in range(_TRIES))
            edited = next((one for one in tries if one is not None and _is_change(step.texts, one.texts)), None)
        step = Step(f"{kind}: {edited.what}", edited.texts, *folder.project(edited.texts))
        yield step


def try_edits(folder: Folder, texts: Texts, edits: int, seed: int) -> Tally:
    """Make edits, and hold what recorded questions give against a fresh run after each."""
    tally, kept = Tally(), Kept()
    before = together(kept.events(*folder.project(texts))[0])
    for number, (what, current, project, bodies) in enumerate(edit_series(folder, texts, edits, seed), 1):
        start = time.process_time()
        by_file, anew = kept.events(project, bodies)
        found = together(by_file)
        middle = time.process_time()
        # Linked anew: nothing that was asked for the kept events is at hand here.
        whole = fresh(*folder.project(current))
        expected = together(whole)
        tally.kept_seconds += middle - start
        tally.fresh_seconds += time.process_time() - middle
        tally.kinds[what.partition(":")[0]] += 1
        tally.files.append(len(by_file))
        tally.anew.append(anew)
        tally.changing += expected != before
        if found != expected:
            tally.wrong.append(f"{number}. {what}: {_cause(by_file, whole, apart(project, bodies))}")
        before = expected
    return tally


def try_orders(folder: Folder, texts: Texts, shuffles: int, seed: int) -> list[str]:
    """What differs between files in their order, files in other orders, and each file by itself."""
    project, bodies = folder.project(texts)
    first = fresh(project, bodies)
    expected = together(first)
    wrong = []
    alone = apart(project, bodies)
    if together(alone) != expected:
        wrong.append(f"each by itself: {_differing(first, alone)}")
    for number in range(shuffles):
        paths = list(first)
        random.Random(f"{seed} {number}").shuffle(paths)
        found = fresh(project, bodies, paths)
        if together(found) != expected:
            wrong.append(f"order {number}: {_differing(first, found)}")
    return wrong


def _cause(kept: dict[str, list[Event]], whole: dict[str, list[Event]], alone: dict[str, list[Event]]) -> str:
    stale, order = _differing(kept, alone), _differing(whole, alone)
    return "; ".join([*(f"not asked through the door: {one}" for one in stale), *(f"order: {one}" for one in order)])


def _differing(one: Mapping[str, list[Event]], other: Mapping[str, list[Event]]) -> list[str]:
    """The files whose events differ, with the first of them."""
    found = []
    for path in sorted({*one, *other}):
        first, second = one.get(path, []), other.get(path, [])
        if set(first) != set(second):
            less, more = (
                [event for event in first if event not in second],
                [event for event in second if event not in first],
            )
            found.append(f"{path}: {_shown(less)} / {_shown(more)}")
    return found


def _shown(events: list[Event]) -> str:
    if not events:
        return "-"
    one = events[0]
    return f"{type(one).__name__} {one.path}:{one.callee.line} `{one.text}`" + (
        f" +{len(events) - 1}" if events[1:] else ""
    )


def _is_change(before: Texts, after: Texts) -> bool:
    """Whether something has changed and all of it can be parsed."""
    changed = [text for path, text in after.items() if before.get(path) != text]
    return (bool(changed) or len(after) < len(before)) and all(map(_parses, changed))


def _parses(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return False
    return True


@click.command()
@click.argument("folder", type=click.Path(exists=True, path_type=Path, file_okay=False))
@click.option("--edits", default=200, show_default=True)
@click.option("--seed", default=1, show_default=True)
@click.option("--shuffles", default=3, show_default=True)
def main(folder: Path, edits: int, seed: int, shuffles: int) -> None:
    """Edit the project below FOLDER in memory; exit status 1 where something differs."""
    config = find_config(folder.resolve(), isolated=True)
    found = discover(config.root, (*config.exclude, *config.extend_exclude), (folder.resolve(),))
    texts = texts_of(config.root, found.python)
    project = Folder(config.src, tuple(found.markers), tuple(found.templates))
    orders = try_orders(project, texts, shuffles, seed)
    click.echo(
        f"{config.root.name}: {len(texts)} files; {shuffles} other orders and each file by itself: {len(orders)} differ"
    )
    for line in orders:
        click.echo(f"  {line}")
    tally = try_edits(project, texts, edits, seed)
    for line in tally.wrong:
        click.echo(f"  {line}")
    done = len(tally.anew)
    if not done:
        sys.exit(bool(orders))
    click.echo(f"{done} edits ({', '.join(f'{count} {kind}' for kind, count in sorted(tally.kinds.items()))})")
    click.echo(f"after {tally.changing} of them other findings, after {len(tally.wrong)} not those of a fresh run")
    average, median = sum(tally.anew) / done, sorted(tally.anew)[done // 2]
    click.echo(f"files evaluated anew: {average:.1f} an edit, {median} at the median, of {sum(tally.files) / done:.0f}")
    click.echo(f"{tally.kept_seconds / done:.2f} s an edit, a fresh run {tally.fresh_seconds / done:.2f} s")
    sys.exit(bool(orders or tally.wrong))


if __name__ == "__main__":
    main()
