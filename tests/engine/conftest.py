"""A small project on disk that the command line is run over."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from djfa_lint.surfaces.cli import main

BARE_EXCEPT = "try:\n    pass\nexcept:\n    x = 1\n"


class Project:
    """A folder that is its own repository, so that nothing above it is read; the current folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / ".git").mkdir()

    def add(self, path: str, content: str | bytes = BARE_EXCEPT) -> Path:
        """Write a file; a text as UTF-8 with its line ends as they are. Without content it holds a DFA401 on line 3."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
        return target

    def check(self, *args: str) -> Result:
        """``djfa-lint check`` in this process; what it raises besides its exit is raised here."""
        return CliRunner().invoke(main, ["check", "--jobs", "1", *args], catch_exceptions=False)

    def rows(self, *args: str) -> list[dict[str, Any]]:
        """The findings as JSON gives them."""
        result = self.check("--output-format", "json", *args)
        assert result.exit_code in {0, 1}, result.stderr
        assert result.stderr == ""
        return json.loads(result.stdout)

    def found(self, *args: str) -> list[tuple[str, int, str]]:
        """Path, line and code of each finding."""
        return [(row["path"], row["line"], row["code"]) for row in self.rows(*args)]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    root = tmp_path / "project"
    root.mkdir()
    monkeypatch.chdir(root)
    return Project(root)
