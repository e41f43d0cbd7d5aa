from __future__ import annotations

from app.models import Product, User
from app.security import hash_password, hash_token

PASSWORD = "secure_password_123"


def make_user(email: str, role: str = "user") -> User:
    """A user who is logged in: the token is the address."""
    return User(
        email=email,
        name=email.partition("@")[0].title(),
        role=role,
        password_hash=hash_password(PASSWORD),
        token_hash=hash_token(email),
    )


def make_product(sku: str, name: str = "Green tea", price_cents: int = 750) -> Product:
    return Product(sku=sku, name=name, price_cents=price_cents, tags=[])


def as_user(user: User) -> dict[str, str]:
    return {"Authorization": f"Bearer {user.email}"}
