"""The fixtures of ``unawaited-coroutine`` and ``session-across-tasks`` are true: Python warns, SQLAlchemy raises."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from types import ModuleType

import pytest

from djfa_lint.testing import Fixture, find_fixtures
from tests.oracle import dropped, tasks
from tests.oracle.parts import read

ROOT = Path(__file__).resolve().parents[2]
ORACLES = {"unawaited_coroutine": dropped, "session_across_tasks": tasks}
FIXTURES = [one for one in find_fixtures(ROOT / "fixtures") if one.rule in ORACLES]


@pytest.mark.parametrize("fixture", FIXTURES, ids=str)
def test_what_is_bad_is_at_fault_and_what_is_good_is_not(fixture: Fixture) -> None:
    _hold(ORACLES[fixture.rule], fixture, None)


@pytest.mark.parametrize("fixture", [one for one in FIXTURES if one.fixed.exists()], ids=str)
def test_what_is_fixed_is_not_at_fault(fixture: Fixture) -> None:
    _hold(ORACLES[fixture.rule], fixture, fixture.fixed)


def _hold(oracle: ModuleType, fixture: Fixture, fixed: Path | None) -> None:
    found = oracle.problems(fixture.path, fixed)
    assert not found, "\n".join(found)
    if why_not := read(fixed or fixture.path).why_not:
        pytest.skip(why_not)


def test_the_harness_for_dropped_coroutines_notices_what_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "jobs.py"
    text = """
        async def job():
            return 1

        async def good_dropped():
            job()

        async def bad_awaited():
            await job()  # want DFA304

        async def bad_elsewhere():
            job()
            await job()  # want DFA304

        async def bad_name():
            nothing  # want DFA304

        class Jobs:
            def bad_method(self):
                job()  # want DFA304
    """
    file.write_text(dedent(text))
    good, awaited, elsewhere, name = dropped.problems(file)
    assert good.endswith("`good_dropped` drops a coroutine at [6], where nothing is wanted")
    assert awaited.endswith("`bad_awaited` drops no coroutine at [9]")
    assert elsewhere.endswith("`bad_elsewhere` drops a coroutine at [12], where nothing is wanted")
    assert "`bad_name` raises NameError" in name


def test_the_harness_for_shared_sessions_notices_what_is_wrong(tmp_path: Path) -> None:
    fixture = next(one for one in FIXTURES if one.rule == "session_across_tasks").path
    head = fixture.read_text(encoding="utf-8").partition("async def bad_gather(")[0]
    text = """
        async def good_gather(session: AsyncSession):
            return await asyncio.gather(load(session, 1), load(session, 2))

        async def bad_alone(session: AsyncSession):
            return await load(session, 1)  # want DFA305

        async def bad_name(session: AsyncSession):
            return await session.nothing()  # want DFA305
    """
    file = tmp_path / "sharing.py"
    file.write_text(head + dedent(text))
    good, alone, name = tasks.problems(file)
    assert "`good_gather` is good and raises" in good
    assert alone.endswith("`bad_alone` is bad and SQLAlchemy does not mind")
    assert "`bad_name` raises AttributeError" in name
