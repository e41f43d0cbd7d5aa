"""Which version of a framework a project has, from all of its requirement files."""

from __future__ import annotations

import random

import pytest

from djfa_lint.facts.requirements import requirements_of
from djfa_lint.project.versions import Version, Versions


def versions(files: dict[str, str], configured: dict[str, str] | None = None) -> Versions:
    return Versions({path: requirements_of(path, text) for path, text in files.items()}, configured)


def project(*dependencies: str) -> str:
    return "[project]\ndependencies = [\n" + "".join(f"  {one!r},\n" for one in dependencies) + "]\n"


def lock(version: str, name: str = "django") -> str:
    return f'[[package]]\nname = "{name}"\nversion = "{version}"\n'


def span(files: dict[str, str]) -> str:
    """``4.2.0..5.0.0)``: the round bracket says that the highest is not among them."""
    found = versions(files).of("django")
    if found is None:
        return "unknown"
    lowest, highest = (".".join(map(str, one)) if one else "?" for one in (found.lowest, found.highest))
    return f"{lowest}..{highest}" + ("" if found.inclusive else ")")


# The files of a project, and the span of Django's version.
PROJECTS: dict[str, tuple[dict[str, str], str]] = {
    "nothing": ({}, "unknown"),
    "another distribution": ({"requirements.txt": "django-filter==24\n"}, "unknown"),
    "a pin": ({"requirements.txt": "Django==4.2.7\n"}, "4.2.7..4.2.7"),
    "a short pin": ({"requirements.txt": "Django==5\n"}, "5.0.0..5.0.0"),
    "a prerelease": ({"requirements.txt": "Django==5.0rc1\n"}, "5.0.0..5.0.0"),
    "bounds": ({"pyproject.toml": project("django>=4.2,<5")}, "4.2.0..5.0.0)"),
    "a lower bound": ({"pyproject.toml": project("django>=4.2")}, "4.2.0..?"),
    "an upper bound": ({"pyproject.toml": project("django<5")}, "?..5.0.0)"),
    "an upper bound that is in": ({"pyproject.toml": project("django<=5.1")}, "?..5.1.1)"),
    "any version": ({"pyproject.toml": project("django")}, "unknown"),
    "an address": ({"requirements.txt": "django @ https://example.com/4.2.zip\n"}, "unknown"),
    "a lock before a declaration": (
        {"pyproject.toml": project("django>=4.2"), "uv.lock": lock("5.2.1")},
        "5.2.1..5.2.1",
    ),
    "a lock before a pin": ({"requirements.txt": "django==4.2\n", "poetry.lock": lock("5.2.1")}, "5.2.1..5.2.1"),
    "a pin before a bound of an earlier kind": (
        {"requirements.txt": "django>=4\n", "pyproject.toml": project("django==4.2.7")},
        "4.2.7..4.2.7",
    ),
    "pip's files before a declaration": (
        {"requirements.txt": "django>=5.0\n", "pyproject.toml": project("django>=4.2")},
        "5.0.0..?",
    ),
    "pip's files that leave it open": (
        {"requirements.in": "django\n", "pyproject.toml": project("django>=4.2")},
        "4.2.0..?",
    ),
    "what was compiled": ({"requirements.in": "django>=4\n", "requirements.txt": "django==5.1.2\n"}, "5.1.2..5.1.2"),
    "two locks": ({"poetry.lock": lock("5.1"), "uv.lock": lock("5.2.1")}, "5.1.0..5.2.1"),
    "a lock with two": ({"uv.lock": lock("6.0.8") + lock("5.2.17")}, "5.2.17..6.0.8"),
    "pins that disagree": (
        {"requirements/a.txt": "django==4.2.9\n", "requirements/b.txt": "django==4.2.10\n"},
        "4.2.9..4.2.10",
    ),
    "bounds of two files": (
        {"requirements/a.txt": "django>=4.2,<5\n", "requirements/b.txt": "django>=5,<6\n"},
        "4.2.0..6.0.0)",
    ),
    "bounds of two files, one open": (
        {"requirements/a.txt": "django>=4.2,<5\n", "requirements/b.txt": "django>=5\n"},
        "4.2.0..?",
    ),
    "a bound twice in a file": ({"requirements.txt": "django>=4.2\ndjango<5\ndjango>=4\n"}, "4.2.0..5.0.0)"),
    "bounds that contradict": ({"requirements.txt": "django>=5\ndjango<4\n"}, "unknown"),
    "markers": (
        {"requirements.txt": "django<5; python_version<'3.10'\ndjango>=5,<6; python_version>='3.10'\n"},
        "?..6.0.0)",
    ),
    "pins with markers": (
        {"requirements.txt": "django==4.2; python_version<'3.10'\ndjango==5.2; python_version>='3.10'\n"},
        "4.2.0..5.2.0",
    ),
    "a pin in some environments": (
        {"requirements.txt": "django==4.2; python_version<'3.10'\ndjango>=5; python_version>='3.10'\n"},
        "4.2.0..?",
    ),
    "markers that narrow": ({"requirements.txt": "django>=4.2\ndjango>=5; python_version>='3.10'\n"}, "4.2.0..?"),
    "the nearest to the top": (
        {"requirements.txt": "django==5.2\n", "plugins/a/requirements.txt": "django==3.2\n"},
        "5.2.0..5.2.0",
    ),
    "the nearest to the top, only bounded": (
        {"pyproject.toml": project("django>=5"), "plugins/uv.lock": lock("3.2")},
        "5.0.0..?",
    ),
    "a folder of requirements is no depth": (
        {"requirements/base.txt": "django==5.2\n", "pyproject.toml": project("django>=4")},
        "5.2.0..5.2.0",
    ),
    "below the top": ({"apps/api/requirements/base.txt": "django==4.2.30\n", "setup.cfg": ""}, "4.2.30..4.2.30"),
    "several below the top": (
        {"apps/a/requirements.txt": "django==4.2\n", "apps/b/requirements.txt": "django==5.2\n"},
        "4.2.0..5.2.0",
    ),
    "other things than the project": (
        {
            "docs/requirements.txt": "django==3.2\n",
            "tests/x/pyproject.toml": project("django==3.2"),
            "a/project_template/requirements.txt": "django==3.2\n",
            "examples/uv.lock": lock("3.2"),
        },
        "unknown",
    ),
    "not every name with a test in it": ({"latest/requirements.txt": "django==4.2\n"}, "4.2.0..4.2.0"),
    "for development": (
        {"requirements.txt": "django>=4.2\n", "requirements-dev.txt": "django==5.2\n"},
        "4.2.0..?",
    ),
    "only for development": ({"requirements-dev.txt": "django==5.2\n"}, "5.2.0..5.2.0"),
    "any version, but for development": (
        {"pyproject.toml": project("django") + "[dependency-groups]\ndev = ['django==5.2']\n"},
        "unknown",
    ),
    "extras": (
        {"pyproject.toml": "[project.optional-dependencies]\na = ['django>=4,<5']\nb = ['django>=5,<6']\n"},
        "4.0.0..6.0.0)",
    ),
    "a setup.py after a pyproject.toml": (
        {"setup.py": "setup(install_requires=['django>=4'])", "pyproject.toml": project("django>=5")},
        "5.0.0..?",
    ),
    "broken": ({"pyproject.toml": "[project", "requirements.txt": "django>=4\n"}, "4.0.0..?"),
}


@pytest.mark.parametrize("name", PROJECTS)
def test_version(name: str) -> None:
    files, expected = PROJECTS[name]
    assert span(files) == expected


def test_order_of_files_does_not_matter() -> None:
    for files, _ in PROJECTS.values():
        expected = versions(files).of("django")
        for seed in range(5):
            shuffled = list(files.items())
            random.Random(seed).shuffle(shuffled)
            assert versions(dict(shuffled)).of("django") == expected


def test_evidence() -> None:
    files = {"pyproject.toml": project("celery", "Django>=4.2,<5"), "sub/uv.lock": lock("3.2")}
    assert versions(files).of("Django") == Version((4, 2, 0), (5, 0, 0), "pyproject.toml", 4, inclusive=False)
    files = {"b/requirements.txt": "\ndjango==4.2\n", "a/requirements.txt": "django==5.2\n"}
    assert versions(files).of("django") == Version((4, 2, 0), (5, 2, 0), "b/requirements.txt", 2)


# The requirement, the version asked about, and whether it is surely at least that, or surely below.
ASKED = [
    ("==5.0", (5,), True, False),
    ("==5.0", (5, 0), True, False),
    ("==5.0", (5, 0, 0), True, False),
    ("==5", (5, 0, 0, 0), True, False),
    ("==5.0", (5, 0, 1), False, True),
    ("==4.2.10", (4, 2, 9), True, False),
    ("==4.2.10", (4, 10), False, True),
    ("==4.2.7", (5,), False, True),
    (">=5", (5,), True, False),
    (">=5", (5, 1), False, False),
    (">=4.2,<5", (5,), False, True),
    (">=4.2,<5", (5, 0, 0), False, True),
    (">=4.2,<5", (4, 2), True, False),
    (">=4.2,<5.0.0", (5,), False, True),
    (">=4.2,<5.0.1", (5,), False, False),
    ("<5", (5,), False, True),
    ("<5", (4,), False, False),
    ("<5", (0,), False, False),
    ("<=5.1", (5, 1), False, False),
    ("<=5.1", (5, 2), False, True),
    ("==4.2.*", (4, 3), False, True),
    ("==4.2.*", (4, 2), True, False),
    ("", (1,), False, False),
    ("", (0,), False, False),
]


@pytest.mark.parametrize(("wanted", "asked", "surely", "below"), ASKED)
def test_surely(wanted: str, asked: tuple[int, ...], surely: bool, below: bool) -> None:
    known = versions({"requirements.txt": f"django{wanted}\n"})
    assert (known.surely("Django", asked), known.surely_below("Django", asked)) == (surely, below)


def test_what_is_unknown_is_neither() -> None:
    assert versions({}).of("django") is None
    assert not versions({}).surely("django", (1,))
    assert not versions({}).surely_below("django", (99,))


@pytest.mark.parametrize(
    ("configured", "expected"),
    [
        ("4.2", Version((4, 2, 0), (4, 3, 0), "", 0, inclusive=False)),
        ("5", Version((5, 0, 0), (6, 0, 0), "", 0, inclusive=False)),
        ("4.2.7", Version((4, 2, 7), (4, 2, 7), "", 0)),
        ("x", Version((3, 2, 0), (3, 2, 0), "uv.lock", 2)),
    ],
)
def test_configured_version_wins(configured: str, expected: Version) -> None:
    assert versions({"uv.lock": lock("3.2")}, {"Django": configured}).of("django") == expected


def test_known_frameworks() -> None:
    files = {"requirements.txt": "SQLAlchemy==2.0.1\nrequests==2\nfastapi\nDjango==5.2\ndjango_ninja>=1\n"}
    known = versions(files, {"celery": "5.4"}).known()
    assert [name for name, _ in known] == ["celery", "django", "django-ninja", "sqlalchemy"]
    assert dict(known)["django"] == Version((5, 2, 0), (5, 2, 0), "requirements.txt", 4)
