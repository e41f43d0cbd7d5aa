"""The built wheel, installed elsewhere, is whole."""

import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from djfa_lint.engine.registry import load_registry

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    done = subprocess.run(build, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(out.glob("*.whl"))


def test_wheel_holds_every_module_and_table(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for base in ("src", "rules"):
        for path in (ROOT / base).rglob("*"):
            if path.suffix in {".py", ".toml", ".typed"}:
                assert path.relative_to(ROOT / base).as_posix() in names
    assert not [name for name in names if name.startswith(("tests/", "fixtures/", "bench/"))]


def test_installed_elsewhere_it_finds_all_rules_and_lints(wheel: Path, tmp_path: Path) -> None:
    # The dependencies come from this environment: the test is about the wheel, not about the index.
    venv.create(tmp_path / "env", with_pip=False, system_site_packages=False)
    site = next((tmp_path / "env").glob("lib/python*/site-packages"), tmp_path / "env" / "Lib" / "site-packages")
    zipfile.ZipFile(wheel).extractall(site)
    import libcst

    (site / "dependencies.pth").write_text(str(Path(libcst.__file__).parent.parent) + "\n")
    python = next(path for path in (tmp_path / "env").glob("*/python*") if path.name in {"python", "python.exe"})
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "services.py").write_text("try:\n    pass\nexcept:\n    pass\n")

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(python), "-m", "djfa_lint", *arguments], capture_output=True, text=True, cwd=tmp_path / "shop"
        )

    where = subprocess.run(
        [str(python), "-c", "import djfa_lint; print(djfa_lint.__file__)"], capture_output=True, text=True
    )
    assert str(site) in where.stdout
    listed = run("rules").stdout
    assert [line.split()[0] for line in listed.splitlines()] == [rule.code for rule in load_registry().rules]
    found = run("check", "--output-format", "concise")
    assert found.returncode == 1, found.stderr
    assert found.stdout.startswith("services.py:3:1: DFA401 ")
