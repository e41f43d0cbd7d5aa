"""What git says has changed, and which findings count where only a part is asked about."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from djfa_lint.engine.changed import Affected, ChangedLines, NewSince, moved, touches
from djfa_lint.engine.config import Config
from djfa_lint.engine.earlier import earlier
from djfa_lint.engine.identity import identified
from djfa_lint.engine.registry import load_registry
from djfa_lint.engine.run import Request
from djfa_lint.engine.selection import make_selection
from djfa_lint.errors import ConfigError, DjfaError
from djfa_lint.sdk.finding import Evidence, Finding
from djfa_lint.source.git import Repository, Touched, read_patch
from djfa_lint.source.lines import Span
from djfa_lint.source.store import Store

WHO = {
    "GIT_AUTHOR_NAME": "Tester",
    "GIT_AUTHOR_EMAIL": "tester@example.com",
    "GIT_COMMITTER_NAME": "Tester",
    "GIT_COMMITTER_EMAIL": "tester@example.com",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}


def git(folder: Path, *args: str, stdin: bytes | None = None) -> bytes:
    command = ["git", *args]
    return subprocess.run(
        command, cwd=folder, env={**os.environ, **WHO}, input=stdin, check=True, capture_output=True
    ).stdout


def commit(folder: Path) -> str:
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "state", "--no-verify")
    return git(folder, "rev-parse", "HEAD").decode().strip()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q", "-b", "main")
    return tmp_path


def changes(folder: Path, suffixes: tuple[str, ...] = (".py",)) -> dict[str, Touched]:
    return Repository(folder).changes("HEAD", suffixes).touched


# Lines that look like parts of a patch among them.
LINES = ["", "a", "b", "++ b/x.py", "-- a/x.py", "@@ -1 +1 @@", "diff --git a/x b/x", "\\ No newline", "c\r", "\ta "]
TEXTS = st.tuples(st.lists(st.sampled_from(LINES), max_size=9), st.booleans()).map(
    lambda drawn: "\n".join(drawn[0]) + ("\n" if drawn[1] and drawn[0] else "")
)


@settings(max_examples=6)
@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=8, max_size=12))
def test_changed_lines_are_those_that_git_blames_on_nobody(
    tmp_path_factory: pytest.TempPathFactory, pairs: list[tuple[str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("blamed")
    git(folder, "init", "-q")
    for number, (before, _) in enumerate(pairs):
        (folder / f"{number}.py").write_text(before, newline="")
    commit(folder)
    for number, (_, after) in enumerate(pairs):
        (folder / f"{number}.py").write_text(after, newline="")
    found = changes(folder)
    for number, (before, after) in enumerate(pairs):
        touched = found.get(f"{number}.py")
        assert (touched is None) == (before == after)
        if touched is not None and after:
            blamed = git(folder, "blame", "-s", "-l", f"{number}.py").decode().split("\n")
            own = {at for at, line in enumerate(blamed, 1) if line.startswith("0" * 40)}
            assert touched.lines == own


def test_what_counts_as_changed(folder: Path) -> None:
    (folder / ".gitignore").write_text("ignored.py\n")
    for name in ("same", "edited", "deleted", "renamed", "cut", "staged"):
        (folder / f"{name}.py").write_text("".join(f"{name} = {number}\n" for number in range(9)))
    commit(folder)
    (folder / "edited.py").write_text((folder / "edited.py").read_text().replace("= 4", "= 44"))
    (folder / "cut.py").write_text((folder / "cut.py").read_text().replace("cut = 4\n", ""))
    (folder / "deleted.py").unlink()
    git(folder, "mv", "renamed.py", "new name.py")
    (folder / "new name.py").write_text((folder / "new name.py").read_text() + "more = 1\n")
    (folder / "staged.py").write_text("staged = -1\n" + (folder / "staged.py").read_text())
    git(folder, "add", "staged.py")
    for name in ("untracked.py", "ignored.py", "other.md"):
        (folder / name).write_text("x = 1\n")
    (folder / "added.py").write_text("")
    git(folder, "add", "-N", "added.py")
    found = Repository(folder).changes("HEAD", (".py",))
    assert found.renamed == {"new name.py": "renamed.py"}
    found.touched.pop("added.py", None)  # there is no line in it
    assert found.touched == {
        "edited.py": Touched(frozenset({5})),
        "cut.py": Touched(frozenset(), frozenset({4})),
        "new name.py": Touched(frozenset({10})),
        "staged.py": Touched(frozenset({1})),
        "untracked.py": Touched(None),
    }


ODD = ["a b.py", 'quo"te.py', "back\\slash.py", "tab\t.py", "line\nend.py", "é ü.py", " b/x.py", "-x.py", "'.py"]


@pytest.mark.parametrize("quoting", ["true", "false"])
def test_odd_names(folder: Path, quoting: str) -> None:
    git(folder, "config", "core.quotePath", quoting)
    names = [*ODD, os.fsdecode(b"\xff\xfe.py")]
    (folder / " b").mkdir()
    for name in names:
        (folder / name).write_text("a\nb\n")
    commit(folder)
    for name in names:
        (folder / name).write_text("a\nc\n")
    assert changes(folder) == dict.fromkeys(names, Touched(frozenset({2})))
    for number, name in enumerate(names):
        (folder / name).write_text(f"text {number}\n" * 9)
    commit(folder)
    (folder / "to" / " b").mkdir(parents=True)
    for name in names:
        git(folder, "mv", "--", name, f"to/{name}")
    assert Repository(folder).changes("HEAD", (".py",)).renamed == {f"to/{name}": name for name in names}


def test_folder_below_the_top(folder: Path) -> None:
    inner = folder / "back end"
    inner.mkdir()
    (inner / "x.py").write_text("a\n")
    (folder / "y.py").write_text("a\n")
    (folder / "y2.py").write_text("moved\n" * 9)
    commit(folder)
    git(folder, "config", "diff.relative", "true")
    for path in (inner / "x.py", folder / "y.py", inner / "new.py", folder / "new.py"):
        path.write_text("b\n")
    git(folder, "mv", "y2.py", "back end/y2.py")
    found = Repository(inner).changes("HEAD", (".py",))
    assert found.touched == {"x.py": Touched(frozenset({1})), "new.py": Touched(None), "y2.py": Touched(None)}
    assert found.renamed == {}


def test_settings_for_people_change_nothing(folder: Path) -> None:
    (folder / "x.py").write_text("a\nb\nc\nd\ne\n")
    (folder / "y.py").write_text("a\n" * 9)
    (folder / ".gitattributes").write_text("*.py -diff\n")
    commit(folder)
    (folder / "x.py").write_text("A\nb\nC\nd\ne\n")
    git(folder, "mv", "y.py", "z.py")
    for setting in (
        "diff.noprefix=true diff.mnemonicPrefix=true diff.context=5 diff.interHunkContext=9 color.ui=always "
        "diff.renames=false diff.orderFile=nowhere diff.wordRegex=. diff.external=nowhere core.pager=nowhere "
        "diff.colorMoved=plain diff.submodule=log core.quotePath=false diff.suppressBlankEmpty=true"
    ).split():
        git(folder, "config", *setting.split("=", 1))
    found = Repository(folder).changes("HEAD", (".py",))
    assert found.touched == {"x.py": Touched(frozenset({1, 3})), "z.py": Touched()}
    assert found.renamed == {"z.py": "y.py"}


def test_line_ends_that_git_converts_are_no_change(folder: Path) -> None:
    (folder / "x.py").write_bytes(b"a\r\nb\r\n")
    (folder / ".gitattributes").write_text("*.py text eol=crlf\n")
    commit(folder)
    (folder / "x.py").write_bytes(b"a\r\nc\r\n")
    assert changes(folder) == {"x.py": Touched(frozenset({2}))}


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="needs symbolic links")
def test_links_are_changed_as_a_whole(folder: Path) -> None:
    for name in ("one", "two"):
        (folder / f"{name}.txt").write_text("a\nb\n")
    (folder / "old.py").symlink_to("one.txt")
    (folder / "turned.py").write_text("a\nb\n")
    commit(folder)
    for name in ("old.py", "turned.py"):
        (folder / name).unlink()
        (folder / name).symlink_to("two.txt")
    (folder / "new.py").symlink_to("one.txt")
    git(folder, "add", "new.py")
    assert changes(folder) == dict.fromkeys(("old.py", "turned.py", "new.py"), Touched(None))


def test_conflict(folder: Path) -> None:
    (folder / "x.py").write_text("a\nb\nc\n")
    commit(folder)
    git(folder, "checkout", "-qb", "other")
    (folder / "x.py").write_text("a\nother\nc\n")
    commit(folder)
    git(folder, "checkout", "-q", "main")
    (folder / "x.py").write_text("a\nmine\nc\n")
    commit(folder)
    with pytest.raises(subprocess.CalledProcessError):
        git(folder, "merge", "other")
    # The marks, and what came from the other side.
    assert changes(folder) == {"x.py": Touched(frozenset({2, 4, 5, 6}))}


def plant(folder: Path, witness: Path, driver: str) -> None:
    """Have the repository name a program wherever git would run one."""
    program = f"touch {witness}; cat"
    names = [*(f"filter.{driver}.{what}" for what in ("clean", "smudge", "process")), f"diff.{driver}.command"]
    for name in (*names, f"diff.{driver}.textconv", "diff.external", "core.fsmonitor", "core.pager", "pager.diff"):
        git(folder, "config", name, program)
    git(folder, "config", f"filter.{driver}.required", "true")
    git(folder, "config", "alias.diff", f"!{program}")
    private = Path(os.fsdecode(git(folder, "rev-parse", "--absolute-git-dir")[:-1]))
    (private / "info").mkdir(exist_ok=True)
    (private / "info" / "attributes").write_text(f"* filter={driver} diff={driver}\n")
    (private / "hooks").mkdir(exist_ok=True)
    for name in ("post-index-change", "fsmonitor-watchman", "post-checkout", "reference-transaction"):
        hook = private / "hooks" / name
        hook.write_text(f"#!/bin/sh\ntouch {witness}\n")
        hook.chmod(0o755)


def test_no_program_that_the_repository_names_is_run(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    witness = tmp_path_factory.mktemp("elsewhere") / "ran"
    (folder / "x.py").write_text("a\nb\n")
    (folder / "y.py").write_text("a\nb\n")
    commit(folder)
    inner = folder / "inner.py"  # a name that is asked about
    inner.mkdir()
    git(inner, "init", "-q")
    for name in ("x.py", "y.py"):
        (inner / name).write_text("a\n")
    commit(inner)
    git(folder, "-c", "protocol.file.allow=always", "submodule", "add", "-q", "./inner.py", "inner.py")
    head = commit(folder)
    plant(folder, witness, "own")
    plant(inner, witness, "inner")
    (folder / "x.py").write_text("a\nc\n")
    (inner / "x.py").write_text("b\n")
    for path in (folder / "y.py", inner / "y.py"):
        os.utime(path, (1, 1))  # git must look into it to know that it is the same
    repository = Repository(folder)
    assert repository.changes(repository.commit("HEAD"), (".py",)).touched == {"x.py": Touched(frozenset({2}))}
    names = {one.path: one.id for one in repository.entries(head)}
    assert repository.contents([names["x.py"]]) == {names["x.py"]: b"a\nb\n"}
    assert not witness.exists()
    # The bait is good: git itself takes it.
    subprocess.run(["git", "diff"], cwd=folder, capture_output=True, check=False)
    assert witness.exists()


def test_filter_that_cannot_be_turned_off(folder: Path) -> None:
    (folder / "x.py").write_text("a\n")
    commit(folder)
    git(folder, "config", "filter.a=b.clean", "touch ran; cat")
    (folder / ".gitattributes").write_text("*.py filter=a=b\n")
    (folder / "x.py").write_text("b\n")
    with pytest.raises(DjfaError, match="filter 'a=b', which cannot be turned off"):
        changes(folder)
    assert not (folder / "ran").exists()


def test_nothing_is_fetched(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    (folder / "x.py").write_text("a\n")
    head = commit(folder)
    identity = git(folder, "rev-parse", "HEAD:x.py").decode().strip()
    witness = tmp_path_factory.mktemp("elsewhere") / "ran"
    git(folder, "config", "remote.origin.url", f"ext::sh -c touch% {witness}")
    git(folder, "config", "remote.origin.promisor", "true")
    git(folder, "config", "extensions.partialClone", "origin")
    git(folder, "config", "protocol.ext.allow", "always")
    git(folder, "config", "core.repositoryFormatVersion", "1")
    (folder / ".git" / "objects" / identity[:2] / identity[2:]).unlink()
    repository = Repository(folder)
    assert [one.path for one in repository.entries(head)] == ["x.py"]
    with pytest.raises(DjfaError):
        repository.contents([identity])
    assert not witness.exists()
    subprocess.run(["git", "cat-file", "-p", identity], cwd=folder, capture_output=True, check=False)
    assert witness.exists()


def test_environment_of_a_hook_is_not_heeded(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "x.py").write_text("a\n")
    commit(folder)
    (folder / "x.py").write_text("b\n")
    other = tmp_path_factory.mktemp("other")
    git(other, "init", "-q")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / "index"))
    monkeypatch.setenv("GIT_LITERAL_PATHSPECS", "1")
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", "false")
    assert changes(folder) == {"x.py": Touched(frozenset({1}))}


@pytest.mark.parametrize("revision", ["nope", "", "--output=x", "-h", "HEAD:x.py", "HEAD^{tree}", "HEAD..HEAD", "a\nb"])
def test_no_commit(folder: Path, revision: str) -> None:
    (folder / "x.py").write_text("a\n")
    commit(folder)
    with pytest.raises(ConfigError, match="git knows no commit"):
        Repository(folder).commit(revision)
    assert sorted(path.name for path in folder.iterdir()) == [".git", "x.py"]


def test_revisions(folder: Path) -> None:
    (folder / "x.py").write_text("a\n")
    first = commit(folder)
    git(folder, "tag", "-a", "v1", "-m", "one")
    (folder / "x.py").write_text("b\n")
    second = commit(folder)
    repository = Repository(folder)
    asked = ("HEAD", "main", "HEAD~", "v1", first[:12], "@")
    assert [repository.commit(one) for one in asked] == [second, second, first, first, first, second]


def test_shallow_clone_is_told(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    (folder / "x.py").write_text("a\n")
    first = commit(folder)
    (folder / "x.py").write_text("b\n")
    commit(folder)
    clone = tmp_path_factory.mktemp("clone")
    git(clone, "clone", "-q", "--depth", "1", folder.as_uri(), ".")
    with pytest.raises(ConfigError, match="this clone is shallow"):
        Repository(clone).commit(first)


def test_no_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(ConfigError, match="git: not a git repository"):
        Repository(tmp_path)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ConfigError, match="not installed"):
        Repository(tmp_path)


def test_patch_below_a_prefix_only() -> None:
    patch = b"diff --git a/in/x.py b/in/x.py\n--- a/in/x.py\n+++ b/in/x.py\n@@ -1 +1,2 @@ def f\n-a\n+b\n+c\n"
    assert read_patch(patch, "in/").touched == {"x.py": Touched(frozenset({1, 2}))}
    assert read_patch(patch, "inner/").touched == {}


@pytest.mark.parametrize(
    ("lines", "cuts", "span", "touched"),
    [
        ({5}, (), Span(5, 1, 5, 9), True),
        ({5}, (), Span(4, 1, 4, 9), False),
        ({5}, (), Span(4, 1, 5, 1), False),
        ({5}, (), Span(4, 1, 5, 2), True),
        ({5}, (), Span(5, 1, 5, 1), True),
        ({5}, (), Span(3, 1, 9, 1), True),
        ((), {5}, Span(5, 1, 5, 9), False),
        ((), {5}, Span(5, 1, 6, 9), True),
        ((), {5}, Span(5, 1, 6, 1), False),
        ((), {5}, Span(6, 1, 7, 9), False),
        ((), {0}, Span(1, 1, 9, 9), False),
        (None, (), Span(1, 1, 1, 2), True),
    ],
)
def test_touching(lines: set[int] | None, cuts: set[int], span: Span, touched: bool) -> None:
    assert touches(Touched(None if lines is None else frozenset(lines), frozenset(cuts)), span) is touched


@given(TEXTS, TEXTS, TEXTS)
def test_moved_lines_lead_back(first: str, second: str, third: str) -> None:
    """What has not changed from the first text to the third stands in both, in the same order."""
    changed = moved(moved(Touched(), first, second), second, third)
    assert changed.lines is not None
    same = [line for at, line in enumerate(third.split("\n"), 1) if at not in changed.lines]
    left = iter(first.split("\n"))
    assert all(line in left for line in same)
    if first == second:
        assert changed == moved(Touched(), first, third)
    if not changed.lines and not changed.cuts:
        assert first == third


def finding(path: str, line: int, *evidence: tuple[str, int], code: str = "DFA401") -> Finding:
    where = tuple(Evidence(other, Span(at, 1, at, 2), "here") for other, at in evidence)
    return Finding(path, Span(line, 1, line, 2), code, "name", "said", evidence=where)


def test_changed_lines_of_texts_that_were_edited_since(tmp_path: Path) -> None:
    (tmp_path / "x.py").write_text("a\nb\nc\n")
    (tmp_path / "y.py").write_text("a\n")
    narrow = ChangedLines({"x.py": Touched(frozenset({2}))}, tmp_path)
    some = [finding("x.py", line) for line in (1, 2, 3, 4)]
    assert [one.span.line for one in narrow(some, Store(tmp_path))] == [2]
    assert [one.span.line for one in narrow(some, Store(tmp_path, {"x.py": b"import z\na\nb\nc\n"}))] == [1, 3]
    some = [finding("y.py", line) for line in (1, 2)]
    assert narrow(some, Store(tmp_path, {"y.py": b"a\nb\n"})) == some[1:]


def test_changed_lines_where_git_counts_otherwise(tmp_path: Path) -> None:
    (tmp_path / "x.py").write_bytes(b"a\rb\rc\r")
    (tmp_path / "y.py").write_bytes(b"a\rb\rc\r")
    narrow = ChangedLines({"x.py": Touched(frozenset({1}))}, tmp_path)
    some = [finding("x.py", 3), finding("y.py", 3)]
    assert narrow(some, Store(tmp_path)) == some[:1]


def test_unreadable_file_counts_when_it_was_touched(tmp_path: Path) -> None:
    narrow = ChangedLines({"x.py": Touched(frozenset(), frozenset({1}))}, tmp_path)
    some = [finding("x.py", 9, code="DFA001"), finding("y.py", 9, code="DFA001"), finding("x.py", 9)]
    assert narrow(some, Store(tmp_path)) == some[:1]


def test_affected() -> None:
    root = Path("/p")
    some = [
        finding("a/x.py", 1),
        finding("a/xy.py", 1),
        finding("b/z.py", 1, ("c.py", 1), ("a/x.py", 2)),
        finding("b/z.py", 2, ("c.py", 1)),
        finding("ab/z.py", 1),
    ]
    assert Affected(root, [root / "a/x.py"])(some, Store(root)) == [some[0], some[2]]
    assert Affected(root, [root / "a"])(some, Store(root)) == some[:3]


def test_as_many_as_there_are_more(tmp_path: Path) -> None:
    (tmp_path / "x.py").write_text("a\na\na\nb\n")
    store = Store(tmp_path)
    some = [finding("x.py", line) for line in (1, 2, 3, 4)]
    known = [one.identity for one in identified(some, store) if one is not None]
    assert len(set(known)) == 2

    def kept(then: Counter[object], *changed: int, hidden: int = 0) -> list[int]:
        narrow = NewSince(then, ChangedLines({"x.py": Touched(frozenset(changed))}, tmp_path), 1)  # type: ignore[arg-type]
        return [one.span.line for one in narrow(narrow.see(some, store)[hidden:], store)]

    assert kept(Counter()) == [1, 2, 3, 4]
    assert kept(Counter(known)) == []
    assert kept(Counter(known[1:])) == [1]
    assert kept(Counter(known[1:]), 2) == [2]
    assert kept(Counter(known[2:]), 3) == [1, 3]
    assert kept(Counter(known * 2)) == []
    # Two of the three are in a baseline, and one was not there then.
    assert kept(Counter(known[1:]), hidden=2) == [3]
    assert kept(Counter(known), hidden=2) == []


def asked(root: Path, *given: str) -> Request:
    config, registry = Config(root=root), load_registry()
    paths = tuple(root / one for one in given) or (root,)
    return Request(config, Store(root), registry, make_selection(config, registry, ["ALL"]), paths)


def test_earlier_project(folder: Path) -> None:
    inner = folder / "in"
    (inner / "templates").mkdir(parents=True)
    (inner / "skipped").mkdir()
    texts = {"x.py": "old\n", "templates/x.html": "<p>", "requirements.txt": "django\n", "skipped/y.py": "y\n"}
    for name, text in texts.items():
        (inner / name).write_text(text)
    (folder / ".gitignore").write_text("skipped/\n")
    (folder / "above.py").write_text("above\n")
    (inner / "link.py").symlink_to("templates/../x.py")
    (inner / "out.py").symlink_to("/etc/hostname")
    (inner / "circle.py").symlink_to("circle.py")
    git(folder, "add", "-f", "in/skipped/y.py")
    head = commit(folder)
    git(folder, "mv", "in/x.py", "in/new.py")
    with earlier(asked(inner, "new.py"), Repository(inner), head, {"new.py": "x.py"}) as then:
        root = then.config.root
        assert then.given == (root / "x.py",)
        assert then.store.source("x.py").text == "old\n"
        assert then.store.source("link.py").text == "old\n"
        assert set(then.store.overlay) == {*texts, "link.py"}
        assert [path.name for path in sorted(root.iterdir())] == [
            "link.py",
            "requirements.txt",
            "skipped",
            "templates",
            "x.py",
        ]
        assert not any(path.is_symlink() for path in root.rglob("*"))
        assert (root / "x.py").read_bytes() == b""
        assert (root.parent / ".gitignore").read_text() == "skipped/\n"
    assert not root.exists()
    with earlier(asked(inner, "unknown.py"), Repository(inner), head, {}) as then:
        assert then.given == ()
    with earlier(asked(inner), Repository(inner), head, {}) as then:
        assert then.given == (then.config.root,)


@pytest.mark.parametrize("name", [b"..", b".", b".git"])
def test_tree_that_leads_out_of_its_folder(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, name: bytes
) -> None:
    around = tmp_path_factory.mktemp("around")
    monkeypatch.setattr(tempfile, "tempdir", str(around))
    blob = bytes.fromhex(git(folder, "hash-object", "-w", "--stdin", stdin=b"x = 1\n").decode())

    def tree(mode: bytes, entry: bytes, identity: bytes) -> bytes:
        data = mode + b" " + entry + b"\0" + identity
        written = git(folder, "hash-object", "-t", "tree", "--literally", "-w", "--stdin", stdin=data)
        return bytes.fromhex(written.decode())

    evil = tree(b"40000", name, tree(b"100644", b"escaped.py", blob)).hex()
    head = git(folder, "commit-tree", "-m", "evil", evil).decode().strip()
    with earlier(asked(folder), Repository(folder), head, {}) as then:
        assert then.store.overlay == {}
        assert list(around.iterdir()) == [then.config.root]
        assert not list(around.rglob("escaped.py"))


def test_contents_that_are_missing(folder: Path) -> None:
    (folder / "x.py").write_text("a\n")
    commit(folder)
    identity = git(folder, "rev-parse", "HEAD:x.py").decode().strip()
    blob = folder / ".git" / "objects" / identity[:2] / identity[2:]
    blob.unlink()
    with pytest.raises(DjfaError, match="lacks the file contents") as caught:
        Repository(folder).contents([identity])
    assert re.search(identity[:12], str(caught.value))
