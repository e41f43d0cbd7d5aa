"""Which fields a serializer or model form takes in when it lists none: ``"__all__"``, ``exclude``."""

from __future__ import annotations

from djfa_lint.project.entities import Field, Model, Serializer
from djfa_lint.project.linked import Linked

_HYPERLINKED = "rest_framework.serializers.HyperlinkedModelSerializer"
_FORM = "django.forms.BaseModelForm"
_KINDS = frozenset({"fk", "one_to_one", "m2m"})


def taken_in(linked: Linked, serializer: Serializer, model: Model) -> tuple[str, ...]:
    """The names, in the order of the framework: the key, what is declared, columns, the model's own relations.

    A form has no key and only what can be edited. Names with a leading underscore are left out.
    """
    columns = list(model.fields)
    relations = [one.name for one in model.relations if not one.reverse and one.kind in _KINDS]
    key = [] if any(one.says("primary_key") for one in columns) else ["id"]
    if linked.classes.is_a(serializer.known, _FORM):
        key, columns = [], [one for one in columns if _is_editable(one)]
    elif linked.classes.is_a(serializer.known, _HYPERLINKED):
        key = ["url"]
    declared = [one.name for one in serializer.fields if one.declared]
    every = dict.fromkeys([*key, *declared, *(one.name for one in columns), *relations])
    return tuple(name for name in every if name not in serializer.excluded and not name.startswith("_"))


def _is_editable(field: Field) -> bool:
    return not (field.denies("editable") or field.says("auto_now") or field.says("auto_now_add"))
