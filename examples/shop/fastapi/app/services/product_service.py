from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import Product
from app.schemas.product import CreateProductInput


def search_tags(name: str, tags: list[str] = []) -> list[str]:
    words = [word.lower() for word in name.split() if len(word) > 3]
    return sorted({*words, *(tag.strip().lower() for tag in tags)})


async def list_products(db: AsyncSession, skip: int, limit: int) -> Sequence[Product]:
    result = await db.execute(select(Product).order_by(Product.id).offset(skip).limit(limit))
    return result.scalars().all()


async def find_by_sku(db: AsyncSession, sku: str) -> Product | None:
    result = await db.execute(select(Product).where(Product.sku == sku))
    return result.scalar_one_or_none()


async def search(db, text, limit):
    query = select(Product).where(Product.name.icontains(text, autoescape=True))
    result = await db.execute(query.order_by(Product.name).limit(limit))
    return result.scalars().all()


async def create(db: AsyncSession, payload: CreateProductInput) -> Product:
    product = Product(
        sku=payload.sku,
        name=payload.name,
        price_cents=payload.price_cents,
        tags=search_tags(payload.name, payload.tags),
    )
    db.add(product)
    await db.commit()
    return product
