"""The hook, through the real pre-commit: a bad commit is stopped, a clean one passes."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("pre_commit")
ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def hook_repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What this checkout would be as a commit, with what is not committed yet."""
    repository = tmp_path_factory.mktemp("hooks") / "djfa-lint"
    for name in ("src", "rules"):
        shutil.copytree(ROOT / name, repository / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml"):
        shutil.copy(ROOT / name, repository / name)
    commit(repository)
    return repository


def git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=Tester", "-c", "user.email=tester@example.com"]
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


def commit(folder: Path) -> None:
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "state")


def try_hook(hooks: Path, project: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pre_commit", "try-repo", str(hooks), "djfa-lint", "--all-files", "--verbose"]
    environment = {**os.environ, "PRE_COMMIT_HOME": str(hooks.parent / "cache"), "NO_COLOR": "1"}
    return subprocess.run(command, cwd=project, capture_output=True, text=True, env=environment, check=False)


def test_manifest_is_valid() -> None:
    command = [sys.executable, "-m", "pre_commit", "validate-manifest", str(ROOT / ".pre-commit-hooks.yaml")]
    assert subprocess.run(command, check=False).returncode == 0


def test_bad_project_is_stopped_and_clean_one_passes(hook_repository: Path, tmp_path: Path) -> None:
    (tmp_path / "vendor").mkdir()
    (tmp_path / "vendor" / "old.py").write_text("def f(x=[]):\n    x.append(1)\n")
    (tmp_path / "djfa-lint.toml").write_text('extend-exclude = ["vendor/"]\n')
    service = tmp_path / "services.py"
    head = "def charge(order: Order) -> None:\n"
    service.write_text(f"{head}    try:\n        order.charge()\n    except:\n        pass\n")
    commit(tmp_path)
    stopped = try_hook(hook_repository, tmp_path)
    assert stopped.returncode == 1, stopped.stdout + stopped.stderr
    assert "services.py:4:5" in stopped.stdout
    assert "DFA401" in stopped.stdout
    assert "vendor/old.py" not in stopped.stdout

    service.write_text(f"{head}    order.charge()\n")
    git(tmp_path, "add", "-A")
    passed = try_hook(hook_repository, tmp_path)
    assert passed.returncode == 0, passed.stdout + passed.stderr
    assert "Passed" in passed.stdout
