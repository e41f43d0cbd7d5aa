from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from apps.orders.models import Order
from apps.orders.tests.factories import OrderFactory, OrderItemFactory, ProductFactory
from apps.users.tests.factories import UserFactory


@pytest.mark.django_db
class TestCheckout:
    def setup_method(self) -> None:
        self.client = APIClient()
        self.user = UserFactory()
        self.client.force_authenticate(user=self.user)
        self.product = ProductFactory(stock=6)

    def test_checkout(self) -> None:
        payload = {"lines": [{"sku": self.product.sku, "quantity": 2}]}

        response = self.client.post(reverse("checkout"), payload, format="json")

        assert response.status_code == 201
        assert response.data["total"] == "19.90"
        self.product.refresh_from_db()
        assert self.product.stock == 4

    def test_not_enough_left(self) -> None:
        payload = {"lines": [{"sku": self.product.sku, "quantity": 7}]}

        response = self.client.post(reverse("checkout"), payload, format="json")

        assert response.status_code == 400
        assert not Order.objects.exists()


@pytest.mark.django_db
class TestOrders:
    def setup_method(self) -> None:
        self.client = APIClient()
        self.order = OrderFactory()
        self.client.force_authenticate(user=self.order.customer)

    def test_customer_sees_own_orders(self) -> None:
        OrderFactory()

        response = self.client.get(reverse("my-orders"))

        assert [order["id"] for order in response.data["results"]] == [self.order.pk]

    def test_cancel(self) -> None:
        url = reverse("cancel-order", args=[self.order.pk])

        response = self.client.post(url, {"reason": "too late"}, format="json")

        assert response.status_code == 200
        assert response.data["status"] == Order.Status.CANCELLED

    def test_another_customers_order_is_not_cancelled(self) -> None:
        url = reverse("cancel-order", args=[OrderFactory().pk])

        response = self.client.post(url, {"reason": "spite"}, format="json")

        assert response.status_code == 403

    def test_customer_may_not_ship(self) -> None:
        response = self.client.post(reverse("order-ship", args=[self.order.pk]))

        assert response.status_code == 403


@pytest.mark.django_db
class TestPages:
    def test_catalogue(self) -> None:
        ProductFactory(name="Oolong")
        ProductFactory(name="Matcha", stock=0)

        page = APIClient().get(reverse("catalogue")).content.decode()

        assert "Oolong" in page
        assert "Matcha" not in page

    def test_invoice(self) -> None:
        item = OrderItemFactory(order__total=Decimal("7.50"))
        client = APIClient()
        client.force_login(item.order.customer)

        page = client.get(reverse("invoice", args=[item.order_id])).content.decode()

        assert item.product.name in page

    def test_invoice_of_another_customer(self) -> None:
        client = APIClient()
        client.force_login(UserFactory())

        response = client.get(reverse("invoice", args=[OrderFactory().pk]))

        assert response.status_code == 404
