"""Views: what is one, who answers for it, what it names; viewsets' handlers compared with what real DRF would call."""

from __future__ import annotations

import pytest

from djfa_lint.project.django.urls import endpoints
from djfa_lint.project.django.views import views
from djfa_lint.project.entities import View
from tests.project.linking import linked_of

_SHOP = {
    "config/__init__.py": "",
    "config/settings.py": "ROOT_URLCONF = 'config.urls'",
    "config/urls.py": """
        from django.contrib.auth.decorators import login_required
        from django.urls import include, path
        from rest_framework.routers import DefaultRouter
        from shop import api, views
        router = DefaultRouter()
        router.register("orders", api.OrderViewSet)
        router.register("bare", api.BareViewSet, basename="bare")
        urlpatterns = [
            path("", login_required(views.index)),
            path("orders/", views.OrderList.as_view()),
            path("api/", include(router.urls)),
            path("bulk/", api.BareViewSet.as_view({"patch": "bulk"})),
        ]
    """,
    "shop/__init__.py": "",
    "shop/models.py": """
        from django.db import models
        class OrderQuerySet(models.QuerySet): ...
        class Customer(models.Model): ...
        class Order(models.Model):
            customer = models.ForeignKey(Customer, models.CASCADE)
            objects = OrderQuerySet.as_manager()
    """,
    "shop/serializers.py": """
        from rest_framework import serializers
        class Short(serializers.Serializer): ...
        class Long(serializers.Serializer): ...
        class Write(serializers.Serializer): ...
    """,
    "shop/views.py": """
        from django.contrib.auth.decorators import login_required
        from django.contrib.auth.models import User
        from django.utils.decorators import method_decorator
        from django.views.decorators.cache import never_cache
        from django.views.decorators.http import require_GET
        from django.views.generic import DetailView, ListView, TemplateView, View
        from . import models

        @never_cache
        @require_GET
        def index(request): ...

        class Answers:
            def post(self, request): ...

        @method_decorator(login_required, name="dispatch")
        class OrderList(Answers, ListView):
            queryset = models.Order.objects.filter(done=False).select_related("customer")
            template_name = "shop/orders.html"
            def get(self, request): ...

        class Shown(OrderList):
            model = models.Customer
            def get_template_names(self):
                if self.request.htmx:
                    return ["shop/part.html"]
                return ["shop/orders.html", self.template_name]

        class Users(DetailView):
            def get_queryset(self):
                found = User.objects.all()
                return User.objects.filter(active=True)

        class Mixed(DetailView):
            def get_queryset(self):
                if self.kwargs:
                    return User.objects.all()
                return super().get_queryset()

        class Own(View):
            def dispatch(self, request): ...
    """,
    "shop/api.py": """
        from rest_framework import generics, mixins, viewsets
        from rest_framework.decorators import action, api_view
        from . import models, serializers as s

        class Base(viewsets.GenericViewSet):
            serializer_class = s.Short
            @action(detail=True, methods=["post"])
            def pay(self, request, pk): ...

        class OrderViewSet(mixins.ListModelMixin, mixins.CreateModelMixin, Base):
            queryset = models.Order.objects.all()
            def create(self, request): ...
            def get_serializer_class(self):
                if self.action == "create":
                    return s.Write
                return {"retrieve": s.Long}.get(self.action, self.serializer_class)
            def helper(self): ...

        class BareViewSet(viewsets.ViewSet):
            serializers = {"list": s.Short, "bulk": s.Long}
            def list(self, request): ...
            def bulk(self, request): ...
            def get_serializer_class(self):
                return self.serializers.get(self.action)

        class Orders(generics.ListAPIView):
            def get_queryset(self):
                return models.Order.objects.filter(customer=self.request.user)
            def get_serializer_class(self):
                return s.Long if self.request.GET else s.Short

        @api_view(["POST"])
        def hook(request): ...
        def helper(request): ...
    """,
    "tests/test_shop.py": "from django.views import View\nclass Fake(View): ...\n",
}


@pytest.fixture(scope="module")
def shop() -> dict[str, View]:
    return read()


def read(shuffled: int | None = None) -> dict[str, View]:
    linked = linked_of(_SHOP, shuffled=shuffled)
    return {one.known.name.removeprefix("shop."): one for one in views(linked, endpoints(linked))}


def test_kinds_and_routes(shop: dict[str, View]) -> None:
    assert {name: (one.kind, one.routed) for name, one in shop.items()} == {
        "api.Base": ("viewset", False),
        "api.OrderViewSet": ("viewset", True),
        "api.BareViewSet": ("viewset", True),
        "api.Orders": ("api_class", False),
        "api.hook": ("api_view", False),
        "views.index": ("function", True),
        "views.OrderList": ("class", True),
        "views.Shown": ("class", False),
        "views.Users": ("class", False),
        "views.Mixed": ("class", False),
        "views.Own": ("class", False),
    }


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        ("views.index", [("views.index", ("GET",), "")]),
        ("views.OrderList", [("views.OrderList.get", ("GET",), ""), ("views.Answers.post", ("POST",), "")]),
        ("views.Shown", [("views.OrderList.get", ("GET",), ""), ("views.Answers.post", ("POST",), "")]),
        ("views.Own", [("views.Own.dispatch", (), "")]),
        ("views.Users", []),
        ("api.OrderViewSet", [("api.OrderViewSet.create", ("POST",), "create"), ("api.Base.pay", ("POST",), "pay")]),
        ("api.BareViewSet", [("api.BareViewSet.list", ("GET",), "list"), ("api.BareViewSet.bulk", ("PATCH",), "bulk")]),
        ("api.hook", [("api.hook", ("POST",), "")]),
    ],
)
def test_handlers(shop: dict[str, View], view: str, expected: list[tuple[str, tuple[str, ...], str]]) -> None:
    found = [(one.function.name.removeprefix("shop."), one.methods, one.action) for one in shop[view].handlers]
    assert found == expected


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        ("api.Base", ["Short"]),
        ("api.OrderViewSet", ["Short", "Write", "Long"]),
        ("api.BareViewSet", ["Short", "Long"]),
        ("api.Orders", ["Long", "Short"]),
        ("views.Shown", []),
    ],
)
def test_serializers(shop: dict[str, View], view: str, expected: list[str]) -> None:
    assert [one.name.removeprefix("shop.serializers.") for one in shop[view].serializers] == expected


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        ("views.OrderList", "shop.models.Order"),
        ("views.Shown", "shop.models.Customer"),
        ("views.Users", "django.contrib.auth.models.User"),
        ("views.Mixed", None),
        ("api.OrderViewSet", "shop.models.Order"),
        ("api.Orders", "shop.models.Order"),
        ("api.BareViewSet", None),
    ],
)
def test_models(shop: dict[str, View], view: str, expected: str | None) -> None:
    model = shop[view].model
    assert (model.name if model else None) == expected


def test_templates(shop: dict[str, View]) -> None:
    assert shop["views.OrderList"].templates == ("shop/orders.html",)
    assert shop["views.Shown"].templates == ("shop/orders.html", "shop/part.html")
    assert shop["views.Users"].templates == ()


def test_decorators(shop: dict[str, View]) -> None:
    around = {name: [one.name.rpartition(".")[2] for one in view.decorators] for name, view in shop.items()}
    assert around["views.index"] == ["never_cache", "require_GET", "login_required"]
    assert around["views.OrderList"] == ["login_required"]
    assert around["api.hook"] == ["api_view"]


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_files_does_not_matter(shop: dict[str, View], seed: int) -> None:
    assert list(read(seed).items()) == list(shop.items())
