"""The fixtures of the query rules are true: Django itself sends more queries for more rows where they say so."""

from __future__ import annotations

from pathlib import Path

import pytest

from djfa_lint.testing import Fixture, find_fixtures
from tests.oracle.proof import problems, read

ROOT = Path(__file__).resolve().parents[2]
RULES = {path.stem for path in (ROOT / "rules" / "djfa_rules" / "queries").glob("[a-z]*.py")}
FIXTURES = [
    one
    for one in find_fixtures(ROOT / "fixtures")
    if one.rule in RULES and (one.path.is_dir() or one.path.suffix == ".py")
]


@pytest.mark.parametrize("fixture", FIXTURES, ids=str)
def test_what_is_bad_grows_and_what_is_good_does_not(fixture: Fixture) -> None:
    found = problems(fixture.path)
    assert not found, "\n".join(found)
    if why_not := read(fixture.path).why_not:
        pytest.skip(why_not)


@pytest.mark.parametrize("fixture", [one for one in FIXTURES if one.fixed.exists()], ids=str)
def test_what_is_fixed_does_not_grow(fixture: Fixture) -> None:
    found = problems(fixture.path, fixture.fixed)
    assert not found, "\n".join(found)
    if why_not := read(fixture.fixed).why_not:
        pytest.skip(why_not)
