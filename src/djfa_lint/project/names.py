"""What a dotted name in a file means: through imports, aliases and re-exports, to where it is defined.

A name that is bound in more than one way, or that passes a star import of a library, is not known: rules stay silent.

Each question leads to other questions, in circles too (modules that import each other). They are gathered first and
answered together: the set of meanings a name can have is what its bindings bring, until nothing is added. So an answer
does not depend on what was asked before, and no circle or chain is too long.
"""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from typing import NamedTuple

from djfa_lint.facts.records import Binding, FileFacts, Import
from djfa_lint.project.modules import Modules

_BUILTINS = frozenset(vars(builtins))
# `a = a.b` leads to `a.b.b.b ...`: a name with more parts than this is not known.
_MAX_PARTS = 20
_MAX_MEANINGS = 4

Key = tuple[str, str]


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


class _Way(NamedTuple):
    """One way a name gets its meaning: `known` itself (None: not known), or that of another question.

    `called` says that the value is made by calling what the question leads to, `member` that it is asked of a module,
    which has builtins in its scope but not among its attributes. `rest` are read from a value that is made.
    """

    known: Known | None = None
    ask: Key | None = None
    called: bool = False
    member: bool = False
    rest: tuple[str, ...] = ()

    def through(self, answer: Known | None) -> Known | None:
        """The meaning this way gives, from the answer to its question."""
        if answer is None or (self.member and answer.name.startswith("builtins.")):
            return None
        if self.called:
            return None if answer.made else Known(answer.name, True, self.rest, answer.path)
        return answer


class Names:
    """Resolves names over all files of a project; answers are kept."""

    def __init__(self, files: Mapping[str, FileFacts], modules: Modules) -> None:
        self._files = files
        self._modules = modules
        self._kept: dict[Key, frozenset[Known | None]] = {}
        self._stars: dict[str, tuple[frozenset[str], bool]] = {}

    def resolve(self, path: str, dotted: str, local: Mapping[str, Import] | None = None) -> Known | None:
        """What `dotted` means in the file `path`; `local` are imports made in the function around it.

        None where it cannot be known.
        """
        root, _, rest = dotted.partition(".")
        if local and root in local:
            way = self._imported(path, local[root], tuple(rest.split(".")) if rest else ())
            return way.through(_single(self._answers(way.ask))) if way.ask is not None else way.known
        return _single(self._answers((path, dotted)))

    def meanings(self, path: str, dotted: str) -> tuple[Known, ...]:
        """All that `dotted` may mean in the file, as after ``try: import a as x`` / ``except: import b as x``, sorted.

        Empty where one of its meanings cannot be known, or there are too many.
        """
        found = self._answers((path, dotted))
        return () if None in found else tuple(sorted(one for one in found if one is not None))

    def star(self, path: str, root: str) -> str | None:
        """The project file from which a star import in `path` brings the name `root`, or None."""
        way = self._through_stars(path, root, root)
        return way.ask[0] if way.ask is not None else None

    def home(self, path: str, name: str, local: Mapping[str, Import] | None = None) -> tuple[str, str] | None:
        """The file and the name there under which a name is bound by an assignment; None where it is another thing."""
        for _ in range(_MAX_PARTS):
            imported = local.get(name) if local else None
            bindings = self._files[path].bindings.get(name, ())
            if imported is None and len(bindings) == 1 and bindings[0].kind == "import":
                imported = bindings[0].imported
            if imported is None:
                star = self.star(path, name) if not bindings else None
                if star is None:
                    return (path, name) if any(one.kind in {"call", "other", "alias"} for one in bindings) else None
                path = star
                continue
            way = self._imported(path, imported, ())
            if way.ask is None or "." in way.ask[1]:
                return None
            path, name, local = *way.ask, None
        return None

    def _answers(self, key: Key) -> frozenset[Known | None]:
        if key not in self._kept:
            self._settle(key)
        return self._kept[key]

    def _settle(self, key: Key) -> None:
        """Answer a question and every question it leads to."""
        ways: dict[Key, list[_Way]] = {}
        asked_by: dict[Key, list[tuple[Key, _Way]]] = {}
        waiting = [key]
        while waiting:
            current = waiting.pop()
            if current in ways:
                continue
            ways[current] = self._ways(*current)
            for way in ways[current]:
                if way.ask is not None:
                    asked_by.setdefault(way.ask, []).append((current, way))
                    if way.ask not in self._kept:
                        waiting.append(way.ask)
        meanings: dict[Key, set[Known | None]] = {one: set() for one in ways}
        told = [(one, way.known) for one, own in ways.items() for way in own if way.ask is None]
        told += [
            (one, way.through(answer))
            for asked in asked_by.keys() & self._kept.keys()
            for one, way in asked_by[asked]
            for answer in self._kept[asked]
        ]
        while told:
            one, meaning = told.pop()
            # One that is not known is among them, and nothing more can change the answer.
            if meaning in meanings[one] or None in meanings[one]:
                continue
            too_many = len(meanings[one]) >= _MAX_MEANINGS
            meanings[one] = {None} if meaning is None or too_many else {*meanings[one], meaning}
            told += [(asker, way.through(meaning)) for asker, way in asked_by.get(one, ()) for meaning in meanings[one]]
        for one, found in meanings.items():
            self._kept[one] = frozenset(found)

    def _ways(self, path: str, dotted: str) -> list[_Way]:
        """All ways in which a name gets its meaning in a file; none of them where it has none."""
        root, *parts = dotted.split(".")
        rest = tuple(parts)
        if len(rest) > _MAX_PARTS:
            return [_Way()]
        facts = self._files[path]
        bindings = [one for one in facts.bindings.get(root, ()) if one.kind != "none"]
        if bindings:
            return [self._bound(path, root, binding, rest) for binding in bindings]
        return [_Way()] if root in facts.bindings else [self._through_stars(path, root, dotted)]

    def _through_stars(self, path: str, root: str, dotted: str) -> _Way:
        """A name the file does not bind itself: from a star import, the last one first, or a builtin."""
        for star in reversed(self._files[path].star_imports):
            found = self._star(path, star)
            if found is None:
                return _Way()  # a library's star may bring any name
            names, anything = self._exported(found)
            if root in names and found != path:
                return _Way(ask=(found, dotted), member=True)
            if anything:
                return _Way()
        return _Way(Known(f"builtins.{dotted}")) if root in _BUILTINS else _Way()

    def _star(self, path: str, star: Import) -> str | None:
        module = self._modules.absolute(path, star.module, star.level)
        return self._modules.find(path, module) if module else None

    def _exported(self, path: str) -> tuple[frozenset[str], bool]:
        """The names a star import of a file may bring, through its own stars too, and whether it may bring any."""
        if path not in self._stars:
            self._export_below(path)
        if path not in self._stars:
            names: set[str] = set()
            anything, seen, waiting = False, {path}, [path]
            while waiting:
                facts = self._files[waiting.pop()]
                if facts.exports is not None:
                    names.update(facts.exports)
                    continue
                names.update(facts.bindings)
                for star in facts.star_imports:
                    found = self._star(facts.path, star)
                    anything = anything or found is None
                    if found is not None and found not in seen:
                        seen.add(found)
                        waiting.append(found)
            self._stars[path] = (frozenset(names), anything)
        return self._stars[path]

    def _export_below(self, path: str) -> None:
        """Work out what the files below bring, from the last one up, where their stars make no circle."""
        order = {path: [self._star(path, star) for star in self._files[path].star_imports]}
        waiting = [path]
        while waiting:
            for found in order[waiting.pop()]:
                if found is not None and found not in order and found not in self._stars:
                    order[found] = [self._star(found, star) for star in self._files[found].star_imports]
                    waiting.append(found)
        for one in reversed(order):
            facts = self._files[one]
            if facts.exports is not None:
                self._stars[one] = (frozenset(facts.exports), False)
            elif all(found is None or found in self._stars for found in order[one]):
                below = [self._stars[found] for found in order[one] if found is not None]
                names = frozenset(facts.bindings).union(*(known for known, _ in below))
                self._stars[one] = (names, None in order[one] or any(anything for _, anything in below))

    def _bound(self, path: str, root: str, binding: Binding, rest: tuple[str, ...]) -> _Way:
        if binding.imported is not None:
            return self._imported(path, binding.imported, rest)
        if binding.kind in {"def", "class"}:
            return _Way(Known(".".join([self._modules.name(path), root, *rest]), path=path))
        if binding.kind == "alias":
            return _Way(ask=(path, ".".join([binding.target, *rest])))
        if binding.kind == "call":
            return _Way(ask=(path, binding.target), called=True, rest=rest)
        return _Way()

    def _imported(self, path: str, imported: Import, rest: tuple[str, ...]) -> _Way:
        """An imported name: the longest project module in it, then that module's names; else a library's."""
        module = self._modules.absolute(path, imported.module, imported.level)
        if module is None:
            return _Way()
        parts = [part for part in (*module.split("."), imported.attribute, *rest) if part]
        for count in range(len(parts), 0, -1):
            found = self._modules.find(path, ".".join(parts[:count]))
            if found is not None:
                if count == len(parts):
                    return _Way(Known(self._modules.name(found), path=found))
                return _Way(ask=(found, ".".join(parts[count:])), member=True)
        # A relative import never means a library, whatever the file it names is called.
        return _Way() if imported.level or not parts else _Way(Known(".".join(parts)))


def _single(meanings: frozenset[Known | None]) -> Known | None:
    return next(iter(meanings)) if len(meanings) == 1 else None
