"""What declared names hold: through files, lists, dicts, texts, factories and loops, in whatever order it is asked."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

import pytest

from djfa_lint.facts.values import Ref
from djfa_lint.project.declared import (
    Attribute,
    Choice,
    Held,
    Listed,
    Lit,
    Made,
    Mapped,
    Several,
    Symbol,
    Unknown,
    Value,
)
from djfa_lint.project.linked import Linked
from tests.project.linking import linked_of


def spelled(value: Value) -> str:
    """A value as a short text."""
    if isinstance(value, Unknown):
        return "?"
    if isinstance(value, Lit):
        return repr(value.value)
    if isinstance(value, Symbol):
        return value.known.name
    if isinstance(value, Made):
        return f"{spelled(value.callee)}()"
    if isinstance(value, Attribute):
        return f"{spelled(value.of)}.{value.name}"
    if isinstance(value, Listed):
        return f"[{', '.join([*map(spelled, value.items), *([] if value.whole else ['..'])])}]"
    if isinstance(value, Mapped):
        return f"{{{', '.join(f'{spelled(key)}: {spelled(one)}' for key, one in value.items)}}}"
    if isinstance(value, Choice):
        return " | ".join(map(spelled, value.options))
    if isinstance(value, Several):
        return f"*{spelled(value.value)}"
    assert isinstance(value, Held)
    return "held"


def value_of(linked: Linked, name: str, path: str = "m.py") -> Value:
    return linked.linker.value(linked.linker.module(path), Ref(name))


def told(texts: str | dict[str, str], name: str, path: str = "m.py") -> str:
    files = {"m.py": texts} if isinstance(texts, str) else texts
    return spelled(value_of(linked_of(files), name, path))


PACKAGE = {
    "pkg/__init__.py": "from .app import app\nfrom . import other\n",
    "pkg/app.py": "from fastapi import FastAPI\napp = FastAPI()\n",
    "pkg/other.py": "from .. import nothing\nfrom ..base import x as y\nother = 1\n",
    "base.py": "__all__ = ['x']\nx = 1\nhidden = 2\n",
    "deep/a.py": "from m import back\nfrom base import *\n",
}


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("from fastapi import FastAPI as F\nx = F", "x", "fastapi.FastAPI"),
        ("import a.b as q\nx = q.C", "x", "a.b.C"),
        ("from pkg import app", "app", "fastapi.FastAPI()"),
        ("import pkg\nx = pkg.app", "x", "fastapi.FastAPI()"),
        ("from pkg.app import app", "app", "fastapi.FastAPI()"),
        ("from pkg import other", "other", "pkg.other"),
        ("import pkg.other\nx = pkg.other.y", "x", "1"),
        ("from pkg.other import nothing", "nothing", "?"),
        ("from base import *", "x", "1"),
        ("from base import *", "hidden", "?"),
        ("from base import *", "print", "builtins.print"),
        ("from deep.a import x", "x", "1"),
        ("from deep.a import back", "back", "?"),
        ("from deep.a import back\nback = 3", "back", "3"),
        ("try:\n    import ujson as j\nexcept ImportError:\n    import json as j", "j", "ujson | json"),
        ("try:\n    import ujson\nexcept ImportError:\n    ujson = None", "ujson", "ujson"),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from base import x", "x", "1"),
        ("from base import x\nx = 2", "x", "2"),
        ("from base import x\nif a:\n    x = 2", "x", "1 | 2"),
        ("def x(): ...", "x", "m.x"),
    ],
)
def test_names_through_imports(text: str, name: str, expected: str) -> None:
    assert told({**PACKAGE, "m.py": text}, name) == expected


def test_imports_in_a_function() -> None:
    texts = {
        **PACKAGE,
        "m.py": "import fastapi\ndef make():\n    from base import x as z\n    return [z]\ny = make()\n",
    }
    assert told(texts, "y") == "[1]"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = [1]\nx += [2]\nx.append(3)\nx.extend([4])\nx.insert(0, 5)", "[1, 2, 3, 4, 5]"),
        ("a = [1, 2]\nx = [*a, 3] + a", "[1, 2, 3, 1, 2]"),
        ("a = [1, 2]\nx = [y for y in a]", "[1, 2]"),
        ("x = list((1, 2))", "[1, 2]"),
        ("x = [1]\nif a:\n    x += [2]", "[1, 2]"),
        ("x = [*unknown(), 1]", "[*?(), 1, ..]"),
        ("x = [1] + unknown()", "[1, *?(), ..]"),
        ("from start import x\nx += [2]", "[1, 2]"),
        ("from start import *\nx += [2]", "[1, 2]"),
        ("from start import *\nx = x + [2]", "[1, 2]"),
        ("x = [1, 2][-1]", "2"),
        ("x = [1, 2][5]", "?"),
        ("x = [*unknown(), 1][0]", "?"),
        ("from fastapi import FastAPI\nx = FastAPI()\nx.add(1)\nx.update(2)\nx.append(3)", "fastapi.FastAPI()"),
        ("x = set()\nx.add(1)", "[*builtins.set(), 1, ..]"),
        ("x = []\nfor a, b in [(1, 2), (3, 4)]:\n    x.append(b)", "[2, 4]"),
        ("x = []\nfor k, v in {'a': 1}.items():\n    x += [k, v]", "['a', 1]"),
        ("x = []\nfor i, v in enumerate([7, 8]):\n    x.append(v)", "[7, 8]"),
        ("x = []\nfor a, b in zip([1], [2]):\n    x.append(b)", "[2]"),
        ("x = []\nfor a in unknown:\n    x.append(a)", "[]"),
        ("x = {'a': 1}\nx.update({'b': 2})", "{'a': 1, 'b': 2}"),
        ("x = {**{'a': 1}, 'a': 2}['a']", "2"),
        ("x = {'a': 1, **unknown}['a']", "?"),
        ("x = {'a': 1} | {'b': 2}", "{'a': 1, 'b': 2}"),
        ("x = 'a'\nx += 'b'", "'ab'"),
        ("a = 'a'\nx = f'{a}/b' + '/c'", "'a/b/c'"),
        ("x = f'{5:03}'", "held"),
        ("x = 'a' if b else 'c'\nx += 'd'", "'ad' | 'cd'"),
        ("x = a or 'b'", "'b'"),
        ("x = 1\nx = 2", "2"),
        ("a, (b, x) = 1, (2, 3)", "3"),
    ],
)
def test_lists_dicts_and_texts(text: str, expected: str) -> None:
    assert told({"m.py": text, "start.py": "x = [1]\n"}, "x") == expected


SETTINGS = """
    class Base:
        PREFIX = "/api"
        FULL = PREFIX + "/x"
        items = [1]
        items += [2]
    class Settings(Base):
        PREFIX = "/own"
    outer = 1
    class Shadow:
        outer = outer
        inner = [outer]
    settings = Settings()
"""


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("settings.PREFIX", "'/own'"),
        ("settings.FULL", "'/api/x'"),
        ("settings.items", "[1, 2]"),
        ("settings.nothing", "m.Settings().nothing"),
        ("Shadow.outer", "1"),
        ("Shadow.inner", "[1]"),
        ("getattr(settings, 'PREFIX')", "'/own'"),
        ("getattr(settings, 'PREFIX', 'd')", "'/own'"),
        ("getattr(settings, 'nothing', 'd')", "m.Settings().nothing | 'd'"),
        ("getattr(unknown, 'PREFIX', 'd')", "?.PREFIX | 'd'"),
    ],
)
def test_attributes_of_instances(expression: str, expected: str) -> None:
    assert told(f"{SETTINGS}\n    x = {expression}\n", "x") == expected


FACTORIES = """
    from fastapi import APIRouter, FastAPI
    def plain(a, b="d", *, c=1):
        d = a
        return [a, b, c, d]
    def given(app=None):
        app = app or FastAPI()
        return app
    def outer(name):
        return inner(name)
    def inner(name):
        router = APIRouter(prefix=name)
        return router
    def endless():
        return endless()
    def growing(a):
        return growing([a])
    def there(a):
        if a:
            return back(a)
        return FastAPI()
    def back(a):
        return there(a)
"""


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("plain(1)", "[1, 'd', 1, 1]"),
        ("plain(1, 2, c=3)", "[1, 2, 3, 1]"),
        ("plain(b=5, a=6)", "[6, 5, 1, 6]"),
        ("plain(*unknown)", "[?, ?, 1, ?]"),
        ("plain(**unknown)", "[?, ?, ?, ?]"),
        ("given()", "fastapi.FastAPI()"),
        ("outer('/a')", "fastapi.APIRouter()"),
        ("endless()", "m.endless()"),
        ("growing(1)", "m.growing()"),
    ],
)
def test_factories(expression: str, expected: str) -> None:
    assert told(f"{FACTORIES}\n    x = {expression}\n", "x") == expected


def test_factories_that_call_each_other_come_to_an_end() -> None:
    assert told(f"{FACTORIES}\n    x = there(1)\n", "x") in {"m.there()", "m.back()"}


def test_one_call_makes_one_thing_however_it_is_reached() -> None:
    texts = {
        "m.py": FACTORIES
        + "\n    a = b = APIRouter()\n    made = [inner(n) for n in ('x', 'y')]\n    one = inner('x')\n",
        "n.py": "import m\nfrom m import *\nc = a\nd = m.b\ne, f = m.made\n",
    }
    linked = linked_of(texts)
    a, b = value_of(linked, "a"), value_of(linked, "b")
    assert isinstance(a, Made)
    assert a is b is value_of(linked, "c", "n.py") is value_of(linked, "d", "n.py")
    made = value_of(linked, "made")
    assert isinstance(made, Listed)
    first, second = made.items
    assert isinstance(first, Made)
    assert isinstance(second, Made)
    assert first is not second
    prefixes = [linked.linker.text(linked.linker.argument(one, -1, "prefix")) for one in (first, second)]
    assert prefixes == ["x", "y"]
    assert value_of(linked, "made").items[0] is first  # type: ignore[union-attr]


CIRCLES = {
    "plain": ("a = b\nb = a\nc = c\n", ["a", "b", "c"]),
    "with a way out": ("a = b or 1\nb = a or 2\nd = a\n", ["a", "b", "d"]),
    "lists": ("a = [*b, 1]\nb = [*a, 2]\nc = a + [3]\n", ["a", "b", "c"]),
    "two circles": ("a = b or c or 1\nb = a or 2\nc = a or d or 3\nd = c\ne = d or b\n", list("abcde")),
    "classes": ("class A:\n    x = B.y\nclass B:\n    y = A.x\na = A.x\nb = B.y\n", ["a", "b"]),
    "long": ("".join(f"a{i} = a{(i + 1) % 90}\n" for i in range(90)), [f"a{i}" for i in range(90)]),
    "long way": ("".join(f"a{i} = a{i + 1}\n" for i in range(200)) + "a200 = 7\n", [f"a{i}" for i in range(200)]),
    "runs": (
        "import fastapi\ndef f(x):\n    return g(x) if x else [1]\ndef g(x):\n    return f(x) if x else [2]\n"
        "a = f(1)\nb = g(1)\n",
        ["a", "b"],
    ),
}


@pytest.mark.parametrize("case", CIRCLES)
def test_an_answer_does_not_depend_on_what_was_asked_first(case: str) -> None:
    text, names = CIRCLES[case]
    answers = []
    for seed in range(6):
        order = random.Random(seed).sample(names, len(names))
        linked = linked_of({"m.py": text})
        found = {name: spelled(value_of(linked, name)) for name in order}
        answers.append(sorted(found.items()))
    assert all(one == answers[0] for one in answers)
    if case in {"plain", "long", "classes"}:
        assert {value for _, value in answers[0]} == {"?"}
    if case == "long way":
        assert {value for _, value in answers[0]} == {"7"}


def test_an_import_circle_with_a_way_out() -> None:
    texts = {"m.py": "from a import x\n", "a.py": "try:\n    from m import x\nexcept ImportError:\n    x = 1\n"}
    for order in (("m.py", "a.py"), ("a.py", "m.py")):
        linked = linked_of(texts)
        assert [spelled(value_of(linked, "x", path)) for path in order] == ["1", "1"]


def _adversarial() -> Iterator[tuple[str, dict[str, str], str]]:
    count = 3000
    chain = {f"m{i}.py": f"from m{i + 1} import x\n" for i in range(count)}
    yield "modules that import each other", {**chain, f"m{count}.py": "x = 1\n", "m.py": "from m0 import x\n"}, "1"
    stars = {f"m{i}.py": f"from m{i + 1} import *\n" for i in range(count)}
    yield "stars", {**stars, f"m{count}.py": "x = 1\n", "m.py": "from m0 import *\n"}, "1"
    ring = {f"m{i}.py": f"import m{(i + 1) % count} as n\nx = n.x\n" for i in range(count)}
    yield "a ring", {**ring, "m.py": "from m0 import x\n"}, "?"
    yield "assigned again and again", {"m.py": "".join(f"x = f{i}()\n" for i in range(5000))}, "?()"
    yield "perhaps assigned", {"m.py": "".join(f"if a:\n    x = f{i}()\n" for i in range(5000))}, "?"
    yield "a long list", {"m.py": f"y = [{'f(), ' * 10_000}]\nz = [*y, *y]\nx = len\n"}, "builtins.len"
    text = "x0 = f()\n" + "".join(f"x{i} = x{i - 1}.a or x{i - 1}.b\n" for i in range(1, 200))
    yield "alternatives that double", {"m.py": text + "y = x199\nx = 1\n"}, "1"
    text = "".join(f"x{i} = [{', '.join(f'x{j}' for j in range(100) if j != i)}]\n" for i in range(100))
    yield "a web", {"m.py": text + "x = x0\n"}, "?"
    loops = "L = [" + "1, " * 400 + "]\ny = []\n" + "".join(f"{' ' * i}for a{i} in L:\n" for i in range(5))
    yield "loops in loops", {"m.py": f"{loops}     y.append(f(a0))\nz = y[0]\nx = 1\n"}, "1"
    text = "import fastapi\n" + "".join(
        f"def f{i}(a):\n"
        + "".join(f"    x{j} = f{j}([a])\n" for j in range(i + 1, min(i + 5, 200)))
        + f"    return f{i + 1}(a)\n"
        for i in range(200)
    )
    yield "factories", {"m.py": text + "y = f0(1)\nx = 1\n"}, "1"
    yield "parts", {"m.py": "x = y" + ".a" * 300}, "?"


@pytest.mark.parametrize(
    ("texts", "expected"), [one[1:] for one in _adversarial()], ids=[one[0] for one in _adversarial()]
)
def test_nothing_is_too_long(texts: dict[str, str], expected: str) -> None:
    linked = linked_of(texts)
    begun = time.perf_counter()
    for name in ("y", "z", "x"):
        value = value_of(linked, name)
    assert spelled(value) == expected
    assert time.perf_counter() - begun < 10
