"""The linked project: the one door through which rules and the evaluator ask about other files.

Every question is a method named in `QUESTIONS`. What a unit's findings rest on can so be recorded: `Recorded` notes
each question with a digest of its answer, and `digest` asks it again later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from djfa_lint.facts.records import FileFacts, Import, Unit
from djfa_lint.facts.requirements import Requirement
from djfa_lint.facts.values import Assigned, Function
from djfa_lint.knowledge.library import library
from djfa_lint.project.declared import Plain
from djfa_lint.project.definition import Definition
from djfa_lint.project.describe import describe
from djfa_lint.project.digests import digest_of, frozen, thawed
from djfa_lint.project.django.taken import taken_in
from djfa_lint.project.django.uses import used
from djfa_lint.project.entities import Endpoint, Model, Schema, Serializer, View
from djfa_lint.project.frameworks import Frameworks
from djfa_lint.project.linked import Linked
from djfa_lint.project.modules import Modules
from djfa_lint.project.names import Known, Names
from djfa_lint.project.reading import read_in
from djfa_lint.project.roles import Role, roles_of
from djfa_lint.project.rowwise import ROW_QUESTIONS, RowQuestions
from djfa_lint.project.serving import Served
from djfa_lint.project.versions import Version, Versions

Local = Mapping[str, Import]
Question = tuple[str, tuple[Any, ...]]


class Project(RowQuestions):
    """All files' facts, read-only. Paths are project-relative with ``/``."""

    def __init__(
        self,
        files: Mapping[str, FileFacts],
        src: Sequence[str] = (),
        markers: Iterable[str] = (),
        others: Iterable[str] = (),
        requirements: Mapping[str, tuple[Requirement, ...]] | None = None,
    ) -> None:
        """`src` are configured roots, `markers` files that mark one, `others` files that are not Python."""
        self._hold(files, Modules(files, src, markers), Versions(requirements or {}), tuple(others))

    def edited(self, changed: Mapping[str, FileFacts]) -> Project:
        """The project after the texts of some of its files have changed; which files there are stays as it was."""
        project = Project.__new__(Project)
        project._hold({**self.files, **changed}, self.modules, self.versions, self.linked.others)
        return project

    def _hold(
        self, files: Mapping[str, FileFacts], modules: Modules, versions: Versions, others: tuple[str, ...]
    ) -> None:
        self.files, self.modules, self.versions = files, modules, versions
        self._names = Names(files, modules)
        self._roles: dict[str, frozenset[Role]] = {}
        self.linked = Linked(files, modules, self._names, self.roles, others)
        self.frameworks = Frameworks(self.linked)
        self._digests: dict[Question, str] = {}

    # --- names and classes

    def resolve(self, path: str, dotted: str, local: Local | None = None) -> Known | None:
        """What a dotted name in a file means; `local` are the imports of the function around it. None: not known."""
        return self._names.resolve(path, dotted, local)

    def ancestors(self, cls: Known) -> tuple[str, ...]:
        """The absolute names of all known bases of a class, itself first, library classes included.

        A base that cannot be known is left out.
        """
        return tuple(known.name for known in self.linked.classes.mro(cls).classes) if not cls.made else ()

    def mro(self, cls: Known) -> tuple[Known, ...]:
        """The classes a class takes its attributes from, itself first, as far as known; a library's have no path."""
        return self.linked.classes.mro(cls).classes

    def canonical(self, name: str) -> str:
        """A library's class or function under the name that the tables have it by; any other name as it is."""
        return library().canonical(name)

    def subclasses(self, name: str) -> tuple[Known, ...]:
        """The project's classes derived from the class of this absolute name, sorted."""
        return self.linked.classes.subclasses(name)

    def function(self, known: Known) -> Function | None:
        """What a project function's or method's file declares about it."""
        return self.linked.linker.function(known)

    def method(self, cls: Known, name: str, after: Known | None = None) -> Definition | None:
        """The project method that a class has by this name over its MRO; with `after` from behind that class only.

        None where it has none, or a library's.
        """
        found = self.linked.classes.attribute(cls, name, after)
        if found is None or not isinstance(found.what, Function):
            return None
        return Definition(Known(f"{found.owner.name}.{name}", path=found.owner.path), found.what, found.owner)

    # --- files

    def roles(self, path: str) -> frozenset[Role]:
        """What a file is for (tests, migrations ...)."""
        found = self._roles.get(path)
        if found is None:
            found = self._roles[path] = roles_of(self.files[path])
        return found

    def listing(self, folder: str) -> tuple[str, ...]:
        """The names of the project's files in a folder, sorted; "" is the top."""
        prefix = folder + "/" if folder else ""
        every = (*self.files, *self.linked.others)
        return tuple(sorted({one[len(prefix) :].partition("/")[0] for one in every if one.startswith(prefix)}))

    def version(self, name: str) -> Version | None:
        """The version of a distribution (``django``) that the project asks for; None where it does not say."""
        return self.versions.of(name)

    # --- what the frameworks make of it

    def model(self, known: Known) -> Model | None:
        """The model a class is, with all its relations; None for any other class."""
        return self.frameworks.models.get(known)

    def serializer(self, known: Known) -> Serializer | None:
        """The DRF serializer or model form a class is."""
        return self.frameworks.serializers.get(known) or self.frameworks.forms.get(known)

    def taken_in(self, known: Known) -> tuple[str, ...]:
        """The fields of a serializer or form with ``"__all__"`` or ``exclude``; none where its model is unknown."""
        serializer = self.serializer(known)
        model = self.model(serializer.model) if serializer is not None and serializer.model is not None else None
        return taken_in(self.linked, serializer, model) if serializer is not None and model is not None else ()

    def is_form(self, known: Known) -> bool:
        """Whether a class is a model form."""
        return known in self.frameworks.forms

    def is_of_admin(self, known: Known) -> bool:
        """Whether only the admin uses a form: an admin class names it, or stands in the same file."""
        return known.path in self._admin_files or known in self._admin_forms

    @cached_property
    def _admin_files(self) -> frozenset[str]:
        return frozenset(one.path for one in self.frameworks.admins.values())

    @cached_property
    def _admin_forms(self) -> frozenset[Known]:
        linker = self.linked.linker
        found: set[Known] = set()
        for cls in self.frameworks.admins:
            form = self.linked.classes.attribute(cls, "form")
            if form is not None and isinstance(form.what, Assigned):
                found.update(linker.symbols(linker.class_value(form.owner, form.what)))
        return frozenset(found)

    def is_used(self, known: Known) -> bool:
        """Whether something uses a serializer or form: other than tests, itself and those that nothing uses."""
        return known in self._used

    @cached_property
    def _used(self) -> frozenset[Known]:
        views = {one.path for one in self.frameworks.views.values() if one.path}
        every = {**self.frameworks.serializers, **self.frameworks.forms}
        return used(self.linked, every, views)

    def schema(self, known: Known) -> Schema | None:
        """The Pydantic model a class is."""
        return self.frameworks.schemas.get(known)

    def view(self, known: Known) -> View | None:
        """The Django view a function or class is."""
        return self.frameworks.views.get(known)

    def endpoints_of(self, known: Known) -> tuple[Endpoint, ...]:
        """The routes that lead to a view, or to a function that answers for one."""
        return self._endpoints.get(known, ())

    @cached_property
    def _endpoints(self) -> Mapping[Known, tuple[Endpoint, ...]]:
        found: dict[Known, list[Endpoint]] = {}
        for endpoint in self.frameworks.endpoints:
            for known in {endpoint.view, *(handler.function for handler in endpoint.handlers)}:
                found.setdefault(known, []).append(endpoint)
        return {known: tuple(some) for known, some in found.items()}

    def setting(self, name: str) -> Plain:
        """A Django setting as plain data (a class or function by its name), or None where it cannot be told."""
        return self.frameworks.setting(name)

    # --- what one file has

    def served_in(self, path: str) -> tuple[Served, ...]:
        """The functions of a file that answer requests."""
        return self.frameworks.served.get(path, ())

    def serializers_in(self, path: str) -> tuple[Serializer, ...]:
        """The serializers and model forms of a file."""
        return self._serializers.get(path, ())

    @cached_property
    def _serializers(self) -> Mapping[str, tuple[Serializer, ...]]:
        found: dict[str, list[Serializer]] = {}
        for one in (*self.frameworks.serializers.values(), *self.frameworks.forms.values()):
            found.setdefault(one.path, []).append(one)
        return {path: tuple(some) for path, some in found.items()}

    def functions_in(self, path: str) -> tuple[Definition, ...]:
        """Every function and method of a file, decorated ones inside factories included."""
        prefix = self.modules.name(path)
        return tuple(
            Definition(
                Known(f"{prefix}.{one.name}", path=path),
                one,
                Known(f"{prefix}.{one.owner}", path=path) if one.owner else None,
            )
            for one in self.files[path].functions
        )

    def names_in(self, path: str, unit: Unit, defaults: bool = False) -> Iterator[Known]:
        """What the names in a unit lead to, as far as known; generous: a local variable may hide one of them.

        With `defaults` only the names called in defaults.
        """
        refs = unit.default_calls if defaults else unit.refs
        for _, known in read_in(self.resolve, self.files[path], unit, refs):
            if known is not None:
                yield known

    def describe(self, known: Known) -> tuple[str, ...]:
        """What is held about a definition, in the words of a fixture's ``# fact``."""
        return tuple(describe(self.linked, self.frameworks, known))

    def digest(self, question: Question) -> str:
        """A digest of the answer to a question, the same for equal answers in any process.

        It is "" for a question about a file that the project does not have.
        """
        found = self._digests.get(question)
        if found is None:
            name, arguments = question
            if name in _OF_FILE and arguments[0] not in self.files:
                found = ""
            else:
                found = digest_of(getattr(self, name)(*(thawed(one) for one in arguments)))
            self._digests[question] = found
        return found

    def agrees(self, answers: Mapping[Question, str]) -> bool:
        """Whether every question is answered as it was when these digests were noted."""
        return all(self.digest(question) == answer for question, answer in answers.items())


QUESTIONS = (
    "resolve",
    "ancestors",
    "mro",
    "subclasses",
    "function",
    "method",
    "roles",
    "listing",
    "version",
    "model",
    "serializer",
    "taken_in",
    "is_form",
    "is_of_admin",
    "is_used",
    "schema",
    "view",
    "endpoints_of",
    "setting",
    "served_in",
    "serializers_in",
    "functions_in",
    *ROW_QUESTIONS,
)


# What takes a file for granted.
_OF_FILE = frozenset({"resolve", "roles", "functions_in", "home", "module_name", "text", "coroutine_units", "standing"})


class Recorded(Project):
    """The same project, noting what it is asked. `answers` holds each question with a digest of its answer."""

    def __init__(self, project: Project) -> None:
        self.__dict__.update(project.__dict__)
        self.answers: dict[Question, str] = {}
        for name in QUESTIONS:
            setattr(self, name, self._noting(name, getattr(project, name)))

    def _noting(self, name: str, ask: Callable[..., Any]) -> Callable[..., Any]:
        def noted(*arguments: Any) -> Any:
            answer = ask(*arguments)
            question = name, tuple(frozen(one) for one in arguments)
            if question not in self.answers:
                # Shared with the project, which is asked the same for other files.
                if question not in self._digests:
                    self._digests[question] = digest_of(answer)
                self.answers[question] = self._digests[question]
            return answer

        return noted

    def stands(self, project: Project) -> bool:
        """Whether every question, asked again of another state of the project, is answered the same."""
        return project.agrees(self.answers)
