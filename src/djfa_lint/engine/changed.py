"""What is reported where only a part of the project is asked about: filters for `Request.narrow`.

Each leaves out findings and changes none: those that have nothing to do with the given files, with the lines changed
since a revision, or that were there before.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from pathlib import Path

from djfa_lint.engine.discover import PYTHON, TEMPLATES
from djfa_lint.engine.earlier import earlier
from djfa_lint.engine.identity import Identity, identified
from djfa_lint.engine.own import ALWAYS_ON
from djfa_lint.engine.run import Narrow, Request, lint
from djfa_lint.errors import SourceError
from djfa_lint.sdk.finding import Finding
from djfa_lint.source.git import Repository, Touched
from djfa_lint.source.lines import Span
from djfa_lint.source.store import Store

_SUFFIXES = (*PYTHON, *TEMPLATES)
# Git ends a line at `\n` alone.
_LONE_CR = re.compile(r"\r(?!\n)")


class Affected:
    """Keeps what is found in the given files, and what has evidence in them."""

    def __init__(self, root: Path, given: Sequence[Path]) -> None:
        """`given` are absolute paths of files and folders at or below `root`."""
        self._names = {path.relative_to(root).as_posix() for path in given}

    def __call__(self, findings: list[Finding], store: Store) -> list[Finding]:
        """The findings of `findings` that are kept."""
        return [one for one in findings if any(self._holds(path) for path in _paths(one))]

    def _holds(self, path: str) -> bool:
        parts = path.split("/")
        return any("/".join(parts[: count + 1]) in self._names for count in range(len(parts)))


class ChangedLines:
    """Keeps what is found on changed lines or has evidence there."""

    def __init__(self, touched: Mapping[str, Touched], root: Path) -> None:
        """`touched` says by path what changed in the files as they are on disk below `root`."""
        self._touched, self._disk = touched, Store(root)

    def __call__(self, findings: list[Finding], store: Store) -> list[Finding]:
        """The findings of `findings` that are kept. Lines in which `store` differs from the disk are changed too."""
        seen = {path: self._seen(path, store) for path in {path for one in findings for path in _paths(one)}}
        return [one for one in findings if _concerns(one, seen)]

    def _seen(self, path: str, store: Store) -> Touched | None:
        """What has changed in a file as it is in `store`; None for nothing."""
        touched = self._touched.get(path)
        if touched is not None and touched.lines is None:
            return touched
        try:
            after = store.source(path)
            if _LONE_CR.search(after.text):
                return touched and Touched(None)
            if path not in store.overlay:
                return touched
            before = self._disk.source(path)
        except SourceError:
            return touched
        return touched if before.text == after.text else moved(touched or Touched(), before.text, after.text)


class NewSince:
    """Keeps what was not found in the project as it was then: of findings that are alike, as many as there are more."""

    def __init__(self, then: Counter[Identity], changed: ChangedLines, jobs: int) -> None:
        """`then` counts what was found, under the paths of today; `jobs` as for a run."""
        self._then, self._changed, self._jobs = then, changed, jobs
        self._all: Counter[Identity] = Counter()

    def see(self, findings: list[Finding], store: Store) -> list[Finding]:
        """Count all there is, before a baseline takes its share; a filter that keeps everything."""
        self._all = Counter(_identities(findings, store, self._jobs))
        return findings

    def __call__(self, findings: list[Finding], store: Store) -> list[Finding]:
        """The findings of `findings` that are kept."""
        alike: dict[Identity, list[Finding]] = defaultdict(list)
        for one, identity in zip(findings, _identities(findings, store, self._jobs), strict=True):
            if self._all[identity] > self._then[identity]:
                alike[identity].append(one)
        on_changed = {id(one) for one in self._changed([one for some in alike.values() for one in some], store)}
        kept: set[int] = set()
        for identity, some in alike.items():
            # Which of them are the new ones cannot be told; those on changed lines are the better guess.
            some = sorted(some, key=lambda one: (id(one) not in on_changed, one.sort_key))
            kept |= {id(one) for one in some[: self._all[identity] - self._then[identity]]}
        return [one for one in findings if id(one) in kept]


def narrowed(request: Request, *, affected: bool, against: str | None, since: str | None) -> Request:
    """The request for a part of what it would report: on lines changed `against` a revision, new `since` one.

    If `affected`, the given files are not all that is reported on: findings in others whose evidence lies in them are
    too. Filters that count what is alike, as a baseline's does, come first: they must see all there is of a file.
    Raises DjfaError for what git cannot answer.
    """
    root, given = request.config.root, request.given
    wide = affected and root not in given
    if wide:
        request = replace(request, given=(root, *given))
    narrow: list[Narrow] = [*request.narrow]
    if since is not None:
        new = _new_since(request, since)
        narrow = [new.see, *narrow, new]
    if against is not None:
        repository = Repository(root)
        changes = repository.changes(repository.commit(against), _SUFFIXES)
        narrow.append(ChangedLines(changes.touched, root))
    if wide:
        narrow.append(Affected(root, given))
    return replace(request, narrow=tuple(narrow))


def _new_since(request: Request, revision: str) -> NewSince:
    """The filter for what the project did not have at a revision; it is linted as it was then.

    Configuration and rules are those of now.
    """
    root = request.config.root
    repository = Repository(root)
    commit = repository.commit(revision)
    changes = repository.changes(commit, _SUFFIXES)
    today = {old: new for new, old in changes.renamed.items()}
    with earlier(request, repository, commit, changes.renamed) as then:
        shown = request.progress
        then = replace(then, progress=lambda stage, done, total: shown(f"{stage} {revision}", done, total))
        findings = lint(then).findings if then.given else []
        found = _identities(findings, then.store, request.jobs)
    counted = Counter(one._replace(path=today.get(one.path, one.path)) for one in found)
    return NewSince(counted, ChangedLines(changes.touched, root), request.jobs)


def moved(touched: Touched, before: str, after: str) -> Touched:
    """What has changed in `after`, where `touched` says what had in `before`; what differs between them has too.

    Neither text holds a lone ``\\r``.
    """
    assert touched.lines is not None
    lines: set[int] = set()
    cuts: set[int] = set()
    for kind, first, last, new_first, new_last in SequenceMatcher(
        None, before.split("\n"), after.split("\n")
    ).get_opcodes():
        if kind == "equal":
            lines |= {one - first + new_first for one in touched.lines if first < one <= last}
            cuts |= {one - first + new_first for one in touched.cuts if first <= one <= last}
        elif new_first == new_last:
            cuts.add(new_first)
        else:
            lines.update(range(new_first + 1, new_last + 1))
    return Touched(frozenset(lines), frozenset(cuts))


def touches(touched: Touched, span: Span) -> bool:
    """Whether a span has a line that changed, or something was taken out between two of its lines."""
    if touched.lines is None:
        return True
    last = span.end_line - 1 if span.end_column == 1 and span.end_line > span.line else span.end_line
    changed = not touched.lines.isdisjoint(range(span.line, last + 1))
    return changed or not touched.cuts.isdisjoint(range(span.line, last))


def _concerns(finding: Finding, seen: Mapping[str, Touched | None]) -> bool:
    own = seen[finding.path]
    # A file that is not linted may hide anything, and where it breaks need not be where it was broken.
    if finding.code in ALWAYS_ON and own is not None:
        return True
    places = [(finding.path, finding.span), *((one.path, one.span) for one in finding.evidence)]
    return any(touched is not None and touches(touched, span) for path, span in places for touched in (seen[path],))


def _paths(finding: Finding) -> list[str]:
    return [finding.path, *(one.path for one in finding.evidence)]


def _identities(findings: Sequence[Finding], store: Store, jobs: int) -> list[Identity]:
    """What findings are known by; those of a file that cannot be read by what they say."""
    return [
        known.identity if known is not None else Identity(one.path, one.code, "", one.message)
        for one, known in zip(findings, identified(findings, store, jobs), strict=True)
    ]
