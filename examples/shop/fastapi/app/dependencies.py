from __future__ import annotations

import secrets

from fastapi import Depends, HTTPException, Security, status
from fastapi.security import APIKeyHeader, OAuth2PasswordBearer
from sqlalchemy.ext.asyncio import AsyncSession

from app.config import Settings, get_settings
from app.database import get_db
from app.models import Order, Product, User
from app.services import order_service, product_service, user_service

api_key_header = APIKeyHeader(name="X-API-Key", auto_error=False)
oauth2_scheme = OAuth2PasswordBearer(tokenUrl="/users/token")


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


async def get_user(user_id: int, db: AsyncSession = Depends(get_db)) -> User:
    user = await db.get(User, user_id)
    if user is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, detail=f"User {user_id} not found")
    return user


async def get_current_user(
    token: str = Depends(oauth2_scheme), db: AsyncSession = Depends(get_db)
) -> User:
    user = await user_service.find_by_token(db, token)
    if user is None or not user.is_active:
        raise HTTPException(status.HTTP_401_UNAUTHORIZED, detail="Invalid credentials")
    return user


async def require_admin(user: User = Depends(get_current_user)) -> User:
    if user.role != "admin":
        raise HTTPException(status.HTTP_403_FORBIDDEN, detail="Only for administrators")
    return user
