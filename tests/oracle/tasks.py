"""Holds fixtures of one asynchronous session in many tasks against SQLAlchemy: it raises where two use it at once."""

from __future__ import annotations

import asyncio
import gc
import warnings
from pathlib import Path
from typing import Any

from sqlalchemy.exc import InvalidRequestError, SAWarning
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from tests.oracle.django_app import App, loaded
from tests.oracle.parts import Part, changed, read
from tests.oracle.sessions import with_rows


def problems(base: Path, fixed: Path | None = None) -> list[str]:
    """Run what the fixture at `base` says is bad or good; what is not as it says, one text for each.

    What is bad must make SQLAlchemy raise. With `fixed`, the text after all fixes, run that: what was bad and is
    another text there must not.
    """
    reading = read(fixed or base)
    if reading.wrong:
        return list(reading.wrong)
    parts = changed(read(base), reading) if fixed else reading.runnable
    if not parts:
        return []
    target = fixed or base
    with loaded(target) as app, warnings.catch_warnings():
        # Of connections that nobody could give back.
        warnings.simplefilter("ignore", SAWarning)
        found = asyncio.run(_problems(app, parts, bool(fixed)))
        gc.collect()
    return [f"{target.name}: `{part.name}` {text}" for part, text in found if text]


async def _problems(app: App, parts: list[Part], is_fixed: bool) -> list[tuple[Part, str]]:
    module = next(one for one in app.modules.values() if isinstance(getattr(one, "engine", None), AsyncEngine))
    # The database is there as long as somebody is connected to it.
    async with module.engine.connect():
        await with_rows(app)
        return [(part, await _problem(app, part, module.engine, part.is_bad and not is_fixed)) for part in parts]


async def _problem(app: App, part: Part, engine: AsyncEngine, is_bad: bool) -> str:
    session = AsyncSession(engine)
    faults: list[BaseException] = []
    try:
        await part.found_in(app)(session)
    except BaseException as error:
        faults.append(error)
    others = asyncio.all_tasks() - {asyncio.current_task()}
    faults += [one for one in await asyncio.gather(*others, return_exceptions=True) if isinstance(one, BaseException)]
    faults = [one for fault in faults for one in _single(fault)]
    await _closed(session)
    unexpected = [one for one in faults if not isinstance(one, InvalidRequestError)]
    if unexpected:
        return f"raises {type(unexpected[0]).__name__}: {unexpected[0]}"
    if is_bad and not faults:
        return "is bad and SQLAlchemy does not mind"
    return f"is good and raises {type(faults[0]).__name__}: {faults[0]}" if faults and not is_bad else ""


def _single(fault: Any) -> list[BaseException]:
    """What a group of exceptions (Python 3.11) holds, or the exception itself."""
    return [one for inner in fault.exceptions for one in _single(inner)] if hasattr(fault, "exceptions") else [fault]


async def _closed(session: AsyncSession) -> None:
    try:
        await session.close()
    except InvalidRequestError:
        # It is in the middle of something; its connection goes with it.
        session.sync_session.expunge_all()
