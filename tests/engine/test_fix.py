"""Fixes: which are made, how they share a file, what of the file stays, and how they are written."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import libcst as cst
import pytest

from djfa_lint.engine import fix as fix_module
from djfa_lint.engine.config import Config
from djfa_lint.engine.fix import Fixed, apply_edits, fix
from djfa_lint.engine.registry import Registry
from djfa_lint.engine.run import Request
from djfa_lint.engine.selection import make_selection
from djfa_lint.sdk.context import Context
from djfa_lint.sdk.finding import Draft, Edit, Fix
from djfa_lint.sdk.rule import Rule
from djfa_lint.source.lines import Span
from djfa_lint.source.store import Store
from djfa_lint.source.text import decode_python

SAFE = "x = 1  # djfa: ignore[DFA401]\n"
UNSAFE = "try: a\nexcept: b\n"
BOTH = SAFE + UNSAFE
FIXED_SAFE = "x = 1\n"
FIXED_UNSAFE = "try: a\nexcept Exception: b\n"


@pytest.mark.parametrize(
    ("args", "text", "exit_code"),
    [
        ((), BOTH, 1),
        (("--unsafe-fixes",), BOTH, 1),
        (("--fix",), FIXED_SAFE + UNSAFE, 1),
        (("--fix", "--unsafe-fixes"), FIXED_SAFE + FIXED_UNSAFE, 0),
        (("--fix", "--exit-zero"), FIXED_SAFE + UNSAFE, 0),
        (("--diff",), BOTH, 1),
        (("--diff", "--fix", "--unsafe-fixes"), BOTH, 1),
        (("--diff", "--exit-zero"), BOTH, 0),
        (("--fix", "--select", "DFA401"), BOTH, 1),
        (("--fix", "--unsafe-fixes", "--select", "DFA401"), SAFE + FIXED_UNSAFE, 0),
    ],
)
def test_which_fixes_are_made(project: Any, args: tuple[str, ...], text: str, exit_code: int) -> None:
    path = project.add("x.py", BOTH)
    assert project.check(*args).exit_code == exit_code
    assert path.read_text() == text


def test_only_given_files_are_fixed(project: Any) -> None:
    one, other = project.add("one.py", BOTH), project.add("other.py", BOTH)
    project.check("--fix", "one.py")
    assert (one.read_text(), other.read_text()) == (FIXED_SAFE + UNSAFE, BOTH)


def test_what_was_fixed_is_not_reported_any_more(project: Any) -> None:
    project.add("x.py", BOTH)
    assert project.found("--fix") == [("x.py", 3, "DFA401")]
    assert project.found() == [("x.py", 3, "DFA401")]


def test_number_of_fixes_is_told(project: Any) -> None:
    project.add("x.py", BOTH)
    assert "Fixed 1 finding." in project.check("--fix").stdout
    project.add("x.py", BOTH)
    assert "Fixed 2 findings." in project.check("--fix", "--unsafe-fixes").stdout
    assert "Fixed" not in project.check("--fix", "--unsafe-fixes").stdout


SLEEPS = "async def f():\n    import time\n    time.sleep(1){}\n"
# Text before and after all fixes, the new imports and empty lines left out: where they go is tested below.
MERGED = {
    "two defaults of one function": (
        "def f(a=[], b={}):\n    return a, b\n",
        "def f(a=None, b=None):\n"
        "    if a is None:\n        a = []\n    if b is None:\n        b = {}\n    return a, b\n",
    ),
    "one import for two fixes": (
        SLEEPS.format("\n    time.sleep(2)"),
        "async def f():\n    import time\n    await asyncio.sleep(1)\n    await asyncio.sleep(2)\n",
    ),
    "one import for two functions": (
        "import time\nasync def f():\n    time.sleep(1)\nasync def g():\n    time.sleep(2)\n",
        "import time\nasync def f():\n    await asyncio.sleep(1)\nasync def g():\n    await asyncio.sleep(2)\n",
    ),
    "an import that is there": (
        "import asyncio as aio, time\nasync def f():\n    time.sleep(1)\n",
        "import asyncio as aio, time\nasync def f():\n    await aio.sleep(1)\n",
    ),
    "a finding inside another": (
        "def f(a=[]):\n    def g(b=[]):\n        return b\n    return g, a\n",
        "def f(a=None):\n    if a is None:\n        a = []\n"
        "    def g(b=None):\n        if b is None:\n            b = []\n        return b\n    return g, a\n",
    ),
    "two findings on one line": (
        SLEEPS.format("; time.sleep(2)"),
        "async def f():\n    import time\n    await asyncio.sleep(1); await asyncio.sleep(2)\n",
    ),
    "a call in a call": (
        "import os\nasync def f():\n    os.system(str(os.system('a')))\n",
        "import os\nasync def f():\n"
        "    await asyncio.to_thread(os.system, str(await asyncio.to_thread(os.system, 'a')))\n",
    ),
    "a fix with no place for it": (
        'é = "𝔘"\ndef f(ñ="ü", a=[]):\n    "ß"; return ñ, a\n',
        'é = "𝔘"\ndef f(ñ="ü", a=[]):\n    "ß"; return ñ, a\n',
    ),
    "no newline at the end": (
        "import time\nasync def f(): time.sleep(1)",
        "import time\nasync def f(): await asyncio.sleep(1)",
    ),
    "unused comment and finding on a line": (
        "try: a\nexcept: b  # djfa: ignore[DFA411]\n",
        "try: a\nexcept Exception: b\n",
    ),
    "one of two fixes of a line hidden": (
        "try: a\nexcept: f = lambda b=[]: b  # djfa: ignore[DFA401, DFA412]\n",
        "try: a\nexcept: f = lambda b=[]: b  # djfa: ignore[DFA401]\n",
    ),
}


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("name", MERGED)
def test_fixes_of_one_file(project: Any, name: str, newline: str) -> None:
    before, after = (text.replace("\n", newline) for text in MERGED[name])
    path = project.add("x.py", before)
    assert project.check("--fix", "--unsafe-fixes").stderr == ""
    made = path.read_bytes()
    lines = made.decode().splitlines(keepends=True)
    new = f"import asyncio{newline}"
    assert "".join(line for line in lines if line != new and line.strip()) == after
    assert lines.count(new) == ("asyncio." in after)
    again = project.check("--fix", "--unsafe-fixes")
    assert again.exit_code == ("no place" in name or "hidden" in name)
    assert path.read_bytes() == made, "a second run changes nothing"


@pytest.mark.parametrize(
    "before",
    [
        "# coding: utf-8\n" + SLEEPS,
        '"""Doc."""\n' + SLEEPS,
        '"""Doc."""\nfrom __future__ import annotations\n\n' + SLEEPS,
        "from __future__ import annotations\n" + SLEEPS,
        '"""Doc."""; x = 1\n' + SLEEPS,
        '"""Doc."""; import time\n' + SLEEPS,
        "x = 1; y = 2\n" + SLEEPS,
        "import time; x = 1\n" + SLEEPS,
        "import time; x = 1; import zipfile\n" + SLEEPS,
        'import time; x = """\n"""\n' + SLEEPS,
        "from x import (\n    y,\n    z,\n)\n" + SLEEPS,
        "import abc, \\\n    zipfile\n" + SLEEPS,
        "import time \\\n\n" + SLEEPS,
        "\f\nimport time\n" + SLEEPS,
        "if x:\n    import time\n" + SLEEPS,
        "try:\n    import time\nexcept ImportError:\n    time = None\n" + SLEEPS,
        "def g(): pass\n" + SLEEPS,
        "# only a comment\n\n\n" + SLEEPS,
        SLEEPS + "import asyncio.subprocess\n",
        SLEEPS + "from asyncio import run\n",
    ],
)
def test_place_of_a_new_import(project: Any, before: str) -> None:
    """Wherever it goes, the file compiles, imports once at module level, and is quiet."""
    path = project.add("x.py", before.format(""))
    result = project.check("--fix", "--unsafe-fixes", "--select", "DFA301")
    after = path.read_text()
    assert (result.exit_code, result.stderr) == (0, "")
    compile(after, "x.py", "exec")
    assert after.splitlines().count("import asyncio") == ("import asyncio." not in before)
    assert (
        after.replace("import asyncio\n", "").split()
        == before.format("").replace("time.sleep", "await asyncio.sleep").split()
    )


@pytest.mark.parametrize(
    "before",
    [
        "if TYPE_CHECKING:\n    import asyncio\n" + SLEEPS,
        "if x:\n    import asyncio\n" + SLEEPS,
        "try:\n    import asyncio\nexcept ImportError:\n    pass\n" + SLEEPS,
    ],
)
def test_import_under_a_condition_is_not_enough(project: Any, before: str) -> None:
    path = project.add("x.py", before.format(""))
    project.check("--fix", "--unsafe-fixes", "--select", "DFA301")
    after = path.read_text()
    assert "await" not in after or "import asyncio" in after.splitlines()


@pytest.mark.parametrize("decorators", ["@x\n", "@x\n@y\n", "@x(\n    y,\n)\n"])
def test_new_import_does_not_part_a_function_from_its_decorators(project: Any, decorators: str) -> None:
    path = project.add("x.py", f"{decorators}async def f():\n    import time\n    time.sleep(1)\n")
    project.check("--fix", "--unsafe-fixes")
    assert path.read_text().startswith("import asyncio\n")


ENCODED = {
    "CRLF": BOTH.replace("\n", "\r\n").encode(),
    "lone CR": UNSAFE.replace("\n", "\r").encode(),
    "mixed line ends": b"a = 1\r\nb = 2\r" + UNSAFE.encode(),
    "byte order mark": b"\xef\xbb\xbf" + BOTH.encode(),
    "byte order mark, CRLF": b"\xef\xbb\xbf" + BOTH.replace("\n", "\r\n").encode(),
    "latin-1": b'# coding: latin-1\na = "\xe9\xff"\n' + BOTH.encode(),
    "cp1252, CRLF": b'# coding: cp1252\r\na = "\x80"\r\n' + BOTH.replace("\n", "\r\n").encode(),
    "non-ASCII": 'a = "é𝔘"\n'.encode() + BOTH.encode(),
    "form feeds and tabs": b"a = 1\n\f\nif a:\n\ttry: b\n\texcept: c\n\f\n",
    "blanks at line ends": b"a = 1  \n\t\n" + BOTH.encode() + b"  \n\n",
    "no newline at the end": BOTH.rstrip().encode(),
}


@pytest.mark.parametrize("name", ENCODED)
def test_every_other_byte_stays(project: Any, name: str) -> None:
    before = ENCODED[name]
    path = project.add("x.py", before)
    project.check("--fix", "--unsafe-fixes")
    expected = before.replace(b"  # djfa: ignore[DFA401]", b"").replace(b"except:", b"except Exception:")
    assert path.read_bytes() == expected


@pytest.mark.parametrize("indent", [b"    ", b"  ", b"\t"])
@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
def test_new_lines_are_as_the_files(project: Any, indent: bytes, newline: bytes) -> None:
    lines = [b"def f(a=None):", indent + b"if a is None:", indent * 2 + b"a = []", indent + b"return a", b""]
    path = project.add("x.py", newline.join([b"def f(a=[]):", *lines[3:]]))
    project.check("--fix", "--unsafe-fixes")
    assert path.read_bytes() == newline.join(lines)


@pytest.mark.parametrize("mode", [0o644, 0o755, 0o600, 0o444])
def test_mode_is_kept(project: Any, mode: int) -> None:
    path = project.add("x.py", SAFE)
    path.chmod(mode)
    project.check("--fix")
    assert path.read_text() == FIXED_SAFE
    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_link_stays_a_link(project: Any) -> None:
    target = project.add("real/x.py", SAFE)
    link = project.root / "x.py"
    link.symlink_to(target)
    project.check("--fix", "x.py")
    assert link.is_symlink()
    assert target.read_text() == FIXED_SAFE


def test_link_and_its_target_are_fixed_once(project: Any) -> None:
    target = project.add("real.py", BOTH)
    (project.root / "link.py").symlink_to(target)
    assert project.check("--fix", "--unsafe-fixes").exit_code == 0
    assert target.read_text() == FIXED_SAFE + FIXED_UNSAFE


def test_nothing_to_fix_writes_nothing(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    path = project.add("x.py", "x = 1\n")
    before = path.stat()
    assert project.check("--fix", "--unsafe-fixes").exit_code == 0
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert project.check("--diff").stdout == ""


def test_no_temporary_file_is_left(project: Any) -> None:
    project.add("x.py", BOTH)
    project.check("--fix")
    assert sorted(path.name for path in project.root.iterdir()) == [".djfa_cache", ".git", "x.py"]


DIFFED = {
    "x.py": BOTH.encode(),
    "deep/er/y.py": b"a = 1\n" * 20 + UNSAFE.encode() + b"b = 2\n" * 20 + SAFE.encode(),
    "no_newline.py": BOTH.rstrip().encode(),
    "crlf.py": BOTH.replace("\n", "\r\n").encode(),
    "café.py": ('a = "é"\n' + BOTH).encode(),
    "feed.py": b"a = 1\n\f\n" + BOTH.encode(),
    "templates/t.html": b"<p>\n{# djfa: ignore[DFA401] #}\n</p>\n",
    "latin.py": b'# coding: latin-1\na = "\xe9"\n' + BOTH.encode(),
    "mark.py": b"\xef\xbb\xbf" + BOTH.encode(),
    "with space.py": BOTH.encode(),
    "cr.py": b"a = 1\r" + UNSAFE.replace("\n", "\r").encode(),
    "new_lines.py": b"import time\nasync def f(a=[]):\n    time.sleep(1)\n    return a\n",
}


@pytest.mark.parametrize("tool", ["git", "patch"])
@pytest.mark.parametrize("name", DIFFED)
def test_diff_makes_what_fix_makes(project: Any, tmp_path: Path, tool: str, name: str) -> None:
    content = DIFFED[name]
    if shutil.which(tool) is None:
        pytest.skip(f"needs {tool}")
    path = project.add(name, content)
    diff = project.check("--diff", "--unsafe-fixes").stdout_bytes
    assert path.read_bytes() == content
    (tmp_path / "d.patch").write_bytes(diff)
    command = ["git", "apply", "-p0"] if tool == "git" else ["patch", "-p0", "--binary", "--fuzz=0", "-i"]
    copy = tmp_path / "copy"
    (copy / name).parent.mkdir(parents=True)
    (copy / name).write_bytes(content)
    done = subprocess.run([*command, str(tmp_path / "d.patch")], cwd=copy, capture_output=True, text=True)
    project.check("--fix", "--unsafe-fixes")
    assert path.read_bytes() != content
    assert done.returncode == 0, done.stdout + done.stderr
    assert (copy / name).read_bytes() == path.read_bytes()


def test_diff_of_a_name_with_a_space(project: Any) -> None:
    project.add("with space.py", SAFE)
    assert project.check("--diff").stdout.startswith("--- with space.py\t\n+++ with space.py\t\n")


def test_diff_of_several_files_is_in_order(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("b.py", "a.py", "in/c.py"):
        project.add(name, SAFE)
    heads = [line for line in project.check("--diff").stdout.splitlines() if line.startswith("+++")]
    assert heads == ["+++ a.py", "+++ b.py", "+++ in/c.py"]
    monkeypatch.chdir(project.root / "in")
    assert "+++ ../a.py" in project.check("--diff", "..").stdout


def fake(*fixes: Fix, name: str = "fake") -> Rule:
    """A rule that wants these fixes wherever a name `target` stands."""
    rule = Rule(f"fakes.{name}", "A rule.", code=f"ZZ{len(name):03}", since="0", category="fake")

    @rule.on(cst.Name)
    def check(node: cst.Name, ctx: Context) -> Iterator[Draft]:
        if node.value == "target":
            for one in fixes:
                yield rule.at(node, one.message, fix=one)

    return rule


def edit(line: int, column: int, end_column: int, content: str, path: str = "x.py") -> Edit:
    return Edit(path, Span(line, column, line, end_column), content)


def fixed(root: Path, *rules: Rule) -> Fixed:
    config, registry = Config(root=root), Registry(rules)
    request = Request(config, Store(root), registry, make_selection(config, registry), (root,), strict=True)
    return fix(request, unsafe=True)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "x.py").write_text("target\nb = 2\nc = 3\n")
    return tmp_path


def test_fix_whose_result_does_not_parse_is_dropped(root: Path) -> None:
    bad = Fix.safe("break it", edit(2, 5, 6, "("))
    good = Fix.safe("mend it", edit(3, 5, 6, "4"), edit(1, 1, 7, "done"))
    result = fixed(root, fake(bad, good))
    assert result.texts == {"x.py": b"done\nb = 2\nc = 4\n"}
    assert result.made == 1
    assert len(result.dropped) == 1
    assert result.dropped[0].startswith("x.py: not fixed (`break it`): the result cannot be parsed")


def test_dropped_fix_is_told_on_stderr(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from djfa_lint.commands import check

    rule = fake(Fix.safe("break it", edit(1, 1, 7, "(")))
    monkeypatch.setattr(check, "load_registry", lambda: Registry([rule]))
    path = project.add("x.py", "target\n")
    result = project.check("--fix")
    assert result.exit_code == 1
    assert result.stderr.startswith("djfa-lint: x.py: not fixed (`break it`)")
    assert result.stderr.count("\n") == 1
    assert path.read_text() == "target\n"


def test_fix_in_two_files_is_made_in_both_or_none(root: Path) -> None:
    (root / "y.py").write_text("y = 1\n")
    both = Fix.safe("both", edit(1, 1, 7, "done"), edit(1, 5, 6, "2", "y.py"))
    assert fixed(root, fake(both)).texts == {"x.py": b"done\nb = 2\nc = 3\n", "y.py": b"y = 2\n"}
    half = Fix.safe("half", edit(1, 1, 7, "done"), edit(1, 5, 6, "(", "y.py"))
    result = fixed(root, fake(half))
    assert result.texts == {}
    assert result.made == 0
    assert len(result.dropped) == 1


def test_text_that_the_encoding_cannot_write_is_not_written(tmp_path: Path) -> None:
    (tmp_path / "x.py").write_bytes(b"# coding: latin-1\ntarget\n")
    result = fixed(tmp_path, fake(Fix.safe("say it", edit(2, 1, 7, "'\u20ac'"))))
    assert result.texts == {}
    assert len(result.dropped) == 1
    assert "latin" in result.dropped[0] or "iso-8859" in result.dropped[0]


@pytest.mark.parametrize(
    ("first", "second", "after"),
    [
        # Of two that touch the same text the first is made, and the other in the next round if it is still wanted.
        (edit(2, 5, 6, "20"), edit(2, 5, 6, "21"), "b = 20\n"),
        (edit(2, 1, 6, "b = 20"), edit(2, 5, 6, "21"), "b = 20\n"),
        (edit(2, 1, 2, "bb"), edit(2, 5, 6, "21"), "bb = 21\n"),
        (edit(2, 1, 1, "a = "), edit(2, 1, 1, "a = "), "a = b = 2\n"),
        (edit(2, 1, 1, "a = "), edit(2, 5, 6, "21"), "a = b = 21\n"),
        (edit(2, 1, 1, "a = "), edit(2, 1, 1, "z = "), "a = z = b = 2\n"),
        (edit(2, 1, 2, "bb"), edit(2, 1, 1, "a = "), "bb = 2\n"),
        (edit(2, 5, 6, "20"), edit(2, 6, 6, "0"), "b = 20\n"),
    ],
)
def test_edits_that_meet(root: Path, first: Edit, second: Edit, after: str) -> None:
    """Both rules ask only while `target` is there, which the first removes."""
    done = edit(1, 1, 7, "done")
    result = fixed(root, fake(Fix.safe("one", first, done), Fix.safe("two", second)))
    assert result.texts["x.py"].decode() == f"done\n{after}c = 3\n"


def test_fixing_ends_where_two_rules_undo_each_other(root: Path) -> None:
    rule = Rule("fakes.restless", "A rule.", code="ZZ001", since="0", category="fake")

    @rule.on(cst.Integer)
    def check(node: cst.Integer, ctx: Context) -> Iterator[Draft]:
        if ctx.span(node).line == 2:
            yield rule.at(node, "change", fix=Fix.safe("change it", ctx.replace(node, "1" + node.value)))

    result = fixed(root, rule)
    assert result.made == fix_module.MAX_ROUNDS
    assert len(result.outcome.findings) == 1


def test_edits_use_code_points_and_any_order() -> None:
    source = decode_python(Path("x.py"), '"é𝔘", a\r\n"ñ", b\r\n'.encode())
    edits = [edit(2, 6, 7, "B"), edit(1, 7, 8, "A"), edit(1, 1, 1, "x, "), edit(3, 1, 1, "end\r\n")]
    assert apply_edits(source, edits) == 'x, "é𝔘", A\r\n"ñ", B\r\nend\r\n'


@pytest.mark.parametrize("fails", ["mkstemp", "chmod", "replace"])
def test_file_that_cannot_be_written(project: Any, monkeypatch: pytest.MonkeyPatch, fails: str) -> None:
    """Nothing is lost, nothing is left behind, and one line says which file it is."""
    path = project.add("x.py", SAFE)

    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(fix_module.tempfile if fails == "mkstemp" else fix_module.os, fails, refuse)
    result = project.check("--fix")
    assert result.exit_code == 2
    assert result.stderr == "djfa-lint: error: `x.py` cannot be written: Permission denied\n"
    assert path.read_text() == SAFE
    assert sorted(found.name for found in project.root.iterdir()) == [".djfa_cache", ".git", "x.py"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root writes everywhere")
def test_folder_that_cannot_be_written_to(project: Any) -> None:
    path = project.add("shut/x.py", SAFE)
    path.parent.chmod(0o555)
    try:
        result = project.check("--fix")
    finally:
        path.parent.chmod(0o755)
    assert result.exit_code == 2
    assert result.stderr == "djfa-lint: error: `shut/x.py` cannot be written: Permission denied\n"
    assert path.read_text() == SAFE


def test_template_is_fixed_as_text(project: Any) -> None:
    path = project.add("templates/x.html", "{% if %}é\r\n{# djfa: ignore[DFA401] #}\r\n")
    project.check("--fix")
    assert path.read_bytes() == "{% if %}é\r\n".encode()
