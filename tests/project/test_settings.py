"""Which files are settings, and what they set."""

from __future__ import annotations

import pytest

from djfa_lint.project.declared import Lit
from djfa_lint.project.django.settings import installed_apps, setting, settings_modules
from tests.project.linking import linked_of

SPLIT = {
    "conf/__init__.py": "",
    "conf/settings/__init__.py": "from .local import *",
    "conf/settings/apps.py": 'THIRD = ["rest_framework"]\nOWN = ("shop",)',
    "conf/settings/base.py": """
        from .apps import *
        INSTALLED_APPS = ["django.contrib.auth", *THIRD]
        INSTALLED_APPS += list(OWN)
        TIMEOUT = 5
    """,
    "conf/settings/local.py": "from .base import *\nDEBUG = True\nINSTALLED_APPS += ['debug']",
    "conf/special.py": "TIMEOUT = 7",
    "conf/other.py": "TIMEOUT = 8",
    "conf/wsgi.py": """
        import os
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "conf.special")
    """,
    "tests/settings.py": "INSTALLED_APPS = ['only.tests']",
}


@pytest.mark.parametrize("shuffled", [None, 1, 2])
def test_split_settings(shuffled: int | None) -> None:
    linked = linked_of(SPLIT, shuffled=shuffled)
    assert settings_modules(linked) == (
        "conf/settings/__init__.py",
        "conf/settings/apps.py",
        "conf/settings/base.py",
        "conf/settings/local.py",
        "conf/special.py",
    )
    assert installed_apps(linked) == ("django.contrib.auth", "rest_framework", "shop")
    assert setting(linked, "TIMEOUT") == Lit(5)
    assert setting(linked, "OWN") is not None
    assert setting(linked, "NOTHING") is None


def test_settings_of_tests_where_there_are_no_others() -> None:
    linked = linked_of({"tests/settings.py": "INSTALLED_APPS = ['shop']", "shop/__init__.py": ""})
    assert settings_modules(linked) == ("tests/settings.py",)
    assert installed_apps(linked) == ("shop",)


def test_settings_in_a_class() -> None:
    linked = linked_of(
        {
            "conf.py": """
                from configurations import Configuration

                class Common(Configuration):
                    APPS = ["shop"]
                    INSTALLED_APPS = ["auth"] + APPS
            """
        }
    )
    assert settings_modules(linked) == ("conf.py",)
    assert installed_apps(linked) == ("auth", "shop")


def test_no_settings() -> None:
    linked = linked_of({"a.py": "DEBUG = True"})
    assert (settings_modules(linked), installed_apps(linked), setting(linked, "DEBUG")) == ((), (), None)
