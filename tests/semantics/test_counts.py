"""Every case is as its flag says, in the Django that is installed."""

from __future__ import annotations

import sys
from typing import Any

import django
import pytest
from django.db import transaction

from tests.oracle.counting import sent_by
from tests.oracle.django_app import loaded
from tests.semantics.cases import APP, Case, lay_down, read_cases
from tests.semantics.seeding import fill

FEW, MANY = 2, 10
CASES = read_cases()


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, int], Any]:
    """What each case sends with few and with many rows, or the exception it ends with."""
    found: dict[tuple[str, int], Any] = {}
    with loaded(lay_down(tmp_path_factory.mktemp("cases"))):
        for n in (FEW, MANY):
            with transaction.atomic():
                fill(sys.modules[f"{APP}.models"], n)
                for case in CASES:
                    found[case.name, n] = _outcome(case, n)
                transaction.set_rollback(True)
    return found


def _outcome(case: Case, n: int) -> list[str] | Exception:
    module: dict[str, Any] = {"__name__": f"case_{case.name}"}
    exec(compile(case.text, f"{case.name}.py", "exec"), module)
    try:
        return sent_by(lambda: module["case"](n))
    except Exception as error:
        return error


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_flag_is_right(case: Case, measured: dict[tuple[str, int], Any]) -> None:
    few, many = measured[case.name, FEW], measured[case.name, MANY]
    if case.flag == "yes (error)":
        assert type(few).__name__ == type(many).__name__ == case.raises, (few, many)
        return
    assert isinstance(few, list), few
    assert isinstance(many, list), many
    if not case.data_dependent:
        # One statement a row at least: less is a batch, or a bound.
        assert (len(many) - len(few) >= MANY - FEW) == (case.flag in {"yes", "yes (write)"}), many
    if django.VERSION[:2] == (5, 2):
        assert (len(few), len(many)) == case.queries, many
