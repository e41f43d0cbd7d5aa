"""The tables of libraries: the lookups, and what they say held against the libraries installed here."""

from __future__ import annotations

import importlib
import inspect
import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from djfa_lint.knowledge.library import Library, Method, Relation, library

DATA = Path(__file__).parents[2] / "src" / "djfa_lint" / "knowledge" / "data"
FILES = sorted(DATA.glob("*.json"))
RAW: dict[str, dict[str, Any]] = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in FILES}

# Of each installed library at least so many classes must have been found; the versions differ from machine to machine.
AT_LEAST = {
    "django": 900,
    "rest_framework": 150,
    "fastapi": 60,
    "starlette": 60,
    "pydantic": 80,
    "sqlalchemy": 400,
}

CANONICAL = {
    "django.db.models.base.Model": "django.db.models.Model",
    "django.contrib.gis.db.models.ForeignKey": "django.db.models.ForeignKey",
    "django.db.models.fields.related.ForeignKey": "django.db.models.ForeignKey",
    "django.views.generic.list.ListView": "django.views.generic.ListView",
    "django.views.generic.base.View": "django.views.View",
    "django.contrib.auth.models.AbstractUser": "django.contrib.auth.models.AbstractUser",
    "django.forms.ValidationError": "django.core.exceptions.ValidationError",
    "django.db.models.fields.json.JSONField": "django.db.models.JSONField",
    "django.forms.fields.JSONField": "django.forms.JSONField",
    "django.conf.urls.include": "django.urls.include",
    "django.urls.conf.path": "django.urls.path",
    "rest_framework.serializers.CharField": "rest_framework.fields.CharField",
    "rest_framework.generics.ListAPIView": "rest_framework.generics.ListAPIView",
    "rest_framework.serializers.ValidationError": "rest_framework.exceptions.ValidationError",
    "fastapi.Request": "starlette.requests.Request",
    "fastapi.routing.APIRouter": "fastapi.APIRouter",
    "fastapi.param_functions.Depends": "fastapi.Depends",
    "pydantic.main.BaseModel": "pydantic.BaseModel",
    "sqlalchemy.orm.decl_api.DeclarativeBase": "sqlalchemy.orm.DeclarativeBase",
    "sqlalchemy.sql.schema.Column": "sqlalchemy.Column",
    "sqlmodel.Column": "sqlalchemy.Column",
    "celery.app.shared_task": "celery.shared_task",
    "celery.app.task.Task": "celery.Task",
    # What follows a class's name stays.
    "django.db.models.base.Model.objects.filter": "django.db.models.Model.objects.filter",
}

ORDERED = [
    "rest_framework.viewsets.ModelViewSet",
    "rest_framework.serializers.ModelSerializer",
    "django.views.generic.ListView",
    "django.views.generic.UpdateView",
    "django.contrib.auth.models.AbstractUser",
    "django.contrib.admin.ModelAdmin",
    "django.db.models.OneToOneField",
    "django.forms.ModelForm",
    "fastapi.FastAPI",
    "sqlalchemy.ext.asyncio.AsyncSession",
]

KINDS = {
    "django.db.models.ForeignKey": "fk",
    "django.db.models.fields.related.OneToOneField": "one_to_one",
    "django.contrib.gis.db.models.ManyToManyField": "m2m",
    "django.contrib.contenttypes.fields.GenericForeignKey": "generic_fk",
    "django.contrib.contenttypes.fields.GenericRelation": "generic_relation",
    "modelcluster.fields.ParentalKey": "fk",
    "modelcluster.fields.ParentalManyToManyField": "m2m",
    "modelcluster.contrib.taggit.ClusterTaggableManager": "tags",
    "mptt.fields.TreeForeignKey": "fk",
    "mptt.fields.TreeOneToOneField": "one_to_one",
    "mptt.fields.TreeManyToManyField": "m2m",
    "taggit.managers.TaggableManager": "tags",
}

# Where Django is not set up its models cannot be imported.
MODELS = """
import json
from django.conf import settings
settings.configure(INSTALLED_APPS=[
    "django.contrib." + app for app in "admin auth contenttypes flatpages messages redirects sessions sites".split()
] + ["rest_framework", "rest_framework.authtoken"], DATABASES={})
import django
django.setup()
from django.apps import apps
rows = []
for model in apps.get_models():
    relations = {}
    for field in [*model._meta.local_fields, *model._meta.local_many_to_many]:
        if field.remote_field is not None:
            other = field.remote_field.model
            relations[field.name] = [
                other._meta.label, bool(field.many_to_many), bool(field.one_to_one),
                field.remote_field.get_accessor_name() or "+",
            ]
    name = model.__module__ + "." + model.__qualname__
    fields = [field.name for field in [*model._meta.local_fields, *model._meta.local_many_to_many]]
    rows.append([name, model._meta.label, fields, relations])
print(json.dumps(rows))
"""


@pytest.fixture(scope="module")
def table() -> Library:
    return library()


@pytest.fixture(scope="module", autouse=True)
def _django() -> None:
    """Models of Django's own apps can be imported only where Django is set up, once for the process."""
    django = pytest.importorskip("django")
    from django.conf import settings

    if not settings.configured:
        names = ("admin", "auth", "contenttypes", "messages", "sessions", "sites")
        apps = [f"django.contrib.{name}" for name in names]
        settings.configure(INSTALLED_APPS=[*apps, "rest_framework", "rest_framework.authtoken"], DATABASES={})
        django.setup()


def _resolve(name: str) -> Any:
    """The object of a dotted name, or None where this version of the library does not have it."""
    module, _, attribute = name.rpartition(".")
    return getattr(_module(module), attribute, None)


@cache  # a failing import is slow and would be tried for every name
def _module(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except Exception:  # an optional dependency, or an app that is not installed
        return None


@cache
def _classes(package: str) -> dict[str, type]:
    found = {name: _resolve(name) for name in RAW[package]["classes"]}
    return {name: cls for name, cls in found.items() if isinstance(cls, type)}


@pytest.mark.parametrize(("alias", "canonical"), CANONICAL.items())
def test_every_path_leads_to_the_shortest_public_one(table: Library, alias: str, canonical: str) -> None:
    assert table.canonical(alias) == canonical
    assert table.canonical(canonical) == canonical


@pytest.mark.parametrize("name", ["os.path.join", "app.models.Order", "django.nothing.Here", "django", "x", ""])
def test_unknown_names_give_themselves_or_nothing(table: Library, name: str) -> None:
    assert table.canonical(name) == name
    assert not table.knows(name)
    assert table.mro(name) == (name,)
    assert table.bases(name) == ()
    assert not table.methods(name)
    assert not table.attributes(name)
    assert table.model(name) is None
    assert table.relation_field(name) is None


def test_functions_have_names_but_are_no_classes(table: Library) -> None:
    assert table.canonical("django.conf.urls.include") == "django.urls.include"
    assert not table.knows("django.urls.include")


def test_methods_are_told_apart(table: Library) -> None:
    queryset = table.methods("django.db.models.query.QuerySet")
    assert queryset["filter"] == Method("filter", "method")
    assert queryset["aget"].kind == "coroutine"
    assert queryset["ordered"].kind == "property"
    assert table.methods("django.http.HttpRequest")["accepted_types"].kind == "cached"
    made = "django.db.models.query.BaseManagerFromQuerySet"
    assert table.bases("django.db.models.Manager") == (made,)
    assert table.methods(made)["filter"].kind == "method"
    assert table.methods(made)["aget"].kind == "coroutine"


def test_attributes_are_constants(table: Library) -> None:
    view = table.attributes("rest_framework.generics.GenericAPIView")
    assert view["lookup_field"] == "pk"
    assert view["serializer_class"] is None
    assert table.attributes("django.views.View")["http_method_names"] == (
        "get", "post", "put", "patch", "delete", "head", "options", "trace",
    )  # fmt: skip
    assert table.attributes("rest_framework.views.APIView")["permission_classes"] == (
        "rest_framework.permissions.AllowAny",
    )


@pytest.mark.parametrize(("name", "kind"), KINDS.items())
def test_relation_fields_by_their_bases(table: Library, name: str, kind: str) -> None:
    found = table.relation_field(name)
    assert found is not None
    assert found.kind == kind
    assert found.many == (kind in {"m2m", "generic_relation", "tags"})
    assert found.reverse_many == (kind not in {"one_to_one", "generic_relation"})


def test_plain_fields_relate_nothing(table: Library) -> None:
    assert table.relation_field("django.db.models.CharField") is None
    assert table.relation_field("taggit.managers.TaggableManager").to == "taggit.models.Tag"  # type: ignore[union-attr]


def test_abstract_models_keep_the_placeholders(table: Library) -> None:
    groups = next(one for one in table.model("django.contrib.auth.models.PermissionsMixin").relations)  # type: ignore[union-attr]
    assert groups == Relation("groups", "django.contrib.auth.models.Group", many=True, related_name="user_set")
    tagged = table.model("taggit.models.TaggedItemBase")
    assert tagged is not None
    assert tagged.abstract
    assert tagged.relations[0].related_name == "%(app_label)s_%(class)s_items"
    assert table.model("django.contrib.admin.models.LogEntry").relations[1].to == "AUTH_USER_MODEL"  # type: ignore[union-attr]


@pytest.mark.parametrize("package", AT_LEAST)
def test_classes_agree_with_the_installed_library(table: Library, package: str) -> None:
    """Bases stand in the real order of bases, and every path leads to the same object."""
    pytest.importorskip(package)
    classes = _classes(package)
    assert len(classes) >= AT_LEAST[package]
    wrong = []
    for name, cls in classes.items():
        bases = [found for base in table.bases(name) if isinstance(found := _resolve(base), type)]
        order = [cls.__mro__.index(base) if base in cls.__mro__ else -1 for base in bases]
        if -1 in order or order != sorted(order):
            wrong.append((name, table.bases(name)))
    # A version apart, a few classes have been rebuilt.
    assert len(wrong) <= len(classes) * 0.03, wrong


@pytest.mark.parametrize("package", AT_LEAST)
def test_aliases_are_the_same_object(table: Library, package: str) -> None:
    pytest.importorskip(package)
    checked, wrong = 0, []
    for section in ("aliases", "functions"):
        for module, homes in RAW[package][section].items():
            for here in (name.partition("=")[0] for names in homes.values() for name in names.split()):
                alias = f"{module}.{here}"
                one, other = _resolve(alias), _resolve(table.canonical(alias))
                checked += one is not None and other is not None
                if one is not None and other is not None and one is not other:
                    wrong.append(alias)
    assert checked >= AT_LEAST[package] / 4
    assert len(wrong) <= checked * 0.02, wrong


@pytest.mark.parametrize("name", ORDERED)
def test_the_order_of_inheritance_is_pythons(table: Library, name: str) -> None:
    cls = _resolve(table.canonical(name))
    if not isinstance(cls, type):
        pytest.skip("not in this version")
    order = [found for one in table.mro(name) if isinstance(found := _resolve(one), type)]
    assert order == [one for one in cls.__mro__ if one in order]
    known = {one: found for package in AT_LEAST for one, found in _classes(package).items()}
    assert {one for one in cls.__mro__ if one in known.values()} <= set(order)


def test_every_class_has_an_order(table: Library) -> None:
    for record in RAW.values():
        for name in record["classes"]:
            order = table.mro(name)
            assert order[0] == name
            assert len(set(order)) == len(order)
            places = [order.index(base) for base in table.bases(name) if base in order]
            assert places == sorted(places), name


@pytest.mark.parametrize("package", AT_LEAST)
def test_methods_are_there(table: Library, package: str) -> None:
    pytest.importorskip(package)
    checked = wrong = 0
    for name, cls in _classes(package).items():
        for method in table.methods(name).values():
            checked += 1
            wrong += not hasattr(cls, method.name)
            found = inspect.getattr_static(cls, method.name, None)
            if method.kind == "property" and isinstance(found, type(lambda: None)):
                wrong += 1
    assert checked >= AT_LEAST[package]
    assert wrong <= checked * 0.03


def test_models_agree_with_django(table: Library) -> None:
    run = subprocess.run([sys.executable, "-c", MODELS], capture_output=True, text=True, check=True)
    rows = json.loads(run.stdout)
    labels = {model.label: name for name, model in table.models().items()} | {"auth.User": "AUTH_USER_MODEL"}
    checked = 0
    for name, label, fields, relations in rows:
        model = table.model(name)
        assert model is not None, name
        assert model.label == label
        assert {one.name for one in model.fields} >= set(fields)
        found = {one.name: [one.to, one.many, one.one_to_one, one.related_name] for one in model.relations}
        for relation, (to, *rest) in relations.items():
            wanted = "+" if rest[-1].endswith("+") else rest[-1]
            assert found[relation] == [labels[to], *rest[:-1], wanted], (name, relation)
            checked += 1
    assert len(rows) >= 10
    assert checked >= 8


def test_what_a_model_names_is_in_the_table(table: Library) -> None:
    for name, model in table.models().items():
        assert table.knows(name), name
        assert all(table.canonical(field.type) == field.type for field in model.fields)
        assert {one.name for one in model.relations} <= {field.name for field in model.fields}
        for relation in model.relations:
            assert relation.to in {None, "AUTH_USER_MODEL", "self"} or table.model(relation.to), (name, relation)


def test_the_tables_name_no_place_on_any_machine() -> None:
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"site-packages|/(home|root|tmp|work|usr|Users|opt|var)/|[A-Z]:\\\\|0x[0-9a-f]{6}", text)


def test_the_tables_are_small_and_sorted() -> None:
    assert sum(path.stat().st_size for path in FILES) < 1_100_000
    for path in FILES:
        record = RAW[path.stem]
        assert list(record) == sorted(record)
        assert list(record["classes"]) == sorted(record["classes"])
        assert {name.partition(".")[0] for name in record["classes"]} <= {path.stem}
