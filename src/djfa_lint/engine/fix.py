"""Makes fixes: merges edits, drops what overlaps or does not parse, repeats until nothing changes, writes at the end.

Everything happens on texts laid over the files; only `write` touches the disk, one file at a time and atomically.
"""

from __future__ import annotations

import difflib
import os
import re
import stat
import tempfile
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from djfa_lint.engine.run import Outcome, Request, lint
from djfa_lint.errors import DjfaError, SourceError
from djfa_lint.facts.records import FileFacts
from djfa_lint.sdk.finding import Applicability, Edit, Fix
from djfa_lint.source.parse import parse_python
from djfa_lint.source.store import Store
from djfa_lint.source.text import Source

MAX_ROUNDS = 10


@dataclass
class Fixed:
    """What fixing did: the new bytes by project-relative path, how many fixes were made, and the findings left.

    `dropped` are words about fixes that were not made because a file would not have parsed.
    """

    outcome: Outcome
    texts: dict[str, bytes] = field(default_factory=dict)
    made: int = 0
    dropped: list[str] = field(default_factory=list)


def fix(request: Request, unsafe: bool, codes: Collection[str] | None = None) -> Fixed:
    """Fix all that can be fixed in the files asked about, in memory, until nothing changes (ten rounds at most).

    Safe fixes only, unless `unsafe`; with `codes`, only those of these rules.
    """
    store = Store(request.store.root, request.store.overlay)
    request = replace(request, store=store)
    kept: dict[str, FileFacts] = {}
    result = Fixed(lint(request, kept))
    refused: set[Fix] = set()
    for _ in range(MAX_ROUNDS):
        wanted = [one for one in result.outcome.findings if codes is None or one.code in codes]
        fixes = [one.fix for one in wanted if one.fix is not None and _applies(one.fix, unsafe)]
        accepted = _compatible(one for one in fixes if one not in refused)
        changed = _changed(store, accepted, result, refused)
        if not changed:
            break
        store.overlay.update(changed)
        result.texts.update(changed)
        for path in changed:
            kept.pop(path, None)
        result.outcome = lint(request, kept)
    return result


def diff(request: Request, fixed: Fixed, shown: Callable[[str], str]) -> bytes:
    """A unified diff from the files on disk to the fixed texts, in the files' own bytes: fit for ``patch``."""
    parts: list[bytes] = []
    for path, data in sorted(fixed.texts.items()):
        before, after = request.store.read(path), data
        # A tab ends a name that holds a space; without one, patch would end it at the space.
        name = os.fsencode(shown(path)) + (b"\t" if " " in path else b"")
        lines = difflib.diff_bytes(difflib.unified_diff, _lines(before), _lines(after), name, name)
        parts += [line if line.endswith(b"\n") else line + b"\n\\ No newline at end of file\n" for line in lines]
    return b"".join(parts)


def write(root: Path, texts: dict[str, bytes]) -> None:
    """Write each text beside its file and rename it into place, keeping the file's mode.

    Raises DjfaError naming the first file that cannot be written; no file is ever half written.
    """
    for path, data in sorted(texts.items()):
        target = Path(os.path.realpath(root / path))
        try:
            mode = stat.S_IMODE(target.stat().st_mode)
            handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent)
            try:
                with os.fdopen(handle, "wb") as stream:
                    stream.write(data)
                os.chmod(name, mode)
                os.replace(name, target)
            except BaseException:
                os.unlink(name)
                raise
        except OSError as error:
            raise DjfaError(f"`{path}` cannot be written: {error.strerror or error}") from error


def _applies(one: Fix, unsafe: bool) -> bool:
    return unsafe or one.applicability is Applicability.SAFE


def _compatible(fixes: Iterable[Fix]) -> list[Fix]:
    """Of these fixes the ones that do not touch the same text, earlier ones first; a fix is taken whole or not."""
    taken: list[Edit] = []
    accepted: list[Fix] = []
    for one in fixes:
        if one not in accepted and not any(_collide(edit, other) for edit in one.edits for other in taken):
            accepted.append(one)
            taken += one.edits
    return accepted


def _collide(one: Edit, other: Edit) -> bool:
    if one.path != other.path or (one == other and one.span[:2] == one.span[2:]):
        return False
    start, end = max(one.span[:2], other.span[:2]), min(one.span[2:], other.span[2:])
    inserts = one.span[:2] == one.span[2:] or other.span[:2] == other.span[2:]
    # Two insertions at one place may both go in; an insertion at the edge of a replacement may not.
    if inserts:
        return start <= end and one.span != other.span
    return start < end


def _changed(store: Store, fixes: list[Fix], result: Fixed, refused: set[Fix]) -> dict[str, bytes]:
    """The new bytes of every file these fixes change; fixes after which a file does not parse are refused."""
    try:
        changed = applied(store, fixes)
        result.made += len(fixes)
        return changed
    except SourceError:
        pass
    # One of them does harm: take them one at a time, each onto what the ones before it made.
    overlay = dict(store.overlay)
    changed = {}
    for one in fixes:
        trial = Store(store.root, {**overlay, **changed})
        if any(edit.path in changed for edit in one.edits):
            continue  # its places have moved; the next round has it again
        try:
            changed.update(applied(trial, [one]))
            result.made += 1
        except SourceError as error:
            refused.add(one)
            result.dropped.append(f"{one.edits[0].path}: not fixed (`{one.message}`): the result {error}")
    return changed


def applied(store: Store, fixes: Iterable[Fix]) -> dict[str, bytes]:
    """The new bytes by path of the files that fixes change, which do not touch the same text.

    Raises SourceError where a file would not parse, or its encoding cannot write what is put in.
    """
    edits: dict[str, list[Edit]] = {}
    for one in fixes:
        for edit in one.edits:
            if edit not in edits.setdefault(edit.path, []):
                edits[edit.path].append(edit)
    changed: dict[str, bytes] = {}
    for path, own in edits.items():
        source = store.source(path)
        text = apply_edits(source, own)
        if path.endswith((".py", ".pyi")):
            parse_python(text)
        if text != source.text:
            changed[path] = source.encode(text)
    return changed


def apply_edits(source: Source, edits: Iterable[Edit]) -> str:
    """A text with edits made that do not overlap; insertions at one place keep their order."""
    lines = source.lines
    placed = [
        (lines.offset(*edit.span[:2]), lines.offset(*edit.span[2:]), index, edit.content)
        for index, edit in enumerate(edits)
    ]
    parts: list[str] = []
    at = 0
    for start, end, _, content in sorted(placed):
        parts += [source.text[at:start], content]
        at = end
    return "".join([*parts, source.text[at:]])


def _lines(data: bytes) -> list[bytes]:
    r"""Lines as patch counts them: only ``\n`` ends one."""
    return re.findall(rb"[^\n]*\n|[^\n]+$", data)
