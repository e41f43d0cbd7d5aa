"""What is done on import: calls of methods and decorators, in loops, conditions and factories."""

from __future__ import annotations

import pytest

from tests.project.linking import linked_of
from tests.project.test_linker import spelled

Told = tuple[str, str, str, str]


def effects(text: str, **more: str) -> list[Told]:
    """Each effect: what it is called on, the method, its first argument, what it decorates."""
    linked = linked_of({"m.py": text, **{f"{name}.py": one for name, one in more.items()}})
    found = []
    for one in linked.effects:
        first = linked.linker.argument(one.made, 0)
        target = one.target.name if one.target is not None else ""
        found.append((spelled(one.receiver), one.method, spelled(first) if first is not None else "", target))
    return found


R = "fastapi.APIRouter()"
HEAD = "from fastapi import APIRouter, FastAPI\nrouter = APIRouter()\napp = FastAPI()\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@router.get('/')\ndef f(): ...", [(R, "get", "'/'", "m.f")]),
        ("@router.bare\ndef f(): ...", [(R, "bare", "", "m.f")]),
        ("@router.get('/')\n@router.post('/p')\ndef f(): ...", [(R, "get", "'/'", "m.f"), (R, "post", "'/p'", "m.f")]),
        ("@router.get('/')\nclass C: ...", [(R, "get", "'/'", "m.C")]),
        ("router.add(1)", [(R, "add", "1", "")]),
        ("alias = router\nalias.add(1)", [(R, "add", "1", "")]),
        ("get = router.get\n@get('/')\ndef f(): ...", [(f"{R}.get", "", "'/'", "m.f")]),
        ("for one in ['a', 'b']:\n    router.add(one)", [(R, "add", "'a'", ""), (R, "add", "'b'", "")]),
        ("for one in ['a']:\n    router.append(one)", [(R, "append", "'a'", "")]),
        ("for one in unknown:\n    router.add(one)", []),
        ("with a as b:\n    router.add(1)", [(R, "add", "1", "")]),
        ("def f(): ...\nf = router.get('/')(f)", [(R, "get", "'/'", "m.f")]),
        ("def f(): ...\nrouter.get('/')(f)", [(R, "get", "'/'", "m.f")]),
        ("class C:\n    @router.get('/')\n    def f(self): ...", [(R, "get", "'/'", "m.C.f")]),
        (
            "from django.contrib import admin as a\na.site.register(router)",
            [("django.contrib.admin.site.register", "", R, "")],
        ),
        ("[].append(1)\nx = []\nx.append(2)", []),
    ],
)
def test_calls_and_decorators_at_module_level(text: str, expected: list[Told]) -> None:
    assert effects(HEAD + text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "if a:\n    router.add(1)",
        "if a: ...\nelse:\n    router.add(1)",
        "try:\n    router.add(1)\nexcept E: ...",
        "try: ...\nexcept E:\n    router.add(1)",
        "if a:\n    with b:\n        router.add(1)",
        "if a:\n    for one in [1]:\n        router.add(one)",
    ],
)
def test_what_stands_under_a_condition_is_said_to(text: str) -> None:
    (one,) = linked_of({"m.py": HEAD + text}).effects
    assert (one.method, one.maybe) == ("add", True)


FACTORY = """
def build(prefix, extra=None):
    app = FastAPI()
    app.mount(prefix)
    for one in ("a", "b"):
        app.include_router(one)
    if extra:
        app.include_router(extra)
    @app.get("/in")
    def inner(): ...
    return app
"""
A = "fastapi.FastAPI()"


def test_a_factory_that_is_called() -> None:
    found = effects(f"{HEAD}{FACTORY}made = build('/x', router)\n")
    assert found == [
        (A, "mount", "'/x'", ""),
        (A, "include_router", "'a'", ""),
        (A, "include_router", "'b'", ""),
        (A, "include_router", R, ""),
        (A, "get", "'/in'", "m.build.inner"),
    ]


def test_a_factory_that_nobody_calls_is_run_once() -> None:
    found = effects(HEAD + FACTORY)
    assert [one[:3] for one in found if one[1] == "mount"] == [(A, "mount", "?")]
    assert sum(one[1] == "get" for one in found) == 1


def test_a_factory_that_is_called_twice_makes_two() -> None:
    linked = linked_of({"m.py": f"{HEAD}{FACTORY}one = build('/x')\ntwo = build('/y')\n"})
    mounts = [one for one in linked.effects if one.method == "mount"]
    assert [linked.linker.text(linked.linker.argument(one.made, 0)) for one in mounts] == ["/x", "/y"]
    assert mounts[0].receiver is not mounts[1].receiver


def test_a_factory_in_another_file_fills_what_it_is_given() -> None:
    found = effects(
        f"{HEAD}from n import fill\nfill(app, router)\n",
        n="from fastapi import FastAPI\ndef fill(app: FastAPI, one):\n    app.include_router(one)\n",
    )
    assert (A, "include_router", R, "") in found
    assert sum(one[1] == "include_router" for one in found) == 1


def test_factories_that_call_factories_and_themselves() -> None:
    text = (
        "def outer(app):\n    app.mount(1)\n    inner(app)\n    return app\n"
        "def inner(app):\n    app.mount(2)\n    outer(app)\n"
        "outer(app)\n"
    )
    found = effects(HEAD + text)
    assert [one for one in found if one[1] == "mount"] == [(A, "mount", "1", ""), (A, "mount", "2", "")]


def test_what_fills_one_thing_in_many_files_is_one_thing() -> None:
    linked = linked_of(
        {
            "m.py": HEAD,
            "a.py": "from m import router\nrouter.add(1)\n",
            "b.py": "import m\nm.router.add(2)\n",
            "c.py": "from a import *\nrouter.add(3)\n",
        }
    )
    assert len({id(one.receiver) for one in linked.effects}) == 1
    assert len(linked.effects) == 3
