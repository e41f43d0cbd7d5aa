"""The linked project: the one door through which rules and the evaluator ask about other files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from djfa_lint.facts.records import Class, FileFacts, Import, Unit
from djfa_lint.project.modules import Modules
from djfa_lint.project.names import Known, Names
from djfa_lint.project.roles import Role, roles_of


class Project:
    """All files' facts, read-only. Paths are project-relative with ``/``."""

    def __init__(self, files: Mapping[str, FileFacts], src: Sequence[str] = (), markers: Iterable[str] = ()) -> None:
        self.files = files
        self.modules = Modules(files, src, markers)
        self._names = Names(files, self.modules)
        self._roles: dict[str, frozenset[Role]] = {}

    def resolve(self, path: str, dotted: str, local: Mapping[str, Import] | None = None) -> Known | None:
        """What a dotted name in a file means; `local` are the imports of the function around it. None: not known."""
        return self._names.resolve(path, dotted, local)

    def roles(self, path: str) -> frozenset[Role]:
        """What a file is for (tests, migrations ...)."""
        found = self._roles.get(path)
        if found is None:
            found = self._roles[path] = roles_of(self.files[path])
        return found

    def names_in(self, path: str, unit: Unit, defaults: bool = False) -> Iterator[Known]:
        """What the names in a unit lead to, as far as known; generous: a local variable may hide one of them.

        With `defaults` only the names called in defaults.
        """
        local = {one.name: one for one in unit.imports}
        facts = self.files[path]
        for ref in unit.default_calls if defaults else unit.refs:
            root = ref.partition(".")[0]
            if root in local:
                # The name may mean the function's import in one place and the module's in another.
                known = self.resolve(path, ref, local)
                if known is not None:
                    yield known
            if root not in local or root in facts.bindings:
                known = self.resolve(path, ref)
                if known is not None:
                    yield known

    @cached_property
    def _classes(self) -> dict[tuple[str, str], Class]:
        return {
            (path, f"{self.modules.name(path)}.{cls.name}"): cls
            for path, facts in self.files.items()
            for cls in facts.classes
        }

    def ancestors(self, cls: Known) -> tuple[str, ...]:
        """The absolute names of all known bases of a class, itself first, library classes included.

        A base that cannot be known is left out.
        """
        found: dict[Known, None] = {}
        waiting = [cls]
        while waiting:
            current = waiting.pop(0)
            if current in found or current.made:
                continue
            found[current] = None
            declared = self._classes.get((current.path, current.name))
            if declared is not None:
                answers = (self.resolve(current.path, base) for base in declared.bases if base)
                waiting += [answer for answer in answers if answer is not None]
        return tuple(known.name for known in found)

    def describe(self, known: Known) -> tuple[str, ...]:
        """What is held about a class, in the words of a fixture's ``# fact``: one ``is <base>`` for each base."""
        return tuple(f"is {name}" for name in self.ancestors(known)[1:])
