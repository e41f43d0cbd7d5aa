"""Classes across files: their order, compared with that of the same code when it is run."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from djfa_lint.facts.values import Assigned
from djfa_lint.project.classes import Mro
from djfa_lint.project.names import Known
from tests.project.linking import linked_of

SHOP = {
    "shop/__init__.py": "from .base import Base as Root, Mixin\nfrom .models import *\n",
    "shop/base.py": """
        from typing import Generic, TypeVar
        T = TypeVar("T")

        class Mixin:
            kind = "mixin"
        class Base(Generic[T]):
            class Meta:
                abstract = True
            def save(self): ...
    """,
    "shop/models.py": """
        from . import base
        from .base import Base as B, Mixin
        try:
            from missing_library import Extra
        except ImportError:
            from .base import Mixin as Extra
        __all__ = ["Order", "Line"]
        Alias = B

        class Order(Mixin, Alias[int]):
            kind = "order"
            class Meta(B.Meta):
                ordering = 1
            class Inner(Mixin):
                pass
            class Second(Inner):
                pass
        class Line(Order, base.Base["Line"]):
            def save(self): ...
        class Paid(Line):
            class Meta(Line.Meta):
                pass
        if Mixin is None:
            class Twice(Order):
                first = 1
                def one(self): ...
        else:
            class Twice(Mixin):
                second = 1
                def two(self): ...
        class Error(ValueError, Mixin): ...
    """,
    "late.py": """
        import shop
        import shop.models as m
        from shop import Order, Root
        class Late(shop.Line): ...
        class Both(Order.Inner, m.Paid): ...
        class Whole(Root[str]): ...
    """,
}
NAMES = [
    "shop.models.Order",
    "shop.models.Line",
    "shop.models.Paid",
    "shop.models.Twice",
    "shop.models.Error",
    "shop.models.Order.Meta",
    "shop.models.Paid.Meta",
    "shop.models.Order.Second",
    "late.Late",
    "late.Both",
    "late.Whole",
]
# What the library's table does not tell of Python itself.
LEFT_OUT = {"builtins.object", "builtins.Exception", "builtins.BaseException"}


def known(name: str, texts: dict[str, str] | None = None) -> Known:
    """A definition by its name: the longest module in it says the file."""
    files = texts or SHOP
    parts = name.split(".")
    paths = ["/".join(parts[:count]) + ".py" for count in range(len(parts), 0, -1)]
    return Known(name, path=next(path for path in paths if path in files))


def order(name: str, texts: dict[str, str], shuffled: int | None = None) -> Mro:
    return linked_of(texts, shuffled=shuffled).classes.mro(known(name, texts))


def names(mro: Mro) -> list[str]:
    return [one.name for one in mro.classes]


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """The orders that Python gives the classes of `SHOP`."""
    root: Path = tmp_path_factory.mktemp("real")
    for path, text in SHOP.items():
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_text(dedent(text), "utf-8")
    sys.path.insert(0, str(root))
    try:
        late = importlib.import_module("late")
        modules = {"late": late, "shop.models": sys.modules["shop.models"]}
        found = {}
        for name in NAMES:
            module = next(one for one in modules if name.startswith(one + "."))
            value = modules[module]
            for part in name[len(module) + 1 :].split("."):
                value = getattr(value, part)
            found[name] = [f"{one.__module__}.{one.__qualname__}" for one in value.__mro__]
        return found
    finally:
        sys.path.remove(str(root))
        for module in [one for one in sys.modules if one in {"late", "shop"} or one.startswith("shop.")]:
            del sys.modules[module]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shuffled", [None, 1])
def test_the_order_is_that_of_python(name: str, shuffled: int | None, real: dict[str, list[str]]) -> None:
    found = order(name, SHOP, shuffled)
    assert names(found) == [one for one in real[name] if one not in LEFT_OUT]
    assert found.complete


@pytest.mark.parametrize(
    ("module", "name"),
    [("rest_framework.viewsets", "ModelViewSet"), ("django.views.generic", "ListView"), ("django.db.models", "Model")],
)
def test_django_and_drf_give_their_own_orders(module: str, name: str) -> None:
    code = (
        "from django.conf import settings; settings.configure(); import django; django.setup()\n"
        f"from {module} import {name} as base; print(*[one.__name__ for one in base.__mro__[:-1]])"
    )
    real = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    found = order("m.Orders", {"m.py": f"import {module} as v\nclass Orders(v.{name}): ...\n"})
    assert [one.rpartition(".")[2] for one in names(found)] == ["Orders", *real]
    assert found.complete


def test_a_manager_made_from_a_queryset_has_the_methods_of_both() -> None:
    texts = {
        "m.py": """
            from django.db import models
            class Orders(models.QuerySet):
                def paid(self): ...
            class Manager(models.Manager.from_queryset(Orders)):
                pass
        """
    }
    linked = linked_of(texts)
    manager = Known("m.Manager", path="m.py")
    assert linked.classes.is_a(manager, "django.db.models.Manager")
    found = linked.classes.attribute(manager, "paid")
    assert found is not None
    assert found.owner.name == "m.Orders"


def test_bases_keep_the_order_they_are_written_in() -> None:
    text = """
        class A: ...
        class B: ...
        class C(with_metaclass(Meta, A), B): ...
        class D(made(), B): ...
    """
    linked = linked_of({"m.py": text})
    bases = {one: linked.classes.spelled_bases(Known(f"m.{one}", path="m.py")) for one in "CD"}
    known = {one: Known(f"m.{one}", path="m.py") for one in "AB"}
    assert bases == {"C": (("A", known["A"]), ("B", known["B"])), "D": (("", None), ("B", known["B"]))}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from nowhere import X\nclass C(X): ...", ["m.C", "nowhere.X"]),
        ("class C(made()): ...", ["m.C"]),
        ("class C(nowhere.X): ...", ["m.C"]),
        ("class C(C): ...", ["m.C"]),
        ("class C(D): ...\nclass D(C): ...", ["m.C", "m.D"]),
        ("class C(D): ...\nclass D(E): ...\nclass E(D): ...", ["m.C", "m.D", "m.E"]),
        ("class C(C.D):\n    class D(C): ...", ["m.C", "m.C.D"]),
        ("class B(made()): ...\nclass C(B): ...", ["m.C", "m.B"]),
    ],
)
def test_what_is_not_known_makes_the_order_incomplete(text: str, expected: list[str]) -> None:
    found = order("m.C", {"m.py": text})
    assert not found.complete
    assert names(found) == expected


def test_the_order_of_questions_does_not_matter() -> None:
    texts = {"m.py": "".join(f"class C{i}(C{(i + 1) % 5}, D): ...\n" for i in range(5)) + "class D(C0): ...\n"}
    every = [f"m.C{i}" for i in range(5)] + ["m.D"]
    told = []
    for asked in (every, every[::-1], every[3:] + every[:3]):
        linked = linked_of(texts)
        told.append({name: linked.classes.mro(Known(name, path="m.py")) for name in asked})
    assert told[0] == told[1] == told[2]


def test_a_chain_of_files_and_a_web_of_bases_are_no_hurdle() -> None:
    count = 1200
    texts = {f"m{i}.py": f"from m{i + 1} import C{i + 1}\nclass C{i}(C{i + 1}): ...\n" for i in range(count)}
    texts[f"m{count}.py"] = f"class C{count}: ...\n"
    linked = linked_of(texts)
    found = linked.classes.mro(Known("m0.C0", path="m0.py"))
    assert found.complete
    assert names(found) == [f"m{i}.C{i}" for i in range(count + 1)]
    web = {"m.py": "".join(f"class C{i}({','.join(f'C{j}' for j in range(40) if j != i)}): ...\n" for i in range(40))}
    assert not order("m.C7", web).complete


def test_circles_of_imports_between_files() -> None:
    texts = {
        "a.py": "from b import Base\nclass A(Base): ...\nclass Root: ...\n",
        "b.py": "import a\nclass Base(a.Root): ...\n",
    }
    assert names(order("a.A", texts)) == ["a.A", "b.Base", "a.Root"]


def test_of_two_classes_with_one_name_the_last_one_stands() -> None:
    linked = linked_of(SHOP)
    members = linked.classes.members(known("shop.models.Twice"))
    assert sorted(members) == ["second", "two"]


def test_members_attributes_and_inner_classes() -> None:
    classes = linked_of(SHOP).classes
    paid, order_ = known("shop.models.Paid"), known("shop.models.Order")
    kind = classes.attribute(paid, "kind")
    assert kind is not None
    assert (kind.owner, type(kind.what)) == (order_, Assigned)
    after = classes.attribute(paid, "kind", after=order_)
    assert after is not None
    assert after.owner.name == "shop.base.Mixin"
    assert classes.attribute(paid, "nothing") is None
    assert classes.inner(known("shop.models.Line"), "Meta") == known("shop.models.Order.Meta")
    assert classes.inner(known("shop.models.Paid"), "Meta") == known("shop.models.Paid.Meta")
    saves = [owner.name for owner, function in classes.methods(paid) if function.name.endswith(".save")]
    assert saves == ["shop.models.Line"]


def test_subclasses_are_direct_and_indirect_ones() -> None:
    found = [one.name for one in linked_of(SHOP).classes.subclasses("shop.models.Line")]
    assert found == ["late.Both", "late.Late", "shop.models.Paid"]
