"""What a project was asked can be asked again: the same answers while nothing that matters has changed."""

from __future__ import annotations

from textwrap import dedent

from djfa_lint.project.names import Known
from djfa_lint.project.project import QUESTIONS, Project, Recorded
from tests.project.linking import project_of

_SHOP = {
    "shop/__init__.py": "",
    "shop/models.py": """
        from django.db import models
        class Customer(models.Model):
            pass
        class Order(models.Model):
            customer = models.ForeignKey(Customer, models.CASCADE)
    """,
    "shop/views.py": """
        from shop.models import Order
        from shop.helpers import respond as answer
        def index(request):
            return answer(Order.objects.all())
    """,
    "shop/helpers.py": "def respond(rows): ...\n",
    "shop/urls.py": """
        from django.urls import path
        from shop.views import index
        urlpatterns = [path("", index)]
    """,
}
_ORDER = Known("shop.models.Order", path="shop/models.py")
_INDEX = Known("shop.views.index", path="shop/views.py")


def _recorded() -> Recorded:
    asked = Recorded(project_of(_SHOP))
    assert asked.resolve("shop/views.py", "answer") is not None
    assert asked.resolve("shop/views.py", "nowhere") is None
    assert asked.model(_ORDER) is not None
    assert len(asked.endpoints_of(_INDEX)) == 1
    assert asked.subclasses("shop.models.Order") == ()
    assert asked.listing("shop") == ("__init__.py", "helpers.py", "models.py", "urls.py", "views.py")
    assert asked.roles("shop/views.py") == frozenset()
    assert asked.function(_INDEX) is not None
    assert [one.known for one in asked.functions_in("shop/views.py")] == [_INDEX]
    return asked


def _changed(**texts: str) -> Project:
    return project_of({**_SHOP, **{f"shop/{name}.py": text for name, text in texts.items()}})


def test_the_same_files_give_the_same_answers() -> None:
    asked = _recorded()
    assert len(asked.answers) == 9
    assert asked.stands(project_of(_SHOP, shuffled=7))


def test_a_change_elsewhere_leaves_the_answers_standing() -> None:
    assert _recorded().stands(_changed(helpers="import os\ndef respond(rows):\n    return list(rows)\n"))


def test_each_change_that_matters_is_seen() -> None:
    for name, text in {
        # What the name led to has gone.
        "helpers": "def another(rows): ...\n",
        # The relation has gone.
        "models": "from django.db import models\nclass Order(models.Model):\n    pass\n",
        # The route is another.
        "urls": "from django.urls import path\nfrom shop.views import index\nurlpatterns = [path('all/', index)]\n",
        # A new file in a folder that was listed, with a new subclass.
        "special": "from shop.models import Order\nclass Special(Order):\n    pass\n",
    }.items():
        assert not _recorded().stands(_changed(**{name: text})), name


def test_a_name_that_was_not_found_and_now_is() -> None:
    asked = Recorded(project_of(_SHOP))
    assert asked.resolve("shop/views.py", "nowhere") is None
    assert not asked.stands(_changed(views=dedent(_SHOP["shop/views.py"]) + "\nnowhere = Order\n"))


def test_every_question_is_a_method_of_the_project() -> None:
    assert all(callable(getattr(Project, name)) for name in QUESTIONS)
