"""What a function does itself, over small projects: Django, SQLAlchemy, calls that reach outside."""

from __future__ import annotations

import ast
import random
from textwrap import dedent

import pytest

from djfa_lint.flow.work import work_of
from tests.project.linking import project_of

DJANGO = """
    from django.contrib.auth import get_user_model
    from django.db import models

    class Customer(models.Model):
        name = models.CharField(max_length=9)

    class Order(models.Model):
        customer = models.ForeignKey(Customer, models.CASCADE, related_name="orders")
        paid = models.BooleanField()

    class Line(models.Model):
        order = models.ForeignKey(Order, models.CASCADE, related_name="lines")

    User = get_user_model()
"""
SQLALCHEMY = """
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

    class Base(DeclarativeBase):
        pass

    class Order(Base):
        __tablename__ = "orders"
        id: Mapped[int] = mapped_column(primary_key=True)
        paid: Mapped[bool]

    class Line(Base):
        __tablename__ = "lines"
        id: Mapped[int] = mapped_column(primary_key=True)
"""
TASKS = """
    from celery import shared_task

    @shared_task
    def notify(pk): ...

    def plain(pk): ...

    class Mailer:
        def delay(self): ...
"""


def done(body: str, imports: str = "", signature: str = "request", models: str = DJANGO) -> list[str]:
    """The work of a function with this body, each as ``kind what``."""
    text = f"{dedent(imports)}\nasync def view({signature}):\n" + "\n".join(
        f"    {line}" for line in dedent(body).strip().splitlines()
    )
    project = project_of({"shop/models.py": models, "shop/tasks.py": TASKS, "shop/views.py": text})
    function = ast.parse(text).body[-1]
    assert isinstance(function, ast.AsyncFunctionDef)
    return [f"{one.kind} {one.what}".strip() for one in work_of(project, "shop/views.py", [function])]


MODELS = "from shop.models import Customer, Line, Order, User\n"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("return Order.objects.filter(paid=True).order_by('pk').first()", ["query Order"]),
        ("return [one.pk for one in Order.objects.all()]", ["query Order"]),
        ("Order.objects.filter(paid=True).update(paid=False)", ["write Order"]),
        ("Order.objects.create(paid=True)", ["write Order"]),
        ("order = Order(paid=True)\norder.save()", ["write Order"]),
        ("order, new = Order.objects.get_or_create(pk=1)\norder.delete()", ["write Order", "write Order"]),
        ("order = Order.objects.get(pk=1)\norder.lines.all().delete()", ["query Order", "write Line"]),
        ("order = Order.objects.get(pk=1)\norder.customer.save()", ["query Order", "write Customer"]),
        ("for line in Line.objects.all():\n    line.save()", ["query Line", "loop", "write Line"]),
        ("for line in Line.objects.all():\n    print(line)", ["query Line"]),
        ("async for line in Line.objects.all():\n    await line.asave()", ["query Line", "loop", "write Line"]),
        # A queryset that a variable holds was counted where it was made.
        ("orders = Order.objects.all()\nif request:\n    orders = orders.filter(paid=True)", ["query Order"]),
        ("orders = Order.objects.all()\norders.delete()", ["query Order", "write Order"]),
        # A queryset in a query is part of it; one that was fetched first is not.
        ("Order.objects.filter(customer__in=Customer.objects.filter(name='a')).first()", ["query Order"]),
        ("Order.objects.filter(customer=Customer.objects.get(name='a'))", ["query Order", "query Customer"]),
        ("User.objects.get(pk=1)", ["query User"]),
        ("user = User.objects.get(pk=1)\nuser.save()", ["query User", "write User"]),
        # A variable that is bound to something else is a row no longer.
        ("order = Order()\norder = request.thing\norder.save()", []),
        ("request.thing.save()", []),
        ("Order.place(request)", []),
        ("seen = set()\nseen.add(Order())", []),
        ("def objects(): ...\nobjects.filter(1)", []),
        ("def inner():\n    return Order.objects.get()\nreturn inner()", ["query Order"]),
        ("self_check = lambda: Order.objects.count()", ["query Order"]),
    ],
)
def test_django(body: str, expected: list[str]) -> None:
    assert done(body, MODELS) == expected


def test_what_a_form_saves_is_the_forms_work() -> None:
    imports = """
    from django import forms
    from shop.models import Order
    class OrderForm(forms.ModelForm):
        class Meta:
            model = Order
            fields = ["paid"]
    """
    form = "form = OrderForm(request.POST)\n"
    assert done(form + "form.save()", imports) == []
    assert done(form + "order = form.save(commit=False)\norder.paid = True\norder.save()", imports) == []
    assert done(form + "order = form.save()\norder.lines.create()\norder.delete()", imports) == [
        "write Line",
        "write Order",
    ]


def test_a_shadowed_model_is_unknown() -> None:
    assert done("Order.objects.get()", MODELS, "request, Order") == []
    assert done("Order = request.model\nOrder.objects.get()", MODELS) == []


def test_a_parameter_that_is_annotated_with_a_model_is_a_row() -> None:
    assert done("order.save()", MODELS, "request, order: Order") == ["write Order"]
    assert done("order.save()", MODELS, "request, order: Order | None = None") == ["write Order"]
    assert done("order.save()", MODELS, "request, order") == []
    assert done("order = Order()\ndef inner(order):\n    order.save()\ninner(1)", MODELS) == []


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("get_object_or_404(Order, pk=1).delete()", ["write Order"]),
        ("order = get_object_or_404(Order.objects.filter(paid=True), pk=1)", ["query Order"]),
        ("with transaction.atomic():\n    Order.objects.create()", ["transaction", "write Order"]),
        ("with atomic(), open(request):\n    pass", ["transaction", "file"]),
    ],
)
def test_shortcuts_and_transactions(body: str, expected: list[str]) -> None:
    imports = """
    from django.db import transaction
    from django.db.transaction import atomic
    from django.shortcuts import get_object_or_404
    from shop.models import Order
    """
    assert done(body, imports) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("rows = await db.execute(select(Order).where(Order.id == 1))", ["query Order"]),
        ("ids = (await db.scalars(select(Order.id))).all()", ["query Order"]),
        ("order = await db.get(Order, 1)\norder.paid = True\norder.id = 2", ["query Order", "write Order"]),
        (
            "order = (await db.execute(select(Order))).scalar_one()\nawait db.delete(order)",
            ["query Order", "write Order"],
        ),
        ("db.add(Order(paid=True))\nawait db.commit()", ["write Order"]),
        ("db.add_all([Line(), Line()])", ["write Line"]),
        ("await db.execute(delete(Line).where(Line.id == 1))", ["write Line"]),
        ("db.query(Order).filter(Order.paid).first()", ["query Order"]),
        ("db.query(Order.id).all()", ["query Order"]),
        ("db.query(Order).filter(Order.paid).delete()", ["write Order"]),
        ("query = select(Order)\nif db:\n    query = query.where(Order.paid)", ["query Order"]),
        ("select(Order).where(Order.id.in_(select(Line.id)))", ["query Order"]),
        (
            "for order in (await db.scalars(select(Order))).all():\n    order.paid = True",
            ["query Order", "loop", "write Order"],
        ),
        ("await db.execute(text('SELECT 1 FROM orders'))", ["query SQL"]),
        ("await db.execute(text(f'UPDATE orders SET paid = {1}'))", ["write SQL"]),
        ("column = text('now()')", []),
        ("async with db.begin():\n    db.add(Order())", ["transaction", "write Order"]),
        ("db.get('orders', 1)\ndb.add(1)\ndb.commit()", []),
    ],
)
def test_sqlalchemy(body: str, expected: list[str]) -> None:
    imports = """
    from shop.models import Line, Order
    from sqlalchemy import delete, select, text
    from sqlalchemy.ext.asyncio import AsyncSession
    """
    assert done(body, imports, "db: AsyncSession", SQLALCHEMY) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("notify.delay(1)", ["task"]),
        ("notify.apply_async(args=[1], countdown=5)", ["task"]),
        ("transaction.on_commit(partial(notify.delay, 1))", ["task"]),
        ("plain.delay(1)", []),
        ("Mailer().delay()", []),
        ("send_mail('a', 'b', None, [])", ["mail"]),
        ("EmailMessage('a').send()", ["mail"]),
        ("message = EmailMessage('a')\nmessage.send()", ["mail"]),
        ("background.add_task(plain, 1)", ["task"]),
        ("requests.get('https://example.com').json()", ["http"]),
        ("async with httpx.AsyncClient() as client:\n    await client.post('/')", ["http"]),
        ("stripe.Charge.create(amount=1)", ["http"]),
        ("s3 = boto3.client('s3')\ns3.put_object(Key='a')", ["http"]),
        ("subprocess.run(['ls'])", ["subprocess"]),
        ("request.get('/')\nrequest.send()", []),
    ],
)
def test_outside(body: str, expected: list[str]) -> None:
    imports = """
    import subprocess
    from functools import partial
    import boto3
    import httpx
    import requests
    import stripe
    from django.core.mail import EmailMessage, send_mail
    from django.db import transaction
    from fastapi import BackgroundTasks
    from shop.tasks import Mailer, notify, plain
    """
    assert done(body, imports, "request, background: BackgroundTasks") == expected


def test_the_order_of_files_does_not_matter() -> None:
    text = dedent("""
        from shop.models import Order
        def view(request):
            order = Order.objects.get()
            order.lines.create()
    """)
    found = set()
    for seed in random.sample(range(100), 3):
        project = project_of({"shop/models.py": DJANGO, "shop/views.py": text}, shuffled=seed)
        function = ast.parse(text).body[-1]
        assert isinstance(function, ast.FunctionDef)
        found.add(tuple((one.kind, one.what) for one in work_of(project, "shop/views.py", [function])))
    assert found == {(("query", "Order"), ("write", "Line"))}
