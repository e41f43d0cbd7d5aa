"""Comments that hide findings, and what is said of those that hide nothing or cannot be read."""

from __future__ import annotations

from typing import Any

import pytest

# Findings: DFA411 at the default on line 1, DFA401 on line 4.
TWO = """\
def f(a=[]):{first}
    try:
        return a
    except:{second}
        return None
"""


def two(first: str = "", second: str = "") -> str:
    return TWO.format(first=first and "  " + first, second=second and "  " + second)


@pytest.mark.parametrize(
    ("first", "second", "left"),
    [
        ("", "", [(1, "DFA411"), (4, "DFA401")]),
        ("", "# djfa: ignore[DFA401] it ends the worker", [(1, "DFA411")]),
        ("", "# djfa: ignore[DFA401]", [(1, "DFA411")]),
        ("", "#djfa:ignore[DFA401]", [(1, "DFA411")]),
        ("", "# djfa: ignore[ DFA401 ]", [(1, "DFA411")]),
        ("", "# djfa: ignore[dfa401]", [(1, "DFA411")]),
        ("", "# djfa: ignore[bare-except-clause] by name", [(1, "DFA411")]),
        ("# djfa: ignore[mutable-default, DFA412]", "", [(4, "DFA401")]),
        ("# djfa: ignore[DFA412,mutable-default]", "", [(4, "DFA401")]),
        ("# djfa: ignore[DFA412 DFA411]", "", [(4, "DFA401")]),
        ("# djfa: ignore[DFA411]", "# djfa: ignore[DFA401]", []),
        ("# type: ignore # djfa: ignore[DFA411]", "", [(4, "DFA401")]),
        ("# djfa: ignore[DFA411] # type: ignore", "", [(4, "DFA401")]),
        ("# noqa: E501 # djfa: ignore[DFA411]", "", [(4, "DFA401")]),
        ("# djfa: ignore[DFA411] # noqa: E501", "", [(4, "DFA401")]),
        ("# djfa: ignore[DFA412] # djfa: ignore[DFA411]", "", [(4, "DFA401")]),
        ("# noqa: DFA411 # djfa: ignore[DFA412]", "", [(4, "DFA401")]),
        ("# djfa: ignore[DFA401]", "", [(1, "DFA411"), (4, "DFA401")]),
        ("# djfa: ignore[DFA4]", "", [(1, "DFA411"), (4, "DFA401")]),
        ("# djfa: ignore-file[DFA401]", "", [(1, "DFA411")]),
        ("", "# djfa: ignore-file[DFA411, bare-except-clause] generated", []),
    ],
)
def test_trailing_comment(project: Any, first: str, second: str, left: list[tuple[int, str]]) -> None:
    project.add("x.py", two(first, second))
    assert [(line, code) for _, line, code in project.found("--select", "DFA411,DFA401")] == left


HIDDEN = {
    "next line": "# djfa: ignore[DFA411]\ndef f(a=[]): return a\n",
    "blank line between": "# djfa: ignore[DFA411]\n\n\ndef f(a=[]): return a\n",
    "comments between": "# djfa: ignore[DFA411]\n# because\n\n# of this\ndef f(a=[]): return a\n",
    "statement over lines": "# djfa: ignore[DFA411]\ndef f(\n    a=1,\n    b=[],\n): return b\n",
    "decorator between": "# djfa: ignore[DFA411]\n@x\ndef f(a=[]): return a\n",
    "decorators and comments": "# djfa: ignore[DFA411]\n@x(\n    y\n)\n# z\n@w\ndef f(\n    a=[],\n): return a\n",
    "below the decorator": "@x\n# djfa: ignore[DFA411]\ndef f(a=[]): return a\n",
    "in a block": "class A:\n    # djfa: ignore[DFA411]\n    def f(self, a=[]): return a\n",
    "first in a block": "class A:\n    # djfa: ignore[DFA411]\n\n    @x\n    def f(self, a=[]): return a\n",
    "after a dedent": "if x:\n    y = 1\n# djfa: ignore[DFA411]\ndef f(a=[]): return a\n",
    "indented deeper than its target": "if x:\n    y = 1\n    # djfa: ignore[DFA411]\ndef f(a=[]): return a\n",
    "a string follows on the line": '# djfa: ignore[DFA411]\ndef f(b="""\n""", a=[]): return a\n',
    "statement over a backslash": "# djfa: ignore[DFA411]\ndef f(b, \\\n      a=[]): return a\n",
    "two comments, one statement": "# djfa: ignore[DFA411]\n# djfa: ignore[DFA401]\ndef f(a=[]): return a\n",
    "CRLF": "# djfa: ignore[DFA411]\r\n\r\n@x\r\ndef f(a=[]): return a\r\n",
    "lone CR": "# djfa: ignore[DFA411]\r\rdef f(a=[]): return a\r",
    "byte order mark": "\ufeff# djfa: ignore[DFA411]\ndef f(a=[]): return a\n",
    "form feed between": "# djfa: ignore[DFA411]\n\f\ndef f(a=[]): return a\n",
}


@pytest.mark.parametrize("name", HIDDEN)
def test_comment_on_its_own_line_speaks_for_the_next_statement(project: Any, name: str) -> None:
    project.add("x.py", HIDDEN[name])
    assert project.found("--select", "DFA411") == []


SHOWN = {
    "the statement after the next": ("# djfa: ignore[DFA411]\nx = 1\ndef f(a=[]): return a\n", 3),
    "the body of the next": ("# djfa: ignore[DFA411]\nif x:\n    def f(a=[]): return a\n", 3),
    "the line above": ("def f(a=[]): return a\n# djfa: ignore[DFA411]\n", 1),
    "a string": ('s = "# djfa: ignore[DFA411]"; f = lambda a=[]: a\n', 1),
    "a string on its own line": ('s = """\n# djfa: ignore[DFA411]\n"""\ndef f(a=[]): return a\n', 4),
    "a file comment in a string": ('"""\n# djfa: ignore-file[DFA411]\n"""\ndef f(a=[]): return a\n', 4),
    "a mention without a hash": ("# see djfa: ignore[DFA411]\ndef f(a=[]): return a\n", 2),
    "a name that begins like it": ("# djfac: ignore[DFA411]\ndef f(a=[]): return a\n", 2),
}


@pytest.mark.parametrize("name", SHOWN)
def test_comment_does_not_reach(project: Any, name: str) -> None:
    text, line = SHOWN[name]
    project.add("x.py", text)
    assert project.found("--select", "DFA411") == [("x.py", line, "DFA411")]


def test_comment_on_its_own_line_inside_a_statement(project: Any) -> None:
    project.add("x.py", "def f(\n    b,\n    # djfa: ignore[DFA411] never changed\n    a=[],\n): return a\n")
    assert project.found() == []


# What flake8 7.5 does with a finding on the last line but trailing ones: does the comment hide it?
NOQA = {
    "try: a\nexcept: b  # noqa\n": True,
    "try: a\nexcept: b  # NoQA\n": True,
    "try: a\nexcept: b  # noqa: DFA401\n": True,
    "try: a\nexcept: b  # noqa:DFA401\n": True,
    "try: a\nexcept: b  # NOQA:DFA401\n": True,
    "try: a\nexcept: b  # noqa: DFA4\n": True,
    "try: a\nexcept: b  # noqa: DFA401 because\n": True,
    "try: a\nexcept: b  # noqa: DFA401 -- because\n": True,
    "try: a\nexcept: b  # noqa: E1, DFA401\n": True,
    "try: a\nexcept: b  # noqa: E1 DFA401\n": True,
    "try: a\nexcept: b  # noqa: E1,DFA401\n": True,
    "try: a\nexcept: b  # noqa because\n": True,
    "try: a\nexcept: b  # noqa: DFA\n": True,  # no digits: not a code, so it hides everything
    "try: a\nexcept: b  # noqa : E1\n": True,
    "try: a\nexcept: b  # noqa:  E1\n": True,
    "try: a\nexcept: b  # type: ignore # noqa\n": True,
    "try: a\nexcept: b = '''\n'''  # noqa\n": True,
    "try: a\nexcept: b = '''\n'''  # noqa: DFA401\n": True,
    "try: a\nexcept: b = \\\n    1  # noqa: DFA401\n": True,
    "try: a\nexcept: b = \\\n  '''\n''' + \\\n    c  # noqa\n": True,
    "try: a\nexcept: b  # noqa: E1\n": False,
    "try: a\nexcept: b  # noqa: DFA402\n": False,
    "try: a\nexcept: b  # noqa: E1 because of DFA401\n": False,
    "try: a  # noqa\nexcept: b\n": False,
    "try: a\nexcept: b\n# noqa\n": False,
    "# noqa\ntry: a\nexcept: b\n": False,
    "try: a\nexcept: b = (\n    1)  # noqa\n": False,
    "try: a\nexcept: b\n'''\n'''  # noqa\n": False,
    "# flake8: noqa\ntry: a\nexcept: b\n": True,
    "# flake8=noqa\ntry: a\nexcept: b\n": True,
    "# FLAKE8: NOQA\ntry: a\nexcept: b\n": True,
    "try: a\nexcept: b\n# flake8: noqa\n": True,
    "try: a\nexcept:\n    # flake8: noqa\n    b\n": True,
    "# flake8: noqa: DFA401\ntry: a\nexcept: b\n": True,
    "x = 'flake8: noqa'\ntry: a\nexcept: b\n": False,
}


@pytest.mark.parametrize("text", NOQA)
def test_noqa_as_flake8_reads_it(project: Any, text: str) -> None:
    project.add("x.py", text)
    assert (project.found("--select", "DFA401") == []) is NOQA[text]


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("x = 1  # flake8: noqa\ntry: a\nexcept: b\n", False),
        ("try: a\nexcept: b  # flake8: noqa\n", False),
        ("# flake8: noqa because it is generated\ntry: a\nexcept: b\n", True),
    ],
)
def test_flake8_noqa_as_flake8_reads_it(project: Any, text: str, hidden: bool) -> None:
    project.add("x.py", text)
    assert (project.found("--select", "DFA401") == []) is hidden


def test_noqa_never_hides_another_line_of_a_large_file(project: Any) -> None:
    filler = "x = 1\n" * 1000
    project.add("x.py", f"{filler}try: a\nexcept: b\n{filler}y = 2  # noqa\n{filler}try: a\nexcept: b  # noqa\n")
    assert project.found() == [("x.py", 1002, "DFA401")]


# Text before, text after the safe fix, and the message.
UNUSED = {
    "trailing": ("x = 1  # djfa: ignore[DFA401] old\n", "x = 1\n", "`DFA401`"),
    "own line": ("# djfa: ignore[DFA401] old\nx = 1\n", "x = 1\n", "`DFA401`"),
    "own line in a block": ("if x:\n    # djfa: ignore[DFA401] old\n    y = 1\n", "if x:\n    y = 1\n", "`DFA401`"),
    "CRLF": ("# djfa: ignore[DFA401]\r\nx = 1\r\n", "x = 1\r\n", "`DFA401`"),
    "last line, no newline": ("x = 1\n# djfa: ignore[DFA401]", "x = 1\n", "`DFA401`"),
    "by name": ("x = 1  # djfa: ignore[bare-except-clause]\n", "x = 1\n", "`bare-except-clause`"),
    "file": ("# djfa: ignore-file[DFA401]\nx = 1\n", "x = 1\n", "`DFA401`"),
    "two codes": ("x = 1  # djfa: ignore[DFA401, DFA411]\n", "x = 1\n", "`DFA401`, `DFA411`"),
    "one of two codes": (
        "def f(a=[]): return a  # djfa: ignore[DFA401, DFA411] shared\n",
        "def f(a=[]): return a  # djfa: ignore[DFA411] shared\n",
        "`DFA401`",
    ),
    "the middle one of three": (
        "def f(a=[], b=1): return a  # djfa: ignore[DFA411,DFA401,mutable-default]\n",
        "def f(a=[], b=1): return a  # djfa: ignore[DFA411, mutable-default]\n",
        "`DFA401`",
    ),
    "before another comment": ("x = 1  # djfa: ignore[DFA401] # noqa: E1\n", "x = 1 # noqa: E1\n", "`DFA401`"),
    "after another comment": ("x = 1  # noqa: E1 # djfa: ignore[DFA401]\n", "x = 1  # noqa: E1\n", "`DFA401`"),
    "own line with another comment": ("# djfa: ignore[DFA401] # a\nx = 1\n", " # a\nx = 1\n", "`DFA401`"),
    "after non-ASCII text": ('x = "é𝔘"  # djfa: ignore[DFA401] ñ\n', 'x = "é𝔘"\n', "`DFA401`"),
}


@pytest.mark.parametrize("name", UNUSED)
def test_comment_that_hides_nothing(project: Any, name: str) -> None:
    before, after, words = UNUSED[name]
    path = project.add("x.py", before)
    rows = project.rows()
    assert [row["code"] for row in rows] == ["DFA003"]
    assert words in rows[0]["message"]
    assert rows[0]["fix"]["applicability"] == "safe"
    assert project.check("--fix").exit_code == 0
    assert path.read_bytes() == after.encode()


def test_reason_with_a_hash_in_it_goes_with_its_comment(project: Any) -> None:
    path = project.add("x.py", "x = 1  # djfa: ignore[DFA401] until issue #12 is closed\n")
    project.check("--fix")
    assert path.read_text() == "x = 1\n"


@pytest.mark.parametrize(
    ("text", "args"),
    [
        ("x = 1  # djfa: ignore[DFA401]\n", ("--select", "DFA003,DFA411")),
        ("x = 1  # djfa: ignore[DFA401]\n", ("--ignore", "DFA401")),
        ("x = 1  # djfa: ignore[DFA401]\n", ("--ignore", "DFA003")),
        ("x = 1  # noqa: DFA401\n", ()),
        ("x = 1  # noqa\n", ()),
        ("try: a\nexcept: b  # djfa: ignore[DFA401]  # noqa: DFA401\n", ()),
        ("x = 1  # djfa: ignore[DFA401, DFA003]\n", ()),
    ],
)
def test_comment_that_is_not_called_unused(project: Any, text: str, args: tuple[str, ...]) -> None:
    project.add("x.py", text)
    assert project.found(*args) == []


def test_comment_is_not_called_unused_where_its_code_is_spared(project: Any) -> None:
    project.add("djfa-lint.toml", '[per-file-ignores]\n"old/*" = ["DFA401"]\n')
    project.add("old/x.py", "x = 1  # djfa: ignore[DFA401]\n")
    project.add("new/x.py", "x = 1  # djfa: ignore[DFA401]\n")
    assert project.found() == [("new/x.py", 1, "DFA003")]


def test_comment_is_not_called_unused_where_its_rule_skips_the_file(project: Any) -> None:
    """Otherwise the comment has to go once its file is called a test, and come back after."""
    text = "import time\nasync def f():\n    time.sleep(1)  # djfa: ignore[DFA301] short\n"
    project.add("app/views.py", text)
    project.add("app/tests/test_views.py", text)
    assert project.found() == []


# The text, then column, end column and a part of the message.
INVALID = {
    "unknown code": ("x = 1  # djfa: ignore[DFA498]\n", 23, 29, "`DFA498`"),
    "beginning of a code": ("x = 1  # djfa: ignore[DFA40]\n", 23, 28, "`DFA40`"),
    "a name like it": ("x = 1  # djfa: ignore[bare-except]\n", 23, 34, "did you mean `bare-except-clause`?"),
    "no code": ("x = 1  # djfa: ignore\n", 8, 22, "names no code"),
    "empty brackets": ("x = 1  # djfa: ignore[]\n", 8, 24, "names no code"),
    "no code for the file": ("# djfa: ignore-file because\n", 1, 28, "names no code"),
    "unknown verb": ("x = 1  # djfa: disable[DFA401]\n", 8, 31, "`disable` is not a directive"),
    "no verb": ("x = 1  # djfa:\n", 8, 15, "there is no directive"),
    "brackets alone": ("x = 1  # djfa: [DFA401]\n", 8, 24, "there is no directive"),
    "never closed": ("x = 1  # djfa: ignore[DFA401\n", 8, 29, "names no code"),
    "after non-ASCII text": ('x = "é𝔘"  # djfa: ignore[DFA498]\n', 26, 32, "`DFA498`"),
}


@pytest.mark.parametrize("name", INVALID)
def test_comment_that_cannot_be_read(project: Any, name: str) -> None:
    text, column, end_column, words = INVALID[name]
    project.add("x.py", text)
    rows = project.rows()
    assert [(row["code"], row["line"], row["column"], row["end_column"]) for row in rows] == [
        ("DFA004", 1, column, end_column)
    ]
    assert words in rows[0]["message"]
    assert rows[0]["fix"] is None


def test_only_the_unknown_one_of_two_codes_is_reported(project: Any) -> None:
    project.add("x.py", "try: a\nexcept: b  # djfa: ignore[DFA401, DFA498]\n")
    assert project.found() == [("x.py", 2, "DFA004")]


def test_comment_about_a_file_that_does_not_parse_says_nothing(project: Any) -> None:
    project.add("x.py", "# djfa: ignore-file[DFA001]\n(\n")
    assert project.found() == [("x.py", 2, "DFA001")]


@pytest.mark.parametrize("folder", ["templates", "app/templates/app", "jinja2"])
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("<p>{# djfa: ignore[DFA401] old #}</p>\n", [(1, 4, "DFA003")]),
        ("\n  {# djfa: ignore[DFA401] #}\n<p>\n", [(2, 3, "DFA003")]),
        ("{# djfa: ignore-file[bare-except-clause] #}\n", [(1, 1, "DFA003")]),
        ("é{# djfa: ignore[DFA498] #}\n", [(1, 18, "DFA004")]),
        ("{#djfa: ignore[DFA498]#}\r\n{# djfa: ignore #}\r\n", [(1, 16, "DFA004"), (2, 1, "DFA004")]),
        ("{# djfa: skip[DFA401] #}{# djfa: #}\n", [(1, 1, "DFA004"), (1, 25, "DFA004")]),
        ("{# see djfa: ignore #}\n# djfa: ignore\n<!-- djfa: ignore -->\n", []),
        ("{# djfa: ignore\n#}\n", []),
    ],
)
def test_templates(project: Any, folder: str, text: str, found: list[tuple[int, int, str]]) -> None:
    project.add(f"{folder}/x.html", text)
    assert [(row["line"], row["column"], row["code"]) for row in project.rows()] == found


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<p>{# djfa: ignore[DFA401] old #}</p>\n", "<p></p>\n"),
        ("a\n  {# djfa: ignore[DFA401] old #}\nb\n", "a\nb\n"),
        ("a {# djfa: ignore[DFA401] old #} b\r\n", "a b\r\n"),
        ("{# djfa: ignore[DFA401, DFA498] #}\n", "{# djfa: ignore[DFA498] #}\n"),
    ],
)
def test_template_comment_is_removed(project: Any, before: str, after: str) -> None:
    path = project.add("templates/x.html", before)
    project.check("--fix")
    assert path.read_bytes() == after.encode()


def test_only_files_in_template_folders_are_templates(project: Any) -> None:
    project.add("docs/x.html", "{# djfa: ignore #}\n")
    project.add("templates/x.css", "{# djfa: ignore #}\n")
    assert project.found() == []


def test_a_comment_about_an_invalid_comment_is_used(project: Any) -> None:
    project.add("x.py", "# djfa: ignore-file[DFA004]\nx = 1  # djfa: ignore[DFA498]\n")
    assert project.found() == []
