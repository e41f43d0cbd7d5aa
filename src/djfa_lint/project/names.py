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
# A name that leads through more aliases and re-exports than this is not followed to its end.
_MAX_STEPS = 60


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
        self._stars: dict[str, tuple[frozenset[str], bool]] = {}
        self._cuts = 0

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
        if key in asked or len(asked) >= _MAX_STEPS:
            self._cuts += 1
            return None
        cuts = self._cuts
        answer = self._look_up(path, dotted, asked | {key})
        # An answer for which a circle was cut short holds only inside that circle, unless it was asked first.
        if not asked or cuts == self._cuts:
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
        return self._through_stars(path, root, dotted, asked)

    def _through_stars(self, path: str, root: str, dotted: str, asked: frozenset[tuple[str, str]]) -> Known | None:
        """A name the file does not bind itself: from a star import, the last one first, or a builtin."""
        for star in reversed(self._files[path].star_imports):
            found = self._star(path, star)
            if found is None:
                return None  # a library's star may bring any name
            names, anything = self._exported(found)
            if root in names and found != path:
                answer = self._resolve(found, dotted, asked)
                return answer if answer is not None and not answer.name.startswith("builtins.") else None
            if anything:
                return None
        return Known(f"builtins.{dotted}") if root in _BUILTINS else None

    def _star(self, path: str, star: Import) -> str | None:
        module = self._modules.absolute(path, star.module, star.level)
        return self._modules.find(path, module) if module else None

    def _exported(self, path: str) -> tuple[frozenset[str], bool]:
        """The names a star import of a file may bring, through its own stars too, and whether it may bring any."""
        if path not in self._stars:
            names: set[str] = set()
            anything, seen, waiting = False, {path}, [path]
            while waiting:
                facts = self._files[waiting.pop()]
                names.update(facts.bindings)
                for star in facts.star_imports:
                    found = self._star(facts.path, star)
                    anything = anything or found is None
                    if found is not None and found not in seen:
                        seen.add(found)
                        waiting.append(found)
            self._stars[path] = (frozenset(names), anything)
        return self._stars[path]

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
        known = self._absolute(path, [part for part in parts if part], asked)
        if known is None and not imported.level and self._modules.find(path, parts[0]) is None:
            return Known(".".join(parts))
        return known

    def _absolute(self, path: str, parts: list[str], asked: frozenset[tuple[str, str]]) -> Known | None:
        """An absolute dotted name as seen from `path`: the longest project module in it, then that module's names.

        None too where no project module is in it.
        """
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
        return None
