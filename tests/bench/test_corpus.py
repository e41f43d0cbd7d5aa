"""The corpus tool, against an index in a folder and a linter of a few lines."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from click.testing import Result as Outcome

from bench.corpus.archive import extract
from bench.corpus.cli import main
from bench.corpus.compare import compare
from bench.corpus.layout import Layout, load_projects
from bench.corpus.results import ProjectResult, Result, load, newest, save
from bench.corpus.verdicts import load_verdicts, parse

MODULE = "".join(f"value_{number} = {number}\n" for number in range(1, 31))
FAKE_LINTER = """
import json, os, sys, time
from pathlib import Path
assert sys.argv[1:] == "check --isolated --select ALL --output-format json --no-cache .".split()
mode = {mode}
found = []
for path in sorted(Path(".").rglob("*.py")):
    for number, text in enumerate(path.read_text().splitlines(), 1):
        if text.startswith("bad"):
            message = text.partition("#")[2].strip() or "bad name"
            end = {{"line": number, "column": 1, "end_line": number, "end_column": 4}}
            place = {{"path": path.as_posix(), **end}}
            found.append({{"code": "DFA100", "name": "bad-name", "message": message, "severity": "error",
                          **place, "evidence": [{{**place, "message": "named here"}}], "fix": None}})
if mode == "crash":
    sys.exit("internal error")
if mode == "usage":
    print("boom", file=sys.stderr)
    sys.exit(2)
if mode == "slow":
    time.sleep(30)
if mode == "rule":
    found[0]["code"] = "DFA002"
if mode == "less":
    found = found[1:]
print(json.dumps(found))
sys.exit(1 if found else 0)
"""


class Corpus:
    """A checkout with a corpus, an index and a linter of its own."""

    def __init__(self, root: Path) -> None:
        self.repository = root / "checkout"
        self.index = root / "index"
        self.layout = Layout.of(self.repository)

    def begin(self) -> None:
        self.layout.manifest.parent.mkdir(parents=True)
        self.layout.manifest.write_text("")
        self.git("init", "--quiet")
        self.commit("present")

    def git(self, *arguments: str) -> str:
        command = ["git", "-c", "user.name=n", "-c", "user.email=e", "-c", "commit.gpgsign=false", *arguments]
        environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
        done = subprocess.run(command, cwd=self.repository, env=environment, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def write_linter(self, mode: str) -> None:
        package = self.repository / "src" / "djfa_lint"
        package.mkdir(parents=True, exist_ok=True)
        (package / "__init__.py").touch()
        (package / "__main__.py").write_text(FAKE_LINTER.format(mode=repr(mode)))

    def commit(self, mode: str) -> str:
        self.write_linter(mode)
        self.git("add", "src")
        self.git("commit", "--quiet", "--message", mode)
        return self.git("rev-parse", "HEAD")

    def publish(self, name: str, version: str, files: dict[str, str]) -> str:
        """Put a source distribution on the index; returns its digest."""
        folder = self.index / name
        folder.mkdir(parents=True, exist_ok=True)
        archive = folder / f"{name}-{version}.tar.gz"
        with tarfile.open(archive, "w:gz") as tar:
            for path, text in {**files, "setup.py": "raise SystemExit('was built')\n"}.items():
                member = tarfile.TarInfo(f"{name}-{version}/{path}")
                member.size = len(text.encode())
                tar.addfile(member, io.BytesIO(text.encode()))
        links = "".join(f'<a href="{one.name}">{one.name}</a>' for one in sorted(folder.glob("*.tar.gz")))
        (folder / "index.html").write_text(f"<!DOCTYPE html><html><body>{links}</body></html>")
        return hashlib.sha256(archive.read_bytes()).hexdigest()

    def pin(self, name: str, version: str, sha256: str) -> None:
        with self.layout.manifest.open("a") as stream:
            stream.write(f'[[project]]\nname = "{name}"\nversion = "{version}"\n')
            stream.write(f'sha256 = "{sha256}"\nkind = "django"\n')

    def call(self, *arguments: str, stdin: str = "") -> Outcome:
        return CliRunner().invoke(main, ["--repository", str(self.repository), *arguments], input=stdin)

    def run(self, *arguments: str) -> Outcome:
        script = self.repository / "src" / "djfa_lint" / "__main__.py"
        return self.call("run", "--jobs-command", f"{sys.executable} {script}", *arguments)


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout to copy, which is faster than a new one for each test."""
    made = Corpus(tmp_path_factory.mktemp("checkout"))
    made.begin()
    return made.repository


@pytest.fixture
def corpus(checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Corpus:
    made = Corpus(tmp_path)
    shutil.copytree(checkout, made.repository)
    monkeypatch.setenv("PIP_INDEX_URL", made.index.as_uri())
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    for name in ("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_NO_INDEX"):
        monkeypatch.delenv(name, raising=False)
    return made


@pytest.fixture
def shop(corpus: Corpus) -> Corpus:
    """A corpus with one project that has two findings."""
    source = MODULE + "bad_a = 1\nbad_b = 2  # second\n" + MODULE
    corpus.pin("shop", "1.0", corpus.publish("shop", "1.0", {"shop/models.py": source}))
    return corpus


def result(findings: list[tuple[str, int, str]], version: str = "1.0", seconds: float = 1.0) -> Result:
    rows = [
        {"code": "DFA100", "name": "bad-name", "path": path, "line": line, "column": 1, "message": message}
        for path, line, message in findings
    ]
    project = ProjectResult("shop", version, 1, 10, seconds, 1, [], rows)
    return Result("state", "print", "run", "2024", {"shop": project})


def verdict(line: int, true: bool, **other: object) -> str:
    keys = {"project": "shop", "version": "1.0", "path": "shop/models.py", "line": line, "code": "DFA100"}
    return json.dumps({**keys, "true": true, "cause": "plain words", **other})


# Fetching


def test_fetch_unpacks_without_building(shop: Corpus) -> None:
    done = shop.call("fetch")
    assert done.exit_code == 0, done.output
    assert "shop-1.0 (django): 63 lines in 2 Python files" in done.output
    assert (shop.layout.projects / "shop-1.0/shop/models.py").is_file()
    shutil.rmtree(shop.index)
    assert shop.call("fetch").exit_code == 0


def test_fetch_refuses_another_hash(corpus: Corpus) -> None:
    corpus.publish("shop", "1.0", {"a.py": ""})
    corpus.pin("shop", "1.0", "0" * 64)
    done = corpus.call("fetch")
    assert done.exit_code == 1
    assert "pinned is 0000" in done.output
    assert not corpus.layout.projects.exists()
    assert list(corpus.layout.archives.iterdir()) == []


def test_fetch_of_what_the_index_lacks(corpus: Corpus) -> None:
    corpus.publish("shop", "1.0", {"a.py": ""})
    corpus.pin("shop", "2.0", "0" * 64)
    done = corpus.call("fetch")
    assert done.exit_code == 1
    assert "no source distribution of shop 2.0" in done.output


def test_add_prints_a_pin_of_the_newest_final_version(corpus: Corpus) -> None:
    corpus.publish("shop", "1.9", {"a.py": ""})
    sha256 = corpus.publish("shop", "1.10", {"a.py": "import fastapi\nfrom django.db import models\n"})
    corpus.publish("shop", "2.0rc1", {"a.py": ""})
    done = corpus.call("add", "shop")
    assert done.exit_code == 0, done.output
    corpus.layout.manifest.write_text(done.stdout)
    (project,) = load_projects(corpus.layout)
    assert (project.version, project.sha256, project.kind) == ("1.10", sha256, "both")
    assert "# 3 lines in 2 Python files" in done.stdout


@pytest.mark.parametrize("name", ["../evil.py", "/evil.py", "shop-1.0/../../evil.py"])
@pytest.mark.parametrize("form", ["tar", "zip"])
def test_paths_that_leave_the_folder_are_refused(tmp_path: Path, name: str, form: str) -> None:
    archive = tmp_path / f"bad.{form}"
    if form == "tar":
        with tarfile.open(archive, "w") as tar:
            tar.addfile(tarfile.TarInfo(name))
    else:
        with zipfile.ZipFile(archive, "w") as bundle:
            bundle.writestr(name, "x")
    with pytest.raises(click.ClickException, match="unsafe path"):
        extract(archive, tmp_path / "deep" / "project")
    assert not list(tmp_path.rglob("evil.py"))
    assert not (tmp_path / "deep" / "project").exists()


def test_links_and_useless_files_are_left_out(tmp_path: Path) -> None:
    archive = tmp_path / "links.tar"
    with tarfile.open(archive, "w") as tar:
        for name, kind in (("a/link.py", tarfile.SYMTYPE), ("a/hard.py", tarfile.LNKTYPE)):
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, "/etc/passwd"
            tar.addfile(member)
        tar.addfile(tarfile.TarInfo("a/image.png"))
        tar.addfile(tarfile.TarInfo("a/page.html"))
        big = tarfile.TarInfo("a/big.py")
        big.size = 2_000_001
        tar.addfile(big, io.BytesIO(b"#" * big.size))
    extract(archive, tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["page.html"]


# Running


def test_run_records_and_prints(shop: Corpus) -> None:
    done = shop.run()
    assert done.exit_code == 0, done.output
    assert "bad-name" in done.output
    state = shop.git("rev-parse", "HEAD")
    stored = load(shop.layout, state)
    assert stored is not None
    project = stored.projects["shop"]
    assert (project.exit_code, project.files, project.lines, project.crashes) == (1, 2, 63, [])
    assert [finding["line"] for finding in project.findings] == [31, 32]
    assert project.seconds > 0


def test_run_marks_changed_linter(shop: Corpus) -> None:
    shop.write_linter("less")
    assert shop.run().exit_code == 0
    stored = newest(shop.layout)
    assert stored.state == shop.git("rev-parse", "HEAD") + "-dirty"
    assert len(stored.projects["shop"].findings) == 1


@pytest.mark.parametrize(
    ("mode", "message"),
    [
        ("crash", "exit code 1 without a valid JSON array: internal error"),
        ("usage", "exit code 2: boom"),
        ("rule", "DFA002 shop/models.py:31"),
        ("slow", "no end after 0.5 s"),
    ],
)
def test_run_fails_on_a_crash(shop: Corpus, mode: str, message: str) -> None:
    shop.write_linter(mode)
    done = shop.run("--timeout", "0.5" if mode == "slow" else "60")
    assert done.exit_code == 1
    assert f"CRASH shop: {message}" in done.output


def test_run_keeps_other_projects_of_the_same_linter(shop: Corpus) -> None:
    shop.pin("second", "1.0", shop.publish("second", "1.0", {"a.py": "bad = 1\n"}))
    assert shop.run("--project", "shop").exit_code == 0
    assert shop.run("--project", "second").exit_code == 0
    assert set(newest(shop.layout).projects) == {"shop", "second"}
    shop.write_linter("less")
    shop.run("--project", "shop")
    assert set(newest(shop.layout).projects) == {"shop"}


def test_run_of_an_unknown_project(shop: Corpus) -> None:
    done = shop.run("--project", "shoop")
    assert done.exit_code == 1
    assert "not in the corpus manifest: shoop" in done.output


# Comparing


def test_compare_gained_lost_moved() -> None:
    base = result([("a.py", 1, "stays"), ("a.py", 5, "moves"), ("a.py", 7, "goes"), ("a.py", 8, "twice")])
    head = result([("a.py", 1, "stays"), ("a.py", 6, "moves"), ("b.py", 7, "goes"), ("a.py", 8, "twice")] * 2)
    head.projects["shop"].findings = head.projects["shop"].findings[:5]
    head.projects["shop"].seconds = 3.0
    difference = compare(base, head)
    assert [(one.path, one.line, one.message) for one in difference.gained] == [
        ("a.py", 1, "stays"),
        ("b.py", 7, "goes"),
    ]
    assert [(one.path, one.line) for one in difference.lost] == [("a.py", 7)]
    assert [(one.line, other.line) for one, other in difference.moved] == [(5, 6)]
    assert difference.by_rule() == {"DFA100": (2, 1, 1)}
    assert difference.time_ratio == 3.0


def test_compare_tells_new_words_from_new_findings() -> None:
    base = result([("a.py", 1, "old words"), ("a.py", 5, "goes")])
    head = result([("a.py", 1, "new words"), ("a.py", 9, "comes")])
    difference = compare(base, head)
    assert difference.reworded == 1
    assert [one.message for one in difference.gained + difference.lost] == ["comes", "goes"]


def test_compare_leaves_out_other_versions() -> None:
    difference = compare(result([("a.py", 1, "x")]), result([], version="2.0"))
    assert (difference.projects, difference.left_out, difference.lost) == ([], ["shop"], [])


@pytest.mark.skipif(sys.version_info < (3, 11), reason="an older Python takes modules from the folder it is started in")
def test_compare_lints_with_an_older_commit(shop: Corpus) -> None:
    base = shop.git("rev-parse", "HEAD")
    head = shop.commit("less")
    # A module of the project must never be imported by the linter.
    shop.call("fetch")
    (shop.layout.projects / "shop-1.0/json.py").write_text("raise SystemExit(3)\n")
    done = shop.call("compare", "HEAD~1", "HEAD", "--all")
    assert done.exit_code == 0, done.output
    assert "shop shop/models.py:31 DFA100 bad name" in done.output
    assert "lost (1)" in done.output
    assert "CRASH" not in done.output
    assert {path.stem for path in shop.layout.results.iterdir()} == {base, head}
    shutil.rmtree(shop.layout.worktrees)
    assert shop.call("compare", base, head).exit_code == 0


def test_compare_with_the_checkout_as_it_is(shop: Corpus) -> None:
    assert shop.run().exit_code == 0
    shop.write_linter("less")
    script = shop.repository / "src" / "djfa_lint" / "__main__.py"
    command = f"{sys.executable} {script}"
    done = shop.call("compare", "HEAD", "--jobs-command", command)
    assert "lost (1)" in done.output
    shop.write_linter("present")
    done = shop.call("compare", "HEAD", "--jobs-command", command)
    assert "lost" not in done.output.partition("ratio")[2]
    assert not newest(shop.layout).state.endswith("-dirty")


def test_compare_of_an_unknown_commit(shop: Corpus) -> None:
    done = shop.call("compare", "nowhere")
    assert done.exit_code == 1
    assert "no such commit: nowhere" in done.output


# Sampling


def test_sample_is_the_same_for_the_same_seed(shop: Corpus) -> None:
    many = [("shop/models.py", line, f"m{line}") for line in range(1, 60)]
    save(shop.layout, result(many))
    first = shop.call("sample", "--rule", "DFA100", "--count", "5", "--seed", "7")
    assert first.exit_code == 0, first.output
    save(shop.layout, result(many[::-1]))
    assert shop.call("sample", "--rule", "bad-name", "--count", "5", "--seed", "7").output == first.output
    assert shop.call("sample", "--rule", "", "--count", "5", "--seed", "7").output == first.output
    assert shop.call("sample", "--count", "5", "--seed", "8").output != first.output
    assert shop.call("sample", "--rule", "DFA999").exit_code == 1


def test_sample_shows_source_evidence_and_template(shop: Corpus) -> None:
    shop.run()
    output = shop.call("sample", "--count", "1", "--rule", "DFA100", "--seed", "2").output
    line = json.loads(output.splitlines()[-1])["line"]
    assert f"evidence shop/models.py:{line}: named here" in output
    assert f"  > {line:5} | bad_" in output
    assert f"    {line - 10:5} | " in output
    assert f"    {line - 11:5} | " not in output
    assert f"    {line + 8:5} | " in output
    assert f"    {line + 9:5} | " not in output


def test_sample_template_is_a_verdict_once_filled_in(shop: Corpus) -> None:
    shop.run()
    template = shop.call("sample").output.splitlines()[-1]
    with pytest.raises(click.ClickException, match="'true' must be a bool"):
        parse(template)
    filled = json.dumps({**json.loads(template), "true": True, "cause": "really bad"})
    assert shop.call("verdict", stdin=filled).exit_code == 0
    assert "1 of 1" in shop.call("sample", "--new").output


# Verdicts


def test_verdicts_are_merged_sorted_and_replaced(shop: Corpus) -> None:
    lines = [verdict(32, True), verdict(31, False)]
    assert "2 added, 0 replaced" in shop.call("verdict", stdin="\n".join(lines)).output
    assert "0 added, 1 replaced" in shop.call("verdict", stdin=verdict(32, False)).output
    stored = load_verdicts(shop.layout.verdicts)
    assert [(one.line, one.true) for one in stored] == [(31, False), (32, False)]


@pytest.mark.parametrize(
    "change",
    [
        {"true": "yes"},
        {"line": True},
        {"line": 0},
        {"cause": ""},
        {"cause": "objects.filter(pk=1)"},
        {"cause": "two\nlines"},
        {"extra": 1},
    ],
)
def test_wrong_verdicts_are_refused(shop: Corpus, change: dict[str, object]) -> None:
    assert shop.call("verdict", stdin=verdict(1, True)).exit_code == 0
    before = shop.layout.verdicts.read_bytes()
    wrong = json.dumps({**json.loads(verdict(3, True)), **change})
    done = shop.call("verdict", stdin=verdict(2, True) + "\n" + wrong)
    assert done.exit_code == 1
    assert "verdict line 2" in done.output
    assert shop.layout.verdicts.read_bytes() == before


def opened(line: str) -> str:
    return json.dumps({**json.loads(line), "open": True})


@pytest.mark.parametrize(
    ("stored", "exit_code", "message"),
    [
        (verdict(31, True), 0, "1 agree, 0 known false alarms are open, 0 missed, 0 wrong, 0 skipped"),
        (verdict(40, False), 0, "1 agree, 0 known false alarms are open, 0 missed, 0 wrong, 0 skipped"),
        (verdict(40, True), 1, "0 agree, 0 known false alarms are open, 1 missed, 0 wrong, 0 skipped"),
        (verdict(31, False), 1, "0 agree, 0 known false alarms are open, 0 missed, 1 wrong, 0 skipped"),
        (verdict(31, False, version="0.9"), 0, "0 agree, 0 known false alarms are open, 0 missed, 0 wrong, 1 skipped"),
        (verdict(31, True) + "\n" + verdict(40, False), 0, "50 %"),
        (opened(verdict(31, False)), 0, "0 agree, 1 known false alarms are open, 0 missed, 0 wrong, 0 skipped"),
        (opened(verdict(40, False)), 1, "take `open` away"),
    ],
)
def test_check_fails_in_both_directions(shop: Corpus, stored: str, exit_code: int, message: str) -> None:
    save(shop.layout, result([("shop/models.py", 31, "bad name")]))
    shop.call("verdict", stdin=stored)
    done = shop.call("check")
    assert done.exit_code == exit_code
    assert message in done.output


def test_check_without_a_result(shop: Corpus) -> None:
    done = shop.call("check")
    assert done.exit_code == 1
    assert "call `run` first" in done.output


# The manifest of this repository


@pytest.mark.parametrize("change", ["version = 1", 'sha256 = "abc"', 'kind = "flask"', 'folder = "../up"'])
def test_wrong_pins_are_refused(corpus: Corpus, change: str) -> None:
    entry = {"name": '"a"', "version": '"1"', "sha256": f'"{"0" * 64}"', "kind": '"django"'}
    key, _, value = change.partition(" = ")
    entry[key] = value
    corpus.layout.manifest.write_text("[[project]]\n" + "\n".join(f"{name} = {text}" for name, text in entry.items()))
    with pytest.raises(click.ClickException, match="corpus manifest"):
        load_projects(corpus.layout)


def test_the_pins_of_this_repository_are_sound() -> None:
    projects = load_projects(Layout.of(Path(__file__).resolve().parents[2]))
    assert len(projects) >= 10
    assert {"django", "fastapi", "both"} == {project.kind for project in projects}
