"""Which app a module belongs to: the label that ``"orders.Order"`` begins with."""

from __future__ import annotations

from pathlib import PurePosixPath

from djfa_lint.facts.values import Assigned, Const
from djfa_lint.project.linked import Linked
from djfa_lint.project.names import Known

_CONFIG = "django.apps.AppConfig"
_MODELS = "models"


class Apps:
    """The apps of a project, by folder: from their `AppConfig`, else by the folder that holds the models."""

    def __init__(self, linked: Linked) -> None:
        self._linked = linked
        self._labels: dict[str, str] = {}
        for cls in linked.classes.subclasses(_CONFIG):
            name = _text(linked, cls, "name")
            folder = self._folder(cls.path, name) if name else None
            if name and folder is not None:
                # The first one in a folder may be the base of the others: one with a label of its own decides.
                label = _text(linked, cls, "label")
                self._labels[folder] = label or self._labels.get(folder, name.rpartition(".")[2])

    def _folder(self, path: str, name: str) -> str | None:
        here = PurePosixPath(path).parent
        while here.name:
            if here.name == name.rpartition(".")[2]:
                return str(here)
            here = here.parent
        found = self._linked.modules.find(path, name)
        return str(PurePosixPath(found).parent) if found is not None else None

    def label(self, path: str) -> str:
        """The app label of the models in a file."""
        folder = PurePosixPath(path).parent
        for parent in (folder, *folder.parents):
            if str(parent) in self._labels:
                return self._labels[str(parent)]
        parts = PurePosixPath(path).with_suffix("").parts
        if _MODELS in parts:
            index = len(parts) - 1 - parts[::-1].index(_MODELS)
            return parts[index - 1] if index else ""
        return folder.name


def _text(linked: Linked, cls: Known, name: str) -> str:
    member = linked.classes.members(cls).get(name)
    if isinstance(member, Assigned) and isinstance(member.value, Const) and isinstance(member.value.value, str):
        return member.value.value
    return ""
