"""One run from files to findings; reads top to bottom."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from msgspec import structs

from djfa_lint.engine import workers
from djfa_lint.engine.cache import Cache
from djfa_lint.engine.config import Config
from djfa_lint.engine.discover import Found, discover, in_scope
from djfa_lint.engine.judge import Judge, unreadable
from djfa_lint.engine.registry import Registry
from djfa_lint.engine.selection import Selection
from djfa_lint.engine.suppress import suppress
from djfa_lint.errors import SourceError
from djfa_lint.facts.python import python_facts
from djfa_lint.facts.records import FileFacts, decode, encode
from djfa_lint.facts.requirements import Requirement, requirements_of
from djfa_lint.flow.bodies import Bodies
from djfa_lint.flow.queries import ByFile, Queries, grouped
from djfa_lint.project.project import Project
from djfa_lint.sdk.finding import Finding
from djfa_lint.source.directives import Directives, noqa_may_speak, python_directives, template_directives
from djfa_lint.source.parse import parse_python
from djfa_lint.source.store import Store
from djfa_lint.source.text import Source
from djfa_lint.source.trees import Trees

Progress = Callable[[str, int, int], None]
Narrow = Callable[[list[Finding], Store], list[Finding]]


@dataclass(frozen=True)
class Request:
    """What to lint and how. `given` are absolute paths at or below the root that choose what is reported.

    Without `noqa` the comments of that name hide nothing; those of this linter's own do. `narrow` are filters over
    what is left then, each given what the one before let through and the texts it was found in.
    """

    config: Config
    store: Store
    registry: Registry
    selection: Selection
    given: tuple[Path, ...]
    jobs: int = 1
    prefilter: bool = True
    strict: bool = False
    noqa: bool = True
    progress: Progress = lambda _stage, _done, _total: None
    cache: Cache | None = None
    narrow: tuple[Narrow, ...] = ()


@dataclass
class Outcome:
    """What a run found, sorted; `files` counts the files reported on."""

    findings: list[Finding] = field(default_factory=list)
    files: int = 0
    python: int = 0


@dataclass(frozen=True)
class LinkedProject:
    """A project before it is judged: its files, what they hold, and what could not be read."""

    found: Found
    project: Project
    problems: list[Finding]


def lint(request: Request, kept: dict[str, FileFacts] | None = None) -> Outcome:
    """Lint a project: facts of every file, one link, findings of the files asked about.

    `kept` are facts from an earlier run over the same texts, used and added to.
    """
    with _collector_off():
        trees = Trees()
        linked = _link(request, {} if kept is None else kept, trees)
        found, problems = linked.found, linked.problems
        scope = in_scope(found, request.config.root, request.given)
        reader = _Reader(request, linked.project, trees)
        reader.judge.prepare()
        reader.judge.queries = _evaluate(request, reader)
        findings = [problem for problem in problems if problem.path in scope]
        asked = sorted(scope - {problem.path for problem in problems})
        for part in workers.run(reader.findings, asked, request.jobs, partial(request.progress, "judging")):
            findings += part
    findings = [request.selection.levelled(one) for one in findings if request.selection.reports(one)]
    for narrow in request.narrow:
        findings = narrow(findings, request.store)
    return Outcome(sorted(findings, key=lambda one: one.sort_key), len(scope), len(found.python))


def _evaluate(request: Request, reader: _Reader) -> ByFile:
    """The evaluator's events of all files, where a rule asks for any."""
    if not Queries.wanted(reader.judge.asks()):
        return {}
    queries = Queries(reader.project, reader.bodies, request.config.blocking_calls)
    paths = Queries.files(reader.project, reader.judge.asks())
    parts = workers.run(queries.events, paths, request.jobs, partial(request.progress, "evaluating"))
    return grouped(event for part in parts for event in part)


def link(request: Request) -> LinkedProject:
    """The project without judging anything."""
    with _collector_off():
        return _link(request, {})


def _link(request: Request, kept: dict[str, FileFacts], trees: Trees | None = None) -> LinkedProject:
    config = request.config
    found = discover(config.root, (*config.exclude, *config.extend_exclude), request.given)
    problems = gather(request, found.python, kept, trees)
    files = {path: kept[path] for path in found.python if path in kept}
    wanted = {path: _requirements(request.store, path) for path in found.requirements}
    project = Project(files, config.src, found.markers, found.templates, wanted)
    return LinkedProject(found, project, problems)


def _requirements(store: Store, path: str) -> tuple[Requirement, ...]:
    """What a list of requirements asks for; nothing where it cannot be read."""
    try:
        return requirements_of(path, store.source(path).text)
    except SourceError:
        return ()


def gather(
    request: Request, paths: Sequence[str], kept: dict[str, FileFacts], trees: Trees | None = None
) -> list[Finding]:
    """Add the facts of every readable file to `kept`, and its tree to `trees`; a finding for each of the others."""
    problems: list[Finding] = []
    began = time.time_ns()
    asked = [path for path in paths if path not in kept]
    cached = request.cache.find(request.store, asked) if request.cache is not None else {}
    missing = [path for path in asked if path not in cached]
    kept.update(cached)
    # What another process parses does not come back.
    here = trees if not workers.shared_out(missing, request.jobs) else None
    read = partial(_facts, request.store, here, request.jobs != 1)
    results = workers.run(read, missing, request.jobs, partial(request.progress, "reading"))
    for path, result in zip(missing, results, strict=True):
        if isinstance(result, Finding):
            problems.append(result)
        else:
            kept[path] = structs.replace(decode(result), path=path) if isinstance(result, bytes) else result
    if request.cache is not None:
        fresh = {path: kept[path] for path in missing if path in kept}
        request.cache.keep(request.store, fresh, cached, began)
    return problems


def read_facts(store: Store, path: str, trees: Trees | None = None) -> FileFacts:
    """The facts of one Python file, its tree left in `trees`; raises SourceError."""
    source = store.source(path)
    tree = trees.parsed(source) if trees is not None else parse_python(source.text)
    return python_facts(path, source.digest, source.text, tree)


def _facts(store: Store, trees: Trees | None, encoded: bool, path: str) -> FileFacts | bytes | Finding:
    """The facts of a file, as bytes where they must travel between processes; a finding where it is unreadable."""
    try:
        facts = read_facts(store, path, trees)
    except SourceError as error:
        return unreadable(path, error)
    # The path may hold bytes that are no text; it stays on this side.
    return encode(structs.replace(facts, path="")) if encoded else facts


class _Reader:
    """Judges and suppresses, a file at a time, in whichever process."""

    def __init__(self, request: Request, project: Project, trees: Trees) -> None:
        self.request, self.project = request, project
        self.bodies = Bodies(request.store, lambda path: project.files[path].digest, trees)
        self.judge = Judge(project, self.bodies, request.selection, prefilter=request.prefilter, strict=request.strict)

    def findings(self, path: str) -> list[Finding]:
        """One file's findings after suppression; sorted by place."""
        try:
            if path in self.project.files:
                return self._python(path)
            return self._template(path)
        except SourceError as error:
            return [unreadable(path, error)]

    def _python(self, path: str) -> list[Finding]:
        found = self.judge.judge(path)
        speaks = self.project.files[path].directives
        if not found and not speaks:
            return []
        source = self.bodies.source(path)
        said = Directives()
        if speaks or noqa_may_speak(source.lines, (one.span.line for one in found)):
            said = python_directives(source.text, source.lines)
            said = said if self.request.noqa else Directives(said.ignores, said.bad)
        return self._left(path, found, said, source)

    def _template(self, path: str) -> list[Finding]:
        source = self.request.store.source(path)
        if "djfa:" not in source.text:
            return []
        return self._left(path, [], template_directives(source.text, source.lines), source)

    def _left(self, path: str, found: list[Finding], said: Directives, source: Source) -> list[Finding]:
        selection = self.request.selection
        roles = self.project.roles(path) if path in self.project.files else frozenset()
        ran = {rule.code for rule in selection.rules if not rule.skips & roles} - selection.spared_in(path)
        return suppress(found, said, path, source.lines, ran, self.request.registry)


@contextmanager
def _collector_off() -> Iterator[None]:
    """No garbage collection while trees are built: each round would scan all of them, and they hold no cycles."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
