from __future__ import annotations

from datetime import datetime, timezone

from pydantic import BaseModel, Field


class OrderLineInput(BaseModel):
    sku: str
    quantity: int = Field(1, ge=1, le=100)


class CreateOrderInput(BaseModel):
    customer_email: str = Field(..., max_length=254, pattern=r"^[^@\s]+@[^@\s]+$")
    lines: list[OrderLineInput] = Field(..., min_length=1)


class OrderItemResponse(BaseModel):
    product_id: int
    quantity: int

    model_config = {"from_attributes": True}


class OrderResponse(BaseModel):
    id: int
    customer_email: str
    status: str
    total_cents: int
    created_at: datetime
    items: list[OrderItemResponse]

    model_config = {"from_attributes": True}


class OrderNotice(BaseModel):
    order_id: int
    event: str
    created_at: datetime = Field(default_factory=lambda: datetime.now(timezone.utc))
