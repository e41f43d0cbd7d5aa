"""The ``djfa-lint`` command."""

from __future__ import annotations

import errno
import io
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from djfa_lint import __version__
from djfa_lint.errors import DjfaError

FORMATS = ("full", "concise", "json", "github")


def _tell_of_bug() -> None:
    click.echo(traceback.format_exc(), err=True, nl=False)
    click.echo("djfa-lint: this is a bug in djfa-lint; please report it with the lines above", err=True)


class _CommaList(click.ParamType):  # type: ignore[type-arg,unused-ignore]  # generic from click 8.2 on
    """Codes separated by commas."""

    name = "codes"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        """Split a string; a tuple is taken as it is."""
        if isinstance(value, tuple):
            return value
        return tuple(part for part in str(value).replace(",", " ").split() if part)


_cache_dir = click.option(
    "--cache-dir",
    type=click.Path(path_type=Path),
    envvar="DJFA_LINT_CACHE_DIR",
    help="Keep what is known of files in this folder instead of `.djfa_cache` in the project.",
)


_baseline = click.option(
    "--baseline", type=click.Path(path_type=Path), help="The file of old findings, in place of the configured one."
)


def _linting(command: Callable[..., None]) -> Callable[..., None]:
    """The arguments and options of a command that lints to keep a baseline."""
    for add in (
        click.option("--jobs", "-j", type=click.IntRange(min=0), default=0, help="Processes; 0: one a core."),
        click.option("--no-cache", is_flag=True, help="Keep and read nothing between runs."),
        _cache_dir,
        click.option("--isolated", is_flag=True, help="Read no configuration file."),
        click.option("--config", "config_file", type=click.Path(path_type=Path), help="Use this configuration file."),
        click.option("--ignore", type=_CommaList(), default=(), help="Rules not to run."),
        click.option("--select", type=_CommaList(), help="Rules to run: codes, their beginnings, names, or ALL."),
        _baseline,
        click.argument("paths", nargs=-1, type=click.Path(path_type=Path)),
    ):
        command = add(command)
    return command


class _Group(click.Group):
    """Tells somebody who gave a path where a command belongs what to write."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, with a better word for ``djfa-lint src``."""
        if args and self.get_command(ctx, args[0]) is None and os.path.exists(args[0]):
            ctx.fail(f"No such command '{args[0]}'. To lint a path: djfa-lint check {args[0]}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; an error of ours is one line and exit code 2."""
        try:
            return super().invoke(ctx)
        except DjfaError as error:
            click.echo(f"djfa-lint: error: {error}", err=True)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except OSError as error:
            if error.errno in {errno.EPIPE, errno.EINVAL}:
                raise  # whoever read the output has gone; click ends quietly
            _tell_of_bug()
        except Exception:
            _tell_of_bug()
        raise click.exceptions.Exit(2)


@click.group(
    cls=_Group,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "auto_envvar_prefix": "DJFA_LINT"},
)
@click.version_option(__version__, "-V", "--version", prog_name="djfa-lint", message="%(prog)s %(version)s")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Find what hurts Django and FastAPI projects in production, with the evidence.

    Without a command, lints the current folder: the same as `djfa-lint check .`
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # What the terminal's encoding cannot write is shown escaped; it must not end the run.
            stream.reconfigure(errors="backslashreplace")
    if ctx.invoked_subcommand is None:
        ctx.invoke(check)


@main.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--select", type=_CommaList(), help="Rules to run: codes, their beginnings, names, or ALL.")
@click.option("--ignore", type=_CommaList(), default=(), help="Rules not to run.")
@click.option("--fix", is_flag=True, help="Make the safe fixes.")
@click.option("--unsafe-fixes", is_flag=True, help="With --fix or --diff: also fixes that may change behaviour.")
@click.option("--diff", is_flag=True, help="Show what --fix would change, change nothing; exit 1 if anything.")
@click.option("--add-ignores", is_flag=True, help="Hide what is found with comments; with --diff: show them only.")
@click.option("--diff-against", metavar="REV", help="Only findings that touch lines changed since a git revision.")
@click.option("--since", metavar="REV", help="Only findings that the project did not have at a git revision.")
@click.option(
    "--scope",
    type=click.Choice(("given", "affected")),
    help="Findings in the given files, or also in others that these make true; given, under pre-commit affected.",
)
@click.option("--output-format", type=click.Choice(FORMATS), default="full", show_default=True)
@click.option("--config", "config_file", type=click.Path(path_type=Path), help="Use this configuration file.")
@click.option("--isolated", is_flag=True, help="Read no configuration file.")
@click.option("--force-exclude", is_flag=True, help="Leave out excluded files even when given by name.")
@click.option("--jobs", "-j", type=click.IntRange(min=0), default=0, help="Processes; 0, the default: one a core.")
@click.option("--no-cache", is_flag=True, help="Keep and read nothing between runs.")
@_cache_dir
@_baseline
@click.option("--no-baseline", is_flag=True, help="Hide nothing: pass over the configured baseline.")
@click.option("--baseline-strict", is_flag=True, help="Exit 1 and name the entries whose findings are gone.")
@click.option("--exit-zero", is_flag=True, help="Exit 0 even with findings.")
@click.option("--quiet", "-q", is_flag=True, help="Only findings: no summary, no progress.")
@click.option("--color", type=click.Choice(("auto", "always", "never")), default="auto", show_default=True)
@click.option("--no-prefilter", is_flag=True, hidden=True)
@click.pass_context
def check(ctx: click.Context, /, paths: tuple[Path, ...], **options: Any) -> None:
    """Lint files and folders (default: the current folder).

    The whole project is read whatever paths are given; they choose what is reported. Exit code: 0 clean, 1 findings,
    2 usage, configuration or internal error.
    """
    from djfa_lint.commands.check import check_paths
    from djfa_lint.commands.options import CheckOptions

    ctx.exit(check_paths(paths, CheckOptions(**options)))


@main.command(short_help="Show what a rule reports and why.")
@click.argument("code")
def rule(code: str) -> None:
    """Show what a rule reports, why, and how to mend it; CODE is a code or a rule's name."""
    from djfa_lint.commands.show import rule_page

    click.echo(rule_page(code))


@main.command()
@click.option("--output-format", type=click.Choice(("text", "json")), default="text", show_default=True)
def rules(output_format: str) -> None:
    """List all rules."""
    from djfa_lint.commands.show import rule_list

    click.echo(rule_list(output_format))


@main.command(short_help="Show the configuration in force.")
@click.option("--config", "config_file", type=click.Path(path_type=Path), help="Use this configuration file.")
@click.option("--isolated", is_flag=True, help="Read no configuration file.")
def config(config_file: Path | None, isolated: bool) -> None:
    """Show the configuration in force here: where it comes from, which rules run."""
    from djfa_lint.commands.show import config_page

    click.echo(config_page(Path.cwd(), config_file, isolated))


@main.command(short_help="Show what the linter sees of a project.")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--output-format", type=click.Choice(("text", "json")), default="text", show_default=True)
@click.option("--graph", type=click.Choice(("mermaid", "dot")), help="A picture of models and relations instead.")
@click.option("--config", "config_file", type=click.Path(path_type=Path), help="Use this configuration file.")
@click.option("--isolated", is_flag=True, help="Read no configuration file.")
@click.option("--jobs", "-j", type=click.IntRange(min=0), default=0, help="Processes; 0, the default: one a core.")
def project(paths: tuple[Path, ...], **options: Any) -> None:
    """Show what the linter sees of the project around PATHS (default: the current folder).

    Models with their relations, endpoints with their views, serializers, templates, source roots, versions: for a look
    around, and for bug reports.
    """
    from djfa_lint.commands.project import project_page

    click.echo(project_page(paths, **options))


@main.group(short_help="Hide old findings, to begin with what is new.")
def baseline() -> None:
    """Keep a file of old findings that `check` does not report.

    The file is the one that the configuration names with `baseline`, or djfa-baseline.json in the project's folder.
    """


@baseline.command(short_help="Write all findings into a new file.")
@_linting
@click.option("--force", is_flag=True, help="Overwrite the file where there is one.")
def create(paths: tuple[Path, ...], force: bool, **options: Any) -> None:
    """Write all findings of PATHS (default: the current folder) into a new file."""
    from djfa_lint.commands.baseline import BaselineOptions
    from djfa_lint.commands.baseline import create as make

    click.echo(make(paths, BaselineOptions(**options), force))


@baseline.command(short_help="Take out what is gone; put in what is new if asked to.")
@_linting
@click.option("--add-new", is_flag=True, help="Put in new findings too.")
def update(paths: tuple[Path, ...], add_new: bool, **options: Any) -> None:
    """Take out entries whose findings are gone, lower counts, and renew the texts that are there for people.

    With PATHS, only entries of these files and folders change. Entries of rules that did not run stay.
    """
    from djfa_lint.commands.baseline import BaselineOptions
    from djfa_lint.commands.baseline import update as bring_up_to_date

    click.echo(bring_up_to_date(paths, BaselineOptions(**options), add_new))


@baseline.command(short_help="Take out what is gone, change nothing else.")
@_linting
def prune(paths: tuple[Path, ...], **options: Any) -> None:
    """Take out entries whose findings are gone and lower counts; no other line of the file changes.

    With PATHS, only entries of these files and folders change. Entries of rules that did not run stay.
    """
    from djfa_lint.commands.baseline import BaselineOptions
    from djfa_lint.commands.baseline import prune as take_out

    click.echo(take_out(paths, BaselineOptions(**options)))


@baseline.command(short_help="Count what is hidden, by code.")
@_baseline
@click.option("--output-format", type=click.Choice(("text", "json")), default="text", show_default=True)
@click.option("--config", "config_file", type=click.Path(path_type=Path), help="Use this configuration file.")
@click.option("--isolated", is_flag=True, help="Read no configuration file.")
def show(output_format: str, **options: Any) -> None:
    """Show how many findings the baseline hides, by code."""
    from djfa_lint.commands.baseline import BaselineOptions
    from djfa_lint.commands.baseline import show as table

    click.echo(table(BaselineOptions(**options), output_format))


@main.command(short_help="Remove what was kept between runs.")
@_cache_dir
def clean(cache_dir: Path | None) -> None:
    """Remove what was kept of the project around the current folder."""
    from djfa_lint.commands.cache import clean as clean_cache

    click.echo(clean_cache(Path.cwd(), cache_dir))


@main.command()
def version() -> None:
    """Show the version."""
    click.echo(f"djfa-lint {__version__}")
