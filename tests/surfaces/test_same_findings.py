"""The command, flake8 and pylint tell the same of a project: place, code and message."""

import shutil
from pathlib import Path

import pytest

from bench.surfaces import Told, compared, differences

pytest.importorskip("flake8")
pytest.importorskip("pylint")
ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example with fixtures of several rules in it, and files with other line ends and in another encoding."""
    root = tmp_path_factory.mktemp("several") / "project"
    shutil.copytree(ROOT / "examples" / "shop", root)
    for folder in ("mutable_default", "blocking_call_in_async", "n_plus_one_loop"):
        for path in sorted((ROOT / "fixtures" / folder).glob("*.py")):
            if ".fixed" not in path.name:
                shutil.copy(path, root / f"{folder}_{path.name}")
    text = "def f(é=[]):\n    'é'; é.append(1)\n\n\ndef g(\n    a, b=[],\n):\n    b.append(a)\n"
    (root / "dos.py").write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    (root / "latin.py").write_bytes(b"# -*- coding: latin-1 -*-\n" + text.encode("latin-1"))
    return root


def test_all_surfaces_tell_the_same(project: Path) -> None:
    told = compared(project)
    assert not list(differences(told)), "\n".join(differences(told))
    found = told["the command"]
    assert len({one.code for one in found}) > 5
    assert {one.path for one in found} >= {"dos.py", "latin.py"}


def test_a_difference_is_told() -> None:
    one = Told("a.py", 1, 2, "DFA401", "bare")
    assert list(differences({"x": {one}, "y": set()})) == ["a.py:1:2: DFA401 not by y: bare"]
