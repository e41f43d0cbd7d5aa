"""Which model a reference names: a class, ``"orders.Order"``, ``settings.AUTH_USER_MODEL``, ``get_user_model()``."""

from __future__ import annotations

from collections.abc import Iterable

from djfa_lint.knowledge.library import library
from djfa_lint.project.declared import Lit, Made, Symbol, Value, options
from djfa_lint.project.linked import Linked
from djfa_lint.project.names import Known
from djfa_lint.project.roles import Role

_USER = "django.contrib.auth.get_user_model"
_GET_MODEL = (
    "django.apps.apps.get_model",
    "django.apps.registry.apps.get_model",
    "swapper.get_model_name",
    "swapper.load_model",
)
_SETTINGS = "django.conf.settings."
_DEFAULTS = {"AUTH_USER_MODEL": "auth.User"}
_CAST = ("typing.cast", "typing_extensions.cast")


class References:
    """Resolves references to models; labels are compared without regard to case, as Django does."""

    def __init__(self, linked: Linked, labels: Iterable[tuple[str, Known]]) -> None:
        """`labels` are the project's models by ``app.Model``."""
        self._linked = linked
        self._by_label: dict[str, Known] = {}
        self._by_name: dict[str, set[Known]] = {}
        self._settings: dict[str, list[tuple[bool, str, str]]] = {}
        for name, model in library().models().items():
            self._by_label[model.label.lower()] = Known(name)
        for label, known in labels:
            self._by_label[label.lower()] = known
            self._by_name.setdefault(label.rpartition(".")[2].lower(), set()).add(known)

    def model(self, value: Value | None, holder: Known, label: str) -> Known | None:
        """The model a value names; `holder` is the concrete model that has the relation and `label` its app's."""
        found = {one for option in options(value) for one in self._one(option, holder, label)} if value else set()
        return found.pop() if len(found) == 1 else None

    def _one(self, value: Value, holder: Known, label: str) -> Iterable[Known]:
        if isinstance(value, Lit) and isinstance(value.value, str):
            known = self.text(value.value, holder, label)
        elif isinstance(value, Symbol):
            known = self._symbol(value.known, holder, label)
        elif isinstance(value, Made) and isinstance(value.callee, Symbol):
            known = self._called(value, value.callee.known.name, holder, label)
        else:
            known = None
        return [known] if known is not None else []

    def text(self, text: str, holder: Known, label: str) -> Known | None:
        """The model a string names."""
        if text == "self":
            return holder
        app, _, name = text.rpartition(".")
        if not app:
            return self._by_label.get(f"{label}.{name}".lower()) or self._only(name)
        # A swapped or unusual label: the name decides where only one model has it.
        return self._by_label.get(text.lower()) or (self._only(name) if app.lower() not in self._apps() else None)

    def _apps(self) -> set[str]:
        return {label.rpartition(".")[0] for label in self._by_label}

    def _only(self, name: str) -> Known | None:
        found = self._by_name.get(name.lower(), set())
        return next(iter(found)) if len(found) == 1 else None

    def _symbol(self, known: Known, holder: Known, label: str) -> Known | None:
        if known.name.startswith(_SETTINGS):
            text = self.setting(known.name.removeprefix(_SETTINGS), holder.path)
            return self.text(text, holder, label) if text else None
        if known in self._linked.classes.declared or library().model(known.name) is not None:
            return known
        return None

    def _called(self, made: Made, name: str, holder: Known, label: str) -> Known | None:
        linker = self._linked.linker
        if name == _USER:
            return self._symbol(Known(_SETTINGS + "AUTH_USER_MODEL"), holder, label)
        if name in _CAST:
            return self.model(linker.argument(made, 1), holder, label)
        if name == "builtins.getattr":
            text = linker.text(linker.argument(made, 1))
            default = linker.text(linker.argument(made, 2))
            text = (self.setting(text, holder.path) if text else "") or default
            return self.text(text, holder, label) if text else None
        if name in _GET_MODEL:
            texts = [linker.text(linker.argument(made, index)) or "" for index in (0, 1)]
            swapped = self.setting(f"{texts[0]}_{texts[1]}_MODEL".upper(), holder.path) if "swapper" in name else ""
            return self.text(swapped or ".".join(one for one in texts if one), holder, label)
        return None

    def setting(self, name: str, path: str) -> str:
        """A setting's text: as assigned in the project, in the file nearest to `path`; "" where it is not known."""
        if name not in self._settings:
            self._settings[name] = self._assigned(name)
        ranked = [(test, -_shared(file, path), file, text) for test, file, text in self._settings[name]]
        return min(ranked)[3] if ranked else _DEFAULTS.get(name, "")

    def _assigned(self, name: str) -> list[tuple[bool, str, str]]:
        linker, found = self._linked.linker, []
        for file, facts in self._linked.files.items():
            bindings = facts.bindings.get(name, ())
            if bindings and not any(one.imported for one in bindings):
                value = linker.lookup(linker.module(file), name)
                text = linker.text(value)
                if text:
                    # Under an `if` it may be another one: the relation is kept, its model is not known.
                    sure = len(options(value)) == 1
                    found.append((Role.TEST in self._linked.roles(file), file, text if sure else ""))
        return found


def _shared(first: str, second: str) -> int:
    """How many folders two paths begin with alike."""
    count = 0
    for one, other in zip(first.split("/"), second.split("/"), strict=False):
        if one != other:
            break
        count += 1
    return count
