from __future__ import annotations

import asyncio
from collections.abc import Sequence

import requests
from fastapi import APIRouter, Depends, Query, UploadFile, status
from sqlalchemy.ext.asyncio import AsyncSession

from app.config import Settings, get_settings
from app.database import get_db
from app.dependencies import get_product, require_api_key
from app.exceptions import ConflictError
from app.models import Product
from app.schemas.product import CreateProductInput, PriceQuote, ProductResponse, StockLevel
from app.services import product_service

router = APIRouter(prefix="/products", tags=["products"])


@router.get("/", response_model=list[ProductResponse])
async def list_products(
    skip: int = Query(0, ge=0),
    limit: int = Query(20, ge=1, le=100),
    db: AsyncSession = Depends(get_db),
) -> Sequence[Product]:
    return await product_service.list_products(db, skip, limit)


@router.post(
    "/",
    response_model=ProductResponse,
    status_code=status.HTTP_201_CREATED,
    dependencies=[Depends(require_api_key)],
)
async def create_product(
    payload: CreateProductInput, db: AsyncSession = Depends(get_db)
) -> Product:
    if await product_service.find_by_sku(db, payload.sku):
        raise ConflictError("SKU already in use")
    return await product_service.create(db, payload)


@router.get("/search", response_model=list[ProductResponse])
async def search_products(q, limit=20, db: AsyncSession = Depends(get_db)):
    return await product_service.search(db, q, limit)


@router.get("/{sku}/price")
async def get_price(
    product: Product = Depends(get_product), settings: Settings = Depends(get_settings)
) -> PriceQuote:
    response = requests.get(
        f"{settings.supplier_url}/prices", params={"sku": product.sku}, timeout=5
    )
    if response.status_code == status.HTTP_404_NOT_FOUND:
        return PriceQuote(sku=product.sku, price_cents=product.price_cents)
    response.raise_for_status()
    return PriceQuote(sku=product.sku, price_cents=response.json()["price_cents"])


@router.get("/{sku}/stock")
def get_stock(
    product: Product = Depends(get_product), settings: Settings = Depends(get_settings)
) -> StockLevel:
    response = requests.get(
        f"{settings.supplier_url}/stock", params={"sku": product.sku}, timeout=5
    )
    response.raise_for_status()
    return StockLevel(sku=product.sku, available=response.json()["available"])


@router.put(
    "/{sku}/image",
    status_code=status.HTTP_204_NO_CONTENT,
    response_model=None,
    dependencies=[Depends(require_api_key)],
)
async def upload_image(
    file: UploadFile,
    product: Product = Depends(get_product),
    settings: Settings = Depends(get_settings),
) -> None:
    content = await file.read()
    target = settings.upload_dir / f"{product.id}.jpg"
    await asyncio.to_thread(target.write_bytes, content)
