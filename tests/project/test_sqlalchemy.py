"""Mapped classes, compared with what SQLAlchemy itself makes of the same files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from textwrap import dedent
from typing import Any

import pytest

from djfa_lint.project.entities import Model
from djfa_lint.project.sqlalchemy import models
from tests.project.linking import linked_of

# Each example is a package of its own name, so all of them fit in one process.
EXAMPLES: dict[str, dict[str, str]] = {
    "classic": {
        "base.py": """
            from sqlalchemy.orm import declarative_base
            Base = declarative_base()
        """,
        "people.py": """
            import sqlalchemy as sa
            from sqlalchemy import Column, Integer, String, ForeignKey, Table
            from sqlalchemy.orm import backref, relationship, deferred, column_property
            from classic.base import Base

            membership = Table(
                "membership", Base.metadata,
                Column("person_id", ForeignKey("people.id")), Column("group_id", ForeignKey("groups.id")),
            )

            class Person(Base):
                __tablename__ = "people"
                id = Column(Integer, primary_key=True)
                name = sa.Column("full_name", sa.String(50))
                story = deferred(Column(String))
                shout = column_property(name + "!")
                boss_id = Column(Integer, ForeignKey(id))
                home_id = Column(ForeignKey("homes.id"))
                _hidden = Column(Integer)
                groups = relationship("Group", secondary=membership, backref="members")
                boss = relationship("Person", remote_side=[id], backref="reports")
                passport = relationship("Passport", uselist=False, back_populates="holder")
                home = relationship("classic.places.Home", backref=backref("owner", uselist=False))

            class Group(Base):
                __tablename__ = "groups"
                id = Column(Integer, primary_key=True)

            class Passport(Base):
                __tablename__ = "passports"
                id = Column(Integer, primary_key=True)
                holder_id = Column(Integer, ForeignKey("people.id"))
                holder = relationship(Person, back_populates="passport")

            class Node(Base):
                __tablename__ = "nodes"
                id = Column(Integer, primary_key=True)
                parent_id = Column(Integer, ForeignKey("nodes.id"))
                children = relationship("Node", backref=backref("parent", remote_side="Node.id"))
        """,
        "places.py": """
            from sqlalchemy import Column, Integer, ForeignKey
            from sqlalchemy.orm import relationship
            from classic.base import Base
            from classic.people import Person

            class Home(Base):
                __tablename__ = "homes"
                id = Column(Integer, primary_key=True)
                builder_id = Column(Integer)
                builder = relationship(
                    "Person", primaryjoin="foreign(Home.builder_id) == Person.id", backref="built", viewonly=False
                )
                guard_id = Column(Integer)
                guard = relationship(Person, primaryjoin=guard_id == Person.id, foreign_keys=guard_id)

            Person.cleaned = relationship(
                Home, primaryjoin=Person.id == Home.guard_id, foreign_keys=[Home.guard_id], viewonly=True
            )
        """,
    },
    "modern": {
        "models.py": """
            from __future__ import annotations
            import datetime
            from typing import Annotated, List, Optional, Dict, ClassVar
            from sqlalchemy import ForeignKey, String, ForeignKeyConstraint
            from sqlalchemy.orm import (
                DeclarativeBase, Mapped, mapped_column, relationship, WriteOnlyMapped, DynamicMapped, synonym,
                attribute_keyed_dict,
            )
            from sqlalchemy.ext.associationproxy import AssociationProxy, association_proxy
            from sqlalchemy.ext.hybrid import hybrid_property

            intpk = Annotated[int, mapped_column(primary_key=True)]
            account = Annotated[int, mapped_column(ForeignKey("accounts.id"))]

            class Base(DeclarativeBase):
                pass

            class Account(Base):
                __tablename__ = "accounts"
                table_count: ClassVar[int] = 0
                id: Mapped[intpk]
                name: Mapped[Optional[str]]
                born: Mapped[datetime.date | None] = mapped_column()
                title: Mapped[str] = mapped_column(String(30))
                orders: Mapped[List["Order"]] = relationship(back_populates="account")
                last: Mapped["Order | None"] = relationship("Order", viewonly=True)
                all_orders: WriteOnlyMapped["Order"] = relationship(viewonly=True)
                some_orders: DynamicMapped[Order] = relationship(viewonly=True)
                notes: Mapped[Dict[str, "Note"]] = relationship(collection_class=attribute_keyed_dict("key"))
                label: Mapped[str] = synonym("title")
                order_ids: AssociationProxy[List[int]] = association_proxy("orders", "id")

                @hybrid_property
                def upper(self) -> str:
                    return self.title

            class Order(Base):
                __tablename__ = "orders"
                id: Mapped[intpk]
                account_id: Mapped[account]
                account: Mapped["Account"] = relationship(back_populates="orders")
                # A collection gives way to the foreign key here.
                odd: Mapped[list["Account"]] = relationship("Account", viewonly=True)

            class Note(Base):
                __tablename__ = "notes"
                __table_args__ = (ForeignKeyConstraint(["holder"], ["accounts.id"]), {"comment": "x"})
                id: Mapped[intpk]
                key: Mapped[str]
                holder: Mapped[int]
                account = relationship(Account, viewonly=True)
        """
    },
    "mixins": {
        "models.py": """
            from sqlalchemy import Column, Integer, String, ForeignKey
            from sqlalchemy.orm import (
                DeclarativeBase, Mapped, MappedAsDataclass, declared_attr, mapped_column, relationship
            )

            class Base(DeclarativeBase):
                @declared_attr.directive
                def __tablename__(cls) -> str:
                    return f"t_{cls.__name__.lower()}"

            class Stamped:
                created = Column(Integer)
                dropped = Column(Integer)

            class Owned:
                @declared_attr
                def owner_id(cls):
                    return Column(Integer, ForeignKey("t_owner.id"))

                @declared_attr
                def owner(cls):
                    return relationship("Owner", foreign_keys=[cls.owner_id])

                @declared_attr
                def described(cls) -> Mapped[str]:
                    return mapped_column(String)

            class Common(Base):
                __abstract__ = True
                id: Mapped[int] = mapped_column(primary_key=True)

            class Owner(Common):
                name = Column(String)

            class Car(Stamped, Owned, Common):
                dropped = None

            class Boat(Owned, Stamped, Common):
                helper_id: Mapped[int] = mapped_column(ForeignKey(Owner.id))
                helper: Mapped[Owner] = relationship(foreign_keys=[helper_id], backref="helped")

            class Data(MappedAsDataclass, Base):
                id: Mapped[int] = mapped_column(primary_key=True, init=False)
                name: Mapped[str] = mapped_column(default="x")
        """
    },
    "inherited": {
        "models.py": """
            from sqlalchemy import Column, Integer, String, ForeignKey
            from sqlalchemy.orm import registry, relationship

            mapper_registry = registry()
            Base = mapper_registry.generate_base()

            class Company(Base):
                __tablename__ = "company"
                id = Column(Integer, primary_key=True)
                employees = relationship("Employee", back_populates="company")
                engineers = relationship("Engineer", viewonly=True)

            class Employee(Base):
                __tablename__ = "employee"
                id = Column(Integer, primary_key=True)
                type = Column(String)
                company_id = Column(ForeignKey("company.id"))
                company = relationship("Company", back_populates="employees", backref=None)
                badge = relationship("Badge", backref="worn_by", uselist=False)
                __mapper_args__ = {"polymorphic_on": type, "polymorphic_identity": "e"}

            class Engineer(Employee):
                __tablename__ = "engineer"
                id = Column(ForeignKey("employee.id"), primary_key=True)
                tool = Column(String)
                machines = relationship("Machine", back_populates="engineer")
                __mapper_args__ = {"polymorphic_identity": "g"}

            class Manager(Employee):
                extra = Column(String)
                __mapper_args__ = {"polymorphic_identity": "m"}

            class Badge(Base):
                __tablename__ = "badge"
                id = Column(Integer, primary_key=True)
                employee_id = Column(ForeignKey("employee.id"))

            class Machine(Base):
                __tablename__ = "machine"
                id = Column(Integer, primary_key=True)
                engineer_id = Column(ForeignKey("engineer.id"))
                engineer = relationship("Engineer", back_populates="machines")

            @mapper_registry.mapped
            class Loose:
                __tablename__ = "loose"
                id = Column(Integer, primary_key=True)
        """
    },
    # Two bases in one project, each with a class of the same name; what makes the base is the project's own.
    "bases": {
        "a.py": """
            from typing import Any
            from sqlalchemy import Column, Integer, ForeignKey
            from sqlalchemy.orm import as_declarative, declarative_base, relationship

            class Core:
                id = Column(Integer, primary_key=True)

            def make():
                return declarative_base(cls=Core)

            Base: Any = make()

            class Item(Base):
                __tablename__ = "item"

            class Line(Base):
                __tablename__ = "line"
                item_id = Column(ForeignKey("item.id"))
                item = relationship("Item", backref="lines")
        """,
        "b.py": """
            from sqlalchemy import Column, Integer, ForeignKey, Table
            from sqlalchemy.orm import as_declarative, relationship

            @as_declarative()
            class Base:
                id = Column(Integer, primary_key=True)

            class Link(Base):
                __tablename__ = "link"
                item_id = Column(ForeignKey("item.id"))
                other_id = Column(ForeignKey("line.id"))

            class Item(Base):
                __tablename__ = "item"
                lines = relationship("Line", secondary="link", viewonly=True)

            class Line(Base):
                __table__ = Table(
                    "line", Base.metadata, Column("id", Integer, primary_key=True), Column("n", Integer)
                )
                items = relationship("Item", secondary=Link.__table__, viewonly=True)

            if False:
                Line.never = relationship("Item")
        """,
    },
}
DUMP = """
import importlib, json, sys
from sqlalchemy import inspect
from sqlalchemy.orm import configure_mappers
from sqlalchemy.orm.mapper import _all_registries
for name in sys.argv[1:]:
    importlib.import_module(name)
configure_mappers()
full = lambda cls: f"{cls.__module__}.{cls.__qualname__}"
print(json.dumps({
    full(mapper.class_): {
        "table": mapper.local_table.name,
        "columns": sorted(one.key for one in mapper.column_attrs),
        "relations": sorted([one.key, full(one.mapper.class_), bool(one.uselist)] for one in mapper.relationships),
    }
    for registry in _all_registries() for mapper in registry.mappers
}))
"""


def texts(name: str) -> dict[str, str]:
    return {f"{name}/__init__.py": "", **{f"{name}/{path}": text for path, text in EXAMPLES[name].items()}}


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What SQLAlchemy says of all the examples."""
    root = tmp_path_factory.mktemp("mapped")
    names = []
    for example in EXAMPLES:
        for path, text in texts(example).items():
            (root / path).parent.mkdir(exist_ok=True)
            (root / path).write_text(dedent(text))
            names.append(path.removesuffix(".py").replace("/", "."))
    command = [sys.executable, "-W", "ignore", "-c", DUMP, *names]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def told(model: Model) -> dict[str, Any]:
    return {
        "table": model.label,
        "columns": sorted(one.name for one in model.fields),
        "relations": sorted([one.name, one.to.name if one.to else "", one.many] for one in model.relations),
    }


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("shuffled", [None, 3])
def test_like_sqlalchemy(name: str, shuffled: int | None, truth: dict[str, Any]) -> None:
    expected = {key: value for key, value in truth.items() if key.startswith(name + ".")}
    found = models(linked_of(texts(name), shuffled=shuffled))
    assert {one.known.name: told(one) for one in found if not one.abstract} == expected
    assert all(one.complete for one in found)
    assert {one.framework for one in found} == {"sqlalchemy"}


def by_name(files: dict[str, str]) -> dict[str, Model]:
    return {one.known.name.rpartition(".")[2]: one for one in models(linked_of(files))}


def relations(model: Model) -> dict[str, tuple[str, bool]]:
    return {one.name: (one.to.name.rpartition(".")[2] if one.to else "", one.many) for one in model.relations}


def test_both_sides_of_a_backref() -> None:
    found = by_name(texts("classic"))
    declared, made = found["Person"].relation("groups"), found["Group"].relation("members")
    assert declared is not None
    assert made is not None
    assert (declared.reverse, declared.accessor, declared.through) == (False, "members", None)
    assert (made.reverse, made.accessor, made.kind) == (True, "groups", "relationship")
    assert made.path == "classic/people.py"
    assert made.line == declared.line
    assert made.owner.name == "classic.people.Person"
    boss = found["Person"].relation("boss")
    assert boss is not None
    assert boss.statement is not None
    assert boss.statement.target == "boss"


def test_mapped_association_table_is_through() -> None:
    found = by_name(texts("bases"))
    for name, relation in (("Line", "items"), ("Item", "lines")):
        between = found[name].relation(relation)
        assert between is not None
        assert between.through is not None
        assert between.through.name == "bases.b.Link"


def test_types_of_columns() -> None:
    account = by_name(texts("modern"))["Account"]
    assert {one.name: one.type for one in account.fields} == {
        "id": "builtins.int",
        "name": "builtins.str",
        "born": "datetime.date",
        "title": "sqlalchemy.String",
    }
    person = by_name(texts("classic"))["Person"]
    assert {one.name: one.type for one in person.fields if one.type} == {
        "id": "sqlalchemy.Integer",
        "name": "sqlalchemy.String",
        "story": "sqlalchemy.String",
        "boss_id": "sqlalchemy.Integer",
        "_hidden": "sqlalchemy.Integer",
    }
    field = person.field("name")
    assert field is not None
    assert field.owner == person.known
    assert field.path == "classic/people.py"


# SQLModel is not a dependency of the tests: expected is what SQLModel 0.0.50 gave for this file.
SQLMODEL = """
    from typing import ClassVar, List, Optional
    from sqlalchemy import Column, ForeignKey, Integer
    from sqlmodel import Field, Relationship, SQLModel

    class HeroTeam(SQLModel, table=True):
        team_id: int = Field(foreign_key="team.id", primary_key=True)
        hero_id: int = Field(foreign_key="hero.id", primary_key=True)

    class TeamBase(SQLModel):
        name: str
        motto: Optional[str] = None
        count: ClassVar[int] = 0

    class Team(TeamBase, table=True):
        id: Optional[int] = Field(default=None, primary_key=True)
        heroes: List["Hero"] = Relationship(back_populates="team")
        guests: list["Hero"] = Relationship(link_model=HeroTeam, sa_relationship_kwargs={"viewonly": True})

    class LinkRead(HeroTeam):
        extra: str

    class Hero(SQLModel, table=True):
        __tablename__ = "hero"
        id: Optional[int] = Field(default=None, primary_key=True)
        age: int = Field(sa_column=Column(Integer))
        team_id: Optional[int] = Field(default=None, foreign_key="team.id")
        team: Optional[Team] = Relationship(back_populates="heroes")
        mentor_id: Optional[int] = Field(default=None, foreign_key="hero.id")
        mentor: Optional["Hero"] = Relationship(
            back_populates="pupils", sa_relationship_kwargs={"remote_side": "Hero.id"}
        )
        pupils: List["Hero"] = Relationship(back_populates="mentor")
        badge: Optional["Badge"] = Relationship(sa_relationship_kwargs={"uselist": False, "backref": "owner"})

    class Badge(SQLModel, table=True):
        id: Optional[int] = Field(default=None, primary_key=True)
        hero_id: int = Field(foreign_key="hero.id")
"""


def test_sqlmodel() -> None:
    found = by_name({"app/models.py": SQLMODEL, "app/__init__.py": ""})
    assert {name: (one.label, sorted(field.name for field in one.fields)) for name, one in found.items()} == {
        "HeroTeam": ("heroteam", ["hero_id", "team_id"]),
        "Team": ("team", ["id", "motto", "name"]),
        "Hero": ("hero", ["age", "id", "mentor_id", "team_id"]),
        "Badge": ("badge", ["hero_id", "id"]),
    }
    assert relations(found["Team"]) == {"heroes": ("Hero", True), "guests": ("Hero", True)}
    assert relations(found["Hero"]) == {
        "team": ("Team", False),
        "mentor": ("Hero", False),
        "pupils": ("Hero", True),
        "badge": ("Badge", False),
    }
    assert relations(found["Badge"]) == {"owner": ("Hero", False)}
    guests = found["Team"].relation("guests")
    assert guests is not None
    assert guests.through is not None
    assert guests.through.name == "app.models.HeroTeam"


def test_flask_sqlalchemy() -> None:
    found = by_name(
        {
            "app/__init__.py": "from flask_sqlalchemy import SQLAlchemy\ndb = SQLAlchemy()",
            "app/models.py": """
                from app import db

                class UserGroup(db.Model):
                    id = db.Column(db.Integer, primary_key=True)
                    users = db.relationship("User", backref="group", lazy="dynamic")

                class User(db.Model):
                    id = db.Column(db.Integer, primary_key=True)
                    group_id = db.Column(db.Integer, db.ForeignKey("user_group.id"))
            """,
        }
    )
    assert found["UserGroup"].label == "user_group"
    assert relations(found["UserGroup"]) == {"users": ("User", True)}
    assert relations(found["User"]) == {"group": ("UserGroup", False)}


def test_what_cannot_be_told() -> None:
    """No foreign key tells the direction; a name that two classes have, or none; a class nobody maps."""
    found = by_name(
        {
            "a/x.py": "from base import Base\nclass Twin(Base):\n    __tablename__ = 'twin'",
            "b/x.py": "from base import Base\nclass Twin(Base):\n    __tablename__ = 'twin2'",
            "base.py": "from sqlalchemy.orm import declarative_base\nBase = declarative_base()",
            "c/x.py": """
                from sqlalchemy import Column, Integer
                from sqlalchemy.orm import Mapped, relationship
                from base import Base
                from unknown import Other

                class Plain:
                    __tablename__ = "plain"
                    id = Column(Integer)

                class Odd(Other):
                    x = Column(Integer)

                class Foreign(Other):
                    __tablename__ = "foreign"
                    x = Column(Integer)

                class Mine(Base):
                    __tablename__ = "mine"
                    twin: Mapped["Twin"] = relationship()
                    lost: Mapped[list["Nobody"]] = relationship()
                    vague = relationship("Foreign")
                    unclear = relationship(lambda: 1)
            """,
        }
    )
    assert sorted(found) == ["Foreign", "Mine", "Twin"]
    assert relations(found["Mine"]) == {"twin": ("", False), "lost": ("", True)}
    assert not found["Mine"].complete
    assert not found["Foreign"].complete
    assert found["Twin"].complete


def test_beside_django_classes_with_computed_bases() -> None:
    """A computed base is two classes, one, or none that is known; those beside it keep their place."""
    found = by_name(
        {
            "shop/models.py": """
                from django.db import models

                class Orders(models.QuerySet): ...

                class Manager(models.Manager.from_queryset(Orders)): ...

                class Order(models.Model):
                    objects = Manager()
            """,
            "reports/models.py": """
                from six import with_metaclass
                from sqlalchemy import Column, Integer
                from sqlalchemy.orm import declarative_base
                from shop.models import Orders, models
                from unknown import mixed, Meta

                Base = declarative_base()

                class Row(with_metaclass(Meta, Base)):
                    __tablename__ = "rows"
                    id = Column(Integer, primary_key=True)

                class Cell(mixed(), Base):
                    __tablename__ = "cells"
                    id = Column(Integer, primary_key=True)

                class Both(models.Manager.from_queryset(Orders), Base):
                    __tablename__ = "both"
                    id = Column(Integer, primary_key=True)
            """,
        }
    )
    assert sorted(found) == ["Both", "Cell", "Row"]
    assert [found[name].complete for name in ("Both", "Cell", "Row")] == [True, False, True]


def test_no_models_without_sqlalchemy() -> None:
    assert models(linked_of({"a.py": "class Base: pass\nclass A(Base):\n    __tablename__ = 'a'"})) == ()
