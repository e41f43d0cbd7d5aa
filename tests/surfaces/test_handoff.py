"""A project's findings as plain data, and how the workers of another tool come by them."""

from __future__ import annotations

import multiprocessing
import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from djfa_lint.commands.snapshot import Evidence, Finding, Snapshot, start_of, take, take_text
from djfa_lint.errors import ConfigError
from djfa_lint.source.lines import Span
from djfa_lint.surfaces import handoff
from djfa_lint.surfaces.cli import main
from djfa_lint.surfaces.handoff import shared

VARIABLE = "_DJFA_LINT_TRIAL"
MADE = Snapshot("/somewhere", True, (Finding("a.py", Span(1, 1, 1, 2), "DFA401", "bare-except", "x", "warning"),))
BARE = "try:\n    x = 1\nexcept:\n    x = 2\n"
TOOLS = "from time import sleep as wait\n"
VIEWS = "from app.tools import wait\n\n\nasync def poll():\n    wait(1)\n"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "project"
    (root / "app").mkdir(parents=True)
    (root / ".git").mkdir()
    (root / "djfa-lint.toml").touch()
    (root / "app" / "__init__.py").touch()
    (root / "app" / "tools.py").write_text(TOOLS)
    (root / "app" / "views.py").write_text(VIEWS)
    (root / "app" / "bare.py").write_text(BARE)
    monkeypatch.setenv("DJFA_LINT_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.chdir(root)
    return root


def places(findings: list[Finding] | tuple[Finding, ...]) -> list[str]:
    return [f"{one.path}:{one.span.line} {one.code}" for one in findings]


# ---- the snapshot


def test_project_is_taken_whole(root: Path) -> None:
    made = take(root / "app")
    assert (made.root, made.configured) == (str(root), True)
    assert places(made.findings) == ["app/bare.py:3 DFA401", "app/views.py:5 DFA301"]
    assert places(take(root, given=(root / "app" / "views.py",)).findings) == ["app/views.py:5 DFA301"]
    (root / "djfa-lint.toml").unlink()
    assert not take(root).configured


def test_what_may_be_asked(root: Path) -> None:
    assert places(take(root, select=("DFA3",)).findings) == ["app/views.py:5 DFA301"]
    (root / "djfa-lint.toml").write_text('select = ["DFA4"]\n')
    assert places(take(root).findings) == ["app/bare.py:3 DFA401"]
    assert places(take(root, also=("DFA301", "DFA9", "X")).findings) == places(take(root, select=("ALL",)).findings)
    with pytest.raises(ConfigError, match="nowhere"):
        take(root, config_file=root / "nowhere.toml")


def test_comments_that_hide(root: Path) -> None:
    (root / "app" / "bare.py").write_text(
        BARE.replace("except:", "except:  # noqa") + BARE.replace("except:", "except:  # djfa: ignore[DFA401] so")
    )
    (root / "app" / "views.py").write_text("# flake8: noqa\n" + VIEWS)
    assert take(root).findings == ()
    assert places(take(root, noqa=False).findings) == ["app/bare.py:3 DFA401", "app/views.py:6 DFA301"]


def test_configured_baseline_hides(root: Path) -> None:
    (root / "djfa-lint.toml").write_text('baseline = "old.json"\n')
    assert CliRunner().invoke(main, ["baseline", "create"]).exit_code == 0
    assert take(root).findings == ()
    (root / "app" / "new.py").write_text(BARE)
    assert places(take(root).findings) == ["app/new.py:3 DFA401"]
    assert take_text(root, root / "app" / "bare.py", "\n" + BARE) == []
    assert places(take_text(root, None, BARE)) == ["stdin.py:3 DFA401"]


def test_texts_over_files(root: Path) -> None:
    harmless = b"from asyncio import sleep as wait\n"
    (root.parent / "way").symlink_to(root, target_is_directory=True)
    for path in (root / "app" / "tools.py", root.parent / "way" / "app" / "tools.py"):
        assert places(take(root, overlay={path: harmless}).findings) == ["app/bare.py:3 DFA401"]
    assert (root / "app" / "tools.py").read_text() == TOOLS


def test_one_text(root: Path) -> None:
    views = root / "app" / "views.py"
    assert places(take_text(root, views, "\n" + VIEWS)) == ["app/views.py:6 DFA301"]
    assert places(take_text(root, Path("app/views.py"), BARE)) == ["app/views.py:3 DFA401"]
    before = list((root.parent / "cache").iterdir())
    assert places(take_text(root, None, BARE + VIEWS)) == ["stdin.py:3 DFA401"]
    assert list((root.parent / "cache").iterdir()) == before
    assert places(take_text(root, root.parent / "x.py", BARE)) == ["stdin.py:3 DFA401"]
    assert places(take_text(root, root / "script", BARE)) == ["stdin.py:3 DFA401"]
    assert take_text(root, root / "venv" / "x.py", BARE) == []
    assert take_text(root, views, BARE, select=("DFA3",)) == []


@pytest.mark.parametrize(
    ("coding", "told"),
    [
        ("latin-1", ("DFA301", 3, 28)),
        ("utf-8", ("DFA301", 3, 28)),
        ("none", ("DFA001", 1, 1)),
        ("ascii", ("DFA001", 3, 24)),
    ],
)
def test_one_text_with_a_coding_line(root: Path, coding: str, told: tuple[str, int, int]) -> None:
    text = f"# coding: {coding}\nimport time\nasync def poll(): y = 'é'; time.sleep(1)\n"
    assert [(one.code, *one.span[:2]) for one in take_text(root, None, text)] == [told]


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="no process to be forked")
def test_taken_in_a_process_that_may_have_no_children(root: Path) -> None:
    for number in range(220):
        (root / "app" / f"m{number}.py").touch()
    with multiprocessing.get_context("fork").Pool(1) as pool:
        made = pool.apply(take, (root,), {"jobs": 2})
    assert places(made.findings) == ["app/bare.py:3 DFA401", "app/views.py:5 DFA301"]


def test_where_the_configuration_is_looked_for(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outside = root.parent
    assert start_of([]) == root
    assert start_of([Path("app/views.py"), Path("app/bare.py")]) == root / "app"
    assert start_of([Path("app"), outside / "x.py"]) == root
    monkeypatch.chdir(outside)
    assert start_of([]) == outside
    assert start_of([Path("project/app/views.py")]) == root / "app"
    assert start_of([Path("project"), Path("other")]) == outside


def test_a_file_by_any_spelling(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root.parent / "way").symlink_to(root, target_is_directory=True)
    (root / "linked").symlink_to(root / "app", target_is_directory=True)
    (root / "app" / "alias.py").symlink_to(root / "app" / "bare.py")
    made = take(root.parent / "way")
    monkeypatch.chdir(root / "app")
    spelled = ["bare.py", "../app/./bare.py", "../linked/bare.py", root / "app" / "bare.py", "../../way/app/bare.py"]
    for path in spelled:
        assert places(made.of(Path(path))) == ["app/bare.py:3 DFA401"]
    assert places(made.of(Path("alias.py"))) == ["app/alias.py:3 DFA401"]
    for path in ("tools.py", "nowhere.py", "../bare.py", root.parent / "app" / "bare.py", "/"):
        assert made.of(Path(path)) == []


def test_a_file_name_that_is_no_text(root: Path) -> None:
    name = os.fsdecode(b"caf\xe9.py")
    try:
        (root / name).write_text(BARE)
    except OSError:
        pytest.skip("this file system refuses such names")
    made = Snapshot.decode(take(root).encode())
    assert [one.code for one in made.of(root / name)] == ["DFA401"]


def template(*evidence: Evidence) -> Finding:
    return Finding("t/list.html", Span(7, 1, 7, 4), "DFA203", "slow-template", "one query a row", "warning", evidence)


def test_template_is_shown_at_the_view() -> None:
    view = Evidence("app/views.py", Span(4, 5, 4, 9), "rows")
    told = template(Evidence("t/base.html", Span(1, 1, 1, 2), "included"), view, Evidence("m.py", view.span, "x"))
    own = Finding("app/views.py", Span(2, 1, 2, 2), "DFA401", "bare", "x", "warning")
    made = Snapshot("/p", True, (told, template(), own))
    assert made.of(Path("/p/t/list.html")) == [told, template()]
    moved = Finding(
        "app/views.py",
        view.span,
        "DFA203",
        "slow-template",
        "one query a row (in t/list.html:7)",
        "warning",
        told.evidence,
    )
    assert made.of(Path("/p/app/views.py")) == [own, moved]
    assert made.of(Path("/p/m.py")) == []


# Any text, half of a surrogate pair included: that is how Python spells the bytes of a file name that are no text.
WORDS = st.text(st.characters(exclude_categories=()), max_size=6)
SPANS = st.builds(Span, *[st.integers(1, 10**6)] * 4)
EVIDENCE = st.lists(st.builds(Evidence, WORDS, SPANS, WORDS), max_size=2).map(tuple)
FINDINGS = st.lists(st.builds(Finding, WORDS, SPANS, WORDS, WORDS, WORDS, WORDS, EVIDENCE), max_size=3).map(tuple)


@given(st.builds(Snapshot, WORDS, st.booleans(), FINDINGS))
def test_encoded_and_decoded(made: Snapshot) -> None:
    assert Snapshot.decode(made.encode()) == made


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"root": 1}', b"\xff", b'{"root": "a", "configured": "yes"}'])
def test_foreign_bytes(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        Snapshot.decode(data)


# ---- handing it on


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No variable from outside, and none left behind."""
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    yield
    handoff._remove(VARIABLE)


def left_in(folder: Path) -> list[str]:
    return [path.name for path in folder.glob("djfa-lint-*.json")]


def test_first_process_makes_it(tmp_path: Path) -> None:
    assert shared("trial", lambda: MADE) is MADE
    owner, _, path = os.environ[VARIABLE].partition(":")
    assert owner == str(os.getpid())
    assert left_in(tmp_path) == [Path(path).name]
    if os.name == "posix":
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600


def test_each_run_in_one_process_makes_its_own(tmp_path: Path) -> None:
    """An editor or a test runner may run a tool twice; the texts have changed in between."""
    shared("trial", lambda: MADE)
    other = Snapshot("/elsewhere", False)
    assert shared("trial", lambda: other) is other
    assert len(left_in(tmp_path)) == 1


def test_failure_is_handed_on_to_nobody(tmp_path: Path) -> None:
    def fail() -> Snapshot:
        raise ConfigError("wrong")

    with pytest.raises(ConfigError):
        shared("trial", fail)
    assert VARIABLE not in os.environ
    assert left_in(tmp_path) == []


def test_nowhere_to_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "none"))
    assert shared("trial", lambda: MADE) is MADE
    assert VARIABLE not in os.environ


SCRIPT = """
import multiprocessing, os, subprocess, sys, tempfile
from pathlib import Path
from djfa_lint.commands.snapshot import Snapshot
from djfa_lint.surfaces.handoff import shared

def made():
    return Snapshot(f"/by/{os.getpid()}", True)

def root(key="k"):
    return shared("trial", made, key).root

def of_a_worker_of_a_worker(_):
    context = multiprocessing.get_context()
    asked, answer = context.Pipe()
    process = context.Process(target=answered, args=(answer,))
    root()
    process.start()
    return asked.recv()

def answered(answer):
    answer.send(root())

def looked_up(key):
    return root(key)

if __name__ == "__main__":
    method, act = sys.argv[1:]
    multiprocessing.set_start_method(method)
    own = root()
    variable = os.environ["_DJFA_LINT_TRIAL"]
    if act == "stale":
        for value in ("", "x", variable.replace(str(os.getpid()), "1"), variable + "x", f"{os.getpid()}:{__file__}"):
            os.environ["_DJFA_LINT_TRIAL"] = value
            with multiprocessing.Pool(1) as pool:
                assert pool.map(looked_up, "k") != [own], value
        os.environ["_DJFA_LINT_TRIAL"] = variable
    if act == "fork":
        pid = os.fork()
        if not pid:
            sys.exit(0)
        os.waitpid(pid, 0)
        assert Path(variable.partition(":")[2]).exists()
    with multiprocessing.Pool(2) as pool:
        assert pool.map(looked_up, ["k"] * 4) == [own] * 4
        assert own not in pool.map(looked_up, ["other"] * 2)
    if act == "nested":
        from concurrent.futures import ProcessPoolExecutor
        with ProcessPoolExecutor(1) as executor:
            assert executor.submit(of_a_worker_of_a_worker, 0).result() == own
    if act == "program":
        # Started from here, but no worker: it has its own project.
        code = "from djfa_lint.surfaces.handoff import shared; import sys; shared('trial', lambda: sys.exit(7), 'k')"
        assert subprocess.run([sys.executable, "-c", code]).returncode == 7
    print(variable.partition(":")[2])
"""


@pytest.mark.parametrize(
    ("method", "act"),
    [("fork", "nested"), ("fork", "fork"), ("fork", "stale"), ("spawn", "nested"), ("forkserver", "program")],
)
def test_workers_take_it_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str, act: str) -> None:
    monkeypatch.setattr("tempfile.tempdir", None)
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"{method} is not to be had here")
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    # Not below `tmp_path`: the fork server's socket lies there, and a socket's path may have 107 bytes at most.
    with tempfile.TemporaryDirectory(prefix="t") as folder:
        temporary = Path(folder)
        done = subprocess.run(
            [sys.executable, str(script), method, act],
            capture_output=True,
            text=True,
            timeout=120,
            env={**os.environ, "TMPDIR": str(temporary)},
        )
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        assert str(temporary) in done.stdout
        assert left_in(temporary) == []
