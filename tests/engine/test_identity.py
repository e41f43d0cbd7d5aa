"""What a finding is known by stays the same whatever a formatter does, and under every Python."""

from __future__ import annotations

import ast
import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from djfa_lint.engine.identity import identified, normal_form, without_literals
from djfa_lint.sdk.finding import Finding
from djfa_lint.source.lines import Lines, Span
from djfa_lint.source.store import Store

ROOT = Path(__file__).parent.parent.parent

SAME = {
    "line breaks": ["f(a, b)", "f(\n    a,\n    b\n)", "f(a,\\\n  b)", "f( a,b )"],
    "comments": ["f(a, b)", "f(\n    # first\n    a,\n    b,  # second\n)"],
    "trailing comma": ["f(a, b)", "f(a, b,)", "f(\n    a,\n    b,\n)"],
    "parentheses": ["a.b", "(a.b)", "((\n    a.b\n))"],
    "chain in parentheses": ["a.b().c()", "(\n    a.b()\n    .c()\n)"],
    "tuple": ["a, b", "(a, b)", "(\n    a,\n    b,\n)"],
    "tuple of one": ["a,", "(a,)"],
    "quotes": ["f('it', \"a\")", "f(\"it\", 'a')", "f('''it''', \"\"\"a\"\"\")"],
    "escaped quotes": ["'it\\'s'", '"it\'s"'],
    "prefixes": ["f(B'a', u'b', R'c')", 'f(b"a", "b", r"c")'],
    "neighbouring strings": ["f('ab')", "f('a' 'b')", "f(\n    'a'\n    'b'\n)"],
    "f-string": ["f'{a}b'", 'F"{ a }b"', "(\n    f'{a}'\n    'b'\n)"],
    "numbers": ["0XFF + 1E5 + 1_000 + .5 + 1J", "0xff + 1e5 + 1000 + 0.5 + 1j"],
    "not": ["not(a)", "not a"],
    "lambda": ["lambda:(a)", "lambda: a"],
    "statement": ["x = f(a)", "x = (\n    f(a)\n)", "x=f(a);"],
    "statement in a block": ["x = f(a)", "    x = f(\n        a,\n    )"],
    "statements": ["a()\nb()", "a(); b()", "    a()\n\n    b()"],
    "return": ["return a, b", "return (a, b)", "return (\n    a,\n    b,\n)"],
    "del": ["del a, b", "del (a, b)", "del (\n    a,\n    b,\n)"],
    "one line": ["if a: b()", "if a:\n    b()"],
    "head of for": ["for a, b in c:", "for (a, b) in c:", "for a, b in (\n    c\n):"],
    "head of with": ["with a() as b, c():", "with (\n    a() as b,\n    c(),\n):", "with a() as b, \\\n     c():"],
    "head of except": ["except (A, B) as e:", "except (\n    A,\n    B,\n) as e:"],
    "head of class": ["class A:", "class A():", "class A(\n):"],
    "head of def": ["def f(a, b=1):", "def f(\n    a,\n    b=1,\n):", "def f(a,b = 1) :"],
    "head of elif": ["elif a and b:", "elif (\n    a\n    and b\n):"],
    "head of case": ["case [a, b]:", "case (a, b):", "case a, b:"],
    "imports": ["from a import b, c", "from a import (\n    b,\n    c,\n)"],
    "parameters": ["a, /, b, *, c=1", "\n    a,\n    /,\n    b,\n    *,\n    c=1,\n"],
    "docstring": ["def f():\n    '''A.\n      B.'''\n    a()", 'def f():\n    """A.\n    B."""\n    a()'],
    "comment": ["# djfa: ignore[DFA1]", "#djfa:  ignore[DFA1]"],
    "what does not parse": ["a in b from c", "a in b\n    from c", "(a in b from c)"],
}

DIFFERENT = [
    ("a.b", "a.c"),
    ("a.b", "b.a"),
    ("f(a, b)", "f(b, a)"),
    ("f(a)", "f(a=a)"),
    ("f('a')", "f(b'a')"),
    ("f('a')", "f(a)"),
    ("f('a', 'b')", "f('a' 'b')"),
    ("'__all__'", "'__none__'"),
    ("f'{a}'", "f'{a!r}'"),
    ("f'{a}'", "'{a}'"),
    ("a + b", "a - b"),
    ("(a + b) * c", "a + b * c"),
    ("a < b", "a <= b"),
    ("1", "True"),
    ("1", "1.0"),
    ("(a)", "(a,)"),
    ("[a]", "(a,)"),
    ("[]", "{}"),
    ("x = a", "x += a"),
    ("except:", "finally:"),
    ("except A:", "except B:"),
    ("for a in b:", "async for a in b:"),
    ("if a:", "while a:"),
    ("# djfa: ignore[DFA1]", "# djfa: ignore[DFA2]"),
    ("a in b from c", "a in b from d"),
]

# The file is made under one Python and read under another. A change here loses every baseline there is.
FORMS = {
    "order.customer": "f6b94dc820151d68",
    "except:": "01711d989127312c",
    "f'{a!r:>{b}}' 'é' '\\U0001fae8'": "cab9374df7f7bd8c",
    "def f(a, *b: int, c=None, **d) -> x[1:2]:": "cde16373883136f3",
    "with (a as b, c):": "6716660acc39b8cb",
    "[await x async for x in y if x is not ...]": "4d9334da8d269b65",
    "x: int = -0x10 + 1e100": "b868c0e945acba10",
}


@pytest.mark.parametrize("texts", SAME.values(), ids=SAME)
def test_same(texts: list[str]) -> None:
    assert {normal_form(text) for text in texts} == {normal_form(texts[0])}
    assert normal_form(texts[0])


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different(one: str, other: str) -> None:
    assert normal_form(one) != normal_form(other)


@pytest.mark.parametrize("text", FORMS)
def test_form_is_the_same_under_every_python(text: str) -> None:
    assert hashlib.blake2b(normal_form(text).encode(), digest_size=8).hexdigest() == FORMS[text]


def test_form_of_all_expressions_and_statements_survives_writing_them_anew() -> None:
    met: set[str] = set()
    for path in sorted((ROOT / "examples" / "shop" / "django").rglob("*.py")):
        lines = Lines(path.read_text())
        for node in ast.walk(ast.parse(lines.text)):
            if isinstance(node, (ast.expr, ast.stmt)) and not isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                written = lines.text_of(lines.span_of(node))
                # Inside of f-strings older Pythons do not say where a node stands.
                if written not in met and _parses_to(written, node):
                    met.add(written)
                    assert normal_form(written) == normal_form(ast.unparse(node)), written
    assert len(met) > 1000


def _parses_to(text: str, node: ast.AST) -> bool:
    try:
        parsed = ast.parse(f"({text}\n)" if isinstance(node, ast.expr) else text.lstrip()).body[0]
    except SyntaxError:
        return False
    found = parsed.value if isinstance(node, ast.expr) and isinstance(parsed, ast.Expr) else parsed
    return ast.dump(node) == ast.dump(found)


def test_nothing_a_text_can_hold_is_too_much() -> None:
    assert normal_form("f(" * 500 + ")" * 500)
    assert normal_form("+".join("a" * 3000))
    assert normal_form("9" * 6000) != normal_form("9" * 6001)
    assert normal_form("f('\0')")
    assert normal_form("f('\ud800')")


SCOPED = """\
import a  # module

@deco(a)
def outer(b=a):
    a()
    def inner():
        a()
    class Local:
        c = a
    return a

if a:
    class Model(a):
        d = a
        class Meta:
            e = a
        async def save(self):
            a()
else:
    try:
        a()
    except a:
        def late():
            a()
a()
"""
SCOPES = {
    1: "",
    3: "outer",
    4: "outer",
    5: "outer",
    7: "outer.inner",
    9: "outer.Local",
    10: "outer",
    12: "",
    13: "Model",
    14: "Model",
    16: "Model.Meta",
    18: "Model.save",
    21: "",
    22: "",
    24: "late",
    25: "",
}


def found(store: Store, path: str, span: Span, code: str = "DFA401", message: str = "a message") -> Finding:
    return Finding(path, span, code, "a-rule", message)


def test_scope_is_the_innermost_definition(tmp_path: Path) -> None:
    store = Store(tmp_path, {"x.py": SCOPED.encode()})
    lines = SCOPED.splitlines()
    findings = [
        found(store, "x.py", Span(n, line.index("a") + 1, n, line.index("a") + 2))
        for n, line in enumerate(lines, 1)
        if n in SCOPES
    ]
    known = identified(findings, store)
    assert {one.span.line: what and what.identity.scope for one, what in zip(findings, known, strict=True)} == SCOPES


def test_texts_for_people_are_short_and_on_one_line(tmp_path: Path) -> None:
    text = "x = call(\n    " + "argument, " * 30 + "\n)\n"
    store = Store(tmp_path, {"x.py": text.encode()})
    (known,) = identified([found(store, "x.py", Span(1, 5, 3, 2), message="word " * 80)], store)
    assert known is not None
    assert known.snippet.startswith("call( argument, argument,")
    assert len(known.snippet) <= 60
    assert len(known.message) <= 100
    assert "\n" not in known.snippet + known.message


def test_template_and_file_that_cannot_be_read(tmp_path: Path) -> None:
    store = Store(tmp_path, {"t/templates/x.html": b"<p>\n{{ a\n  }}</p>\n", "broken.py": b"(\n"})
    template = found(store, "t/templates/x.html", Span(2, 1, 3, 5))
    first, broken, missing = identified(
        [template, found(store, "broken.py", Span(1, 1, 1, 2)), found(store, "no.py", Span(1, 1, 1, 2))], store
    )
    assert (broken, missing) == (None, None)
    assert first is not None
    assert (first.identity.scope, first.snippet) == ("", "{{ a }}")
    store.overlay["t/templates/x.html"] = b"<p>  \n\n {{ a }}</p>\n"
    assert identified([found(store, "t/templates/x.html", Span(3, 2, 3, 9))], store)[0] == first


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SECRET_KEY = 'django-insecure'", "SECRET_KEY = 'dj...'"),
        ("SECRET = b'abcdef'", "SECRET = b'ab...'"),
        ("connect('a' 'bc', pin=1234, to=X)", "connect('ab...', pin=1234, to=X)"),
        ("K = (  # hunter2\n    'hunter2'\n)", "K = 'hu...'"),
        ("f'postgres://me:{word}@host'", "f'po...{word}@h...'"),
        ("if key == 'hunter2':", ""),
    ],
)
def test_literals_are_masked(text: str, expected: str) -> None:
    shown = without_literals(text)
    assert shown == expected or (text.startswith("f'") and "postgres" not in shown and "host" not in shown)


@given(st.text(alphabet="qzQZ'\"\\{}\n#", min_size=3), st.sampled_from(["S = {!r}", "f({!r}, a)", "a[{!r}]", "{!r}"]))
def test_secrets_are_in_no_text_for_people(secret: str, form: str) -> None:
    text = form.format(secret)
    store = Store(Path("/nowhere"), {"x.py": (text + "\n").encode()})
    finding = found(store, "x.py", Span(1, 1, 1, len(text) + 1), "DFA601", f"`{text}` is a secret: {secret}")
    (known,) = identified([finding], store)
    assert known is not None
    assert known.message == "a-rule"
    assert repr(secret)[1:-1] not in known.snippet
    assert sum(known.snippet.count(char) for char in "qzQZ") <= 2


def test_processes_give_the_same(tmp_path: Path) -> None:
    store = Store(tmp_path, {f"{n:03}.py": b"def f():\n    a.b\n" for n in range(300)})
    findings = [found(store, f"{n % 300:03}.py", Span(2, 5, 2, 8)) for n in range(600)]
    assert identified(findings, store, 2) == identified(findings, store, 1)
