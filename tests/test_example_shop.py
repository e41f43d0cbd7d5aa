"""The example shop is a real project: both halves start and answer, and the linter sees them as their frameworks do."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SHOP = Path(__file__).resolve().parent.parent / "examples" / "shop"

# All that `make demo` shows, in its order: a code and the line it is at.
FINDINGS = """
django/apps/orders/models.py
    DFA411 metadata = models.JSONField(default={}, blank=True)
    DFA412 status_changed_at = models.DateTimeField(default=timezone.now())
django/apps/orders/selectors.py
    DFA201 "customer": order.customer.name,
django/apps/orders/services.py
    DFA411 def record_event(order: Order, kind: str, extra: dict[str, Any] = {}) -> OrderEvent:
    DFA102 def cancel_order(order, reason):
    DFA401 except:
django/apps/orders/views.py
    DFA501 def post(self, request: Request) -> Response:
django/apps/storefront/views.py
    DFA101 def invoice(request, pk):
fastapi/app/routers/orders.py
    DFA301 time.sleep(2**attempt)
fastapi/app/routers/products.py
    DFA101 async def search_products(q, limit=20, db: AsyncSession = Depends(get_db)):
    DFA301 response = requests.get(
fastapi/app/schemas/product.py
    DFA412 created_at: datetime = datetime.now()
fastapi/app/services/notifications.py
    DFA301 response = client.post("/notices", json=notice.model_dump(mode="json"))
fastapi/app/services/product_service.py
    DFA411 def search_tags(name: str, tags: list[str] = []) -> list[str]:
    DFA102 async def search(db, text, limit):
"""

DJANGO_REQUESTS = """
import django

django.setup()

from django.test import Client
from django.test.utils import setup_test_environment

from apps.orders.models import Order, Product
from apps.users.models import User

setup_test_environment()
staff = User.objects.create_user("ada", "ada@example.com", name="Ada", is_staff=True, is_superuser=True)
Product.objects.create(sku="TEA-1", name="Green tea", price="7.50", stock=6)

client = Client()
for url in ("/api/orders/", "/api/users/", "/api/me/orders/"):
    assert client.get(url).status_code == 403, url
assert client.get("/invoices/1/").status_code == 302
assert client.get("/health/").json() == {"status": "ok"}
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
for url in (f"/api/orders/{order['id']}/shipping/", "/admin/orders/order/", "/admin/users/notification/"):
    assert client.get(url).status_code == 200, url

catalogue = client.get("/")
assert [template.name for template in catalogue.templates] == ["storefront/catalogue.html", "base.html"]
assert "Green tea: 7.50 EUR" in catalogue.content.decode()
invoice = client.get(f"/invoices/{order['id']}/").content.decode()
assert "2 × Green tea" in invoice and "Total: 19.90 EUR" in invoice

Order.objects.update(status="paid", placed_at="2020-01-01T00:00:00Z")
assert client.get("/api/orders/overdue/").json()[0]["customer"] == "Ada"
cancelled = client.post(
    f"/api/me/orders/{order['id']}/cancel/", {"reason": "too late"}, content_type="application/json"
)
assert cancelled.json()["status"] == "cancelled", cancelled.content

registered = client.post(
    "/api/users/",
    {"email": "bob@example.com", "name": "Bob", "password": "secure_password_123"},
    content_type="application/json",
)
assert registered.status_code == 201, registered.content
bob = User.objects.get(email="bob@example.com")
assert [one.subject for one in bob.notifications.all()] == ["Welcome!"]
client.force_login(bob)
assert client.get("/api/users/me/").json()["email"] == "bob@example.com"
assert client.get(f"/invoices/{order['id']}/").status_code == 404
print("answered")
"""

ASGI_REQUEST = """
import asyncio

from config.asgi import application


async def main():
    scope = {"type": "http", "method": "GET", "path": "/health/", "headers": [(b"host", b"localhost")]}
    requests = iter([{"type": "http.request"}])
    sent = []

    async def receive():
        return next(requests, None) or await asyncio.Event().wait()

    async def send(message):
        sent.append(message)

    await application(scope, receive, send)
    assert sent[0]["status"] == 200, sent
    assert sent[1]["body"] == b'{"status": "ok"}', sent


asyncio.run(main())

from config.wsgi import application

assert callable(application)
print("answered")
"""

FASTAPI_REQUESTS = """
from fastapi.testclient import TestClient

from app.main import app

with TestClient(app) as client:
    assert client.get("/health").json() == {"status": "ok"}
    created = client.post("/products/", json={"sku": "TEA-1", "name": "Green tea", "price_cents": 750})
    assert created.status_code == 201, created.text
    assert created.json()["tags"] == ["green"]
    assert float(created.headers["X-Process-Time"]) >= 0

    ada = {"email": "ada@example.com", "name": "Ada", "password": "secure_password_123", "role": "admin"}
    assert client.post("/users/", json=ada).status_code == 201
    assert client.post("/users/", json=ada).status_code == 409
    login = {"username": ada["email"], "password": ada["password"]}
    token = client.post("/users/token", data=login).json()["access_token"]
    as_ada = {"Authorization": f"Bearer {token}"}
    assert client.get("/users/").status_code == 401

    lines = [{"sku": "TEA-1", "quantity": 2}]
    ordered = client.post("/orders/", json={"customer_email": "ada@example.com", "lines": lines})
    assert ordered.status_code == 201, ordered.text

    for url in ("/products/", "/products/search?q=tea&limit=5", "/orders/", "/users/", "/users/me/orders"):
        response = client.get(url, headers=as_ada)
        assert response.status_code == 200, (url, response.text)
        assert len(response.json()) == 1, url
    assert client.get("/orders/").json()[0]["total_cents"] == 1500

    sent = client.put("/products/TEA-1/image", files={"file": ("a", b"content")})
    assert sent.status_code == 204, sent.text
    missing = client.get("/products/TEA-2/price")
    assert (missing.status_code, missing.json()) == (404, {"detail": "Product TEA-2 not found"})
    unknown = client.post("/orders/", json={"customer_email": "a@b.c", "lines": [{"sku": "TEA-9"}]})
    assert (unknown.status_code, unknown.json()) == (404, {"detail": "Unknown products: TEA-9"})
print("answered")
"""

# What Django knows of the project's own views and models. The second spelling of each API route (`.json`) is left out.
DJANGO_FACTS = """
import json

import django

django.setup()

from django.apps import apps
from django.urls import get_resolver


def walk(patterns, before):
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from walk(pattern.url_patterns, route)
        elif "format" not in route:
            callback = pattern.callback
            view = getattr(callback, "cls", None) or getattr(callback, "view_class", None) or callback
            if view.__module__.startswith("apps."):
                yield route, f"{view.__module__}.{view.__qualname__}", getattr(callback, "actions", None) or {}


def relations(model):
    for field in model._meta.get_fields():
        if field.is_relation:
            reverse = field.auto_created and not field.concrete
            to = field.related_model
            yield (
                f"{model.__module__}.{model.__qualname__}",
                field.get_accessor_name() if reverse else field.name,
                f"{to.__module__}.{to.__qualname__}",
                bool(field.one_to_many or field.many_to_many),
                reverse,
            )


own = [model for model in apps.get_models() if model.__module__.startswith("apps.")]
print(json.dumps({
    "routes": sorted(walk(get_resolver().url_patterns, ""), key=str),
    "models": sorted(f"{model.__module__}.{model.__qualname__}" for model in own),
    "relations": sorted(relation for model in own for relation in relations(model)),
}))
"""

FASTAPI_FACTS = """
import json

from fastapi.routing import APIRoute
from sqlalchemy.orm import configure_mappers

from app.database import Base
from app.main import app


def flat(routes):
    for route in routes:
        if hasattr(route, "effective_route_contexts"):  # a router that is included, from FastAPI 0.137 on
            for context in route.effective_route_contexts():
                yield context.path, context.original_route
        elif isinstance(route, APIRoute):
            yield route.path, route


def full(one):
    return f"{one.__module__}.{one.__qualname__}"


configure_mappers()
mappers = list(Base.registry.mappers)
print(json.dumps({
    "routes": sorted((path, full(route.endpoint), sorted(route.methods)) for path, route in flat(app.routes)),
    "models": sorted(full(mapper.class_) for mapper in mappers),
    "relations": sorted(
        (full(mapper.class_), one.key, full(one.mapper.class_), bool(one.uselist), False)
        for mapper in mappers
        for one in mapper.relationships
    ),
}))
"""

FASTAPI_NEEDS = (
    "aiosqlite",
    "fastapi",
    "greenlet",
    "httpx",
    "multipart",
    "pydantic_settings",
    "requests",
    "sqlalchemy",
)


def run(folder: Path, *args: str, **env: str) -> str:
    """Run Python in a project's folder, so that neither its settings nor its modules reach this process."""
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("SHOP_", "DJANGO_", "DJFA_LINT_", "PYTEST_"))
    }
    done = subprocess.run(
        [sys.executable, "-B", *args],
        cwd=folder,
        env={**kept, "PYTHONPATH": str(folder), "PYTHONIOENCODING": "utf-8", **env},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def django_env(tmp_path: Path) -> dict[str, str]:
    need("django", "rest_framework")
    return {
        "DJANGO_SETTINGS_MODULE": "config.settings.development",
        "SHOP_DATABASE": str(tmp_path / "shop.sqlite3"),
    }


@pytest.fixture
def fastapi_env(tmp_path: Path) -> dict[str, str]:
    need(*FASTAPI_NEEDS)
    return {
        "SHOP_DATABASE_URL": f"sqlite+aiosqlite:///{(tmp_path / 'shop.sqlite3').as_posix()}",
        "SHOP_UPLOAD_DIR": str(tmp_path / "uploads"),
    }


def need(*modules: str) -> None:
    """Skip where one of them is not installed; none is imported here."""
    for module in modules:
        if importlib.util.find_spec(module) is None:
            pytest.skip(f"{module} is not installed")


@pytest.fixture(scope="module")
def django_knows() -> dict[str, Any]:
    need("django", "rest_framework")
    env = {"DJANGO_SETTINGS_MODULE": "config.settings.development"}
    known: dict[str, Any] = json.loads(run(SHOP / "django", "-c", DJANGO_FACTS, **env))
    return known


@pytest.fixture(scope="module")
def seen() -> dict[str, Any]:
    """What `djfa-lint project` shows of the shop."""
    view: dict[str, Any] = json.loads(linted("project", "--output-format", "json"))
    return view


def linted(*args: str) -> str:
    return run(SHOP, "-m", "djfa_lint", *args)


# The linter


def test_the_demo_shows_exactly_this() -> None:
    shown: list[str] = []
    path = ""
    for finding in json.loads(linted("check", "--exit-zero", "--output-format", "json")):
        if finding["path"] != path:
            path = finding["path"]
            shown.append(path)
        line = (SHOP / path).read_text(encoding="utf-8").splitlines()[finding["line"] - 1]
        shown.append(f"    {finding['code']} {line.strip()}")
    assert shown == FINDINGS.strip().splitlines()


def test_it_sees_every_url_of_django(seen: dict[str, Any], django_knows: dict[str, Any]) -> None:
    own = [one for one in seen["endpoints"] if one["path"].startswith("django/")]
    assert sorted([[one["route"], one["view"], one["actions"]] for one in own], key=str) == sorted(
        django_knows["routes"], key=str
    )
    assert not [one for one in own if one["maybe"]]


def test_it_sees_every_model_of_django(seen: dict[str, Any], django_knows: dict[str, Any]) -> None:
    assert models(seen, "django") == django_knows["models"]
    assert relations(seen, "django") == django_knows["relations"]


def test_it_sees_every_route_and_model_of_fastapi(seen: dict[str, Any], fastapi_env: dict[str, str]) -> None:
    known = json.loads(run(SHOP / "fastapi", "-c", FASTAPI_FACTS, **fastapi_env))
    own = [one for one in seen["endpoints"] if one["path"].startswith("fastapi/")]
    assert sorted([one["route"], one["view"], sorted(one["methods"])] for one in own) == known["routes"]
    assert not [one for one in own if one["maybe"]]
    assert models(seen, "fastapi") == known["models"]
    assert relations(seen, "fastapi") == known["relations"]


def models(seen: dict[str, Any], half: str) -> list[str]:
    return sorted(one["name"] for one in seen["models"] if one["path"].startswith(f"{half}/") and not one["abstract"])


def relations(seen: dict[str, Any], half: str) -> list[list[Any]]:
    return sorted(
        [one["name"], relation["name"], relation["to"], relation["many"], relation["reverse"]]
        for one in seen["models"]
        if one["path"].startswith(f"{half}/") and not one["abstract"]
        for relation in one["relations"]
    )


# The shop


def test_django_shop_starts_and_answers(django_env: dict[str, str]) -> None:
    folder = SHOP / "django"
    run(folder, "manage.py", "migrate", "--verbosity", "0", **django_env)
    assert "answered" in run(folder, "-c", DJANGO_REQUESTS, **django_env)
    assert "answered" in run(folder, "-c", ASGI_REQUEST, **django_env)


def test_django_shop_has_its_migrations(django_env: dict[str, str]) -> None:
    done = run(SHOP / "django", "manage.py", "makemigrations", "--dry-run", "--verbosity", "2", **django_env)
    # A default that was evaluated when the module was loaded differs at each start: that is the planted mistake.
    changes = [line.strip()[2:] for line in done.splitlines() if line.strip().startswith(("+ ", "- ", "~ "))]
    assert changes == ["Alter field status_changed_at on order"]


def test_fastapi_shop_starts_and_answers(fastapi_env: dict[str, str]) -> None:
    assert "answered" in run(SHOP / "fastapi", "-c", FASTAPI_REQUESTS, **fastapi_env)
    assert (Path(fastapi_env["SHOP_UPLOAD_DIR"]) / "1.jpg").read_bytes() == b"content"


def test_django_shops_own_tests_pass(django_env: dict[str, str]) -> None:
    need("pytest_django", "factory")
    own_tests_pass("django", "pytest_django.plugin", django_env)


def test_fastapi_shops_own_tests_pass(fastapi_env: dict[str, str]) -> None:
    own_tests_pass("fastapi", "anyio.pytest_plugin", fastapi_env)


def own_tests_pass(half: str, plugin: str, env: dict[str, str]) -> None:
    options = ["-q", "-p", plugin, "-p", "no:cacheprovider"]
    done = run(SHOP / half, "-m", "pytest", *options, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1", **env)
    assert " passed" in done
    assert "skipped" not in done
