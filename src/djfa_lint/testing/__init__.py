"""The fixture reader: real code with the expectation on the line, for our rules and for anybody's.

A rule package tests all its fixtures with::

    from djfa_lint.testing import find_fixtures, problems

    @pytest.mark.parametrize("fixture", find_fixtures(Path("fixtures")), ids=str)
    def test_fixture(fixture):
        found = problems(fixture)
        assert not found, "\\n".join(found)
"""

from djfa_lint.testing.expectations import Expectation, Fact, FixtureError, read_expectations
from djfa_lint.testing.fixtures import Fixture, bless, find_fixtures, problems

__all__ = [
    "Expectation",
    "Fact",
    "Fixture",
    "FixtureError",
    "bless",
    "find_fixtures",
    "problems",
    "read_expectations",
]
