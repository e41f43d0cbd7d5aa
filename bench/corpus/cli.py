"""The verbs: fetch, add, run, compare, sample, verdict and check."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from bench.corpus import report, sample, verdicts
from bench.corpus.archive import python_size
from bench.corpus.compare import compare
from bench.corpus.fetch import describe_new, ensure_project
from bench.corpus.gitstate import current_state
from bench.corpus.layout import REPOSITORY, Layout, load_projects
from bench.corpus.lint import DEFAULT_TIMEOUT, installed_linter
from bench.corpus.results import newest
from bench.corpus.runner import result_of_checkout, result_of_commit, run_projects

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def _projects_option() -> Decorator:
    return click.option("--project", "names", multiple=True, metavar="NAME", help="Only this (repeatable).")


def _linter_options(function: Callable[..., Any]) -> Callable[..., Any]:
    command = click.option(
        "--jobs-command", "command", default="djfa-lint", show_default=True, help="How to call the linter."
    )
    timeout = click.option(
        "--timeout", default=DEFAULT_TIMEOUT, show_default=True, help="Seconds one project may take."
    )
    return command(timeout(function))


def _result_option() -> Decorator:
    return click.option("--result", "state", metavar="COMMIT", help="Use this result and not the newest.")


@click.group()
@click.option(
    "--repository",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=REPOSITORY,
    show_default="this checkout",
    help="The checkout that holds the linter and the corpus.",
)
@click.pass_context
def main(context: click.Context, repository: Path) -> None:
    """Run the linter over real projects and judge what it reports."""
    context.obj = Layout.of(repository.resolve())


@main.command()
@_projects_option()
@click.pass_obj
def fetch(layout: Layout, names: tuple[str, ...]) -> None:
    """Fetch and unpack the pinned projects."""
    total = 0
    for project in load_projects(layout, names):
        files, lines = python_size(ensure_project(layout, project))
        total += lines
        click.echo(f"{project.label} ({project.kind}): {lines:,} lines in {files:,} Python files")
    click.echo(f"total: {total:,} lines")


@main.command()
@click.argument("name")
@click.argument("version", required=False)
@click.pass_obj
def add(layout: Layout, name: str, version: str | None) -> None:
    """Fetch a release and print the manifest entry that pins it."""
    click.echo(describe_new(layout, name, version), nl=False)


@main.command()
@_projects_option()
@_linter_options
@click.pass_obj
def run(layout: Layout, names: tuple[str, ...], command: str, timeout: float) -> None:
    """Lint the projects; fails when the linter crashes on one."""
    projects = load_projects(layout, names)
    linter = installed_linter(command, timeout)
    result = run_projects(layout, projects, linter, current_state(layout.repository), "run")
    if report.print_run(result, [project.name for project in projects]):
        raise click.exceptions.Exit(1)


@main.command("compare")
@click.argument("base")
@click.argument("head", required=False)
@_projects_option()
@_linter_options
@click.option("--all", "everything", is_flag=True, help="List every difference.")
@click.pass_obj
def compare_verb(
    layout: Layout,
    base: str,
    head: str | None,
    names: tuple[str, ...],
    command: str,
    timeout: float,
    everything: bool,
) -> None:
    """Show what changed from commit BASE to HEAD, or to the checkout as it is."""
    projects = load_projects(layout, names)
    before = result_of_commit(layout, base, projects, timeout)
    if head is None:
        after = result_of_checkout(layout, projects, lambda: installed_linter(command, timeout))
    else:
        after = result_of_commit(layout, head, projects, timeout)
    difference = compare(before, after, [project.name for project in projects])
    click.echo(f"{before.state} -> {after.state}")
    report.print_difference(difference, everything)
    for result in (before, after):
        for name in difference.projects:
            for crash in result.projects[name].crashes:
                click.echo(f"CRASH in {result.state}: {name}: {crash}")


@main.command("sample")
@click.option("--rule", metavar="CODE_OR_NAME", help="Only findings of this rule.")
@click.option("--count", type=click.IntRange(min=1), default=30, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--new", "only_new", is_flag=True, help="Leave out findings that have a verdict.")
@_projects_option()
@_result_option()
@click.pass_obj
def sample_verb(
    layout: Layout,
    rule: str | None,
    count: int,
    seed: int,
    only_new: bool,
    names: tuple[str, ...],
    state: str | None,
) -> None:
    """Draw findings at random and print them with their source."""
    result = newest(layout, state)
    if names:
        result.projects = {name: one for name, one in result.projects.items() if name in names}
    judged = verdicts.load_verdicts(layout.verdicts) if only_new else []
    drawn = sample.draw(result, rule or None, count, seed, frozenset(verdict.key for verdict in judged))
    if not drawn:
        raise click.ClickException("no such findings in the result")
    pins = {project.name: project for project in load_projects(layout)}
    for number, one in enumerate(drawn, 1):
        click.echo(f"--- {number} of {len(drawn)}\n{sample.describe(layout, pins, one)}\n")
    for line in dict.fromkeys(map(sample.template, drawn)):
        click.echo(line)


@main.command("verdict")
@click.pass_obj
def verdict_verb(layout: Layout) -> None:
    """Read verdicts as JSON lines from the standard input and store them."""
    fresh = verdicts.parse(sys.stdin.read())
    added, replaced = verdicts.merge(layout.verdicts, fresh)
    click.echo(f"{added} added, {replaced} replaced")


@main.command("check")
@_result_option()
@click.pass_obj
def check_verb(layout: Layout, state: str | None) -> None:
    """Hold the stored verdicts against the newest result."""
    stored = verdicts.load_verdicts(layout.verdicts)
    outcome = verdicts.check(stored, newest(layout, state))
    report.print_check(outcome, stored)
    if outcome.missed or outcome.wrong or outcome.settled:
        raise click.exceptions.Exit(1)
