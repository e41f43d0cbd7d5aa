"""The admin, compared with what Django's site has registered for the same files."""

from __future__ import annotations

from pathlib import Path

import pytest

from djfa_lint.project.django.admin import admins
from tests.project.django_run import run_django
from tests.project.linking import linked_of

FILES = {
    "shop/__init__.py": "",
    "shop/models.py": """
        from django.contrib.auth.models import AbstractUser
        from django.db import models

        class Shop(models.Model):
            name = models.CharField(max_length=50)

        class Item(models.Model):
            shop = models.ForeignKey(Shop, models.CASCADE)
            name = models.CharField(max_length=50)

        class A(models.Model): pass
        class B(models.Model): pass
        class C(models.Model): pass
        class D(models.Model): pass
        class E(models.Model): pass
        class F(models.Model): pass
        class G(models.Model): pass
    """,
    "shop/base.py": """
        from django.contrib import admin
        from django.contrib.auth.admin import UserAdmin

        class Base(admin.ModelAdmin):
            list_display = ("id",)
            list_select_related = True

        class OtherSite(admin.AdminSite):
            pass

        site = OtherSite(name="other")
        COLUMNS = UserAdmin.list_display + ("id",)
    """,
    "shop/admin.py": """
        from django.contrib import admin
        from shop import models
        from shop.base import COLUMNS, Base, site
        from shop.models import A, B, C, D, E, F, G, Item, Shop

        class ItemInline(admin.TabularInline):
            model = Item

        def shout(one):
            return "!"

        @admin.register(Shop)
        class ShopAdmin(Base):
            inlines = [ItemInline]

            def title(self, one):
                return one.name

            list_display = Base.list_display + ("name", shout, title)
            list_select_related = ("owner",)

        @admin.register(A, B, site=site)
        class ManyAdmin(Base):
            list_display = ["id"]
            list_display += ["pk"]

        class ItemAdmin(Base):
            pass

        class LoopAdmin(admin.ModelAdmin):
            pass

        class UnusedAdmin(admin.ModelAdmin):
            list_display = COLUMNS

        admin.site.register(Item, ItemAdmin)
        admin.site.register([C, models.D], admin_class=LoopAdmin)
        for model in (E,):
            admin.site.register(model)
        for pair in ((F, LoopAdmin),):
            admin.site.register(*pair)
        site.register(G)
    """,
}
DUMP = """
from django.contrib import admin
import shop.admin, shop.base
found = {}
for site in (admin.site, shop.base.site):
    for model, made in site._registry.items():
        if model.__module__ == "shop.models":
            cls = type(made)
            entry = found.setdefault(full(cls), {"models": []})
            entry["models"].append(full(model))
            entry["display"] = [one if isinstance(one, str) else one.__name__ for one in cls.list_display]
            entry["inlines"] = [full(one) for one in cls.inlines]
            entry["related"] = cls.list_select_related
"""


@pytest.mark.parametrize("shuffled", [None, 2])
def test_like_django(tmp_path: Path, shuffled: int | None) -> None:
    truth = run_django(tmp_path, FILES, DUMP)
    plain = truth.pop("django.contrib.admin.options.ModelAdmin")
    found = admins(linked_of(FILES, shuffled=shuffled))
    ours = {one.known.name: one for one in found if one.known.path}
    for name, entry in truth.items():
        one = ours[name]
        related = (
            list(one.list_select_related) if isinstance(one.list_select_related, tuple) else one.list_select_related
        )
        assert {
            "models": sorted(model.name for model in one.models),
            "display": list(one.list_display),
            "inlines": [inline.name for inline in one.inlines],
            "related": related,
        } == {**entry, "models": sorted(entry["models"])}
    without = [one for one in found if not one.known.path]
    assert sorted(model.name for one in without for model in one.models) == sorted(plain["models"])
    assert {one.path for one in without} == {"shop/admin.py"}


def test_what_is_not_registered() -> None:
    ours = {one.known.name: one for one in admins(linked_of(FILES))}
    assert [one.name for one in ours["shop.admin.ItemInline"].models] == ["shop.models.Item"]
    unused = ours["shop.admin.UnusedAdmin"]
    assert unused.models == ()
    assert unused.list_display == ("username", "email", "first_name", "last_name", "is_staff", "id")
    assert ours["shop.base.Base"].list_select_related is True
