"""The linter says of each case what Django does with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from djfa_lint.engine.config import Config
from djfa_lint.engine.registry import load_registry
from djfa_lint.engine.run import Request, lint
from djfa_lint.engine.selection import make_selection
from djfa_lint.source.store import Store
from tests.semantics.cases import Case, lay_down, read_cases

RULES = ("DFA201", "DFA205", "DFA206", "DFA207", "DFA208", "DFA213")
CASES = [case for case in read_cases() if not case.left_out]
KNOWN = {rule.code for rule in load_registry().rules}


@pytest.mark.skipif(not KNOWN.issuperset(RULES), reason=f"no rules yet: {', '.join(sorted({*RULES} - KNOWN))}")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_verdict(case: Case, tmp_path: Path) -> None:
    found = findings(lay_down(tmp_path, case))
    wanted = set(case.codes) if case.is_bad else set()
    problem = ""
    if case.missed:
        problem = f"is found now, though it says `{case.missed}`; take that away" if wanted & found.keys() else ""
    elif wanted and not wanted & found.keys():
        problem = f"wanted {' or '.join(sorted(wanted))}"
    elif not wanted and found:
        problem = "wanted nothing"
    if problem:
        pytest.fail(
            "\n".join([f"{case.name}: {problem}", "", case.code, *(found.values() or ["(nothing is found)"])]), False
        )


@pytest.mark.parametrize("case", read_cases(), ids=lambda case: case.name)
def test_case_says_what_is_expected(case: Case) -> None:
    assert bool(case.codes) == (case.is_bad and not case.left_out), "codes stand where it is to be reported"
    assert set(case.codes) <= set(RULES)
    assert case.is_bad or not case.missed, "nothing is missed where there is nothing to find"
    assert bool(case.verdict) == bool(case.why)


def findings(root: Path) -> dict[str, str]:
    """What the linter reports in the project, by code."""
    registry = load_registry()
    config = Config(root=root, select=RULES)
    selection = make_selection(config, registry)
    found = lint(Request(config, Store(root), registry, selection, (root,), strict=True)).findings
    return {one.code: f"{one.path}:{one.span.line}: {one.code} {one.message}" for one in found}
