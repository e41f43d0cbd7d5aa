"""The fixtures of the rules about blocking calls are true: a heartbeat stops where they say so, and nowhere else."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from djfa_lint.testing import Fixture, find_fixtures
from tests.oracle.proof import read
from tests.oracle.stalling import problems

ROOT = Path(__file__).resolve().parents[2]
RULES = {"blocking_call_in_async", "blocking_call_behind_function"}
FIXTURES = [one for one in find_fixtures(ROOT / "fixtures") if one.rule in RULES]

# Functions that are not as they say when they are run, though what is said of them is right.
NOT_RUN = {
    "blocking_call_in_async/clients.py": {
        "bad_in_odd_places": "leaves after its second line",
        "good_rebound": "waits on one of its two ways; which one is taken cannot be known",
    },
    "blocking_call_in_async/standard_library.py": {
        "good_arguments_that_hide": "what it is given decides",
        "good_asyncio_futures": "raises: nobody has set the result",
        "good_asynchronous_twins": "waits for a queue that nobody puts anything into",
        "good_nonblocking_socket": "needs a peer",
    },
}


@pytest.mark.parametrize("fixture", FIXTURES, ids=str)
def test_what_is_bad_stops_a_heartbeat_and_what_is_good_does_not(fixture: Fixture) -> None:
    found = problems(fixture.path, NOT_RUN.get(str(fixture)))
    assert not found, "\n".join(found)
    if why_not := read(fixture.path).why_not:
        pytest.skip(why_not)


HEAD = """
    import asyncio
    import threading
    import time

    import requests
    from fastapi import FastAPI

    app = FastAPI()
    lock = threading.Lock()


    def fetch(name: str = "a") -> dict:
        return requests.get(f"https://a.example/{name}").json()


"""


def found_in(folder: Path, text: str) -> list[str]:
    file = folder / "views.py"
    file.write_text(dedent(HEAD) + dedent(text))
    return problems(file)


def test_a_good_function_that_waits(tmp_path: Path) -> None:
    (found,) = found_in(tmp_path, "async def good_one() -> dict:\n    return fetch()\n")
    assert "`good_one` is good and stops the loop for" in found


def test_a_bad_function_that_does_not_wait(tmp_path: Path) -> None:
    text = "async def bad_one() -> dict:\n    return await asyncio.to_thread(fetch)  # want DFA302\n"
    (found,) = found_in(tmp_path, text)
    assert "`bad_one` is bad and stops nothing" in found


def test_a_bad_function_that_waits_elsewhere(tmp_path: Path) -> None:
    text = """
        async def bad_one() -> dict:
            first = await asyncio.to_thread(fetch)  # want DFA302
            return fetch("b") | first  # want DFA302
    """
    (found,) = found_in(tmp_path, text)
    assert "`bad_one` does not wait where it should: lines [19], but [20]" in found


def test_routes_are_asked_and_must_answer(tmp_path: Path) -> None:
    text = """
        @app.get("/plain")
        def good_plain() -> dict:
            return fetch()

        @app.get("/coroutine")
        async def good_coroutine() -> dict:
            return fetch()

        @app.get("/many/{count}")
        async def good_count(count: int, size: int) -> dict:
            return {}
    """
    stops, refused = found_in(tmp_path, text)
    assert "`good_coroutine` is good and stops the loop" in stops
    assert "`good_count` raises UnansweredError: /many/1 answers 422" in refused


def test_a_lock_stops_the_loop_only_where_it_is_held_over_an_await(tmp_path: Path) -> None:
    text = """
        async def good_moment() -> None:
            with lock:
                await asyncio.sleep(0.01)

        async def bad_moment() -> None:
            with lock:  # want DFA301
                time.monotonic()
    """
    stops, nothing = found_in(tmp_path, text)
    assert "`good_moment` is good and stops the loop" in stops
    assert "`bad_moment` is bad and stops nothing" in nothing


def test_what_is_not_run(tmp_path: Path) -> None:
    assert found_in(tmp_path, "async def good_one() -> dict:  # not run: a reason\n    return fetch()\n") == []
    assert "needs a reason" in found_in(tmp_path, "async def good_one() -> dict:  # not run:\n    return fetch()\n")[0]
