"""The difference between what two versions of the linter report."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from bench.corpus.results import ProjectResult, Result


@dataclass(frozen=True, order=True)
class Site:
    """A finding, as far as two versions of the linter can share it."""

    project: str
    path: str
    line: int
    code: str
    message: str

    @property
    def without_line(self) -> tuple[str, str, str, str]:
        """What stays the same when a finding moves."""
        return (self.project, self.path, self.code, self.message)

    @property
    def place(self) -> tuple[str, str, str, int]:
        """What stays the same when only the words change."""
        return (self.project, self.path, self.code, self.line)


@dataclass
class Difference:
    """What the newer version gained, lost and moved, over the projects both ran on."""

    projects: list[str]
    left_out: list[str]
    base_seconds: float
    head_seconds: float
    gained: list[Site] = field(default_factory=list)
    lost: list[Site] = field(default_factory=list)
    moved: list[tuple[Site, Site]] = field(default_factory=list)
    reworded: int = 0

    @property
    def time_ratio(self) -> float:
        """How many times longer the newer version takes."""
        return self.head_seconds / self.base_seconds if self.base_seconds else float("nan")

    def by_rule(self) -> dict[str, tuple[int, int, int]]:
        """Gained, lost and moved of each rule that changed."""
        gained = Counter(site.code for site in self.gained)
        lost = Counter(site.code for site in self.lost)
        moved = Counter(head.code for _, head in self.moved)
        codes = sorted({*gained, *lost, *moved})
        return {code: (gained[code], lost[code], moved[code]) for code in codes}


def _sites(projects: Iterable[ProjectResult]) -> Counter[Site]:
    return Counter(
        Site(project.name, finding["path"], finding["line"], finding["code"], finding["message"])
        for project in projects
        for finding in project.findings
    )


def _without_reworded(difference: Difference, lost: list[Site], gained: list[Site]) -> tuple[list[Site], list[Site]]:
    """What is left of both lists less the pairs at one place, which differ in their message only."""
    arrivals: defaultdict[tuple[str, str, str, int], list[Site]] = defaultdict(list)
    for site in gained:
        arrivals[site.place].append(site)
    really_lost = []
    for site in lost:
        if arrivals[site.place]:
            arrivals[site.place].pop(0)
            difference.reworded += 1
        else:
            really_lost.append(site)
    return really_lost, sorted(site for rest in arrivals.values() for site in rest)


def _match_moved(difference: Difference, lost: list[Site], gained: list[Site]) -> None:
    arrivals: defaultdict[tuple[str, str, str, str], list[Site]] = defaultdict(list)
    for site in gained:
        arrivals[site.without_line].append(site)
    for site in lost:
        candidates = arrivals[site.without_line]
        if candidates:
            difference.moved.append((site, candidates.pop(0)))
        else:
            difference.lost.append(site)
    difference.gained.extend(sorted(site for rest in arrivals.values() for site in rest))


def compare(base: Result, head: Result, only: Iterable[str] | None = None) -> Difference:
    """Compare two results over the projects they share in the same version."""
    names = sorted(set(only) if only is not None else {*base.projects, *head.projects})
    shared = [
        name
        for name in names
        if name in base.projects
        and name in head.projects
        and base.projects[name].version == head.projects[name].version
    ]
    before = [base.projects[name] for name in shared]
    after = [head.projects[name] for name in shared]
    difference = Difference(
        projects=shared,
        left_out=[name for name in names if name not in shared],
        base_seconds=sum(project.seconds for project in before),
        head_seconds=sum(project.seconds for project in after),
    )
    old, new = _sites(before), _sites(after)
    lost, gained = sorted((old - new).elements()), sorted((new - old).elements())
    _match_moved(difference, *_without_reworded(difference, lost, gained))
    return difference
