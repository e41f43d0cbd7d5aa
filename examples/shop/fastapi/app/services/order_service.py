from __future__ import annotations

from collections.abc import Sequence

import httpx
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from app.config import get_settings
from app.exceptions import NotFoundError
from app.models import Order, OrderItem, Product, User
from app.schemas.order import CreateOrderInput


async def list_orders(
    db: AsyncSession, status: str | None, skip: int, limit: int
) -> Sequence[Order]:
    query = select(Order).options(selectinload(Order.items))
    if status:
        query = query.where(Order.status == status)
    result = await db.execute(query.order_by(Order.id.desc()).offset(skip).limit(limit))
    return result.scalars().all()


async def orders_of(db: AsyncSession, user: User) -> Sequence[Order]:
    query = select(Order).options(selectinload(Order.items)).where(Order.customer_id == user.id)
    result = await db.execute(query.order_by(Order.id.desc()))
    return result.scalars().all()


async def find(db: AsyncSession, order_id: int) -> Order | None:
    return await db.get(Order, order_id, options=[selectinload(Order.items)])


async def create(db: AsyncSession, payload: CreateOrderInput) -> Order:
    skus = {line.sku for line in payload.lines}
    result = await db.execute(select(Product).where(Product.sku.in_(skus)))
    products = {product.sku: product for product in result.scalars()}
    if missing := skus - products.keys():
        raise NotFoundError(f"Unknown products: {', '.join(sorted(missing))}")
    customer_id = await db.scalar(select(User.id).where(User.email == payload.customer_email))

    order = Order(
        customer_email=payload.customer_email,
        customer_id=customer_id,
        total_cents=sum(products[line.sku].price_cents * line.quantity for line in payload.lines),
        items=[
            OrderItem(product_id=products[line.sku].id, quantity=line.quantity)
            for line in payload.lines
        ],
    )
    db.add(order)
    await db.commit()
    return order


async def set_status(db: AsyncSession, order: Order, status: str) -> Order:
    order.status = status
    await db.commit()
    return order


async def charge(order: Order) -> bool:
    async with httpx.AsyncClient(base_url=get_settings().gateway_url, timeout=5) as client:
        try:
            response = await client.post(
                "/charges", json={"order": order.id, "amount": order.total_cents}
            )
        except httpx.TransportError:
            return False
    return response.is_success


async def book_pickup(order: Order) -> bool:
    async with httpx.AsyncClient(base_url=get_settings().warehouse_url, timeout=5) as client:
        try:
            response = await client.post("/pickups", json={"order": order.id})
        except httpx.TransportError:
            return False
    return response.is_success
