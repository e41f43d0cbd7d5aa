"""What a name in a file means, through imports, aliases and re-exports; and where it cannot be known."""

from __future__ import annotations

import pytest

from djfa_lint.facts.python import python_facts
from djfa_lint.project.names import Known, Names
from djfa_lint.project.project import Project
from djfa_lint.source.parse import parse_python


def project(files: dict[str, str], src: tuple[str, ...] = (), markers: tuple[str, ...] = ()) -> Project:
    facts = {path: python_facts(path, "", text, parse_python(text)) for path, text in files.items()}
    return Project(facts, src, markers)


def meaning(files: dict[str, str], name: str, path: str = "x.py") -> str | None:
    """The answer as text: ``made:`` before what was called to make it, ``:attribute`` read from it after."""
    known = project(files).resolve(path, name)
    if known is None:
        return None
    return ("made:" if known.made else "") + ":".join([known.name, *known.attributes])


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("import time", "time.sleep", "time.sleep"),
        ("import time as t", "t.sleep", "time.sleep"),
        ("import os.path", "os.path.join", "os.path.join"),
        ("import os.path", "os.system", "os.system"),
        ("import os.path as p", "p.join", "os.path.join"),
        ("from time import sleep", "sleep", "time.sleep"),
        ("from time import sleep as nap", "nap", "time.sleep"),
        ("from os import path", "path.join", "os.path.join"),
        ("import a.b, a.c", "a.d", "a.d"),
        ("import time\nnap = time.sleep", "nap", "time.sleep"),
        ("import time\nt = time\nnap = t.sleep\nagain = nap", "again", "time.sleep"),
        ("import time\nx = y = time", "y.sleep", "time.sleep"),
        ("import time\nx: object = time.sleep", "x", "time.sleep"),
        ("def f(): pass", "f", "x.f"),
        ("class A: pass", "A.b", "x.A.b"),
        ("import httpx\nc = httpx.Client()", "c", "made:httpx.Client"),
        ("import httpx\nc = httpx.Client()", "c.get", "made:httpx.Client:get"),
        ("import httpx\nm = httpx\nc = m.Client(timeout=1)\nd = c", "d.a.b", "made:httpx.Client:a:b"),
        ("class A: pass\na = A()", "a.b", "made:x.A:b"),
        ("", "print", "builtins.print"),
        ("", "dict.fromkeys", "builtins.dict.fromkeys"),
        ("def print(): pass", "print", "x.print"),
        ("from shop import print", "print", "shop.print"),
        # Bound more than once to the same.
        ("import time\nimport time", "time.sleep", "time.sleep"),
        ("try:\n    import time\nexcept ImportError:\n    time = None", "time.sleep", "time.sleep"),
        ("try:\n    from a import f\nexcept ImportError:\n    from a import f", "f", "a.f"),
        ("if x:\n    from time import sleep\nelse:\n    sleep = None", "sleep", "time.sleep"),
        ("f = None\nimport time\nf = time.sleep", "f", "time.sleep"),
    ],
)
def test_known_names_of_one_file(text: str, name: str, expected: str) -> None:
    assert meaning({"x.py": text}, name) == expected


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("", "nothing"),
        ("f = None", "f"),
        ("f = 1", "f"),
        ("f = g[0]", "f"),
        ("f = g()()", "f"),
        ("import a\nc = a.b().c()", "c"),
        ("import a\nc = a.b()\nd = c()", "d"),
        ("import time\nf = time.sleep\nf = print", "f"),
        ("try:\n    from a import f\nexcept ImportError:\n    from b import f", "f"),
        ("try:\n    from a import f\nexcept ImportError:\n    def f(): pass", "f"),
        ("def f(): pass\nf = g(f)", "f"),
        ("from time import sleep\nsleep = 1", "sleep"),
        ("from time import sleep\nfor sleep in x: pass", "sleep"),
        ("from time import sleep\nwith x as sleep: pass", "sleep"),
        ("from time import sleep\nwith x as (y, [sleep]): pass", "sleep"),
        ("from time import sleep\nsleep += 1", "sleep"),
        ("from time import sleep\ndel sleep", "sleep"),
        ("from time import sleep\n(a, *sleep) = x", "sleep"),
        ("from time import sleep\nclass sleep: pass", "sleep"),
        ("from a import *", "f"),
        ("from a import *", "print"),
        ("f = f", "f"),
        ("f = g\ng = f", "f"),
        ("from x import f", "f"),
        ("from ...a import f", "f"),
    ],
)
def test_unknown_names_of_one_file(text: str, name: str) -> None:
    assert meaning({"x.py": text}, name) is None


@pytest.mark.parametrize(
    "text",
    [
        "from time import sleep\nif (sleep := x): pass",
        "from time import sleep\nmatch x:\n    case sleep: pass",
        "from time import sleep\nmatch x:\n    case [*sleep]: pass",
        "from time import sleep\nmatch x:\n    case {**sleep}: pass",
        "from time import sleep\ntry: pass\nexcept E as sleep: pass",
        "from time import sleep\ndef f():\n    global sleep\n    sleep = 1",
        "from time import sleep\nprint(sleep := 1)",
        "from time import sleep\nwhile sleep := x(): pass",
    ],
)
def test_every_way_to_bind_a_name_counts(text: str) -> None:
    assert meaning({"x.py": text}, "sleep") is None


PACKAGE = {
    "shop/__init__.py": "from .models import Order as Purchase\nfrom . import tools\nimport time\n",
    "shop/models.py": "from .base import Base\nclass Order(Base): pass\n",
    "shop/base.py": "from django.db import models\nclass Base(models.Model): pass\n",
    "shop/tools.py": "from time import *\nfrom .models import *\nfrom shop.deep.end import nap as snooze\nnow = 1\n",
    "shop/deep/__init__.py": "",
    "shop/deep/end.py": "from time import sleep as nap\nfrom ... import nothing\nfrom ..models import Order\n",
}


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("from shop import Purchase", "Purchase", "shop.models.Order"),
        ("import shop", "shop.Purchase.objects", "shop.models.Order.objects"),
        ("import shop.models as m", "m.Order", "shop.models.Order"),
        ("import shop.models", "shop.models.Order", "shop.models.Order"),
        ("import shop.models", "shop.Purchase", "shop.models.Order"),
        ("from shop.models import Base", "Base", "shop.base.Base"),
        ("from shop import base", "base.models.Model", "django.db.models.Model"),
        ("from shop.deep.end import Order", "Order", "shop.models.Order"),
        ("from shop.deep.end import nap", "nap", "time.sleep"),
        ("from shop.tools import snooze", "snooze", "time.sleep"),
        ("from shop import tools as t", "t.snooze", "time.sleep"),
        ("import shop", "shop", "shop"),
        ("from shop.deep import end", "end", "shop.deep.end"),
        ("from shop import *", "Purchase", "shop.models.Order"),
        ("from shop import *", "time.sleep", "time.sleep"),
        ("from shop import *", "print", "builtins.print"),
        ("from shop.models import *\nfrom shop.base import *", "Base", "shop.base.Base"),
        ("import shop\no = shop.Purchase()", "o.save", "made:shop.models.Order:save"),
        # A module of the project that has no such name: not a library's either.
        ("from shop import nothing", "nothing", None),
        ("import shop.nothing", "shop.nothing.f", None),
        ("from shop.models import print", "print", None),
        ("from shop import tools", "tools.now", None),
        ("from shop.tools import Order", "Order", "shop.models.Order"),
        ("from shop.tools import gmtime", "gmtime", None),  # perhaps of the library's star
        ("from shopping import Purchase", "Purchase", "shopping.Purchase"),
    ],
)
def test_names_over_files(text: str, name: str, expected: str | None) -> None:
    assert meaning({**PACKAGE, "x.py": text}, name) == expected


@pytest.mark.parametrize(
    ("path", "text", "name"),
    [
        ("x.py", "from . import requests", "requests.get"),
        ("x.py", "from .requests import get", "get"),
        ("jobs/x.py", "from . import requests", "requests.get"),
        ("jobs/x.py", "from .time import sleep", "sleep"),
        ("shop/x.py", "from .. import requests", "requests.get"),
        ("shop/deep/x.py", "from ...requests import get", "get"),
    ],
)
def test_relative_import_is_never_a_library(path: str, text: str, name: str) -> None:
    """The file may be generated, ignored or broken."""
    assert meaning({**PACKAGE, path: text}, name, path) is None


def test_private_names_do_not_come_with_a_star() -> None:
    files = {"a.py": "from time import sleep as _nap\n", "x.py": "from a import *\n"}
    assert meaning(files, "_nap") in (None, "time.sleep")  # saying what it would be does no harm


def test_all_limits_a_star() -> None:
    files = {"a.py": "from time import sleep as print\n__all__ = ['b']\n", "x.py": "from a import *\n"}
    assert meaning(files, "print") == "builtins.print"


def test_later_star_wins() -> None:
    files = {"a.py": "from time import sleep as f\n", "b.py": "from os import system as f\n"}
    assert meaning({**files, "x.py": "from a import *\nfrom b import *\n"}, "f") in (None, "os.system")


@pytest.mark.parametrize(
    "files",
    [
        {"a.py": "from b import f\n", "b.py": "from a import f\n"},
        {"a.py": "from b import *\n", "b.py": "from a import *\n"},
        {"a.py": "import b\nf = b.f\n", "b.py": "import a\nf = a.f\n"},
        {"a.py": "from b import f\n", "b.py": "from c import f\n", "c.py": "from a import f\n"},
        {"a.py": "f = f()\n"},
        {"a/__init__.py": "from . import f\n"},
    ],
)
@pytest.mark.parametrize("rest", ["", ".g"])
def test_cycles_are_unknown(files: dict[str, str], rest: str) -> None:
    assert meaning({**files, "x.py": "from a import f\n"}, "f" + rest) is None


def test_cycle_with_a_way_out() -> None:
    files = {"a.py": "from b import *\nfrom time import sleep\n", "b.py": "from a import *\n"}
    linked = project({**files, "x.py": "from b import sleep\n"})
    asked = [("x.py", "sleep"), ("b.py", "sleep"), ("a.py", "sleep"), ("a.py", "nothing"), ("b.py", "nothing")]
    for order in (asked, asked[::-1]):
        fresh = project({**files, "x.py": "from b import sleep\n"})
        for path, name in order:
            assert fresh.resolve(path, name) == linked.resolve(path, name)
    assert linked.resolve("b.py", "sleep") == Known("time.sleep")


def count_look_ups(monkeypatch: pytest.MonkeyPatch, files: dict[str, str], path: str, name: str) -> int:
    looked: list[str] = []
    original = Names._ways

    def look_up(self: Names, path: str, dotted: str) -> list[object]:
        looked.append(dotted)
        assert len(looked) <= 5000, "enough"
        return original(self, path, dotted)

    monkeypatch.setattr(Names, "_ways", look_up)
    project(files).resolve(path, name)
    return len(looked)


def test_stars_in_a_circle_are_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten modules that each import all of the others: 10! ways lead through them."""
    modules = [f"m{number}" for number in range(10)]
    files = {f"{one}.py": "".join(f"from {other} import *\n" for other in modules if other != one) for one in modules}
    assert count_look_ups(monkeypatch, files, "m0.py", "print") < 500


@pytest.mark.parametrize("count", [25, 55, 150])
def test_branches_are_looked_up_once(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    lines = [f"if x:\n    a{n + 1} = a{n}\nelse:\n    a{n + 1} = a{n}.b\n" for n in range(count)]
    assert count_look_ups(monkeypatch, {"x.py": "".join(lines)}, "x.py", f"a{count}") < 25 * count


def test_branches_in_a_circle_are_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    files = {
        f"m{n}.py": f"from m{(n + 1) % 25} import f as g\nif x:\n    f = g\nelse:\n    f = g.h\n" for n in range(25)
    }
    # Two names a file, each with up to twenty attributes behind it: no more than are different.
    assert count_look_ups(monkeypatch, files, "m0.py", "f") <= 25 * 2 * 22


def chain_of_names(length: int) -> dict[str, str]:
    return {"x.py": "from time import sleep as a0\n" + "".join(f"a{n + 1} = a{n}\n" for n in range(length))}


def chain_of_files(length: int) -> dict[str, str]:
    files = {f"m{n + 1}.py": f"from m{n} import f as f{n + 1}, f\n" for n in range(length)}
    return {**files, "m0.py": "from time import sleep as f\n", "x.py": f"from m{length} import f\n"}


def test_chains_of_names_and_files() -> None:
    assert meaning(chain_of_names(50), "a50") == "time.sleep"
    assert meaning(chain_of_files(30), "f") == "time.sleep"


def test_long_chains_are_followed() -> None:
    assert meaning(chain_of_names(3000), "a3000") == "time.sleep"
    assert meaning(chain_of_files(1000), "f") == "time.sleep"


@pytest.mark.parametrize("length", [70, 100, 200])
def test_order_of_questions_does_not_matter(length: int) -> None:
    names = [f"a{n}" for n in range(length + 1)]
    upwards, downwards = project(chain_of_names(length)), project(chain_of_names(length))
    up = {name: upwards.resolve("x.py", name) for name in names}
    down = {name: downwards.resolve("x.py", name) for name in reversed(names)}
    assert up == down


TWO_PROJECTS = {
    "one/app/__init__.py": "",
    "one/app/models.py": "class Order: pass\n",
    "one/app/views.py": "from app.models import Order\nfrom .models import Order as Same\nfrom app import models\n",
    "two/src/app/__init__.py": "",
    "two/src/app/models.py": "from time import sleep as Order\n",
    "two/src/app/views.py": "from app.models import Order\nfrom .models import Order as Same\nfrom app import models\n",
    "two/tests/test_x.py": "from app.models import Order as Same, Order\nfrom app import models\n",
}


@pytest.mark.parametrize("name", ["Order", "Same", "models.Order"])
def test_two_projects_with_one_package_name_never_merge(name: str) -> None:
    linked = project(TWO_PROJECTS, markers=("one/manage.py", "two/pyproject.toml"))
    assert linked.resolve("one/app/views.py", name) == Known("app.models.Order", path="one/app/models.py")
    assert linked.resolve("two/src/app/views.py", name) == Known("time.sleep")


@pytest.mark.parametrize("name", ["Order", "Same", "models.Order"])
def test_files_beside_src_see_what_is_in_it(name: str) -> None:
    linked = project(TWO_PROJECTS, markers=("one/manage.py", "two/pyproject.toml"))
    assert linked.resolve("two/tests/test_x.py", name) == Known("time.sleep")


def test_configured_root() -> None:
    files = {"code/lib/a.py": "from time import sleep as f\n", "code/lib/deep/x.py": "from a import f\n"}
    assert project(files).resolve("code/lib/deep/x.py", "f") == Known("a.f")
    assert project(files, src=("code/lib",)).resolve("code/lib/deep/x.py", "f") == Known("time.sleep")
    assert project(files, src=("./code/lib/",)).resolve("code/lib/deep/x.py", "f") == Known("time.sleep")


def test_configured_root_is_one_for_every_file() -> None:
    files = {"code/lib/a.py": "from time import sleep as f\n", "app/x.py": "from a import f\n"}
    assert project(files, src=("code/lib",)).resolve("app/x.py", "f") == Known("time.sleep")


@pytest.mark.parametrize(
    ("path", "module", "level", "expected"),
    [
        ("a/b/c.py", "d", 0, "d"),
        ("a/b/c.py", "d", 1, "a.b.d"),
        ("a/b/c.py", "", 1, "a.b"),
        ("a/b/c.py", "d.e", 2, "a.d.e"),
        ("a/b/__init__.py", "d", 1, "a.b.d"),
        ("a/b/__init__.py", "", 2, "a"),
        ("a/b/c.py", "d", 4, None),
        ("a/b/__init__.py", "d", 4, None),
    ],
)
def test_relative_imports(path: str, module: str, level: int, expected: str | None) -> None:
    files = dict.fromkeys(["a/__init__.py", "a/b/__init__.py", "a/b/c.py"], "")
    assert project(files).modules.absolute(path, module, level) == expected


def test_namespace_package() -> None:
    files = {"ns/a.py": "from time import sleep as f\n", "x.py": "from ns.a import f\nfrom ns import a\n"}
    assert meaning(files, "f") == "time.sleep"
    assert meaning(files, "a.f") == "time.sleep"


def test_of_a_module_and_a_package_of_one_name_the_package_is_imported() -> None:
    files = {"a.py": "from os import system as f\n", "a/__init__.py": "from time import sleep as f\n"}
    assert meaning({**files, "x.py": "from a import f\n"}, "f") == "time.sleep"


def test_import_in_a_function_over_the_modules() -> None:
    linked = project({"x.py": "from os import system as f\ndef g():\n    from time import sleep as f\n    f(1)\n"})
    unit = next(unit for unit in linked.files["x.py"].units if unit.name == "g")
    assert linked.resolve("x.py", "f", {one.name: one for one in unit.imports}) == Known("time.sleep")
    assert {known.name for known in linked.names_in("x.py", unit)} == {"time.sleep", "os.system"}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"x.py": "class C: pass\n"}, ("x.C",)),
        ({"x.py": "class A: pass\nclass B(A): pass\nclass C(B): pass\n"}, ("x.C", "x.B", "x.A")),
        (
            {"x.py": "from django.db import models as m\nclass C(m.Model, unknown(), other): pass\n"},
            ("x.C", "django.db.models.Model", "django.db.models.utils.AltersData"),
        ),
        ({"x.py": "from typing import Generic, T\nclass C(Generic[T]): pass\n"}, ("x.C", "typing.Generic")),
        ({"a.py": "class A: pass\n", "x.py": "import a\nclass C(a.A): pass\n"}, ("x.C", "a.A")),
        ({"x.py": "class C(D): pass\nclass D(C): pass\n"}, ("x.C", "x.D")),
        ({"x.py": "class A: pass\nclass B(A): pass\nclass C(A, B): pass\n"}, ("x.C", "x.A", "x.B")),
    ],
)
def test_ancestors(files: dict[str, str], expected: tuple[str, ...]) -> None:
    linked = project(files)
    known = linked.resolve("x.py", "C")
    assert known is not None
    assert linked.ancestors(known) == expected
