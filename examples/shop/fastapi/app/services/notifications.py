from __future__ import annotations

import httpx

from app.config import get_settings
from app.models import Order
from app.schemas.order import OrderNotice


async def notify_warehouse(order: Order) -> None:
    notice = OrderNotice(order_id=order.id, event="paid")
    with httpx.Client(base_url=get_settings().warehouse_url, timeout=5) as client:
        response = client.post("/notices", json=notice.model_dump(mode="json"))
        response.raise_for_status()


async def notify_customer(order: Order, event: str) -> None:
    notice = OrderNotice(order_id=order.id, event=event)
    async with httpx.AsyncClient(base_url=get_settings().gateway_url, timeout=5) as client:
        response = await client.post(
            "/mails", json={"to": order.customer_email, **notice.model_dump(mode="json")}
        )
        response.raise_for_status()
