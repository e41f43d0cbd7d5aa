"""Whether something uses a serializer or form."""

from __future__ import annotations

from djfa_lint.project.names import Known
from djfa_lint.project.project import Recorded
from tests.project.linking import project_of

_HEAD = "from rest_framework import serializers\n"
_VIEWS = """
    from rest_framework.generics import ListAPIView
    from shop.serializers import {named}
    class Orders(ListAPIView):
        serializer_class = {named}
"""


def _serializer(name: str, body: str = "pass", base: str = "serializers.ModelSerializer") -> str:
    return f"class {name}({base}):\n    {body}\n    class Meta:\n        fields = '__all__'\n"


def _used(texts: dict[str, str], path: str = "shop/serializers.py", others: str = "") -> set[str]:
    """The classes of a file that are used; `others` is one of them that a view names."""
    files = {"shop/__init__.py": "", **texts}
    if others:
        files["shop/views.py"] = _VIEWS.format(named=others)
    project = project_of(files)
    return {one.known.name.rpartition(".")[2] for one in project.serializers_in(path) if project.is_used(one.known)}


def test_what_a_view_names_is_used_and_what_that_nests() -> None:
    text = _HEAD + _serializer("A") + _serializer("B", "a = A()") + _serializer("C", "c = B()")
    assert _used({"shop/serializers.py": text}, others="B") == {"A", "B"}
    assert _used({"shop/serializers.py": text}, others="C") == {"A", "B", "C"}
    assert _used({"shop/serializers.py": text}, others="Unknown") == set()


def test_without_views_below_the_same_root_they_are_for_others() -> None:
    text = _HEAD + _serializer("A")
    assert _used({"shop/serializers.py": text}) == {"A"}
    example = {
        "example/manage.py": "",
        "example/site/__init__.py": "",
        "example/site/views.py": "from rest_framework.views import APIView\nclass Index(APIView):\n    pass\n",
    }
    assert _used({"shop/serializers.py": text, **example}) == {"A"}


def test_one_of_two_that_are_called_alike() -> None:
    texts = {"shop/serializers.py": _HEAD + _serializer("A"), "shop/other.py": _HEAD + _serializer("A")}
    assert _used(texts, others="A") == {"A"}
    assert _used(texts, "shop/other.py", others="A") == set()


def test_what_cannot_be_told_counts_for_all_that_are_called_so() -> None:
    either = """
        try:
            from shop.serializers import A
        except ImportError:
            from shop.other import A
        def show(row):
            return A(row).data
    """
    texts = {"shop/serializers.py": _HEAD + _serializer("A"), "shop/other.py": _HEAD + _serializer("A")}
    assert _used({**texts, "shop/show.py": either}, "shop/other.py", others="Unknown") == {"A"}


def test_other_names() -> None:
    text = _HEAD + _serializer("A") + "B = A\n"
    assert _used({"shop/serializers.py": text}, others="Unknown") == set()
    assert _used({"shop/serializers.py": text}, others="B") == {"A"}
    for way in ("from shop.serializers import B as C", "import shop.serializers as s\nC = s.B"):
        texts = {"shop/serializers.py": text, "shop/show.py": f"{way}\ndef show(row):\n    return C(row)\n"}
        assert _used(texts, others="Unknown") == {"A"}, way


def test_a_module_that_is_handed_on_may_be_asked_for_all_it_has() -> None:
    for star in ("from shop.serializers import *", "from shop.serializers import A"):
        texts = {
            "shop/serializers.py": _HEAD + _serializer("A"),
            "shop/api.py": star,
            "shop/show.py": "from shop import api as given\ndef show(name):\n    return getattr(given, name)\n",
        }
        assert _used(texts, others="Unknown") == {"A"}, star


def test_a_base_is_used_through_who_shows_its_fields() -> None:
    text = _HEAD + _serializer("Part") + _serializer("A", "part = Part()")
    own = text + _serializer("B", base="A")
    assert _used({"shop/serializers.py": own}, others="B") == {"B", "Part"}
    inherited = text + "class B(A):\n    pass\n"
    assert _used({"shop/serializers.py": inherited}, others="B") == {"A", "B", "Part"}
    nested = text + _serializer("B", "rest = A(many=True)", base="A")
    assert _used({"shop/serializers.py": nested}, others="B") == {"A", "B", "Part"}


def test_recorded_answers_stand_until_something_uses_it() -> None:
    files = {"shop/__init__.py": "", "shop/serializers.py": _HEAD + _serializer("A") + _serializer("B")}
    asked = Recorded(project_of({**files, "shop/views.py": _VIEWS.format(named="B")}))
    assert not asked.is_used(Known("shop.serializers.A", path="shop/serializers.py"))
    assert asked.stands(project_of({**files, "shop/views.py": _VIEWS.format(named="B") + "\n"}, shuffled=3))
    assert not asked.stands(project_of({**files, "shop/views.py": _VIEWS.format(named="A")}))
