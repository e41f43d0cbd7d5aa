"""Every fixture is as it says, every rule has one, and the fixture reader itself notices what is wrong."""

from pathlib import Path

import pytest

from djfa_lint.engine.registry import load_registry
from djfa_lint.testing import Fixture, find_fixtures, problems

ROOT = Path(__file__).parent.parent / "fixtures"


@pytest.mark.parametrize("fixture", find_fixtures(ROOT), ids=str)
def test_fixture(fixture: Fixture) -> None:
    found = problems(fixture)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("rule", load_registry().rules, ids=lambda rule: rule.name)
def test_every_rule_has_fixtures(rule) -> None:
    if rule.code == "DFA002":
        pytest.skip("a crash needs a rule that crashes: tests/surfaces/test_cli.py has one")
    assert any(fixture.rule == rule.name.replace("-", "_") for fixture in find_fixtures(ROOT))
