"""What a dotted name in a file means: through imports, aliases and re-exports, to where it is defined.

A name that is bound in more than one way, or that passes a star import of a library, is not known: rules stay silent.
"""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from typing import NamedTuple

from djfa_lint.facts.records import Binding, FileFacts, Import
from djfa_lint.project.modules import Modules

_BUILTINS = frozenset(vars(builtins))


class Known(NamedTuple):
    """What a dotted name leads to.

    `name` is an absolute dotted name: a project definition, a library's, or ``builtins.x``. With `made` the name is
    what was *called* to make the value (``client = httpx.Client()``), and `attributes` are read from that value.
    `path` is the project file that defines it, empty for a library's; two files may define the same dotted name.
    """

    name: str
    made: bool = False
    attributes: tuple[str, ...] = ()
    path: str = ""


class Names:
    """Resolves names over all files of a project; answers are kept."""

    def __init__(self, files: Mapping[str, FileFacts], modules: Modules) -> None:
        self._files = files
        self._modules = modules
        self._kept: dict[tuple[str, str], Known | None] = {}

    def resolve(self, path: str, dotted: str, local: Mapping[str, Import] | None = None) -> Known | None:
        """What `dotted` means in the file `path`; `local` are imports made in the function around it.

        None where it cannot be known.
        """
        root, _, rest = dotted.partition(".")
        if local and root in local:
            return self._follow(path, local[root], rest.split(".") if rest else [], frozenset())
        return self._resolve(path, dotted, frozenset())

    def _resolve(self, path: str, dotted: str, asked: frozenset[tuple[str, str]]) -> Known | None:
        key = (path, dotted)
        if key in self._kept:
            return self._kept[key]
        if key in asked:
            return None
        answer = self._look_up(path, dotted, asked | {key})
        if not asked:  # an answer given inside a cycle may be cut short, so only outermost ones are kept
            self._kept[key] = answer
        return answer

    def _look_up(self, path: str, dotted: str, asked: frozenset[tuple[str, str]]) -> Known | None:
        root, *rest = dotted.split(".")
        facts = self._files[path]
        bindings = [one for one in facts.bindings.get(root, ()) if one.kind != "none"]
        if bindings:
            answers = {self._bound(path, root, binding, rest, asked) for binding in bindings}
            return answers.pop() if len(answers) == 1 else None
        if root in facts.bindings:
            return None
        for star in facts.star_imports:
            module = self._modules.absolute(path, star.module, star.level)
            found = self._modules.find(path, module) if module else None
            if found is None or found == path:
                return None
            answer = self._resolve(found, dotted, asked)
            if answer is not None and not answer.name.startswith("builtins."):
                return answer
        return Known(f"builtins.{dotted}") if root in _BUILTINS else None

    def _bound(
        self, path: str, root: str, binding: Binding, rest: list[str], asked: frozenset[tuple[str, str]]
    ) -> Known | None:
        if binding.imported is not None:
            return self._follow(path, binding.imported, rest, asked)
        if binding.kind in {"def", "class"}:
            return Known(".".join([self._modules.name(path), root, *rest]), path=path)
        if binding.kind == "alias":
            return self._resolve(path, ".".join([binding.target, *rest]), asked)
        if binding.kind == "call":
            made = self._resolve(path, binding.target, asked)
            if made is not None and not made.made:
                return Known(made.name, True, tuple(rest), made.path)
        return None

    def _follow(self, path: str, imported: Import, rest: list[str], asked: frozenset[tuple[str, str]]) -> Known | None:
        module = self._modules.absolute(path, imported.module, imported.level)
        if module is None:
            return None
        parts = [*module.split("."), *([imported.attribute] if imported.attribute else []), *rest]
        return self._absolute(path, [part for part in parts if part], asked)

    def _absolute(self, path: str, parts: list[str], asked: frozenset[tuple[str, str]]) -> Known | None:
        """An absolute dotted name as seen from `path`: the longest project module in it, then that module's names."""
        for count in range(len(parts), 0, -1):
            found = self._modules.find(path, ".".join(parts[:count]))
            if found is None:
                continue
            rest = parts[count:]
            if not rest:
                return Known(self._modules.name(found), path=found)
            answer = self._resolve(found, ".".join(rest), asked)
            # A module has builtins in its scope, not among its attributes.
            return None if answer is not None and answer.name.startswith("builtins.") else answer
        if self._modules.find(path, parts[0]) is not None:
            return None
        return Known(".".join(parts))
