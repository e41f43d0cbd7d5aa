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


def git(folder: Path, *arguments: str) -> str:
    who = ["-c", "user.name=Tester", "-c", "user.email=tester@example.com"]
    command = ["git", *who, *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


def commit(folder: Path) -> None:
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "state")


def environment(hooks: Path) -> dict[str, str]:
    return {**os.environ, "PRE_COMMIT_HOME": str(hooks.parent / "cache"), "NO_COLOR": "1"}


def try_hook(hooks: Path, project: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pre_commit", "try-repo", str(hooks), "djfa-lint", "--all-files", "--verbose"]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, env=environment(hooks), check=False)


def try_commit(hooks: Path, project: Path) -> subprocess.CompletedProcess[str]:
    who = ["-c", "user.name=Tester", "-c", "user.email=tester@example.com"]
    command = ["git", *who, "commit", "-m", "a change"]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, env=environment(hooks), check=False)


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


@pytest.fixture
def hooked(hook_repository: Path, tmp_path: Path) -> Path:
    """A project whose commits go through the hooks, with one commit."""
    revision = git(hook_repository, "rev-parse", "HEAD").strip()
    git(tmp_path, "init", "-q")
    (tmp_path / ".pre-commit-config.yaml").write_text(
        f"repos:\n- repo: {hook_repository.as_uri()}\n  rev: {revision}\n  hooks:\n  - id: djfa-lint\n"
        "  - id: djfa-lint-project\n    stages: [manual]\n  - id: djfa-lint-fix\n    stages: [manual]\n"
    )
    (tmp_path / "models.py").write_text(
        "from django.db import models\n\n\n"
        "class Customer(models.Model):\n    name = models.CharField(max_length=9)\n\n\n"
        "class Order(models.Model):\n    customer = models.ForeignKey(Customer, models.CASCADE)\n"
    )
    (tmp_path / "djfa-lint.toml").write_text('extend-select = ["DFA201"]\n')
    command = [sys.executable, "-m", "pre_commit", "install"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, env=environment(hook_repository))
    git(tmp_path, "add", "-A")
    first = try_commit(hook_repository, tmp_path)
    assert first.returncode == 0, first.stdout + first.stderr
    return tmp_path


def test_a_real_commit_is_stopped_until_it_is_clean(hook_repository: Path, hooked: Path) -> None:
    service = hooked / "services.py"
    service.write_text("def charge(order: int) -> None:\n    try:\n        print(order)\n    except:\n        pass\n")
    git(hooked, "add", "-A")
    stopped = try_commit(hook_repository, hooked)
    assert stopped.returncode == 1
    assert "services.py:4:5" in stopped.stdout + stopped.stderr
    assert git(hooked, "log", "--oneline").count("\n") == 1

    service.write_text("def charge(order: int) -> None:\n    print(order)  # djfa: ignore[DFA401]\n")
    git(hooked, "add", "-A")
    fixing = [sys.executable, "-m", "pre_commit", "run", "djfa-lint-fix", "--hook-stage", "manual"]
    made = subprocess.run(fixing, cwd=hooked, capture_output=True, text=True, env=environment(hook_repository))
    assert made.returncode == 1
    assert "files were modified by this hook" in made.stdout
    assert service.read_text() == "def charge(order: int) -> None:\n    print(order)\n"
    git(hooked, "add", "-A")
    passed = try_commit(hook_repository, hooked)
    assert passed.returncode == 0, passed.stdout + passed.stderr
    assert git(hooked, "log", "--oneline").count("\n") == 2


def test_what_a_given_file_makes_true_elsewhere_is_told(hook_repository: Path, hooked: Path) -> None:
    (hooked / "views.py").write_text(
        "from models import Order\n\n\n"
        "def names() -> list[str]:\n    return [one.label for one in Order.objects.all()]\n"
    )
    models = hooked / "models.py"
    before = f"{models.read_text()}\n    @property\n    def label(self) -> str:\n"
    models.write_text(f'{before}        return f"order {{self.pk}}"\n')
    git(hooked, "add", "-A")
    harmless = try_commit(hook_repository, hooked)
    assert harmless.returncode == 0, harmless.stdout + harmless.stderr

    models.write_text(f"{before}        return self.customer.name\n")
    git(hooked, "add", "models.py")
    stopped = try_commit(hook_repository, hooked)
    assert stopped.returncode == 1
    assert "views.py:5:13" in stopped.stdout + stopped.stderr

    whole = [sys.executable, "-m", "pre_commit", "run", "djfa-lint-project", "--hook-stage", "manual"]
    told = subprocess.run(whole, cwd=hooked, capture_output=True, text=True, env=environment(hook_repository))
    assert told.returncode == 1
    assert "views.py:5:13" in told.stdout
