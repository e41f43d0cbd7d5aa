"""``djfa-lint baseline`` and what ``check`` makes of the file."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from djfa_lint.surfaces.cli import main

ROOT = Path(__file__).parent.parent.parent
FILE = "djfa-baseline.json"
CONFIG = f'baseline = "{FILE}"\n'
SHARED = "def {name}(a=[]):\n    return a\n"
OLD = "def f(a=[]):\n    return a\n\n\ndef g(a=[], b=[]):\n    return a + b\n"


class Project:
    """A folder that is its own repository; the current folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / ".git").mkdir()
        self.add("djfa-lint.toml", CONFIG)

    def add(self, path: str, text: str) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)

    def run(self, *args: str) -> Result:
        result = CliRunner().invoke(main, args, catch_exceptions=False)
        assert "Traceback" not in result.stderr
        return result

    def baseline(self, *args: str) -> str:
        """What a subcommand says; it must not fail."""
        result = self.run("baseline", *args)
        assert (result.exit_code, result.stderr) == (0, "")
        return result.stdout

    def found(self, *args: str) -> list[tuple[str, int, str]]:
        """Path, line and code of what ``check`` reports."""
        result = self.run("check", "--output-format", "json", *args)
        assert result.exit_code in {0, 1}, result.stderr
        return [(row["path"], row["line"], row["code"]) for row in json.loads(result.stdout)]

    def strict(self, *args: str) -> tuple[int, list[str]]:
        """Exit code and the stale entries that are named."""
        result = self.run("check", "--baseline-strict", "--output-format", "concise", *args)
        head = f"djfa-lint: stale in {FILE}: "
        assert all(line.startswith(head) for line in result.stderr.splitlines()), result.stderr
        return result.exit_code, [line.removeprefix(head) for line in result.stderr.splitlines()]

    @property
    def entries(self) -> list[tuple[str, str, int]]:
        """Path, scope and count of the entries in the file."""
        rows = json.loads((self.root / FILE).read_text())["entries"]
        return [(row["path"], row["scope"], row["count"]) for row in rows]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    root = tmp_path / "project"
    root.mkdir()
    monkeypatch.chdir(root)
    return Project(root)


@pytest.fixture
def old(project: Project) -> Project:
    """A project with three findings, all in its baseline."""
    project.add("x.py", OLD)
    project.baseline("create")
    return project


def test_create_and_check(project: Project) -> None:
    project.add("x.py", OLD)
    assert project.baseline("create") == f"{FILE}: 3 findings in 2 entries\n"
    assert project.entries == [("x.py", "f", 1), ("x.py", "g", 2)]
    result = project.run("check")
    assert result.exit_code == 0
    assert result.stdout == f"No findings in 1 file.\n{FILE} hides 3 findings.\n"
    assert project.run("check", "--quiet").stdout == ""
    for output_format, empty in (("concise", ""), ("json", "[]\n"), ("github", "")):
        plain = project.run("check", "--output-format", output_format)
        assert (plain.stdout, plain.stderr) == (empty, "")
    assert len(project.found("--no-baseline")) == 3
    assert len(project.found("--isolated")) == 3


def test_without_a_key_nothing_is_hidden(project: Project) -> None:
    project.add("djfa-lint.toml", "")
    project.add("x.py", OLD)
    said = project.baseline("create").splitlines()
    assert said[1] == 'to use it, add to the configuration: baseline = "djfa-baseline.json"'
    assert len(project.found()) == 3
    assert project.found("--baseline", FILE) == []


def test_file_from_the_command_line(old: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    old.add("app/y.py", OLD)
    old.add("ci/readme.txt", "")
    assert 'baseline = "ci/other.json"' in old.baseline("create", "--baseline", "ci/other.json", "app")
    assert [path for path, _, _ in old.found("--baseline", "ci/other.json")] == ["x.py"] * 3
    assert [path for path, _, _ in old.found()] == ["app/y.py"] * 3
    # Paths in it are relative to the project, and the option to the current folder.
    monkeypatch.chdir(old.root / "app")
    assert old.found("--baseline", "../ci/other.json") == []
    assert [path for path, _, _ in old.found()] == ["y.py"] * 3


def test_create_does_not_overwrite(old: Project) -> None:
    before = (old.root / FILE).read_bytes()
    old.add("x.py", "")
    result = old.run("baseline", "create")
    assert result.exit_code == 2
    assert f"baseline `{FILE}` exists" in result.stderr
    assert (old.root / FILE).read_bytes() == before
    assert old.baseline("create", "--force") == f"{FILE}: 0 findings in 0 entries\n"
    assert old.entries == []


def test_create_hides_no_file_that_cannot_be_linted(project: Project) -> None:
    project.add("x.py", OLD)
    project.add("y.py", "(")
    assert "1 finding cannot be hidden" in project.baseline("create")
    assert project.found() == [("y.py", 1, "DFA001")]


def test_missing_file(project: Project) -> None:
    project.add("x.py", OLD)
    for command in (("check",), ("baseline", "update"), ("baseline", "prune"), ("baseline", "show")):
        result = project.run(*command)
        assert (result.exit_code, result.stdout) == (2, "")
        assert f"baseline `{FILE}` does not exist; make it with `djfa-lint baseline create`" in result.stderr
    assert "djfa-lint.toml:1: " in project.run("check").stderr
    assert "baseline `no.json` does not exist" in project.run("check", "--baseline", "no.json").stderr
    assert len(project.found("--no-baseline")) == 3


def test_damaged_file_ends_the_run(old: Project) -> None:
    old.add(FILE, "<<<<<<< HEAD\n")
    result = old.run("check", "x.py")
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"error: {FILE}:1: holds the marks of a git conflict" in result.stderr


def test_options_that_need_another(project: Project) -> None:
    project.add("djfa-lint.toml", "")
    project.add(FILE, '{"version": 1, "entries": []}')
    for args in (("--baseline-strict",), ("--baseline-strict", "--baseline", FILE, "--diff")):
        result = project.run("check", *args)
        assert result.exit_code == 2
        assert "`--baseline-strict`" in result.stderr


MOVES = {
    "lines above": "import os\n\n# A comment.\nx = os\n\n\n" + OLD,
    "definitions in another order": "\n\n".join([*OLD.split("\n\n\n")[::-1]]),
    "another signature": OLD.replace("def f(a=[])", "def f(first, *, a=[]) -> list"),
    "another body": OLD.replace("    return a", "    x = 1\n    return [x] + a"),
    "another form": OLD.replace("(a=[], b=[])", "(\n    a=[\n    ],  # why\n    b=([]),\n)"),
    "windows": OLD.replace("\n", "\r\n"),
}


@pytest.mark.parametrize("text", MOVES.values(), ids=MOVES)
def test_findings_stay_hidden(old: Project, text: str) -> None:
    (old.root / "x.py").write_bytes(text.encode())
    assert old.strict() == (0, [])


def test_moved_to_another_file_or_definition_is_new(old: Project) -> None:
    old.add("y.py", SHARED.format(name="f"))
    assert old.found() == [("y.py", 1, "DFA411")]
    old.add("y.py", "")
    old.add("x.py", OLD + "\n\n" + SHARED.format(name="h"))
    assert old.found() == [("x.py", 9, "DFA411")]


def test_one_more_of_the_same_is_reported(old: Project) -> None:
    old.add("x.py", OLD.replace("b=[]", "b=[], c=[]").replace("+ b", "+ b + c"))
    result = old.run("check", "--output-format", "json")
    (row,) = json.loads(result.stdout)
    assert "`c=[]`" in row["message"]


def test_hidden_findings_are_not_fixed(old: Project) -> None:
    text = OLD + "\n\n" + SHARED.format(name="h")
    old.add("x.py", text)
    result = old.run("check", "--diff", "--unsafe-fixes")
    assert result.exit_code == 1
    assert [line for line in result.stdout.splitlines() if line.startswith("-def")] == ["-def h(a=[]):"]
    assert old.run("check", "--fix", "--unsafe-fixes").exit_code == 0
    after = (old.root / "x.py").read_text()
    assert after.startswith(OLD)
    assert "def h(a=None):" in after
    assert old.run("check", "--diff", "--unsafe-fixes").exit_code == 0


def test_strict_names_what_is_gone(old: Project) -> None:
    assert old.strict() == (0, [])
    old.add("x.py", OLD.replace("f(a=[])", "f(a)").replace("b=[]", "b=()"))
    assert old.strict() == (1, ["x.py: DFA411 in f: `[]`", "x.py: DFA411 in g: `[]` (1 of 2 left)"])
    assert old.strict("--exit-zero")[0] == 0
    result = old.run("check")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.endswith(
        f"{FILE} hides 1 finding.\n2 entries are stale in {FILE}; `djfa-lint baseline prune` takes them out.\n"
    )


NOT_JUDGED = {
    "rule does not run": ("x.py", "", ("--select", "DFA401")),
    "rule is ignored": ("x.py", "", ("--ignore", "DFA411")),
    "other paths": ("x.py", "", ("y.py",)),
    "file cannot be read": ("x.py", "def f(a=[]:\n", ("--exit-zero",)),
    "nor is that told": ("x.py", "def f(a=[]:\n", ("--ignore", "DFA001")),
    "spared in the file": ("djfa-lint.toml", CONFIG + '[per-file-ignores]\n"x.py" = ["DFA4"]\n', ()),
    "excluded": ("djfa-lint.toml", CONFIG + 'extend-exclude = ["x.py"]\n', ()),
}


@pytest.mark.parametrize(("path", "text", "args"), NOT_JUDGED.values(), ids=NOT_JUDGED)
def test_what_was_not_judged_is_not_stale(old: Project, path: str, text: str, args: tuple[str, ...]) -> None:
    old.add("y.py", "")
    old.add(path, text)
    before = (old.root / FILE).read_bytes()
    assert old.strict(*args) == (0, [])
    args = tuple(one for one in args if one != "--exit-zero")
    assert old.baseline("update", *args).startswith(f"{FILE}: 0 gone; 3 findings")
    assert old.baseline("prune", *args).startswith(f"{FILE}: 0 gone; 3 findings")
    assert (old.root / FILE).read_bytes() == before


@pytest.mark.parametrize("args", [(), ("app",)])
def test_deleted_file(old: Project, args: tuple[str, ...]) -> None:
    old.add("app/y.py", SHARED.format(name="f"))
    old.add("app/z.py", "")
    old.baseline("update", "--add-new")
    (old.root / "app" / "y.py").unlink()
    (old.root / "x.py").unlink()
    stale = ["app/y.py: DFA411 in f: `[]`"]
    if not args:
        stale += ["x.py: DFA411 in f: `[]`", "x.py: DFA411 in g: `[]` (0 of 2 left)"]
    assert old.strict(*args) == (1, stale)
    old.baseline("prune", *args)
    assert len(old.entries) == 3 - len(stale)


def test_suppressed_is_gone(old: Project) -> None:
    old.add("x.py", OLD.replace("def f(a=[]):", "def f(a=[]):  # djfa: ignore[DFA411] a registry"))
    assert old.strict() == (1, ["x.py: DFA411 in f: `[]`"])


def test_update_lowers_and_adds_only_when_asked(old: Project) -> None:
    old.add("x.py", OLD.replace("f(a=[])", "f(a)").replace("b=[]", "b=()") + SHARED.format(name="h"))
    assert old.baseline("update") == f"{FILE}: 2 gone; 1 finding in 1 entry\n"
    assert old.entries == [("x.py", "g", 1)]
    assert len(old.found()) == 1
    assert old.baseline("update", "--add-new") == f"{FILE}: 0 gone, 1 added; 2 findings in 2 entries\n"
    assert old.entries == [("x.py", "g", 1), ("x.py", "h", 1)]
    assert old.strict() == (0, [])


def test_update_with_paths_leaves_others(old: Project) -> None:
    old.add("y.py", SHARED.format(name="f"))
    old.add("x.py", "")
    assert "0 gone, 1 added" in old.baseline("update", "--add-new", "y.py")
    assert [path for path, _, _ in old.entries] == ["x.py", "x.py", "y.py"]


def test_prune_changes_no_other_line(old: Project) -> None:
    file = old.root / FILE
    told = file.read_text().replace("makes one list", "made one list")
    file.write_text(told)
    old.add("x.py", OLD.replace("f(a=[])", "f(a)"))
    assert old.baseline("prune") == f"{FILE}: 1 gone; 2 findings in 1 entry\n"
    left = file.read_text()
    assert left.splitlines() == [line for line in told.splitlines() if '"scope": "f"' not in line]
    old.baseline("update")
    assert "makes one list" in file.read_text()


def test_file_is_not_written_without_need(old: Project) -> None:
    file = old.root / FILE
    os.utime(file, ns=(1, 1))
    old.baseline("update", "--add-new")
    old.baseline("prune")
    old.run("check", "--baseline-strict")
    assert file.stat().st_mtime_ns == 1


def test_show(old: Project) -> None:
    old.add("y.py", "try:\n    pass\nexcept:\n    x = 1\n")
    old.baseline("update", "--add-new")
    expected = f"3  DFA411 mutable-default\n1  DFA401 bare-except-clause\n{FILE}: 4 findings in 3 entries, 2 files\n"
    assert old.baseline("show") == expected
    assert json.loads(old.baseline("show", "--output-format", "json")) == {
        "version": 1,
        "findings": 4,
        "entries": 3,
        "files": 2,
        "codes": [
            {"code": "DFA411", "name": "mutable-default", "findings": 3, "entries": 2},
            {"code": "DFA401", "name": "bare-except-clause", "findings": 1, "entries": 1},
        ],
    }
    old.add(FILE, '{"version": 1, "entries": []}')
    assert old.baseline("show") == f"{FILE}: 0 findings in 0 entries, 0 files\n"


def test_template(project: Project) -> None:
    project.add("app/templates/x.html", "{# djfa: ignore[DFA411] #}\n")
    project.baseline("create")
    assert project.entries == [("app/templates/x.html", "", 1)]
    project.add("app/templates/x.html", "<p>\n\n{#  djfa: ignore[DFA411] #}</p>\n")
    assert project.found() == []
    project.add("app/templates/x.html", "{# djfa: ignore[DFA401] #}\n")
    assert len(project.found()) == 1


def test_environment_names_a_file(old: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJFA_LINT_CHECK_BASELINE", FILE)
    assert old.found("--isolated") == []


def _format(folder: Path, length: int, quotes: str) -> int:
    """Format all files below a folder; how many were changed."""
    before = {path: path.read_bytes() for path in folder.rglob("*.py")}
    style = f'format.quote-style="{quotes}"'
    args = ["format", "--isolated", "--no-cache", "--line-length", str(length), "--config", style, "--quiet", "."]
    subprocess.run([sys.executable, "-m", "ruff", *args], cwd=folder, check=True, timeout=60)
    return sum(path.read_bytes() != text for path, text in before.items())


def test_silent_after_a_formatter(project: Project) -> None:
    pytest.importorskip("ruff")
    unfit = shutil.ignore_patterns("*.fixed*", "unreadable_file", ".djfa_cache", "djfa-lint.toml")
    shutil.copytree(ROOT / "fixtures", project.root / "fixtures", ignore=unfit)
    shutil.copytree(ROOT / "examples" / "shop", project.root / "shop", ignore=unfit)
    project.baseline("create", "--select", "ALL")
    assert len(project.entries) > 400
    for length, quotes in ((60, "single"), (160, "double")):
        assert _format(project.root, length, quotes) > 100
        assert project.strict("--select", "ALL") == (0, [])
