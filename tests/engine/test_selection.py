"""Which rules run: what the file and the command line select, and how exactly they say so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from djfa_lint.engine.config import Config
from djfa_lint.engine.registry import Registry, load_registry
from djfa_lint.engine.selection import make_selection
from djfa_lint.errors import ConfigError, RuleError
from djfa_lint.sdk.finding import Severity
from djfa_lint.sdk.rule import Option, Rule


def make(name: str, code: str, **more: Any) -> Rule:
    return Rule(f"fake.{name}", "A rule.", code=code, since="0", category="fake", **more)


OPTIONS = (
    Option("names", ["a"], "some names"),
    Option("limit", 3, "how many"),
    Option("deep", False, "whether"),
    Option("word", "x", "which"),
)
REGISTRY = Registry(
    [
        make("one", "ABC101"),
        make("two", "ABC102", options=OPTIONS),
        make("other", "ABC201"),
        make("quiet", "ABC202", default=False),
    ]
)
EVERY = ["ABC101", "ABC102", "ABC201", "ABC202"]


def codes(line_select: list[str] | None = None, line_ignore: list[str] | None = None, **keys: Any) -> list[str]:
    config = Config(root=Path("/"), **keys)
    return [rule.code for rule in make_selection(config, REGISTRY, line_select, line_ignore or []).rules]


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({}, ["ABC101", "ABC102", "ABC201"]),
        ({"select": ("ALL",)}, EVERY),
        ({"select": ()}, []),
        ({"select": ("ABC1",)}, ["ABC101", "ABC102"]),
        ({"select": ("ABC20",)}, ["ABC201", "ABC202"]),
        ({"select": ("abc20",)}, ["ABC201", "ABC202"]),
        ({"select": ("A",)}, EVERY),
        ({"select": ("one", "ABC202")}, ["ABC101", "ABC202"]),
        ({"extend_select": ("quiet",)}, EVERY),
        ({"extend_select": ("ABC2",)}, EVERY),
        ({"select": ("one",), "extend_select": ("two",)}, ["ABC101", "ABC102"]),
        ({"ignore": ("ABC1",)}, ["ABC201"]),
        ({"ignore": ("ALL",)}, []),
        ({"extend_ignore": ("other",)}, ["ABC101", "ABC102"]),
        ({"ignore": ("ABC101",), "extend_ignore": ("ABC102",)}, ["ABC201"]),
        # The longest that fits decides.
        ({"select": ("ABC1",), "ignore": ("ABC101",)}, ["ABC102"]),
        ({"select": ("ABC101",), "ignore": ("ABC1",)}, ["ABC101"]),
        ({"select": ("ABC", "ABC101"), "ignore": ("ABC10",)}, ["ABC101", "ABC201", "ABC202"]),
        ({"select": ("one",), "ignore": ("ALL",)}, ["ABC101"]),
        ({"select": ("ALL",), "ignore": ("quiet",)}, ["ABC101", "ABC102", "ABC201"]),
        ({"extend_select": ("ABC101",), "ignore": ("ABC1",)}, ["ABC101", "ABC201"]),
        # A name says as much as a code, and ignoring wins a draw.
        ({"select": ("ABC101", "ABC2"), "ignore": ("one",)}, ["ABC201", "ABC202"]),
        ({"select": ("ABC2",), "ignore": ("ABC2",)}, []),
        ({"select": ("ALL",), "ignore": ("ALL",)}, []),
    ],
)
def test_file(keys: dict[str, Any], expected: list[str]) -> None:
    assert codes(**keys) == expected


@pytest.mark.parametrize(
    ("select", "ignore", "keys", "expected"),
    [
        (["ABC1"], [], {"select": ("ABC2",)}, ["ABC101", "ABC102"]),
        (["ABC1"], [], {"extend_select": ("ABC2",)}, ["ABC101", "ABC102"]),
        (["ALL"], [], {"select": ("one",)}, EVERY),
        (["ABC1"], [], {"ignore": ("ABC101",)}, ["ABC102"]),
        (["ABC101"], [], {"ignore": ("ABC1",)}, ["ABC101"]),
        (["ABC101"], [], {"ignore": ("ABC101",)}, ["ABC101"]),
        (["one"], [], {"extend_ignore": ("ABC101",)}, ["ABC101"]),
        (None, ["ABC1"], {}, ["ABC201"]),
        (None, ["ABC1"], {"select": ("ABC101", "ABC2")}, ["ABC101", "ABC201", "ABC202"]),
        (None, ["one"], {"ignore": ("two",)}, ["ABC201"]),
        (["ABC1"], ["ABC101"], {}, ["ABC102"]),
        (["ABC101"], ["ABC101"], {}, []),
        (["ABC101"], ["ABC1"], {}, ["ABC101"]),
    ],
)
def test_command_line_over_file(
    select: list[str] | None, ignore: list[str], keys: dict[str, Any], expected: list[str]
) -> None:
    assert codes(select, ignore, **keys) == expected


@pytest.mark.parametrize("selector", ["", "ABC9", "one ", "On", "ABC1011", "*"])
def test_selector_that_fits_nothing(selector: str) -> None:
    for keys in ({"select": (selector,)}, {"ignore": (selector,)}, {"per_file_ignores": {"*": (selector,)}}):
        with pytest.raises(ConfigError, match="no rule is called"):
            codes(**keys)
    with pytest.raises(ConfigError, match="no rule is called"):
        codes([selector])


def spared(path: str, **patterns: tuple[str, ...]) -> list[str]:
    config = Config(root=Path("/"), per_file_ignores=patterns)
    return sorted(make_selection(config, REGISTRY).spared_in(path))


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("tests/*", "tests/x.py", True),
        ("tests/*", "tests/deep/x.py", True),
        ("tests/", "tests/deep/x.py", True),
        ("tests/", "app/tests/x.py", True),
        ("/tests/", "app/tests/x.py", False),
        ("tests/*", "app/tests/x.py", False),
        ("**/tests/*.py", "app/tests/x.py", True),
        ("test_*.py", "app/test_x.py", True),
        ("test_*.py", "app/x.py", False),
        ("app/models.py", "app/models.py", True),
        ("app/models.py", "other/app/models.py", False),
        ("*", "x.py", True),
    ],
)
def test_per_file_ignores_are_patterns_as_in_ignore_files(pattern: str, path: str, fits: bool) -> None:
    assert spared(path, **{pattern: ("ABC1", "other")}) == (["ABC101", "ABC102", "ABC201"] if fits else [])


def test_per_file_ignores_add_up() -> None:
    assert spared("a/x.py", **{"a/": ("one",), "x.py": ("ABC102",), "b/": ("other",)}) == ["ABC101", "ABC102"]
    assert spared("a/x.py", **{"a/": ("ALL",)}) == EVERY


def test_options() -> None:
    given = {"limit": 5, "names": []}
    selection = make_selection(Config(root=Path("/"), rules={"two": given}), REGISTRY)
    assert selection.options["ABC102"] == {"names": [], "limit": 5, "deep": False, "word": "x"}
    assert selection.options["ABC101"] == {}
    by_code = make_selection(Config(root=Path("/"), rules={"ABC102": given}), REGISTRY)
    assert by_code.options == selection.options


@pytest.mark.parametrize(
    ("name", "value"),
    [("limit", True), ("limit", 1.5), ("limit", "3"), ("deep", 0), ("word", ["x"]), ("names", "a"), ("names", [1])],
)
def test_option_of_another_type(name: str, value: object) -> None:
    with pytest.raises(ConfigError, match=f"option `{name}` of `two` must be a "):
        make_selection(Config(root=Path("/"), rules={"two": {name: value}}), REGISTRY)


def test_severity() -> None:
    selection = make_selection(Config(root=Path("/"), severity={"one": "info", "ABC102": "error"}), REGISTRY)
    assert selection.severity == {"ABC101": Severity.INFO, "ABC102": Severity.ERROR}


def test_severity_of_findings(project: Any) -> None:
    project.add("djfa-lint.toml", '[severity]\nbare-except-clause = "error"\nDFA411 = "info"\n')
    project.add("x.py", "def f(a=[]):\n    try: return a\n    except: return 1\n")
    assert [(row["code"], row["severity"]) for row in project.rows()] == [("DFA411", "info"), ("DFA401", "error")]


def test_severity_of_findings_about_comments(project: Any) -> None:
    project.add("djfa-lint.toml", '[severity]\nDFA003 = "info"\nDFA004 = "error"\n')
    project.add("x.py", "a = 1  # djfa: ignore[DFA401]\nb = 1  # djfa: ignore\n")
    assert [(row["code"], row["severity"]) for row in project.rows()] == [("DFA003", "info"), ("DFA004", "error")]


def test_per_file_ignores_of_findings(project: Any) -> None:
    project.add("djfa-lint.toml", '[per-file-ignores]\n"old/" = ["DFA4"]\n"scripts/*" = ["DFA003"]\n')
    for folder in ("old", "new", "scripts"):
        project.add(f"{folder}/x.py", "try: a\nexcept: b\nc = 1  # djfa: ignore[DFA301]\n")
    assert project.found() == [
        ("new/x.py", 2, "DFA401"),
        ("new/x.py", 3, "DFA003"),
        ("old/x.py", 3, "DFA003"),
        ("scripts/x.py", 2, "DFA401"),
    ]


def test_option_reaches_its_rule(project: Any) -> None:
    project.add("djfa-lint.toml", '[rules.blocking-call-in-async]\nignore-calls = ["time.sleep"]\n')
    project.add("x.py", "import os, time\nasync def f():\n    time.sleep(1)\n    os.system('ls')\n")
    assert project.found() == [("x.py", 4, "DFA301")]


@pytest.mark.parametrize(
    ("first", "second", "key"),
    [(("a", "ABC101"), ("b", "ABC101"), "ABC101"), (("a", "ABC101"), ("a", "ABC102"), "a")],
)
def test_two_rules_of_one_code_or_name(first: tuple[str, str], second: tuple[str, str], key: str) -> None:
    with pytest.raises(RuleError, match=f"`{key}` is taken"):
        Registry([make(*first), make(*second)])


@pytest.mark.parametrize("code", ["abc101", "ABCD101", "AB1", "ABC1011", "101", ""])
def test_code_that_other_tools_would_refuse(code: str) -> None:
    with pytest.raises(RuleError, match="is not a code"):
        make("one", code)


def test_rule_without_documentation() -> None:
    with pytest.raises(RuleError, match="docstring"):
        Rule("fake.one", None, code="ABC101", since="0", category="fake")


def test_installed_rules_are_found() -> None:
    names = load_registry().by_name
    assert {"bare-except-clause", "unreadable-file", "mutable-default"} <= names.keys()
    assert load_registry().find("dfa401") is names["bare-except-clause"]
