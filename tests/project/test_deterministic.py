"""The linked project is the same whatever order its files come in, what is asked first, and in every process."""

from __future__ import annotations

import subprocess
import sys

import pytest

from djfa_lint.facts.records import encode
from djfa_lint.facts.values import Ref
from tests.project.linking import linked_of
from tests.project.test_classes import SHOP
from tests.project.test_linker import FACTORIES, SETTINGS, spelled

FILES = {
    **SHOP,
    "settings.py": SETTINGS,
    "factories.py": FACTORIES
    + "\n    made = [inner(n) for n in ('/x', '/y')]\n    one = there(1)\n    two = back(1)\n",
    "left.py": "from right import *\nfrom right import both\na = b = both\nboth += [1]\n",
    "right.py": "import left\nfrom settings import settings\nboth = [settings.FULL]\nc = left.a\n",
    "web.py": "a = b or c or 1\nb = a or 2\nc = a or d or 3\nd = c\ne = d or b\nf = [*a, *e]\n",
}


def model(shuffled: int | None) -> list[str]:
    """Everything the files' names hold, the classes' orders and the effects, as text."""
    linked = linked_of(FILES, shuffled=shuffled)
    told = []
    for path, facts in linked.files.items():
        told.append(f"{path} {encode(facts).hex()}")
        scope = linked.linker.module(path)
        told += [f"{path}:{name} = {spelled(linked.linker.value(scope, Ref(name)))}" for name in facts.bindings]
    told += [f"{cls} {linked.classes.mro(cls)}" for cls in linked.classes.declared]
    told += [f"{one.path}:{one.line} {spelled(one.receiver)}.{one.method}" for one in linked.effects]
    return sorted(told)


@pytest.mark.parametrize("seed", range(1, 6))
def test_the_order_of_files_does_not_matter(seed: int) -> None:
    first = model(None)
    assert model(seed) == first
    assert any("left.py:a = ['/api/x'" in line for line in first)


def test_the_hash_seed_does_not_matter() -> None:
    code = "from tests.project.test_deterministic import model; print(*model(3), sep='\\n')"
    told = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": "src:."},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(told) == 1
    assert b"settings.py" in told.pop()
