"""Prints an outcome in the chosen format, in colour where that is wanted. rich is imported only for people."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from djfa_lint.engine.run import Outcome
from djfa_lint.reporters import concise, github, json
from djfa_lint.reporters.places import Places
from djfa_lint.source.store import Store

_PLAIN = {"concise": concise.report, "json": json.report, "github": github.report}


class Output:
    """Where and how findings are printed."""

    def __init__(self, output_format: str, color: str, quiet: bool, store: Store, base: Path) -> None:
        """`base` is the absolute folder that paths are shown relative to."""
        self._format, self._color, self._quiet = output_format, color, quiet
        self.places = Places(store, base)

    def print(self, outcome: Outcome, made: int, notes: Sequence[str] = ()) -> None:
        """Print the findings and, for people, the summary; `made` counts the fixes made, `notes` are its last lines."""
        plain = _PLAIN.get(self._format)
        if plain is not None:
            click.echo(plain(outcome.findings, self.places), nl=False)
            return
        from rich.console import Console

        from djfa_lint.reporters import full, summary

        colour = wants_colour(self._color)
        console = Console(
            file=sys.stdout,
            force_terminal=colour,
            no_color=not colour,
            highlight=False,
            soft_wrap=True,
            markup=False,
        )
        if outcome.findings:
            console.print(full.report(outcome.findings, self.places))
        if made:
            console.print(f"Fixed {made} finding{'' if made == 1 else 's'}.")
        if not self._quiet:
            console.print(summary.report(outcome.findings, outcome.files, notes), end="")


def wants_colour(choice: str, environment: Mapping[str, str] = os.environ, terminal: bool | None = None) -> bool:
    """Whether to colour: the option, else NO_COLOR, else FORCE_COLOR or CLICOLOR_FORCE, else if it is a terminal."""
    if choice != "auto":
        return choice == "always"
    if environment.get("NO_COLOR"):
        return False
    if any(environment.get(name, "0").lower() not in {"", "0", "false"} for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return True
    return sys.stdout.isatty() if terminal is None else terminal
