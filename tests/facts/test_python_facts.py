"""Facts are the same bytes for the same text, and say of each unit which names it uses."""

from __future__ import annotations

import random
import textwrap
from pathlib import Path

import msgspec
import pytest

from djfa_lint.facts.kinds import BITS, Shape
from djfa_lint.facts.python import python_facts
from djfa_lint.facts.records import FileFacts, Unit, decode, encode
from djfa_lint.source.parse import parse_python

REAL = [Path(module.__file__ or "") for module in (textwrap, random)]


def facts_of(text: str, path: str = "x.py") -> FileFacts:
    return python_facts(path, "digest", text, parse_python(text))


def unit_of(text: str, name: str = "f") -> Unit:
    (unit,) = (unit for unit in facts_of(text).units if unit.name == name)
    return unit


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.stem)
def test_encoded_twice_they_are_the_same_bytes(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    once = encode(facts_of(text))
    assert encode(facts_of(text)) == once
    assert decode(once) == facts_of(text)
    assert encode(decode(once)) == once


def test_bytes_do_not_depend_on_the_hash_seed(tmp_path: Path) -> None:
    import subprocess
    import sys

    code = (
        "import sys; from djfa_lint.facts.python import python_facts; from djfa_lint.facts.records import encode\n"
        "import ast; text = open(sys.argv[1]).read()\n"
        "sys.stdout.buffer.write(encode(python_facts('x.py', '', text, ast.parse(text))))\n"
    )
    target = tmp_path / "x.py"
    target.write_text("for a, b, c, d, e in f: g, h\nwith i as (j, k, l): m\ndel n, o, p\n" + REAL[0].read_text())
    written = {
        subprocess.run(
            [sys.executable, "-c", code, str(target)], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(written) == 1


@pytest.mark.parametrize("data", [b"", b"\xc1", b"\x90", b"\x93\xa1x\xa1y\x01", b"\x80"])
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises((msgspec.DecodeError, msgspec.ValidationError)):
        decode(data)


@pytest.mark.parametrize(
    ("text", "refs"),
    [
        ("def f(): a", ["a"]),
        ("def f(): a.b.c", ["a.b.c"]),
        ("def f(): a.b().c", ["a.b"]),
        ("def f(): a[b].c", ["a", "b"]),
        ("def f(): a.b; a.c; a", ["a", "a.b", "a.c"]),
        # Its own variables are left out.
        ("def f(a): a.b", []),
        ("def f(a, /, b, *c, d, **e): a, b, c, d, e, g", ["g"]),
        ("def f():\n    a = b\n    a.c", ["b"]),
        ("def f():\n    for a, (b, *c) in d: a, b, c", ["d"]),
        ("def f():\n    with a as b: b", ["a"]),
        ("def f():\n    if (a := b): a", ["b"]),
        ("def f():\n    try: a\n    except b as c: c", ["a", "b"]),
        ("def f():\n    def a(): pass\n    class b: pass\n    a, b, c", ["c"]),
        ("def f():\n    del a\n    a.b", []),
        # What it imports is not a variable.
        ("def f():\n    import a\n    a.b", ["a.b"]),
        ("def f():\n    from a import b as c\n    c()", ["c"]),
        # Nor is what it says is global.
        ("def f():\n    global a\n    a = b\n    a.c", ["a.c", "b"]),
        # An inner scope's variables say nothing about the outer's names.
        ("def f():\n    def g(a): a.b\n    a.c", ["a.b", "a.c"]),
        ("def f():\n    def g():\n        a = 1\n    a.c", ["a.c"]),
        ("def f():\n    [a for a in b]; a.c", ["a", "a.c", "b"]),
        ("def f():\n    lambda a: a.b; a.c", ["a.b", "a.c"]),
        ("def f():\n    class A:\n        a = b\n    a.c", ["a.c", "b"]),
        # Decorators, defaults, annotations and returns belong to the scope around.
        ("@a.b\ndef f(a): pass", ["a.b"]),
        ("def f(a=a.b): pass", ["a.b"]),
        ("def f(a: a.b, *b: b.c, **d: d.e) -> a.f: pass", ["a.b", "a.f", "b.c", "d.e"]),
        ("def f(*, a=(a.b, b)): b = 1", ["a.b", "b"]),
        ("async def f():\n    async with a as b: await b.c(d)", ["a", "d"]),
        ("def f(): return f'{a!r:{b.c}}'", ["a", "b.c"]),
        ("def f():\n    match a:\n        case B.c(d=e) if f_: g", ["B", "B.c", "a", "f_", "g"]),
    ],
)
def test_refs(text: str, refs: list[str]) -> None:
    found = list(unit_of(text).refs)
    assert found == sorted(found)
    # A match's class may be spelled in full or by its root.
    assert set(refs) - {"B"} == set(found) - {"B", "e"}


def test_members_are_read_of_own_variables_and_of_what_is_computed() -> None:
    unit = unit_of("def f(self):\n    x = g(self.a.b)\n    return x.c().d, y.e, [z.h for z in x]\n")
    assert unit.refs == ("g", "y.e", "z.h")
    assert unit.members == ("a", "b", "c", "d")


def test_awaited() -> None:
    text = "async def f(a):\n    await a.b()\n    await g()\n    t = h(a.c())\n    await t\n"
    assert unit_of(f"{text}    async with a.d() as e, k():\n        pass\n").awaited == ("b", "d", "g", "k")


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        ("def f(a=b()): c()", ["b"]),
        ("def f(a=b.c(d())): pass", ["b.c", "d"]),
        ("def f(a=[b(), {c: d()}]): pass", ["b", "d"]),
        ("def f(*, a=b()): pass", ["b"]),
        ("def f(a=b, c=1): pass", []),
        ("def f(a: b()): pass", []),
        ("def f(): x(default=b())", ["b"]),
        ("def f(): x(other=b())", []),
        ("def f():\n    def g(a=b()): pass", ["b"]),
        ("def f(): return lambda a=b(): a", ["b"]),
        ("def f():\n    class A:\n        a: int = b()\n        c = d()", ["b"]),
    ],
)
def test_default_calls(text: str, calls: list[str]) -> None:
    assert list(unit_of(text).default_calls) == calls


def test_class_attributes_are_defaults() -> None:
    unit = unit_of(
        "class A:\n    a: int = b()\n    c = d()\n    e = x(default=f())\n    def g(self, h=i()): pass\n", "A"
    )
    assert list(unit.default_calls) == ["b", "f"]


@pytest.mark.parametrize(
    ("text", "shape", "has"),
    [
        ("def f():\n    try: pass\n    except: pass", Shape.BARE_EXCEPT, True),
        ("def f():\n    try: pass\n    except a: pass", Shape.BARE_EXCEPT, False),
        ("def f(a=[]): pass", Shape.DISPLAY_DEFAULT, True),
        ("def f(*, a={}): pass", Shape.DISPLAY_DEFAULT, True),
        ("def f(a, /, b={c for c in d}): pass", Shape.DISPLAY_DEFAULT, True),
        ("def f(): return lambda a=[]: a", Shape.DISPLAY_DEFAULT, True),
        ("def f(a=()): b = []", Shape.DISPLAY_DEFAULT, False),
        ("def f(): a(default=[])", Shape.COMPUTED_KEYWORD_DEFAULT, True),
        ("def f(): a(default=b())", Shape.COMPUTED_KEYWORD_DEFAULT, True),
        ("def f(): a(default=b.c)", Shape.COMPUTED_KEYWORD_DEFAULT, False),
        ("def f(): a(defaults=[])", Shape.COMPUTED_KEYWORD_DEFAULT, False),
    ],
)
def test_shapes(text: str, shape: Shape, has: bool) -> None:
    assert bool(unit_of(text).kinds & shape.value) is has


def test_units() -> None:
    text = (
        "import a; b = 1\n\n@c\n# d\ndef e():\n    def f(): pass\n\nif g:\n    def h(): pass\n    class I(J):\n"
        "        k = 1\n        @l\n        def m(self): pass\n        class N:\n            def o(self): pass\n"
    )
    units = [(one.kind, one.name, one.start, one.end, one.indented, one.holes) for one in facts_of(text).units]
    assert units == [
        ("statement", "", 1, 1, False, ()),
        ("function", "e", 3, 6, False, ()),
        ("statement", "", 8, 15, False, ((9, 9), (10, 15))),
        ("function", "h", 9, 9, True, ()),
        ("class", "I", 10, 15, True, ((12, 13), (15, 15))),
        ("function", "I.m", 12, 13, True, ()),
        ("function", "I.N.o", 15, 15, True, ()),
    ]


def test_a_hole_says_nothing_about_the_unit_around_it() -> None:
    outer, inner = unit_of("class A:\n    b = c\n    def d(self): return e()\n", "A"), None
    assert "e" not in outer.refs
    assert not outer.kinds & BITS["Call"]
    inner = unit_of("class A:\n    b = c\n    def d(self): return e()\n", "A.d")
    assert inner.kinds & BITS["Call"]


@pytest.mark.parametrize(
    ("text", "name", "bindings"),
    [
        ("import a.b", "a", [("import", "")]),
        ("import a.b as c", "c", [("import", "")]),
        ("a = b.c", "a", [("alias", "b.c")]),
        ("a = b.c(d)", "a", [("call", "b.c")]),
        ("a = None", "a", [("none", "")]),
        ("a = 1\na = b", "a", [("other", ""), ("alias", "b")]),
        ("a: int", "a", []),
        ("a: int = b()", "a", [("call", "b")]),
        ("a, b = c", "a", [("other", "")]),
        ("a = b = c()", "b", [("call", "c")]),
        ("if x:\n    def a(): pass\nelse:\n    class a: pass", "a", [("def", ""), ("class", "")]),
        ("try:\n    import a\nexcept E:\n    a = None\nfinally:\n    b = 1", "a", [("import", ""), ("none", "")]),
        ("match x:\n    case 1: a = b", "a", [("alias", "b")]),
        ("match x:\n    case a: pass", "a", [("other", "")]),
        ("def f():\n    global a\n    a = 1", "a", [("other", "")]),
        ("class A:\n    a = 1\n    def b(self): c = 1", "a", []),
        ("def f():\n    a = 1", "a", []),
    ],
)
def test_bindings(text: str, name: str, bindings: list[tuple[str, str]]) -> None:
    assert [(one.kind, one.target) for one in facts_of(text).bindings.get(name, ())] == bindings


@pytest.mark.parametrize(
    ("text", "main_guard", "generated", "directives"),
    [
        ("", False, False, False),
        ('if __name__ == "__main__":\n    f()\n', True, False, False),
        ('if x:\n    if __name__ == "__main__": pass\n', False, False, False),
        ("# @generated by protoc\n", False, True, False),
        ('"""Generated by Django 4.2 on 2023-01-01"""\n', False, True, False),
        ("x = 'do not edit'\n", False, False, False),
        ("# djfa: ignore-file[DFA401]\n", False, False, True),
    ],
)
def test_what_a_file_says_of_itself(text: str, main_guard: bool, generated: bool, directives: bool) -> None:
    facts = facts_of(text)
    assert (facts.main_guard, facts.generated, facts.directives) == (main_guard, generated, directives)


@pytest.mark.parametrize(("expression", "least"), [("a" + ".b" * 300, 300), ("-" * 300 + "a", 300), ("a.b.c", 1)])
def test_depth(expression: str, least: int) -> None:
    assert least <= unit_of(f"def f(): {expression}").depth <= least + 10


def test_depth_of_blocks() -> None:
    blocks = "".join(" " * level + "if a:\n" for level in range(60)) + " " * 60 + "b\n"
    assert facts_of(blocks).units[0].depth >= 60
