"""What the evaluator asks about models, managers and the classes around them; each is a question of the door."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from djfa_lint.facts.kinds import BITS
from djfa_lint.facts.values import Assigned, Function
from djfa_lint.project.definition import Definition
from djfa_lint.project.entities import Model
from djfa_lint.project.fastapi import hooks
from djfa_lint.project.frameworks import Frameworks
from djfa_lint.project.linked import Linked
from djfa_lint.project.mentions import Mentions
from djfa_lint.project.names import Known, Names
from djfa_lint.project.roles import Role

if TYPE_CHECKING:
    from djfa_lint.facts.records import FileFacts, Import, Unit

COROUTINE = BITS["AsyncFunctionDef"]
_PROTOCOLS = frozenset({"typing.Protocol", "typing_extensions.Protocol"})
_AUTHENTICATION = "django.contrib.auth.middleware.AuthenticationMiddleware"
_SAVED = ("pre_save", "post_save")
_DELETED = ("pre_delete", "post_delete")


class Placed(NamedTuple):
    """An assignment in the body of a class: the class that has it, and its line."""

    owner: Known
    line: int


class RowQuestions:
    """Answers from the linked project; mixed into `Project`, which holds what is asked here."""

    files: Mapping[str, FileFacts]
    linked: Linked
    frameworks: Frameworks
    _names: Names

    def row_model(self, known: Known) -> Model | None:
        """The model a class is, also that of a library."""
        return self.frameworks.models.get(known) or self.frameworks.django_models.get(known)

    def has_rows(self, framework: str = "") -> bool:
        """Whether the project has any model, or one of a framework: ``django``, ``sqlalchemy``."""
        return any(framework in {"", one.framework} for one in self.frameworks.models.values())

    def is_class(self, known: Known) -> bool:
        """Whether this is a class of the project."""
        return known in self.linked.classes.declared

    def module_name(self, path: str) -> str:
        """The dotted name of a file's module."""
        return self.linked.modules.name(path)

    def home(self, path: str, name: str, local: Mapping[str, Import] | None = None) -> tuple[str, str] | None:
        """The file and the name there under which a module-level name is assigned; None for any other."""
        return self._names.home(path, name, local)

    def meanings(self, path: str, dotted: str) -> tuple[Known, ...]:
        """All that a name may mean that is imported in several ways; none where one of them cannot be known."""
        return self._names.meanings(path, dotted)

    def class_assignment(self, cls: Known, name: str) -> Placed | None:
        """The assignment that gives a class this attribute, its own or that of a base of the project."""
        found = self.linked.classes.attribute(cls, name)
        return Placed(found.owner, found.what.line) if found is not None and isinstance(found.what, Assigned) else None

    def methods_of(self, cls: Known) -> tuple[Definition, ...]:
        """The methods that a class has from the project, the one that counts only."""
        return tuple(
            Definition(Known(f"{owner.name}.{one.name.rpartition('.')[2]}", path=owner.path), one, owner)
            for owner, one in self.linked.classes.methods(cls)
        )

    def is_overridden(self, cls: Known, name: str) -> bool:
        """Whether another class may answer in its place: a derived one with this name itself, any of a protocol's."""
        classes = self.linked.classes
        if any(name in classes.members(one) for one in classes.subclasses(cls.name) if one != cls):
            return True
        return _is_protocol(classes.mro(cls).classes)

    def model_by_label(self, label: str) -> Known | None:
        """The model with this label, ``app.Model`` in any case; by the model's name alone where only one has it."""
        found = self._labels.get(label.lower(), ())
        return found[0] if len(found) == 1 else None

    @cached_property
    def _labels(self) -> Mapping[str, tuple[Known, ...]]:
        found: dict[str, tuple[Known, ...]] = {}
        for known, model in self.frameworks.django_models.items():
            for label in {model.label.lower(), model.label.rpartition(".")[2].lower()}:
                found[label] = (*found.get(label, ()), known)
        return found

    def managed(self, cls: Known) -> tuple[Known, ...]:
        """The models that have this class for a manager, or for the querysets of one."""
        return self._managed.get(cls, ())

    @cached_property
    def _managed(self) -> Mapping[Known, tuple[Known, ...]]:
        found: dict[Known, tuple[Known, ...]] = {}
        for known, model in self.frameworks.models.items():
            for cls in {one for manager in model.managers for one in (manager.manager, manager.queryset) if one}:
                found[cls] = (*found.get(cls, ()), known)
        return found

    def is_watched(self, model: Known, operation: str) -> bool:
        """Whether a receiver of the project hears of rows of this model that are saved (``save``) or deleted."""
        names = _DELETED if operation == "delete" else _SAVED
        for receiver in self.frameworks.receivers:
            signal = receiver.signal.name.rpartition(".")[2] if receiver.signal is not None else ""
            if signal in names and (not receiver.senders or model in receiver.senders):
                return True
        return False

    def coroutine_names(self) -> frozenset[str]:
        """The bare names of the project's coroutines, those inside of functions included."""
        return self._coroutine_names

    @cached_property
    def _coroutine_names(self) -> frozenset[str]:
        every = (one for facts in self.files.values() for one in facts.functions if one.coroutine)
        return frozenset(one.name.rpartition(".")[2] for one in every)

    def has_coroutines(self) -> bool:
        """Whether anything of the project may run on an event loop; tests do not count."""
        return self._has_coroutines

    @cached_property
    def _has_coroutines(self) -> bool:
        return any(unit.kinds & COROUTINE for path in self.files for unit in self.coroutine_units(path))

    def coroutine_units(self, path: str) -> tuple[Unit, ...]:
        """The functions of a file that are coroutines or have one inside; none of a test's."""
        if Role.TEST in self.linked.roles(path):
            return ()
        return tuple(one for one in self.files[path].units if one.kind == "function" and one.kinds & COROUTINE)

    def standing(self, path: str, line: int) -> str:
        """Who awaits the coroutine whose ``def`` is on this line.

        ``left over`` is what nothing names in a project that names nearly all of its coroutines, or what no import
        finds, ``edge`` what is only awaited before an app's first request or after its last, ``alone`` what has an
        event loop for itself; "" is any other.
        """
        function = next((one for one in self.files[path].functions if one.line == line), None)
        if function is None:
            return ""
        if self._mentions.is_left_over(path, function):
            return "left over"
        if self._mentions.runs_at_the_edge(path, function):
            return "edge"
        return "alone" if self._mentions.runs_alone(path, function) else ""

    @cached_property
    def _mentions(self) -> Mentions:
        return Mentions(self.linked, hooks(self.linked))

    def getter(self, definition: Definition) -> Definition:
        """Of a property's setter the property; any other method as it is."""
        if not any(
            getattr(one, "name", "").endswith((".setter", ".deleter")) for one in definition.declared.decorators
        ):
            return definition
        name = definition.declared.name
        same = (one for one in self.files[definition.known.path].functions if one.name == name)
        first = next(same, definition.declared)
        return definition._replace(declared=first)

    def answering(self, cls: Known, name: str) -> tuple[Definition, ...]:
        """The methods of this name that may answer for a class: its own, those of derived ones and of its protocol."""
        classes = self.linked.classes
        others = [one for one in classes.subclasses(cls.name) if name in classes.members(one)]
        if _is_protocol(classes.mro(cls).classes):
            others += [one for one in self._like(cls) if one not in others]
        found: dict[Known, Definition] = {}
        for one in (cls, *others):
            held = classes.attribute(one, name)
            if held is None or not isinstance(held.what, Function):
                return ()
            known = Known(f"{held.owner.name}.{name}", path=held.owner.path)
            found[known] = Definition(known, held.what, held.owner)
        return tuple(found.values())

    def _like(self, protocol: Known) -> tuple[Known, ...]:
        """The classes that have all that a protocol asks for."""
        wanted = [one for one in self.linked.classes.members(protocol) if not one.startswith("__")]
        several = [self._by_member.get(one, frozenset()) for one in wanted]
        found = frozenset.intersection(*several) if several else frozenset()
        return tuple(sorted(one for one in found if one != protocol))

    @cached_property
    def _by_member(self) -> Mapping[str, frozenset[Known]]:
        found: dict[str, set[Known]] = {}
        for one in self.linked.classes.declared:
            for name in self.linked.classes.members(one):
                found.setdefault(name, set()).add(one)
        return {name: frozenset(some) for name, some in found.items()}

    def loads_user_lazily(self) -> bool:
        """Whether Django's own middleware gives requests their user, as far as settings and classes tell."""
        names = self.frameworks.setting("MIDDLEWARE")
        own = any(one.name.endswith(".AuthenticationMiddleware") for one in self.linked.classes.declared)
        return not own and (not isinstance(names, (list, tuple)) or _AUTHENTICATION in names)

    def text(self, path: str) -> str:
        """The content hash of a file: what rests on a body rests on this."""
        return self.files[path].digest


def _is_protocol(bases: tuple[Known, ...]) -> bool:
    return any(one.name in _PROTOCOLS for one in bases)


ROW_QUESTIONS = (
    "row_model",
    "has_rows",
    "is_class",
    "module_name",
    "home",
    "meanings",
    "class_assignment",
    "is_overridden",
    "methods_of",
    "model_by_label",
    "managed",
    "is_watched",
    "has_coroutines",
    "coroutine_names",
    "coroutine_units",
    "answering",
    "standing",
    "getter",
    "loads_user_lazily",
    "text",
)
