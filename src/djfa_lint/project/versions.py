"""Which versions of a framework the project may run with, as far as its requirement files say.

What a file says of the version that is installed is a fact; where the files leave it open, so does the answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import NamedTuple

from djfa_lint.facts.requirements import LOCKS, Requirement, following, normalised, release

FRAMEWORKS = (
    "celery",
    "django",
    "django-ninja",
    "djangorestframework",
    "fastapi",
    "pydantic",
    "sqlalchemy",
    "sqlmodel",
    "starlette",
    "wagtail",
)
# What lies in such a folder is for something else than the project: its files do not say what the project runs with.
_OTHERS = re.compile(r"(^|[-_.])(bench(marks?)?|docs?|examples?|fixtures|samples?|templates?|testing|tests?)([-_.]|$)")
_FOLDER = "requirements"


class Version(NamedTuple):
    """The versions that are possible, as release numbers of at least three parts.

    `lowest` is empty where it is not known, `highest` None. `highest` itself is among them if `inclusive`. `source` is
    the file that says so, or that says the lowest, and its `line`; "" and 0 for what is configured.
    """

    lowest: tuple[int, ...]
    highest: tuple[int, ...] | None
    source: str
    line: int
    inclusive: bool = True


class Versions:
    """Answers what version of a distribution the project has; answers are kept."""

    def __init__(
        self, found: Mapping[str, tuple[Requirement, ...]], configured: Mapping[str, str] | None = None
    ) -> None:
        """`found` is what each file asks for; `configured` are versions by distribution: ``4.2`` is any 4.2.x."""
        self._said: dict[str, list[_Said]] = {}
        for path in sorted(found):
            for one in found[path] if _of_the_project(path) else ():
                self._said.setdefault(one.name, []).append(_Said(path, one))
        self._kept: dict[str, Version | None] = {}
        for name, version in (configured or {}).items():
            if release(version):
                self._kept[normalised(name)] = _configured(release(version))

    def of(self, name: str) -> Version | None:
        """What is known of a distribution's version; None where nothing is."""
        name = normalised(name)
        if name not in self._kept:
            self._kept[name] = _decided(self._said.get(name, []))
        return self._kept[name]

    def surely(self, name: str, at_least: tuple[int, ...]) -> bool:
        """Whether every version that is possible is this one or later."""
        version = self.of(name)
        return version is not None and bool(version.lowest) and _short(version.lowest) >= _short(at_least)

    def surely_below(self, name: str, limit: tuple[int, ...]) -> bool:
        """Whether every version that is possible is earlier than this one."""
        version = self.of(name)
        if version is None or version.highest is None:
            return False
        highest = _short(version.highest)
        return highest < _short(limit) or (highest == _short(limit) and not version.inclusive)

    def known(self) -> tuple[tuple[str, Version], ...]:
        """The frameworks of which something is known, by name."""
        return tuple((name, version) for name in FRAMEWORKS if (version := self.of(name)) is not None)


class _Said(NamedTuple):
    """One requirement and the file it is in."""

    path: str
    wanted: Requirement

    @property
    def place(self) -> tuple[int, bool]:
        """How near it is to what the project as a whole asks for."""
        return sum(part != _FOLDER for part in self.path.split("/")[:-1]), self.wanted.aside

    @property
    def rank(self) -> int:
        """Lock files first, then pip's, then what is declared."""
        base = self.path.rpartition("/")[2]
        if LOCKS.fullmatch(base):
            return 0
        return 1 if base.endswith((".txt", ".in")) else 3 if base.startswith("setup.") else 2

    @property
    def version(self) -> Version:
        """The versions it allows."""
        path, wanted = self
        if wanted.pinned:
            pin = _long(release(wanted.pinned))
            return Version(pin, pin or None, path, wanted.line)
        below = _long(release(wanted.below))
        return Version(_long(release(wanted.lowest)), below or None, path, wanted.line, not below)


def _decided(said: list[_Said]) -> Version | None:
    """What the files together say: those nearest to the top, of them the ones that pin, of them the first kind."""
    if not said:
        return None
    nearest = min(one.place for one in said)
    kinds: dict[int, list[list[_Said]]] = {}
    for _, own in groupby((one for one in said if one.place == nearest), key=lambda one: one.path):
        telling = _telling(list(own))
        kinds.setdefault(telling[0].rank, []).append(telling)
    ordered = [kinds[rank] for rank in sorted(kinds)]
    for files in ordered:
        pins = [one for own in files if own[0].wanted.pinned for one in own]
        if pins:
            return _known(_either(one.version for one in pins))
    spans = (_either(_span(own) for own in files) for files in ordered)
    return next((span for span in spans if _known(span)), None)


def _telling(own: list[_Said]) -> list[_Said]:
    """What counts among the requirements of one file: those that hold everywhere, and pins before others."""
    everywhere = [one for one in own if not one.wanted.marker] or own
    pinned = [one for one in everywhere if one.wanted.pinned]
    # Where only some environments are pinned, the others have what their bounds allow.
    if everywhere is own and len(pinned) < len(own):
        return sorted(own, key=lambda one: one.wanted.pinned != "")
    return pinned or everywhere


def _span(own: list[_Said]) -> Version:
    """What one file's bounds allow: all that hold everywhere do at once, those of extras and markers need not."""
    versions = [one.version for one in own]
    if any(one.wanted.aside or one.wanted.marker for one in own):
        return _either(versions)
    lowest = max(versions, key=lambda one: one.lowest)
    limits = [one for one in versions if one.highest is not None]
    limit = min(limits, key=lambda one: one.highest or ()) if limits else lowest
    if limit.highest is not None and limit.highest <= lowest.lowest:
        return Version((), None, lowest.source, lowest.line)
    return lowest._replace(highest=limit.highest, inclusive=limit.inclusive)


def _either(versions: Iterable[Version]) -> Version:
    """The span from the lowest of some versions to the highest."""
    every = list(versions)
    lowest = min(every, key=lambda one: one.lowest)
    if any(one.highest is None for one in every):
        return lowest._replace(highest=None, inclusive=True)
    highest = max(every, key=lambda one: (one.highest or (), one.inclusive))
    return lowest._replace(highest=highest.highest, inclusive=highest.inclusive)


def _known(version: Version) -> Version | None:
    return version if version.lowest or version.highest else None


def _configured(numbers: tuple[int, ...]) -> Version:
    if len(numbers) > 2:
        return Version(_long(numbers), _long(numbers), "", 0)
    return Version(_long(numbers), _long(following(numbers)), "", 0, inclusive=False)


def _of_the_project(path: str) -> bool:
    return not any(_OTHERS.search(folder) for folder in path.split("/")[:-1] if folder != _FOLDER)


def _long(numbers: tuple[int, ...]) -> tuple[int, ...]:
    """At least three parts, so that (4, 2) is not less than (4, 2, 0); an empty one stays so."""
    return numbers + (0,) * (3 - len(numbers)) if numbers else ()


def _short(numbers: tuple[int, ...]) -> tuple[int, ...]:
    """Without zeros at the end: (5,), (5, 0) and (5, 0, 0) are one version."""
    while numbers and not numbers[-1]:
        numbers = numbers[:-1]
    return numbers
