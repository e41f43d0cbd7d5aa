"""Holds a fixture against what Django really does: what is bad costs more with more rows, what is good does not."""

from __future__ import annotations

import ast
import re
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

from tests.oracle.counting import UncallableError, arguments, difference, sent_by
from tests.oracle.django_app import App, loaded
from tests.oracle.rows import fill

FEW, MANY = 2, 10
_NOT_RUN = re.compile(r"#\s*not run\b:?[ \t]*(?P<why>.*)")


@dataclass(frozen=True)
class Part:
    """A function that a fixture calls bad or good; `why_not` says why it is not run, "" if it is."""

    path: str
    name: str
    source: str
    why_not: str

    @property
    def is_bad(self) -> bool:
        return self.name.startswith("bad_")


@dataclass(frozen=True)
class Reading:
    """What a fixture says about itself: its functions, which files are not run and why, and what is wrong with that."""

    parts: dict[tuple[str, str], Part]
    not_run: dict[str, str]
    wrong: tuple[str, ...]

    @property
    def why_not(self) -> str:
        """Why nothing of the fixture is run; "" if something is, or should be."""
        reasons = [*self.not_run.values(), *(part.why_not for part in self.parts.values())]
        return "; ".join(dict.fromkeys(reasons)) if all(reasons) else ""


def read(base: Path) -> Reading:
    """Read the functions of a file, or of a folder's files, and what they say about being run."""
    parts: dict[tuple[str, str], Part] = {}
    not_run: dict[str, str] = {}
    wrong: list[str] = []
    for file in sorted(base.rglob("*.py")) if base.is_dir() else [base]:
        path = file.relative_to(base).as_posix() if base.is_dir() else file.name
        text = file.read_text(encoding="utf-8")
        lines = text.splitlines()
        wrong += [f"{path}:{at}: `# not run:` needs a reason" for at, line in enumerate(lines, 1) if _why(line) == ""]
        if lines and (why := _why(lines[0])):
            not_run[path] = why
            continue
        for part in _parts(path, text, lines):
            parts[path, part.name] = part
    return Reading(parts, not_run, tuple(wrong))


def problems(base: Path, fixed: Path | None = None) -> list[str]:
    """Run what the fixture at `base` says is bad or good; what is not as it says, one text for each.

    With `fixed`, the text after all fixes, run that: a function that was bad and whose text is another there must cost
    the same with more rows, and so must what is good. One that has no fix is not run again.
    """
    reading = read(fixed or base)
    if reading.wrong:
        return list(reading.wrong)
    runnable = [part for part in reading.parts.values() if not part.why_not]
    if fixed:
        before = read(base)
        runnable = [part for part in runnable if not _is_unchanged(part, before)]
    elif not reading.parts and not reading.not_run:
        return [f"{base.name}: has no function `bad_*` or `good_*` to run; say why on its first line: # not run: ..."]
    if not runnable:
        return []
    with loaded(fixed or base) as app:
        few, many = _run(app, runnable, FEW), _run(app, runnable, MANY)
    found = (_judged(part, few[part], many[part], bool(fixed)) for part in runnable)
    return [f"{(fixed or base).name}: {text}" for text in found if text]


def _is_unchanged(part: Part, before: Reading) -> bool:
    was = before.parts.get((part.path.replace(".fixed.", "."), part.name))
    return part.is_bad and was is not None and was.source == part.source


def _run(app: App, parts: list[Part], n: int) -> dict[Part, list[str] | str]:
    """The statements of each function with n rows, or what is wrong where it cannot be run."""
    done: dict[Part, list[str] | str] = {}
    with transaction.atomic():
        fill(app, n)
        for part in parts:
            done[part] = _sent(app, part, n)
        # The rows of the next run begin at number one again.
        transaction.set_rollback(True)
    return done


def _sent(app: App, part: Part, n: int) -> list[str] | str:
    function = getattr(app.modules[part.path], part.name)
    try:
        given = arguments(function, app, n)
        return sent_by(lambda: function(**given))
    except UncallableError as error:
        return f"cannot be called: {error}"
    except Exception as error:
        where = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.endswith(part.path)]
        line = f" at line {where[-1].lineno}: {where[-1].line}" if where else ""
        return f"raises {type(error).__name__} with {n} rows{line}\n    {error}"


def _judged(part: Part, few: list[str] | str, many: list[str] | str, is_fixed: bool) -> str:
    for outcome in (few, many):
        if isinstance(outcome, str):
            return f"`{part.name}` {outcome}"
    grows = len(many) > len(few)
    if grows == (part.is_bad and not is_fixed):
        return ""
    counts = f"{len(few)} {'query' if len(few) == 1 else 'queries'} with {FEW} rows, {len(many)} with {MANY}"
    if grows:
        what = "still grows after its fix" if part.is_bad else "is good and grows"
        return "\n    ".join([f"`{part.name}` {what}: {counts}", *difference(list(few), list(many))])
    return "\n    ".join([f"`{part.name}` is bad and does not grow: {counts}", *difference([], list(many))])


def _parts(path: str, text: str, lines: list[str]) -> Iterator[Part]:
    for node in ast.parse(text).body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name.startswith(("bad_", "good_")):
            first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            source = "\n".join(lines[first - 1 : node.end_lineno])
            yield Part(path, node.name, source, _why(lines[node.lineno - 1]) or "")


def _why(line: str) -> str | None:
    """The reason that a line gives for not being run; None if it says nothing of the kind."""
    found = _NOT_RUN.search(line)
    return found["why"].strip() if found else None
