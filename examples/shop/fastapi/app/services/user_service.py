from __future__ import annotations

import asyncio
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import User
from app.schemas.user import UpdateUserInput
from app.security import check_password, hash_token, new_token


async def list_users(db: AsyncSession, role: str | None, skip: int, limit: int) -> Sequence[User]:
    query = select(User).where(User.is_active.is_(True))
    if role:
        query = query.where(User.role == role)
    result = await db.execute(query.order_by(User.created_at.desc()).offset(skip).limit(limit))
    return result.scalars().all()


async def find_by_email(db: AsyncSession, email: str) -> User | None:
    result = await db.execute(select(User).where(User.email == email))
    return result.scalar_one_or_none()


async def find_by_token(db: AsyncSession, token: str) -> User | None:
    result = await db.execute(select(User).where(User.token_hash == hash_token(token)))
    return result.scalar_one_or_none()


async def log_in(db: AsyncSession, email: str, password: str) -> str | None:
    user = await find_by_email(db, email.lower())
    if user is None or not await asyncio.to_thread(check_password, password, user.password_hash):
        return None
    token = new_token()
    user.token_hash = hash_token(token)
    await db.commit()
    return token


async def update(db: AsyncSession, user: User, payload: UpdateUserInput) -> User:
    for field, value in payload.model_dump(exclude_none=True).items():
        setattr(user, field, value)
    await db.commit()
    return user
