"""The prefilter only spares work: with it and without it the findings are the same."""

from __future__ import annotations

import asyncio
import email
import http
import json
import logging
import sys
import unittest
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import libcst as cst
import pytest

from djfa_lint.engine.config import Config
from djfa_lint.engine.registry import Registry, load_registry
from djfa_lint.engine.run import Request, lint
from djfa_lint.engine.selection import make_selection
from djfa_lint.facts.kinds import BITS, mask_of
from djfa_lint.sdk.context import Context
from djfa_lint.sdk.finding import Draft, Finding
from djfa_lint.sdk.rule import Rule
from djfa_lint.source.store import Store

REPOSITORY = Path(__file__).resolve().parents[2]
FIXTURES = sorted(path for path in (REPOSITORY / "fixtures").glob("*") if path.is_dir())
# Every concrete libcst node that is not whitespace or punctuation and that some rule may ask for.
NODE_TYPES = sorted(
    (one for one in vars(cst).values() if isinstance(one, type) and issubclass(one, cst.CSTNode)),
    key=lambda one: one.__name__,
)
FILTERED = [one for one in NODE_TYPES if mask_of(one.__name__) != mask_of("no such type")]


def findings(root: Path, registry: Registry, prefilter: bool) -> list[Finding]:
    config = Config(root=root, exclude=("__pycache__/", "/test/"))
    selection = make_selection(config, registry, select=["ALL"])
    request = Request(config, Store(root), registry, selection, (root,), prefilter=prefilter, strict=True)
    return lint(request).findings


def check_same(root: Path, registry: Registry) -> list[Finding]:
    spared = findings(root, registry, prefilter=True)
    every = findings(root, registry, prefilter=False)
    assert spared == every
    return every


@pytest.mark.parametrize("folder", FIXTURES, ids=lambda folder: folder.name)
def test_fixtures(folder: Path) -> None:
    found = check_same(folder, load_registry())
    assert {"DFA001"} != {one.code for one in found} or folder.name == "unreadable_file"


def test_all_fixtures_as_one_project() -> None:
    codes = {one.code for one in check_same(REPOSITORY / "fixtures", load_registry())}
    assert {"DFA301", "DFA401", "DFA411", "DFA412"} <= codes


def test_example_shop() -> None:
    assert check_same(REPOSITORY / "examples", load_registry())


@pytest.mark.parametrize("package", [asyncio, email, http, json, logging, unittest], ids=lambda one: one.__name__)
def test_standard_library(package: ModuleType) -> None:
    assert package.__file__ is not None
    check_same(Path(package.__file__).parent, load_registry())


def reporting(node_type: type[cst.CSTNode], number: int) -> Rule:
    """A rule that reports every node of one type."""
    rule = Rule(f"fake.every_{node_type.__name__}", "Every node.", code=f"ZZ{number:03}", since="0", category="fake")

    @rule.on(node_type)
    def check(node: cst.CSTNode, ctx: Context) -> Iterator[Draft]:
        yield rule.at(node, "here")

    return rule


KINDS = """
import a, b.c as d
from e import f as g

@h
class I(J):
    k: int = 1
    l = m

    @property
    async def n(self, o, /, p=[], *q: str, r=(), **s) -> t:
        global u
        nonlocal_ = lambda v, *w: v
        async for x in y:
            await z
        async with aa as bb:
            yield cc
        del dd[ee:ff:gg], hh.ii
        return -jj if not kk and ll else mm ** nn

try:
    raise oo from pp
except qq as rr:
    assert ss, tt
except (uu, vv):
    pass
else:
    ww += xx @ yy
finally:
    zz = [ab for ac in ad if ae], {af: ag for ah in ai}, {aj for ak in al}, (am for an in ao)

while ap < aq <= ar is not as_ not in at:
    if (au := av): break
    elif aw: continue
    else: ...
for ax, *ay in {**az, ba: bb}, {bc, *bd}, [be, *bf], (bg,):
    print(f"{bh!r:>{bi}} {bj=}", "bk" "bl", *bm, **bn)

match bo:
    case 1 | -2 | "bp" | None: pass
    case [bq, *br] | {"bs": bt, **bu} if bv: pass
    case Bw(bx, by=bz) as ca: pass
    case cb.cc | _: pass

def cd():
    ce = 1; cf = 2
    def cg():
        nonlocal ce, cf
        return (yield from ch)
    with ci as cj, ck: cl
"""


if sys.version_info >= (3, 11):
    KINDS += "try: cm\nexcept* cn as co_: cp\n"
if sys.version_info >= (3, 12):
    KINDS += "type cq[cr] = cs\n"


@pytest.mark.parametrize(
    "node_type",
    FILTERED,
    ids=lambda one: one.__name__,
)
def test_no_node_is_filtered_out(tmp_path: Path, node_type: type[cst.CSTNode]) -> None:
    (tmp_path / "x.py").write_text(KINDS)
    registry = Registry([reporting(node_type, 1)])
    every = [one.span for one in findings(tmp_path, registry, prefilter=False)]
    spared = [one.span for one in findings(tmp_path, registry, prefilter=True)]
    if node_type is cst.If:  # the slice's own `if True:` is tested below
        lines = KINDS.split("\n")
        every = [span for span in every if lines[span.line - 1][span.column - 1 :].startswith(("if", "elif"))]
    newer = {"TypeAlias": (3, 12), "TryStar": (3, 11), "ExceptStarHandler": (3, 11)}
    assert bool(every) == (sys.version_info >= newer.get(node_type.__name__, (3, 10)))
    assert spared == every


@pytest.mark.parametrize(
    ("node_type", "own"),
    [(cst.If, 0), (cst.Name, 5), (cst.Pass, 1), (cst.IndentedBlock, 2)],
    ids=lambda one: getattr(one, "__name__", None),
)
@pytest.mark.parametrize("prefilter", [True, False])
def test_rules_see_the_files_own_nodes_only(
    tmp_path: Path, node_type: type[cst.CSTNode], own: int, prefilter: bool
) -> None:
    (tmp_path / "x.py").write_text("class A:\n    def f(self):\n        pass\n\n    b = [c]\n")
    found = findings(tmp_path, Registry([reporting(node_type, 1)]), prefilter)
    if node_type is cst.If and prefilter:
        # Filtered by chance: no unit has an If. One that has shows the other too.
        (tmp_path / "x.py").write_text("class A:\n    def f(self):\n        if b: c\n")
        found, own = findings(tmp_path, Registry([reporting(node_type, 1)]), prefilter), 1
    assert len(found) == own


def test_all_bits_differ() -> None:
    assert len(set(BITS.values())) == len(BITS)
    assert all(bit.bit_count() == 1 for bit in BITS.values())


@pytest.mark.parametrize("spelling", ["time.sleep(1)", "t.sleep(1)", "nap(1)", "again(1)", "helpers.nap(1)"])
def test_names_are_followed_not_spelled(tmp_path: Path, spelling: str) -> None:
    head = "import time, time as t, helpers\nfrom time import sleep as nap\nagain = nap\n"
    (tmp_path / "helpers.py").write_text("from time import sleep as nap\n")
    (tmp_path / "x.py").write_text(f"{head}async def f():\n    {spelling}\n")
    found = check_same(tmp_path, load_registry())
    assert [(one.path, one.span.line, one.code) for one in found] == [("x.py", 5, "DFA301")]


@pytest.mark.parametrize(
    "text",
    [
        "import time\n@(\n    print\n)\nasync def f():\n    time.sleep(1)\n",
        "import time\nasync def f():\n    time.sleep(1) \\\n\nx = 1\n",
        "import time\n\fasync def f():\n    time.sleep(1)\n",
    ],
    ids=["decorator", "backslash", "form feed"],
)
def test_events_of_units_that_do_not_parse_alone(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.py").write_text(text)
    assert [one.code for one in check_same(tmp_path, load_registry())] == ["DFA301"]


def test_nodes_of_units_that_do_not_parse_alone(tmp_path: Path) -> None:
    odd = "@(\n    print\n)\ndef f():\n    try: pass\n    except: pass\n"
    (tmp_path / "x.py").write_text(odd + "def g(a=[]): return a\n")
    found = check_same(tmp_path, load_registry())
    assert [(one.span.line, one.code) for one in found] == [(6, "DFA401"), (7, "DFA411")]
