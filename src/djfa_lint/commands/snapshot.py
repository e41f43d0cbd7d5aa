"""A project's findings as plain data, for the tools that ask for them a file at a time: flake8, pylint.

Nothing heavy is imported before a project is linted: those tools load this module in every process they start.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from djfa_lint.source.lines import Span

if TYPE_CHECKING:
    from djfa_lint.engine.config import Config
    from djfa_lint.engine.registry import Registry
    from djfa_lint.engine.selection import Selection
    from djfa_lint.sdk.finding import Finding as Found

_PYTHON = (".py", ".pyi")


@dataclass(frozen=True)
class Evidence:
    """Another place that makes a finding true. `path` is project-relative with ``/``."""

    path: str
    span: Span
    message: str


@dataclass(frozen=True)
class Finding:
    """One finding. `path` is project-relative with ``/``, `severity` one of `error`, `warning`, `info`.

    Lines and columns of the span are 1-based, columns count code points, the end is exclusive.
    """

    path: str
    span: Span
    code: str
    name: str
    message: str
    severity: str
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True)
class Snapshot:
    """What one run found below `root` (absolute); `configured` says whether a configuration file of ours was read."""

    root: str
    configured: bool
    findings: tuple[Finding, ...] = ()

    def of(self, path: Path) -> list[Finding]:
        """The findings of one file, however its path is spelled; none for a file the run did not see.

        A Python file also gets the findings in templates whose evidence leads to it, with the template in their text:
        the tools that ask here never open a template.
        """
        for name in _names(Path(self.root), path):
            if name in self._by_path:
                return self._by_path[name]
        return []

    def encode(self) -> bytes:
        """The snapshot as JSON."""
        import msgspec

        # The standard library's JSON keeps file names that are no valid text; msgspec's refuses them.
        return json.dumps(msgspec.to_builtins(self), separators=(",", ":")).encode("ascii")

    @staticmethod
    def decode(data: bytes) -> Snapshot:
        """The snapshot that `encode` wrote; raises ValueError for anything else."""
        import msgspec

        try:
            return msgspec.convert(json.loads(data), Snapshot)
        except msgspec.ValidationError as error:
            raise ValueError(str(error)) from error

    @cached_property
    def _by_path(self) -> dict[str, list[Finding]]:
        table: dict[str, list[Finding]] = {}
        for one in self.findings:
            table.setdefault(one.path, []).append(one)
            led = _led_to_python(one)
            if led is not None:
                table.setdefault(led.path, []).append(led)
        for findings in table.values():
            findings.sort(key=lambda one: (one.span, one.code, one.message))
        return table


def take(
    start: Path,
    *,
    config_file: Path | None = None,
    select: tuple[str, ...] | None = None,
    also: tuple[str, ...] = (),
    overlay: Mapping[Path, bytes] | None = None,
    given: tuple[Path, ...] = (),
    jobs: int = 1,
    noqa: bool = True,
) -> Snapshot:
    """Lint the project around `start` (an absolute folder) and keep what comments and a baseline leave.

    `select` takes the place of the configured selection, as ``--select`` does; `also` are selectors whose rules run
    besides those that are on, and that fit no rule are passed over. `overlay` lays bytes over files (absolute paths),
    `given` (absolute, below the root) chooses what is reported, all by default. `jobs` as for the command: 0 is one a
    core. Without `noqa` the ``# noqa`` comments hide nothing. Raises DjfaError for what the user got wrong.
    """
    from djfa_lint.engine.config import find_config

    config = find_config(start, explicit=config_file)
    laid = {name: data for path, data in (overlay or {}).items() for name in _names(config.root, path)[:1]}
    return _lint(config, select, also, laid, given, jobs, noqa)


def take_text(
    start: Path,
    path: Path | None,
    text: str,
    *,
    config_file: Path | None = None,
    select: tuple[str, ...] | None = None,
    also: tuple[str, ...] = (),
    noqa: bool = True,
) -> list[Finding]:
    """The findings of one Python text that is not on disk; the other parameters are those of `take`.

    It is read in place of the project's file at `path`, or alone where there is no such place: without a path, or with
    one outside the project or without the suffix of a Python file. Nothing is found in what the project excludes.
    """
    from djfa_lint.engine.config import find_config
    from djfa_lint.engine.discover import excluded_by

    config = find_config(start, explicit=config_file)
    data = _bytes(text)
    names = _names(config.root, path) if path is not None and path.suffix in _PYTHON else []
    if names:
        place = config.root / names[0]
        if excluded_by(config.root, (*config.exclude, *config.extend_exclude), place):
            return []
        return _lint(config, select, also, {names[0]: data}, (place,), 1, noqa).of(place)
    with tempfile.TemporaryDirectory(prefix="djfa-lint-") as folder:
        alone = replace(config, root=Path(folder), src=(), baseline="")
        place = alone.root / "stdin.py"
        return list(_lint(alone, select, also, {place.name: data}, (place,), 1, noqa, cached=False).findings)


def start_of(paths: Sequence[Path]) -> Path:
    """The folder to look for the configuration from: the one that all of `paths` lie in or are, as for the command.

    The current folder where none is found from there, so that one path outside does not hide the project.
    """
    here = Path.cwd()
    try:
        common = Path(os.path.commonpath([here / path for path in paths] or [here]))
    except ValueError:
        return here  # on two drives
    folder = common if common.is_dir() else common.parent
    return folder if folder == here or is_configured(folder) or not is_configured(here) else here


def is_configured(start: Path, config_file: Path | None = None) -> bool:
    """Whether there is a configuration file of ours for the files below `start`. Raises ConfigError for a wrong one."""
    from djfa_lint.engine.config import find_config

    return find_config(start, explicit=config_file).source is not None


def _lint(
    config: Config,
    select: tuple[str, ...] | None,
    also: tuple[str, ...],
    overlay: Mapping[str, bytes],
    given: tuple[Path, ...],
    jobs: int,
    noqa: bool,
    cached: bool = True,
) -> Snapshot:
    from djfa_lint.commands.cache import cache_of
    from djfa_lint.engine.hiding import hiding
    from djfa_lint.engine.registry import load_registry
    from djfa_lint.engine.run import Request, lint
    from djfa_lint.source.store import Store

    registry = load_registry()
    if multiprocessing.current_process().daemon:
        jobs = 1  # such a process may not have children
    selection = _selection(config, registry, select, also)
    store = Store(config.root, overlay)
    folder = os.environ.get("DJFA_LINT_CACHE_DIR")
    old = hiding(config, jobs=jobs)
    request = Request(
        config,
        store,
        registry,
        selection,
        given or (config.root,),
        jobs,
        noqa=noqa,
        cache=cache_of(config.root, Path(folder) if folder else None) if cached else None,
        narrow=() if old is None else (old,),
    )
    findings = tuple(_plain(one) for one in lint(request).findings)
    return Snapshot(str(config.root), config.source is not None, findings)


def _selection(config: Config, registry: Registry, select: tuple[str, ...] | None, also: Iterable[str]) -> Selection:
    from djfa_lint.engine.selection import make_selection

    on = make_selection(config, registry, select)
    known = [one for one in also if one in registry.by_name or any(code.startswith(one) for code in registry.by_code)]
    if not known:
        return on
    codes = on.codes | make_selection(config, registry, known).codes
    return replace(on, rules=tuple(rule for rule in registry.rules if rule.code in codes))


def _plain(found: Found) -> Finding:
    evidence = tuple(Evidence(one.path, one.span, _printable(one.message)) for one in found.evidence)
    message = _printable(found.message)
    return Finding(found.path, found.span, found.code, found.name, message, found.severity.value, evidence)


def _printable(text: str) -> str:
    """The text on one line, with what no output can write escaped."""
    return " ".join(text.encode("utf-8", "backslashreplace").decode().split())


def _led_to_python(finding: Finding) -> Finding | None:
    """A finding in a template, moved to the first Python place among its evidence."""
    if finding.path.endswith(_PYTHON):
        return None
    for one in finding.evidence:
        if one.path.endswith(_PYTHON):
            message = f"{finding.message} (in {_printable(finding.path)}:{finding.span.line})"
            return replace(finding, path=one.path, span=one.span, message=message)
    return None


def _names(root: Path, path: Path) -> list[str]:
    """What a path may be called in the project below `root`, the most literal reading first; none if it lies outside.

    A relative path starts at the current folder.
    """
    shown = Path(os.path.abspath(path))
    # The folders' links first: a link to a file is a file of the project under its own name.
    readings = (shown, Path(os.path.realpath(shown.parent), shown.name), Path(os.path.realpath(shown)))
    names = [
        one.relative_to(base).as_posix()
        for base in (root, Path(os.path.realpath(root)))
        for one in readings
        if one.is_relative_to(base)
    ]
    return list(dict.fromkeys(names))


def _bytes(text: str) -> bytes:
    """The bytes that the engine reads as `text`: in the encoding that a coding line in it names."""
    import io
    import tokenize

    data = text.encode("utf-8", "surrogateescape")
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return text.encode(encoding)
    except (SyntaxError, UnicodeError, LookupError):
        return data
