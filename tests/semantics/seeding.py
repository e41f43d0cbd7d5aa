"""The rows that the cases were measured with."""

from __future__ import annotations

from types import ModuleType

from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType

CHILDREN = 2


def fill(m: ModuleType, n: int) -> None:
    """n rows of each model of `m`, every one with parents of its own; twice as many of what stands below an order."""
    rows = range(1, n + 1)
    m.Country.objects.bulk_create([m.Country(pk=i, name=f"co{i}") for i in rows])
    m.Customer.objects.bulk_create([m.Customer(pk=i, name=f"cu{i}", country_id=i) for i in rows])
    m.Profile.objects.bulk_create([m.Profile(pk=i, customer_id=i, bio="b") for i in rows])
    m.Shop.objects.bulk_create([m.Shop(pk=i, name=f"s{i}") for i in rows])
    m.Order.objects.bulk_create([m.Order(pk=i, number=f"o{i}", notes="x", customer_id=i, shop_id=i) for i in rows])
    m.Category.objects.bulk_create([m.Category(pk=i, name=f"c{i}", parent_id=i - 1 or None) for i in rows])
    m.Invoice.objects.bulk_create([m.Invoice(pk=i, order_id=i, code=f"i{i}") for i in rows])
    m.City.objects.bulk_create([m.City(pk=i, name="c", country_id=i, customer_id=i) for i in rows])
    m.Street.objects.bulk_create([m.Street(pk=i, name="s", city_id=i) for i in rows])
    m.City2.objects.bulk_create([m.City2(pk=i, name="c", country_id=i) for i in rows])
    m.Street2.objects.bulk_create([m.Street2(pk=i, name="s", city_id=i) for i in rows])
    orders = ContentType.objects.get_for_model(m.Order)
    m.TaggedItem.objects.bulk_create([m.TaggedItem(pk=i, label="l", content_type=orders, object_id=i) for i in rows])
    for i in rows:
        m.Restaurant.objects.create(pk=i, name=f"r{i}", stars=1)
    m.InitTouch.objects.bulk_create([m.InitTouch(pk=i, customer_id=i) for i in rows])
    m.Hooked.objects.bulk_create([m.Hooked(pk=i, name="h", customer_id=i) for i in rows])
    User.objects.bulk_create([User(pk=i, username=f"u{i}", is_staff=i == 1, is_superuser=i == 1) for i in rows])
    _fill_children(m, n)


def _fill_children(m: ModuleType, n: int) -> None:
    rows = range(1, n * CHILDREN + 1)
    m.Product.objects.bulk_create([m.Product(pk=i, name=f"p{i}", category_id=(i - 1) % n + 1) for i in rows])
    m.Tag.objects.bulk_create([m.Tag(pk=i, name=f"t{i}") for i in rows])
    for i in rows:
        order = (i - 1) // CHILDREN + 1
        m.Item.objects.create(pk=i, order_id=order, product_id=i, qty=1)
        m.OrderedNote.objects.create(pk=i, order_id=order, text="t")
        m.Order.tags.through.objects.create(order_id=order, tag_id=i)
