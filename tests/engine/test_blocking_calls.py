"""What a project says itself about blocking: calls in the configuration, functions that do not, doubtful classes."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from click.testing import CliRunner

from djfa_lint.surfaces.cli import main

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROUTES = """
import acme
from acme import Client
from shop.gateway import Gateway, ask

def through():
    return acme.fetch("x")

async def route(client: Client, gateway: Gateway):
    acme.fetch("x")
    client.send("x")
    through()
    gateway.call("x")
    ask("x")
"""
GATEWAY = """
class Gateway:
    def call(self, text):
        return text

def ask(text):
    return text
"""
NAMES = """
[blocking-calls]
"acme.fetch" = "await acme.afetch(...)"
"acme.Client.send" = ""
"shop.gateway.Gateway.call" = "await gateway.acall(...)"
"shop.gateway.ask" = ""
"""


@pytest.fixture
def shop(project: Any) -> Any:
    project.add("shop/__init__.py", "")
    project.add("shop/gateway.py", GATEWAY)
    project.add("shop/routes.py", ROUTES)
    return project


def test_nothing_is_known_without_configuration(shop: Any) -> None:
    shop.add("djfa-lint.toml", 'select = ["DFA3"]\n')
    assert shop.found() == []


def test_configured_calls_are_found_directly_and_behind_functions(shop: Any) -> None:
    shop.add("djfa-lint.toml", f'select = ["DFA3"]\n{NAMES}')
    rows = [(row["line"], row["code"]) for row in shop.rows()]
    assert rows == [(10, "DFA301"), (11, "DFA301"), (12, "DFA302"), (13, "DFA301"), (14, "DFA301")]
    told = [row["message"] for row in shop.rows()]
    assert "use `await acme.afetch(...)`" in told[0]
    assert "use `await asyncio.to_thread(...)`" in told[1]
    assert "use `await gateway.acall(...)`" in told[3]


def test_what_is_in_force_is_shown(shop: Any) -> None:
    shop.add("djfa-lint.toml", f'baseline = "old.json"\n{NAMES}')
    shown = CliRunner().invoke(main, ["config"]).stdout
    told = tomllib.loads(shown)
    assert told["blocking-calls"] == tomllib.loads(NAMES)["blocking-calls"]
    assert told["baseline"] == "old.json"


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('"fetch" = ""', "`fetch` in `blocking-calls` must be a dotted name"),
        ('"acme.fetch" = 1', "`acme.fetch` in `blocking-calls` must be the text of what to write instead"),
    ],
)
def test_a_wrong_entry_is_an_error_with_its_line(shop: Any, line: str, problem: str) -> None:
    shop.add("djfa-lint.toml", f"[blocking-calls]\n{line}\n")
    result = shop.check()
    assert result.exit_code == 2
    assert f"djfa-lint.toml:2: {problem}" in result.stderr


PLAIN = """
import time

{above}
def pause():{beside}
    time.sleep(1)

async def route():
    pause()
"""


@pytest.mark.parametrize(
    ("above", "beside", "codes"),
    [
        ("", "", ["DFA302"]),
        ("", "  # djfa: nonblocking runs at start-up only", []),
        ("# djfa: nonblocking runs at start-up only", "", []),
        ("", "  # djfa: nonblocking", ["DFA004", "DFA302"]),
    ],
)
def test_a_function_may_say_that_it_does_not_block(project: Any, above: str, beside: str, codes: list[str]) -> None:
    project.add("x.py", PLAIN.format(above=above, beside=beside))
    assert [row["code"] for row in project.rows("--select", "DFA0,DFA302")] == codes


SOME = """
import time
from abc import ABC, abstractmethod

class Store(ABC):
    @abstractmethod
    def load(self): ...

class Slow(Store):
    def load(self):
        time.sleep(1)

class Quick(Store):
    def load(self):
        return 1

async def route(store: Store):
    store.load()
"""


def test_some_implementations_are_reported_where_that_is_asked_for(project: Any) -> None:
    project.add("x.py", SOME)
    assert project.found() == []
    project.add("djfa-lint.toml", "[rules.blocking-call-behind-function]\nsome-implementations = true\n")
    assert project.found() == [("x.py", 18, "DFA302")]
