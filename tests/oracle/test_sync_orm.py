"""The fixtures of ``sync-orm-in-async`` are true: Django raises, a synchronous session asks on the loop's thread."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from djfa_lint.testing import Fixture, find_fixtures
from tests.oracle import sessions, unsafe
from tests.oracle.parts import read

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = [one for one in find_fixtures(ROOT / "fixtures") if one.rule == "sync_orm_in_async"]


@pytest.mark.parametrize("fixture", FIXTURES, ids=str)
def test_what_is_bad_runs_on_the_loop_and_what_is_good_does_not(fixture: Fixture) -> None:
    _hold(fixture, None)


@pytest.mark.parametrize("fixture", [one for one in FIXTURES if one.fixed.exists()], ids=str)
def test_what_is_fixed_does_not_run_on_the_loop(fixture: Fixture) -> None:
    _hold(fixture, fixture.fixed)


def _hold(fixture: Fixture, fixed: Path | None) -> None:
    oracle = sessions if sessions.are_used_in(fixture.path) else unsafe
    found = oracle.problems(fixture.path, fixed)
    assert not found, "\n".join(found)
    if why_not := read(fixed or fixture.path).why_not:
        pytest.skip(why_not)


SHOP = """
    from asgiref.sync import sync_to_async
    from django.db import models


    class Order(models.Model):
        number = models.CharField(max_length=20)


"""
STORE = """
    from sqlalchemy import StaticPool, create_engine, select
    from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})


    class Base(DeclarativeBase):
        pass


    class Item(Base):
        __tablename__ = "items"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]


"""


def test_the_harness_for_django_notices_what_is_wrong(tmp_path: Path) -> None:
    text = """
        async def good_list():
            return list(Order.objects.all())

        async def bad_built():
            return Order.objects.all()  # want DFA303

        async def bad_elsewhere():
            number = Order.objects.count()
            return Order.objects.first(), number  # want DFA303

        async def bad_name():
            return Order.nothing  # want DFA303

        async def bad_argument(orders):
            return list(orders)  # want DFA303

        async def bad_count():
            return Order.objects.count()  # want DFA303

        def good_plain():
            return Order.objects.count() == 3 or 1 / 0

        async def good_thread():
            return await sync_to_async(Order.objects.count, thread_sensitive=False)() == 3 or 1 / 0
    """
    good, built, elsewhere, name, argument = unsafe.problems(_file(tmp_path, SHOP, text))
    assert "`good_list` is good and raises at line 12: You cannot call this from an async context" in good
    assert built.endswith("`bad_built` is bad and does not raise")
    assert elsewhere.endswith("`bad_elsewhere` raises at line 18, which wants nothing")
    assert "`bad_name` raises AttributeError at line 22" in name
    assert argument.endswith("`bad_argument` cannot be called: nothing can be given for its argument `orders`")


def test_the_harness_for_sessions_notices_what_is_wrong(tmp_path: Path) -> None:
    text = """
        async def good_get(db: Session):
            return db.get(Item, 1)

        async def bad_built(db: Session):
            return db.query(Item)  # want DFA303

        async def bad_second(db: Session):
            kept = db.get(Item, 1)  # want DFA303
            return kept, db.get(Item, 1)  # want DFA303

        async def bad_name(db: Session):
            return db.nothing  # want DFA303

        async def bad_get(db: Session):
            return db.get(Item, 1)  # want DFA303

        def good_plain(db: Session):
            return db.get(Item, 1).name or 1 / 0
    """
    good, built, second, name = sessions.problems(_file(tmp_path, STORE, text))
    assert good.endswith("`good_get` asks the database on the loop's thread at [20], where nothing is wanted")
    assert built.endswith("`bad_built` does not ask the database on the loop's thread at [23]")
    assert second.endswith("`bad_second` does not ask the database on the loop's thread at [27]")
    assert "`bad_name` raises AttributeError at line 30" in name


def test_what_is_fixed_is_held_to_it(tmp_path: Path) -> None:
    bad = """
        async def bad_count():
            return Order.objects.count()  # want DFA303

        async def bad_without_a_fix():
            return Order.objects.count()  # want DFA303
    """
    base = _file(tmp_path, SHOP, bad)
    useless = _file(tmp_path, SHOP, bad.replace(".count()", ".first()", 1), "orders.fixed.py")
    (found,) = unsafe.problems(base, useless)
    assert "`bad_count` is good and raises" in found
    right = _file(
        tmp_path, SHOP, bad.replace("Order.objects.count()", "await Order.objects.acount()", 1), "orders.fixed.py"
    )
    assert unsafe.problems(base, right) == []


def test_what_is_not_run_says_why(tmp_path: Path) -> None:
    (found,) = unsafe.problems(_file(tmp_path, SHOP, "\n        async def good_one(): ...  # not run:\n"))
    assert found.endswith(": `# not run:` needs a reason")
    (found,) = unsafe.problems(_file(tmp_path, SHOP, ""))
    assert found.startswith("orders.py: nothing in it is bad or good")
    whole = tmp_path / "no.py"
    whole.write_text("# not run: no such library\nimport nothing\nasync def good_one(): ...\n")
    assert unsafe.problems(whole) == []
    assert read(whole).why_not == "no such library"


def _file(folder: Path, models: str, text: str, name: str = "orders.py") -> Path:
    file = folder / name
    file.write_text(dedent(models) + dedent(text))
    return file
