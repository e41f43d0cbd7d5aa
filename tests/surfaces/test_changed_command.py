"""``check`` where only a part is asked about, in real repositories: changed lines, what is new, what is affected."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from djfa_lint.surfaces.cli import main

CONFIG = 'select = ["DFA201", "DFA401", "DFA411"]\n'
MODELS = """\
from django.db import models


class Customer(models.Model):
    name = models.CharField(max_length=9)


class Order(models.Model):
    customer = models.ForeignKey(Customer, models.CASCADE)
"""
LABELS = "def label(order):\n    return order.customer_id\n"
READING = "def label(order):\n    return order.customer.name\n"
VIEWS = """\
from labels import label
from models import Order


def names():
    return [label(order) for order in Order.objects.all()]
"""
OLD = "def old(a=[]):\n    return a\n"
IN_VIEWS = ("views.py", 6, "DFA201")


class Repo:
    """A project that is a repository; the current folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.git("init", "-q", "-b", "main")
        self.add("djfa-lint.toml", CONFIG)

    def git(self, *args: str) -> None:
        names = ("AUTHOR_NAME", "AUTHOR_EMAIL", "COMMITTER_NAME", "COMMITTER_EMAIL")
        who = {f"GIT_{name}": "tester@example.com" for name in names}
        environment = {**os.environ, **who, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        subprocess.run(["git", *args], cwd=self.root, env=environment, check=True, capture_output=True)

    def add(self, path: str, text: str) -> Path:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, newline="")
        return target

    def commit(self, **files: str) -> None:
        for name, text in files.items():
            self.add(f"{name}.py", text)
        self.git("add", "-A")
        self.git("commit", "-qm", "state")

    def check(self, *args: str, **environment: str) -> Result:
        env = {"PRE_COMMIT": None, **environment}
        return CliRunner(env=env).invoke(main, ["check", "--jobs", "1", "--no-cache", *args], catch_exceptions=False)

    def found(self, *args: str, **environment: str) -> list[tuple[str, int, str]]:
        result = self.check("--output-format", "json", *args, **environment)
        assert (result.stderr, result.exit_code in {0, 1}) == ("", True), result.stderr
        return [(row["path"], row["line"], row["code"]) for row in json.loads(result.stdout)]


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    root = tmp_path / "project"
    root.mkdir()
    monkeypatch.chdir(root)
    return Repo(root)


def test_changed_lines(repo: Repo) -> None:
    repo.commit(x=OLD, y=OLD)
    repo.add("x.py", "import os\n" + OLD + "\n\ndef new(b={}):\n    return b, os\n")
    repo.add("z.py", OLD)
    assert repo.found("--diff-against", "HEAD") == [("x.py", 6, "DFA411"), ("z.py", 1, "DFA411")]
    assert repo.found("--diff-against", "HEAD", "x.py") == [("x.py", 6, "DFA411")]
    assert repo.check("--diff-against", "HEAD").exit_code == 1
    repo.commit()
    assert repo.check("--diff-against", "HEAD").exit_code == 0
    assert repo.found("--diff-against", "HEAD~") == [("x.py", 6, "DFA411"), ("z.py", 1, "DFA411")]


def test_evidence_on_changed_lines(repo: Repo) -> None:
    repo.commit(models=MODELS, labels=LABELS, views=VIEWS, old=OLD)
    assert repo.found("--diff-against", "HEAD") == []
    repo.add("labels.py", READING)
    assert repo.found("--diff-against", "HEAD") == [IN_VIEWS]
    assert repo.found("--diff-against", "HEAD", "views.py") == [IN_VIEWS]
    assert repo.found("--diff-against", "HEAD", "labels.py") == []
    assert repo.found("--since", "HEAD") == [IN_VIEWS]


WITHOUT_LOADER = VIEWS.replace("label(order)", "order.customer.name").replace("from labels import label\n", "")


def test_what_was_deleted(repo: Repo) -> None:
    """A loader that is taken out is seen on lines that changed or stand around it; elsewhere only by what is new."""
    loaded = '        .select_related("customer")\n'
    inside = WITHOUT_LOADER.replace("Order.objects.all()", f"Order.objects\n{loaded}        .all()")
    repo.commit(models=MODELS, views=inside)
    repo.add("views.py", inside.replace(loaded, ""))
    line = ("views.py", 5, "DFA201")
    assert repo.found("--diff-against", "HEAD") == repo.found("--since", "HEAD") == [line]

    apart = WITHOUT_LOADER.replace("    return", "    orders = Order.objects.all()\n    orders = LOADED\n    return")
    apart = apart.replace("in Order.objects.all()", "in orders")
    repo.commit(views=apart.replace("LOADED", 'orders.select_related("customer")'))
    repo.add("views.py", apart.replace("    orders = LOADED\n", ""))
    assert repo.found("--diff-against", "HEAD") == []
    assert repo.found("--since", "HEAD") == [("views.py", 6, "DFA201")]


def test_unreadable_file_that_was_touched(repo: Repo) -> None:
    repo.commit(x="x = [\n\n\n1]\n", y="y = (\n")
    repo.add("x.py", "x = [\n\n\n1\n")
    found = [one for one in repo.found("--diff-against", "HEAD") if one[2] == "DFA001"]
    assert [one[0] for one in found] == ["x.py"]
    assert [one[0] for one in repo.found("--since", "HEAD")] == ["x.py"]


def test_new_since(repo: Repo) -> None:
    repo.commit(x=OLD + "\n\n" + OLD.replace("old", "other"), gone=OLD)
    (repo.root / "gone.py").unlink()
    moved = "import os\n\n\n" + OLD.replace("old", "other") + "\n\n" + OLD.replace("a=[]", "\n    a = [  ],\n").rstrip()
    repo.add("x.py", moved + "\n\n\ndef new(b=[]):\n    return b, os\n")
    assert repo.found("--since", "HEAD") == [("x.py", 14, "DFA411")]
    assert len(repo.found()) == 3


def test_another_of_the_same_kind_is_new(repo: Repo) -> None:
    twice = "def f(a):\n    try:\n        a()\n    except:\n        a = 1\n"
    again = "    try:\n        a(2)\n    except:\n        a = 2\n"
    repo.commit(x=twice)
    repo.add("x.py", twice.replace("    try", again + "    try"))
    assert len(repo.found()) == 2
    assert repo.found("--since", "HEAD") == [("x.py", 4, "DFA401")]
    repo.add("x.py", twice + again)
    assert repo.found("--since", "HEAD") == [("x.py", 8, "DFA401")]


def test_new_since_beside_a_baseline(repo: Repo) -> None:
    first = "def f(a=[]):\n    return a\n"
    repo.commit(x=first)
    assert CliRunner().invoke(main, ["baseline", "create"]).exit_code == 0
    repo.commit()
    assert repo.found("--since", "HEAD") == []
    repo.add("x.py", "def f(a=[], b=[]):\n    return a, b\n")
    assert repo.found("--baseline", "djfa-baseline.json") == [("x.py", 1, "DFA411")]
    assert repo.found("--since", "HEAD", "--baseline", "djfa-baseline.json") == [("x.py", 1, "DFA411")]
    assert repo.found("--diff-against", "HEAD", "--baseline", "djfa-baseline.json") == [("x.py", 1, "DFA411")]
    # Not in the baseline under its new name, and not new either.
    repo.add("x.py", first)
    repo.git("mv", "x.py", "y.py")
    assert repo.found("--baseline", "djfa-baseline.json") == [("y.py", 1, "DFA411")]
    assert repo.found("--since", "HEAD", "--baseline", "djfa-baseline.json") == []


def test_baseline_is_not_stale_where_a_part_is_asked_about(repo: Repo) -> None:
    repo.commit(x=OLD, y=OLD)
    assert CliRunner().invoke(main, ["baseline", "create"]).exit_code == 0
    strict = ("--baseline", "djfa-baseline.json", "--baseline-strict")
    for part in (("--diff-against", "HEAD"), ("--since", "HEAD"), ("--scope", "affected", "x.py")):
        result = repo.check(*strict, *part)
        assert (result.exit_code, result.stderr) == (0, "")


def test_renamed_files_are_followed(repo: Repo) -> None:
    repo.commit(x=OLD + "\n\n" + OLD.replace("old", "other"), y=OLD)
    repo.git("mv", "x.py", "renamed.py")
    repo.add("renamed.py", (repo.root / "renamed.py").read_text() + "\n\ndef new(a=[]):\n    return a\n")
    new = [("renamed.py", 9, "DFA411")]
    assert repo.found("--since", "HEAD") == new
    assert repo.found("--since", "HEAD", "renamed.py") == new
    assert repo.found("--diff-against", "HEAD") == new


def test_rules_and_configuration_are_those_of_now(repo: Repo) -> None:
    repo.add("djfa-lint.toml", 'select = ["DFA401"]\n')
    repo.commit(x=OLD)
    repo.add("djfa-lint.toml", 'select = ["DFA401", "DFA411"]\nexclude = ["y.py"]\n')
    repo.add("y.py", OLD)
    assert repo.found() == [("x.py", 1, "DFA411")]
    assert repo.found("--since", "HEAD") == []
    assert repo.found("--since", "HEAD", "--select", "DFA4") == []


def test_comment_that_is_taken_out_shows_something_new(repo: Repo) -> None:
    repo.commit(x=OLD.replace(":\n", ":  # djfa: ignore[DFA411]\n"))
    repo.add("x.py", OLD)
    assert repo.found("--since", "HEAD") == [("x.py", 1, "DFA411")]


def test_project_in_a_folder_of_the_repository(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = "back end/apps"
    for name in ("x", "y"):
        repo.add(f"{inner}/{name}.py", OLD)
    repo.add(f"{inner}/djfa-lint.toml", CONFIG)
    repo.commit(outside=OLD)
    repo.add(f"{inner}/x.py", OLD + "\n\ndef new(a=[]):\n    return a\n")
    repo.add(f"{inner}/é.py", OLD)
    monkeypatch.chdir(repo.root / inner)
    for option in ("--diff-against", "--since"):
        assert repo.found(option, "HEAD") == [("x.py", 5, "DFA411"), ("é.py", 1, "DFA411")]


def test_scope(repo: Repo) -> None:
    repo.commit(models=MODELS, labels=READING + OLD, views=VIEWS, old=OLD)
    own = [("labels.py", 3, "DFA411")]
    assert repo.found("labels.py") == own
    assert repo.found("labels.py", PRE_COMMIT="0") == own
    assert repo.found("labels.py", "--scope", "given", PRE_COMMIT="1") == own
    both = [*own, IN_VIEWS]
    assert repo.found("labels.py", "--scope", "affected") == both
    assert repo.found("labels.py", PRE_COMMIT="1") == both
    assert repo.found("views.py", PRE_COMMIT="1") == [IN_VIEWS]
    assert repo.found("models.py", PRE_COMMIT="1") == []
    assert repo.found(PRE_COMMIT="1") == repo.found()
    assert repo.found("labels.py", "--scope", "affected", "--diff-against", "HEAD") == []
    repo.add("labels.py", READING.replace("name", "name + ''") + OLD)
    assert repo.found("labels.py", "--scope", "affected", "--diff-against", "HEAD") == [IN_VIEWS]
    assert repo.found("labels.py", "--scope", "affected", "--since", "HEAD") == []


def test_excluded_file_that_is_given(repo: Repo) -> None:
    repo.add("djfa-lint.toml", CONFIG + 'exclude = ["x.py"]\n')
    repo.commit(x=OLD, y=OLD)
    assert repo.found("x.py", PRE_COMMIT="1") == [("x.py", 1, "DFA411")]
    assert repo.found("x.py", "--since", "HEAD") == []
    assert repo.found("x.py", "--force-exclude", "--since", "HEAD", PRE_COMMIT="1") == []


def test_fixes_of_changed_lines_only(repo: Repo) -> None:
    repo.commit(x=OLD)
    path = repo.add("x.py", OLD + "\n\ndef new(b=[]):\n    return b\n")
    repo.check("--diff-against", "HEAD", "--fix", "--unsafe-fixes")
    assert path.read_text() == OLD + "\n\ndef new(b=None):\n    if b is None:\n        b = []\n    return b\n"
    assert repo.found("--diff-against", "HEAD") == []


def test_comments_for_a_part_only(repo: Repo) -> None:
    repo.commit(models=MODELS, labels=LABELS, views=VIEWS, old=OLD)
    repo.add("labels.py", READING)
    repo.add("new.py", OLD)
    for option in ("--diff-against", "--since"):
        result = repo.check("--add-ignores", option, "HEAD")
        assert result.exit_code == 0, result.output
        assert repo.found(option, "HEAD") == []
        assert repo.found() == [("old.py", 1, "DFA411")]
        assert (
            "label(order) for order in Order.objects.all()]  # djfa: ignore[DFA201]"
            in (repo.root / "views.py").read_text()
        )
        assert repo.found("--diff-against", "HEAD") == []
        repo.git("checkout", "-q", "views.py")
        repo.add("new.py", OLD)


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("--since", "HEAD", "--diff-against", "HEAD"), "`--diff-against` cannot be used with `--since`"),
        (("--since", "HEAD", "--fix"), "`--fix` cannot be used with `--since`"),
        (("--since", "HEAD", "--diff"), "`--diff` cannot be used with `--since`"),
        (("--since", "nope"), "git knows no commit `nope` here"),
        (("--diff-against", "nope"), "git knows no commit `nope` here"),
        (("--diff-against", "HEAD..main"), "name one revision, not a range"),
        (("--diff-against", "--fix"), "git knows no commit `--fix` here"),
        (("--scope", "all"), "'all' is not one of"),
    ],
)
def test_wrong_usage(repo: Repo, args: tuple[str, ...], told: str) -> None:
    repo.commit(x=OLD)
    result = repo.check(*args)
    assert (result.exit_code, result.stdout) == (2, "")
    assert told in result.stderr.splitlines()[-1]


def test_no_repository(tmp_path: Path, repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "x.py").write_text(OLD)
    monkeypatch.chdir(outside)
    for option in ("--diff-against", "--since"):
        result = repo.check(option, "HEAD")
        assert result.exit_code == 2
        assert result.stderr == "djfa-lint: error: git: not a git repository (or any of the parent directories): .git\n"
        assert repo.check(option, "HEAD", PATH="").stderr.endswith("it is not installed\n")


def test_revision_from_the_environment(repo: Repo) -> None:
    repo.commit(x=OLD)
    repo.add("y.py", OLD)
    assert repo.found(DJFA_LINT_CHECK_DIFF_AGAINST="HEAD") == [("y.py", 1, "DFA411")]


def test_working_tree_is_left_as_it_is(repo: Repo) -> None:
    repo.commit(x=OLD)
    repo.add("x.py", OLD + "# edited\n")
    repo.add("y.py", OLD)
    before = {path: path.read_bytes() for path in sorted(repo.root.rglob("*")) if path.is_file()}
    for option in ("--diff-against", "--since"):
        repo.check(option, "HEAD")
    assert {path: path.read_bytes() for path in sorted(repo.root.rglob("*")) if path.is_file()} == before
