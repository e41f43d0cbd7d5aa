"""The configuration file: which one, what it may hold, and what is said of mistakes in it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from djfa_lint.engine.config import FILE_NAMES, KEYS, Config, find_config
from djfa_lint.engine.discover import DEFAULT_EXCLUDE
from djfa_lint.engine.registry import load_registry
from djfa_lint.engine.selection import make_selection
from djfa_lint.errors import ConfigError

ALL_KEYS = """\
select = ["DFA4"]
ignore = ["DFA411"]
extend-select = ["DFA301"]
extend-ignore = ["DFA412"]
exclude = ["a/"]
extend-exclude = ["b/"]
src = ["backend"]
baseline = "djfa-baseline.json"

[{prefix}blocking-calls]
"acme.fetch" = "await acme.afetch(...)"

[{prefix}per-file-ignores]
"tests/*" = ["DFA4", "blocking-call-in-async"]

[{prefix}severity]
DFA401 = "error"

[{prefix}rules.blocking-call-in-async]
ignore-calls = ["builtins.open"]
"""


def read(folder: Path, text: str, name: str = "djfa-lint.toml") -> Config:
    (folder / name).write_text(text, encoding="utf-8")
    return find_config(folder)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    return tmp_path


@pytest.mark.parametrize("name", [*FILE_NAMES, "pyproject.toml"])
def test_every_key(folder: Path, name: str) -> None:
    in_pyproject = name == "pyproject.toml"
    text = ALL_KEYS.format(prefix="tool.djfa-lint." if in_pyproject else "")
    config = read(folder, "[project]\nname = 'x'\n[tool.djfa-lint]\n" + text if in_pyproject else text, name)
    assert config.root == folder
    assert config.source == folder / name
    assert config.select == ("DFA4",)
    assert config.ignore == ("DFA411",)
    assert config.extend_select == ("DFA301",)
    assert config.extend_ignore == ("DFA412",)
    assert config.exclude == ("a/",)
    assert config.extend_exclude == ("b/",)
    assert config.src == ("backend",)
    assert config.baseline == "djfa-baseline.json"
    assert config.per_file_ignores == {"tests/*": ("DFA4", "blocking-call-in-async")}
    assert config.severity == {"DFA401": "error"}
    assert config.blocking_calls == {"acme.fetch": "await acme.afetch(...)"}
    assert config.rules == {"blocking-call-in-async": {"ignore-calls": ["builtins.open"]}}
    assert all(key in text for key in KEYS), "a key that this test does not know"
    make_selection(config, load_registry())


def test_defaults(folder: Path) -> None:
    config = read(folder, "")
    assert config.select is None
    assert config.exclude == DEFAULT_EXCLUDE
    assert (config.ignore, config.extend_select, config.extend_ignore, config.src) == ((), (), (), ())


def test_nearest_file_wins(folder: Path) -> None:
    (folder / "djfa-lint.toml").write_text('src = ["outer"]\n')
    inner = folder / "inner"
    (inner / "deep").mkdir(parents=True)
    assert find_config(inner / "deep").src == ("outer",)
    (inner / "pyproject.toml").write_text('[tool.djfa-lint]\nsrc = ["inner"]\n')
    config = find_config(inner / "deep")
    assert (config.src, config.root) == (("inner",), inner)
    assert find_config(folder).src == ("outer",)


def test_order_within_a_folder(folder: Path) -> None:
    for name in ("pyproject.toml", ".djfa-lint.toml", "djfa-lint.toml"):
        head = "[tool.djfa-lint]\n" if name == "pyproject.toml" else ""
        config = read(folder, f'{head}src = ["{name}"]\n', name)
        assert config.src == (name,)


def test_pyproject_without_a_table_is_passed_over(folder: Path) -> None:
    (folder / "djfa-lint.toml").write_text('src = ["outer"]\n')
    inner = folder / "inner"
    inner.mkdir()
    (inner / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    assert find_config(inner).src == ("outer",)


@pytest.mark.parametrize("content", [b"[tool.black]\nline-length = (\n", b"\xff\xfe"])
def test_pyproject_of_others_may_be_broken(folder: Path, content: bytes) -> None:
    (folder / "pyproject.toml").write_bytes(content)
    assert find_config(folder).source is None


@pytest.mark.parametrize("is_file", [True, False])
def test_search_stops_at_the_repository(tmp_path: Path, is_file: bool) -> None:
    (tmp_path / "djfa-lint.toml").write_text('src = ["outside"]\n')
    inner = tmp_path / "repository" / "inner"
    inner.mkdir(parents=True)
    git = tmp_path / "repository" / ".git"  # a file in a worktree or submodule
    git.write_text("gitdir: elsewhere\n") if is_file else git.mkdir()
    config = find_config(inner)
    assert config.source is None
    assert config.root == tmp_path / "repository"


@pytest.mark.parametrize("marker", ["manage.py", "pyproject.toml"])
def test_root_without_configuration_is_the_nearest_marker(folder: Path, marker: str) -> None:
    (folder / "backend" / "app").mkdir(parents=True)
    (folder / "backend" / marker).touch()
    assert find_config(folder / "backend" / "app").root == folder / "backend"


def test_isolated_reads_nothing(folder: Path) -> None:
    (folder / "djfa-lint.toml").write_text("this is not TOML")
    config = find_config(folder, isolated=True)
    assert (config.source, config.root) == (None, folder)


def test_explicit_file(folder: Path) -> None:
    (folder / "djfa-lint.toml").write_text('src = ["found"]\n')
    (folder / "ci").mkdir()
    (folder / "ci" / "strict.toml").write_text('src = ["given"]\n')
    config = find_config(folder, explicit=folder / "ci" / "strict.toml")
    assert (config.src, config.root) == (("given",), folder)
    with pytest.raises(ConfigError, match="does not exist"):
        find_config(folder, explicit=folder / "nowhere.toml")


# The file, the place named, a part of the message.
WRONG = {
    "unknown key": ('src = ["a"]\nsleect = ["DFA4"]\n', ":2", "unknown key `sleect`; did you mean `select`?"),
    "key with underscores": ('extend_select = ["DFA4"]\n', ":1", "did you mean `extend-select`?"),
    "key like nothing": ("qqq = 1\n", ":1", "unknown key `qqq`"),
    "unknown table": ('[per-file-ignore]\n"a" = []\n', ":1", "did you mean `per-file-ignores`?"),
    "a string for a list": ('src = []\n\nselect = "DFA4"\n', ":3", "`select` must be a list of strings"),
    "a list of numbers": ("src = [1]\n", ":1", "`src` must be a list of strings"),
    "a string for a table": ('severity = "error"\n', ":1", "`severity` must be a table"),
    "a string for codes": ('[per-file-ignores]\n"a.py" = "DFA4"\n', ":1", "must be a list of strings"),
    "a list for a file": ('src = []\nbaseline = ["a.json"]\n', ":2", "`baseline` must be the name of a file"),
    "an empty name for a file": ('baseline = ""\n', ":1", "`baseline` must be the name of a file"),
    "a value for a rule's table": ("[rules]\nmutable-default = 1\n", ":2", "must be a table"),
    "not TOML": ("select = [\n", "", "is not valid TOML"),
    "unknown code": ('src = []\nselect = [\n  "DFA4",\n  "DFA498",\n]\n', ":4", "no rule is called `DFA498`"),
    "a code like it": ('ignore = ["DFA4O1"]\n', ":1", "no rule is called `DFA4O1`"),
    "a name like it": ('extend-select = ["bare-except"]\n', ":1", "did you mean `bare-except-clause`?"),
    "unknown code for files": ('[per-file-ignores]\n"a" = ["DFA401"]\n"b" = ["DFA499"]\n', ":3", "`DFA499`"),
    "unknown severity": (
        '[severity]\nDFA401 = "fatal"\n',
        ":2",
        "`fatal` is not a severity; use one of error, warning",
    ),
    "a number for severity": ("[severity]\nDFA401 = 1\n", ":2", "is not a severity"),
    "unknown rule's severity": ('[severity]\nmutable-defaults = "info"\n', ":2", "did you mean `mutable-default`?"),
    "unknown rule's options": ("[rules.blocking-calls]\nx = 1\n", ":1", "no rule is called `blocking-calls`"),
    "unknown option": (
        '[rules.blocking-call-in-async]\nignore-call = ["a"]\n',
        ":2",
        "has no option `ignore-call`; did you mean `ignore-calls`?",
    ),
    "option of a rule without": ("[rules.mutable-default]\nx = 1\n", ":2", "`mutable-default` has no option `x`"),
    "option's type": ("[rules.DFA301]\nignore-calls = true\n", ":2", "must be a list of strings"),
    "option's items": ("[rules.DFA301]\nignore-calls = [1]\n", ":2", "must be a list of strings"),
}


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("in_pyproject", [False, True])
def test_mistakes_are_named_with_their_place(project: Any, name: str, in_pyproject: bool) -> None:
    text, line, message = WRONG[name]
    if in_pyproject:
        text = "[tool.djfa-lint]\n" + re.sub("^\\[", "[tool.djfa-lint.", text, flags=re.MULTILINE)
        line = line and f":{int(line[1:]) + 1}"
    file = "pyproject.toml" if in_pyproject else "djfa-lint.toml"
    project.add(file, text)
    project.add("x.py", "")
    result = project.check()
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith(f"djfa-lint: error: {file}{line}: ")
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


def test_file_that_is_not_text(project: Any) -> None:
    project.add("djfa-lint.toml", b"\xff\xfe")
    result = project.check()
    assert result.exit_code == 2
    assert result.stderr.startswith("djfa-lint: error: djfa-lint.toml: cannot be read")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("pyproject.toml", "[[tool.djfa-lint]]\nselect = []\n"),
        ("pyproject.toml", "tool = 1\n# [tool.djfa-lint]\n"),
        ("djfa-lint.toml", '[per-file-ignores]\n"!" = ["DFA401"]\n'),
    ],
)
def test_tables_and_patterns_of_another_shape(project: Any, file: str, text: str) -> None:
    project.add(file, text)
    result = project.check()
    assert result.exit_code == 2
    assert result.stderr.startswith(f"djfa-lint: error: {file}")


def test_exclude_that_cannot_be_read(project: Any) -> None:
    project.add("djfa-lint.toml", 'exclude = ["!"]\n')
    result = project.check()
    assert result.exit_code == 2
    assert "`exclude` holds a pattern that cannot be read" in result.stderr


def test_mistake_on_the_command_line_is_not_laid_to_the_file(project: Any) -> None:
    project.add("djfa-lint.toml", "# DFA498 is to come\nsrc = []\n")
    assert project.check("--select", "DFA498").stderr.startswith("djfa-lint: error: no rule is called `DFA498`")


def test_line_of_a_mistake_is_not_that_of_a_comment(project: Any) -> None:
    project.add("djfa-lint.toml", "# sleect is wrong\nsrc = []  # sleect\nsleect = []\n")
    assert ": error: djfa-lint.toml:3: " in project.check().stderr


def test_each_given_folder_has_its_own_project(project: Any) -> None:
    project.add("djfa-lint.toml", 'select = ["DFA411"]\n')
    project.add("inner/djfa-lint.toml", 'select = ["DFA401"]\n')
    project.add("inner/x.py")
    assert project.found("inner") == [("inner/x.py", 3, "DFA401")]
    assert project.found("inner/x.py") == [("inner/x.py", 3, "DFA401")]
    assert project.found() == []
