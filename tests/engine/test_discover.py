"""Which files are the project's, and which of them were asked about."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from djfa_lint.engine.discover import DEFAULT_EXCLUDE, Found, discover


def tree(root: Path, *paths: str) -> Path:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).touch()
    return root


def found(root: Path, exclude: tuple[str, ...] = DEFAULT_EXCLUDE, given: tuple[str, ...] = ()) -> list[str]:
    result = discover(root, exclude, [root / path for path in given])
    return [*result.python, *result.templates]


def test_kinds_of_files(tmp_path: Path) -> None:
    tree(
        tmp_path,
        *("b.py", "a.py", "a/b.py", "stub.pyi", "x.pyc", "x.txt", "x.PY", "py", ".py"),
        *("app/templates/a.html", "templates/deep/b.txt", "jinja2/c.j2", "templates/d.css", "docs/e.html"),
        *("manage.py", "backend/pyproject.toml", "alembic.ini", "x/setup.cfg"),
    )
    result = discover(tmp_path, DEFAULT_EXCLUDE)
    assert result == Found(
        python=[".py", "a.py", "a/b.py", "b.py", "manage.py", "stub.pyi"],
        templates=["app/templates/a.html", "jinja2/c.j2", "templates/deep/b.txt"],
        markers=["alembic.ini", "backend/pyproject.toml", "manage.py", "x/setup.cfg"],
        requirements=["backend/pyproject.toml", "x/setup.cfg"],
    )


def test_requirement_files(tmp_path: Path) -> None:
    named = ("requirements/base.in", "requirements/base.txt", "requirements.txt", "uv.lock")
    tree(tmp_path, *named, "venv/requirements.txt", ".x/uv.lock", "notes.txt")
    assert discover(tmp_path, DEFAULT_EXCLUDE) == Found(requirements=sorted(named))
    assert discover(tmp_path, ["requirements/"], [tmp_path / "requirements"]).requirements == sorted(
        [*named, ".x/uv.lock", "venv/requirements.txt"]
    )


@pytest.mark.parametrize(
    "folder",
    [
        *(".git", ".venv", ".tox", "__pycache__", "__pypackages__", "node_modules", "site-packages", "venv"),
        *("build", "dist", "x.egg-info", "x.egg", "deep/node_modules", "deep/.hidden"),
    ],
)
def test_default_excludes(tmp_path: Path, folder: str) -> None:
    assert found(tree(tmp_path, "a.py", f"{folder}/b.py", f"{folder}/c/d.py")) == ["a.py"]
    assert found(tmp_path, ()) == sorted(["a.py", f"{folder}/b.py", f"{folder}/c/d.py"])


@pytest.mark.parametrize("name", ["builds", "distance", "venvs", "build.py", "env", "lib"])
def test_names_that_only_begin_like_an_exclude(tmp_path: Path, name: str) -> None:
    path = name if name.endswith(".py") else f"{name}/a.py"
    assert found(tree(tmp_path, path)) == [path]


@pytest.mark.parametrize("name", ["env", "deep/whatever"])
def test_virtual_environments_of_any_name(tmp_path: Path, name: str) -> None:
    tree(tmp_path, "a.py", f"{name}/pyvenv.cfg", f"{name}/lib/b.py", "envy/c.py")
    assert found(tmp_path) == ["a.py", "envy/c.py"]


@pytest.mark.parametrize(
    ("pattern", "left"),
    [
        ("a.py", ["b.py", "in/b.py"]),
        ("/a.py", ["b.py", "in/a.py", "in/b.py"]),
        ("in", ["a.py", "b.py"]),
        ("in/", ["a.py", "b.py"]),
        ("in/*", ["a.py", "b.py"]),
        ("in/a.py", ["a.py", "b.py", "in/b.py"]),
        ("**/a.py", ["b.py", "in/b.py"]),
        ("*.py", []),
        ("?.py", []),
        ("[b]*.py", ["a.py", "in/a.py"]),
        ("nothing", ["a.py", "b.py", "in/a.py", "in/b.py"]),
    ],
)
@pytest.mark.parametrize("where", ["exclude", ".gitignore", ".ignore"])
def test_patterns(tmp_path: Path, pattern: str, left: list[str], where: str) -> None:
    tree(tmp_path, "a.py", "b.py", "in/a.py", "in/b.py")
    if where != "exclude":
        (tmp_path / where).write_text(f"# a comment\n\n{pattern}\n")
    assert found(tmp_path, (pattern,) if where == "exclude" else ()) == left


# The ignore files, and what is left of a.py, in/a.py, in/b.py and in/deep/a.py.
IGNORES: dict[str, tuple[dict[str, str], list[str]]] = {
    "nested": ({"in/.gitignore": "a.py\n"}, ["a.py", "in/b.py"]),
    "nested and anchored": ({"in/.gitignore": "/a.py\n"}, ["a.py", "in/b.py", "in/deep/a.py"]),
    "negated": ({".gitignore": "*.py\n!b.py\n"}, ["in/b.py"]),
    "negated further down": (
        {".gitignore": "a.py\n", "in/.gitignore": "!a.py\n"},
        ["in/a.py", "in/b.py", "in/deep/a.py"],
    ),
    "ignored further down": ({".gitignore": "!b.py\n", "in/.gitignore": "*.py\n"}, ["a.py"]),
    "the last line decides": ({".gitignore": "!a.py\na.py\n"}, ["in/b.py"]),
    "a folder is not entered again": ({".gitignore": "in/\n!in/b.py\n"}, ["a.py"]),
    "what is in a folder is": ({".gitignore": "in/*\n!in/b.py\n"}, ["a.py", "in/b.py"]),
    "slash in the middle is anchored": ({".gitignore": "deep/a.py\n"}, ["a.py", "in/a.py", "in/b.py", "in/deep/a.py"]),
    "CRLF": ({".gitignore": "in/\r\n"}, ["a.py"]),
    "spaces at the end": ({".gitignore": "in/  \n"}, ["a.py"]),
    "byte order mark": ({".gitignore": "\ufeffin/\n"}, ["a.py"]),
    "not UTF-8": ({".gitignore": "\udcff\nin/\n"}, ["a.py"]),
    "a pattern that is none": ({".gitignore": "!\nin/\n"}, ["a.py"]),
    "both files": ({".gitignore": "b.py\n", ".ignore": "deep/\n"}, ["a.py", "in/a.py"]),
}


@pytest.mark.parametrize("name", IGNORES)
def test_ignore_files(tmp_path: Path, name: str) -> None:
    files, left = IGNORES[name]
    tree(tmp_path, "a.py", "in/a.py", "in/b.py", "in/deep/a.py")
    for path, text in files.items():
        (tmp_path / path).write_bytes(text.encode("utf-8", "surrogateescape"))
    assert found(tmp_path, ()) == left


def test_ignore_files_above_the_root(project: Any) -> None:
    project.add(".gitignore", "generated/\n")
    project.add("backend/djfa-lint.toml", "")
    project.add("backend/generated/x.py")
    assert project.found("backend") == []


@pytest.mark.parametrize("given", ["build/a.py", "node_modules/x/a.py", ".hidden/a.py", "generated/a.py", "env/a.py"])
def test_excluded_file_that_is_given_is_linted(project: Any, given: str) -> None:
    project.add(".gitignore", "generated/\n")
    project.add("env/pyvenv.cfg", "")
    project.add(given)
    assert project.found() == []
    assert project.found(given) == [(given, 3, "DFA401")]


@pytest.mark.parametrize(
    "given",
    [
        "build",
        "build/sub",
        ".hidden/sub",
        "generated",
        "generated/sub",
        "env",
        "env/sub",
    ],
)
def test_excluded_folder_that_is_given_is_linted(project: Any, given: str) -> None:
    project.add(".gitignore", "generated/\n")
    project.add("env/pyvenv.cfg", "")
    project.add(f"{given}/a.py")
    project.add("other.py")
    assert project.found(given) == [(f"{given}/a.py", 3, "DFA401")]


def test_excludes_hold_inside_a_given_folder(project: Any) -> None:
    project.add("build/a.py")
    project.add("build/__pycache__/b.py")
    project.add("app/a.py")
    project.add("app/build/b.py")
    assert project.found("build") == [("build/a.py", 3, "DFA401")]
    assert project.found("app") == [("app/a.py", 3, "DFA401")]


@pytest.mark.parametrize(
    "given",
    [
        "build/a.py",
        "build",
        "build/sub",
        "own/a.py",
        "generated/a.py",
        "generated",
        "env/a.py",
    ],
)
def test_force_exclude(project: Any, given: str) -> None:
    project.add(".gitignore", "generated/\n")
    project.add("djfa-lint.toml", 'extend-exclude = ["own/*.py"]\n')
    project.add("env/pyvenv.cfg", "")
    project.add(given if given.endswith(".py") else f"{given}/a.py")
    project.add("other.py")
    assert project.found("--force-exclude", given) == []
    assert project.found("--force-exclude", given, "other.py") == [("other.py", 3, "DFA401")]
    assert project.found("--force-exclude", ".") == [("other.py", 3, "DFA401")]


def test_exclude_replaces_the_default_and_extend_exclude_adds(project: Any) -> None:
    for path in ("build/a.py", "own/a.py", "b.py"):
        project.add(path)
    project.add("djfa-lint.toml", 'extend-exclude = ["own/"]\n')
    assert [path for path, _, _ in project.found()] == ["b.py"]
    project.add("djfa-lint.toml", 'exclude = ["own/"]\n')
    assert [path for path, _, _ in project.found()] == ["b.py", "build/a.py"]
    assert [path for path, _, _ in project.found("--isolated")] == ["b.py", "own/a.py"]


@pytest.mark.parametrize(
    ("given", "left"),
    [
        ((), ["a.py", "in/b.py", "in/c.py", "inner/d.py"]),
        ((".",), ["a.py", "in/b.py", "in/c.py", "inner/d.py"]),
        (("in",), ["in/b.py", "in/c.py"]),
        (("in/",), ["in/b.py", "in/c.py"]),
        (("./in/../in",), ["in/b.py", "in/c.py"]),
        (("in", "a.py"), ["a.py", "in/b.py", "in/c.py"]),
        (("in", "in/b.py", "in/b.py"), ["in/b.py", "in/c.py"]),
        (("in/b.py",), ["in/b.py"]),
    ],
)
def test_given_paths_choose_what_is_reported(project: Any, given: tuple[str, ...], left: list[str]) -> None:
    for path in ("a.py", "in/b.py", "in/c.py", "inner/d.py"):
        project.add(path)
    assert [path for path, _, _ in project.found(*given)] == left
    absolute = [os.path.join(project.root, path) for path in given]
    assert [path for path, _, _ in project.found(*absolute)] == left


def test_one_file_shows_what_the_whole_run_shows_for_it(project: Any) -> None:
    project.add("a.py", "from time import sleep as nap\n")
    project.add("b.py", "from a import nap\nasync def f():\n    nap(1)\n")
    assert project.found("b.py") == project.found() == [("b.py", 3, "DFA301")]


def test_current_folder_is_the_default_and_paths_are_relative_to_it(
    project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.add("a.py")
    project.add("in/b.py")
    monkeypatch.chdir(project.root / "in")
    assert project.found() == [("b.py", 3, "DFA401")]
    assert project.found("..") == [("../a.py", 3, "DFA401"), ("b.py", 3, "DFA401")]


def test_ignored_root_is_linted_all_the_same(project: Any) -> None:
    project.add(".gitignore", "vendored/\n")
    project.add("vendored/shop/djfa-lint.toml", "")
    project.add("vendored/shop/x.py")
    assert project.found("vendored/shop") == [("vendored/shop/x.py", 3, "DFA401")]
