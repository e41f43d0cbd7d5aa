"""The baseline: a file of old findings that are not reported, so that a project can begin with what is new.

An entry holds no line numbers: see `engine.identity` for what it is known by. Where a finding occurs more often than
its entry says, the last ones by place are reported.
"""

from __future__ import annotations

import json
import os
import re
import stat
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import structs

from djfa_lint.engine.identity import Identity, Known, identified
from djfa_lint.engine.own import ALWAYS_ON
from djfa_lint.errors import ConfigError, DjfaError
from djfa_lint.sdk.finding import Finding
from djfa_lint.source.store import Store

DEFAULT_FILE = "djfa-baseline.json"
VERSION = 1
_CONFLICT = re.compile(r"^(<{7}|\|{7}|={7}|>{7})( |$)", re.MULTILINE)


class Entry(msgspec.Struct, frozen=True):
    """A line of the file: findings of one identity, how many, and for people what they underline and say."""

    path: str
    code: str
    scope: str
    hash: str
    count: Annotated[int, msgspec.Meta(ge=1)]
    snippet: str = ""
    message: str = ""

    @property
    def identity(self) -> Identity:
        """What its findings are known by."""
        return Identity(self.path, self.code, self.scope, self.hash)


@dataclass(frozen=True)
class Gone:
    """An entry with fewer findings than it counts; `left` of them are still there."""

    entry: Entry
    left: int


@dataclass(frozen=True)
class Matched:
    """A run's findings beside a baseline: what is reported, how many are hidden, and all that was found by identity."""

    shown: list[Finding] = field(default_factory=list)
    hidden: int = 0
    found: Counter[Identity] = field(default_factory=Counter)
    known: dict[Identity, Known] = field(default_factory=dict)


class Baseline:
    """The entries of one file, by identity."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self.entries = {entry.identity: entry for entry in entries}

    @property
    def count(self) -> int:
        """How many findings it can hide."""
        return sum(entry.count for entry in self.entries.values())

    def match(self, findings: Iterable[Finding], store: Store, jobs: int = 1) -> Matched:
        """Hold findings, in any order, against the entries; `jobs` as for a run.

        A file or part of it that could not be linted (DFA001, DFA002) is always reported: what it hides is not known.
        """
        ordered = sorted(findings, key=lambda one: one.sort_key)
        shown = [one for one in ordered if one.code in ALWAYS_ON]
        may_hide = [one for one in ordered if one.code not in ALWAYS_ON]
        left = {identity: entry.count for identity, entry in self.entries.items()}
        found: Counter[Identity] = Counter()
        known: dict[Identity, Known] = {}
        for finding, one in zip(may_hide, identified(may_hide, store, jobs), strict=True):
            if one is not None:
                found[one.identity] += 1
                known.setdefault(one.identity, one)
                left[one.identity] = left.get(one.identity, 0) - 1
            if one is None or left[one.identity] < 0:
                shown.append(finding)
        return Matched(shown, len(ordered) - len(shown), found, known)

    def gone(self, matched: Matched, judged: Callable[[str, str], bool]) -> list[Gone]:
        """The stale entries, sorted: of those whose path and code were `judged`, the ones with less than they count."""
        fewer = (entry for entry in self._sorted() if matched.found[entry.identity] < entry.count)
        return [Gone(one, matched.found[one.identity]) for one in fewer if judged(one.path, one.code)]

    def shrunk(self, gone: Iterable[Gone]) -> Baseline:
        """The baseline without what is gone."""
        left = dict(self.entries)
        for one in gone:
            del left[one.entry.identity]
            if one.left:
                left[one.entry.identity] = structs.replace(one.entry, count=one.left)
        return Baseline(left.values())

    def grown(self, matched: Matched) -> Baseline:
        """The baseline with all that was found added; counts are raised and never lowered."""
        entries = dict(self.entries)
        for identity, count in matched.found.items():
            one, old = matched.known[identity], entries.get(identity)
            if old is None:
                entries[identity] = Entry(*identity, count, one.snippet, one.message)
            elif old.count < count:
                entries[identity] = structs.replace(old, count=count)
        return Baseline(entries.values())

    def reworded(self, matched: Matched) -> Baseline:
        """The baseline with the texts and messages that a run found, for people; what it hides is the same."""
        entries = dict(self.entries)
        for identity in entries.keys() & matched.known.keys():
            one = matched.known[identity]
            entries[identity] = structs.replace(entries[identity], snippet=one.snippet, message=one.message)
        return Baseline(entries.values())

    def encode(self) -> bytes:
        """The file's bytes: one entry a line, sorted, so that edits of different entries merge."""
        lines = [_line(entry) for entry in self._sorted()]
        return b'{"version": %d, "entries": [\n' % VERSION + b",\n".join(lines) + (b"\n" if lines else b"") + b"]}\n"

    def _sorted(self) -> list[Entry]:
        return [self.entries[identity] for identity in sorted(self.entries)]


def read_baseline(file: Path) -> Baseline:
    """The baseline in a file; raises ConfigError, with the line, for one that is missing, damaged or newer."""
    shown = os.path.relpath(file)
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise ConfigError(f"baseline `{shown}` does not exist; make it with `djfa-lint baseline create`") from None
    except OSError as error:
        raise ConfigError(f"baseline cannot be read: {error.strerror or error}", shown) from error
    except UnicodeDecodeError as error:
        raise ConfigError("baseline cannot be read: it is not UTF-8", shown) from error
    marks = _CONFLICT.search(text)
    if marks is not None:
        told = "holds the marks of a git conflict; keep the entries of both sides, then run `djfa-lint baseline update`"
        raise ConfigError(told, f"{shown}:{_line_at(text, marks.start())}")
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise ConfigError(f"baseline is not valid JSON: {error.msg}", f"{shown}:{error.lineno}") from error
    except (RecursionError, ValueError) as error:
        raise ConfigError(f"baseline is not valid JSON: {error}", shown) from error
    return Baseline(_entries(data, text, shown))


def write_baseline(file: Path, baseline: Baseline) -> None:
    """Write the file whole or not at all, a new one with the mode that new files have; raises DjfaError."""
    target = Path(os.path.realpath(file))
    beside = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        try:
            beside.write_bytes(baseline.encode())
            if target.exists():
                os.chmod(beside, stat.S_IMODE(target.stat().st_mode))
            os.replace(beside, target)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise DjfaError(f"baseline `{os.path.relpath(file)}` cannot be written: {error.strerror or error}") from error


def _line(entry: Entry) -> bytes:
    row = structs.asdict(entry)
    try:
        return json.dumps(row, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return json.dumps(row).encode()  # a file name that is no text


def _entries(data: Any, text: str, shown: str) -> list[Entry]:
    """The entries of a document; raises ConfigError with the line of what is wrong with them."""
    version = data.get("version") if isinstance(data, dict) else None
    if type(version) is not int or not isinstance(data.get("entries"), list):
        raise ConfigError("this is no baseline: it needs `version` and a list of `entries`", shown)
    if version != VERSION:
        raise ConfigError(f"baseline is of version {version}, this djfa-lint reads version {VERSION}", shown)
    try:
        entries = msgspec.convert(data["entries"], list[Entry])
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$[")
        place = _place(text, shown, int(where.partition("]")[0] or -1))
        raise ConfigError(f"this is no entry of a baseline: {what}", place) from error
    first: dict[Identity, int] = {}
    for index, entry in enumerate(entries):
        earlier = first.setdefault(entry.identity, index)
        if earlier != index:
            before = _place(text, "line", earlier).replace(":", " ")
            told = f"the same entry as in {before}; keep the one with the lower count"
            raise ConfigError(told, _place(text, shown, index))
    return entries


def _place(text: str, shown: str, index: int) -> str:
    """``file:line`` of the entry with an index; ``file`` where it cannot be found."""
    starts = list(_starts(text))
    return f"{shown}:{_line_at(text, starts[index])}" if 0 <= index < len(starts) else shown


def _starts(text: str) -> Iterator[int]:
    """Offsets at which the entries of a valid document begin."""
    head = re.search(r'"entries"\s*:\s*\[', text)
    at = head.end() if head else len(text)
    while True:
        at = next((index for index in range(at, len(text)) if text[index] not in " \t\r\n,"), len(text))
        if text[at : at + 1] in {"", "]"}:
            return
        yield at
        at = json.JSONDecoder().raw_decode(text, at)[1]


def _line_at(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1
