"""Prints results and comparisons as tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bench.corpus.compare import Difference, Site
from bench.corpus.results import ProjectResult, Result
from bench.corpus.verdicts import Outcome, Verdict, share_true

LIST_LIMIT = 20


def _console(columns: int = 0) -> Console:
    # Rich squeezes a table to 80 columns when the output is no terminal, which hides the numbers.
    console = Console(highlight=False, soft_wrap=True)
    console.width = max(console.width, 40 + 12 * columns)
    return console


def _project_table(projects: Sequence[ProjectResult]) -> Table:
    table = Table("project", "version", title="Projects")
    for heading in ("files", "lines", "seconds", "lines/s", "exit", "findings", "per 1000 lines"):
        table.add_column(heading, justify="right")
    for one in [*projects, _total(projects)]:
        exit_code = "-" if one.exit_code is None else str(one.exit_code)
        table.add_row(
            escape(one.name),
            one.version,
            f"{one.files:,}",
            f"{one.lines:,}",
            f"{one.seconds:.1f}",
            f"{one.lines / one.seconds:,.0f}" if one.seconds else "-",
            exit_code,
            str(len(one.findings)),
            f"{1000 * len(one.findings) / one.lines:.2f}" if one.lines else "-",
        )
    return table


def _total(projects: Sequence[ProjectResult]) -> ProjectResult:
    return ProjectResult(
        name="total",
        version="",
        files=sum(one.files for one in projects),
        lines=sum(one.lines for one in projects),
        seconds=sum(one.seconds for one in projects),
        exit_code=None,
        findings=[finding for one in projects for finding in one.findings],
    )


def _rule_table(projects: Sequence[ProjectResult]) -> Table:
    counts = {one.name: Counter(finding["code"] for finding in one.findings) for one in projects}
    names = {finding["code"]: finding.get("name", "") for one in projects for finding in one.findings}
    table = Table("code", "rule", title="Findings")
    for project in projects:
        table.add_column(escape(project.name), justify="right", overflow="fold")
    table.add_column("total", justify="right")
    for code in sorted(names):
        row = [counts[project.name][code] for project in projects]
        table.add_row(escape(code), escape(names[code]), *(str(n) if n else "" for n in row), str(sum(row)))
    return table


def print_run(result: Result, names: Sequence[str]) -> list[str]:
    """Print the projects' results; returns every crash, with its project."""
    projects = [result.projects[name] for name in names]
    console = _console(len(projects))
    console.print(_rule_table(projects))
    console.print(_project_table(projects))
    console.print(f"linter {result.state}: {sum(one.seconds for one in projects):.1f} s in total")
    crashes = [f"{one.name}: {crash}" for one in projects for crash in one.crashes]
    for crash in crashes:
        console.print(f"CRASH {escape(crash)}")
    return crashes


def _print_sites(console: Console, title: str, lines: list[str], everything: bool) -> None:
    if not lines:
        return
    shown = lines if everything else lines[:LIST_LIMIT]
    console.print(f"\n{title} ({len(lines)}):")
    for line in shown:
        console.print(f"  {escape(line)}")
    if len(shown) < len(lines):
        console.print(f"  ... {len(lines) - len(shown)} more; --all lists them")


def _site(site: Site) -> str:
    return f"{site.project} {site.path}:{site.line} {site.code} {site.message}"


def print_difference(difference: Difference, everything: bool) -> None:
    """Print what changed: numbers for each rule, the time, and the findings."""
    console = _console()
    table = Table("code", title=f"{len(difference.projects)} projects compared")
    for heading in ("gained", "lost", "moved"):
        table.add_column(heading, justify="right")
    for code, counts in difference.by_rule().items():
        table.add_row(escape(code), *(str(count) for count in counts))
    sums = (len(difference.gained), len(difference.lost), len(difference.moved))
    table.add_row("total", *(str(count) for count in sums))
    console.print(table)
    console.print(
        f"time: {difference.base_seconds:.1f} s -> {difference.head_seconds:.1f} s, ratio {difference.time_ratio:.2f}"
    )
    if difference.left_out:
        console.print(f"not in both results: {', '.join(difference.left_out)}")
    if difference.reworded:
        console.print(f"{difference.reworded} with another message only")
    _print_sites(console, "gained", [_site(site) for site in difference.gained], everything)
    _print_sites(console, "lost", [_site(site) for site in difference.lost], everything)
    moved = [f"{_site(base)} -> line {head.line}" for base, head in difference.moved]
    _print_sites(console, "moved", moved, everything)


def _verdict(verdict: Verdict) -> str:
    return f"{verdict.project} {verdict.path}:{verdict.line} {verdict.code} ({verdict.cause})"


def print_check(outcome: Outcome, verdicts: Sequence[Verdict]) -> None:
    """Print the share of true verdicts of each rule, and every disagreement."""
    console = _console()
    table = Table("code", title="Verdicts")
    for heading in ("true", "all", "share"):
        table.add_column(heading, justify="right")
    for code, (true, total) in share_true(verdicts).items():
        table.add_row(escape(code), str(true), str(total), f"{100 * true / total:.0f} %")
    console.print(table)
    _print_sites(console, "true, no longer found", [_verdict(one) for one in outcome.missed], True)
    _print_sites(console, "false, still found", [_verdict(one) for one in outcome.wrong], True)
    settled = [_verdict(one) for one in outcome.settled]
    _print_sites(console, "false and gone: take `open` away in the verdicts", settled, True)
    console.print(
        f"{outcome.agreed} agree, {outcome.open} known false alarms are open, {len(outcome.missed)} missed, "
        f"{len(outcome.wrong)} wrong, {outcome.skipped} skipped (project or version not in the result)"
    )
