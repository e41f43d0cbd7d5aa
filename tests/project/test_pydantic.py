"""Pydantic models, compared with what Pydantic itself says of the same files."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

from djfa_lint.project import pydantic
from djfa_lint.project.entities import Schema
from tests.project.linking import linked_of

ORACLE = """
import json, sys
sys.path.insert(0, ".")
import pydantic
import models, base

def plain(value):
    return value is None or isinstance(value, (str, int, float, bool))

found = {}
for module in (models, base):
    for name, cls in vars(module).items():
        if not isinstance(cls, type) or not issubclass(cls, pydantic.BaseModel) or "[" in name:
            continue
        if cls.__module__ == module.__name__:
            config = sorted((key, value) for key, value in cls.model_config.items() if plain(value))
            found[f"{module.__name__}.{name}"] = [sorted(cls.model_fields), config]
print(json.dumps(found))
"""

FILES = {
    "base.py": """
        from typing import ClassVar, Generic, TypeVar
        from pydantic import BaseModel, ConfigDict

        T = TypeVar("T")
        STRICT = {"extra": "forbid"}

        class Base(BaseModel):
            model_config = ConfigDict(from_attributes=True, **STRICT)

            id: int
            registry: ClassVar[dict] = {}
            _secret: str = "x"

        class Page(BaseModel, Generic[T]):
            items: list[T]
            total: int = 0
        """,
    "models.py": """
        from __future__ import annotations

        from datetime import datetime
        from decimal import Decimal
        from typing import Annotated, Any, ClassVar, Dict, List, Literal, Optional, Union

        from pydantic import BaseModel, Field, RootModel, field_validator
        from pydantic_settings import BaseSettings, SettingsConfigDict

        import base
        from base import Base, Page

        Name = Annotated[str, Field(min_length=1)]

        class Mixin:
            of_mixin: int

            def helper(self): ...

        class Line(Base):
            model_config = {"populate_by_name": True}

            price: Decimal

            @field_validator("price")
            def check(cls, value): return value

        class Order(Mixin, Base):
            id: str
            name: Name
            line: Line
            lines: list[Line] = Field(default_factory=list)
            maybe: Optional[Line] = None
            either: Line | None = None
            nested: Optional[List["Line"]] = None
            quoted: "base.Base | None" = None
            both: Union[Line, Base]
            mapping: Dict[str, Line] = {}
            at: datetime
            kind: Literal["a"] = "a"
            anything: Any = None
            page: Page[Line] | None = None
            not_one: ClassVar[int] = 3

        class Frozen(Order, frozen=True):
            extra_one: int = 0

        class Lines(RootModel[list[Line]]):
            pass

        class LinePage(Page[Line]):
            more: bool = False

        class Settings(BaseSettings):
            model_config = SettingsConfigDict(env_prefix="shop_")

            API_V1_STR: str = "/api"
        """,
}


def schemas(files: dict[str, str]) -> dict[str, Schema]:
    return {one.known.name: one for one in pydantic.Schemas(linked_of(files)).values()}


def test_fields_are_those_of_pydantic(tmp_path: Path) -> None:
    for path, text in FILES.items():
        (tmp_path / path).write_text(dedent(text), "utf-8")
    run = subprocess.run([sys.executable, "-c", ORACLE], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    expected = json.loads(run.stdout)
    found = schemas(FILES)
    # Pydantic and its settings have defaults and a field of their own.
    expected["models.Lines"][0] = []
    assert {name: sorted(field.name for field in one.fields) for name, one in found.items()} == {
        name: fields for name, (fields, _) in expected.items()
    }
    for name, one in found.items():
        assert {tuple(pair) for pair in expected[name][1]} >= set(one.config)
        assert one.complete


def test_config_is_what_the_nearest_class_says() -> None:
    found = schemas(FILES)
    assert found["base.Base"].config == (("extra", "forbid"), ("from_attributes", True))
    assert found["models.Line"].config == (
        ("extra", "forbid"),
        ("from_attributes", True),
        ("populate_by_name", True),
    )
    assert ("frozen", True) in found["models.Frozen"].config
    assert found["models.Settings"].config == (("env_prefix", "shop_"),)


def test_the_type_of_a_field_is_its_one_class() -> None:
    types = {field.name: field.type for field in schemas(FILES)["models.Order"].fields}
    assert types == {
        "of_mixin": "builtins.int",
        "id": "builtins.str",
        "name": "builtins.str",
        "line": "models.Line",
        "lines": "models.Line",
        "maybe": "models.Line",
        "either": "models.Line",
        "nested": "models.Line",
        "quoted": "base.Base",
        "both": "",
        "mapping": "",
        "at": "datetime.datetime",
        "kind": "",
        "anything": "",
        "page": "base.Page",
    }


def test_a_field_tells_where_it_is() -> None:
    frozen = schemas(FILES)["models.Frozen"]
    price = {field.name: field for field in schemas(FILES)["models.Line"].fields}["price"]
    assert dedent(FILES["models.py"]).splitlines()[price.line - 1].strip() == "price: Decimal"
    assert price.owner.name == "models.Line"
    by_name = {field.name: field for field in frozen.fields}
    assert (by_name["id"].owner.name, by_name["id"].path) == ("models.Order", "models.py")
    assert by_name["lines"].statement is not None


def test_config_of_the_old_kind() -> None:
    found = schemas(
        {
            "models.py": """
                from pydantic import BaseModel

                class Base(BaseModel):
                    class Config:
                        orm_mode = True
                        extra = "allow"

                class Item(Base):
                    name: str

                    class Config(Base.Config):
                        extra = "forbid"
                """
        }
    )
    assert found["models.Base"].config == (("extra", "allow"), ("orm_mode", True))
    assert found["models.Item"].config == (("extra", "forbid"), ("orm_mode", True))


def test_tables_of_sqlmodel_are_no_schemas() -> None:
    found = schemas(
        {
            "models.py": """
                from ninja import Schema
                from sqlmodel import SQLModel

                class Base(SQLModel):
                    name: str

                class Row(Base, table=True):
                    id: int

                class Public(Base):
                    id: int

                class Out(Schema):
                    id: int
                """
        }
    )
    assert sorted(found) == ["models.Base", "models.Out", "models.Public"]
    assert [field.name for field in found["models.Public"].fields] == ["name", "id"]


def test_a_base_that_is_not_known_makes_it_incomplete() -> None:
    found = schemas(
        {
            "models.py": """
                from pydantic import BaseModel
                from elsewhere import Mixin, make

                class Item(Mixin, BaseModel):
                    name: str

                class Plain(BaseModel):
                    name: str
                """
        }
    )
    assert not found["models.Item"].complete
    assert found["models.Plain"].complete


def test_schemas_do_not_depend_on_the_order_of_files() -> None:
    once = list(pydantic.Schemas(linked_of(FILES)).values())
    for seed in range(5):
        assert list(pydantic.Schemas(linked_of(FILES, shuffled=seed)).values()) == once
