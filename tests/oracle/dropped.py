"""Holds fixtures of coroutines that are called and dropped against Python, which warns of each."""

from __future__ import annotations

import asyncio
import gc
import inspect
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.oracle.django_app import App, loaded
from tests.oracle.parts import Part, changed, read


def problems(base: Path, fixed: Path | None = None) -> list[str]:
    """Run what the fixture at `base` says is bad or good; what is not as it says, one text for each.

    Python must warn on each line with an expectation and on no other. With `fixed`, the text after all fixes, run
    that: what was bad and is another text there must be without a warning.
    """
    reading = read(fixed or base)
    if reading.wrong:
        return list(reading.wrong)
    parts = changed(read(base), reading) if fixed else reading.runnable
    if not parts:
        return []
    target = fixed or base
    with loaded(target) as app:
        found = [(part, _problem(app, part, bool(fixed))) for part in parts]
    return [f"{target.name}: `{part.name}` {text}" for part, text in found if text]


def _problem(app: App, part: Part, is_fixed: bool) -> str:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            asyncio.run(_ran(part.found_in(app)))
        except Exception as error:
            return f"raises {type(error).__name__}: {error}"
        # What is young: a coroutine in a circle is dropped here and nowhere later.
        gc.collect(1)
    file = app.modules[part.path].__file__
    dropped = {one.lineno if one.filename == file else 0 for one in caught if "was never awaited" in str(one.message)}
    wanted = frozenset() if is_fixed or not part.is_bad else part.wanted
    more, less = sorted(dropped - wanted), sorted(wanted - dropped)
    if more:
        return f"drops a coroutine at {more}, where nothing is wanted"
    return f"drops no coroutine at {less}" if less else ""


async def _ran(function: Any) -> None:
    """Call it on a loop, use up what it gives, and wait for what it has started."""
    await _used_up(function())
    others = asyncio.all_tasks() - {asyncio.current_task()}
    if others:
        await asyncio.wait(others)


async def _used_up(result: Any) -> None:
    if inspect.isawaitable(result):
        await _used_up(await result)
    elif isinstance(result, Iterator):
        for one in result:
            await _used_up(one)
