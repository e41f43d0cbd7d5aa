"""What the edits at the expression that makes rows leave there: held against the text, its `ast` and Django's rules."""

from __future__ import annotations

import ast
from pathlib import Path
from textwrap import dedent
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from djfa_lint.engine.fix import _compatible, apply_edits
from djfa_lint.facts.python import python_facts
from djfa_lint.flow.bodies import Bodies
from djfa_lint.flow.events import Producer
from djfa_lint.project.project import Project
from djfa_lint.sdk.context import Context
from djfa_lint.sdk.finding import Edit, Fix
from djfa_lint.sdk.loading import call_text, load_edits, only_edits
from djfa_lint.source.store import Store

MODELS = """
from django.db import models

class Customer(models.Model):
    name = models.CharField(max_length=20)

class Order(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)
    notes = models.TextField()

class Hidden(models.Model):
    visible = models.Manager()
    objects = models.Manager()
"""
REPOSITORY = """
from shop.models import Order

def all():
    return Order.objects.all()

def orders():
    return Order.objects.all()

class Orders:
    def all(self):
        return Order.objects.all()
"""
IMPORTS = """\
import django.shortcuts
from django.shortcuts import aget_object_or_404, get_list_or_404, get_object_or_404
from shop import repository
from shop.models import Hidden, Order
from shop.repository import Orders

"""
OTHER = "import shop.services\n\nprint(shop.services)\n"


class Shop(NamedTuple):
    """A project in whose `services.py` an expression stands between marks; the file at hand is another."""

    store: Store
    ctx: Context
    text: str
    producer: Producer

    def after(self, edits: tuple[Edit, ...] | None) -> str | None:
        """The text after the edits, without what stands before it; None for none."""
        if edits is None:
            return None
        assert {one.path for one in edits} == {"services.py"}
        assert all(one.span[:2] != one.span[2:] for one in edits), "two insertions at one place would both be made"
        text = apply_edits(self.store.source("services.py"), edits)
        ast.parse(text)
        return text


def shop(root, marked: str, head: str = IMPORTS, editable: bool = True, newline: str = "\n", at: str = "") -> Shop:
    """A project with `marked` in it, an expression between ``<<`` and ``>>`` in its statement."""
    text = (head + marked).replace("\n", newline)
    before, _, rest = text.partition("<<")
    expression, _, behind = rest.partition(">>")
    text = before + expression + behind
    texts = {
        "services.py": text,
        "other.py": OTHER,
        "shop/__init__.py": "",
        "shop/models.py": MODELS,
        "shop/repository.py": REPOSITORY,
    }
    files = {path: python_facts(path, "", one, ast.parse(one)) for path, one in texts.items()}
    store = Store(root, {path: one.encode() for path, one in texts.items()})
    lines = store.source("services.py").lines
    span = lines.between(len(before), len(before) + len(expression))
    ctx = Context(Project(files), at or "other.py", Bodies(store), {})
    return Shop(store, ctx, text, Producer("services.py", span, " ".join(expression.split()), "Order", editable))


def loaded(root, marked: str, remedy: str, relation: str, **how) -> str | None:
    """The statement after a relation is loaded; None where it is left as it is."""
    one = shop(root, marked, **how)
    text = one.after(load_edits(one.ctx, one.producer, remedy, tuple(relation.split("__"))))
    return text.removeprefix(IMPORTS) if text is not None else None


def simple(root, expression: str, remedy: str = "select", relation: str = "customer", **how) -> str | None:
    """The same for an expression alone."""
    text = loaded(root, f"x = <<{expression}>>\n", remedy, relation, **how)
    return text.removeprefix("x = ").removesuffix("\n") if text is not None else None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # Where a new call goes.
        ("Order.objects", 'Order.objects.select_related("customer")'),
        ("Order.objects.all()", 'Order.objects.select_related("customer")'),
        ("Order.objects.filter(a=1)", 'Order.objects.filter(a=1).select_related("customer")'),
        ("Order.objects.filter(a=1).all()", 'Order.objects.filter(a=1).select_related("customer")'),
        ("Order.objects.filter(a='b')", "Order.objects.filter(a='b').select_related('customer')"),
        ('Order.objects.filter(a="""b""")', 'Order.objects.filter(a="""b""").select_related("customer")'),
        ("Order.objects.all()[:5]", 'Order.objects.select_related("customer")[:5]'),
        ("Order.objects.all()[0]", 'Order.objects.select_related("customer")[0]'),
        ("Order.objects.filter(a=1)[n:]", 'Order.objects.filter(a=1).select_related("customer")[n:]'),
        ("Order.objects.first()", 'Order.objects.select_related("customer").first()'),
        ("Order.objects.all().first()", 'Order.objects.select_related("customer").first()'),
        ("Order.objects.get(pk=1)", 'Order.objects.select_related("customer").get(pk=1)'),
        ("Order.objects.iterator()", 'Order.objects.select_related("customer").iterator()'),
        ("Order.objects.aiterator()", 'Order.objects.select_related("customer").aiterator()'),
        ("await Order.objects.aget(pk=1)", 'await Order.objects.select_related("customer").aget(pk=1)'),
        ("Order.objects.values('a')", "Order.objects.select_related('customer').values('a')"),
        ("Order.objects.in_bulk().values()", 'Order.objects.select_related("customer").in_bulk().values()'),
        ("Order.objects.in_bulk().items()", 'Order.objects.select_related("customer").in_bulk().items()'),
        ("Order.objects.in_bulk()[pk]", 'Order.objects.select_related("customer").in_bulk()[pk]'),
        ("orders", 'orders.select_related("customer")'),
        ("orders.all()", 'orders.select_related("customer")'),
        ("orders[:3]", 'orders.select_related("customer")[:3]'),
        ("self.queryset", 'self.queryset.select_related("customer")'),
        ("self.get_queryset()", 'self.get_queryset().select_related("customer")'),
        ("super().get_queryset()", 'super().get_queryset().select_related("customer")'),
        ("get_orders()", 'get_orders().select_related("customer")'),
        ("customer.orders.all()", 'customer.orders.select_related("customer")'),
        ("Order.objects.get(pk=1).lines.all()", 'Order.objects.get(pk=1).lines.select_related("customer")'),
        ("(a if b else c).filter(d=1)", '(a if b else c).filter(d=1).select_related("customer")'),
        ("(a | b).all()", '(a | b).select_related("customer")'),
        # A project's own `all`, or one of which that is not known, is not Django's.
        ("repository.all()", 'repository.all().select_related("customer")'),
        ("self.all()", 'self.all().select_related("customer")'),
        ("super().all()", 'super().all().select_related("customer")'),
        ("Orders().all()", 'Orders().all().select_related("customer")'),
        ("repository.orders()", 'repository.orders().select_related("customer")'),
        # Shortcuts.
        ("get_object_or_404(Order, pk=1)", 'get_object_or_404(Order.objects.select_related("customer"), pk=1)'),
        ("get_list_or_404(Order)", 'get_list_or_404(Order.objects.select_related("customer"))'),
        ("get_object_or_404(Order.objects.all())", 'get_object_or_404(Order.objects.select_related("customer"))'),
        ("get_object_or_404(orders, pk=1)", 'get_object_or_404(orders.select_related("customer"), pk=1)'),
        ("get_object_or_404(Hidden.visible)", 'get_object_or_404(Hidden.visible.select_related("customer"))'),
        (
            "await aget_object_or_404(Order, pk=1)",
            'await aget_object_or_404(Order.objects.select_related("customer"), pk=1)',
        ),
        (
            "django.shortcuts.get_object_or_404(Order)",
            'django.shortcuts.get_object_or_404(Order.objects.select_related("customer"))',
        ),
        # Into a call that is there.
        ('Order.objects.select_related("shop")', 'Order.objects.select_related("shop", "customer")'),
        ("Order.objects.select_related('shop')", "Order.objects.select_related('shop', 'customer')"),
        ('Order.objects.select_related("shop",)', 'Order.objects.select_related("shop", "customer",)'),
        ('orders.select_related("shop").filter(a="b")', 'orders.select_related("shop", "customer").filter(a="b")'),
        ('orders.select_related("shop").first()', 'orders.select_related("shop", "customer").first()'),
        (
            'orders.select_related("a").select_related("b")',
            'orders.select_related("a").select_related("b", "customer")',
        ),
        ('orders.select_related("a", *b)', 'orders.select_related("a", *b, "customer")'),
        (
            'orders.select_related(None).select_related("a")',
            'orders.select_related(None).select_related("a", "customer")',
        ),
        ("orders.select_related(a)", 'orders.select_related(a).select_related("customer")'),
        (
            'orders.select_related("a").select_related(b)',
            'orders.select_related("a").select_related(b).select_related("customer")',
        ),
        ('orders.select_related("customers")', 'orders.select_related("customers", "customer")'),
        # Not into one of another queryset.
        (
            'Order.objects.select_related("a").get(pk=1).lines.all()',
            'Order.objects.select_related("a").get(pk=1).lines.select_related("customer")',
        ),
        ('orders.filter(a=b.select_related("c"))', 'orders.filter(a=b.select_related("c")).select_related("customer")'),
        ('orders.prefetch_related("a")', 'orders.prefetch_related("a").select_related("customer")'),
        # Django refuses a join over a column that is not read.
        ('Order.objects.only("notes")', 'Order.objects.only("notes", "customer").select_related("customer")'),
        ('orders.only("customer_id")', 'orders.only("customer_id").select_related("customer")'),
        ('orders.only("a").defer(None)', 'orders.only("a").defer(None).select_related("customer")'),
        ('orders.defer("notes")', 'orders.defer("notes").select_related("customer")'),
        ('orders.select_for_update(of=("self",))', 'orders.select_for_update(of=("self",)).select_related("customer")'),
    ],
)
def test_a_join_is_added(tmp_path, before: str, after: str) -> None:
    assert simple(tmp_path, before) == after


@pytest.mark.parametrize(
    ("before", "relation", "after"),
    [
        ("Order.objects.all()", "items__product", 'Order.objects.prefetch_related("items__product")'),
        ('orders.prefetch_related("items")', "items__product", 'orders.prefetch_related("items__product")'),
        ("orders.prefetch_related(r'items', 'a')", "items__b", "orders.prefetch_related(r'items__b', 'a')"),
        (
            'orders.prefetch_related("items", "items__product")',
            "items__product__brand",
            'orders.prefetch_related("items", "items__product__brand")',
        ),
        (
            'orders.prefetch_related("items").prefetch_related("tags")',
            "items__product",
            'orders.prefetch_related("items__product").prefetch_related("tags")',
        ),
        (
            'orders.prefetch_related(Prefetch("items"))',
            "items__product",
            'orders.prefetch_related(Prefetch("items"), "items__product")',
        ),
        (
            "orders.prefetch_related(models.Prefetch(lookup='items', queryset=a))",
            "items__product",
            "orders.prefetch_related(models.Prefetch(lookup='items', queryset=a), 'items__product')",
        ),
        (
            # What goes through a Prefetch has to come after it.
            'orders.prefetch_related("items", Prefetch("items__product", queryset=a))',
            "items__product__brand",
            'orders.prefetch_related("items", Prefetch("items__product", queryset=a), "items__product__brand")',
        ),
        ("orders.prefetch_related(*a)", "items", 'orders.prefetch_related(*a).prefetch_related("items")'),
        ("orders.iterator(chunk_size=100)", "items", 'orders.prefetch_related("items").iterator(chunk_size=100)'),
        ("orders.aiterator()", "items", 'orders.prefetch_related("items").aiterator()'),
        ("Order.objects.raw('a')", "items", "Order.objects.raw('a').prefetch_related('items')"),
        ("orders.select_for_update()", "items", 'orders.select_for_update().prefetch_related("items")'),
    ],
)
def test_a_prefetch_is_added(tmp_path, before: str, relation: str, after: str) -> None:
    assert simple(tmp_path, before, "prefetch", relation) == after


@pytest.mark.parametrize(
    ("before", "relation", "after"),
    [
        ("customer", "customer__country", "customer__country"),
        ("customer__country", "customer__country__planet", "customer__country__planet"),
    ],
)
def test_a_longer_path_takes_the_place_of_a_shorter(tmp_path, before: str, relation: str, after: str) -> None:
    assert (
        simple(tmp_path, f'a.select_related("b", "{before}")', relation=relation) == f'a.select_related("b", "{after}")'
    )


@pytest.mark.parametrize(
    "expression",
    [
        "Order.objects.select_related()",
        "Order.objects.select_related(None)",
        'Order.objects.select_related("shop").select_related(None)',
        'Order.objects.select_related("shop").select_related()',
        "Order.objects.select_related(*names)",
        'Order.objects.select_related("customer")',
        'Order.objects.select_related("customer__country")',
        "Order.objects.select_for_update()",
        "Order.objects.select_for_update().filter(a=1)",
        "a.union(b)",
        "a.union(b).order_by('c')",
        "Order.objects.raw('a')",
        "Order.objects.values('a').order_by('b')",
        "Order.objects.create(a=1)",
        "Order.objects.only('notes', 'customer__name')",
        "Order.objects.only(*columns)",
        "Order.objects.defer('customer')",
        "Order.objects.defer('customer_id')",
        "a if b else Order.objects.all()",
        "a or Order.objects.all()",
        "a | b",
        "lambda: Order.objects.all()",
        "[a for a in Order.objects.all()]",
        "[Order.objects.all()]",
        "(Order.objects.all(), a)",
        "list(Order.objects.all())",
        "sorted(orders)",
        "orders[0]",
        'querysets["open"]',
        "repository.first()",
        "self.first()",
        "repository",
        "repository.all",
        "Order",
        "Hidden",
        "Unknown",
        "get_object_or_404(Hidden, pk=1)",
        "get_object_or_404(Unknown, pk=1)",
        "get_object_or_404(klass=Order)",
        "get_object_or_404(*a)",
        "not a",
        '"a"',
    ],
)
def test_what_is_not_sure_is_left(tmp_path, expression: str) -> None:
    assert simple(tmp_path, expression) is None


@pytest.mark.parametrize(
    "text",
    ["x = a<<>>", "x = (<<a for a in b>>)", "x = <<f(>>a)", "<<x = a>>", "<<a\nb>>", "<<if a>>: b", "x = <<a, b>>"],
)
def test_what_is_no_expression_is_left(tmp_path, text: str) -> None:
    assert loaded(tmp_path, f"{text}\n", "select", "customer") is None


def test_what_is_too_deep_for_libcst_is_left(tmp_path) -> None:
    assert simple(tmp_path, "orders" + ".filter(a=1)" * 150) is None
    assert simple(tmp_path, "orders" + ".filter(a=1)" * 50) is not None


@pytest.mark.parametrize(
    "expression", ["orders.iterator()", "orders.prefetch_related()", "orders.prefetch_related(None)"]
)
def test_a_prefetch_that_would_fail_is_not_added(tmp_path, expression: str) -> None:
    assert simple(tmp_path, expression, "prefetch", "items") is None


def test_what_the_producer_says_is_no_queryset_is_left(tmp_path) -> None:
    assert simple(tmp_path, "Order.objects.all()", editable=False) is None
    assert simple(tmp_path, "get_object_or_404(orders)", editable=False) is None
    # The model class is looked up.
    assert simple(tmp_path, "get_object_or_404(Order)", editable=False) is not None


def test_a_remedy_that_is_none_is_left(tmp_path) -> None:
    one = shop(tmp_path, "x = <<Order.objects.all()>>\n")
    assert load_edits(one.ctx, one.producer, "", ("customer",)) is None
    assert load_edits(one.ctx, one.producer, "select", ()) is None
    assert load_edits(one.ctx, one.producer._replace(path="missing.py"), "select", ("customer",)) is None


LAYOUTS = [
    # One call a line.
    (
        """
        x = (
            <<Order.objects
            .filter(a=1)
            .order_by("b")>>
        )
        """,
        """
        x = (
            Order.objects
            .filter(a=1)
            .order_by("b")
            .select_related("customer")
        )
        """,
    ),
    (
        """
        x = (
            <<Order.objects.filter(a=1)
            .all()>>
        )
        """,
        """
        x = (
            Order.objects.filter(a=1)
            .select_related("customer")
        )
        """,
    ),
    # A comment stays with its line.
    (
        """
        x = (
            <<Order.objects  # all of them
            .filter(a=1)>>  # but not these
        )
        """,
        """
        x = (
            Order.objects  # all of them
            .filter(a=1)  # but not these
            .select_related("customer")
        )
        """,
    ),
    (
        """
        x = (
            <<Order.objects.filter(a=1)  # one
            .first()>>
        )
        """,
        """
        x = (
            Order.objects.filter(a=1)  # one
            .select_related("customer")
            .first()
        )
        """,
    ),
    (
        """
        x = (
            <<Order.objects
            .filter(a=1)[:5]>>
        )
        """,
        """
        x = (
            Order.objects
            .filter(a=1)
            .select_related("customer")[:5]
        )
        """,
    ),
    # Arguments over lines are no such style.
    (
        """
        x = <<Order.objects.filter(
            a=1,
        )>>  # why
        """,
        """
        x = Order.objects.filter(
            a=1,
        ).select_related("customer")  # why
        """,
    ),
    (
        """
        x = <<Order.objects.filter(
            a=1,
        ).order_by("b")>>
        """,
        """
        x = Order.objects.filter(
            a=1,
        ).order_by("b").select_related("customer")
        """,
    ),
    (
        """
        x = (
            <<Order.objects.
            filter(a=1)>>
        )
        """,
        """
        x = (
            Order.objects.
            filter(a=1).select_related("customer")
        )
        """,
    ),
    # Backslashes.
    (
        """
        x = <<Order.objects \\
            .filter(a=1) \\
            .order_by("b")>>  # why
        """,
        """
        x = Order.objects \\
            .filter(a=1) \\
            .order_by("b") \\
            .select_related("customer")  # why
        """,
    ),
    (
        """
        x = <<Order.objects \\
            .first()>>
        """,
        """
        x = Order.objects \\
            .select_related("customer") \\
            .first()
        """,
    ),
    # One argument a line.
    (
        """
        x = <<Order.objects.select_related(
            "shop",
            "region",
        )>>
        """,
        """
        x = Order.objects.select_related(
            "shop",
            "region",
            "customer",
        )
        """,
    ),
    (
        """
        x = <<Order.objects.select_related(
            'shop'
        ).filter(a="b")>>
        """,
        """
        x = Order.objects.select_related(
            'shop',
            'customer'
        ).filter(a="b")
        """,
    ),
    (
        """
        x = <<Order.objects.select_related(
            "shop",  # for its name
        )>>
        """,
        """
        x = Order.objects.select_related(
            "shop",  # for its name
            "customer",
        )
        """,
    ),
    (
        """
        x = <<Order.objects.select_related(
            "shop"  # for its name
        )>>
        """,
        """
        x = Order.objects.select_related(
            "shop",  # for its name
            "customer"
        )
        """,
    ),
    (
        """
        x = <<Order.objects.select_related(
            "shop", "region"
        )>>
        """,
        """
        x = Order.objects.select_related(
            "shop", "region", "customer"
        )
        """,
    ),
    (
        """
        x = <<Order.objects.select_related("shop",
                                         "region")>>
        """,
        """
        x = Order.objects.select_related("shop",
                                         "region",
                                         "customer")
        """,
    ),
    # The names are other characters' width away.
    (
        """
        x = "ärger", f(<<Order.objects.filter(straße="ß")>>, "ü")
        """,
        """
        x = "ärger", f(Order.objects.filter(straße="ß").select_related("customer"), "ü")
        """,
    ),
    (
        """
        if (orders := <<Order.objects.all()>>):
            pass
        """,
        """
        if (orders := Order.objects.select_related("customer")):
            pass
        """,
    ),
    (
        """
        if (<<orders := Order.objects.all()>>):
            pass
        """,
        """
        if (orders := Order.objects.select_related("customer")):
            pass
        """,
    ),
]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize(("before", "after"), LAYOUTS)
def test_the_layout_around_is_kept(tmp_path, before: str, after: str, newline: str) -> None:
    before, after = (dedent(one).lstrip("\n") for one in (before, after))
    text = loaded(tmp_path, before, "select", "customer", head="", newline=newline)
    assert text == after.replace("\n", newline)


def test_the_file_at_hand_is_edited_as_any_other(tmp_path) -> None:
    assert simple(tmp_path, "Order.objects.all()", at="services.py") == 'Order.objects.select_related("customer")'


def test_the_file_at_hand_stays_at_hand(tmp_path) -> None:
    one = shop(tmp_path, "x = <<Order.objects.all()>>\n")
    load_edits(one.ctx, one.producer, "select", ("customer",))
    assert one.ctx.lines.text == OTHER


def test_a_file_that_has_changed_is_left(tmp_path) -> None:
    one = shop(tmp_path, "x = <<Order.objects.all()>>\n")
    bodies = Bodies(one.store, lambda path: one.store.source(path).digest if path == "other.py" else "another")
    ctx = Context(one.ctx.project, "other.py", bodies, {})
    assert load_edits(ctx, one.producer, "select", ("customer",)) is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('Order.objects.only("number")', 'Order.objects.only("number", "notes")'),
        ("Order.objects.only('number').filter(a=1)", "Order.objects.only('number', 'notes').filter(a=1)"),
        ('orders.only("a").only("b")', 'orders.only("a").only("b", "notes")'),
        ("orders.only(*a)", 'orders.only(*a, "notes")'),
        ('orders.only("a").first()', 'orders.only("a", "notes").first()'),
        ('get_object_or_404(orders.only("a"))', 'get_object_or_404(orders.only("a", "notes"))'),
        ('Order.objects.defer("notes", "a")', 'Order.objects.defer("a")'),
        ('Order.objects.defer("a", "notes")', 'Order.objects.defer("a")'),
        ('Order.objects.defer("a", "notes",)', 'Order.objects.defer("a",)'),
        ('Order.objects.defer("a", "notes", *b)', 'Order.objects.defer("a", *b)'),
        # A manager has no rows itself.
        ('Order.objects.defer("notes")', "Order.objects.all()"),
        ('Order.objects.defer("notes")[:3]', "Order.objects.all()[:3]"),
        ('Order.objects.defer("notes").first()', "Order.objects.first()"),
        ('Order.objects.defer("notes").filter(a=1)', "Order.objects.filter(a=1)"),
        ('Order.objects.filter(a=1).defer("notes")', "Order.objects.filter(a=1)"),
        ("orders.filter(a=1)\\\n    .defer('notes')", "orders.filter(a=1)"),
        ('orders.only("a", "notes").defer("notes")', 'orders.only("a", "notes")'),
        ('orders.only("a").defer("notes")', 'orders.only("a", "notes")'),
        ('orders.defer("notes").defer(None).only("a")', 'orders.defer("notes").defer(None).only("a", "notes")'),
        # Nothing to do, or nothing that is sure.
        ('orders.only("notes")', None),
        ("orders.only()", None),
        ("orders.only(**a)", None),
        ("orders.defer(None)", None),
        ("orders.defer(*a)", None),
        ('orders.defer("a")', None),
        ('orders.defer("notes").defer("notes")', None),
        ('orders.defer("notes", "notes")', None),
        ('orders.defer("a",  # b\n "notes")', None),
        ("orders.filter(a=1)", None),
        ('self.defer("notes")', None),
        ("a if b else c", None),
    ],
)
def test_a_column_is_read_with_the_rows(tmp_path, before: str, after: str | None) -> None:
    one = shop(tmp_path, f"x = <<{before}>>\n" if "#" not in before else f"x = (<<{before}>>)\n")
    text = one.after(only_edits(one.ctx, one.producer, "notes"))
    assert text == (f"{IMPORTS}x = {after}\n" if after is not None else None)


def test_a_foreign_key_has_two_names(tmp_path) -> None:
    for before, after in (('a.b().defer("customer")', "a.b()"), ('a.only("customer")', None)):
        one = shop(tmp_path, f"x = <<{before}>>\n")
        text = one.after(only_edits(one.ctx, one.producer, "customer_id"))
        assert text == (f"{IMPORTS}x = {after}\n" if after else None)


def test_nothing_is_read_with_what_is_no_queryset(tmp_path) -> None:
    one = shop(tmp_path, 'x = <<orders.only("a")>>\n', editable=False)
    assert only_edits(one.ctx, one.producer, "notes") is None


MISSING = [
    ("select", ("customer", "country")),
    ("prefetch", ("items", "product")),
    ("select", ("shop",)),
    ("prefetch", ("items",)),
]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Order.objects.all()", "Order.objects"),
        ("orders.filter(a=1)", "orders.filter(a=1)"),
        ("Order.objects", "Order.objects"),
    ],
)
def test_what_several_findings_want_ends_in_one_call_each(tmp_path, before: str, after: str) -> None:
    """Rounds as the fix engine makes them: in each what does not touch the same text."""
    expression, rounds = before, 0
    while True:
        one = shop(tmp_path, f"x = <<{expression}>>\n")
        wanted = [load_edits(one.ctx, one.producer, *missing) for missing in MISSING]
        fixes = _compatible(Fix.unsafe("load it", *edits) for edits in wanted if edits is not None)
        if not fixes or rounds > len(MISSING):
            break
        text = one.after(tuple(edit for fix in fixes for edit in fix.edits))
        assert text is not None
        expression, rounds = text.removeprefix(f"{IMPORTS}x = ").removesuffix("\n"), rounds + 1
    calls = '.select_related("customer__country", "shop").prefetch_related("items__product")'
    assert expression == after + calls


def test_a_call_for_messages() -> None:
    assert call_text("select", ("customer", "country")) == '.select_related("customer__country")'
    assert call_text("prefetch", ("items",)) == '.prefetch_related("items")'


# --- whatever the expression is

NAMES = st.sampled_from(["shop", "customers", "region__city", "a"])
QUOTES = st.sampled_from(["'", '"'])


@st.composite
def texts(draw) -> str:
    quote = draw(QUOTES)
    return f"{quote}{draw(NAMES)}{quote}"


@st.composite
def links(draw) -> str:
    argument = st.one_of(
        texts(), st.just("Q(a=1) | ~Q(b=[1, 2])"), st.just("f(x)[0]"), st.just("a=b.filter(c=1).all()"), st.just("*d")
    )
    name = draw(
        st.sampled_from(["filter", "order_by", "annotate", "all", "distinct", "select_related", "prefetch_related"])
    )
    if name in {"all", "distinct"}:
        arguments = []
    elif name.endswith("_related"):
        arguments = draw(st.lists(texts(), min_size=1, max_size=3))
    else:
        arguments = sorted(draw(st.lists(argument, max_size=3)), key=lambda one: "=b" in one)[:2]
        arguments = [one for index, one in enumerate(arguments) if "=b" not in one or index == len(arguments) - 1]
    layout = draw(st.sampled_from(["({})", "({},)", "(\n    {}\n)", "(\n    {},  # why\n)", "( {} )"]))
    separator = draw(st.sampled_from([", ", ",\n    ", " , ", ",  # and\n    "]))
    inside = layout.format(separator.join(arguments)) if arguments else "()"
    return f".{name}{inside}"


@st.composite
def expressions(draw) -> str:
    base = draw(st.sampled_from(["Order.objects", "orders", "self.queryset", "get()", "a[1].lines", "(a or b).c"]))
    space = st.sampled_from(["", "", "\n    ", "  # why\n    ", "\n\n"])
    chain = [f"{draw(space)}{one}" for one in draw(st.lists(links(), max_size=4))]
    end = draw(
        st.sampled_from(
            ["", "", "[:5]", ".first()", ".iterator(chunk_size=10)", "\n  .get(pk=1)", "  # one\n  .last()"]
        )
    )
    return base + "".join(chain) + end


class _Without(ast.NodeTransformer):
    """Takes what was added out of a chain, and calls of `all` and loaders that are then empty."""

    def __init__(self, path: str) -> None:
        self.path = path

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if not isinstance(node.func, ast.Attribute):
            return node
        if node.func.attr in {"select_related", "prefetch_related"}:
            kept = [one for one in node.args if not (isinstance(one, ast.Constant) and one.value == self.path)]
            if not kept and len(kept) < len(node.args):
                return node.func.value
            node.args = kept
        return node.func.value if node.func.attr == "all" and not node.args else node


@given(expressions(), st.sampled_from(["select", "prefetch"]), st.sampled_from(["\n", "\r\n"]))
def test_nothing_but_the_path_is_added(expression: str, remedy: str, newline: str) -> None:
    one = shop(Path("nowhere"), f"x = (<<{expression}>>  # end\n)\n", head="", newline=newline)
    edits = load_edits(one.ctx, one.producer, remedy, ("customer",))
    text = one.after(edits)
    assert text is not None, "nothing here is unsure"
    before, after = (ast.dump(_Without("customer").visit(ast.parse(each))) for each in (one.text, text))
    assert before == after
    assert (
        text.count("customer") - text.count("customers")
        == expression.count("customer") - expression.count("customers") + 1
    )
    comments = [each.count("#") for each in (one.text, text)]
    assert comments[0] == comments[1]
    assert text.replace("\r\n", "").count("\n") == (0 if newline == "\r\n" else text.count("\n"))
