"""Paths as they are shown, and texts that are no longer to be had."""

from __future__ import annotations

from pathlib import Path

import pytest

from djfa_lint.reporters import concise, full, github, summary
from djfa_lint.reporters import json as json_reporter
from djfa_lint.reporters.places import Places
from djfa_lint.sdk.finding import Evidence, Finding, Severity
from djfa_lint.source.lines import Span
from djfa_lint.source.store import Store


def finding(line: int = 1, column: int = 1, **more: object) -> Finding:
    return Finding("x.py", Span(line, column, line, column + 1), "ZZ001", "name", "message", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("base", "path", "shown"),
    [
        (".", "a/b.py", "a/b.py"),
        ("a", "a/b.py", "b.py"),
        ("a", "c.py", "../c.py"),
        ("a/d", "a/b.py", "../b.py"),
        ("..", "a/b.py", "root/a/b.py"),
    ],
)
def test_paths_are_shown_relative_to_a_folder(tmp_path: Path, base: str, path: str, shown: str) -> None:
    root = tmp_path / "root"
    assert Places(Store(root), (root / base).resolve()).shown(path) == shown


@pytest.mark.parametrize("data", [None, b"", b"\xff", b"a\n"])
def test_places_that_are_not_in_the_text(tmp_path: Path, data: bytes | None) -> None:
    """The file may have changed since, or be one that cannot be read."""
    places = Places(Store(tmp_path, {} if data is None else {"x.py": data}), tmp_path)
    evidence = Evidence("gone.py", Span(5, 1, 6, 1), "here")
    findings = [finding(), finding(line=7, column=90, evidence=(evidence,))]
    assert full.report(findings, places).plain.count("ZZ001") == 2
    assert concise.report(findings, places).splitlines()[1] == "x.py:7:90: ZZ001 message"
    for report in (github.report, json_reporter.report):
        assert report(findings, places).count("ZZ001") == 2


def test_empty_span_is_marked_once(tmp_path: Path) -> None:
    places = Places(Store(tmp_path, {"x.py": b"ab\n"}), tmp_path)
    empty = Finding("x.py", Span(1, 2, 1, 2), "ZZ001", "name", "message")
    assert "  |  ^\n" in full.report([empty], places).plain


def test_span_over_lines_is_underlined_without_its_margins(tmp_path: Path) -> None:
    places = Places(Store(tmp_path, {"x.py": b"a = (b,  \n     c)\n"}), tmp_path)
    one = Finding("x.py", Span(1, 5, 2, 8), "ZZ001", "name", "message")
    marks = [line for line in full.report([one], places).plain.splitlines() if "^" in line]
    assert marks == ["  |     ^^^", "  |      ^^"]


@pytest.mark.parametrize(
    ("severity", "level"), [(Severity.ERROR, "error"), (Severity.WARNING, "warning"), (Severity.INFO, "notice")]
)
def test_github_levels(tmp_path: Path, severity: Severity, level: str) -> None:
    text = github.report([finding(severity=severity)], Places(Store(tmp_path), tmp_path))
    assert text.startswith(f"::{level} ")


@pytest.mark.parametrize(
    ("message", "escaped"),
    [("50% of", "50%25 of"), ("a\nb\r\nc", "a%0Ab%0D%0Ac"), ("a:b,c::d", "a:b,c::d"), ("%0A", "%250A")],
)
def test_github_escapes_messages(tmp_path: Path, message: str, escaped: str) -> None:
    one = Finding("x.py", Span(1, 1, 1, 2), "ZZ001", "name", message)
    text = github.report([one], Places(Store(tmp_path), tmp_path))
    assert text.count("\n") == 1
    assert text.rstrip("\n").split("::", 2)[2] == escaped


@pytest.mark.parametrize(
    ("counts", "files", "end"),
    [
        ({}, 0, "No findings in 0 files.\n"),
        ({}, 1, "No findings in 1 file.\n"),
        ({"ZZ001": 1}, 2, "1 finding in 2 files.\n"),
        ({"ZZ001": 2, "ZZ002": 11, "ZZ003": 2}, 1, "11  ZZ002 b\n 2  ZZ001 b\n 2  ZZ003 b\n15 findings in 1 file.\n"),
    ],
)
def test_summary_is_ordered_by_number(counts: dict[str, int], files: int, end: str) -> None:
    findings = [
        Finding("x.py", Span(1, 1, 1, 2), code, "b", "m") for code, count in counts.items() for _ in range(count)
    ]
    assert summary.report(findings, files).plain.endswith(end)
