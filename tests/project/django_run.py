"""Runs a few lines inside real Django over the files of a small project."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

_START = """
import json, sys
import django
from django.conf import settings
if not settings.configured and "DJANGO_SETTINGS_MODULE" not in __import__("os").environ:
    settings.configure(
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.admin", "shop"],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    )
django.setup()
full = lambda one: f"{one.__module__}.{one.__qualname__}"
"""


def run_django(folder: Path, files: dict[str, str], lines: str, settings: str = "") -> Any:
    """Write the files, run the lines in a process of its own, and give what they put in `found`."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(dedent(text))
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    if settings:
        environment["DJANGO_SETTINGS_MODULE"] = settings
    script = _START + dedent(lines) + "\nprint(json.dumps(found))"
    command = [sys.executable, "-W", "ignore", "-c", script]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)
