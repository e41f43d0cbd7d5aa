"""The comparison of the linter's project model with what the frameworks say of a project."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bench.truth.compare import Tally, compare, main
from bench.truth.names import normal_route, pair, same_name

ORDER = "shop.orders.models.Order"
USER = "shop.users.models.User"


def relation(name: str, to: str | None, many: bool = False, **more: bool) -> dict[str, Any]:
    return {"name": name, "to": to, "many": many, "reverse": False, **more}


def model(name: str, *relations: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": name, "framework": "django", "abstract": False, "relations": list(relations), **more}


def endpoint(route: str, view: str, framework: str = "django", **more: Any) -> dict[str, Any]:
    return {"framework": framework, "route": route, "view": view, **more}


def truth(framework: str = "django", **parts: Any) -> dict[str, Any]:
    models = {name: {"label": name, "relations": found} for name, found in parts.pop("models", {}).items()}
    return {"framework": framework, "models": models, "endpoints": [], **parts}


def tallies(known: dict[str, Any], **ours: Any) -> dict[str, Tally]:
    found = compare(known, {"version": 1, "models": [], "endpoints": [], **ours})
    return {tally.title.strip(): tally for tally in found}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("^/api/orders/$", "api/orders/"),
        ("api/^orders/(?P<pk>[^/.]+)/\\Z", "api/orders/<pk>/"),
        ("api/orders/<int:pk>/", "api/orders/<pk>/"),
        ("/items/{item_id}", "items/{item_id:path}"),
        (r"^(?P<year>[0-9]{4})/(?P<rest>(a|b\)|[)(]))/$", "{year}/{rest}/"),
        (r"feed\.json", "feed.json"),
        (r"^page/(\d+)/$", "page/([0-9]+)/"),
        (r"x[^]$]y", "x[^]$]y$"),
    ],
)
def test_one_route_in_two_forms(one: str, other: str) -> None:
    assert normal_route(one) == normal_route(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("orders/<pk>/", "orders/<id>/"), ("orders/", "orders"), (r"o/\d/", "o/d/"), ("o/(?:a|b)/", "o/(a|b)/")],
)
def test_two_routes(one: str, other: str) -> None:
    assert normal_route(one) != normal_route(other)


def test_names_agree_from_their_end() -> None:
    assert same_name("src.shop.models.Order", "shop.models.Order")
    assert same_name("models.Order", "shop.models.Order")
    assert not same_name("Order", "shop.models.Order")
    assert not same_name("xshop.models.Order", "shop.models.Order")


def test_a_name_is_paired_once_with_the_closest() -> None:
    ours = ["models.Order", "shop.models.Order"]
    assert pair(["a.models.Order", "a.shop.models.Order"], ours) == {
        "a.shop.models.Order": "shop.models.Order",
        "a.models.Order": "models.Order",
    }
    assert pair(["a.models.Order", "b.models.Order"], ["models.Order"]) == {"a.models.Order": "models.Order"}


def test_models() -> None:
    known = truth(models={ORDER: [], USER: []}, dynamic_models={"shop.orders.models.HistoricalOrder": "made"})
    ours = [
        model("orders.models.Order"),
        model("orders.models.HistoricalOrder"),
        model("orders.models.Base", abstract=True),
        model("orders.models.Ghost"),
        model("orders.tables.Order", framework="sqlalchemy"),
    ]
    found = tallies(known, models=ours)["models"]
    assert (found.truth, found.found, found.ours) == (2, 1, 3)
    assert (found.missing, found.wrong) == ([USER], ["orders.models.Ghost"])


def test_relations() -> None:
    group = "django.contrib.auth.models.Group"
    known = truth(
        models={
            ORDER: [
                relation("buyer", USER),
                relation("payer", USER),
                relation("items", "shop.items.models.Item", many=True),
                relation("group", group),
                relation("thing", None),
                relation("logs", "django.contrib.admin.models.LogEntry", many=True, outside=True),
            ],
            USER: [relation("order_set", ORDER, many=True)],
        }
    )
    ours = model(
        "orders.models.Order",
        relation("buyer", "users.models.User"),
        relation("payer", None),
        relation("items", "shop.items.models.Item"),
        relation("group", None),
        relation("thing", None),
    )
    found = tallies(known, models=[ours])
    assert (found["relations"].truth, found["relations"].found) == (7, 3)
    assert (found["without outside"].truth, found["without outside"].found) == (6, 3)
    assert found["relations"].wrong == [f"{ORDER}.items -> shop.items.models.Item"]


def test_django_endpoints() -> None:
    known = truth(
        endpoints=[
            endpoint("api/^orders/$", "shop.orders.views.OrderViewSet", actions={"get": "list"}),
            endpoint("api/^orders\\.(?P<format>[a-z0-9]+)/?$", "shop.orders.views.OrderViewSet", format_suffix=True),
            endpoint("users/", "shop.users.views.users"),
        ],
        outside_endpoints=[endpoint("login/", "django.contrib.auth.views.LoginView")],
    )
    ours = [
        endpoint("api/orders/", "orders.views.OrderViewSet", "drf", action="list", methods=["GET"]),
        endpoint("api/orders/", "orders.views.OrderViewSet", "drf", action="create", methods=["POST"]),
        endpoint("login/", "django.contrib.auth.LoginView"),
        endpoint("users/", "shop.users.views.other"),
    ]
    found = tallies(known, endpoints=ours)
    assert (found["endpoints"].truth, found["endpoints"].found, found["endpoints"].ours) == (2, 1, 3)
    assert found["endpoints"].wrong == ["/users/ shop.users.views.other"]
    assert found["set aside (no share)"].truth == 1


def test_fastapi_endpoints_differ_by_method() -> None:
    known = truth(
        "fastapi",
        endpoints=[
            endpoint("/items/{id}", "app.main.item", methods=["GET", "PUT"]),
            endpoint("/live", "app.main.live", methods=[], websocket=True),
        ],
    )
    ours = [
        endpoint("/items/{id}", "main.item", "fastapi", methods=["GET", "POST"]),
        endpoint("/live", "main.live", "fastapi", methods=["WEBSOCKET"]),
    ]
    found = tallies(known, endpoints=ours)["endpoints"]
    assert (found.missing, found.wrong) == (["PUT /items/{id} app.main.item"], ["POST /items/{id} main.item"])


def test_the_command_prints_the_table_and_lists(tmp_path: Path) -> None:
    known, ours = tmp_path / "truth.json", tmp_path / "model.json"
    known.write_text(json.dumps(truth(models={ORDER: [], USER: []})))
    ours.write_text(json.dumps({"version": 1, "models": [model("orders.models.Order")], "endpoints": []}))
    outcome = CliRunner().invoke(main, [str(known), str(ours), "--verbose"])
    assert outcome.exit_code == 0
    assert outcome.output.splitlines()[1].split() == ["models", "2", "1", "50.0%", "1", "0", "0.0%"]
    assert f"models missing: 1\n  {USER}\n" in outcome.output
