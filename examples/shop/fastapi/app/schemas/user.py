from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field, field_validator, model_validator


class CreateUserInput(BaseModel):
    email: str = Field(..., max_length=254, pattern=r"^[^@\s]+@[^@\s]+$")
    name: str = Field(..., min_length=1, max_length=150)
    password: str = Field(..., min_length=8, max_length=128)
    role: str = Field(default="user", pattern=r"^(user|admin|moderator)$")

    model_config = {"str_strip_whitespace": True}

    @field_validator("email")
    @classmethod
    def normalize_email(cls, v: str) -> str:
        return v.lower()


class UpdateUserInput(BaseModel):
    name: str | None = Field(None, min_length=1, max_length=150)
    role: str | None = Field(None, pattern=r"^(user|admin|moderator)$")

    @model_validator(mode="before")
    @classmethod
    def check_at_least_one_field(cls, data: dict[str, Any]) -> dict[str, Any]:
        if not any(value is not None for value in data.values()):
            raise ValueError("At least one field must be provided")
        return data


class UserResponse(BaseModel):
    id: int
    email: str
    name: str
    role: str
    is_active: bool
    created_at: datetime

    model_config = {"from_attributes": True}


class Token(BaseModel):
    access_token: str
    token_type: str = "bearer"
