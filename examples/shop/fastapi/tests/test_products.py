from __future__ import annotations

import pytest
from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncSession

from tests.factories import make_product

pytestmark = pytest.mark.anyio


async def test_create_product(client: AsyncClient) -> None:
    payload = {"sku": "TEA-1", "name": "Green tea", "price_cents": 750}

    created = await client.post("/products/", json=payload)
    again = await client.post("/products/", json=payload)

    assert created.status_code == 201
    assert again.status_code == 409


async def test_search(client: AsyncClient, test_db: AsyncSession) -> None:
    test_db.add_all([make_product("TEA-1"), make_product("TEA-2", name="Oolong")])
    await test_db.commit()

    response = await client.get("/products/search", params={"q": "OOL"})

    assert [product["sku"] for product in response.json()] == ["TEA-2"]


async def test_unknown_product(client: AsyncClient) -> None:
    assert (await client.get("/products/TEA-9/price")).status_code == 404
