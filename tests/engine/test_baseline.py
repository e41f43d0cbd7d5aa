"""The baseline's file, and what it hides."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from djfa_lint.engine.baseline import Baseline, Entry, Gone, read_baseline, write_baseline
from djfa_lint.errors import ConfigError, DjfaError
from djfa_lint.sdk.finding import Finding
from djfa_lint.source.lines import Span
from djfa_lint.source.store import Store

_WORDS = st.text(alphabet=st.characters(blacklist_categories=("Cs",)), max_size=12)
ENTRIES = st.lists(
    st.builds(
        Entry,
        path=st.sampled_from(["a.py", "b/ä.py", 'c"\\.py', "d\udcff.py"]),
        code=st.sampled_from(["DFA201", "DFA401"]),
        scope=st.sampled_from(["", "f", "A.save"]),
        hash=st.sampled_from(["0" * 16, "f" * 16]),
        count=st.integers(1, 9),
        snippet=_WORDS,
        message=_WORDS,
    ),
    unique_by=lambda entry: entry.identity,
)
anywhere = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def entry(path: str = "a.py", code: str = "DFA401", scope: str = "f", key: str = "0" * 16, count: int = 1) -> Entry:
    return Entry(path, code, scope, key, count, "x", "y")


@anywhere
@given(ENTRIES)
def test_round_trip(tmp_path: Path, entries: list[Entry]) -> None:
    file = tmp_path / "baseline.json"
    write_baseline(file, Baseline(entries))
    assert read_baseline(file).entries == {one.identity: one for one in entries}


@given(ENTRIES.flatmap(lambda entries: st.tuples(st.just(entries), st.permutations(entries))))
def test_order_of_entries_does_not_matter(both: tuple[list[Entry], list[Entry]]) -> None:
    assert Baseline(both[0]).encode() == Baseline(both[1]).encode()


@given(ENTRIES)
def test_one_entry_a_line(entries: list[Entry]) -> None:
    data = Baseline(entries).encode()
    assert b"\r" not in data
    first, *lines, last, end = data.split(b"\n")
    assert (first, last, end) == (b'{"version": 1, "entries": [', b"]}", b"")
    told = [json.loads(line.rstrip(b",")) for line in lines]
    assert len(told) == len(entries)
    keys = [(row["path"], row["code"], row["scope"], row["hash"]) for row in told]
    assert keys == sorted(keys)


def test_no_line_numbers() -> None:
    assert set(json.loads(Baseline([entry()]).encode())["entries"][0]) == {
        "path",
        "code",
        "scope",
        "hash",
        "count",
        "snippet",
        "message",
    }


@pytest.mark.parametrize("layout", ["indented", "one line", "windows", "byte order mark"])
def test_other_layouts_are_read(tmp_path: Path, layout: str) -> None:
    file = tmp_path / "baseline.json"
    entries = Baseline([entry("a.py"), entry("b.py", count=3)])
    data = entries.encode()
    written = {
        "indented": json.dumps(json.loads(data), indent=2).encode(),
        "one line": data.replace(b"\n", b" "),
        "windows": data.replace(b"\n", b"\r\n"),
        "byte order mark": b"\xef\xbb\xbf" + data,
    }
    file.write_bytes(written[layout])
    assert read_baseline(file).entries == entries.entries


GOOD = Baseline([entry("a.py"), entry("b.py"), entry("c.py")]).encode().decode()
LINES = GOOD.splitlines()
# The text, the line named, a part of the message.
DAMAGED = {
    "empty": ("", ":1", "is not valid JSON"),
    "no JSON": (GOOD.replace("},\n", "}\n", 1), ":3", "is not valid JSON"),
    "conflict": (
        GOOD.replace(LINES[2], f"<<<<<<< HEAD\n{LINES[2]}\n=======\n{LINES[2]}\n>>>>>>> theirs"),
        ":3",
        "git conflict",
    ),
    "half a conflict": (GOOD + ">>>>>>> theirs\n", ":6", "git conflict"),
    "twice": (GOOD.replace(LINES[3], f"{LINES[1]}\n{LINES[3]}"), ":4", "the same entry as in line 2"),
    "twice, with another count": (
        GOOD.replace(LINES[3], LINES[1].replace('"count": 1', '"count": 2') + "\n" + LINES[3]),
        ":4",
        "the lower count",
    ),
    "twice, laid out anew": (
        json.dumps({"version": 1, "entries": [json.loads(LINES[1][:-1])] * 2}, indent=1),
        ":13",
        "the same entry as in line 4",
    ),
    "count of none": (GOOD.replace('"count": 1', '"count": 0', 1), ":2", "no entry of a baseline"),
    "count is no number": (LINES[0] + LINES[3].replace('"count": 1', '"count": true') + "]}", ":1", "got `bool`"),
    "no path": (GOOD.replace('"path": "b.py", ', ""), ":3", "missing required field `path`"),
    "no object": (GOOD.replace(LINES[2], "7,"), ":3", "got `int`"),
    "later version": (GOOD.replace('"version": 1', '"version": 2'), "", "is of version 2"),
    "no version": (GOOD.replace('"version": 1, ', ""), "", "this is no baseline"),
    "no entries": ('{"version": 1}', "", "this is no baseline"),
    "a list": ("[]", "", "this is no baseline"),
    "nested": ("[" * 100_000, "", "is not valid JSON"),
}


@pytest.mark.parametrize(("text", "line", "told"), DAMAGED.values(), ids=DAMAGED)
def test_damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, line: str, told: str) -> None:
    monkeypatch.chdir(tmp_path)
    Path("baseline.json").write_text(text)
    with pytest.raises(ConfigError) as error:
        read_baseline(tmp_path / "baseline.json")
    assert str(error.value).startswith(f"baseline.json{line}: ")
    assert told in str(error.value)


def test_missing_and_unreadable(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not exist; make it with `djfa-lint baseline create`"):
        read_baseline(tmp_path / "no.json")
    with pytest.raises(ConfigError, match="cannot be read"):
        read_baseline(tmp_path)
    (tmp_path / "latin.json").write_bytes(b'{"version": 1, "entries": ["\xe4"]}')
    with pytest.raises(ConfigError, match="not UTF-8"):
        read_baseline(tmp_path / "latin.json")


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_edits_of_different_entries_merge(tmp_path: Path) -> None:
    entries = [entry(f"{n:02}.py", count=2) for n in range(30)]
    base, ours, theirs = (tmp_path / name for name in ("base", "ours", "theirs"))
    write_baseline(base, Baseline(entries))
    write_baseline(ours, Baseline([*entries[:4], *entries[5:], entry("12a.py")]))
    write_baseline(theirs, Baseline([*entries[:20], entry("20.py"), *entries[21:], entry("29a.py")]))
    done = subprocess.run(["git", "merge-file", str(ours), str(base), str(theirs)], capture_output=True)
    assert done.returncode == 0, done.stderr
    merged = read_baseline(ours)
    assert set(one.path for one in merged.entries.values()) == {
        *(one.path for one in entries if one.path != "04.py"),
        "12a.py",
        "29a.py",
    }
    assert ours.read_bytes() == merged.encode()


def test_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "baseline.json"
    write_baseline(file, Baseline([entry()]))
    before = file.read_bytes()

    def fail(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(DjfaError, match="cannot be written: No space left on device"):
        write_baseline(file, Baseline())
    assert file.read_bytes() == before
    assert list(tmp_path.iterdir()) == [file]


def test_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DjfaError, match="cannot be written: No such file"):
        write_baseline(tmp_path / "no" / "baseline.json", Baseline())


def test_mode_and_link_are_kept(tmp_path: Path) -> None:
    file, link, plain = tmp_path / "baseline.json", tmp_path / "link.json", tmp_path / "plain"
    plain.touch()
    write_baseline(file, Baseline())
    assert stat.S_IMODE(file.stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)
    file.chmod(0o640)
    link.symlink_to(file.name)
    write_baseline(link, Baseline([entry()]))
    assert link.is_symlink()
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert len(read_baseline(file).entries) == 1


CODE = b"def f():\n    a.b\n    a.b\n    a.b\n    a.c\ndef g():\n    a.b\n"
STORE = Store(Path("/nowhere"), {"x.py": CODE, "y.py": CODE})


def at(path: str, line: int, code: str = "DFA201") -> Finding:
    return Finding(path, Span(line, 5, line, 8), code, "a-rule", "a message")


def made(findings: list[Finding]) -> Baseline:
    return Baseline().grown(Baseline().match(findings, STORE))


FINDINGS = st.lists(
    st.builds(at, st.sampled_from(["x.py", "y.py"]), st.sampled_from([2, 3, 4, 5, 7]), st.sampled_from(["A1", "A2"])),
    unique=True,
)


@given(FINDINGS)
def test_a_new_baseline_hides_all_it_was_made_of(findings: list[Finding]) -> None:
    baseline = made(findings)
    matched = baseline.match(reversed(findings), STORE)
    assert (matched.shown, matched.hidden, baseline.count) == ([], len(findings), len(findings))
    assert baseline.gone(matched, lambda path, code: True) == []


@given(FINDINGS, FINDINGS)
def test_counts(old: list[Finding], new: list[Finding]) -> None:
    baseline = made(old)
    matched = baseline.match(new, STORE)

    def key(one: Finding) -> tuple[str, str, str]:
        return one.path, one.code, "g" if one.span.line == 7 else "c" if one.span.line == 5 else "b"

    before, after = Counter(map(key, old)), Counter(map(key, new))
    assert Counter(map(key, matched.shown)) == after - before
    assert matched.hidden == (after & before).total()
    gone = baseline.gone(matched, lambda path, code: True)
    assert sum(one.entry.count - one.left for one in gone) == (before - after).total()
    shrunk = baseline.shrunk(gone)
    assert shrunk.count == (after & before).total()
    assert shrunk.match(new, STORE).shown == matched.shown
    assert shrunk.grown(matched).encode() == made(new).encode()


@given(FINDINGS.flatmap(lambda findings: st.tuples(st.just(findings), st.permutations(findings))))
def test_order_of_findings_does_not_matter(both: tuple[list[Finding], list[Finding]]) -> None:
    assert made(both[0]).encode() == made(both[1]).encode()
    half = made(both[0][::2])
    assert half.match(both[0], STORE).shown == half.match(both[1], STORE).shown


def test_the_last_ones_by_place_are_reported() -> None:
    baseline = made([at("x.py", 2), at("x.py", 3)])
    assert baseline.match([at("x.py", 4), at("x.py", 3), at("x.py", 2)], STORE).shown == [at("x.py", 4)]


def test_scope_path_and_code_count() -> None:
    baseline = made([at("x.py", 2)])
    others = [at("x.py", 2, "DFA202"), at("x.py", 7), at("y.py", 2)]
    assert baseline.match(others, STORE).shown == others


@pytest.mark.parametrize("code", ["DFA001", "DFA002"])
def test_what_could_not_be_linted_is_never_hidden(code: str) -> None:
    finding = at("x.py", 2, code)
    baseline = made([finding])
    assert baseline.entries == {}
    (identity,) = made([at("x.py", 2)]).entries
    forged = Baseline([Entry(identity.path, code, identity.scope, identity.hash, 1)])
    assert forged.match([finding], STORE).shown == [finding]


def test_only_what_was_judged_is_gone() -> None:
    baseline = made([at("x.py", 2), at("x.py", 3), at("x.py", 2, "DFA202"), at("y.py", 2)])
    gone = baseline.gone(baseline.match([at("x.py", 4)], STORE), lambda path, code: (path, code) == ("x.py", "DFA201"))
    (one,) = [entry for entry in baseline.entries.values() if entry.count == 2]
    assert gone == [Gone(one, 1)]
    left = baseline.shrunk(gone)
    assert [entry.count for entry in left.entries.values()] == [1, 1, 1]


def test_words_for_people_are_renewed_only_when_asked() -> None:
    baseline = made([at("x.py", 2)])
    matched = baseline.match([Finding("x.py", Span(2, 5, 2, 8), "DFA201", "a-rule", "other words")], STORE)
    assert matched.shown == []
    assert baseline.grown(matched).encode() == baseline.encode()
    (one,) = baseline.reworded(matched).entries.values()
    assert one.message == "other words"
