"""Whatever the bytes: one finding for a file that cannot be linted, and every other file is linted as ever."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from djfa_lint.engine import run
from djfa_lint.source import text
from djfa_lint.source.store import Store

BARE_EXCEPT = b"try:\n    pass\nexcept:\n    x = 1\n"
NEIGHBOUR = ("good/ok.py", 3, "DFA401")


def nested_blocks(head: str, depth: int) -> bytes:
    return ("".join(" " * level + head + "\n" for level in range(depth)) + " " * depth + "pass\n").encode()


def elifs(count: int) -> bytes:
    return ("if x == 0:\n    pass\n" + "".join(f"elif x == {n}:\n    pass\n" for n in range(count))).encode()


# Content, and where DFA001 is expected.
UNREADABLE: dict[str, tuple[bytes, int, int]] = {
    "not UTF-8": (b'a = 1\nb = "\xe9"\n', 2, 6),
    "not UTF-8 after non-ASCII text": ('a = "é"\n'.encode() + b'b = "\xe9"\n', 2, 6),
    "not UTF-8, CRLF": (b'a = 1\r\nb = "\xe9"\r\n', 2, 6),
    "byte order mark in the middle of a bad sequence": (b"\xef\xbb\xbfa = 1\n\xff\n", 2, 1),
    "NUL": (b"a = 1\nb = \0\n", 2, 5),
    "NUL in a comment": (b"# a\0\n", 1, 4),
    "UTF-16": ("a = 1\n".encode("utf-16"), 1, 1),
    "unknown coding cookie": (b"# -*- coding: klingon -*-\na = 1\n", 1, 1),
    "cookie of a codec that is no text encoding": (b"# coding: rot13\na = 1\n", 1, 1),
    "cookie that contradicts the byte order mark": (b"\xef\xbb\xbf# coding: latin-1\na = 1\n", 1, 1),
    "cookie that does not fit the bytes": (b'# coding: ascii\na = "\xe9"\n', 2, 6),
    "syntax error": (b"a = 1\ndef f(:\n    pass\n", 2, 7),
    "syntax error after non-ASCII text": ('a = 1\nb = "ééé" c\n'.encode(), 2, 11),
    "Python 2": (b"a = 1\nprint a\n", 2, 1),
    "never closed": (b"a = 1\nf(\n", 2, 2),
    "unterminated string": (b'a = 1\nb = """\n', 2, 5),
    "inconsistent tabs": (b"if a:\n\tb = 1\n        c = 2\n", 3, 0),
    "unexpected indentation": (b"a = 1\n    b = 2\n", 2, 0),
    "form feed inside an indentation": (b"if a:\n    b = 1\n  \f  c = 2\n", 3, 0),
    "parentheses, 1,000 deep": (b"x = " + b"(" * 1000 + b"1" + b")" * 1000 + b"\n", 1, 0),
    "brackets over lines, 1,000 deep": (b"x = (\n" + b"[\n" * 1000 + b"]\n" * 1000 + b")\n", 0, 0),
    "unary operators, 1,000 deep": (b"a = 1\nx = " + b"-" * 1000 + b"1\n", 2, 1),
    "negations, 300 deep": (b"a = 1\nx = " + b"not " * 300 + b"1\n", 2, 1),
    "if blocks, 1,000 deep": (nested_blocks("if x:", 1000), 101, 0),
    "for blocks, 1,000 deep": (nested_blocks("for x in y:", 1000), 101, 0),
    "a chain of 20,000 attributes": (b"x = a" + b".b" * 20_000 + b"\n", 1, 1),
    "a chain of 5,000 calls": (b"x = a" + b".b()" * 5_000 + b"\n", 1, 1),
    "a sum of 20,000 terms": (b"x = a" + b" + b" * 20_000 + b"\n", 1, 1),
    "3,000 elifs": (elifs(3_000), 1, 1),
    "lambdas, 300 deep": (b"x = " + b"lambda: " * 300 + b"1\n", 1, 1),
    "5 MB on one line that do not parse": (b"x = 1 1 " + b"1 " * 2_500_000 + b"\n", 1, 0),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_unreadable_file_is_one_finding(project: Any, name: str) -> None:
    content, line, column = UNREADABLE[name]
    project.add("x.py", content)
    project.add("good/ok.py")
    rows = project.rows()
    assert [(row["path"], row["line"], row["code"]) for row in rows[:1]] == [NEIGHBOUR]
    assert [row["code"] for row in rows[1:]] == ["DFA001"]
    told = rows[1]
    assert told["path"] == "x.py"
    assert told["severity"] == "error"
    # 0 stands for a place that differs from one interpreter to the next.
    assert told["line"] == line or not line
    assert told["column"] == column or not column
    assert "\n" not in told["message"]


@pytest.mark.parametrize("count", [150, 400, 600, 900, 1400])
def test_no_number_of_elifs_ends_the_run(project: Any, count: int) -> None:
    project.add("x.py", elifs(count) + b"else:\n    try: pass\n    except: pass\n")
    project.add("good/ok.py")
    found = project.found()
    assert found[0] == NEIGHBOUR
    assert [code for _, _, code in found[1:]] in (["DFA001"], ["DFA401"])


@pytest.mark.parametrize("elif_count", [250, 900])
def test_elifs_in_a_function_are_its_depth(project: Any, elif_count: int) -> None:
    inside = b"".join(b"    " + line + b"\n" for line in elifs(elif_count).splitlines())
    project.add("x.py", b"a = 1\ndef f(x):\n" + inside)
    project.add("good/ok.py")
    assert project.found() == [NEIGHBOUR, ("x.py", 2, "DFA001")]


def test_only_the_unit_that_is_too_deep_is_left_out(project: Any) -> None:
    project.add("x.py", b"x = " + b"-" * 300 + b"1\n" + BARE_EXCEPT)
    assert project.found() == [("x.py", 1, "DFA001"), ("x.py", 4, "DFA401")]


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="the newest syntax known here is that of 3.14")
def test_syntax_newer_than_the_interpreter(project: Any) -> None:
    project.add("x.py", 'a = 1\nb = t"{a}"\n')
    project.add("good/ok.py")
    rows = project.rows()
    assert [(row["path"], row["line"], row["code"]) for row in rows] == [NEIGHBOUR, ("x.py", 2, "DFA001")]
    assert f"Python {sys.version_info[0]}.{sys.version_info[1]}" in rows[1]["message"]


READABLE: dict[str, tuple[bytes, list[tuple[int, int]]]] = {
    "empty": (b"", []),
    "only a byte order mark": (b"\xef\xbb\xbf", []),
    "only a newline": (b"\n", []),
    "only a comment, no newline": (b"# nothing", []),
    "byte order mark": (b"\xef\xbb\xbf" + BARE_EXCEPT, [(3, 1)]),
    "byte order mark and cookie": (b"\xef\xbb\xbf# coding: utf-8\n" + BARE_EXCEPT, [(4, 1)]),
    "CRLF": (BARE_EXCEPT.replace(b"\n", b"\r\n"), [(3, 1)]),
    "lone CR": (BARE_EXCEPT.replace(b"\n", b"\r"), [(3, 1)]),
    "mixed line ends": (b"a = 1\rb = 2\r\nc = 3\n" + BARE_EXCEPT, [(6, 1)]),
    "no newline at the end": (BARE_EXCEPT.rstrip(), [(3, 1)]),
    "latin-1 cookie": (b'# coding: latin-1\na = "\xe9"\n' + BARE_EXCEPT, [(5, 1)]),
    "cookie on the second line": (b'#!/usr/bin/python\n# coding: cp1252\na = "\x80"\n' + BARE_EXCEPT, [(6, 1)]),
    "form feeds": (b"a = 1\n\f\n" + BARE_EXCEPT + b"\f\n", [(5, 1)]),
    "form feed before a statement": (b"a = 1\n\f" + BARE_EXCEPT, [(4, 1)]),
    "form feed in a string": (b'a = "\f"\n' + BARE_EXCEPT, [(4, 1)]),
    "line separators of other kinds": ('a = "\u2028\u0085\x1c"\n'.encode() + BARE_EXCEPT, [(4, 1)]),
    "tabs": (b"def f():\n\ttry:\n\t\tpass\n\texcept:\n\t\tx = 1\n", [(4, 2)]),
    "non-ASCII names": ("def é():\n    try: ñ()\n    except: ñ()\n".encode(), [(3, 5)]),
    "warnings of the parser": (b'a = "\\d"\nb = 1 is 1\n' + BARE_EXCEPT, [(5, 1)]),
    "if blocks, 90 deep": (nested_blocks("if x:", 90) + BARE_EXCEPT, [(94, 1)]),
    "5 MB in one string": (b'x = "' + b"a" * 5_000_000 + b'"\n' + BARE_EXCEPT, [(4, 1)]),
    "5 MB before the finding on its line": (
        b'try: x = "' + b"a" * 5_000_000 + b'"\nexcept: y = "' + b"b" * 5_000_000 + b'"\n',
        [(2, 1)],
    ),
}


@pytest.mark.parametrize("name", READABLE)
def test_odd_but_readable_file_is_linted(project: Any, name: str, recwarn: pytest.WarningsRecorder) -> None:
    content, places = READABLE[name]
    project.add("x.py", content)
    rows = project.rows()
    assert [(row["line"], row["column"]) for row in rows] == places
    assert {row["code"] for row in rows} <= {"DFA401"}
    assert not [one for one in recwarn if issubclass(one.category, SyntaxWarning | DeprecationWarning)]


def test_long_line_is_cut_in_the_full_format(project: Any) -> None:
    project.add("x.py", b'try: x = "' + b"a" * 5_000_000 + b'"\nexcept: y = 1\n')
    result = project.check("--output-format", "full")
    assert result.exit_code == 1
    assert max(map(len, result.stdout.splitlines())) < 400


def test_file_that_vanishes_after_it_was_found(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = project.add("x.py")
    project.add("good/ok.py")
    found = run.discover

    def discover_and_lose(*args: Any) -> Any:
        result = found(*args)
        gone.unlink()
        return result

    monkeypatch.setattr(run, "discover", discover_and_lose)
    rows = project.rows()
    assert [(row["path"], row["line"], row["code"]) for row in rows] == [NEIGHBOUR, ("x.py", 1, "DFA001")]
    assert "no such file" in rows[1]["message"]


def reads(monkeypatch: pytest.MonkeyPatch, path: str, *contents: bytes | None) -> None:
    """Let the store read these bytes from one file, one after the other; None deletes it."""
    original = Store.read
    left = list(contents)

    def read(self: Store, asked: str) -> bytes:
        if asked == path and left:
            content = left.pop(0)
            if content is None:
                (self.root / path).unlink()
            else:
                return content
        return original(self, asked)

    monkeypatch.setattr(Store, "read", read)


def test_file_that_vanishes_while_the_project_is_read(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    project.add("x.py")
    project.add("good/ok.py")
    reads(monkeypatch, "x.py", BARE_EXCEPT, None)
    assert project.found() == [NEIGHBOUR, ("x.py", 1, "DFA001")]


@pytest.mark.parametrize("later", [b"", b"x = 1\n", b"def f():\n    pass\n" * 2, b"(((\n", b"\0"])
def test_file_that_changes_while_the_project_is_read(
    project: Any, monkeypatch: pytest.MonkeyPatch, later: bytes
) -> None:
    project.add("x.py", later)
    project.add("good/ok.py")
    reads(monkeypatch, "x.py", b"\n\n\n\n\n" + BARE_EXCEPT)
    assert project.found() == [NEIGHBOUR, ("x.py", 1, "DFA001")]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads everything")
def test_file_without_read_permission(project: Any) -> None:
    project.add("x.py").chmod(0)
    project.add("good/ok.py")
    rows = project.rows()
    assert [(row["path"], row["code"]) for row in rows] == [("good/ok.py", "DFA401"), ("x.py", "DFA001")]
    assert "permission denied" in rows[1]["message"]


@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied"), OSError(5, "Input/output error")])
def test_file_that_cannot_be_opened(project: Any, monkeypatch: pytest.MonkeyPatch, error: OSError) -> None:
    project.add("x.py")
    project.add("good/ok.py")
    original = os.open

    def refuse(path: Any, *args: Any, **kwargs: Any) -> int:
        if str(path).endswith("x.py"):
            raise error
        return original(path, *args, **kwargs)

    monkeypatch.setattr(text.os, "open", refuse)
    rows = project.rows()
    assert [(row["path"], row["line"], row["code"]) for row in rows] == [NEIGHBOUR, ("x.py", 1, "DFA001")]
    assert (error.strerror or "").lower() in rows[1]["message"]


def test_folder_that_cannot_be_listed(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    project.add("shut/x.py")
    project.add("good/ok.py")
    original = os.scandir

    def refuse(path: Any) -> Any:
        if str(path).endswith("shut"):
            raise PermissionError(13, "Permission denied", str(path))
        return original(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert project.found() == [NEIGHBOUR]


def test_link_loop(project: Any) -> None:
    (project.root / "x.py").symlink_to("y.py")
    (project.root / "y.py").symlink_to("x.py")
    project.add("good/ok.py")
    assert project.found() == [NEIGHBOUR, ("x.py", 1, "DFA001"), ("y.py", 1, "DFA001")]


def test_dangling_link(project: Any) -> None:
    (project.root / "x.py").symlink_to("nowhere.py")
    assert project.found() == [("x.py", 1, "DFA001")]
    assert project.found("x.py") == [("x.py", 1, "DFA001")]


def test_linked_file_is_linted(project: Any) -> None:
    (project.root / "x.py").symlink_to(project.add("good/ok.py"))
    assert project.found() == [NEIGHBOUR, ("x.py", 3, "DFA401")]


def test_linked_folder_is_not_entered(project: Any) -> None:
    project.add("good/ok.py")
    (project.root / "again").symlink_to("good")
    (project.root / "good" / "up").symlink_to("..")
    (project.root / "folder.py").symlink_to("good")
    assert project.found() == [NEIGHBOUR]


def test_linked_folder_that_is_given_is_linted(project: Any) -> None:
    project.add("good/ok.py")
    (project.root / "again").symlink_to("good")
    assert [code for _, _, code in project.found("again")] == ["DFA401"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs FIFOs")
@pytest.mark.parametrize("args", [(), ("x.py",)])
def test_fifo_is_not_waited_for(project: Any, args: tuple[str, ...]) -> None:
    os.mkfifo(project.root / "x.py")
    rows = project.rows(*args)
    assert [(row["path"], row["line"], row["code"]) for row in rows] == [("x.py", 1, "DFA001")]
    assert "not a regular file" in rows[0]["message"]


def test_folder_named_like_a_file(project: Any) -> None:
    project.add("x.py/inner.py")
    project.add("good/ok.py")
    assert project.found() == [NEIGHBOUR, ("x.py/inner.py", 3, "DFA401")]
    assert project.found("x.py") == [("x.py/inner.py", 3, "DFA401")]


@pytest.mark.skipif(sys.platform != "linux", reason="names there must be text")
@pytest.mark.parametrize("output", ["json", "concise", "full", "github"])
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_file_name_that_is_not_text(project: Any, output: str, jobs: str) -> None:
    Path(os.fsdecode(os.fsencode(project.root) + b"/\xff.py")).write_bytes(BARE_EXCEPT)
    result = project.check("--output-format", output, "--jobs", jobs)
    assert result.exit_code == 1
    assert "DFA401" in result.stdout


@pytest.mark.parametrize("name", ["with space.py", "naïve.py", "a,b:c%.py", "-x.py", "x[1].py", "'quote\".py"])
def test_file_names_that_are_text(project: Any, name: str) -> None:
    project.add(name)
    assert project.found() == [(name, 3, "DFA401")]
    assert project.found("--", name) == [(name, 3, "DFA401")]


@pytest.mark.parametrize("content", [b"\xff", b"\0", b"{# djfa: ignore[DFA401] \xff #}"])
def test_unreadable_template_does_not_end_the_run(project: Any, content: bytes) -> None:
    project.add("templates/x.html", content)
    project.add("good/ok.py")
    found = project.found()
    assert found[0] == NEIGHBOUR
    assert set(found[1:]) <= {("templates/x.html", 1, "DFA001")}


@pytest.mark.parametrize("args", [("nowhere.py",), ("good", "nowhere"), ("good/ok.py/deeper",)])
def test_given_path_that_does_not_exist(project: Any, args: tuple[str, ...]) -> None:
    project.add("good/ok.py")
    result = project.check(*args)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert args[-1] in result.stderr


def test_unreadable_file_is_told_whatever_rules_are_selected(project: Any) -> None:
    project.add("x.py", "(")
    assert project.found("--select", "DFA4,DFA001") == [("x.py", 1, "DFA001")]
    assert project.found("--ignore", "DFA001") == []


def test_configuration_speaks_about_unreadable_files_too(project: Any) -> None:
    project.add("djfa-lint.toml", '[per-file-ignores]\n"old/*" = ["DFA001"]\n[severity]\nDFA001 = "info"\n')
    project.add("old/x.py", "(")
    project.add("new.py", "(")
    assert [(row["path"], row["severity"]) for row in project.rows()] == [("new.py", "info")]
