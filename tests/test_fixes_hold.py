"""Every fix of every fixture keeps its word, whatever encoding and line ends its file has."""

import codecs
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.fixing import examine, spliced
from djfa_lint.sdk import Edit, Span
from djfa_lint.testing import Fixture, find_fixtures

ROOT = Path(__file__).parent.parent
FIXED = [one for one in find_fixtures(ROOT / "fixtures") if one.fixed.exists()]


def dos(text: str) -> bytes:
    return codecs.BOM_UTF8 + text.replace("\n", "\r\n").encode()


def latin(text: str) -> bytes:
    head = "# -*- coding: latin-1 -*-\n# pêche"
    return f"{head}\n{text}".encode("latin-1", "backslashreplace")


WRITTEN: dict[str, Callable[[str], bytes]] = {"as it is": str.encode, "dos": dos, "latin-1": latin}


@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize("fixture", FIXED, ids=str)
def test_fixes_keep_their_word(fixture: Fixture, written: str, tmp_path: Path) -> None:
    root = tmp_path / "project"
    if fixture.path.is_dir():
        shutil.copytree(fixture.path, root)
    else:
        root.mkdir()
        shutil.copy(fixture.path, root)
    for path in root.rglob("*.py"):
        path.write_bytes(WRITTEN[written](path.read_text(encoding="utf-8")))
    report = examine(root, alone=2 if written == "as it is" else 1)
    assert not report.problems, "\n".join(report.problems)
    assert report.made, "a fixture with a fixed text has something to fix"


def test_the_other_way_of_splicing_counts_as_python_does() -> None:
    text = "# -*- coding: utf-8 -*-\r\nname = 'é', 1\r\n"
    data = codecs.BOM_UTF8 + text.encode()
    edits = [Edit("x.py", Span(2, 14, 2, 14), "0"), Edit("x.py", Span(2, 8, 2, 11), "'e'")]
    assert spliced(data, edits) == codecs.BOM_UTF8 + text.replace("'é', 1", "'e', 10").encode()
