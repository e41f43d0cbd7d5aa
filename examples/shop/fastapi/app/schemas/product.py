from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field


class CreateProductInput(BaseModel):
    sku: str = Field(..., min_length=1, max_length=32, pattern=r"^[A-Z0-9-]+$")
    name: str = Field(..., min_length=1, max_length=150)
    price_cents: int = Field(..., gt=0)
    tags: list[str] = []

    model_config = {"str_strip_whitespace": True}


class ProductResponse(BaseModel):
    id: int
    sku: str
    name: str
    price_cents: int
    tags: list[str]

    model_config = {"from_attributes": True}


class PriceQuote(BaseModel):
    sku: str
    price_cents: int
    currency: str = "EUR"
    created_at: datetime = datetime.now()


class StockLevel(BaseModel):
    sku: str
    available: int
