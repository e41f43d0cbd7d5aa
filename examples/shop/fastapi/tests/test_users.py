from __future__ import annotations

import pytest
from app.models import User
from httpx import AsyncClient

from tests.factories import PASSWORD, as_user

pytestmark = pytest.mark.anyio


async def test_list_users(client: AsyncClient, seed_users: list[User]) -> None:
    response = await client.get("/users/", headers=as_user(seed_users[0]))

    assert response.status_code == 200
    assert {user["email"] for user in response.json()} == {"ada@example.com", "bob@example.com"}


async def test_list_users_is_for_administrators(
    client: AsyncClient, seed_users: list[User]
) -> None:
    assert (await client.get("/users/")).status_code == 401
    assert (await client.get("/users/", headers=as_user(seed_users[1]))).status_code == 403


async def test_create_user_and_log_in(client: AsyncClient) -> None:
    payload = {"email": "Test@example.com", "name": "Test User", "password": PASSWORD}

    created = await client.post("/users/", json=payload)
    login = {"username": "test@example.com", "password": PASSWORD}
    token = (await client.post("/users/token", data=login)).json()["access_token"]
    me = await client.get("/users/me", headers={"Authorization": f"Bearer {token}"})

    assert created.status_code == 201
    assert me.json()["email"] == "test@example.com"


async def test_wrong_password(client: AsyncClient, seed_users: list[User]) -> None:
    login = {"username": seed_users[0].email, "password": "guessed"}

    response = await client.post("/users/token", data=login)

    assert response.status_code == 401


async def test_create_duplicate_email(client: AsyncClient, seed_users: list[User]) -> None:
    payload = {"email": seed_users[0].email, "name": "Duplicate", "password": PASSWORD}

    response = await client.post("/users/", json=payload)

    assert response.status_code == 409


async def test_update_user(client: AsyncClient, seed_users: list[User]) -> None:
    admin, user = seed_users

    response = await client.patch(
        f"/users/{user.id}", json={"role": "moderator"}, headers=as_user(admin)
    )

    assert response.json()["role"] == "moderator"


async def test_update_nothing(client: AsyncClient, seed_users: list[User]) -> None:
    admin, user = seed_users

    response = await client.patch(f"/users/{user.id}", json={}, headers=as_user(admin))

    assert response.status_code == 422
