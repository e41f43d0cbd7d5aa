from __future__ import annotations

import asyncio
from collections.abc import Sequence

from fastapi import APIRouter, Depends, HTTPException, Query, status
from fastapi.security import OAuth2PasswordRequestForm
from sqlalchemy.ext.asyncio import AsyncSession

from app.database import get_db
from app.dependencies import get_current_user, get_user, require_admin
from app.exceptions import ConflictError
from app.models import Order, User
from app.schemas.order import OrderResponse
from app.schemas.user import CreateUserInput, Token, UpdateUserInput, UserResponse
from app.security import hash_password
from app.services import order_service, user_service

router = APIRouter(prefix="/users", tags=["users"])


@router.get("/", response_model=list[UserResponse], dependencies=[Depends(require_admin)])
async def list_users(
    skip: int = Query(0, ge=0),
    limit: int = Query(20, ge=1, le=100),
    role: str | None = None,
    db: AsyncSession = Depends(get_db),
) -> Sequence[User]:
    return await user_service.list_users(db, role, skip, limit)


@router.post("/", response_model=UserResponse, status_code=status.HTTP_201_CREATED)
async def create_user(payload: CreateUserInput, db: AsyncSession = Depends(get_db)) -> User:
    if await user_service.find_by_email(db, payload.email):
        raise ConflictError("Email already registered")
    password_hash = await asyncio.to_thread(hash_password, payload.password)
    user = User(**payload.model_dump(exclude={"password"}), password_hash=password_hash)
    db.add(user)
    await db.commit()
    return user


@router.post("/token")
async def log_in(
    form: OAuth2PasswordRequestForm = Depends(), db: AsyncSession = Depends(get_db)
) -> Token:
    token = await user_service.log_in(db, form.username, form.password)
    if token is None:
        raise HTTPException(status.HTTP_401_UNAUTHORIZED, detail="Invalid credentials")
    return Token(access_token=token)


@router.get("/me", response_model=UserResponse)
async def get_me(current_user: User = Depends(get_current_user)) -> User:
    return current_user


@router.get("/me/orders", response_model=list[OrderResponse])
async def list_my_orders(
    current_user: User = Depends(get_current_user), db: AsyncSession = Depends(get_db)
) -> Sequence[Order]:
    return await order_service.orders_of(db, current_user)


@router.patch("/{user_id}", response_model=UserResponse, dependencies=[Depends(require_admin)])
async def update_user(
    payload: UpdateUserInput,
    user: User = Depends(get_user),
    db: AsyncSession = Depends(get_db),
) -> User:
    return await user_service.update(db, user, payload)
