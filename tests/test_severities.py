"""How severe a finding is where a rule tells cases apart: fixtures say that it is found, not how loudly."""

from pathlib import Path

import pytest

from djfa_lint.engine.config import Config
from djfa_lint.engine.registry import load_registry
from djfa_lint.engine.run import Request, lint
from djfa_lint.engine.selection import make_selection
from djfa_lint.source.store import Store

# The body of `def f(rows=[])` and what its default is worth: nothing, a hint, a warning.
MUTABLE_DEFAULTS = {
    "return None": None,
    "rows = 1": None,
    "g(h.rows)": None,
    "return len(rows)": "info",
    "return [row for row in rows]": "info",
    "for row in rows: g(row)": "info",
    "return {**g, 'rows': [*rows]}": "info",
    "return rows[0]": "info",
    "return 1 in rows": "info",
    "if rows: return rows": "info",
    "return rows or g()": None,
    "rows = rows or g(); return rows": None,
    "if not rows: rows = g()\n    return rows": None,
    "if not rows and g: rows = g()\n    return rows": "warning",
    "super().f(rows, rows=rows)": None,
    "return g() if rows else h(*rows)": "info",
    "rows = list(rows)\n    return rows": "info",
    "rows = Rows(rows)\n    return rows": "info",
    "super().__init__(rows)": "info",
    "if g: rows = list(rows)\n    h(rows)": "info",
    "g(rows)": "info",
    "g(rows=rows)": "info",
    "return g.filter(id__in=rows)": "info",
    "other.extend(rows)": "info",
    "rows.append(1)": "warning",
    "rows += [1]": "warning",
    "rows[0] = 1": "warning",
    "del rows[0]": "warning",
    "return rows": "warning",
    "yield rows": "warning",
    "self.rows = rows": "warning",
    "g.append([rows])": "warning",
    "return lambda: rows": "warning",
    "return locals()": "warning",
    "if not rows: return rows": "warning",
}


@pytest.mark.parametrize("body", MUTABLE_DEFAULTS)
def test_mutable_default(tmp_path: Path, body: str) -> None:
    assert levels(tmp_path, "x.py", f"def f(rows=[]):\n    {body}\n") == [MUTABLE_DEFAULTS[body]] * bool(
        MUTABLE_DEFAULTS[body]
    )


@pytest.mark.parametrize("body", MUTABLE_DEFAULTS)
def test_mutable_default_in_a_test_only_if_it_is_shared(tmp_path: Path, body: str) -> None:
    expected = ["warning"] if MUTABLE_DEFAULTS[body] == "warning" else []
    assert levels(tmp_path, "test_x.py", f"def f(rows=[]):\n    {body}\n") == expected


def test_full_container_is_copied_before_it_is_returned(tmp_path: Path) -> None:
    assert levels(tmp_path, "x.py", "def f(rows=[1]):\n    rows = list(rows)\n    return rows\n") == ["info"]


def test_what_a_full_container_is_tested_for_does_not_spare_it(tmp_path: Path) -> None:
    assert levels(tmp_path, "x.py", "def f(rows=[1]):\n    if rows: return rows\n") == ["warning"]


@pytest.mark.parametrize(
    ("call", "level"), [("time.sleep(1)", "warning"), ("open('a').read()", "info"), ("asyncio.run(g())", "error")]
)
def test_blocking_call(tmp_path: Path, call: str, level: str) -> None:
    assert levels(tmp_path, "x.py", f"import asyncio, time\nasync def f():\n    {call}\n") == [level]


def levels(root: Path, name: str, text: str) -> list[str]:
    (root / name).write_text(text)
    registry, config = load_registry(), Config(root=root)
    selection = make_selection(config, registry)
    request = Request(config, Store(root), registry, selection, (root,), strict=True)
    return [one.severity.value for one in lint(request).findings]
