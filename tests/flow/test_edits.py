"""Findings through recorded questions equal a fresh run, whatever was edited, and in whatever order files come."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from bench.edits import Folder, Kept, Texts, fresh, texts_of, together, try_edits, try_orders

_SHOP = Path(__file__).parents[2] / "fixtures" / "n_plus_one_loop" / "shop"
# Rests on each thing that the evaluator asks of a project: settings, managers, receivers, overrides, labels, stars.
_STORE = {
    "manage.py": "",
    "config/settings.py": """
        INSTALLED_APPS = ["people", "orders"]
        AUTH_USER_MODEL = "people.Person"
    """,
    "people/__init__.py": "",
    "people/models.py": """
        from django.db import models
        class City(models.Model):
            name = models.CharField(max_length=50)
        class Person(models.Model):
            city = models.ForeignKey(City, models.CASCADE, related_name="people")
            def __str__(self):
                return self.city.name
    """,
    "people/lists.py": """
        from django.contrib.auth import get_user_model
        from toolbox import each
        def cities(request):
            return [person.city.name for person in get_user_model().objects.all()]
        def mine(request):
            return [order.store.name for order in request.user.orders.all()]
        def others(request):
            return [person.city.name for person in each(request)]
    """,
    "orders/__init__.py": "",
    "orders/managers.py": """
        from django.db import models
        class OrderQuerySet(models.QuerySet):
            def paid(self):
                return self.filter(paid=True)
            def names(self):
                return [order.store.name for order in self.select_related("customer")]
        class OrderManager(models.Manager.from_queryset(OrderQuerySet)):
            def get_queryset(self):
                return super().get_queryset().select_related("store")
    """,
    "orders/models.py": """
        from django.conf import settings
        from django.db import models
        from orders.managers import OrderManager
        class Store(models.Model):
            name = models.CharField(max_length=50)
        class Order(models.Model):
            paid = models.BooleanField(default=False)
            store = models.ForeignKey(Store, models.CASCADE, related_name="orders")
            customer = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="orders")
            objects = OrderManager()
        class Line(models.Model):
            order = models.ForeignKey(Order, models.CASCADE, related_name="lines")
            changed = models.DateTimeField(auto_now=True)
            def save(self, *args, **kwargs):
                super().save(*args, **kwargs)
    """,
    "orders/tables.py": """
        from orders.models import Line, Order
        PAID = Order.objects.paid()
        LINES = Line.objects.all()
        __all__ = ["LINES", "PAID"]
    """,
    "orders/reports.py": """
        from django.apps import apps
        from orders.tables import *
        def stores():
            return [order.store.name for order in PAID]
        def customers():
            return [str(order.customer) for order in PAID]
        def lines():
            return [line.order.pk for line in LINES]
        def labelled():
            return [line.order.store for line in apps.get_model("orders", "Line").objects.select_related("order")]
    """,
    "orders/listing.py": """
        class Listing:
            model = None
            loads = ()
            def __init__(self):
                self.rows = self.model.objects.all()
            def selected(self):
                return self.model.objects.all()
            def shown(self):
                return [row.customer for row in self.selected()]
            def kept(self):
                return [row.customer for row in self.rows]
    """,
    "orders/pages.py": """
        from orders.listing import Listing
        from orders.models import Order
        class OrderListing(Listing):
            model = Order
        def page(request):
            listing = OrderListing()
            return [order.customer.city for order in listing.selected()] + listing.shown() + listing.kept()
        def paged(listing: OrderListing):
            return [order.customer.city for order in listing.selected()]
    """,
    "orders/writes.py": """
        from functools import lru_cache
        from orders.models import Line, Order, Store
        from orders.receivers import PRICE
        @lru_cache
        def store(name):
            return Store.objects.get(name=name)
        def touch():
            for line in Line.objects.all():
                line.save()
        def close():
            for order in Order.objects.all():
                order.paid = bool(store(order.pk)) and PRICE
                order.save()
                Line.objects.filter(order=order).delete()
    """,
    "orders/receivers.py": """
        from django.db.models.signals import post_save
        from django.dispatch import receiver
        from orders.models import Order
        PRICE = 10
        @receiver(post_save, sender=Order)
        def heard(sender, instance, **kwargs):
            for line in instance.lines.all():
                line.save()
    """,
}
# For each of the two projects.
_EDITS, _SHUFFLES = 100, 20


def _shop() -> Texts:
    return texts_of(_SHOP, [path.relative_to(_SHOP).as_posix() for path in sorted(_SHOP.rglob("*.py"))])


def _store() -> Texts:
    return {path: dedent(text).lstrip("\n") for path, text in _STORE.items()}


PROJECTS = pytest.mark.parametrize("texts", [_shop(), _store()], ids=["shop", "store"])


@PROJECTS
def test_what_was_kept_equals_a_fresh_run_after_each_edit(texts: Texts) -> None:
    tally = try_edits(Folder(), texts, _EDITS, seed=1)
    assert tally.wrong == []
    assert len(tally.anew) == _EDITS
    # The edits are worth something: many change what is found, and most files need no new look.
    assert tally.changing > _EDITS / 4
    assert sum(tally.anew) < sum(tally.files) / 2


@PROJECTS
def test_neither_the_order_of_files_nor_a_shared_evaluator_matters(texts: Texts) -> None:
    assert try_orders(Folder(), texts, _SHUFFLES, seed=1) == []


_ORDERS = "from orders.models import Line, Order\n"


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("orders/new.py", "", f"{_ORDERS}def new():\n    return [line.order.store for line in Line.objects.all()]\n"),
        ("toolbox.py", "", "from people.models import Person\ndef each(request):\n    return Person.objects.all()\n"),
        ("people/lists.py", "person.city", "person.place"),
        ("people/models.py", "city = models", "town = models"),
        ("orders/models.py", 'related_name="orders")\n    customer', 'related_name="sold")\n    shop'),
        ("orders/managers.py", 'select_related("store")', 'order_by("store")'),
        ("orders/tables.py", "Line.objects.all()", 'Line.objects.select_related("order")'),
        ("orders/listing.py", "row.customer for row in self.rows", "row.pk for row in self.rows"),
        ("orders/receivers.py", "sender=Order", "sender=Line"),
        (
            "orders/special.py",
            "",
            "from orders.pages import OrderListing\nclass Own(OrderListing):\n    selected = None\n",
        ),
        ("config/settings.py", "people.Person", "people.Nobody"),
        ("orders/writes.py", "@lru_cache\n", ""),
    ],
)
def test_an_edit_elsewhere_is_seen_where_it_matters(path: str, old: str, new: str) -> None:
    folder, kept, texts = Folder(), Kept(), _store()
    before = together(kept.events(*folder.project(texts))[0])
    edited = {**texts, path: texts[path].replace(old, new) if old else new}
    for current in (edited, texts):
        found, anew = kept.events(*folder.project(current))
        assert together(found) == together(fresh(*folder.project(current)))
        assert (together(found) != before) is (current is edited)
        assert anew < len(found)
