"""``djfa-lint baseline``: make the file of old findings, keep it small, show what is in it."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from djfa_lint.commands.cache import cache_of
from djfa_lint.commands.check import common_folder, given_paths
from djfa_lint.engine.baseline import DEFAULT_FILE, VERSION, Baseline, Matched, read_baseline, write_baseline
from djfa_lint.engine.config import Config, find_config
from djfa_lint.engine.hiding import Judged, baseline_file
from djfa_lint.engine.registry import load_registry
from djfa_lint.engine.run import Request, lint
from djfa_lint.engine.selection import make_selection
from djfa_lint.errors import ConfigError
from djfa_lint.sdk.finding import Finding
from djfa_lint.source.store import Store


@dataclass(frozen=True)
class BaselineOptions:
    """What to lint for a baseline, and the file if it is given, under the names of the commands' parameters."""

    baseline: Path | None = None
    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    config_file: Path | None = None
    isolated: bool = False
    jobs: int = 0
    no_cache: bool = False
    cache_dir: Path | None = None


@dataclass(frozen=True)
class _Run:
    """A run over a project and the place of its baseline."""

    request: Request
    file: Path

    @property
    def shown(self) -> str:
        return os.path.relpath(self.file)

    def lint(self) -> list[Finding]:
        return lint(self.request).findings

    def match(self, baseline: Baseline, findings: list[Finding]) -> Matched:
        return baseline.match(findings, self.request.store, self.request.jobs)


def create(paths: Sequence[Path], options: BaselineOptions, force: bool) -> str:
    """Write all findings of `paths` into a new baseline; says so in lines for people.

    Raises ConfigError where there is one already, unless `force`, and DjfaError for what else goes wrong.
    """
    run = _run(paths, options)
    if not force and os.path.lexists(run.file):
        told = "`djfa-lint baseline update` brings it up to date, `--force` makes it anew"
        raise ConfigError(f"baseline `{run.shown}` exists; {told}")
    findings = run.lint()
    matched = run.match(Baseline(), findings)
    made = Baseline().grown(matched)
    write_baseline(run.file, made)
    lines = [f"{run.shown}: {_size(made)}"]
    left = len(findings) - made.count
    if left:
        lines.append(f"{_count(left, 'finding')} cannot be hidden: a file could not be linted; see `djfa-lint check`")
    config = run.request.config
    if baseline_file(config) != run.file:
        name = Path(os.path.relpath(run.file, config.root)).as_posix()
        lines.append(f'to use it, add to the configuration: baseline = "{name}"')
    return "\n".join(lines)


def update(paths: Sequence[Path], options: BaselineOptions, add_new: bool) -> str:
    """Take out of the baseline what is gone, with `add_new` put in what is new, and renew the texts for people."""
    return _changed(_run(paths, options), add_new, renew=True)


def prune(paths: Sequence[Path], options: BaselineOptions) -> str:
    """Take out of the baseline what is gone; no other line changes."""
    return _changed(_run(paths, options), add_new=False, renew=False)


def show(options: BaselineOptions, output_format: str) -> str:
    """How many findings the baseline hides, by code; as ``text`` or as ``json``."""
    config = find_config(Path.cwd(), options.isolated, options.config_file)
    file = _file(config, options)
    entries = list(read_baseline(file).entries.values())
    findings, lines = Counter[str](), Counter(entry.code for entry in entries)
    for entry in entries:
        findings[entry.code] += entry.count
    ranked = sorted(findings, key=lambda code: (-findings[code], code))
    names = {rule.code: rule.name for rule in load_registry().rules}
    files = len({entry.path for entry in entries})
    if output_format == "json":
        keys = ("code", "name", "findings", "entries")
        rows = [dict(zip(keys, (code, names.get(code), findings[code], lines[code]), strict=True)) for code in ranked]
        told = {"version": VERSION, "findings": findings.total(), "entries": len(entries), "files": files}
        return msgspec.json.format(msgspec.json.encode({**told, "codes": rows}), indent=2).decode()
    width = len(str(max(findings.values(), default=0)))
    table = [f"{findings[code]:>{width}}  {code} {names.get(code, '')}".rstrip() for code in ranked]
    return "\n".join([*table, f"{os.path.relpath(file)}: {_size(Baseline(entries))}, {_count(files, 'file')}"])


def _changed(run: _Run, add_new: bool, renew: bool) -> str:
    """Write the baseline as it is after a run; what has changed, in words."""
    old = read_baseline(run.file)
    findings = run.lint()
    matched = run.match(old, findings)
    gone = old.gone(matched, Judged(run.request, findings))
    new = old.shrunk(gone)
    if renew:
        new = new.reworded(matched)
    if add_new:
        new = new.grown(matched)
    lost = sum(one.entry.count - one.left for one in gone)
    added = new.count - old.count + lost
    if new.encode() != old.encode():
        write_baseline(run.file, new)
    told = f"{lost} gone, {added} added" if add_new else f"{lost} gone"
    return f"{run.shown}: {told}; {_size(new)}"


def _run(paths: Sequence[Path], options: BaselineOptions) -> _Run:
    given = given_paths(paths)
    config = find_config(common_folder(given), options.isolated, options.config_file)
    registry = load_registry()
    selection = make_selection(config, registry, options.select, options.ignore)
    cache = None if options.no_cache else cache_of(config.root, options.cache_dir)
    request = Request(config, Store(config.root), registry, selection, given, options.jobs, cache=cache)
    return _Run(request, _file(config, options))


def _file(config: Config, options: BaselineOptions) -> Path:
    return baseline_file(config, options.baseline) or config.root / DEFAULT_FILE


def _size(baseline: Baseline) -> str:
    return f"{_count(baseline.count, 'finding')} in {_count(len(baseline.entries), 'entry', 'entries')}"


def _count(number: int, word: str, words: str = "") -> str:
    return f"{number} {word if number == 1 else words or word + 's'}"
