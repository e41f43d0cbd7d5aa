"""A baseline in a run: what it hides, and which of its entries the run shows to be stale."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from djfa_lint.engine.baseline import Gone, Matched, read_baseline
from djfa_lint.engine.config import Config
from djfa_lint.engine.discover import discover, in_scope
from djfa_lint.engine.own import ALWAYS_ON, UNREADABLE_FILE
from djfa_lint.engine.run import Request
from djfa_lint.errors import SourceError
from djfa_lint.sdk.finding import Finding
from djfa_lint.source.parse import parse_python
from djfa_lint.source.store import Store


def baseline_file(config: Config, given: Path | None = None) -> Path | None:
    """The baseline's file: the one given on the command line, else the configured one, relative to the project."""
    if given is not None:
        return Path(os.path.abspath(given))
    return config.root / config.baseline if config.baseline else None


def hiding(config: Config, given: Path | None = None, jobs: int = 1) -> Hiding | None:
    """The filter for the baseline in force, None where there is none; `given` and `jobs` as for `check`.

    Raises ConfigError for a file that is missing or damaged.
    """
    file = baseline_file(config, given)
    if file is None:
        return None
    if given is None and not file.exists():
        told = f"baseline `{config.baseline}` does not exist; make it with `djfa-lint baseline create`"
        raise config.error(told, "baseline")
    return Hiding(file, jobs)


class Hiding:
    """A filter for `Request.narrow` that lets through what a baseline does not hide; it remembers the last run."""

    def __init__(self, file: Path, jobs: int = 1) -> None:
        """Reads `file`; raises ConfigError. `jobs` as for a run."""
        self.shown = os.path.relpath(file)
        self.baseline, self.jobs = read_baseline(file), jobs
        self.findings: list[Finding] = []
        self.matched = Matched()

    def __call__(self, findings: list[Finding], store: Store) -> list[Finding]:
        """The findings that are not hidden, sorted by place after those that never are."""
        self.findings, self.matched = findings, self.baseline.match(findings, store, self.jobs)
        return self.matched.shown

    def gone(self, request: Request) -> list[Gone]:
        """The stale entries, as far as the run of `request` tells."""
        return self.baseline.gone(self.matched, Judged(request, self.findings))


class Judged:
    """Which entries a run speaks about: codes that ran, in files that were linted or are no longer there."""

    def __init__(self, request: Request, findings: Iterable[Finding]) -> None:
        """`findings` are all that were found; a file that could not be linted whole says nothing of its entries."""
        self.request = request
        root = request.config.root
        self._given = {one.relative_to(root).as_posix() for one in request.given}
        self._below = ("",) if "." in self._given else tuple(f"{one}/" for one in self._given)
        self.broken = {one.path for one in findings if one.code in ALWAYS_ON}

    def __call__(self, path: str, code: str) -> bool:
        """Whether an entry of this path and code is stale where nothing was found for it."""
        selection = self.request.selection
        if not (path in self._given or path.startswith(self._below)):
            return False  # the cheapest question first: hooks give a few files, and a baseline has many
        spared = selection.spared_in(path)
        if code not in selection.codes or code in spared or path in self.broken:
            return False
        told = UNREADABLE_FILE.code in selection.codes and UNREADABLE_FILE.code not in spared
        return self._was_linted(path) and (told or self._is_readable(path))

    def _was_linted(self, path: str) -> bool:
        return path in self._linted or not os.path.lexists(self.request.config.root / path)

    @cached_property
    def _linted(self) -> set[str]:
        config, given = self.request.config, self.request.given
        return in_scope(discover(config.root, (*config.exclude, *config.extend_exclude), given), config.root, given)

    def _is_readable(self, path: str) -> bool:
        if not os.path.lexists(self.request.config.root / path):
            return True
        try:
            source = self.request.store.source(path)
            if path.endswith((".py", ".pyi")):
                parse_python(source.text)
        except SourceError:
            return False
        return True
