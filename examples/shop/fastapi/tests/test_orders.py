from __future__ import annotations

import pytest
from app.models import User
from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncSession

from tests.factories import as_user, make_product

pytestmark = pytest.mark.anyio


async def test_order_of_a_user(
    client: AsyncClient, test_db: AsyncSession, seed_users: list[User]
) -> None:
    test_db.add(make_product("TEA-1"))
    await test_db.commit()
    lines = [{"sku": "TEA-1", "quantity": 2}]

    response = await client.post(
        "/orders/", json={"customer_email": seed_users[1].email, "lines": lines}
    )
    mine = await client.get("/users/me/orders", headers=as_user(seed_users[1]))

    assert response.status_code == 201
    assert [order["total_cents"] for order in mine.json()] == [1500]


async def test_unknown_product(client: AsyncClient) -> None:
    lines = [{"sku": "TEA-9", "quantity": 1}]

    response = await client.post(
        "/orders/", json={"customer_email": "ada@example.com", "lines": lines}
    )

    assert response.status_code == 404
    assert response.json() == {"detail": "Unknown products: TEA-9"}
