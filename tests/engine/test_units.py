"""A unit cut out of its file parses to the same nodes at the same places as in the file."""

from __future__ import annotations

import ast
import contextlib
import dataclasses
import textwrap
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import libcst as cst
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from djfa_lint.errors import SourceError
from djfa_lint.facts.python import python_facts
from djfa_lint.facts.records import Unit
from djfa_lint.flow.bodies import Bodies
from djfa_lint.source.cst import Tree, parse_file, walk
from djfa_lint.source.lines import Lines, Span
from djfa_lint.source.parse import parse_python
from djfa_lint.source.slices import HOLE
from djfa_lint.source.store import Store

EXPRESSIONS = (cst.Name, cst.Attribute, cst.Call, cst.Subscript, cst.BinaryOperation)
slow = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])


def units(text: str) -> tuple[Lines, Bodies, tuple[Unit, ...]]:
    facts = python_facts("x.py", "", text, parse_python(text))
    return Lines(text), Bodies(Store(Path("/"), {"x.py": text.encode()})), facts.units


def normal(text: str) -> str:
    """A name as Python reads it: without what a backslash or parentheses around it allow to stand between."""
    return unicodedata.normalize("NFKC", text)


def own_lines(unit: Unit) -> set[int]:
    inside = {line for first, last in unit.holes for line in range(first, last + 1)}
    return set(range(unit.start, unit.end + 1)) - inside


def names_outside_strings(tree: ast.AST) -> Iterator[ast.Name]:
    """Every name but those in f-strings, whose places are wrong before Python 3.12."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name):
            yield node
        if not isinstance(node, ast.JoinedStr):
            waiting.extend(ast.iter_child_nodes(node))


def check_places(lines: Lines, tree: Tree) -> Counter[tuple[Span, str]]:
    """Each expression of a tree covers in the file what libcst writes for it; the names and their places."""
    names: Counter[tuple[Span, str]] = Counter()
    for node in walk(tree.root):
        if isinstance(node, EXPRESSIONS) and not (isinstance(node, cst.Name) and node.value == HOLE):
            span = tree.place(node).inner
            bare = node.with_changes(lpar=(), rpar=())
            covered, written = lines.text_of(span), tree.module.code_for_node(bare)
            # Outside its block libcst writes a node's later lines without the block's indentation.
            assert covered == written or covered.split() == written.split() != [written], span
            if isinstance(node, cst.Name):
                names[span, normal(node.value)] += 1
    return names


def check_module(text: str) -> tuple[int, int]:
    """Everything that holds of any module; how many units were cut, and how many of them do not parse alone."""
    lines, bodies, found = units(text)
    seen: Counter[tuple[Span, str]] = Counter()
    covered: Counter[int] = Counter()
    not_alone: set[int] = set()
    for unit in found:
        assert 1 <= unit.start <= unit.end <= lines.count
        covered.update(own_lines(unit))
        tree = bodies.tree("x.py", unit)
        if tree is None:
            not_alone |= own_lines(unit)
            continue
        names = check_places(lines, tree)
        assert {span.line for span, _ in names} <= own_lines(unit)
        seen += names
        check_body(lines, bodies, unit)
    assert max(covered.values(), default=0) <= 1, "a line belongs to one unit"
    for name in names_outside_strings(parse_python(text)):
        span = lines.span_of(name)
        assert normal(lines.text_of(span)) == name.id
        assert span.line in not_alone or seen[span, name.id] == 1, (name.id, span)
    return len(found), sum(bodies.tree("x.py", unit) is None for unit in found)


def check_body(lines: Lines, bodies: Bodies, unit: Unit) -> None:
    """The unit's `ast` has its names where the file has them."""
    body = bodies.body("x.py", unit)
    if body is None:
        return
    for name in names_outside_strings(body.node):
        span = lines.span_of(name, body.shift)
        assert normal(lines.text_of(span)) == name.id
        assert span.line in own_lines(unit)


# One entry a case: the text and how many of its units must parse alone out of how many.
ODD: dict[str, tuple[str, int, int]] = {
    "empty": ("", 0, 0),
    "statements on one line": ("a = 1; b = 2\nc = a; d = b; e = c;\n", 2, 2),
    "a string spans statements on one line": ('a = """\n"""; b = a; c = """\n"""; d = c\ne = d\n', 2, 2),
    "a bracket spans statements on one line": ("a = (\n  b\n); c = [\n  d\n]; e\n", 1, 1),
    "trailing comments": ("a = b  # c\ndef f(x):  # g\n    return x  # y\n    # end\n# after\n", 2, 2),
    "decorator over lines": ("@(\n    x\n)\ndef f():\n    return y\n", 0, 1),
    "decorator over lines, in a class": ("class A:\n    @(\n        x\n    )\n    def f(self):\n        y\n", 0, 2),
    "decorator call over lines": ("@x(\n    y,\n    z,\n)\ndef f():\n    return y\n", 1, 1),
    "decorators with comments between": ("@x\n# a\n\n@y.z  # b\n# c\nasync def f():\n    return y\n", 1, 1),
    "decorated class": ("@x\n@y(z)\nclass A(B, metaclass=C):\n    @d\n    def f(self): e\n    g = h\n", 2, 2),
    "backslash before a name": ("a = \\\n  b\ndef \\\n f(x): return \\\n    x\n", 2, 2),
    "backslash after a statement": ("a = b \\\n\nc = d\n", 1, 2),
    "backslash inside an indented block": ("if a:\n    def f():\n        return b \\\n\n    c = d\n", 1, 2),
    "tabs": ("class A:\n\tdef f(self):\n\t\treturn x\n\n\tb = c\n", 2, 2),
    "tabs and spaces": ("if a:\n \tdef f():\n \t  \treturn x\n", 2, 2),
    "indentation of one": ("class A:\n def f(s):\n  return x\n def g(s): y\n", 3, 3),
    "a string at column 1": ('class A:\n    def f(self):\n        return x("""\nraw\n""", y)\n    z = w\n', 2, 2),
    "a comment at column 1": ("class A:\n    def f(self):\n        a\n# comment\n        b\n    c = d\n", 2, 2),
    "a string that looks like code": ('def f():\n    a = """\ndef g():\n    b\n"""\n    return c\n', 1, 1),
    "functions in if and else": ("if a:\n    def f(): return b\nelse:\n    def f(): return c\n", 3, 3),
    "functions in try": (
        "try:\n    def f(): a\nexcept B as c:\n    def f(): d\nelse:\n    e\nfinally:\n    def g(): h\n",
        4,
        4,
    ),
    "functions in with and for": ("with a as b:\n  for c in d:\n    while e:\n      def f(): g\n      h\n", 2, 2),
    "functions in match": ("match a:\n    case B(c=d) if e:\n        def f(): g\n    case _:\n        h\n", 2, 2),
    "methods under if": (
        "class A:\n    if a:\n        def f(self): b\n    else:\n        def f(self): c\n    d = e\n",
        3,
        3,
    ),
    "class in a class": ("class A:\n    class B(C):\n        def f(self): a\n        b = c\n    d = e\n", 2, 2),
    "class in a function": ("def f():\n    class A(B):\n        def g(self): c\n    return A\n", 1, 1),
    "class under if": ("if a:\n    class A:\n        def f(self): b\n        c = d\n", 3, 3),
    "a class of methods only": ("class A:\n    def f(self): a\n    def g(self): b\n", 3, 3),
    "a body on the head's line": ("class A: a = b; c = d\ndef f(): e; g\nif h: i; j\n", 3, 3),
    "blank lines and comments in a class": (
        "class A:\n\n    # a\n\n    def f(self): b\n\n    # c\n\n    d = e\n",
        2,
        2,
    ),
    "no newline at the end": ("def f():\n    return x", 1, 1),
    "method without newline at the end": ("class A:\n    a = b\n    def f(self):\n        return x", 2, 2),
    "form feeds between": ("a = b\n\f\ndef f():\n    return x\n\f\n\f\nc = d\n", 3, 3),
    "form feed in a string": ('a = "\f"; b = c\ndef f():\n    return "\f", x\n', 2, 2),
    "form feed before a definition": ("a = b\n\fdef f():\n    return x\n", 1, 2),
    "form feed in an indented block": ("class A:\n    a = b\n\f\n    def f(self):\n        return x\n", 2, 2),
    "non-ASCII names": ("é = ñ\ndef 名前(引数): return 引数.値\nclass Ä:\n    def ö(self): ü\n", 4, 4),
    "non-ASCII before a name": ('x = "éé𝔘👩‍👩‍👧" + y; z("ü", w)  # ñ\ndef f(a="é", b=c): return a, b\n', 2, 2),
    "names that Python normalises": ("ﬁ = ℌ\ndef f(): return ﬁ, 𝔘\n", 2, 2),
    "wide characters over lines": ('def f():\n    return ("é" +\n        "ñ", x, """ü\nü""" + y)\n', 1, 1),
    "other line separators in strings": ('a = "\u2028\x0b\x1c\u0085"; b = c\ndef f(): return d\n', 2, 2),
    "f-strings": ("def f():\n    return f\"{a!r:>{b}} {c.d(e)}\" f'{g}'\n", 1, 1),
    "lambdas and comprehensions": ("a = lambda b=c, *d, e, **f: (b for b in c if d)\n", 1, 1),
    "parentheses and spaces": ("a = ( (b) . c ( d ) [ e ] )\ndef f ( ) : return ( g )\n", 2, 2),
    "annotations": ("a: b = c\ndef f(d: e = g, *h: i) -> j: k: l\n", 2, 2),
    "type parameters of old": (
        "def f(a, /, b, *, c): return a\nasync def g():\n    async with d as e: await h\n",
        2,
        2,
    ),
}


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("name", ODD)
def test_odd_modules(name: str, newline: str) -> None:
    text, alone, count = ODD[name]
    cut, refused = check_module(text.replace("\n", newline))
    assert (cut - refused, cut) == (alone, count)


# Lines that begin with "|" stay at column 1 whatever they are nested in.
FRAGMENTS = [
    ["a = b"],
    ["é = ñ.ü; c = d(e)", "f = g  # ñ"],
    ['s = """é', "|raw", '|  """; t = u'],
    ["v = (w +", "|x", "  + y)"],
    ["z = \\", "|a"],
    ["b = c \\", "|"],
    ["@d", "# comment", "@e.f(g)", "def h(i=j, *k: l):", "    return i"],
    ["@(", "  m", ")", "def n(): o"],
    ["async def p(q):", "  async with r as s:", "    await t(u)", "|# comment", "  return v"],
    ["def w():", '    """Doc', "|é", '|    """', "    def x(): return y", "    return x"],
    ["class A(B, c=D):", "    e = f; g = h", "", "    @i", "    def j(self): return k", "    # l", "    m: n = o"],
    ["class P:", "    if q:", "        def r(self): s", "    else:", "        def r(self): t", "    class U: v = w"],
    ["try: x", "except Y as z: a", "finally: b"],
    ["for c in d: e", "else: f"],
    ["# only a comment"],
    [""],
    ["|\f"],
    ['print(f"{g!r} é {h}", i)'],
    ["j = [k for l in m if n], {o: p for q in r}, lambda s: t"],
    ["global u"],
]
WRAPPERS = ["if x:", "class K:", "def fn(a):", "with m as n:", "while o:", "try:", "async def co():", "@dec"]


@st.composite
def blocks(draw: st.DrawFn, depth: int = 0) -> list[str]:
    """The lines of a few statements, some inside others."""
    lines: list[str] = []
    for _ in range(draw(st.integers(1, 4))):
        if depth < 3 and draw(st.booleans()):
            head = draw(st.sampled_from(WRAPPERS))
            if head == "@dec":
                lines += ["@dec", "def decorated():"]
            else:
                lines.append(head)
            indent = draw(st.sampled_from(["    ", "  ", "\t", " \t"]))
            inside = [*draw(blocks(depth + 1)), "pass"]
            lines += [line if line.startswith("|") or not line else indent + line for line in inside]
            lines += ["finally: fin"] if head == "try:" else []
        else:
            lines += draw(st.sampled_from(FRAGMENTS))
    return lines


@given(blocks(), st.sampled_from(["\n", "\r\n", "\r"]), st.booleans())
@settings(slow, max_examples=80)
def test_random_modules_of_odd_statements(lines: list[str], newline: str, ends: bool) -> None:
    text = newline.join(line.removeprefix("|") for line in lines) + newline * ends
    try:
        parse_python(text)
    except SourceError:
        return  # a backslash at the end of the file
    cut, _ = check_module(text)
    assert cut or not any(line.strip("|\f") and not line.startswith("#") for line in lines)


@pytest.mark.parametrize(
    "text",
    [
        "def f():\n\f    return b(c)\n",
        "if a:\n    b\n\felse:\n    c(d)\n",
        "a = [\n\f    b,\n\f\n    c,\n]\n",
        "def f():\n    a\n\f    # comment\n\f\n    b\n",
        "class A:\n    a = b\n\f    c = d.e(f)\n",
        "def f():\n    a\n\f    return b(c)\n",
        "a = b\n\fdef f(x=y()):\n    z\n",
        "\fa = b; c\n",
        "@a\n\f@b\n\fdef f(c=d): e\n",
    ],
)
def test_form_feeds_before_code_on_its_line(text: str) -> None:
    check_module(text)
    whole = parse_file(text)
    assert whole is not None
    check_places(Lines(text), whole)


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_whole_file_has_the_same_places_as_its_units(name: str, newline: str) -> None:
    text, _, _ = ODD[name]
    lines, bodies, found = units(text.replace("\n", newline))
    whole = parse_file(lines.text)
    assert whole is not None
    names = check_places(lines, whole)
    for unit in found:
        tree = bodies.tree("x.py", unit)
        if tree is not None:
            assert check_places(lines, tree) <= names


@pytest.mark.parametrize("module", [dataclasses, textwrap, contextlib])
def test_standard_library_modules(module: ModuleType) -> None:
    assert module.__file__ is not None
    cut, refused = check_module(Path(module.__file__).read_text(encoding="utf-8"))
    assert cut > 20
    assert refused == 0
