"""The example shop is a real project: both halves start on a fresh SQLite file and answer requests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SHOP = Path(__file__).resolve().parent.parent / "examples" / "shop"

DJANGO_REQUESTS = """
import django

django.setup()

from django.test import Client

from apps.orders.models import Order, Product
from apps.users.models import User

staff = User.objects.create_user("ada", "ada@example.com", name="Ada", is_staff=True, is_superuser=True)
Product.objects.create(sku="TEA-1", name="Green tea", price="7.50", stock=6)

client = Client()
assert client.get("/api/orders/").status_code == 403
client.force_login(staff)
checkout = client.post(
    "/api/checkout/", {"lines": [{"sku": "TEA-1", "quantity": 2}]}, content_type="application/json"
)
assert checkout.status_code == 201, checkout.content
assert Order.objects.get().items.count() == 1

for url in ("/api/products/", "/api/orders/", "/api/me/orders/", "/api/users/"):
    response = client.get(url)
    assert response.status_code == 200, (url, response.content)
    assert response.json()["count"] == 1, url

order = client.get("/api/orders/").json()["results"][0]
assert order["customer"]["name"] == "Ada"
assert order["total"] == "19.90"
for url in (f"/api/orders/{order['id']}/shipping/", "/admin/orders/order/"):
    assert client.get(url).status_code == 200, url
Order.objects.update(status="paid", placed_at="2020-01-01T00:00:00Z")
assert client.get("/api/orders/overdue/").json()[0]["customer"] == "Ada"
print("answered")
"""

FASTAPI_REQUESTS = """
from fastapi.testclient import TestClient

from app.main import app

with TestClient(app) as client:
    created = client.post("/products/", json={"sku": "TEA-1", "name": "Green tea", "price_cents": 750})
    assert created.status_code == 201, created.text
    assert created.json()["tags"] == ["green"]
    lines = [{"sku": "TEA-1", "quantity": 2}]
    ordered = client.post("/orders/", json={"customer_email": "ada@example.com", "lines": lines})
    assert ordered.status_code == 201, ordered.text

    for url in ("/products/", "/orders/"):
        response = client.get(url)
        assert response.status_code == 200, (url, response.text)
        assert len(response.json()) == 1, url
    assert client.get("/orders/").json()[0]["total_cents"] == 1500

    for name in ("image", "manual"):
        sent = client.put(f"/products/TEA-1/{name}", files={"file": ("a", b"content")})
        assert sent.status_code == 204, sent.text
    assert client.get("/products/TEA-2/price").status_code == 404
print("answered")
"""


def run(folder: Path, *args: str, **env: str) -> str:
    """Run Python in a project's folder, so that neither its settings nor its modules reach this process."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("SHOP_", "DJANGO_"))}
    done = subprocess.run(
        [sys.executable, "-B", *args],
        cwd=folder,
        env={**kept, "PYTHONPATH": str(folder), **env},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_django_shop_starts_and_answers(tmp_path: Path) -> None:
    pytest.importorskip("django")
    pytest.importorskip("rest_framework")
    env = {
        "DJANGO_SETTINGS_MODULE": "config.settings.development",
        "SHOP_DATABASE": str(tmp_path / "shop.sqlite3"),
    }
    folder = SHOP / "django"
    run(folder, "manage.py", "check", **env)
    run(folder, "manage.py", "migrate", "--verbosity", "0", **env)
    assert "answered" in run(folder, "-c", DJANGO_REQUESTS, **env)


def test_fastapi_shop_starts_and_answers(tmp_path: Path) -> None:
    for module in ("aiosqlite", "fastapi", "greenlet", "httpx", "multipart", "pydantic_settings", "requests"):
        pytest.importorskip(module)
    pytest.importorskip("sqlalchemy.ext.asyncio")
    env = {
        "SHOP_DATABASE_URL": f"sqlite+aiosqlite:///{(tmp_path / 'shop.sqlite3').as_posix()}",
        "SHOP_UPLOAD_DIR": str(tmp_path / "uploads"),
    }
    assert "answered" in run(SHOP / "fastapi", "-c", FASTAPI_REQUESTS, **env)
    assert (tmp_path / "uploads" / "1.jpg").read_bytes() == b"content"
