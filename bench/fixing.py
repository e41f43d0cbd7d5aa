"""Whether fixes keep their word on a project: parsed, gone, nothing else changed by a byte, nothing left to do.

    python -m bench.fixing FOLDER [FOLDER ...] [--alone 10] [--select ALL]

Every fix is made at once, as `--fix --unsafe-fixes` does, and some are made alone. Nothing is written.
"""

from __future__ import annotations

import codecs
import random
import re
import tokenize
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import click

from djfa_lint.engine.config import Config
from djfa_lint.engine.fix import applied, fix
from djfa_lint.engine.registry import load_registry
from djfa_lint.engine.run import Request, lint
from djfa_lint.engine.selection import make_selection
from djfa_lint.errors import SourceError
from djfa_lint.facts.records import FileFacts
from djfa_lint.sdk.finding import Edit, Finding
from djfa_lint.source.store import Store

_NEWLINE = re.compile(r"\r\n|\r|\n")


@dataclass
class Report:
    """What was tried and what went wrong, in words."""

    files: int = 0
    made: int = 0
    alone: int = 0
    dropped: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def examine(root: Path, select: tuple[str, ...] = ("ALL",), alone: int | None = None, seed: int = 1) -> Report:
    """Hold a project's fixes to what they promise; `alone` bounds how many of each rule are also made one by one."""
    registry, config = load_registry(), Config(root)
    store = Store(root)
    request = Request(config, store, registry, make_selection(config, registry, select), (root,), jobs=1, strict=True)
    kept: dict[str, FileFacts] = {}
    findings = lint(request, kept).findings
    report = Report()
    _all_at_once(request, report)
    for one in _drawn([finding for finding in findings if finding.fix is not None], alone, seed):
        report.alone += 1
        report.problems += _by_itself(request, dict(kept), findings, one)
    return report


def _all_at_once(request: Request, report: Report) -> None:
    fixed = fix(request, unsafe=True)
    report.files, report.made, report.dropped = len(fixed.texts), fixed.made, fixed.dropped
    for path, data in fixed.texts.items():
        report.problems += [f"{path}: {problem}" for problem in _mangled(request.store.read(path), data)]
    laid = Store(request.store.root, {**request.store.overlay, **fixed.texts})
    again = fix(replace(request, store=laid), unsafe=True)
    report.problems += [f"{path}: a second run changes it again" for path in again.texts]
    if not fixed.dropped:
        left = [one for one in fixed.outcome.findings if one.fix is not None]
        report.problems += [f"{one.path}:{one.span.line}: {one.code} still has a fix" for one in left]


def _drawn(findings: Sequence[Finding], alone: int | None, seed: int) -> Iterator[Finding]:
    by_code: dict[str, list[Finding]] = defaultdict(list)
    for one in findings:
        by_code[one.code].append(one)
    for _, some in sorted(by_code.items()):
        yield from some if alone is None or len(some) <= alone else random.Random(seed).sample(some, alone)


def _by_itself(request: Request, kept: dict[str, FileFacts], before: Sequence[Finding], one: Finding) -> Iterator[str]:
    """What is wrong after this fix alone."""
    where = f"{one.path}:{one.span.line}: {one.code}"
    assert one.fix is not None
    try:
        texts = applied(request.store, [one.fix])
    except SourceError as error:
        yield f"{where}: {error}"
        return
    for path in {edit.path for edit in one.fix.edits}:
        data = request.store.read(path)
        wanted = spliced(data, [edit for edit in one.fix.edits if edit.path == path])
        if texts.get(path, data) != wanted:
            yield f"{where}: {path} is changed outside of the fix"
        yield from (f"{where}: {path} {problem}" for problem in _mangled(data, wanted))
        kept.pop(path, None)
    laid = Store(request.store.root, {**request.store.overlay, **texts})
    after = Counter(map(_told, lint(replace(request, store=laid), kept).findings))
    if after[_told(one)] >= Counter(map(_told, before))[_told(one)]:
        yield f"{where}: is still found after its fix `{one.fix.message}`"


def _told(one: Finding) -> tuple[str, str, str]:
    return one.path, one.code, one.message


def spliced(data: bytes, edits: Iterable[Edit]) -> bytes:
    """The bytes of a file with edits put in, worked out apart from the linter: by Python's own decoding alone."""
    lines = iter(data.splitlines(keepends=True))
    encoding, _ = tokenize.detect_encoding(lambda: next(lines, b""))
    text = data.decode(encoding)
    starts = [0, *(match.end() for match in _NEWLINE.finditer(text))]

    def offset(line: int, column: int) -> int:
        return min(starts[line - 1] + column - 1, len(text)) if line <= len(starts) else len(text)

    placed = sorted(((offset(*one.span[:2]), offset(*one.span[2:]), one.content) for one in edits), key=lambda p: p[:2])
    for start, end, content in reversed(placed):
        text = text[:start] + content + text[end:]
    return text.encode(encoding)


def _mangled(before: bytes, after: bytes) -> Iterator[str]:
    """What a fix must not have done to a file as a whole."""
    if before.startswith(codecs.BOM_UTF8) != after.startswith(codecs.BOM_UTF8):
        yield "has lost or gained a byte order mark"
    ends = {match.group() for match in re.finditer(rb"\r\n|\r|\n", before)}
    if ends and not {match.group() for match in re.finditer(rb"\r\n|\r|\n", after)} <= ends:
        yield "has line ends that it did not have"
    try:
        compile(after, "fixed", "exec", dont_inherit=True, flags=0x400)  # only the tree: nothing is run
    except (SyntaxError, ValueError) as error:
        yield f"does not parse: {error}"


@click.command()
@click.argument("folders", type=click.Path(exists=True, path_type=Path), nargs=-1, required=True)
@click.option("--alone", default=10, show_default=True, help="How many fixes of each rule are also made alone.")
@click.option("--select", default="ALL", show_default=True)
def main(folders: tuple[Path, ...], alone: int, select: str) -> None:
    """Examine projects; exit 1 if a fix does not keep its word."""
    wrong = 0
    for folder in folders:
        found = examine(folder.resolve(), tuple(select.split(",")), alone)
        wrong += len(found.problems)
        click.echo(
            f"{folder.name}: {found.made} fixes in {found.files} files at once, {found.alone} alone, "
            f"{len(found.dropped)} dropped, {len(found.problems)} problems"
        )
        for line in (*found.problems, *found.dropped):
            click.echo(f"  {line}")
    raise SystemExit(1 if wrong else 0)


if __name__ == "__main__":
    main()
