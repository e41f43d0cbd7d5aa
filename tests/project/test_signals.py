"""Receivers, compared with what is connected in real Django for the same files."""

from __future__ import annotations

from pathlib import Path

import pytest

from djfa_lint.project.django.signals import receivers
from djfa_lint.project.names import Known
from tests.project.django_run import run_django
from tests.project.linking import linked_of

FILES = {
    "shop/__init__.py": "",
    "shop/apps.py": """
        from django.apps import AppConfig
        from django.db.models.signals import post_migrate

        def after(**kwargs):
            pass

        class ShopConfig(AppConfig):
            name = "shop"

            def ready(self):
                from shop import handlers
                from shop.handlers import late

                from shop.events import sent

                post_migrate.connect(after, sender=self)
                sent.connect(late)
                handlers.paid.connect(late)
    """,
    "shop/models.py": """
        from django.db import models

        class Order(models.Model): pass
        class Item(models.Model): pass
    """,
    "shop/events.py": """
        from django.dispatch import Signal

        class Own(Signal):
            pass

        paid = Signal()
        sent = Own()
    """,
    "shop/handlers.py": """
        from django.conf import settings
        from django.db.models import signals
        from django.db.models.signals import post_delete, post_save
        from django.dispatch import receiver
        from shop import events
        from shop.events import paid
        from shop.models import Item, Order

        @receiver(post_save, sender=Order)
        @receiver(post_save, sender="shop.Item")
        def saved(**kwargs): pass

        @receiver([post_save, post_delete])
        def both(**kwargs): pass

        @receiver(signal=paid)
        def settled(**kwargs): pass

        def plain(**kwargs): pass
        def late(**kwargs): pass
        def unused(**kwargs): pass

        signals.pre_save.connect(plain, sender=Item, dispatch_uid="x")
        events.sent.connect(receiver=plain, sender=None)
        signals.post_init.connect(plain, sender=settings.AUTH_USER_MODEL)
        for one in (Order, Item):
            signals.pre_delete.connect(plain, one)
    """,
    "shop/other.py": """
        import sqlite3
        from django.db import connection

        sqlite3.connect("x")
        connection.connect()
    """,
}
DUMP = """
import inspect, shop.handlers, shop.events
from django.apps import apps
from django.contrib.auth.models import User
from django.db.models import signals
from shop.models import Item, Order
named = {
    **{f"django.db.models.signals.{name}": one for name, one in vars(signals).items()},
    **{f"shop.events.{name}": one for name, one in vars(shop.events).items()},
}
senders = {id(one): full(one) for one in (Item, Order, User)}
found = []
for name, signal in named.items():
    for entry in getattr(signal, "receivers", ()):
        key, function = entry[0], entry[1]
        function = function() if isinstance(function, __import__("weakref").ReferenceType) else function
        if function.__module__.startswith("shop."):
            found.append([full(function), name, senders.get(key[1], "")])
found.sort()
"""


@pytest.mark.parametrize("shuffled", [None, 4])
def test_like_django(tmp_path: Path, shuffled: int | None) -> None:
    linked = linked_of(FILES, shuffled=shuffled)
    ours = sorted(
        [one.function.name, one.signal.name if one.signal else "", "".join(sender.name for sender in one.senders)]
        for one in receivers(linked)
    )
    files = {**FILES, "shop/other.py": ""}
    truth = run_django(tmp_path, files, DUMP)
    assert ours == truth


def test_where_a_signal_is_defined() -> None:
    paid, sent = (Known(f"shop.events.{name}", path="shop/events.py") for name in ("paid", "sent"))
    found = receivers(linked_of(FILES))
    assert [one.signal for one in found if one.function.name.endswith("settled")] == [paid]
    late = [one for one in found if one.function.name.endswith("late")]
    assert {one.signal for one in late} == {paid, sent}
    assert {one.path for one in late} == {"shop/apps.py"}
