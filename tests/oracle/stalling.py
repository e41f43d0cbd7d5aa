"""Holds a fixture against a real event loop: what is bad stops a heartbeat, what is good does not."""

from __future__ import annotations

import ast
import asyncio
import inspect
import os
import re
import time
import traceback
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import RequestFactory, override_settings
from django.views import View

from djfa_lint.testing.expectations import read_expectations
from tests.oracle.asking import Run, runs_of
from tests.oracle.django_app import loaded
from tests.oracle.proof import read
from tests.oracle.slow_leaves import Leaves, slow_leaves
from tests.oracle.values import Values

BEAT = 0.01
BOUND = 0.06
TRIES = 3
LIMIT = 5
_NOT_RUN = re.compile(r"#\s*not run\b:?[ \t]*(?P<why>.*)")
_RAISES = re.compile(r"running event loop|event loop is already running|same thread as an async event loop")


@dataclass(frozen=True)
class Part:
    """A function or class of a fixture that is called bad or good; `wants` are the lines that must stall."""

    path: str
    name: str
    first: int
    last: int
    wants: frozenset[int]

    @property
    def is_bad(self) -> bool:
        return self.name.lower().startswith("bad")


@dataclass
class Seen:
    """What happened in a run: the longest gap of the heartbeat, and the lines that stopped it."""

    gap: float = 0
    lines: frozenset[tuple[str, int]] = frozenset()
    error: BaseException | None = None

    @property
    def stalled(self) -> bool:
        return self.gap > BOUND


def problems(base: Path, not_run: dict[str, str] | None = None) -> list[str]:
    """Run what the fixture at `base` says is bad or good; what is not as it says, one text for each.

    `not_run` says of further functions why they are not run.
    """
    reading = read(base)
    if reading.wrong:
        return list(reading.wrong)
    parts = [part for part in _parts(base) if part.path not in reading.not_run and part.name not in (not_run or {})]
    if not parts:
        return []
    root = base if base.is_dir() else base.parent
    hashers = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    with (
        _elsewhere(),
        slow_leaves(base) as leaves,
        override_settings(PASSWORD_HASHERS=hashers, EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend"),
        loaded(base) as app,
    ):
        bench = _Bench(leaves, root, app.modules)
        found = [text for part in parts for text in bench.judged(part)]
    return [f"{base.name}: {text}" for text in found]


@contextmanager
def _elsewhere() -> Iterator[None]:
    """What is not patched, such as making a folder, happens in an empty place."""
    before = Path.cwd()
    with TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(before)


class _Bench:
    def __init__(self, leaves: Leaves, root: Path, modules: dict[str, ModuleType]) -> None:
        self.leaves = leaves
        self.root = root
        self.modules = modules
        self.values = Values(leaves, list(modules.values()))
        self.runs: list[tuple[Run, Seen]] = [(run, self.seen(run.start)) for run in runs_of(modules, self.values)]

    def judged(self, part: Part) -> Iterator[str]:
        """What is not as the part says."""
        thing = getattr(self.modules[part.path], part.name)
        asked = next(((run.start, seen) for run, seen in self.runs if thing in run.calls), None)
        if asked is None and self._is_run_within_others(part, thing):
            yield from self._compared_with_all(part)
            return
        run, seen = asked or (partial(_twice, partial(self._called, part, thing)), None)
        for _ in range(TRIES):
            if seen is None or (not part.is_bad and seen.stalled):
                seen = self.seen(run)
        yield from self._compared(part, seen or Seen())

    def seen(self, run: Callable[[], Coroutine[Any, Any, object]]) -> Seen:
        """Let it run beside a heartbeat."""
        with self.leaves.watching():
            seen = asyncio.run(_beside_a_heartbeat(run))
        seen.lines = frozenset(self.leaves.lines)
        return seen

    def _is_run_within_others(self, part: Part, thing: object) -> bool:
        """Whether it is run by requests of others: a middleware, a background task, the start-up."""
        is_around = any(thing in run.around for run, _ in self.runs)
        return is_around or (part.is_bad and any(self._own(part, seen) for _, seen in self.runs))

    def _compared(self, part: Part, seen: Seen) -> Iterator[str]:
        own = self._own(part, seen)
        if seen.error is not None:
            raised = _raised_at(seen.error, self.root / part.path)
            if not (part.is_bad and _RAISES.search(str(seen.error)) and raised in part.wants):
                yield f"`{part.name}` raises {_shown(seen.error)} at line {raised}"
        elif part.is_bad and not seen.stalled:
            yield f"`{part.name}` is bad and stops nothing: the longest gap is {seen.gap * 1000:.0f} ms"
        elif part.is_bad and part.wants - own:
            yield f"`{part.name}` does not wait where it should: lines {sorted(part.wants - own)}, but {sorted(own)}"
        elif not part.is_bad and (seen.stalled or own):
            yield f"`{part.name}` is good and stops the loop for {seen.gap * 1000:.0f} ms, at {sorted(seen.lines)}"

    def _compared_with_all(self, part: Part) -> Iterator[str]:
        """For what is run within requests of others, such as a middleware: all of them together."""
        own = {line for _, seen in self.runs for line in self._own(part, seen) if seen.stalled}
        if part.is_bad and part.wants - own:
            yield f"`{part.name}` does not wait where it should: lines {sorted(part.wants - own)}, but {sorted(own)}"
        if not part.is_bad and own:
            yield f"`{part.name}` is good and stops the loop at {sorted(own)}"

    def _own(self, part: Part, seen: Seen) -> set[int]:
        """The lines of a part that stopped the loop."""
        path = str(self.root / part.path)
        return {line for file, line in seen.lines if file == path and part.first <= line <= part.last}

    async def _called(self, part: Part, thing: Any) -> None:
        if inspect.isclass(thing):
            await self._methods_called(part, thing)
        elif "get_response" in inspect.signature(thing).parameters:
            await _asked(thing(_view if part.is_bad else _plain_view))
        else:
            await self._used_up(part, thing, self.values.arguments(thing))

    async def _methods_called(self, part: Part, cls: Any) -> None:
        if issubclass(cls, View):
            await _asked(cls.as_view())
            return
        if "get_response" in inspect.signature(cls).parameters:
            await _asked(cls(_view if part.is_bad else _plain_view))
            return
        made = self.values.instance(cls)
        for name, method in inspect.getmembers(made, inspect.ismethod):
            # The plain methods of what is bad are what its coroutines call.
            if not name.startswith("_") and (not part.is_bad or _is_asynchronous(method)):
                await self._used_up(part, method, self.values.arguments(method))

    async def _used_up(self, part: Part, function: Callable[..., Any], arguments: dict[str, Any]) -> None:
        if not _is_asynchronous(function) and not part.is_bad:
            # Whoever has a plain function run does so in a thread, be it FastAPI or Django.
            result = await asyncio.to_thread(function, **arguments)
        else:
            result = function(**arguments)
        if part.is_bad and inspect.iscoroutinefunction(result):
            result = result()
        if inspect.isasyncgen(result):
            async for _ in result:
                pass
        elif inspect.iscoroutine(result):
            result = await result
        await _streamed(result)


async def _beside_a_heartbeat(run: Callable[[], Coroutine[Any, Any, object]]) -> Seen:
    seen = Seen()

    async def beat() -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(BEAT)
            seen.gap = max(seen.gap, time.perf_counter() - before - BEAT)

    heart = asyncio.create_task(beat())
    await asyncio.sleep(0)
    try:
        await asyncio.wait_for(run(), LIMIT)
    except Exception as error:
        seen.error = error
    others = asyncio.all_tasks() - {heart, asyncio.current_task()}
    if others:
        await asyncio.wait(others, timeout=2)
    # The beat that was due meanwhile is the one that comes too late.
    await asyncio.sleep(1.2 * BEAT)
    heart.cancel()
    return seen


async def _twice(run: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Two at once: what one of them holds the other waits for."""
    await asyncio.gather(run(), run())


async def _asked(view: Callable[..., Any]) -> None:
    """Let Django's handler have a view, or a middleware in front of one, as under ASGI."""
    view = view if iscoroutinefunction(view) else sync_to_async(view)
    await _streamed(await view(RequestFactory().get("/")))


async def _view(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def _plain_view(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


async def _streamed(result: object) -> None:
    if isinstance(result, StreamingHttpResponse):
        async for _ in result:
            pass


def _is_asynchronous(function: object) -> bool:
    return inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)


def _raised_at(error: BaseException, path: Path) -> int | None:
    """The fixture's line that raised, the innermost one of a coroutine where there are several."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    return lines[0] if lines else None


def _shown(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"


def _parts(base: Path) -> Iterator[Part]:
    """The functions and classes at the top of each module that are run."""
    for file in sorted(base.rglob("*.py")) if base.is_dir() else [base]:
        path = file.relative_to(base).as_posix() if base.is_dir() else file.name
        text = file.read_text(encoding="utf-8")
        lines = text.splitlines()
        expected = read_expectations(path, text).expected
        for node in ast.parse(text).body:
            if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                continue
            if not re.match(r"(bad|good)_|(Bad|Good)[A-Z]", node.name) or _NOT_RUN.search(lines[node.lineno - 1]):
                continue
            first, last = node.lineno, node.end_lineno or node.lineno
            wants = {one.line for one in expected if one.kind == "want" and first <= one.line <= last}
            yield Part(path, node.name, first, last, frozenset(wants))
