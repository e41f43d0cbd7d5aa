"""What real Django holds for a small project: run in a process of its own, with the project's folder as argument."""

import inspect
import json
import sys
from pathlib import Path

import django
from django.conf import settings


def main(folder: str) -> None:
    sys.path.insert(0, folder)
    given = json.loads((Path(folder) / "settings.json").read_text())
    settings.configure(**given, DEFAULT_AUTO_FIELD="django.db.models.AutoField")
    django.setup()
    from django.apps import apps

    found = {}
    for model in apps.get_models():
        if Path(sys.modules[model.__module__].__file__).is_relative_to(folder):
            found[f"{model.__module__}.{model.__qualname__}"] = sorted(_relations(model))
    print(json.dumps(found))


def _relations(model):
    from django.db.models.fields.related_descriptors import ReverseManyToOneDescriptor

    for one in model._meta.get_fields():
        if not one.is_relation:
            continue
        reverse = one.auto_created and not one.concrete
        to = one.related_model
        name = one.get_accessor_name() if reverse else one.name
        many = bool(one.one_to_many or one.many_to_many)
        if name.endswith("+"):
            continue
        if reverse:
            many = isinstance(inspect.getattr_static(model, name), ReverseManyToOneDescriptor)
        yield [name, f"{to.__module__}.{to.__qualname__}" if to else None, many, reverse]


main(sys.argv[1])
