"""Rows for a fixture's models: n of each, every one with parents of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.db import models
from model_bakery import baker

from tests.oracle.django_app import App

Model = type[models.Model]


def fill(app: App, n: int) -> None:
    """n rows of every model of the app, by its own ``fill(n)`` where a module has one.

    Row i of a model points to row i of each model it has a foreign key to, so each parent has children; it has two
    rows of each many-to-many. Users and groups of Django are made as well, the first user being an administrator.
    """
    own = [module.fill for module in app.modules.values() if hasattr(module, "fill")]
    if own:
        for each in {id(one): one for one in own}.values():
            each(n)
        return
    baker.seed(0)
    _Filler([Group, get_user_model(), *app.models], n).run()


class _Filler:
    def __init__(self, wanted: Sequence[Model], n: int) -> None:
        self.n = n
        self.wanted = list(dict.fromkeys(wanted))
        self.rows: dict[Model, list[Any]] = {}
        self.late: list[tuple[Model, models.ForeignKey]] = []
        self.busy: set[Model] = set()

    def run(self) -> None:
        for model in self.wanted:
            self.make(model)
        for model, field in self.late:
            for row, target in zip(self.rows[model], self.rows[_target(field)], strict=True):
                setattr(row, field.name, target)
                row.save()
        for model in self.wanted:
            for field in model._meta.local_many_to_many:
                self.link(model, field)

    def make(self, model: Model) -> None:
        if model in self.rows or model in self.busy:
            return
        self.busy.add(model)
        children = [one for one in self.wanted if model in one._meta.parents]
        if children:
            # Multi-table inheritance: a parent's rows are those of its children, so each has its other half.
            for child in children:
                self.make(child)
            self.rows[model] = list(model._base_manager.order_by("pk"))
        else:
            for target in self.targets(model):
                if not self.busy & self.needed(target):
                    self.make(target)
            made: list[Any] = []
            for index in range(self.n):
                values = {**self.columns(model, index), **self.relations(model, index, made)}
                made.append(baker.make(model, **values))
            self.rows[model] = made
        self.busy.discard(model)

    def needed(self, model: Model) -> set[Model]:
        """The model and all that must be there before it: what its keys that cannot be null point to, and so on."""
        found = {model}
        waiting = [model]
        while waiting:
            keys = [field for field in _foreign_keys(waiting.pop()) if not field.null]
            waiting += {_target(field) for field in keys} - found
            found.update(waiting)
        return found

    def targets(self, model: Model) -> Iterator[Model]:
        yield from (_target(field) for field in sorted(_foreign_keys(model), key=lambda field: field.null))
        yield from (target for field in _generic(model) if (target := self.owner(model, field)))

    def relations(self, model: Model, index: int, made: list[Any]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for field in _foreign_keys(model):
            target = _target(field)
            if target is model:
                # A tree of one branch: it has a root and is as deep as there are rows.
                values[field.name] = made[index - 1] if made else None
            elif target in self.rows:
                values[field.name] = self.rows[target][index]
            elif not field.null:
                raise LookupError(f"{field} needs rows that need it: make them in a function `fill(n)`")
            else:
                values[field.name] = None
                self.late += [] if (model, field) in self.late else [(model, field)]
        for field in _generic(model):
            owner = self.owner(model, field)
            if owner in self.rows:
                values[field.ct_field] = ContentType.objects.get_for_model(owner)
                values[field.fk_field] = self.rows[owner][index].pk
        return values

    def owner(self, model: Model, field: GenericForeignKey) -> Model | None:
        """What a generic foreign key points to: the model that has the other side, else any."""
        others = [one for one in self.wanted if one is not model and one.__module__ == model.__module__]
        for other in others:
            for one in other._meta.private_fields:
                if isinstance(one, GenericRelation) and one.remote_field.model is model:
                    return other
        return others[0] if others else None

    def columns(self, model: Model, index: int) -> dict[str, Any]:
        """Values that are the same in every run; the rest (dates, addresses, JSON) is made up."""
        values: dict[str, Any] = {}
        for field in model._meta.concrete_fields:
            if field.is_relation or field.primary_key or field.has_default():
                continue
            if field.choices:
                values[field.name] = field.flatchoices[0][0]
            elif isinstance(field, models.BooleanField):
                values[field.name] = True
            elif type(field) in (models.CharField, models.TextField) and not field.null:
                values[field.name] = f"{field.name}{index + 1}"[-(field.max_length or 50) :]
            elif isinstance(field, models.IntegerField):
                values[field.name] = index + 1
        if model is get_user_model():
            values |= {name: index == 0 for name in ("is_staff", "is_superuser") if hasattr(model, name)}
        return values

    def link(self, model: Model, field: models.ManyToManyField) -> None:
        target = _target(field)
        if target not in self.rows or not field.remote_field.through._meta.auto_created:
            return
        rows = self.rows[target]
        for index, row in enumerate(self.rows[model]):
            start = index + 1 if target is model else index
            getattr(row, field.name).add(rows[start % len(rows)], rows[(start + 1) % len(rows)])


def _foreign_keys(model: Model) -> list[models.ForeignKey]:
    """Forward keys and one-to-ones; neither the link to a parent's table nor to a table of Django's own."""
    return [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey)
        and not getattr(field.remote_field, "parent_link", False)
        and field.remote_field.model is not ContentType
    ]


def _target(field: Any) -> Model:
    target: Model = field.remote_field.model._meta.concrete_model
    return target


def _generic(model: Model) -> list[GenericForeignKey]:
    return [field for field in model._meta.private_fields if isinstance(field, GenericForeignKey)]
