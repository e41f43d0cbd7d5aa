"""What ``check`` does with a baseline: takes what it hides out of a run, and tells of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from djfa_lint.engine.baseline import Gone
from djfa_lint.engine.config import Config
from djfa_lint.engine.hiding import Hiding, hiding
from djfa_lint.engine.run import Request
from djfa_lint.errors import ConfigError

if TYPE_CHECKING:
    from djfa_lint.commands.options import CheckOptions


class Baselined:
    """The baseline in force for one run of ``check``, if there is one."""

    def __init__(self, config: Config, options: CheckOptions) -> None:
        """Reads the baseline; raises ConfigError for one that is missing or damaged, and for options that clash."""
        self._options = options
        self._hiding = None if options.no_baseline else hiding(config, options.baseline, options.jobs)
        if options.baseline_strict and self._hiding is None:
            told = "name one with `--baseline` or in the configuration"
            raise ConfigError(f"`--baseline-strict` needs a baseline; {told}")
        if options.baseline_strict and options.diff:
            raise ConfigError("`--baseline-strict` cannot be used with `--diff`")

    @property
    def narrow(self) -> tuple[Hiding, ...]:
        """The filter for `Request.narrow`. It comes first: which findings are hidden depends on all there are."""
        return () if self._hiding is None else (self._hiding,)

    def tell(self, request: Request) -> tuple[list[str], bool]:
        """Lines for the summary of the run of `request`, and whether it fails for stale entries, which are named."""
        known, options = self._hiding, self._options
        for_people = options.output_format == "full" and not options.quiet
        if known is None or not request.given or not (options.baseline_strict or for_people):
            return [], False
        gone = known.gone(request)
        if options.baseline_strict:
            for one in gone:
                click.echo(f"djfa-lint: stale in {known.shown}: {stale_line(one)}", err=True)
        hidden = known.matched.hidden
        notes = [f"{known.shown} hides {hidden} finding{'' if hidden == 1 else 's'}."] if hidden else []
        if gone:
            are = "entry is" if len(gone) == 1 else "entries are"
            notes.append(f"{len(gone)} {are} stale in {known.shown}; `djfa-lint baseline prune` takes them out.")
        return notes, options.baseline_strict and bool(gone)


def stale_line(gone: Gone) -> str:
    """A stale entry in words: where it stood, and how many of its findings are left."""
    entry = gone.entry
    scope = f" in {entry.scope}" if entry.scope else ""
    snippet = f": `{entry.snippet}`" if entry.snippet else ""
    left = f" ({gone.left} of {entry.count} left)" if entry.count > 1 else ""
    return f"{entry.path}: {entry.code}{scope}{snippet}{left}"
