from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from apps.orders.models import Order, Product
from apps.users.models import User


def catalogue() -> QuerySet[Product]:
    return Product.objects.filter(stock__gt=0)


def orders_of(customer: User) -> QuerySet[Order]:
    return Order.objects.with_customer().filter(customer=customer)


def overdue_report(days: int = 7) -> list[dict[str, Any]]:
    now = timezone.now()
    report = []
    for order in Order.objects.overdue(now - timedelta(days=days)):
        report.append(
            {
                "order": order.pk,
                "customer": order.customer.name,
                "total": order.total,
                "days": (now - order.placed_at).days,
            }
        )
    return report
