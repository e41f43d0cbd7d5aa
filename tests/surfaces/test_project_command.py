"""``djfa-lint project``: what it shows of a small project, in each of its forms."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from textwrap import dedent

import pytest
from click.testing import CliRunner

from djfa_lint.surfaces.cli import main

_FILES = {
    "manage.py": "",
    "requirements.txt": "django==5.2.1\nfastapi>=0.110,<1\n",
    "shop/__init__.py": "",
    "shop/models.py": """
        from django.db import models
        class Customer(models.Model):
            pass
        class Order(models.Model):
            customer = models.ForeignKey(Customer, models.CASCADE, related_name="orders")
            elsewhere = models.ForeignKey("other.Thing", models.CASCADE)
    """,
    "shop/serializers.py": """
        from rest_framework import serializers
        from shop.models import Order
        class OrderSerializer(serializers.ModelSerializer):
            class Meta:
                model = Order
                exclude = ["elsewhere"]
    """,
    "shop/views.py": """
        raise SystemExit("nothing of the project is run")
        def index(request):
            return None
    """,
    "shop/urls.py": """
        from django.conf import settings
        from django.urls import path
        from shop import views
        urlpatterns = [path("", views.index)]
        if settings.DEBUG:
            urlpatterns += [path("debug/", views.index)]
    """,
    "api.py": """
        from fastapi import FastAPI
        app = FastAPI()
        @app.websocket("/ws")
        async def listen(): ...
        @app.get("/orders/{id}")
        async def order(id: int) -> dict: ...
    """,
    "shop/templates/shop/list.html": "<p></p>",
    "broken.py": "def f(:\n",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in _FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _run(*arguments: str) -> str:
    result = CliRunner().invoke(main, ["project", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_text_says_what_is_there(folder: Path) -> None:
    shown = _run()
    for line in (
        "could not be read: broken.py:1: cannot be parsed",
        "  django 5.2.1",
        "  fastapi >=0.110.0,<1.0.0",
        "    customer -> Customer",
        "    elsewhere -> ?",
        "    orders ->> Order  (from the other side)",
        "  ANY (empty)  shop.views.index  shop/urls.py:5",
        "  ANY debug/  shop.views.index  shop/urls.py:7  (under a condition)",
        "  WEBSOCKET /ws  api.listen",
        "  GET /orders/{id}  api.order",
        "shop.serializers.OrderSerializer of Order: every field but elsewhere",
        "  shop/list.html  shop/templates/shop/list.html",
    ):
        assert line in shown, shown


def test_json_is_the_same_from_any_folder_inside(folder: Path) -> None:
    whole = json.loads(_run("--output-format", "json"))
    assert json.loads(_run("--output-format", "json", "shop")) == whole
    assert whole["version"] == 1
    order = next(one for one in whole["models"] if one["name"] == "shop.models.Order")
    assert order["relations"][0] == {
        "name": "customer",
        "to": "shop.models.Customer",
        "many": False,
        "reverse": False,
        "kind": "fk",
    }
    assert [one["maybe"] for one in whole["endpoints"] if one["view"] == "shop.views.index"] == [False, True]


def test_mermaid_and_dot_draw_each_declared_relation_once(folder: Path) -> None:
    mermaid = _run("--graph", "mermaid").splitlines()
    assert mermaid[0] == "erDiagram"
    assert [line.strip() for line in mermaid if " : " in line] == ['Order }o--|| Customer : "customer"']
    dot = _run("--graph", "dot")
    assert 'Order -> Customer [label="customer", arrowhead=normal];' in dot
    assert dot.count("->") == 1


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
def test_graphviz_takes_the_dot(folder: Path) -> None:
    drawn = subprocess.run(["dot", "-Tsvg"], input=_run("--graph", "dot"), capture_output=True, text=True, check=False)
    assert drawn.returncode == 0, drawn.stderr
    assert "shop.Order" in drawn.stdout


def test_a_folder_that_is_not_there_is_said(folder: Path) -> None:
    result = CliRunner().invoke(main, ["project", "nowhere"])
    assert result.exit_code == 2
    assert "`nowhere` does not exist" in result.output
