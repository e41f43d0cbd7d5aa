"""``djfa-lint check``: from paths and options to output and an exit code."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from djfa_lint.commands.baselined import Baselined
from djfa_lint.commands.cache import cache_of
from djfa_lint.commands.narrowing import narrowed, refuse_clashes
from djfa_lint.commands.options import CheckOptions
from djfa_lint.commands.output import Output
from djfa_lint.engine.add_ignores import add_ignores
from djfa_lint.engine.config import find_config
from djfa_lint.engine.discover import excluded_by
from djfa_lint.engine.fix import Fixed, diff, fix, write
from djfa_lint.engine.registry import load_registry
from djfa_lint.engine.run import Outcome, Progress, Request, lint
from djfa_lint.engine.selection import make_selection
from djfa_lint.errors import ConfigError
from djfa_lint.source.store import Store

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

_PROGRESS_AFTER = 1.0


def check_paths(paths: Sequence[Path], options: CheckOptions) -> int:
    """Lint, fix if asked to, print, and return the exit code. Raises DjfaError for what the user got wrong."""
    refuse_clashes(options)
    given = given_paths(paths)
    config = find_config(common_folder(given), options.isolated, options.config_file)
    excludes = (*config.exclude, *config.extend_exclude)
    if options.force_exclude:
        given = tuple(one for one in given if one == config.root or not excluded_by(config.root, excludes, one))
    registry = load_registry()
    baselined = Baselined(config, options)
    store = Store(config.root)
    output = Output(options.output_format, options.color, options.quiet, store, Path.cwd())
    with ExitStack() as stack:
        progress = _progress(stack) if _may_show_progress(options) else _no_progress
        request = Request(
            config,
            store,
            registry,
            make_selection(config, registry, options.select, options.ignore),
            given,
            options.jobs,
            prefilter=not options.no_prefilter,
            progress=progress,
            cache=None if options.no_cache else cache_of(config.root, options.cache_dir),
            narrow=baselined.narrow,
        )
        request = narrowed(request, options)
        if not (options.fix or options.diff or options.add_ignores):
            fixed = Fixed(lint(request) if given else Outcome())
        else:
            fixed = _rewritten(request, options)
            if options.diff:
                stack.close()
                return _show_diff(request, fixed, options, output)
            write(config.root, fixed.texts)
    notes, stale = baselined.tell(request)
    if options.add_ignores:
        notes = [_hidden(fixed.made), *notes]
    output.print(fixed.outcome, 0 if options.add_ignores else fixed.made, notes)
    return 1 if (fixed.outcome.findings or stale) and not options.exit_zero else 0


def _rewritten(request: Request, options: CheckOptions) -> Fixed:
    """What fixing makes of the files, or putting in comments; what it could not do is told."""
    fixed = add_ignores(request) if options.add_ignores else fix(request, options.unsafe_fixes)
    for line in fixed.dropped:
        click.echo(f"djfa-lint: {line}", err=True)
    return fixed


def _hidden(count: int) -> str:
    return f"{count} finding{' is' if count == 1 else 's are'} hidden by comments that were put in."


def _show_diff(request: Request, fixed: Fixed, options: CheckOptions, output: Output) -> int:
    """Print what would change; the exit code."""
    click.echo(diff(request, fixed, output.places.shown), nl=False)
    left = sum(one.fix is not None for one in fixed.outcome.findings)
    if left and not (options.unsafe_fixes or options.add_ignores or options.quiet):
        click.echo(f"djfa-lint: {left} more with --unsafe-fixes", err=True)
    return 1 if fixed.texts and not options.exit_zero else 0


def given_paths(paths: Sequence[Path]) -> tuple[Path, ...]:
    """The given paths, absolute; the current folder if there are none. Raises ConfigError for one that is not there."""
    here = Path.cwd()
    given = tuple(Path(os.path.normpath(here / path)) for path in paths) or (here,)
    missing = [f"`{shown}`" for path, shown in zip(given, paths or (here,), strict=True) if not os.path.lexists(path)]
    if missing:
        raise ConfigError(f"{', '.join(missing)} {'does' if len(missing) == 1 else 'do'} not exist")
    return given


def common_folder(given: Sequence[Path]) -> Path:
    """The folder that all given paths lie in or are."""
    common = Path(os.path.commonpath(given))
    return common if common.is_dir() else common.parent


def _may_show_progress(options: CheckOptions) -> bool:
    quiet = options.quiet or os.environ.get("CI") or os.environ.get("PRE_COMMIT")
    return not quiet and sys.stderr.isatty()


def _no_progress(stage: str, done: int, total: int) -> None:
    """Show nothing."""


def _progress(stack: ExitStack) -> Progress:
    """A progress line on stderr that appears once a run has taken a second; `stack` takes it away at the end."""
    shown: dict[str, Any] = {}
    return partial(_show, stack, shown, time.monotonic())


def _show(stack: ExitStack, shown: dict[str, Any], began: float, stage: str, done: int, total: int) -> None:
    bar: Bar | None = shown.get("bar")
    if bar is None:
        if time.monotonic() - began < _PROGRESS_AFTER:
            return
        from rich.console import Console
        from rich.progress import Progress as Bar

        bar = shown["bar"] = stack.enter_context(Bar(console=Console(stderr=True), transient=True))
    if stage not in shown:
        shown[stage] = bar.add_task(stage, total=total)
    bar.update(shown[stage], completed=done + 1)
