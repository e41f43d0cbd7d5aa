"""What a file declares is kept as written, is the same bytes for the same text, and no text is too odd for it."""

from __future__ import annotations

import ast
import random
import subprocess
import sys
import sysconfig
from itertools import pairwise
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from djfa_lint.errors import SourceError
from djfa_lint.facts.declare import Declarations
from djfa_lint.facts.express import express, express_annotation
from djfa_lint.facts.python import python_facts
from djfa_lint.facts.records import FileFacts, decode, encode
from djfa_lint.facts.values import (
    Assigned,
    Binary,
    Call,
    Const,
    Defined,
    Done,
    Each,
    Either,
    Expr,
    Imported,
    Item,
    Looped,
    Many,
    Member,
    Opaque,
    Pairs,
    Param,
    Ref,
    Returned,
    Spread,
    Statement,
    Text,
)
from djfa_lint.source.parse import parse_python

_STDLIB = Path(sysconfig.get_paths()["stdlib"])
_FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"


def facts_of(text: str, path: str = "x.py") -> FileFacts:
    return python_facts(path, "", text, parse_python(text))


def declared(text: str) -> tuple[Statement, ...]:
    """The declarations of a text after a round trip through bytes."""
    facts = facts_of(dedent(text))
    kept = decode(encode(facts))
    assert encode(kept) == encode(facts)
    return kept.declared


def expressed(text: str) -> Expr:
    (statement,) = declared(f"x = {text}")
    assert isinstance(statement, Assigned)
    assert statement.value is not None
    return statement.value


def names_assigned(text: str) -> list[tuple[str, Expr | None]]:
    return [(one.target, one.value) for one in declared(text) if isinstance(one, Assigned)]


# --- expressions


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a.b.c", Ref("a.b.c")),
        ("a().b.c", Member(Member(Call(Ref("a"), line=1), "b"), "c")),
        ("1", Const(1)),
        ("True", Const(True)),
        ("None", Const(None)),
        ("1.5", Const(1.5)),
        ("'a' 'b'", Const("ab")),
        ("f(1, *a, k=2, **b)", Call(Ref("f"), (Const(1), Spread(Ref("a"))), (("k", Const(2)), ("", Ref("b"))), 1)),
        ("a[0]", Item(Ref("a"), Const(0))),
        ("a[b, c]", Item(Ref("a"), Many("tuple", (Ref("b"), Ref("c"))))),
        ("[a, *b]", Many("list", (Ref("a"), Spread(Ref("b"))))),
        ("()", Many("tuple", ())),
        ("{1, a}", Many("set", (Const(1), Ref("a")))),
        ("{'a': b, **c}", Pairs(((Const("a"), Ref("b")), (None, Ref("c"))))),
        ("a + b | c", Binary("|", Binary("+", Ref("a"), Ref("b")), Ref("c"))),
        ("a == b", Binary("==", Ref("a"), Ref("b"))),
        ("a if t else b", Either((Ref("a"), Ref("b")))),
        ("a or b or 1", Either((Ref("a"), Ref("b"), Const(1)))),
        ("[f(i) for i, _ in a]", Each(Call(Ref("f"), (Ref("i"),), (), 1), ("i", "_"), Ref("a"))),
        ("{i for i in a}", Each(Ref("i"), ("i",), Ref("a"))),
        ("f'a{b}{c!s}'", Text((Const("a"), Ref("b"), Ref("c")))),
        ("f'{a!r}{b:03}'", Text((Opaque("FormattedValue"), Opaque("FormattedValue")))),
        ("-1", Const(-1)),
        ("-a", Opaque("UnaryOp")),
        ("-True", Opaque("UnaryOp")),
        ("-" + "9" * 400, Opaque("UnaryOp")),
        ("(y := a)", Ref("a")),
        ("a < b", Opaque("Compare")),
        ("a == b == c", Opaque("Compare")),
        ("lambda: 1", Opaque("Lambda")),
        ("not a", Opaque("UnaryOp")),
        ("{a: b for a in c}", Opaque("DictComp")),
        ("[a for b in c for a in b]", Opaque("ListComp")),
        ("a ** b", Opaque("BinOp")),
    ],
)
def test_an_expression_is_kept_as_written(text: str, kept: Expr) -> None:
    assert expressed(text) == kept


@pytest.mark.parametrize(
    "text",
    ["b'x'", "2j", "...", "10**0 if 0 else " + "9" * 400, "'\\ud800'", "'" + "x" * 5000 + "'", "-5", "1e999"],
    ids=lambda text: text[:12],
)
def test_no_constant_is_too_odd(text: str) -> None:
    found = expressed(text)
    assert isinstance(found, (Const, Opaque, Either))


def test_what_is_no_plain_constant_is_opaque() -> None:
    assert [expressed(text) for text in ("b'x'", "2j", "...", "9" * 400, "'\\ud800'", "f'{1}\\ud800'")] == [
        Opaque("Constant"),
        Opaque("Constant"),
        Opaque("Constant"),
        Opaque("Constant"),
        Opaque("Constant"),
        Text((Const(1), Opaque("Constant"))),
    ]


def test_whole_numbers_stay_what_they_are() -> None:
    assert [expressed(str(one)) for one in (2**63 - 1, 2**63, 2**64 - 1)] == [
        Const(2**63 - 1),
        Const(2**63),
        Const(2**64 - 1),
    ]
    assert expressed(str(2**64)) == Opaque("Constant")
    assert repr(expressed("1.0")) == repr(Const(1.0))
    assert repr(expressed("1")) == repr(Const(1))
    assert repr(expressed("True")) == repr(Const(True))


@pytest.mark.parametrize(
    ("annotation", "kept"),
    [
        ("int", Ref("int")),
        ("'Order'", Ref("Order")),
        ("'list[Order]'", Item(Ref("list"), Ref("Order"))),
        ("list['Order']", Item(Ref("list"), Const("Order"))),
        ("' Order | None '", Binary("|", Ref("Order"), Const(None))),
        ("'not a type'", Const("not a type")),
        ("'('", Const("(")),
        ("'a\\x00b'", Const("a\x00b")),
        ("'\\ud800('", Opaque("Constant")),
        ("'" + "(" * 3000 + ")" * 3000 + "'", Opaque("Constant")),
        ("'" + "[" * 150 + "]" * 150 + "'", None),
        ("''", Const("")),
    ],
    ids=lambda one: str(one)[:24],
)
def test_an_annotation_in_quotes_is_read(annotation: str, kept: Expr | None) -> None:
    (statement,) = declared(f"x: {annotation}")
    assert isinstance(statement, Assigned)
    assert statement.value is None
    assert statement.annotation == kept or (kept is None and statement.annotation is not None)


def test_no_annotation_is_none() -> None:
    assert express_annotation(None) is None


# --- statements


def test_every_target_of_an_assignment_is_kept() -> None:
    one, two = Const(1), Const(2)
    assert names_assigned("a = b = 1") == [("a", one), ("b", one)]
    assert names_assigned("a, b = 1, 2") == [("a", one), ("b", two)]
    assert names_assigned("[a, (b, c)] = 1, (2, 1)") == [("a", one), ("b", two), ("c", one)]
    assert names_assigned("a = b = f()") == [("a", Call(Ref("f"), (), (), 1)), ("b", Ref("a"))]
    assert names_assigned("a.b = 1") == [("a.b", one)]
    assert names_assigned("a = (b := 1)") == [("a", one)]
    assert [(one.target, one.op) for one in declared("a += 1; b |= c") if isinstance(one, Assigned)] == [
        ("a", "+"),
        ("b", "|"),
    ]


def test_what_does_not_fit_one_to_one_is_left_out() -> None:
    # Which part goes where cannot be told from the text, or the target is no name.
    assert names_assigned("a, b = f()") == []
    assert names_assigned("a, b = 1, 2, 3") == []
    assert names_assigned("a[0] = 1") == []
    assert names_assigned("f().a = 1") == []


@pytest.mark.parametrize(
    "text", ["a, *b = 1, 2, 3", "*a, b = 1, 2, 3", "a, b = *c, 1", "a, *b = 1, *c", "a, b = {1, 2}"]
)
def test_stars_and_sets_are_not_taken_apart(text: str) -> None:
    assert names_assigned(text) == []


def test_blocks_say_what_is_certain() -> None:
    text = """
        a = 1
        if t:
            b = 1
        elif u:
            c = 1
        else:
            d = 1
        with w:
            e = 1
        try:
            f = 1
        except E:
            g = 1
        else:
            h = 1
        finally:
            i = 1
        while t:
            j = 1
        match x:
            case 1:
                k = 1
            case _:
                l = 1
    """
    found = {one.target: one.maybe for one in declared(text) if isinstance(one, Assigned)}
    assert found == {name: name not in "ae" for name in "abcdefghijkl"}


def test_a_condition_reaches_through_what_is_certain() -> None:
    found = declared("if t:\n    with w:\n        a = 1\n        f(a)\n    for i in b:\n        c = i\n        g()\n")
    assert [one.maybe for one in found if isinstance(one, (Assigned, Done))] == [True, True]
    (loop,) = (one for one in found if isinstance(one, Looped))
    assert [one.maybe for one in loop.body if isinstance(one, (Assigned, Done))] == [True, True]


def test_an_elif_chain_is_no_deeper_than_one_if() -> None:
    """Built by hand: some versions of Python cannot parse what others can."""
    parts = [ast.parse(f"if a:\n    x{number} = {number}").body[0] for number in range(3000)]
    for outer, inner in pairwise(parts):
        assert isinstance(outer, ast.If)
        outer.orelse = [inner]
    found = [one for one in Declarations(False).block(parts[:1]) if isinstance(one, Assigned)]
    assert [(one.target, one.value) for one in found] == [(f"x{number}", Const(number)) for number in range(3000)]


def test_a_decorated_definition_stands_where_it_is() -> None:
    found = declared("@d\ndef f(): ...\n@d(1)\nclass C:\n    @e\n    def m(self): ...\ndef g(): ...\n")
    assert found == (Defined("f", 2), Defined("C", 4))
    facts = facts_of("@d\nclass C:\n    x = 1\n    @e\n    def m(self): ...\n    y: int\n    z()\n")
    assert facts.classes[0].body == (
        Assigned("x", Const(1), 3),
        Defined("C.m", 5),
        Assigned("y", None, 6, Ref("int")),
        Done(Call(Ref("z"), (), (), 7), 7),
    )
    assert facts.classes[0].decorators == (Ref("d"),)


def test_a_class_is_described_once_for_each_time_it_is_written() -> None:
    text = "if a:\n    class C(X):\n        y = 1\nelse:\n    class C(f(), Z[T], metaclass=M):\n        y = 2\n"
    first, second = facts_of(text).classes
    assert (first.bases, first.body) == (("X",), (Assigned("y", Const(1), 3),))
    assert (second.bases, second.body) == (("", "Z"), (Assigned("y", Const(2), 6),))
    assert second.computed == (Call(Ref("f"), (), (), 5),)
    assert second.keywords == (("metaclass", Ref("M")),)


def test_parameters_are_kept_with_kind_annotation_and_default() -> None:
    (function,) = facts_of("async def f(a, /, b: int = 1, *c, d: 'X' = y, e, **g) -> 'Z': ...").functions
    assert function.coroutine
    assert function.returns == Ref("Z")
    assert function.params == (
        Param("a", "positional"),
        Param("b", "normal", Ref("int"), Const(1)),
        Param("c", "*"),
        Param("d", "keyword", Ref("X"), Ref("y")),
        Param("e", "keyword"),
        Param("g", "**"),
    )


def test_lines_are_those_of_the_name_and_of_the_first_decorator() -> None:
    (function,) = facts_of("\n@a\n@b(\n  1)\ndef f(): ...\n").functions
    assert (function.start, function.line) == (2, 5)


def test_the_body_of_a_factory_is_kept() -> None:
    text = """
        import fastapi
        def create_app(prefix="/api"):
            from .routes import router as r
            app = fastapi.FastAPI()
            for one in [r]:
                app.include_router(one, prefix=prefix)
            @app.get("/")
            def root(): ...
            return app
        def plain(x): return x
        class C:
            def m(self): return 1
            def get_queryset(self): return 2
    """
    functions = {one.name: one for one in facts_of(dedent(text)).functions}
    kinds = [type(one) for one in functions["create_app"].body]
    assert kinds == [Imported, Assigned, Looped, Defined, Returned]
    assert functions["create_app"].body[0] == Imported("r", "routes", "router", 1)
    assert functions["create_app"].registers
    assert not functions["plain"].registers
    assert functions["create_app.root"].decorators == (Call(Ref("app.get"), (Const("/"),), (), 8),)
    assert functions["C.m"].body == ()
    assert functions["C.get_queryset"].body == (Returned(Const(2), 14),)
    assert functions["C.get_queryset"].owner == "C"


@pytest.mark.skipif(sys.version_info < (3, 12), reason="PEP 695")
def test_type_parameters_are_no_obstacle() -> None:
    text = "type A[T] = list[T]\nclass C[T](B[T]):\n    x: T\n@d\ndef f[T: int](a: T) -> T: ...\n"
    facts = facts_of(text)
    assert facts.classes[0].bases == ("B",)
    assert facts.declared == (Defined("f", 5),)
    assert facts.functions[0].params == (Param("a", "normal", Ref("T")),)


@pytest.mark.skipif(sys.version_info < (3, 14), reason="template strings")
def test_a_template_string_is_opaque() -> None:
    assert expressed("t'{a}'") == Opaque("TemplateStr")


# --- the adversarial corpus


@pytest.mark.parametrize(
    "text",
    [
        "f()" + ".a()" * 900,
        "x = " + "[" * 90 + "]" * 90,
        "x = " + "+".join(["a"] * 900),
        "x = " + " or ".join(["a"] * 5_000),
        "x = [" + "f(), " * 10_000 + "]",
        "x = {" + "1: f(), " * 10_000 + "}",
        "a = " * 3_000 + "1",
        "from __future__ import annotations\nx: '" + "list[" * 90 + "int" + "]" * 90 + "' = 1",
        "".join("  " * i + "if a:\n" for i in range(40)) + "  " * 40 + "x = 1\n",
        "".join(" " * i + f"class C{i}:\n" for i in range(40)) + " " * 40 + "x = 1\n",
        "x = f'" + "{a}" * 3_000 + "'",
    ],
    ids=lambda text: text[:8] + str(len(text)),
)
def test_no_text_is_too_deep(text: str) -> None:
    facts = facts_of(text)
    assert decode(encode(facts)) == facts


def test_no_tree_is_too_deep() -> None:
    """Trees built by hand, as some versions of Python cannot parse what others can."""
    node: ast.expr = ast.Name("a", ast.Load())
    for _ in range(1000):
        node = ast.List([node], ast.Load())
    found = express(node)
    depth = 0
    while isinstance(found, Many):
        found, depth = found.items[0], depth + 1
    assert isinstance(found, Opaque)
    assert depth < 100


@pytest.mark.parametrize(
    ("start", "kept"),
    [
        (ast.Name("a", ast.Load()), Ref("a" + ".b" * 20_000)),
        (ast.Call(ast.Name("a", ast.Load()), [], [], lineno=1), Opaque("Attribute")),
    ],
    ids=["of a name", "of a call"],
)
def test_no_chain_of_attributes_is_too_long(start: ast.expr, kept: Expr) -> None:
    node = start
    for _ in range(20_000):
        node = ast.Attribute(node, "b", ast.Load())
    assert express(node) == kept


def _sample(folder: Path, count: int) -> list[Path]:
    files = sorted(one for one in folder.rglob("*.py") if "site-packages" not in one.parts)
    return random.Random(7).sample(files, min(count, len(files)))


def _is_read(path: Path) -> bool:
    """Not so a test of the parser, nor syntax of a later version."""
    try:
        parse_python(path.read_text(encoding="utf-8"))
    except (SourceError, UnicodeDecodeError):
        return False
    return True


@pytest.mark.parametrize("folder", [_STDLIB, _FIXTURES], ids=["standard library", "fixtures"])
def test_real_files_come_back_from_their_bytes(folder: Path) -> None:
    paths = [one for one in _sample(folder, 150) if _is_read(one)]
    assert len(paths) > 50
    for path in paths:
        facts = facts_of(path.read_text(encoding="utf-8"), path.name)
        assert decode(encode(facts)) == facts, path


def test_bytes_do_not_depend_on_the_process_nor_on_what_was_read_before(tmp_path: Path) -> None:
    code = (
        "import hashlib, random, sys\n"
        "from pathlib import Path\n"
        "from djfa_lint.facts.python import python_facts\n"
        "from djfa_lint.facts.records import encode\n"
        "from djfa_lint.source.parse import parse_python\n"
        "paths = sys.argv[2:]\n"
        "random.Random(int(sys.argv[1])).shuffle(paths)\n"
        "told = {}\n"
        "for path in paths:\n"
        "    text = Path(path).read_text(encoding='utf-8')\n"
        "    told[path] = hashlib.sha256(encode(python_facts(path, '', text, parse_python(text)))).hexdigest()\n"
        "print(sorted(told.items()))\n"
    )
    paths = [str(one) for one in _sample(_FIXTURES, 40) if _is_read(one)]
    mixed = tmp_path / "mixed.py"
    mixed.write_text("import fastapi\ndef f(*, b, a={3, 1, 2}, **k):\n    x = {'b', 'a'}\n    return {**k, 'z': x}\n")
    told = {
        subprocess.run(
            [sys.executable, "-c", code, seed, *paths, str(mixed)],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(told) == 1
    assert b"mixed.py" in told.pop()


# --- any text at all

_NAMES = st.sampled_from(["a", "b", "models", "router", "path", "include", "self"])
_TEXTS = st.text(max_size=8).map(repr)
_ATOMS = st.one_of(
    _NAMES,
    _TEXTS,
    st.integers().map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.binary(max_size=4).map(repr),
    st.sampled_from(["None", "...", "True", "1e999", "2j", "'\\ud83d'"]),
)


def _deeper(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    several = st.lists(inner, max_size=3)
    return st.one_of(
        several.map(lambda parts: f"[{', '.join(parts)}]"),
        several.map(lambda parts: f"f({', '.join(parts)}, *a, k=b, **c)"),
        st.tuples(inner, _NAMES).map(lambda two: f"({two[0]}).{two[1]}"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]})[{two[1]}]"),
        st.tuples(inner, st.sampled_from("+ - * / % | == or and < if".split()), inner).map(
            lambda three: (
                f"({three[0]} if a else {three[2]})" if three[1] == "if" else f"({three[0]} {three[1]} {three[2]})"
            )
        ),
        st.tuples(inner, inner).map(lambda two: f"[{two[0]} for a, (b, c) in {two[1]} if a]"),
        st.tuples(inner, inner).map(lambda two: f"{{{two[0]}: {two[1]}, **a}}"),
        inner.map(lambda one: f"(lambda q: {one})"),
        inner.map(lambda one: f"(w := {one})"),
    )


_EXPRESSIONS = st.recursive(_ATOMS, _deeper, max_leaves=12)
_SIMPLE = st.one_of(
    _EXPRESSIONS.map(lambda one: f"x = y = {one}"),
    _EXPRESSIONS.map(lambda one: f"x, *y = {one}"),
    _EXPRESSIONS.map(lambda one: f"x: {one} = 1"),
    _EXPRESSIONS.map(lambda one: f"x += {one}"),
    _EXPRESSIONS.map(lambda one: f"f({one})"),
    _EXPRESSIONS.map(lambda one: f"@d({one})\ndef f(q: {one} = {one}, *r): return {one}"),
    _EXPRESSIONS.map(lambda one: f"class C({one}, metaclass={one}):\n    x = {one}"),
    st.sampled_from(["import fastapi", "from . import *", "from a import b as router", "del x", "pass"]),
)


def _indented(text: str) -> str:
    return "\n".join("    " + line for line in text.splitlines())


def _blocks(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    bodies = st.lists(inner, min_size=1, max_size=3).map("\n".join)
    heads = st.sampled_from(
        ["if a:", "for a, b in c:", "while a:", "with a as b:", "def f(a, b=1):", "class C(B):", "async def g():"]
    )
    simple = st.tuples(heads, bodies).map(lambda two: f"{two[0]}\n{_indented(two[1])}")
    tried = st.tuples(bodies, bodies).map(
        lambda two: f"try:\n{_indented(two[0])}\nexcept E:\n{_indented(two[1])}\nfinally:\n    pass"
    )
    return st.one_of(simple, tried)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.recursive(_SIMPLE, _blocks, max_leaves=6), max_size=5).map("\n".join))
def test_any_text_comes_back_from_its_bytes(text: str) -> None:
    try:
        facts = facts_of(text)
    except SourceError:
        return  # `return` outside a function, `*` twice
    data = encode(facts)
    assert encode(facts_of(text)) == data
    # Text, as 1 == True == 1.0.
    assert repr(decode(data)) == repr(facts)
