"""The harness that proves fixtures can fail, and says what is wrong; a fixture leaves nothing behind."""

from __future__ import annotations

import sys
from pathlib import Path
from textwrap import dedent

from django.apps import apps
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models.signals import post_save

from tests.oracle.django_app import loaded
from tests.oracle.proof import problems, read
from tests.oracle.rows import fill

SHOP = """
    from django.db import models


    class Customer(models.Model):
        name = models.CharField(max_length=50)


    class Order(models.Model):
        customer = models.ForeignKey(Customer, models.CASCADE, related_name="orders")
        number = models.CharField(max_length=20)


"""
LOOP = "[order.customer.name for order in Order.objects.all()]"


def fixture(folder: Path, text: str, name: str = "orders.py") -> Path:
    """A fixture of one file: the shop's models, then this text."""
    file = folder / name
    file.write_text(dedent(SHOP) + dedent(text))
    return file


def project(folder: Path, files: dict[str, str]) -> Path:
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(dedent(text))
    return folder


def test_what_is_as_it_says_is_no_problem(tmp_path: Path) -> None:
    text = f"""
        def bad_names():
            return {LOOP}

        def bad_generator():
            return (order.customer.name for order in Order.objects.all())

        async def bad_async():
            async for order in Order.objects.all():
                await Customer.objects.aget(pk=order.customer_id)

        def good_names():
            return [order.customer.name for order in Order.objects.select_related("customer")]

        def good_arguments(request, order: Order, n, customer: "Customer", *, limit=3, **more):
            assert request.user.is_superuser
            assert request.method == "GET"
            assert n == Order.objects.count() == request.user._meta.model.objects.count()
            return order.customer.name
    """
    assert problems(fixture(tmp_path, text)) == []


def test_a_good_function_that_grows(tmp_path: Path) -> None:
    (found,) = problems(fixture(tmp_path, f"def good_names():\n    return {LOOP}\n"))
    assert found.splitlines()[0] == "orders.py: `good_names` is good and grows: 3 queries with 2 rows, 11 with 10"
    (statement,) = found.splitlines()[1:]
    assert statement.startswith("    8 x SELECT")
    assert '"id" = ?' in statement


def test_a_bad_function_that_does_not_grow(tmp_path: Path) -> None:
    (found,) = problems(fixture(tmp_path, "def bad_names():\n    return Order.objects.all()\n"))
    assert found.splitlines()[0] == "orders.py: `bad_names` is bad and does not grow: 1 query with 2 rows, 1 with 10"
    assert found.splitlines()[1].startswith("    1 x SELECT")


def test_a_function_that_raises_and_one_that_cannot_be_called(tmp_path: Path) -> None:
    text = """
        def bad_name():
            return [order.nothing for order in Order.objects.all()]

        def good_rows(orders):
            return orders
    """
    raises, cannot = problems(fixture(tmp_path, text))
    assert raises.splitlines()[0].startswith("orders.py: `bad_name` raises AttributeError with 2 rows at line ")
    assert "order.nothing for order in" in raises
    assert cannot == "orders.py: `good_rows` cannot be called: nothing can be given for its argument `orders`"


def test_a_fix_that_does_not_help(tmp_path: Path) -> None:
    bad = f"""
        def bad_names():
            return {LOOP}

        def bad_without_a_fix():
            return {LOOP}
    """
    base = fixture(tmp_path, bad)
    useless = fixture(tmp_path, bad.replace("Order.objects.all()", "Order.objects.only()", 1), "orders.fixed.py")
    (found,) = problems(base, useless)
    assert "orders.fixed.py: `bad_names` still grows after its fix: 3 queries with 2 rows, 11 with 10" in found
    right = bad.replace(".all()", '.select_related("customer")', 1)
    assert problems(base, fixture(tmp_path, right, "orders.fixed.py")) == []


def test_what_is_not_run_says_why(tmp_path: Path) -> None:
    text = """
        def bad_check():  # not run: costs the same for any number of rows
            return Order.objects.count() > 0

        def bad_more():  # want DFA211  # not run:
            return Order.objects.count() > 0
    """
    (found,) = problems(fixture(tmp_path, text))
    assert found.endswith(": `# not run:` needs a reason")
    some = fixture(tmp_path, text.replace("# want DFA211  # not run:", "# not run: as above"))
    assert problems(some) == []
    assert read(some).why_not == "costs the same for any number of rows; as above"
    whole = tmp_path / "no.py"
    whole.write_text('# not run: no such library\n"""Doc."""\nimport nothing\ndef bad_one(): ...\n')
    assert problems(whole) == []
    assert read(whole).why_not == "no such library"
    whole.write_text('"""Doc."""\n')
    assert problems(whole) == [
        "no.py: has no function `bad_*` or `good_*` to run; say why on its first line: # not run: ..."
    ]


def test_two_projects_may_have_the_same_names(tmp_path: Path) -> None:
    for name, relation in (("one", "customer"), ("two", "buyer")):
        files = {
            "calendar.py": "NAME = __file__",
            "users/models.py": """
                from django.contrib.auth.models import AbstractUser

                class User(AbstractUser): ...
            """,
            "orders/__init__.py": "",
            "orders/models.py": f"""
                from django.conf import settings
                from django.db import models

                class Order(models.Model):
                    {relation} = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
            """,
            "orders/services.py": f"""
                import calendar
                from orders.models import Order

                def bad_names(n):
                    assert {name!r} in calendar.NAME
                    return [order.{relation}.username for order in Order.objects.all()]

                def good_user(request):
                    return type(request.user).__module__ == "users.models" or 1 / 0
            """,
            "config/settings.py": 'AUTH_USER_MODEL = "users.User"',
        }
        assert problems(project(tmp_path / name, files)) == []


def test_a_flat_project_and_rows_of_its_own(tmp_path: Path) -> None:
    files = {
        "models.py": SHOP,
        "services.py": f"""
            from models import Customer, Order

            def fill(n):
                customer = Customer.objects.create(name="one")
                Order.objects.bulk_create([Order(customer=customer) for _ in range(2 * n)])

            def bad_names(n):
                assert Order.objects.count() == 2 * n
                return {LOOP}
        """,
    }
    assert problems(project(tmp_path, files)) == []


def test_rows_of_each_kind_of_relation(tmp_path: Path) -> None:
    text = """
        from django.contrib.auth.models import User
        from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
        from django.contrib.contenttypes.models import ContentType

        class Category(models.Model):
            parent = models.ForeignKey("self", models.CASCADE, null=True, related_name="children")
            related = models.ManyToManyField("self", symmetrical=False)
            best = models.ForeignKey("Product", models.SET_NULL, null=True, related_name="+")

        class Place(models.Model):
            name = models.CharField(max_length=5, unique=True)
            open = models.BooleanField()

        class Restaurant(Place):
            stars = models.IntegerField(unique=True)
            notes = GenericRelation("Note")

        class Product(models.Model):
            category = models.ForeignKey(Category, models.CASCADE)
            state = models.CharField(max_length=1, choices=[("n", "new"), ("o", "old")])
            buyers = models.ManyToManyField(User, related_name="bought")
            made = models.DateTimeField()

        class Note(models.Model):
            kind = models.ForeignKey(ContentType, models.CASCADE)
            row = models.PositiveIntegerField()
            about = GenericForeignKey("kind", "row")
    """
    with loaded(fixture(tmp_path, text)) as app, transaction.atomic():
        fill(app, 3)
        (module,) = app.modules.values()
        assert {model.__name__: model.objects.count() for model in app.models} == dict.fromkeys(
            ("Customer", "Order", "Category", "Place", "Restaurant", "Product", "Note"), 3
        )
        for order, customer in zip(module.Order.objects.all(), module.Customer.objects.all(), strict=True):
            assert order.customer == customer
        assert [one.parent_id for one in module.Category.objects.all()] == [None, 1, 2]
        assert [one.best_id for one in module.Category.objects.all()] == [1, 2, 3]
        assert [one.related.count() for one in module.Category.objects.all()] == [2, 2, 2]
        assert [one.bought.count() for one in User.objects.all()] == [2, 2, 2]
        assert [one.restaurant.stars for one in module.Place.objects.all()] == [1, 2, 3]
        assert [one.about.stars for one in module.Note.objects.all()] == [1, 2, 3]
        assert {one.state for one in module.Product.objects.all()} == {"n"}
        transaction.set_rollback(True)


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    text = """
        from django.contrib.auth.models import User
        from django.db.models.signals import post_save

        class Cart(models.Model):
            owner = models.ForeignKey(User, models.CASCADE, related_name="carts")
            unknown = models.ForeignKey("elsewhere.Model", models.CASCADE, db_constraint=False)

        def changed(**kept):
            raise AssertionError("belongs to a fixture that is gone")

        post_save.connect(changed, weak=False)
    """
    before = (set(sys.modules), set(apps.app_configs), set(connection.introspection.table_names()), set(vars(User)))
    file = fixture(tmp_path, text.replace('"elsewhere.Model"', "Customer"))
    with loaded(file):
        assert hasattr(User, "carts")
        assert len(apps.get_models()) > 6
        assert post_save.receivers
    after = (set(sys.modules), set(apps.app_configs), set(connection.introspection.table_names()), set(vars(User)))
    assert after == before
    assert not post_save.receivers
    assert not any(hasattr(model, "carts") for model in apps.get_models())
    assert User.objects.create(username="x").delete()[0] == 1
    for _ in range(2):
        assert "`bad_one` raises ZeroDivisionError" in problems(fixture(tmp_path, "def bad_one(): return 1 / 0"))[0]
