from __future__ import annotations

import secrets

from fastapi import Depends, HTTPException, Security, status
from fastapi.security import APIKeyHeader
from sqlalchemy.ext.asyncio import AsyncSession

from app.config import Settings, get_settings
from app.database import get_db
from app.models import Order, Product
from app.services import order_service, product_service

api_key_header = APIKeyHeader(name="X-API-Key", auto_error=False)


def require_api_key(
    key: str | None = Security(api_key_header),
    settings: Settings = Depends(get_settings),
) -> None:
    if not settings.api_key and settings.environment == "development":
        return
    if not settings.api_key or not secrets.compare_digest(key or "", settings.api_key):
        raise HTTPException(status.HTTP_401_UNAUTHORIZED, detail="Invalid API key")


async def get_product(sku: str, db: AsyncSession = Depends(get_db)) -> Product:
    product = await product_service.find_by_sku(db, sku)
    if product is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, detail=f"Product {sku} not found")
    return product


async def get_order(order_id: int, db: AsyncSession = Depends(get_db)) -> Order:
    order = await order_service.find(db, order_id)
    if order is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, detail=f"Order {order_id} not found")
    return order
