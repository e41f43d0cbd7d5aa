"""What each kind of requirement file asks for."""

from __future__ import annotations

import sys
from textwrap import dedent

import pytest

from djfa_lint.facts.requirements import Requirement, is_requirements, normalised, release, requirements_of


def read(path: str, text: str) -> tuple[Requirement, ...]:
    return requirements_of(path, dedent(text))


def bounds(path: str, text: str) -> tuple[str, str, str]:
    (one,) = read(path, text)
    return one.pinned, one.lowest, one.below


@pytest.mark.parametrize(
    "path",
    [
        *("requirements.txt", "requirements-dev.txt", "dev-requirements.txt", "base_requirements.txt"),
        *("requirements.in", "constraints.txt", "requirements/base.txt", "requirements/prod.in"),
        *("api/requirements/deep/x.txt", "requirements.development.txt", "constraints-3.12.txt"),
        *("pyproject.toml", "a/b/pyproject.toml", "poetry.lock", "uv.lock", "pdm.lock", "pylock.toml"),
        *("pylock.dev.toml", "Pipfile", "Pipfile.lock", "setup.cfg", "setup.py"),
    ],
)
def test_requirement_files(path: str) -> None:
    assert is_requirements(path)


@pytest.mark.parametrize(
    "path",
    [
        *(
            "requirements.py",
            "requirements_utils.py",
            "myrequirements.txt",
            "requirementsx.txt",
            "requirements.txt.bak",
        ),
        *("base.txt", "MANIFEST.in", "requirements/README.rst", "pylock", "yarn.lock", "Cargo.toml", "my_setup.py"),
        *("setup.py/a.txt", "uvx.lock", "0121_requirements.py", "requirements"),
    ],
)
def test_other_files(path: str) -> None:
    assert not is_requirements(path)
    assert read(path, "django==4.2\n") == ()


# The clauses, and the pin, lowest and below they give.
CLAUSES = {
    "": ("", "", ""),
    "==4.2.7": ("4.2.7", "", ""),
    "== 4.2.7": ("4.2.7", "", ""),
    "===4.2.7": ("4.2.7", "", ""),
    "==5.0rc1": ("5.0rc1", "", ""),
    "==4.2.*": ("", "4.2", "4.3"),
    "==4.*": ("", "4", "5"),
    "~=4.2.3": ("", "4.2.3", "4.3"),
    "~=4.2": ("", "4.2", "5"),
    "~=4.2rc1": ("", "4.2", "5"),
    ">=4.2": ("", "4.2", ""),
    ">4.2": ("", "4.2", ""),
    "<5": ("", "", "5"),
    "<=5.1": ("", "", "5.1.1"),
    "<=5": ("", "", "5.0.1"),
    "<=5.1.2.3": ("", "", "5.1.2.4"),
    "!=4.2.3": ("", "", ""),
    "!=4.2.*": ("", "", ""),
    ">=4.2,<5": ("", "4.2", "5"),
    "<5,>=4.2": ("", "4.2", "5"),
    ">= 4.2 , < 5 , != 4.2.1": ("", "4.2", "5"),
    ">=4,>=4.10,>=4.9,<6,<5.10,<5.9": ("", "4.10", "5.9"),
    "==5.2.*,>=5.2.17": ("", "5.2.17", "5.3"),
    ">=4,==4.2": ("4.2", "", ""),
    " (>=5.2.18,<5.3)": ("", "5.2.18", "5.3"),
    "[argon2]==6.1": ("6.1", "", ""),
    "[a, b] >=6": ("", "6", ""),
    " @ https://example.com/django-4.2.zip": ("", "", ""),
    ">=v4.2": ("", "4.2", ""),
}


@pytest.mark.parametrize("clauses", CLAUSES)
def test_clauses(clauses: str) -> None:
    assert bounds("requirements.txt", f"Django{clauses}\n") == CLAUSES[clauses]
    assert bounds("pyproject.toml", f'[project]\ndependencies = ["Django{clauses}"]\n') == CLAUSES[clauses]


# As poetry has them.
CARETS = {
    "^1.2.3": ("", "1.2.3", "2"),
    "^1.2": ("", "1.2", "2"),
    "^1": ("", "1", "2"),
    "^0.2.3": ("", "0.2.3", "0.3"),
    "^0.0.3": ("", "0.0.3", "0.0.4"),
    "^0.0": ("", "0.0", "0.1"),
    "^0": ("", "0", "1"),
    "^5.0b1": ("", "5.0", "6"),
    "~1.2.3": ("", "1.2.3", "1.3"),
    "~1.2": ("", "1.2", "1.3"),
    "~1": ("", "1", "2"),
    "4.2.7": ("4.2.7", "", ""),
    "=4.2.7": ("4.2.7", "", ""),
    "4.2.*": ("", "4.2", "4.3"),
    "*": ("", "", ""),
    ">=4.2 <5": ("", "4.2", "5"),
    ">=4.2,<5": ("", "4.2", "5"),
    "^3.2 || ^4.2": ("", "", ""),
}


@pytest.mark.parametrize("constraint", CARETS)
def test_poetry_constraints(constraint: str) -> None:
    for text in (f'django = "{constraint}"', f'django = {{version = "{constraint}", extras = ["argon2"]}}'):
        assert bounds("pyproject.toml", f"[tool.poetry.dependencies]\n{text}\n") == CARETS[constraint]


@pytest.mark.parametrize(
    ("spelled", "name"),
    [("Django", "django"), ("SQLAlchemy", "sqlalchemy"), ("typing_extensions", "typing-extensions"), ("a.-_b", "a-b")],
)
def test_names_are_normalised(spelled: str, name: str) -> None:
    assert normalised(spelled) == name
    assert [one.name for one in read("requirements.txt", f"{spelled}==1\n")] == [name]


def test_release_numbers() -> None:
    versions = ("4.2", "4.2rc1", "1!4.2.0", "v4", "", "x", "4.2+local.1")
    assert [release(one) for one in versions] == [(4, 2), (4, 2), (4, 2, 0), (4,), (), (), (4, 2)]


def test_pip() -> None:
    text = """\
        # django==1.0
        -r base.txt
        -c constraints.txt
        -e .
        -e git+https://example.com/x.git#egg=django
        --index-url https://example.com/simple
        https://example.com/fastapi-0.1.zip
        ./wheels/celery-5.0.whl
        Django==4.2.7  # LTS
        celery[redis]>=5.3 ; python_version >= "3.8" and sys_platform != "win32"
        djangorestframework==3.15.2 \\
            --hash=sha256:00 \\
            --hash=sha256:11
            # via -r requirements.in

        sqlalchemy \\
            >=2 \\
            ,<3
        {{ cookiecutter.framework }}==1.0
        two words
        <<<<<<< HEAD
        pydantic"""
    assert read("requirements.txt", text) == (
        Requirement("django", "4.2.7", line=9),
        Requirement("celery", lowest="5.3", line=10, marker='python_version >= "3.8" and sys_platform != "win32"'),
        Requirement("djangorestframework", "3.15.2", line=11),
        Requirement("sqlalchemy", lowest="2", below="3", line=16),
        Requirement("pydantic", line=22),
    )


def test_line_endings_and_marks_do_not_matter() -> None:
    assert read("requirements.txt", "\ufeffdjango==4.2\r\ncelery \\\r\n==5.0\r\npydantic==2\\") == (
        Requirement("django", "4.2", line=1),
        Requirement("celery", "5.0", line=2),
        Requirement("pydantic", "2", line=4),
    )


@pytest.mark.parametrize(
    ("path", "aside"),
    [
        ("requirements.txt", False),
        ("requirements/base.txt", False),
        ("requirements/production.txt", False),
        ("requirements-latest.txt", False),
        ("constraints.txt", False),
        ("requirements-dev.txt", True),
        ("test_requirements.txt", True),
        ("functest_requirements.txt", True),
        ("requirements/docs.txt", True),
        ("requirements/test.in", True),
        ("requirements.development.txt", True),
    ],
)
def test_files_for_development_are_aside(path: str, aside: bool) -> None:
    assert read(path, "django==4.2\n") == (Requirement("django", "4.2", aside=aside),)


def test_pyproject() -> None:
    text = """\
        [project]
        name = "shop"
        dependencies = [
          "django-filter>=23",
          "Django>=4.2,<5",  # LTS
          'celery; python_version < "3.13"',
          "pydantic>=2; python_version < \\"3.13\\"",
        ]
        optional-dependencies.api = ["fastapi~=0.110.0"]

        [dependency-groups]
        dev = ["sqlalchemy==2.0.1", {include-group = "lint"}]

        [tool.pdm.dev-dependencies]
        test = ["wagtail>=6"]

        [tool.uv]
        dev-dependencies = ["starlette<1"]
        constraint-dependencies = ["djangorestframework<4"]
    """
    assert read("pyproject.toml", text) == (
        Requirement("django-filter", lowest="23", line=4),
        Requirement("django", lowest="4.2", below="5", line=5),
        Requirement("celery", line=6, marker='python_version < "3.13"'),
        Requirement("pydantic", lowest="2", line=7, marker='python_version < "3.13"'),
        Requirement("djangorestframework", below="4", line=19),
        Requirement("starlette", below="1", line=18, aside=True),
        Requirement("fastapi", lowest="0.110.0", below="0.111", line=9, aside=True),
        Requirement("sqlalchemy", "2.0.1", line=12, aside=True),
        Requirement("wagtail", lowest="6", line=15, aside=True),
    )


def test_what_uv_overrides() -> None:
    text = """\
        [project]
        dependencies = ["django>=4", "celery>=5"]
        [tool.uv]
        override-dependencies = ["Django==5.2.1"]
    """
    assert read("pyproject.toml", text) == (
        Requirement("celery", lowest="5", line=2),
        Requirement("django", "5.2.1", line=4),
    )


def test_poetry() -> None:
    text = """\
        [tool.other]
        fastapi = "x"

        [tool.poetry.dependencies]
        python = "^3.11"
        fastapi-users = "^13"
        fastapi = "^0.115.6"
        "Django" = {version = "~4.2", optional = true}
        celery = {git = "https://example.com/celery.git"}
        pydantic = [
          {version = "^1.10", python = "<3.12"},
          {version = "^2.0", python = ">=3.12"},
        ]

        [tool.poetry.dependencies.sqlalchemy]
        version = "^2.0.14"
        extras = ["asyncio"]

        [tool.poetry.dev-dependencies]
        wagtail = "6.0"

        [tool.poetry.group.docs.dependencies]
        starlette = "*"
    """
    assert read("pyproject.toml", text) == (
        Requirement("python", lowest="3.11", below="4", line=5),
        Requirement("fastapi-users", lowest="13", below="14", line=6),
        Requirement("fastapi", lowest="0.115.6", below="0.116", line=7),
        Requirement("django", lowest="4.2", below="4.3", line=8),
        Requirement("celery", line=9),
        Requirement("pydantic", lowest="1.10", below="2", line=10, marker="<3.12"),
        Requirement("pydantic", lowest="2.0", below="3", line=10, marker=">=3.12"),
        Requirement("sqlalchemy", lowest="2.0.14", below="3", line=15),
        Requirement("wagtail", "6.0", line=20, aside=True),
        Requirement("starlette", line=23, aside=True),
    )


LOCKS = {
    "poetry.lock": """\
        # This file is automatically @generated by Poetry 2.1.1 and should not be changed by hand.

        [[package]]
        name = "Django"
        version = "5.2.1"
        description = "A high-level Python web framework."
        optional = false
        files = [
            {file = "django-5.2.1-py3-none-any.whl", hash = "sha256:00"},
        ]

        [package.dependencies]
        asgiref = ">=3.8.1"
        name = "1.0"

        [[package]]
        name = "fastapi"
        version = "0.115.6"

        [metadata]
        lock-version = "2.1"
    """,
    "uv.lock": """\
        version = 1
        revision = 3
        [[package]]
        name = "django"
        version = "5.2.1"
        source = { registry = "https://example.com/simple" }
        dependencies = [
            { name = "asgiref" },
        ]

        [[package]]
        name = "shop"
        source = { editable = "." }

        [[package]]
        name = "fastapi"
        version = "0.115.6"
    """,
    "pdm.lock": """\
        [metadata]
        groups = ["default"]
        [[package]]
        name = "django"
        version = "5.2.1"
        requires_python = ">=3.10"
        [[package]]
        name = "fastapi"
        version = "0.115.6"
    """,
    "pylock.toml": """\
        lock-version = "1.0"
        created-by = "pip"
        [[packages]]
        name = "django"
        version = "5.2.1"
        [[packages.wheels]]
        name = "django-5.2.1-py3-none-any.whl"
        [[packages]]
        name = "fastapi"
        marker = "python_version > '3'"
        version = "0.115.6"
    """,
    "Pipfile.lock": """\
        {
            "_meta": {"hash": {"sha256": "00"}, "pipfile-spec": 6},
            "default": {
                "django": {"hashes": ["sha256:00"], "index": "pypi", "version": "==5.2.1"},
                "fastapi": {
                    "version": "==0.115.6"
                }
            },
            "develop": {}
        }
    """,
}


@pytest.mark.parametrize("name", LOCKS)
def test_lock_files(name: str) -> None:
    lines = dedent(LOCKS[name]).splitlines()
    found = read(name, LOCKS[name])
    assert [(one.name, one.pinned) for one in found] == [("django", "5.2.1"), ("fastapi", "0.115.6")]
    assert all(one.name in lines[one.line - 1].lower() for one in found)
    assert not any(one.lowest or one.below or one.marker or one.aside for one in found)
    assert read("api/" + name, LOCKS[name]) == found


@pytest.mark.skipif(sys.version_info < (3, 11), reason="tomllib")
@pytest.mark.parametrize("name", [name for name in LOCKS if name != "Pipfile.lock"])
def test_lock_files_have_the_packages_that_a_parser_finds(name: str) -> None:
    import tomllib

    data = tomllib.loads(dedent(LOCKS[name]))
    packages = data.get("package", []) + data.get("packages", [])
    expected = [(one["name"].lower(), one["version"]) for one in packages if "version" in one]
    assert [(one.name, one.pinned) for one in read(name, LOCKS[name])] == expected


def test_pipfile() -> None:
    text = """\
        [[source]]
        name = "pypi"
        [packages]
        django = "~=4.2.3"
        celery = "*"
        fastapi = {version = ">=0.110", markers = "python_version >= '3.9'"}
        [dev-packages]
        sqlalchemy = "==2.0.1"
    """
    assert read("Pipfile", text) == (
        Requirement("django", lowest="4.2.3", below="4.3", line=4),
        Requirement("celery", line=5),
        Requirement("fastapi", lowest="0.110", line=6, marker="python_version >= '3.9'"),
        Requirement("sqlalchemy", "2.0.1", line=8, aside=True),
    )


def test_develop_in_a_pipfile_lock_is_aside() -> None:
    text = '{"default": {}, "develop": {"django": {"version": "==4.2", "markers": "x"}, "local": {"path": "."}}}'
    assert read("Pipfile.lock", text) == (
        Requirement("django", "4.2", marker="x", aside=True),
        Requirement("local", aside=True),
    )


def test_empty_texts_and_names_do_not_break_the_rest() -> None:
    text = """\
        project.dependencies = ["", "; x", " ", "django==4.2", 3]
        tool.poetry.dependencies = {"" = "1", celery = "5.0", x = [[]]}
    """
    found = [(one.name, one.pinned) for one in read("pyproject.toml", text)]
    assert [one for one in found if one[0]] == [("django", "4.2"), ("celery", "5.0")]


def test_setup_cfg() -> None:
    text = """\
        [metadata]
        name = shop
        version = %(not interpolated)s
        [options]
        install_requires =
            Django>=4.2,<5
            # a comment
            celery; python_version < "3.13"
        [options.extras_require]
        api =
            fastapi>=0.110
    """
    assert read("setup.cfg", text) == (
        Requirement("django", lowest="4.2", below="5", line=6),
        Requirement("celery", line=8, marker='python_version < "3.13"'),
        Requirement("fastapi", lowest="0.110", line=11, aside=True),
    )
    assert read("setup.cfg", "[options]\ninstall_requires = file: requirements.txt\n") == ()
    assert read("setup.cfg", "[options]\ninstall_requires = django>=4.2\n") == (
        Requirement("django", lowest="4.2", line=2),
    )


SETUPS = {
    "a list": "setup(\n install_requires=[\n  'django>=4.2',\n  other,\n  *more,\n  'celery'])",
    "a name": "needed = (\n 'x'\n)\nwanted = [\n 'django>=4.2',\n 'x' + y,\n 'celery']\nsetup(install_requires=wanted)",
    "a text": "wanted = '''\n\n\ndjango>=4.2\n\ncelery\n'''.split()\nsetuptools.setup(install_requires=wanted)",
}


@pytest.mark.parametrize("name", SETUPS)
def test_setup_py(name: str) -> None:
    django, celery = read("setup.py", SETUPS[name])
    lines = SETUPS[name].splitlines()
    assert django == Requirement("django", lowest="4.2", line=django.line)
    assert celery == Requirement("celery", line=celery.line)
    assert ["django" in lines[django.line - 1], "celery" in lines[celery.line - 1]] == [True, True]


@pytest.mark.parametrize(
    "text",
    [
        "setup(install_requires=read('requirements.txt'))",
        "setup(install_requires=wanted)",
        "wanted = ['django']\nwanted = ['fastapi']\nsetup(install_requires=wanted)",
        "setup(tests_require=['django'])",
        "install_requires = ['django']",
        "setup(install_requires={'django': 1})",
    ],
)
def test_setup_py_that_is_not_written_out(text: str) -> None:
    assert read("setup.py", text) == ()


BROKEN = {
    "pyproject.toml": ["[project\n", 'project = 1\ntool = "x"\n', "[project]\ndependencies = 3\n", "a = " + "[" * 5000],
    "Pipfile": ["packages = [", "packages = 1\n", "[packages]\ndjango = 1\n"],
    "Pipfile.lock": ["{", "[]", '{"default": []}', "{" * 3, '{"default": ' + '{"a":' * 100000, ""],
    "poetry.lock": ["", "[[package]\n", '<<<<<<< HEAD\n[[package]]\nname = "django"\nversion = "5"\n>>>>>>> other\n'],
    "uv.lock": ['[[package]]\nname = "django"\n', '[[package]]\nversion = "5"\n', "[[package]]\nname = 3\n"],
    "setup.cfg": ["install_requires = x\n", "[options\n", "[options]\n[options", "\x00"],
    "setup.py": ["setup(", "x = '\\", "\x00", "setup(install_requires=" + "(" * 1000, "x = " + "-" * 100000 + "1"],
    "requirements.txt": ["\x00\x01", "=====", "-" * 50, "[]", "@", ";", "\\", "#", "\\\n\\\n", "==4.2", "\ufffd"],
}


@pytest.mark.parametrize(("path", "text"), [(path, text) for path, texts in BROKEN.items() for text in texts])
def test_broken_files_say_nothing(path: str, text: str) -> None:
    assert requirements_of(path, text) == ()


def test_long_junk_is_read_in_time() -> None:
    assert requirements_of("requirements.txt", "a-" * 100_000 + "\n" + " " * 100_000 + "!\n" + "a[" * 50_000) == ()
