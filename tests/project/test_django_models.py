"""Models and relations, compared with what real Django holds for the same files."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from djfa_lint.project.django.models import models
from tests.project.linking import linked_of

_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "shop"]
_SHOP = {
    "shop/__init__.py": "",
    "shop/base.py": """
        from django.conf import settings
        from django.db import models as m

        class Stamped(m.Model):
            created_by = m.ForeignKey(settings.AUTH_USER_MODEL, m.CASCADE, related_name="%(app_label)s_%(class)s_made")
            class Meta:
                abstract = True

        class Owner(m.ForeignKey):
            pass
    """,
    "shop/models.py": """
        from django.contrib.auth import get_user_model
        from django.contrib.auth.models import AbstractUser
        from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
        from django.contrib.contenttypes.models import ContentType
        from django.contrib.gis.db import models as gis
        from django.db import models
        from django.db.models import ForeignKey as FK
        from . import base
        from .base import Owner, Stamped

        class User(AbstractUser):
            friends = models.ManyToManyField("self")
            follows = models.ManyToManyField("self", symmetrical=False, related_name="followers")

        class Tag(models.Model):
            content_type = FK(ContentType, models.CASCADE)
            object_id = models.IntegerField()
            about = GenericForeignKey()

        class Customer(Stamped):
            user = models.OneToOneField(get_user_model(), models.CASCADE)
            class Meta:
                default_related_name = "clients"

        class Product(Stamped):
            name = models.CharField(max_length=10)
            tags = GenericRelation(Tag, related_query_name="product")
            sold_by = Owner("shop.User", models.CASCADE)
            class Meta(base.Stamped.Meta):
                ordering = ["name"]

        class Book(Product):
            author = FK("Customer", models.SET_NULL, null=True, related_name="books")

        class Film(Product):
            product = models.OneToOneField(Product, models.CASCADE, parent_link=True, related_name="film")

        class CheapBook(Book):
            class Meta:
                proxy = True

        class Order(models.Model):
            customer = FK(Customer, models.CASCADE)
            products = models.ManyToManyField(Product, through="Line")
            replaced_by = FK(to="self", on_delete=models.CASCADE, null=True, related_name="+")
            cheap = FK(CheapBook, models.CASCADE, related_name="cheap_in")

        class Line(models.Model):
            order = FK(Order, models.CASCADE, related_name="lines")
            product = FK("shop.Product", models.PROTECT)

        class Hidden(Stamped):
            created_by = None
    """,
}


def _real(tmp_path: Path, texts: dict[str, str], apps: list[str], **given: object) -> dict[str, list[list[object]]]:
    for name, text in texts.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text))
    (tmp_path / "settings.json").write_text(json.dumps({"INSTALLED_APPS": apps, **given}))
    script = Path(__file__).with_name("django_truth.py")
    command = [sys.executable, str(script), str(tmp_path)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    found: dict[str, list[list[object]]] = json.loads(run.stdout)
    return found


def _ours(texts: dict[str, str], settings: str, shuffled: int | None = None) -> dict[str, list[list[object]]]:
    linked = linked_of({**texts, "settings.py": settings}, shuffled=shuffled)
    return {
        model.known.name: sorted(
            [one.name, one.to.name if one.to else None, one.many, one.reverse] for one in model.relations
        )
        for model in models(linked)
        if not model.abstract
    }


def _without_gis(texts: dict[str, str]) -> dict[str, str]:
    """The real Django cannot import GIS without its C libraries."""
    return {name: text.replace("from django.contrib.gis.db import models as gis", "") for name, text in texts.items()}


def test_the_shop_is_what_django_makes_of_it(tmp_path: Path) -> None:
    settings = f"INSTALLED_APPS = {_APPS}\nAUTH_USER_MODEL = 'shop.User'\n"
    assert _ours(_SHOP, settings) == _real(tmp_path, _without_gis(_SHOP), _APPS, AUTH_USER_MODEL="shop.User")


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_order_of_files_does_not_matter(seed: int) -> None:
    settings = f"INSTALLED_APPS = {_APPS}\nAUTH_USER_MODEL = 'shop.User'\n"
    assert _ours(_SHOP, settings, shuffled=seed) == _ours(_SHOP, settings)


def test_app_configs_name_the_labels(tmp_path: Path) -> None:
    texts = {
        "places/__init__.py": "",
        "places/apps.py": """
            from django.apps import AppConfig
            class PlacesConfig(AppConfig):
                name = "places"
                label = "where"
        """,
        "places/models/__init__.py": "from .city import City\nfrom .country import Country\n",
        "places/models/country.py": """
            from django.db import models
            class Country(models.Model):
                capital = models.ForeignKey("where.City", models.CASCADE, related_name="capital_of")
        """,
        "places/models/city.py": """
            from django.db import models
            class City(models.Model):
                country = models.ForeignKey("Country", models.CASCADE)
                twin = models.OneToOneField("self", models.CASCADE)
        """,
    }
    apps = ["django.contrib.contenttypes", "places"]
    ours = _ours(texts, f"INSTALLED_APPS = {apps}")
    assert ours == _real(tmp_path, texts, apps)
    assert ["capital_of", "places.models.country.Country", True, True] in ours["places.models.city.City"]


def test_a_library_relation_leads_back_from_the_users_model(tmp_path: Path) -> None:
    texts = {
        "people/__init__.py": "",
        "people/models.py": """
            from django.contrib.auth.models import AbstractBaseUser, PermissionsMixin
            from django.db import models
            class Person(AbstractBaseUser, PermissionsMixin):
                email = models.EmailField(unique=True)
                USERNAME_FIELD = "email"
        """,
    }
    apps = [
        "django.contrib.contenttypes",
        "django.contrib.auth",
        "django.contrib.messages",
        "django.contrib.sessions",
        "django.contrib.admin",
        "people",
    ]
    ours = _ours(texts, f"INSTALLED_APPS = {apps}\nAUTH_USER_MODEL = 'people.Person'")
    assert ours == _real(tmp_path, texts, apps, AUTH_USER_MODEL="people.Person")
    assert ["logentry_set", "django.contrib.admin.models.LogEntry", True, True] in ours["people.models.Person"] or any(
        one[0] == "logentry" for one in ours["people.models.Person"]
    )


def test_what_cannot_be_told_is_still_a_relation() -> None:
    texts = {
        "shop/__init__.py": "",
        "shop/models.py": """
            from django.db import models
            from somewhere import make_target, Outside
            NAME = make_target()
            class Order(models.Model):
                a = models.ForeignKey(make_target(), models.CASCADE)
                b = models.ForeignKey("elsewhere.Thing", models.CASCADE)
                c = models.ForeignKey(Outside, models.CASCADE, related_name=NAME)
        """,
    }
    (order,) = models(linked_of(texts))
    assert [(one.name, one.to, one.many) for one in order.relations] == [
        ("a", None, False),
        ("b", None, False),
        ("c", None, False),
    ]


def test_managers_and_their_querysets() -> None:
    texts = {
        "shop/__init__.py": "",
        "shop/models.py": """
            from django.db import models

            class OrderQuerySet(models.QuerySet):
                def paid(self):
                    return self.filter(paid=True)

            class OrderManager(models.Manager.from_queryset(OrderQuerySet)):
                pass

            class Typed(models.Manager):
                def get_queryset(self) -> OrderQuerySet:
                    return OrderQuerySet(self.model)

            class Hand(models.Manager):
                def get_queryset(self):
                    return whatever()

            class Base(models.Model):
                shared = models.Manager()
                class Meta:
                    abstract = True

            class Order(Base):
                objects = OrderQuerySet.as_manager()
                inline = models.Manager.from_queryset(OrderQuerySet)()
                named = OrderManager()
                typed = Typed()
                hand = Hand()

            class Plain(models.Model):
                pass
        """,
    }
    found = {one.known.name: one for one in models(linked_of(texts))}
    querysets = {one.name: one.queryset.name if one.queryset else None for one in found["shop.models.Order"].managers}
    assert querysets == {
        "objects": "shop.models.OrderQuerySet",
        "inline": "shop.models.OrderQuerySet",
        "named": "shop.models.OrderQuerySet",
        "typed": "shop.models.OrderQuerySet",
        "hand": None,
        "shared": "django.db.models.QuerySet",
    }
    assert [one.name for one in found["shop.models.Plain"].managers] == ["objects"]
