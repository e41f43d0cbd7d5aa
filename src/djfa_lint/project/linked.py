"""What the frameworks' models are built from: files, names, classes, declared values and effects, in one hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property

from djfa_lint.facts.records import FileFacts
from djfa_lint.project.classes import Classes
from djfa_lint.project.effects import Effect, effects_of
from djfa_lint.project.linker import Linker
from djfa_lint.project.modules import Modules
from djfa_lint.project.names import Names
from djfa_lint.project.roles import Role

_LEFT_OUT = {Role.TEST, Role.MIGRATION}


class Linked:
    """The linked files of a project, read-only; what is costly is worked out when first asked for."""

    def __init__(
        self,
        files: Mapping[str, FileFacts],
        modules: Modules,
        names: Names,
        roles: Callable[[str], frozenset[Role]],
        others: tuple[str, ...] = (),
    ) -> None:
        """`others` are the project's files that are not Python: its templates."""
        self.files, self.modules, self.names, self.roles = files, modules, names, roles
        self.others = others

    @cached_property
    def classes(self) -> Classes:
        """The classes of the project."""
        return Classes(self.files, self.modules, self.names)

    @cached_property
    def linker(self) -> Linker:
        """The values of declared names."""
        return Linker(self.files, self.modules, self.names, self.classes)

    @cached_property
    def effects(self) -> list[Effect]:
        """What happens on import, tests and migrations left out."""
        return effects_of(self.linker, [path for path in sorted(self.files) if not self.roles(path) & _LEFT_OUT])
