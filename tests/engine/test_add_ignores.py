"""Comments that hide what is found: where they go, what they leave as it is, and that they hide it."""

from __future__ import annotations

import ast
import codecs
import io
import sys
import tempfile
import tokenize
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import libcst as cst
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from djfa_lint.engine.add_ignores import add_ignores
from djfa_lint.engine.config import Config
from djfa_lint.engine.fix import Fixed
from djfa_lint.engine.own import ALWAYS_ON, OWN_RULES
from djfa_lint.engine.registry import Registry, load_registry
from djfa_lint.engine.run import Request
from djfa_lint.engine.selection import make_selection
from djfa_lint.sdk.context import Context
from djfa_lint.sdk.finding import Draft
from djfa_lint.sdk.rule import Rule
from djfa_lint.source.store import Store

REPOSITORY = Path(__file__).resolve().parents[2]
FIXTURES = sorted(path for path in (REPOSITORY / "fixtures").glob("*") if path.is_dir())
F = "[DFA411]"


def request(root: Path, registry: Registry, overlay: dict[str, bytes] | None = None) -> Request:
    config = Config(root=root)
    selection = make_selection(config, registry, ["ALL"])
    return Request(config, Store(root, overlay), registry, selection, (root,), strict=True)


def check_promises(asked: Request) -> Fixed:
    """All is hidden, by comments alone, and a second run has nothing to do."""
    made = add_ignores(asked)
    assert {one.code for one in made.outcome.findings} <= ALWAYS_ON
    assert made.dropped == []
    for path, data in made.texts.items():
        before = asked.store.read(path)
        assert is_put_into(before, data), path
        if path.endswith((".py", ".pyi")):
            assert ast.dump(ast.parse(data)) == ast.dump(ast.parse(before)), path
            assert code(data) == code(before), path
    assert not add_ignores(replace(asked, store=Store(asked.store.root, {**asked.store.overlay, **made.texts}))).texts
    return made


def is_put_into(before: bytes, after: bytes) -> bool:
    """Whether `after` is `before` with bytes put in."""
    left = iter(after)
    return all(byte in left for byte in before)


def code(data: bytes) -> list[tuple[int, str]]:
    tokens = tokenize.tokenize(io.BytesIO(data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")).readline)
    return [(one.type, one.string) for one in tokens if one.type not in {tokenize.COMMENT, tokenize.NL}]


@pytest.mark.parametrize("folder", FIXTURES, ids=lambda folder: folder.name)
def test_fixtures(folder: Path) -> None:
    made = check_promises(request(folder, load_registry()))
    assert made.texts or folder.name == "unreadable_file"


def test_example_shop() -> None:
    assert check_promises(request(REPOSITORY / "examples" / "shop", load_registry())).made > 10


def reporting(node_type: type[cst.CSTNode], number: int) -> Rule:
    rule = Rule(f"fake.every_{node_type.__name__}", "Every node.", code=f"ZZ{number:03}", since="0", category="fake")

    @rule.on(node_type)
    def check(node: cst.CSTNode, ctx: Context) -> Iterator[Draft]:
        yield rule.at(node, "here")

    return rule


KINDS = (cst.Name, cst.SimpleString, cst.FormattedString, cst.FormattedStringExpression, cst.Pass, cst.Decorator)
EVERYWHERE = Registry([*OWN_RULES, *(reporting(one, number) for number, one in enumerate(KINDS))])
BLOCKS = (
    "a = b\n",
    "a = b  # noqa: E501\n",
    "a = b  # type: ignore  # djfa: ignore[ZZ000] why\n",
    "a = b   \t\n",
    "# djfa: ignore[ZZ000]\na = b\n",
    "# djfa: ignore[ZZ005]\na = b\n",
    "# djfa: ignore\n# djfa: ignore[none]\n",
    "# pylint: disable-next=x\na = b\\\n.c\n",
    "a = '''x\n\\\n'''; b = 'x\\\ny'\n",
    "a = (b,\n\n  # c\n  '''x\n''', d\n)\n",
    "a = b + \\\n  c + '''\n\\\n''' \\\n  + d\n",
    "a = f'''{b}\n{c!r:>{d}}\n'''\n",
    "a = f'{b}' f'''\n''' 'x\\\ny'  # z\n",
    "@a\n@b(\n c)\ndef d(e: f =\n g): pass\n",
    "class A:\n    '''x\n    '''\n    def b(self): return 'x' \\\n        'y'\n    c: d  #: said of c\n",
    "if a:\n\tb = '''\n'''\nelif c \\\n  : d\nelse: pass\n",
    "\f\na; b; c = 'é\\\n'\n",
    "\\\na = b\n",
    "try: a\nexcept: # why \\\n  b\n",
)


@settings(max_examples=50)
@given(st.lists(st.sampled_from(BLOCKS), min_size=1, max_size=6), st.sampled_from(["\n", "\r\n", "\r"]), st.data())
def test_comments_can_be_put_everywhere(blocks: list[str], newline: str, data: st.DataObject) -> None:
    text = "".join(blocks).replace("\n", newline)
    if data.draw(st.booleans(), "without the last line end"):
        text = text.removesuffix(newline)
    # Python looks for a coding line up to `\n`.
    kinds = ["utf-8", "utf-8-sig", *(["latin-1", "cp1252"] if newline != "\r" else [])]
    kind = data.draw(st.sampled_from(kinds), "encoding")
    head = "" if kind.startswith("utf") else f"#!/usr/bin/python{newline}# -*- coding: {kind} -*-{newline}"
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "x.py").write_bytes((head + text).encode(kind))
        made = check_promises(request(Path(folder), EVERYWHERE))
    written = made.texts.get("x.py", (head + text).encode(kind))
    assert head.encode() in written
    assert written.startswith(codecs.BOM_UTF8) == (kind == "utf-8-sig")


# Where `def f(a=[])` stands (DFA411 on the line of the list), and where its comment goes.
PLACES = {
    "at the end": ("def f(a=[]): return a\n", f"def f(a=[]): return a  # djfa: ignore{F}\n"),
    "before spaces": ("def f(a=[]): return a  \n", f"def f(a=[]): return a  # djfa: ignore{F}  \n"),
    "without a line end": ("def f(a=[]): return a", f"def f(a=[]): return a  # djfa: ignore{F}"),
    "CRLF": ("def f(a=[]): return a\r\nx = 1\r\n", f"def f(a=[]): return a  # djfa: ignore{F}\r\nx = 1\r\n"),
    "between brackets": ("def f(\n  a=[],\n): return a\n", f"def f(\n  a=[],  # djfa: ignore{F}\n): return a\n"),
    "after noqa": ("def f(a=[]): return a  # noqa: E1\n", f"def f(a=[]): return a  # noqa: E1  # djfa: ignore{F}\n"),
    "after type: ignore": (
        "def f(a=[]): return a  # type: ignore[x]\n",
        f"def f(a=[]): return a  # type: ignore[x]  # djfa: ignore{F}\n",
    ),
    "another code": (
        "def f(a=[]): return a  # djfa: ignore[DFA401] why\n",
        "def f(a=[]): return a  # djfa: ignore[DFA401, DFA411] why\n",
    ),
    "a name": (
        "def f(a=[]): return a  # djfa: ignore[ bare-except-clause ]\n",
        "def f(a=[]): return a  # djfa: ignore[ bare-except-clause, DFA411 ]\n",
    ),
    "comment above": (
        "# djfa: ignore[DFA401]\ndef f(a=[]): return a\n",
        "# djfa: ignore[DFA401, DFA411]\ndef f(a=[]): return a\n",
    ),
    "both comments": (
        "# djfa: ignore[DFA401]\ndef f(a=[]): return a  # djfa: ignore[DFA412]\n",
        "# djfa: ignore[DFA401]\ndef f(a=[]): return a  # djfa: ignore[DFA412, DFA411]\n",
    ),
    "comment for the file": (
        "# djfa: ignore-file[DFA401]\ndef f(a=[]): return a\n",
        f"# djfa: ignore-file[DFA401]\ndef f(a=[]): return a  # djfa: ignore{F}\n",
    ),
    "before a backslash": (
        "if x:\n    def f(b, \\\n      a=[]): return a\n",
        f"if x:\n    def f(b, \\\n      a=[]): return a  # djfa: ignore{F}\n",
    ),
    "on the line of a backslash": (
        "if x:\n    def f(a=[], \\\n      b=1): return a\n",
        f"if x:\n    # djfa: ignore{F}\n    def f(a=[], \\\n      b=1): return a\n",
    ),
    "before a string's end": (
        'def f(b="""\n""", a=[]): return a\n',
        f'def f(b="""\n""", a=[]): return a  # djfa: ignore{F}\n',
    ),
    "in front of a long string": (
        '@x\ndef f(a=[], b="""\n"""): return a\n',
        f'@x\n# djfa: ignore{F}\ndef f(a=[], b="""\n"""): return a\n',
    ),
    "in front of a long string, CRLF": (
        '\tx\r\ndef f(a=[], b="""\r\n"""): return a\r\n'.lstrip("\t"),
        f'x\r\n# djfa: ignore{F}\r\ndef f(a=[], b="""\r\n"""): return a\r\n',
    ),
    "above another tool's next line": (
        "# why\n# pylint: disable-next=x\ndef f(a=[], \\\n  b=1): return a\n",
        f"# why\n# djfa: ignore{F}\n# pylint: disable-next=x\ndef f(a=[], \\\n  b=1): return a\n",
    ),
    "where the comment is the attribute's documentation": (
        "class A:\n    f = lambda a=[]: a  #: said of f\n",
        f"class A:\n    # djfa: ignore{F}\n    f = lambda a=[]: a  #: said of f\n",
    ),
    "above the last line, which has no end": (
        "class A:\n    f = lambda a=[]: a  #: said of f",
        f"class A:\n    # djfa: ignore{F}\n    f = lambda a=[]: a  #: said of f",
    ),
    "two on a line": (
        "def f(a=[], b={}): return a\n",
        f"def f(a=[], b={{}}): return a  # djfa: ignore{F}\n",
    ),
    "in a word of a string": (
        'x = "# djfa: ignore[DFA411]"\ndef f(a=[]): return a\n',
        f'x = "# djfa: ignore[DFA411]"\ndef f(a=[]): return a  # djfa: ignore{F}\n',
    ),
}


@pytest.mark.parametrize("name", PLACES)
def test_where_a_comment_goes(project: Any, name: str) -> None:
    before, after = PLACES[name]
    path = project.add("x.py", before)
    assert project.check("--add-ignores", "--select", "DFA411").exit_code == 0
    assert path.read_bytes().decode() == after
    assert project.check("--add-ignores", "--select", "DFA411").exit_code == 0
    assert path.read_bytes().decode() == after


@pytest.mark.skipif(sys.version_info < (3, 12), reason="strings in fields of strings begin with Python 3.12")
def test_line_ends_in_fields_are_inside_the_string(project: Any) -> None:
    text = 'x = f"{(lambda a=[]: a\n  )}"\n'
    path = project.add("x.py", text)
    assert project.check("--add-ignores", "--select", "DFA411").exit_code == 0
    assert path.read_text() == f"# djfa: ignore{F}\n" + text


TWO = "def f(a=[]): return a\ntry: f()\nexcept: x = 1\n"
HIDDEN = f"def f(a=[]): return a  # djfa: ignore{F}\ntry: f()\nexcept: x = 1  # djfa: ignore[DFA401]\n"


def test_only_what_would_be_reported_is_hidden(project: Any) -> None:
    one, other = project.add("one.py", TWO), project.add("other.py", TWO)
    result = project.check("--add-ignores", "--ignore", "DFA102", "one.py")
    assert (result.exit_code, one.read_text(), other.read_text()) == (0, HIDDEN, TWO)
    assert "2 findings are hidden by comments that were put in." in result.stdout
    project.check("--add-ignores", "--select", "DFA411", "other.py")
    assert other.read_text() == TWO.replace("return a\n", f"return a  # djfa: ignore{F}\n")


def test_what_no_comment_hides_is_reported(project: Any) -> None:
    project.add("x.py", TWO)
    broken = project.add("broken.py", "def f(a=[]): (\n")
    assert project.found("--add-ignores", "--ignore", "DFA102") == [("broken.py", 1, "DFA001")]
    assert broken.read_text() == "def f(a=[]): (\n"


def test_diff_shows_and_writes_nothing(project: Any) -> None:
    path = project.add("x.py", TWO)
    result = project.check("--add-ignores", "--diff", "--ignore", "DFA102")
    assert result.exit_code == 1
    assert "+def f(a=[]): return a  # djfa: ignore[DFA411]" in result.stdout
    assert result.stderr == ""
    assert path.read_text() == TWO
    project.add("x.py", HIDDEN)
    quiet = project.check("--add-ignores", "--diff", "--ignore", "DFA102")
    assert (quiet.exit_code, quiet.output) == (0, "")


def test_comments_about_comments(project: Any) -> None:
    path = project.add("x.py", "# djfa: ignore[DFA401]\nx = 1  # djfa: ignore[DFA411]\n")
    project.add("templates/x.html", "{# djfa: ignore[DFA401] #}\n<p>{# djfa: ignore[DFA411] #}</p>\n")
    assert project.found("--add-ignores") == []
    assert path.read_text() == "# djfa: ignore[DFA401]  # noqa: DFA003\nx = 1  # djfa: ignore[DFA411, DFA003]\n"
    assert (project.root / "templates/x.html").read_text() == (
        "{# djfa: ignore[DFA003] #}\n{# djfa: ignore[DFA401] #}\n<p>{# djfa: ignore[DFA411, DFA003] #}</p>\n"
    )


@pytest.mark.parametrize("other", ["--fix", "--unsafe-fixes"])
def test_not_together(project: Any, other: str) -> None:
    path = project.add("x.py", TWO)
    result = project.check("--add-ignores", other)
    assert (result.exit_code, result.stdout, path.read_text()) == (2, "", TWO)
    assert f"`{other}` cannot be used with `--add-ignores`" in result.stderr


def test_file_that_would_be_written_back_otherwise_is_left(project: Any) -> None:
    # In UTF-7 the same text can be written in more than one way.
    data = b"# coding: utf-7\nx = '+AGEAYQ-'\ndef f(a+AD0-[]): return a\n"
    path = project.add("x.py", data)
    result = project.check("--add-ignores", "--select", "DFA411")
    assert (result.exit_code, path.read_bytes()) == (1, data)
    assert "x.py:3: DFA411 cannot be hidden by a comment" in result.stderr
