"""Which models are named by those who only refer to them: serializers, the admin, signals."""

from __future__ import annotations

from djfa_lint.project.declared import Symbol, Value, options
from djfa_lint.project.django.apps import Apps
from djfa_lint.project.django.references import References
from djfa_lint.project.linked import Linked
from djfa_lint.project.names import Known
from djfa_lint.project.roles import Role

_MODEL = "django.db.models.Model"
_LEFT_OUT = {Role.TEST, Role.MIGRATION}


class Named:
    """Finds models by what a value says."""

    def __init__(self, linked: Linked) -> None:
        self._linked, self._apps = linked, Apps(linked)
        models = [one for one in linked.classes.subclasses(_MODEL) if not is_left_out(linked, one.path)]
        labels = [(f"{self._label(one)}.{one.name.rpartition('.')[2]}", one) for one in models]
        self._references = References(linked, labels)

    def _label(self, model: Known) -> str:
        meta = self._linked.classes.inner(model, "Meta")
        value = self._linked.linker.attribute(Symbol(meta), "app_label") if meta is not None else None
        return self._linked.linker.text(value) or self._apps.label(model.path)

    def model(self, value: Value | None, holder: Known) -> Known | None:
        """The model a value names to a class or function, None where it cannot be told."""
        return self._references.model(value, holder, self._apps.label(holder.path)) if value is not None else None

    def models(self, value: Value | None, holder: Known) -> tuple[Known, ...]:
        """All models that one value or a list of them names."""
        if value is None:
            return ()
        found = [self.model(one, holder) for one in (self._linked.linker.items(value) or options(value))]
        return tuple(dict.fromkeys(one for one in found if one is not None))


def is_left_out(linked: Linked, path: str) -> bool:
    """Whether what a file declares is no part of the application."""
    return bool(linked.roles(path) & _LEFT_OUT)
