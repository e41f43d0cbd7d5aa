"""The cases of cases.toml as code: the same text is run and linted."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from textwrap import indent

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FOLDER = Path(__file__).parent
APP = "oapp"
_IMPORTS = f"""\
import functools
import itertools
import operator

from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.db.models import Count, F, OuterRef, Prefetch, Subquery, prefetch_related_objects

from {APP}.models import (
    Category, Customer, Hooked, InitTouch, Invoice, Item, Order, Place, Profile, Restaurant, Shop, Street, Tag,
    TaggedItem,
)
"""


@dataclass(frozen=True)
class Case:
    """One case; cases.toml says what the fields mean."""

    name: str
    group: str
    flag: str
    code: str
    helpers: str = ""
    queries: tuple[int, int] | None = None
    raises: str = ""
    data_dependent: bool = False
    fix: str = ""
    codes: tuple[str, ...] = ()
    verdict: str = ""
    why: str = ""
    missed: str = ""
    left_out: str = ""

    @property
    def text(self) -> str:
        """The module ``case.py``, whose function ``case(n)`` does what the case is about."""
        parts = [_IMPORTS, self.helpers, "def case(n):\n" + indent(self.code, "    ")]
        return "\n\n".join(part.rstrip("\n") + "\n" for part in parts if part)

    @property
    def is_bad(self) -> bool:
        """Whether the linter should report it, by its flag or where that does not settle it by its verdict."""
        return self.verdict == "found" if self.verdict else self.flag in {"yes", "yes (write)"}


def read_cases() -> list[Case]:
    """All cases, in the order of the file."""
    tables = tomllib.loads((FOLDER / "cases.toml").read_text(encoding="utf-8"))
    return [
        Case(name, **{key: tuple(value) if isinstance(value, list) else value for key, value in table.items()})
        for name, table in tables.items()
    ]


def lay_down(folder: Path, case: Case | None = None) -> Path:
    """The project in a folder: the app with its models, and the case's module."""
    files = {
        "requirements.txt": "django==5.2\n",
        f"{APP}/__init__.py": "",
        f"{APP}/models.py": (FOLDER / "models.py").read_text(encoding="utf-8"),
    }
    for path, text in {**files, **({"case.py": case.text} if case else {})}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return folder
