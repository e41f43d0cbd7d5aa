"""The endpoints of django-ninja APIs; what is expected is what Django's resolver had with django-ninja 1.7."""

from __future__ import annotations

from djfa_lint.project import ninja
from djfa_lint.project.names import Known
from tests.project.linking import linked_of

FILES = {
    "config/__init__.py": "",
    "config/settings.py": """
        SECRET_KEY = "x"
        ROOT_URLCONF = "config.urls"
        INSTALLED_APPS = ["ninja_extra"]
        """,
    "config/urls.py": """
        from django.urls import path
        from shop.api import api
        from shop.extra import extra_api

        urlpatterns = [path("api/", api.urls), path("extra/", extra_api.urls)]
        """,
    "shop/__init__.py": "",
    "shop/security.py": """
        from ninja.security import HttpBearer

        class Token(HttpBearer):
            def authenticate(self, request, token): ...

        def by_session(request): ...
        """,
    "shop/api.py": """
        from ninja import NinjaAPI, Router, Schema
        from ninja.security import django_auth
        from .security import Token, by_session
        from . import orders

        class Item(Schema):
            name: str

        api = NinjaAPI(auth=Token())
        api.add_router("/orders/", orders.router)
        api.add_router("/late", "shop.late.router", auth=[by_session, django_auth])

        @api.get("/items", response=list[Item])
        def items(request): ...

        @api.get("/items/{int:item_id}", response={404: str, 200: Item}, auth=None, url_name="item")
        def item(request, item_id: int): ...

        @api.api_operation(["PATCH", "POST"], "/both")
        def both(request): ...

        for name, router in [("a", orders.make("a")), ("b", orders.make("b"))]:
            api.add_router(f"/made/{name}", router)
        """,
    "shop/orders.py": """
        from ninja import Router

        router = Router()
        lines = Router(auth=None)
        router.add_router("{order_id}/lines", lines)

        @router.get("")
        def index(request): ...

        @router.delete("/{order_id}")
        def remove(request, order_id: int): ...

        @lines.get("/")
        async def index_lines(request, order_id: int): ...

        def make(name):
            made = Router()

            @made.get("/x")
            def inner(request): ...

            return made
        """,
    "shop/late.py": """
        from ninja import Router

        router = Router()

        @router.put("/x")
        def put(request): ...
        """,
    "shop/extra.py": """
        from ninja_extra import NinjaExtraAPI, api_controller, http_get, route
        from ninja_extra.controllers import ControllerBase

        @api_controller("/users", tags=["u"])
        class Users:
            @http_get("/list")
            def list_users(self): ...

            @route.post("")
            def create(self): ...

            @route.generic("/g", methods=["PUT", "PATCH"])
            def generic(self): ...

        @api_controller
        class Bare(ControllerBase):
            @http_get("/bare")
            def bare(self): ...

        @api_controller("/unused")
        class Unused:
            @http_get("/never")
            def never(self): ...

        extra_api = NinjaExtraAPI(urls_namespace="extra")
        extra_api.register_controllers(Users, Bare)
        """,
}

TOKEN = ("shop.security.Token",)
EXPECTED = [
    ("api/both", ("PATCH", "POST"), "shop.api.both", TOKEN),
    ("api/items", ("GET",), "shop.api.items", TOKEN),
    ("api/items/<int:item_id>", ("GET",), "shop.api.item", ()),
    ("api/late/x", ("PUT",), "shop.late.put", ("shop.security.by_session", "ninja.security.django_auth")),
    ("api/made/a/x", ("GET",), "shop.orders.make.inner", TOKEN),
    ("api/made/b/x", ("GET",), "shop.orders.make.inner", TOKEN),
    ("api/orders/", ("GET",), "shop.orders.index", TOKEN),
    ("api/orders/<order_id>", ("DELETE",), "shop.orders.remove", TOKEN),
    ("api/orders/<order_id>/lines/", ("GET",), "shop.orders.index_lines", ()),
    ("extra/bare", ("GET",), "shop.extra.Bare.bare", ()),
    ("extra/users", ("POST",), "shop.extra.Users.create", ()),
    ("extra/users/g", ("PATCH", "PUT"), "shop.extra.Users.generic", ()),
    ("extra/users/list", ("GET",), "shop.extra.Users.list_users", ()),
]


def test_endpoints_are_those_of_the_resolver() -> None:
    found = ninja.endpoints(linked_of(FILES))
    sure = [
        (one.route, one.methods, one.view.name, tuple(known.name for known in one.dependencies))
        for one in found
        if not one.maybe
    ]
    assert sure == EXPECTED
    # A controller that no API registers.
    assert [one.route for one in found if one.maybe] == ["unused/never"]


def test_an_endpoint_tells_what_it_answers_and_where_it_is() -> None:
    found = {one.view.name: one for one in ninja.endpoints(linked_of(FILES))}
    item = found["shop.api.item"]
    assert (item.name, item.path, item.framework, item.line) == ("item", "shop/api.py", "ninja", 17)
    assert item.response == found["shop.api.items"].response == Known("shop.api.Item", path="shop/api.py")
    assert item.handlers[0].function == Known("shop.api.item", path="shop/api.py")
    assert found["shop.orders.remove"].response is None


def test_endpoints_do_not_depend_on_the_order_of_files() -> None:
    once = ninja.endpoints(linked_of(FILES))
    assert all(ninja.endpoints(linked_of(FILES, shuffled=seed)) == once for seed in range(5))


def test_an_api_that_no_urlconf_mounts_gives_what_is_known() -> None:
    without = {path: text for path, text in FILES.items() if path != "config/urls.py"}
    found = {one.route: one for one in ninja.endpoints(linked_of(without))}
    assert found["items"].maybe
    assert "api/items" not in found
