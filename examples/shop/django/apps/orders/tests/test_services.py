from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from apps.orders import services
from apps.orders.models import Order, Product
from apps.orders.tests.factories import OrderFactory, ProductFactory


@pytest.mark.django_db
class TestOrders:
    def test_cancel(self) -> None:
        order = OrderFactory()

        services.cancel_order(order, "too late")

        order.refresh_from_db()
        assert order.status == Order.Status.CANCELLED
        assert order.events.get().payload["note"] == "too late"

    def test_shipped_order_is_not_cancelled(self) -> None:
        order = OrderFactory(status=Order.Status.SHIPPED)

        with pytest.raises(services.OrderShippedError):
            services.cancel_order(order, "too late")

    def test_export(self, tmp_path: Path) -> None:
        OrderFactory(customer__email="ada@example.com")

        target = services.export_orders(Order.objects.all(), tmp_path / "orders.csv")

        assert "ada@example.com" in target.read_text()


@pytest.mark.django_db
class TestImportProducts:
    def test_new_and_known_products(self, tmp_path: Path) -> None:
        ProductFactory(sku="TEA-1", stock=0)
        file = tmp_path / "products.csv"
        file.write_text("sku,name,price,stock\nTEA-1,Green tea,8.00,5\nTEA-2,Oolong,9.50,3\n")

        call_command("import_products", str(file))

        assert list(Product.objects.values_list("sku", "stock")) == [("TEA-1", 5), ("TEA-2", 3)]

    def test_wrong_file(self, tmp_path: Path) -> None:
        file = tmp_path / "products.csv"
        file.write_text("sku,name,price,stock\nTEA-1,Green tea,free,5\n")

        with pytest.raises(CommandError):
            call_command("import_products", str(file))
