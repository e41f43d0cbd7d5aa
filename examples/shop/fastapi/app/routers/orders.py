from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from fastapi import APIRouter, Depends, Query, status
from sqlalchemy.ext.asyncio import AsyncSession

from app.database import get_db
from app.dependencies import get_order, require_api_key
from app.exceptions import GatewayError
from app.models import Order
from app.schemas.order import CreateOrderInput, OrderResponse
from app.services import order_service
from app.services.notifications import notify_customer, notify_warehouse

router = APIRouter(prefix="/orders", tags=["orders"], dependencies=[Depends(require_api_key)])

ATTEMPTS = 3


@router.get("/", response_model=list[OrderResponse])
async def list_orders(
    status: str | None = None,
    skip: int = Query(0, ge=0),
    limit: int = Query(20, ge=1, le=100),
    db: AsyncSession = Depends(get_db),
) -> Sequence[Order]:
    return await order_service.list_orders(db, status, skip, limit)


@router.post("/", response_model=OrderResponse, status_code=status.HTTP_201_CREATED)
async def create_order(payload: CreateOrderInput, db: AsyncSession = Depends(get_db)) -> Order:
    return await order_service.create(db, payload)


@router.post("/{order_id}/pay", response_model=OrderResponse)
async def pay_order(order: Order = Depends(get_order), db: AsyncSession = Depends(get_db)) -> Order:
    for attempt in range(ATTEMPTS):
        if await order_service.charge(order):
            break
        time.sleep(2**attempt)
    else:
        raise GatewayError("The payment did not go through")
    await order_service.set_status(db, order, "paid")
    await notify_warehouse(order)
    return order


@router.post("/{order_id}/ship", response_model=OrderResponse)
async def ship_order(
    order: Order = Depends(get_order), db: AsyncSession = Depends(get_db)
) -> Order:
    for attempt in range(ATTEMPTS):
        if await order_service.book_pickup(order):
            break
        await asyncio.sleep(2**attempt)
    else:
        raise GatewayError("The warehouse does not answer")
    await order_service.set_status(db, order, "shipped")
    await notify_customer(order, "shipped")
    return order
