"""What is kept between runs changes nothing but the time: not when files change, not when the cache is broken."""

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from djfa_lint.engine import cache as cache_module
from djfa_lint.engine import run
from djfa_lint.engine.cache import FOLDER, Cache
from djfa_lint.engine.config import Config
from djfa_lint.engine.registry import load_registry
from djfa_lint.engine.run import Request, lint
from djfa_lint.engine.selection import make_selection
from djfa_lint.source.store import Store

BAD = "def f(x=[]):\n    x.append(1)\n"
GOOD = "def f(x=0):\n    return x\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.py").write_text(BAD if name == "a" else GOOD)
    age(tmp_path)
    return tmp_path


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The paths whose facts are read, in order."""
    paths: list[str] = []
    real = run.read_facts

    def counted(store: Store, path: str, trees: object = None) -> object:
        paths.append(path)
        return real(store, path)

    monkeypatch.setattr(run, "read_facts", counted)
    return paths


def age(root: Path) -> None:
    """Wait until no file counts as written just now: the racy time is nought in these tests."""
    time.sleep(0.02)


@pytest.fixture(autouse=True)
def _nothing_is_racy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_module, "_RACY_NS", 0)
    monkeypatch.setattr(cache_module, "_WAIT_SECONDS", 0.05)


def lines(root: Path, *, cached: bool = True, overlay: dict[str, bytes] | None = None) -> list[tuple[str, int, str]]:
    registry = load_registry()
    config = Config(root)
    kept = Cache(root / FOLDER) if cached else None
    request = Request(
        config, Store(root, overlay), registry, make_selection(config, registry), (root,), jobs=1, cache=kept
    )
    return [(one.path, one.span.line, one.code) for one in lint(request).findings]


def test_a_second_run_reads_nothing_and_finds_the_same(project: Path, parsed: list[str]) -> None:
    first = lines(project)
    assert parsed == ["a.py", "b.py", "c.py"]
    parsed.clear()
    assert lines(project) == first == [("a.py", 1, "DFA411")]
    assert parsed == []
    assert lines(project, cached=False) == first


def test_only_what_changed_is_read_again(project: Path, parsed: list[str]) -> None:
    lines(project)
    parsed.clear()
    (project / "b.py").write_text(BAD)
    (project / "d.py").write_text(BAD)
    (project / "a.py").unlink()
    age(project)
    assert lines(project) == [("b.py", 1, "DFA411"), ("d.py", 1, "DFA411")]
    # `d` holds the same bytes as `a` did: its facts are there by their hash.
    assert parsed == []


@pytest.mark.skipif(os.name != "posix", reason="elsewhere nothing tells when a file was last touched")
def test_the_same_size_at_the_same_time_is_still_seen(project: Path, parsed: list[str]) -> None:
    lines(project)
    before = (project / "c.py").stat()
    (project / "c.py").write_text(GOOD.replace("x=0", "x=1"))
    os.utime(project / "c.py", ns=(before.st_atime_ns, before.st_mtime_ns))
    parsed.clear()
    lines(project)
    assert parsed == ["c.py"]


def test_a_touched_file_is_known_by_its_content(project: Path, parsed: list[str]) -> None:
    lines(project)
    parsed.clear()
    os.utime(project / "c.py")
    assert lines(project) == [("a.py", 1, "DFA411")]
    assert parsed == []


def test_what_is_written_while_it_is_read_is_not_taken_for_known(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = run.read_facts

    def slow(store: Store, path: str, trees: object = None) -> object:
        facts = real(store, path)
        if path == "c.py":
            (project / "c.py").write_text(BAD)
        return facts

    monkeypatch.setattr(run, "read_facts", slow)
    assert ("c.py", 1, "DFA411") not in lines(project)
    monkeypatch.setattr(run, "read_facts", real)
    assert lines(project) == [("a.py", 1, "DFA411"), ("c.py", 1, "DFA411")]


def test_texts_over_the_files_do_not_pass_for_them(project: Path) -> None:
    assert lines(project, overlay={"b.py": BAD.encode()}) == [("a.py", 1, "DFA411"), ("b.py", 1, "DFA411")]
    assert lines(project) == [("a.py", 1, "DFA411")]


def test_an_unreadable_file_is_told_of_each_time(project: Path) -> None:
    (project / "b.py").write_text("def (:\n")
    assert [code for _, _, code in lines(project)] == ["DFA411", "DFA001"]
    assert [code for _, _, code in lines(project)] == ["DFA411", "DFA001"]


@pytest.mark.parametrize(
    "content",
    [b"", b"garbage" * 1000, b"SQLite format 3\0" + b"\xff" * 4000],
    ids=["empty", "garbage", "half"],
)
def test_a_damaged_cache_is_made_anew(project: Path, content: bytes, parsed: list[str]) -> None:
    first = lines(project)
    (made,) = (project / FOLDER).glob("*.sqlite")
    made.write_bytes(content)
    assert lines(project) == first
    parsed.clear()
    assert lines(project) == first
    assert parsed == []


def test_a_foreign_database_is_made_anew(project: Path, parsed: list[str]) -> None:
    first = lines(project)
    (made,) = (project / FOLDER).glob("*.sqlite")
    made.unlink()
    connection = sqlite3.connect(made)
    connection.execute("CREATE TABLE files (name TEXT)")
    connection.commit()
    connection.close()
    assert lines(project) == first
    parsed.clear()
    assert lines(project) == first
    assert parsed == []


def test_rows_that_are_no_facts_are_read_anew(project: Path, parsed: list[str]) -> None:
    first = lines(project)
    (made,) = (project / FOLDER).glob("*.sqlite")
    connection = sqlite3.connect(made)
    connection.execute("UPDATE facts SET data = x'93010203'")
    connection.commit()
    connection.close()
    parsed.clear()
    assert lines(project) == first
    assert parsed == ["a.py", "b.py", "c.py"]


def test_a_locked_cache_is_left_aside(project: Path) -> None:
    first = lines(project)
    (made,) = (project / FOLDER).glob("*.sqlite")
    holder = sqlite3.connect(made)
    holder.execute("BEGIN EXCLUSIVE")
    assert lines(project) == first
    holder.close()
    assert made.exists()


def test_where_nothing_can_be_kept_everything_works(project: Path) -> None:
    (project / FOLDER).write_text("in the way")
    assert lines(project) == [("a.py", 1, "DFA411")]
    assert (project / FOLDER).read_text() == "in the way"


def test_the_folder_is_no_part_of_the_repository(project: Path) -> None:
    lines(project)
    assert (project / FOLDER / ".gitignore").read_text() == "*\n"
    assert (project / FOLDER / "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172789f06886806bc55")


def test_two_runs_at_once_agree(project: Path) -> None:
    for number in range(40):
        (project / f"m{number}.py").write_text(BAD + f"# {number}\n")
    command = [
        sys.executable,
        "-m",
        "djfa_lint",
        "check",
        "--isolated",
        "--output-format",
        "concise",
        "--exit-zero",
        "-q",
    ]
    running = [subprocess.Popen(command, cwd=project, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    told = [one.communicate()[0] for one in running]
    assert len(set(told)) == 1
    assert told[0].count("DFA411") == 41


def test_clean_takes_away_the_cache_alone(project: Path) -> None:
    lines(project)
    (project / "djfa-lint.toml").write_text("")
    command = [sys.executable, "-m", "djfa_lint", "clean"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("removed the cache")
    assert not (project / FOLDER).exists()
    again = subprocess.run(command, cwd=project, capture_output=True, text=True, check=True)
    assert again.stdout.endswith("has no cache\n")
    (project / FOLDER).mkdir()
    (project / FOLDER / "mine.txt").write_text("not ours")
    subprocess.run(command, cwd=project, capture_output=True, text=True, check=True)
    assert (project / FOLDER / "mine.txt").exists()


def test_one_folder_serves_several_projects(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    shared = tmp_path_factory.mktemp("shared")
    other = tmp_path_factory.mktemp("other")
    (other / "a.py").write_text(GOOD)
    environment = {**os.environ, "DJFA_LINT_CACHE_DIR": str(shared)}
    command = [
        sys.executable,
        "-m",
        "djfa_lint",
        "check",
        "--isolated",
        "--output-format",
        "concise",
        "--exit-zero",
        "-q",
    ]
    for _ in range(2):
        told = [
            subprocess.run(command, cwd=one, capture_output=True, text=True, check=True, env=environment).stdout
            for one in (project, other)
        ]
        assert [text.count("DFA411") for text in told] == [1, 0]
    assert not (project / FOLDER).exists()
    assert len(list(shared.iterdir())) == 2
