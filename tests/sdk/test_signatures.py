"""What a function can return by its statements, compared with what it returns when it is called."""

import ast
import itertools
from textwrap import dedent

import pytest

from djfa_lint.sdk.signatures import ending
from djfa_lint.sdk.statements import names_bound

# Bodies of `def f(a, b)` that are called with every pair of truth values, and whether None can come back.
BODIES = {
    "return 1": False,
    "a": True,
    "if a:\n    return 1": True,
    "if a:\n    return 1\nelse:\n    return 2": False,
    "if a:\n    return 1\nelif b:\n    return 2\nelse:\n    raise KeyError": False,
    "if a:\n    return 1\nelif b:\n    return 2": True,
    "if a:\n    return\nreturn 1": True,
    "return None if a else 1": False,
    "try:\n    return 1 / a\nexcept ZeroDivisionError:\n    return 0": False,
    "try:\n    return 1 / a\nexcept ZeroDivisionError:\n    pass": True,
    "try:\n    a = 1 / a\nexcept ZeroDivisionError:\n    return 0\nelse:\n    return a": False,
    "try:\n    a = 1\nfinally:\n    return a": False,
    "for a in [1]:\n    return 1": True,  # a loop may have nothing to go through
    "while True:\n    return 1": False,
    "while True:\n    if a:\n        break\n    return 1": True,
    "with suppress(ZeroDivisionError):\n    return 1 / a": True,
    "with nullcontext():\n    return 1": False,
    "match a:\n    case True:\n        return 1\n    case _:\n        return 2": False,
    "match a:\n    case True:\n        return 1": True,
    "def g():\n    return None\nreturn g": False,
    "raise KeyError": False,
}


def function(body: str) -> ast.FunctionDef:
    text = "def f(a, b):\n" + "".join(f"    {line}\n" for line in body.splitlines())
    found = ast.parse(text).body[0]
    assert isinstance(found, ast.FunctionDef)
    return found


@pytest.mark.parametrize("body", BODIES)
def test_nothing_is_returned_where_a_call_returns_none(body: str) -> None:
    node = function(body)
    scope: dict = {}
    exec("from contextlib import nullcontext, suppress\n" + ast.unparse(node), scope)
    results = []
    for a, b in itertools.product((False, True), repeat=2):
        try:
            results.append(scope["f"](a, b))
        except KeyError:
            continue
    assert ending(node.body).nothing == BODIES[body]
    # `return None if a else 1` returns a value, whatever it is.
    assert BODIES[body] or None not in results or "None if" in body


@pytest.mark.parametrize(
    ("body", "is_none"),
    [
        ("print(a)", True),
        ("if a:\n    return\nprint(a)", True),
        ("if a:\n    return None\nprint(a)", True),
        ("return a", False),
        ("yield a", False),
        ("print((yield a))", False),
        ("def g():\n    yield a\nprint(g)", True),
        ("pass", False),
        ("...", False),
        ('"""Later."""', False),
        ("raise NotImplementedError", False),
        ("while True:\n    print(a)", False),
    ],
)
def test_none_is_the_hint_of_what_returns_nothing(body: str, is_none: bool) -> None:
    assert ending(function(body).body).is_none is is_none


@pytest.mark.parametrize(
    ("body", "stub"),
    [
        ("pass", True),
        ('"""Later."""\n...', True),
        ("return None", True),
        ("raise NotImplementedError", True),
        ('raise NotImplementedError("f")', True),
        ("raise ValueError(a)", False),
        ("raise", False),
        ("print(a)", False),
    ],
)
def test_a_stub_holds_a_place(body: str, stub: bool) -> None:
    assert ending(function(body).body).stub is stub


def test_values_are_those_of_the_function_itself() -> None:
    found = ending(function("if a:\n    return a\nreturn sorted(b, key=lambda one: one.name)").body)
    assert [type(one).__name__ for one in found.values] == ["Name", "Call"]


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("x = 1", 1),
        ("x = 1\nif a:\n    x = 2", 2),
        ('x = {}\nx["k"] = 1\nx.y = 2', 1),
        ("x = 1\nx += 1", 0),
        ("x, y = a", 0),
        ("x = 1\nfor x in a:\n    pass", 0),
        ("with a as x:\n    pass", 0),
        ("print(x := 1)", 0),
        ("def g():\n    x = 1", 0),
        ("x = 1\nimport a as x", 0),
        ("x = 1\nmatch a:\n    case [x]:\n        pass", 0),
        ("x = 1\ntry:\n    a()\nexcept KeyError as x:\n    pass", 0),
        ("a = 1", 0),
    ],
)
def test_a_local_variable_is_followed_through_plain_assignments_only(body: str, count: int) -> None:
    name = "a" if body == "a = 1" else "x"
    assert len(names_bound(function(dedent(body)), name) or ()) == count
