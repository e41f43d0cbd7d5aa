from __future__ import annotations

from decimal import Decimal

import factory

from apps.orders.models import Order, OrderItem, Product
from apps.users.tests.factories import UserFactory


class ProductFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Product

    sku = factory.Sequence(lambda n: f"TEA-{n}")
    name = "Green tea"
    price = Decimal("7.50")
    stock = 6


class OrderFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Order

    customer = factory.SubFactory(UserFactory)


class OrderItemFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = OrderItem

    order = factory.SubFactory(OrderFactory)
    product = factory.SubFactory(ProductFactory)
    unit_price = Decimal("7.50")
