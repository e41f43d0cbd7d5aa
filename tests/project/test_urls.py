"""Endpoints, compared with what the resolver of real Django holds for the same files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from djfa_lint.project.declared import Made, Symbol
from djfa_lint.project.django.urls import endpoints, mounts
from djfa_lint.project.entities import Endpoint
from tests.project.linking import linked_of

_SETTINGS = """
    SECRET_KEY = "x"
    DEBUG = True
    USE_I18N = True
    NAME = "config"
    ROOT_URLCONF = "{}.urls".format(NAME)
    INSTALLED_APPS = ["django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes",
                      "django.contrib.messages", "django.contrib.sessions", "django.contrib.sites", "rest_framework"]
    DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
    DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
    HIDDEN = "hidden/"
    STATIC_URL = MEDIA_URL = "/media/"
"""
_BASE = {"config/__init__.py": "", "config/settings.py": _SETTINGS}

_DJANGO = _BASE | {
    "config/urls.py": """
        from functools import partial, reduce
        from operator import add

        from django.conf import settings
        from django.conf.urls.i18n import i18n_patterns
        from django.conf.urls.static import static
        from django.contrib import admin
        from django.contrib.auth.decorators import login_required
        from django.urls import include, path, re_path
        from django.utils.translation import gettext_lazy as _
        from django.views.decorators.cache import cache_page
        from django.views.generic import TemplateView

        from shop import urls as shop_urls, views
        from shop.feeds import Latest
        from shop.helpers import crud, guard, protected, site
        from shop.more import *

        stock_view = views.Stock.as_view(extra_context={})
        inner = [path("a/", views.index), re_path(r"^b/(?P<n>\\d+)$", views.detail)]
        languages = {"de": views.index, "fr": views.detail}
        PREFIX = "x/"

        urlpatterns = [
            path("", views.Home.as_view(), name="home"),
            path("shop/", include("shop.urls")),
            path("again/", include(shop_urls)),
            path("named/", include((inner, "inner"), namespace="one")),
            path("plain/", include(inner)),
            path("tuple/", (inner, "inner2", "two")),
            path("admin/", admin.site.urls),
            path("about/", TemplateView.as_view(template_name="about.html")),
            path("stock/", stock_view, name="stock"),
            path("account/", login_required(views.account)),
            path("cached/", cache_page(60)(login_required(views.Stock.as_view()))),
            path("guarded/", guard(views.account)),
            path("part/", partial(views.detail, n=1)),
            path("feed/", Latest()),
            path("method/", site.index),
            path("static-method/", views.Tools.status),
            path("own/", views.Special.view()),
            path("made/", views.Inherits.as_view()),
            path(PREFIX + "plus/", views.index),
            path(f"{PREFIX}f/", views.index),
            path("%s/percent/" % "x", views.index),
            re_path(r"^{0}/{name}$".format("x", name="given"), views.index),
            path(settings.HIDDEN, views.index),
            path(getattr(settings, "NOT_THERE", "fallback/"), views.index),
            path(_("translated/"), views.index),
            path("star/", starred),
            path("rebound/", views.rebound),
            *crud("orders", views.Home, views.detail),
        ]
        urlpatterns += i18n_patterns(path("de-or-en/", views.index), *[path("spread/", views.detail)])
        urlpatterns = urlpatterns + static("/media/", document_root="/x")
        urlpatterns.append(path("appended/", views.index))
        urlpatterns.extend([path("extended/", views.index)])
        urlpatterns += [path(f"lang/{code}/", view) for code, view in languages.items()]
        for name in ("one", "two"):
            urlpatterns.append(path(f"loop/{name}/", views.detail, name=name))
        if settings.DEBUG:
            urlpatterns += [path("debug/", views.index)]
        else:
            urlpatterns += []
        groups = [[path("g1/", views.index)], [path("g2/", views.index)]]
        urlpatterns += reduce(add, groups)
        urlpatterns = protected(urlpatterns)
    """,
    "shop/__init__.py": "",
    "shop/urls.py": """
        from django.urls import path, include
        from . import views

        app_name = "shop"
        urlpatterns = [
            path("", views.index, name="index"),
            path("<int:pk>/", include([path("edit/", views.Stock.as_view()), path("deep/", include("shop.deep"))])),
        ]
    """,
    "shop/deep.py": """
        from django.urls import re_path
        from .views import detail as shown
        urlpatterns = [re_path(r"^(?P<slug>[-\\w]+)/$", shown)]
    """,
    "shop/views.py": """
        from functools import wraps
        from django.contrib.auth.decorators import login_required
        from django.http import HttpResponse
        from django.views import View
        from django.views.decorators.http import require_http_methods, require_POST
        from django.views.generic import ListView

        def index(request, **kwargs): return HttpResponse()
        @require_http_methods(["GET", "POST"])
        def detail(request, **kwargs): return HttpResponse()
        @require_POST
        def account(request): return HttpResponse()
        def rebound(request): return HttpResponse()
        rebound = login_required(rebound)

        class Home(View):
            def get(self, request): return HttpResponse()
            def post(self, request): return HttpResponse()
        class Stock(ListView):
            http_method_names = ["get", "head"]
            def post(self, request): return HttpResponse()
        class Special(View):
            @classmethod
            def view(cls): return index
        class Named(View):
            @classmethod
            def as_view(cls, **kwargs): return super().as_view(**kwargs)
        class Inherits(Named):
            def get(self, request): return HttpResponse()
        class Tools:
            @staticmethod
            def status(request): return HttpResponse()
    """,
    "shop/feeds.py": """
        from django.contrib.syndication.views import Feed
        class Latest(Feed):
            link = "/"
            def items(self): return []
    """,
    "shop/helpers.py": """
        from functools import wraps
        from django.contrib.auth.decorators import login_required
        from django.urls import path

        def crud(prefix, listed, shown):
            found = [path(f"{prefix}/", listed.as_view())]
            found.append(path(f"{prefix}/<int:n>/", login_required(shown)))
            return found

        def guard(view):
            @wraps(view)
            def inner(request): return view(request)
            return inner

        def protected(patterns):
            return [one for one in patterns]

        class Site:
            def index(self, request): return None
        site = Site()
    """,
    "shop/more.py": """
        from shop.views import index as starred
    """,
}
# `Special.view()` is a class method of the project's own: what it gives is not followed.
_NOT_TRACED = {"own/"}

_VIEWSETS = """
    from django.contrib.auth.models import User
    from rest_framework import mixins, viewsets
    from rest_framework.decorators import action, api_view
    from rest_framework.routers import APIRootView
    from rest_framework.views import APIView

    class Orders(viewsets.ModelViewSet):
        queryset = User.objects.all()
        @action(detail=True, methods=["post"])
        def cancel(self, request, pk=None): ...
        @cancel.mapping.delete
        def uncancel(self, request, pk=None): ...
        @action(detail=False, url_path="by-day/(?P<day>\\\\d{8})", url_name="day")
        def by_day(self, request, day): ...
    class Rush(Orders):
        lookup_field = "username"
        lookup_value_regex = "[a-z]{2,}"
        http_method_names = ["get", "post"]
        def by_day(self, request, day): ...
        @action(["PUT"], True)
        def hurry(self, request, username): ...
    class Lists(mixins.ListModelMixin, viewsets.GenericViewSet):
        queryset = User.objects.all()
        lookup_field = "id"
        lookup_url_kwarg = "key"
        @action(detail=True)
        def one(self, request, key): ...
    class Plain(viewsets.ViewSet):
        lookup_value_converter = "int"
        def list(self, request): ...
        def retrieve(self, request, pk): ...
    class Empty(viewsets.GenericViewSet):
        queryset = User.objects.all()
    class Root(APIRootView):
        pass
    class Status(APIView):
        def get(self, request): ...
    @api_view(["GET", "PUT"])
    def ping(request): ...
"""
_DRF = _BASE | {
    "config/urls.py": """
        from django.urls import include, path
        from rest_framework import routers
        from rest_framework.urlpatterns import format_suffix_patterns
        from api import views
        from api.routing import OptionalSlash, Bulk, custom, built
        from api.sub import router as sub_router

        router = routers.DefaultRouter()
        router.register("orders", views.Orders)
        router.register(r"", views.Plain, basename="plain")
        for prefix, viewset in [("rush", views.Rush), ("lists", views.Lists)]:
            router.register(prefix, viewset, basename=prefix)
        simple = routers.SimpleRouter(trailing_slash=False)
        simple.register("orders", views.Orders, "simple-orders")
        simple.register("empty", views.Empty, "empty")
        typed = routers.SimpleRouter(use_regex_path=False)
        typed.register("plain", views.Plain, "typed")
        typed.register("", views.Lists, "typed-lists")
        joined = routers.DefaultRouter()
        joined.registry.extend(router.registry)
        joined.registry.extend(sub_router.registry)
        joined.APIRootView = views.Root
        optional = OptionalSlash()
        optional.register("lists", views.Lists, "optional")
        bulk = Bulk()
        bulk.register("orders", views.Orders, "bulk")

        urlpatterns = [
            path("api/", include(router.urls)),
            path("simple/", include((simple.urls, "simple"))),
            path("typed/", include(typed.urls)),
            path("joined/", include(joined.urls)),
            path("optional/", include(optional.urls)),
            path("bulk/", include(bulk.urls)),
            path("custom/", include(custom.urls)),
            path("built/", include(built("stock").urls)),
            path("direct/", views.Orders.as_view({"get": "list", "post": "create"}), name="direct"),
            path("detail/<int:pk>/", views.Orders.as_view(actions={"delete": "destroy"})),
            path("status/", views.Status.as_view()),
            path("ping/", views.ping),
            *sub_router.urls,
        ]
        urlpatterns += format_suffix_patterns([path("suffix/", views.Status.as_view())])
        urlpatterns += simple.urls
    """,
    "api/__init__.py": "",
    "api/views.py": _VIEWSETS,
    "api/sub.py": """
        from rest_framework.routers import SimpleRouter
        from . import views
        router = SimpleRouter()
        router.register(prefix="sub", viewset=views.Lists, basename="sub")
    """,
    "api/routing.py": """
        from rest_framework.routers import DefaultRouter, DynamicRoute, Route, SimpleRouter
        from api.views import Lists, Orders, Root

        class OptionalSlash(DefaultRouter):
            APIRootView = Root
            def __init__(self):
                super().__init__()
                self.trailing_slash = "/?"

        class NoSlashRouter(SimpleRouter):
            def __init__(self, *args, **kwargs):
                super().__init__(*args, trailing_slash=False, **kwargs)

        class Bulk(SimpleRouter):
            routes = [
                Route(url=r"^{prefix}/all{trailing_slash}$", mapping={"get": "list", "patch": "partial_update"},
                      name="{basename}-all", detail=False, initkwargs={}),
                DynamicRoute(url=r"^{prefix}/do/{lookup}/{url_path}{trailing_slash}$", name="{basename}-{url_name}",
                             detail=True, initkwargs={}),
            ]

        custom = NoSlashRouter()
        custom.register("lists", Lists, basename="custom")

        def built(prefix):
            made = SimpleRouter()
            made.register(prefix, Lists, basename="built")
            return made
    """,
}


def resolved(folder: Path, texts: dict[str, str]) -> list[list[object]]:
    """What Django's own resolver has: route, view, actions and name."""
    for path, text in texts.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(dedent(text))
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings"}
    command = [sys.executable, str(Path(__file__).with_name("urls_truth.py")), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, env=env, check=False)
    assert done.returncode == 0, done.stderr
    rows: list[list[object]] = json.loads(done.stdout)
    return rows


def row(one: Endpoint) -> list[object]:
    return [one.route, one.view.name, [list(pair) for pair in sorted(one.actions)], one.name]


def found(texts: dict[str, str], roots: list[str] | None = None) -> dict[str, Endpoint]:
    return {one.route: one for one in endpoints(linked_of(texts), roots)}


def routes(texts: dict[str, str]) -> list[str]:
    return [one.route for one in endpoints(linked_of(_BASE | texts))]


def urlconf(body: str) -> dict[str, str]:
    head = "from django.urls import include, path\nfrom django.conf import settings\nfrom shop import views\n"
    views = "def index(request): ...\ndef other(request): ...\n"
    return {"config/urls.py": head + dedent(body), "shop/__init__.py": "", "shop/views.py": views}


@pytest.mark.parametrize(("texts", "left_out"), [(_DJANGO, _NOT_TRACED), (_DRF, set())])
def test_against_the_resolver(texts: dict[str, str], left_out: set[str], tmp_path: Path) -> None:
    truth = [one for one in resolved(tmp_path, texts) if one[0] not in left_out]
    ours = [row(one) for one in endpoints(linked_of(texts))]
    if texts is _DRF:
        # A name that DRF works out from the queryset's model is not told.
        truth = [one[:3] for one in truth]
        ours = [one[:3] for one in ours]
    assert sorted(ours, key=str) == sorted(truth, key=str)
    assert len(truth) > 40


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("texts", [_DJANGO, _DRF])
def test_the_order_of_files_does_not_matter(texts: dict[str, str], seed: int) -> None:
    assert endpoints(linked_of(texts)) == endpoints(linked_of(texts, shuffled=seed))


def test_verbs_handlers_and_decorators() -> None:
    by_route = found(_DJANGO)
    assert by_route[""].methods == ("GET", "POST")
    assert [one.function.name for one in by_route[""].handlers] == ["shop.views.Home.get", "shop.views.Home.post"]
    assert by_route["stock/"].methods == ("GET",)
    assert by_route["stock/"].handlers == ()
    assert by_route["plain/a/"].methods == ()
    assert by_route["part/"].methods == ("GET", "POST")
    assert by_route["account/"].methods == ("POST",)
    assert [one.name for one in by_route["cached/"].decorators] == [
        "django.views.decorators.cache.cache_page",
        "django.contrib.auth.decorators.login_required",
    ]
    assert by_route["debug/"].maybe
    assert not by_route["appended/"].maybe
    assert (by_route["shop/"].path, by_route["shop/"].line) == ("shop/urls.py", 7)


def test_verbs_and_handlers_of_viewsets() -> None:
    by_route = found(_DRF)
    cancel = by_route["api/^orders/(?P<pk>[^/.]+)/cancel/$"]
    assert (cancel.framework, cancel.methods) == ("drf", ("POST", "DELETE"))
    assert [(one.function.name, one.methods, one.action) for one in cancel.handlers] == [
        ("api.views.Orders.cancel", ("POST",), "cancel"),
        ("api.views.Orders.uncancel", ("DELETE",), "uncancel"),
    ]
    # `http_method_names` shuts verbs out that the router still maps.
    assert by_route["api/^rush/(?P<username>[a-z]{2,})/$"].methods == ("GET",)
    assert by_route["api/^rush/(?P<username>[a-z]{2,})/hurry/$"].handlers == ()
    assert by_route["ping/"].methods == ("GET", "PUT")
    assert {by_route[route].framework for route in ("ping/", "status/", "direct/")} == {"drf"}


def test_nested_routers() -> None:
    texts = _BASE | {
        "api/__init__.py": "",
        "api/views.py": _VIEWSETS,
        "config/urls.py": """
            from django.urls import include, path
            from rest_framework.routers import DefaultRouter
            from rest_framework_nested.routers import NestedDefaultRouter, NestedSimpleRouter
            from api import views
            router = DefaultRouter(trailing_slash=False)
            router.register("rush", views.Rush, basename="rush")
            lists = NestedSimpleRouter(router, "rush", lookup="order")
            lists.register("lists", views.Lists, basename="lists")
            deep = NestedDefaultRouter(lists, r"lists", trailing_slash=True)
            deep.register("plain", views.Plain, basename="plain")
            urlpatterns = [path("", include(lists.urls)), path("deep/", include(deep.urls))]
        """,
    }
    # As drf-nested-routers 0.95 with DRF 3.17 has it.
    assert list(found(texts)) == [
        "^rush/(?P<order_username>[a-z]{2,})/lists$",
        "^rush/(?P<order_username>[a-z]{2,})/lists/(?P<key>[^/.]+)/one$",
        "deep/^rush/(?P<order_username>[a-z]{2,})/lists/(?P<nested_2_key>[^/.]+)/plain/$",
        "deep/^rush/(?P<order_username>[a-z]{2,})/lists/(?P<nested_2_key>[^/.]+)/plain/(?P<pk>[^/.]+)/$",
    ]


def test_routers_of_drf_extensions() -> None:
    texts = _BASE | {
        "api/__init__.py": "",
        "api/views.py": _VIEWSETS,
        "config/urls.py": """
            from rest_framework_extensions.routers import ExtendedSimpleRouter
            from api.views import Lists, Rush
            router = ExtendedSimpleRouter()
            rush = router.register("rush", Rush, basename="rush")
            rush.register("lists", Lists, basename="rush-lists", parents_query_lookups=["rush"])
            router.register("a", Lists, "a").register("b", Rush, "b", parents_query_lookups=["a__b"])
            urlpatterns = router.urls
        """,
    }
    all_routes = list(found(texts))
    assert "^rush/(?P<parent_lookup_rush>[a-z]{2,})/lists/$" in all_routes
    assert "^a/(?P<parent_lookup_a__b>[^/.]+)/b/(?P<username>[a-z]{2,})/hurry/$" in all_routes
    assert "^a/$" in all_routes


def test_a_router_in_a_test_urlconf() -> None:
    texts = {
        "tests/__init__.py": "",
        "tests/settings.py": "ROOT_URLCONF = 'tests.urls'",
        "tests/views.py": _VIEWSETS,
        "tests/urls.py": """
            from rest_framework.routers import SimpleRouter
            from .views import Lists
            router = SimpleRouter()
            router.register("lists", Lists, "lists")
            urlpatterns = router.urls
        """,
    }
    assert list(found(texts)) == ["^lists/$", "^lists/(?P<key>[^/.]+)/one/$"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        # A URLconf that includes itself ends.
        ("urlpatterns = [path('a/', views.index), path('b/', include('config.urls'))]", ["a/"]),
        # What cannot be told is left out, and so is what only looks like a view.
        ("urlpatterns = [path(unknown(), views.index), path('x/', unknown), path('y/', lambda r: r)]", []),
        ("urlpatterns = [path('x/', unknown(1)), path('y/', make(views.index)(2)), path('z/', views.missing)]", []),
        ("def path(*args): ...\nurlpatterns = [path('x/', views.index)]", []),
        ("urlpatterns = [path('', include('nowhere.urls')), path('x/', include(settings.X))]", []),
        # A prefix that is not known is left out of the route.
        ("urlpatterns = [path(settings.BASE, include([path('x/', views.index)]))]", ["x/"]),
        # A helper that is given a text as well may put it in front.
        ("urlpatterns = helper('p/', [path('x/', views.index)])", []),
        ("view = views.index\nif settings.X:\n    view = views.other\nurlpatterns = [path('x/', view)]", ["x/", "x/"]),
        ("urlpatterns = required(login, include([path('x/', views.index)]))", ["x/"]),
        ("urlpatterns = [path('p/', required(include([path('x/', views.index)])))]", ["p/x/"]),
    ],
)
def test_corners(body: str, expected: list[str]) -> None:
    assert routes(urlconf(body)) == expected


def test_what_is_not_certain_says_so() -> None:
    by_route = found(_BASE | urlconf("urlpatterns = [path(settings.BASE, include([path('x/', views.index)]))]"))
    assert by_route["x/"].maybe


def test_what_is_added_under_a_condition_says_so() -> None:
    body = """
        always, debug, more = [path("a/", views.index)], [path("d/", views.index)], [path("m/", views.index)]
        groups = [always]
        urlpatterns = []
        if settings.DEBUG:
            urlpatterns += debug
            groups.append(more)
        for group in groups:
            urlpatterns += group
        urlpatterns += [path("last/", views.index)]
    """
    by_route = found(_BASE | urlconf(body))
    assert {route: one.maybe for route, one in by_route.items()} == {
        "d/": True,
        "a/": False,
        "m/": True,
        "last/": False,
    }


def test_without_settings_the_urlconfs_that_no_other_includes_are_roots() -> None:
    texts = {
        "a/__init__.py": "",
        "a/views.py": "def index(request): ...",
        "a/urls.py": "from django.urls import include, path\nurlpatterns = [path('sub/', include('a.sub'))]",
        "a/sub.py": "from django.urls import path\nfrom . import views\nurlpatterns = [path('x/', views.index)]",
    }
    assert list(found(texts)) == ["sub/x/"]
    assert list(found(texts, ["a/sub.py"])) == ["x/"]


def test_settings_in_a_class() -> None:
    texts = urlconf("urlpatterns = [path('x/', views.index)]") | {
        "config/__init__.py": "",
        "config/settings.py": "class Base(Configuration):\n    ROOT_URLCONF = 'config.urls'\n",
        "other/urls.py": "from django.urls import path\nfrom shop.views import *\nurlpatterns = [path('', index)]",
    }
    assert list(found(texts)) == ["x/"]


def test_a_class_that_stands_for_a_view() -> None:
    texts = _BASE | {
        "shop/__init__.py": "",
        "shop/views.py": """
            from django.views import View
            class Replaceable(metaclass=type): ...
            class Real(View): ...
            class Shown(Replaceable):
                _default_class = Real
                _setting = "X"
            class Neither: ...
        """,
        "config/urls.py": """
            from django.urls import path
            from shop import views
            urlpatterns = [path("x/", views.Shown.as_view()), path("y/", views.Neither.as_view())]
        """,
    }
    assert {route: one.view.name for route, one in found(texts).items()} == {"x/": "shop.views.Real"}


def test_mounts_are_handed_on() -> None:
    texts = _BASE | {
        "config/urls.py": """
            from django.urls import include, path
            from ninja import NinjaAPI
            api, other = NinjaAPI(), NinjaAPI(version="2")
            urlpatterns = [path("api/", api.urls), path("deep/", include([path("v2/", other.urls)]))]
        """
    }
    held = mounts(linked_of(texts))
    assert [route for route, _ in held] == ["api/", "deep/v2/"]
    made = [value for _, value in held if isinstance(value, Made)]
    assert [one.callee.known.name for one in made if isinstance(one.callee, Symbol)] == ["ninja.NinjaAPI"] * 2
    assert endpoints(linked_of(texts)) == ()


def test_a_long_urlconf_is_linear() -> None:
    many = "\n".join(f"urlpatterns += [path('p{n}/', views.index)]" for n in range(3000))
    assert len(routes(urlconf(f"urlpatterns = []\n{many}"))) == 3000
