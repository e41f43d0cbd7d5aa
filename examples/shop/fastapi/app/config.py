from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="SHOP_")

    environment: str = "development"
    database_url: str = "sqlite+aiosqlite:///./shop.sqlite3"
    upload_dir: Path = Path("uploads")
    api_key: str = ""
    origins: list[str] = ["http://localhost:3000"]
    supplier_url: str = "http://localhost:9001"
    gateway_url: str = "http://localhost:9002"
    warehouse_url: str = "http://localhost:9003"


@lru_cache
def get_settings() -> Settings:
    return Settings()
