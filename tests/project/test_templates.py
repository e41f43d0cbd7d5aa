"""The names of templates, compared with what Django's own loaders find."""

from __future__ import annotations

from pathlib import Path

import pytest

from djfa_lint.project.django.templates import templates
from tests.project.django_run import run_django
from tests.project.linking import linked_of

FILES = {
    "site/shop/__init__.py": "",
    "site/shop/inner/__init__.py": "",
    "site/conf/__init__.py": "",
    "site/conf/settings.py": """
        import os
        from pathlib import Path

        BASE_DIR = Path(__file__).resolve().parent.parent
        ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        INSTALLED_APPS = ["shop", "shop.inner"]
        TEMPLATES = [
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "DIRS": [BASE_DIR / "templates", os.path.join(ROOT, "front", "templates", "mail"), "/elsewhere"],
                "APP_DIRS": True,
            },
        ]
    """,
}
OTHERS = (
    "site/templates/base.html",
    "site/templates/mail/a.txt",
    "site/front/templates/mail/b.txt",
    "site/shop/templates/shop/list.html",
    "site/shop/templates/templates/odd.html",
    "site/shop/inner/templates/inner.html",
    "site/shop/README.txt",
)
DUMP = """
from pathlib import Path
from django.template import engines
found = []
for loader in engines["django"].engine.template_loaders:
    for one in getattr(loader, "loaders", [loader]):
        for folder in one.get_dirs():
            for path in Path(folder).rglob("*"):
                if path.is_file():
                    found.append([path.relative_to(folder).as_posix(), path.relative_to(Path.cwd().parent).as_posix()])
found.sort()
"""


@pytest.mark.parametrize("shuffled", [None, 3])
def test_like_django(tmp_path: Path, shuffled: int | None) -> None:
    for path in OTHERS:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("x")
    inside = {path.removeprefix("site/"): text for path, text in FILES.items()}
    truth = run_django(tmp_path / "site", inside, DUMP, "conf.settings")
    found = [list(one) for one in templates(linked_of(FILES, OTHERS, shuffled))]
    assert [one for one in found if one[1] != "site/front/templates/mail/b.txt" or one[0] == "b.txt"] == truth
    # A folder called templates counts, though Django is told of one inside it only.
    assert ["mail/b.txt", "site/front/templates/mail/b.txt"] in found


def test_jinja_folders_and_folders_of_no_app() -> None:
    files = {"shop/__init__.py": ""}
    others = ("shop/jinja2/shop/a.html", "web/templates/x/b.html", "requirements.txt")
    assert [tuple(one) for one in templates(linked_of(files, others))] == [
        ("shop/a.html", "shop/jinja2/shop/a.html"),
        ("x/b.html", "web/templates/x/b.html"),
    ]
