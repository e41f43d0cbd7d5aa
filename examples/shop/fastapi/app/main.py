from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse

from app.config import get_settings
from app.database import Base, engine
from app.exceptions import ShopError
from app.middleware import TimingMiddleware
from app.routers import orders, products, users


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    settings = get_settings()
    await asyncio.to_thread(settings.upload_dir.mkdir, parents=True, exist_ok=True)
    if settings.environment == "development":
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
    yield
    await engine.dispose()


app = FastAPI(title="Shop", lifespan=lifespan)
app.add_middleware(TimingMiddleware)
app.add_middleware(CORSMiddleware, allow_origins=get_settings().origins, allow_methods=["*"])
app.include_router(users.router)
app.include_router(products.router)
app.include_router(orders.router)


@app.exception_handler(ShopError)
async def answer_shop_error(request: Request, error: ShopError) -> JSONResponse:
    return JSONResponse({"detail": str(error)}, status_code=error.status_code)


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}
