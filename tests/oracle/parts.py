"""What a fixture of coroutines says about itself: which functions, methods and classes are bad, and on which lines."""

from __future__ import annotations

import ast
import inspect
import re
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from asgiref.sync import iscoroutinefunction

from djfa_lint.testing.expectations import read_expectations
from tests.oracle.django_app import App

_NOT_RUN = re.compile(r"#\s*not run\b:?[ \t]*(?P<why>[^#]*)")
# What is `plain` is as good to this rule as what is good; other rules may have something to say about it.
_KINDS = re.compile(r"(bad|good|plain)_|(Bad|Good|Plain)(?=[A-Z])")


@dataclass(frozen=True)
class Part:
    """A function, method (``Mailer.bad_send``) or class that a fixture calls bad, good or plain.

    `why_not` says why it is not run, "" if it is; `wanted` are the lines of its expectations.
    """

    path: str
    name: str
    source: str
    why_not: str
    first: int
    last: int
    wanted: frozenset[int]

    @property
    def is_bad(self) -> bool:
        """Whether the framework must show a fault in it."""
        return self.name.rpartition(".")[2].lower().startswith("bad")

    def found_in(self, app: App) -> Any:
        """The function or class itself; a method is bound to an object of its class, made without arguments."""
        owner, _, name = self.name.rpartition(".")
        module = app.modules[self.path]
        return getattr(getattr(module, owner)() if owner else module, name)

    def lines_of(self, app: App, frames: Iterable[traceback.FrameSummary]) -> list[int]:
        """The lines of this part among the frames of a stack, outermost first."""
        file = app.modules[self.path].__file__
        return [
            frame.lineno
            for frame in frames
            if frame.filename == file and frame.lineno is not None and self.first <= frame.lineno <= self.last
        ]


@dataclass(frozen=True)
class Reading:
    """The parts of a fixture; which files are not run and why; what is wrong with saying so."""

    parts: tuple[Part, ...]
    not_run: dict[str, str]
    wrong: tuple[str, ...]

    @property
    def runnable(self) -> list[Part]:
        """The parts that are run."""
        return [part for part in self.parts if not part.why_not]

    @property
    def why_not(self) -> str:
        """Why nothing of the fixture is run; "" if something is, or should be."""
        reasons = [*self.not_run.values(), *(part.why_not for part in self.parts)]
        return "; ".join(dict.fromkeys(reasons)) if all(reasons) else ""


def read(base: Path) -> Reading:
    """Read a fixture of one file, or of a folder's files."""
    parts: list[Part] = []
    not_run: dict[str, str] = {}
    wrong: list[str] = []
    for file in sorted(base.rglob("*.py")) if base.is_dir() else [base]:
        path = file.relative_to(base).as_posix() if base.is_dir() else file.name
        text = file.read_text(encoding="utf-8")
        lines = text.splitlines()
        wrong += [f"{path}:{at}: `# not run:` needs a reason" for at, line in enumerate(lines, 1) if _why(line) == ""]
        if lines and (why := _why(lines[0])):
            not_run[path] = why
        else:
            parts += _parts(path, text, lines)
    if not parts and not not_run:
        wrong.append(f"{base.name}: nothing in it is bad or good; say why on its first line: # not run: ...")
    return Reading(tuple(parts), not_run, tuple(wrong))


def changed(before: Reading, after: Reading) -> list[Part]:
    """What to run of a text after all fixes: all but what is bad and has no fix."""
    was = {(part.path, part.name): part.source for part in before.parts}
    return [
        part
        for part in after.runnable
        if not part.is_bad or was.get((part.path.replace(".fixed.", "."), part.name)) != part.source
    ]


def is_coroutine(function: Any) -> bool:
    """Whether calling it gives something to await or to go over with ``async for``."""
    return iscoroutinefunction(function) or inspect.isasyncgenfunction(function)


def _parts(path: str, text: str, lines: list[str]) -> Iterator[Part]:
    wanted = [one.line for one in read_expectations(path, text).expected if one.kind == "want"]
    for node, name in _named(ast.parse(text).body):
        first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
        last = node.end_lineno or node.lineno
        source = "\n".join(lines[first - 1 : last])
        inside = frozenset(line for line in wanted if first <= line <= last)
        yield Part(path, name, source, _why(lines[node.lineno - 1]) or "", first, last, inside)


_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def _named(body: list[ast.stmt]) -> Iterator[tuple[_Definition, str]]:
    for node in body:
        if not isinstance(node, _Definition):
            continue
        if _KINDS.match(node.name):
            yield node, node.name
        elif isinstance(node, ast.ClassDef):
            for method in node.body:
                if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef) and _KINDS.match(method.name):
                    yield method, f"{node.name}.{method.name}"


def _why(line: str) -> str | None:
    """The reason that a line gives for not being run; None if it says nothing of the kind."""
    found = _NOT_RUN.search(line)
    return found["why"].strip() if found else None
