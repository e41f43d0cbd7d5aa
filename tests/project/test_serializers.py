"""Serializers and model forms, compared with the fields that DRF and Django make of the same files."""

from __future__ import annotations

from pathlib import Path

import pytest

from djfa_lint.project.django.serializers import forms, serializers
from djfa_lint.project.entities import Serializer
from tests.project.django_run import run_django
from tests.project.linking import linked_of

FILES = {
    "shop/__init__.py": "",
    "shop/models.py": """
        from django.conf import settings
        from django.db import models

        class Customer(models.Model):
            name = models.CharField(max_length=50)
            email = models.CharField(max_length=50)

        class Order(models.Model):
            customer = models.ForeignKey(Customer, models.CASCADE, related_name="orders")
            number = models.IntegerField()
            owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    """,
    "shop/common.py": """
        from rest_framework import serializers

        NAMES = ("id", "name")

        class Loud(serializers.CharField):
            pass

        class Mixin:
            lost = serializers.CharField()

        class Kept(serializers.Serializer):
            kept = serializers.CharField()
            hidden = Loud(source="name")
            changed = serializers.IntegerField()
    """,
    "shop/serializers.py": """
        from django.contrib.auth import get_user_model
        from rest_framework import serializers as s
        from rest_framework.serializers import ModelSerializer
        from shop.common import NAMES, Kept, Loud, Mixin
        from shop.models import Customer, Order

        class CustomerList(s.ListSerializer):
            pass

        class CustomerSerializer(Mixin, Kept, ModelSerializer):
            hidden = None
            changed = Loud(source="email")
            total = s.SerializerMethodField()
            other = s.SerializerMethodField("total_of")

            class Meta:
                model = Customer
                fields = [*NAMES, "kept"] + ["changed", "total", "other"]
                list_serializer_class = CustomerList
                read_only_fields = ("name",)

            def get_total(self, one):
                return 1

            total_of = get_total

        class ShortSerializer(CustomerSerializer):
            class Meta(CustomerSerializer.Meta):
                fields = ("id", "total", "mail")
                extra_kwargs = {"mail": {"source": "email"}}

        class SameSerializer(ShortSerializer):
            pass

        class OrderSerializer(ModelSerializer):
            customer = ShortSerializer(read_only=True)
            customers = CustomerSerializer(many=True, source="a.b")
            listed = s.ListField(child=ShortSerializer())
            plain = s.ListField(child=s.CharField())
            numbers = s.PrimaryKeyRelatedField(many=True, queryset=Order.objects.all())

            class Meta:
                model = Order
                fields = "__all__"
                depth = 1

        class ExcludedSerializer(ModelSerializer):
            class Meta:
                model = get_user_model()
                exclude = ["password"]

        class PlainSerializer(Kept):
            class Meta:
                fields = ("nothing",)
    """,
    "shop/forms.py": """
        from django import forms
        from shop.models import Customer, Order

        class Mixin(forms.Form):
            agreed = forms.BooleanField()
            gone = forms.CharField()

        class CustomerForm(Mixin, forms.ModelForm):
            gone = None
            extra = forms.CharField()

            class Meta:
                model = Customer
                fields = ["email", "name"]

        class OtherForm(CustomerForm):
            class Meta(CustomerForm.Meta):
                fields = ["email"]

        class OrderForm(forms.ModelForm):
            class Meta:
                model = Order
                fields = "__all__"

        class WithoutModel(forms.ModelForm):
            class Meta:
                fields = ["text"]
    """,
    "tests/test_x.py": """
        from shop.serializers import OrderSerializer
        class TestSerializer(OrderSerializer):
            pass
    """,
}
DUMP = """
from rest_framework import serializers as rest
import shop.serializers, shop.forms
found = {"serializers": {}, "forms": {}}
for cls in vars(shop.serializers).values():
    if isinstance(cls, type) and issubclass(cls, rest.Serializer) and cls.__module__ == "shop.serializers":
        found["serializers"][cls.__name__] = [list(cls._declared_fields), list(cls().get_fields())]
for cls in vars(shop.forms).values():
    if isinstance(cls, type) and issubclass(cls, shop.forms.forms.ModelForm):
        found["forms"][cls.__name__] = [list(cls.declared_fields), list(cls.base_fields)]
"""


def by_name(found: tuple[Serializer, ...]) -> dict[str, Serializer]:
    return {one.known.name.rpartition(".")[2]: one for one in found}


@pytest.mark.parametrize("shuffled", [None, 5])
def test_like_the_frameworks(tmp_path: Path, shuffled: int | None) -> None:
    truth = run_django(tmp_path, FILES, DUMP)
    linked = linked_of(FILES, shuffled=shuffled)
    ours = {"serializers": by_name(serializers(linked)), "forms": by_name(forms(linked))}
    assert set(ours["serializers"]) == {*truth["serializers"], "CustomerList", "Kept"}
    assert set(ours["forms"]) == set(truth["forms"])
    for kind, classes in truth.items():
        for name, (declared, every) in classes.items():
            one = ours[kind][name]
            fields = [field.name for field in one.fields]
            if one.everything or one.excluded:
                assert fields == declared, name
            else:
                assert sorted(fields) == sorted(every), name
            assert {field.name for field in one.fields if field.declared} <= set(declared), name
            assert one.complete


def test_what_a_serializer_says_of_its_fields() -> None:
    found = by_name(serializers(linked_of(FILES)))
    customer = {one.name: one for one in found["CustomerSerializer"].fields}
    assert list(customer) == ["id", "name", "kept", "changed", "total", "other"]
    assert (customer["changed"].type, customer["changed"].source) == ("shop.common.Loud", "email")
    assert (customer["kept"].path, customer["kept"].line) == ("shop/common.py", 13)
    assert (customer["total"].method, customer["other"].method) == ("get_total", "total_of")
    assert (customer["name"].declared, customer["name"].type, customer["name"].source) == (False, "", "")
    short = {one.name: one for one in found["SameSerializer"].fields}
    assert short["mail"].source == "email"
    order = {
        one.name: (one.many, one.nested and one.nested.name, one.source) for one in found["OrderSerializer"].fields
    }
    assert order == {
        "customer": (False, "shop.serializers.ShortSerializer", ""),
        "customers": (True, "shop.serializers.CustomerSerializer", "a.b"),
        "listed": (True, "shop.serializers.ShortSerializer", ""),
        "plain": (True, None, ""),
        "numbers": (True, None, ""),
    }


def test_what_meta_says() -> None:
    found = by_name(serializers(linked_of(FILES)))
    models = {name: one.model.name if one.model else None for name, one in found.items()}
    assert models == {
        "CustomerList": None,
        "Kept": None,
        "CustomerSerializer": "shop.models.Customer",
        "ShortSerializer": "shop.models.Customer",
        "SameSerializer": "shop.models.Customer",
        "OrderSerializer": "shop.models.Order",
        "ExcludedSerializer": "django.contrib.auth.models.User",
        "PlainSerializer": None,
    }
    order, excluded, same = found["OrderSerializer"], found["ExcludedSerializer"], found["SameSerializer"]
    assert (order.everything, order.depth, order.excluded) == (True, 1, ())
    assert (excluded.everything, excluded.excluded) == (False, ("password",))
    lines = FILES["shop/serializers.py"].splitlines()
    assert same.meta_path == "shop/serializers.py"
    assert '("id", "total", "mail")' in lines[same.meta_line - 1]
    assert 'exclude = ["password"]' in lines[excluded.meta_line - 1]
    assert same.read_only == ("name",)
    assert same.list_serializer is not None
    assert same.list_serializer.name == "shop.serializers.CustomerList"
    assert found["CustomerList"].many


def test_what_cannot_be_told() -> None:
    found = by_name(
        serializers(
            linked_of(
                {
                    "a.py": """
                        from unknown.serializers import OddModelSerializer
                        from unknown.serialize import JsonSerializer
                        from rest_framework import serializers
                        from somewhere import NAMES, Model

                        class Odd(OddModelSerializer):
                            class Meta:
                                model = Model
                                fields = ("a", "b")

                        class NoSerializer(JsonSerializer):
                            pass

                        class Open(serializers.ModelSerializer):
                            own = serializers.CharField()
                            class Meta:
                                model = Model
                                fields = ["a", *NAMES]
                    """
                }
            )
        )
    )
    assert {name: (one.complete, [field.name for field in one.fields]) for name, one in found.items()} == {
        "Odd": (False, ["a", "b"]),
        "Open": (False, ["a", "own"]),
    }
