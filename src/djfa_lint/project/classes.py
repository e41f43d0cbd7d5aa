"""Classes across files: bases, method resolution order, attributes, subclasses; library classes from the tables.

A class is known by the file that defines it and its absolute dotted name (`Known`); a library class by its name alone,
in its canonical spelling.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from djfa_lint.facts.records import Class, FileFacts
from djfa_lint.facts.values import Assigned, Call, Expr, Function, Ref
from djfa_lint.knowledge.library import library
from djfa_lint.project.modules import Modules
from djfa_lint.project.names import Known, Names

_TYPING = ("typing.", "typing_extensions.", "builtins.object", "abc.ABC")


class Found(NamedTuple):
    """An attribute of a class: the class that has it, and what it is there (None: a library's)."""

    owner: Known
    what: Function | Assigned | Class | None


class Mro(NamedTuple):
    """The classes a class takes its attributes from, itself first; `complete` if every base is known."""

    classes: tuple[Known, ...]
    complete: bool


class Classes:
    """Answers questions about the classes of a project; answers are kept."""

    def __init__(self, files: Mapping[str, FileFacts], modules: Modules, names: Names) -> None:
        self._files, self._modules, self._names = files, modules, names
        self._members: dict[Known, dict[str, Function | Assigned | Class]] = {}
        self._mros: dict[Known, Mro] = {}
        self._bases: dict[Known, tuple[tuple[str, Known | None], ...]] = {}
        self._asking: set[Known] = set()
        self._cuts = 0
        self._subclasses: dict[str, set[Known]] | None = None
        self._library: dict[str, frozenset[str]] = {}
        self._attributes: dict[tuple[Known, str, Known | None], Found | None] = {}
        self.declared: dict[Known, Class] = {}
        for path, facts in files.items():
            prefix = modules.name(path)
            for cls in facts.classes:
                # Of two classes with one name the last one stands, as after an `if` and its `else`.
                self.declared[Known(f"{prefix}.{cls.name}", path=path)] = cls

    def base_names(self, cls: Known) -> tuple[Known | None, ...]:
        """The direct bases as far as known; None for one that is not. Library classes by their canonical names."""
        return tuple(known for _, known in self.spelled_bases(cls))

    def spelled_bases(self, cls: Known) -> tuple[tuple[str, Known | None], ...]:
        """The direct bases in the order written, each as spelled ("" where that is not known) and as `base_names`.

        A computed base is the classes it is made of.
        """
        kept = self._bases.get(cls)
        if kept is not None:
            return kept
        if cls in self._asking:
            # A class whose base is named by what it inherits.
            self._cuts += 1
            return (("", None),)
        before = self._cuts
        self._asking.add(cls)
        found = self._work_out_bases(cls)
        self._asking.discard(cls)
        if before == self._cuts or not self._asking:
            self._bases[cls] = found
        return found

    def _work_out_bases(self, cls: Known) -> tuple[tuple[str, Known | None], ...]:
        declared = self.declared.get(cls)
        if declared is None:
            return tuple((name, Known(name)) for name in library().bases(cls.name)) if not cls.path else ()
        computed = iter(declared.computed)
        named = ([base] if base else _classes_in(next(computed)) or [""] for base in declared.bases)
        return tuple((base, self._base(cls, base) if base else None) for some in named for base in some)

    def _base(self, cls: Known, base: str) -> Known | None:
        inner = self._nested(cls, base)
        if inner is not None:
            return inner
        meanings = [self.canonical(one) for one in self._names.meanings(cls.path, base) if not one.made]
        ours = [one for one in meanings if one.path and one != cls]
        known = [one for one in meanings if one in self.declared or library().knows(one.name)]
        chosen = ours[:1] or known[:1] or meanings[:1]
        return chosen[0] if chosen and chosen[0] != cls else None

    def _nested(self, cls: Known, base: str) -> Known | None:
        """A base named by a class inside the class around it, as in ``class Meta(Base.Meta)`` or a sibling."""
        declared = self.declared[cls]
        outer = declared.name.rpartition(".")[0]
        if outer:
            sibling = Known(f"{self._modules.name(cls.path)}.{outer}.{base}", path=cls.path)
            if sibling in self.declared and sibling != cls:
                return sibling
        owner, _, tail = base.rpartition(".")
        if not owner:
            return None
        for known in self._names.meanings(cls.path, owner):
            found = self.attribute(known, tail) if known.path and known in self.declared else None
            if found is not None and isinstance(found.what, Class):
                return Known(f"{found.owner.name}.{tail}", path=found.owner.path)
        return None

    def canonical(self, known: Known) -> Known:
        """A library class or function under its canonical name, anything else as it is."""
        return known if known.path else known._replace(name=library().canonical(known.name))

    def mro(self, cls: Known) -> Mro:
        """The method resolution order (C3; where the bases contradict each other, depth first).

        Of a class that is its own base, however far around, only the direct bases are told.
        """
        cls = self.canonical(cls)
        if cls in self._mros:
            return self._mros[cls]
        before, opened = self._cuts, set[Known]()
        found: dict[Known, Mro] = {}
        waiting = [cls]
        while waiting:
            current = waiting[-1]
            missing = [one for one in self._parents(current) if one not in self._mros and one not in found]
            if current not in opened and missing:
                opened.add(current)
                waiting += [one for one in missing if one not in opened]
                continue
            waiting.pop()
            if current not in self._mros and current not in found:
                found[current] = self._linear(current, found)
        if before == self._cuts:
            self._mros.update(found)
        return found[cls]

    def _parents(self, cls: Known) -> list[Known]:
        return [one for one in self.base_names(cls) if one is not None] if cls.path else []

    def _linear(self, cls: Known, found: Mapping[Known, Mro]) -> Mro:
        if not cls.path:
            return Mro(tuple(Known(name) for name in library().mro(cls.name)), _is_complete(cls.name))
        direct = self._parents(cls)
        parents = [self._mros.get(one) or found.get(one) for one in direct]
        if not all(one is not None and one.complete for one in parents) and self._is_own_base(cls):
            return Mro(tuple(dict.fromkeys((cls, *direct))), False)
        known = [one for one in parents if one is not None]
        complete = None not in self.base_names(cls) and all(one.complete for one in known)
        return Mro(_merged(cls, [list(one.classes) for one in known], direct), complete)

    def _is_own_base(self, cls: Known) -> bool:
        seen: set[Known] = set()
        waiting = self._parents(cls)
        while waiting:
            one = waiting.pop()
            if one not in seen:
                seen.add(one)
                waiting += self._parents(one)
        return cls in seen

    def is_a(self, cls: Known, *names: str) -> bool:
        """Whether a class is, or is derived from, one of these (canonical names of library classes)."""
        return any(one.name in names and not one.path for one in self.mro(cls).classes)

    def members(self, cls: Known) -> Mapping[str, Function | Assigned | Class]:
        """What a project class itself has, by name; of several the last one."""
        kept = self._members.get(cls)
        if kept is None:
            self._index(cls.path)
            kept = self._members.setdefault(cls, {})
        return kept

    def _index(self, path: str) -> None:
        facts = self._files.get(path)
        if facts is None:
            return
        prefix = self._modules.name(path)
        tables = {
            one.name: self._members.setdefault(Known(f"{prefix}.{one.name}", path=path), {}) for one in facts.classes
        }
        # Of two classes with one name only what stands in the last one.
        starts = {cls.name: cls.line for cls in facts.classes}
        for cls in facts.classes:
            owner, _, name = cls.name.rpartition(".")
            if owner in tables and cls.line >= starts[owner]:
                tables[owner][name] = cls
            for statement in cls.body if cls.line == starts[cls.name] else ():
                if isinstance(statement, Assigned) and "." not in statement.target:
                    tables[cls.name][statement.target] = statement
        for function in facts.functions:
            if function.owner in tables and function.line >= starts[function.owner]:
                tables[function.owner][function.name.rpartition(".")[2]] = function

    def attribute(self, cls: Known, name: str, after: Known | None = None) -> Found | None:
        """Where a class has an attribute from, over its MRO; with `after` only from the classes behind that one.

        None where no known class has it, or an unknown base may have it before the one found.
        """
        key = (cls, name, after)
        if key not in self._attributes:
            self._attributes[key] = self._attribute(cls, name, after)
        return self._attributes[key]

    def _attribute(self, cls: Known, name: str, after: Known | None) -> Found | None:
        mro = self.mro(cls)
        classes = mro.classes[mro.classes.index(after) + 1 :] if after in mro.classes else mro.classes
        for one in classes:
            if one.path:
                found = self.members(one).get(name)
                if found is not None:
                    return Found(one, found)
            elif name in self._of_library(one.name):
                return Found(one, None)
        return None

    def _of_library(self, cls: str) -> frozenset[str]:
        kept = self._library.get(cls)
        if kept is None:
            kept = self._library[cls] = frozenset([*library().methods(cls), *library().attributes(cls)])
        return kept

    def subclasses(self, name: str) -> tuple[Known, ...]:
        """The project classes derived from a class, directly or not, sorted; `name` is its absolute name."""
        if self._subclasses is None:
            self._subclasses = {}
            for cls in self.declared:
                for one in self.mro(cls).classes[1:]:
                    self._subclasses.setdefault(one.name, set()).add(cls)
        return tuple(sorted(self._subclasses.get(library().canonical(name), ())))

    def inner(self, cls: Known, name: str) -> Known | None:
        """A class inside a class or inside one of its bases (``Meta``)."""
        found = self.attribute(cls, name)
        if found is None or not isinstance(found.what, Class):
            return None
        return Known(f"{found.owner.name}.{name}", path=found.owner.path)

    def methods(self, cls: Known) -> Iterator[tuple[Known, Function]]:
        """Every method of a class and its project bases with the class that has it, the one that counts only."""
        seen: set[str] = set()
        for one in self.mro(cls).classes:
            for name, member in (self.members(one) if one.path else {}).items():
                if name not in seen and isinstance(member, Function):
                    yield one, member
                seen.add(name)


def _classes_in(expr: Expr) -> list[str]:
    """The classes a computed base is made of: ``Manager.from_queryset(Orders)``, ``with_metaclass(Meta, Base)``."""
    if not isinstance(expr, Call) or not isinstance(expr.callee, Ref):
        return []
    owner, _, name = expr.callee.name.rpartition(".")
    given = [one.name for one in expr.args if isinstance(one, Ref)]
    if name == "from_queryset":
        return [owner, *given[:1]]
    return given[1:] if name == "with_metaclass" else []


def _is_complete(name: str) -> bool:
    return library().knows(name) or name.startswith(_TYPING) or name.startswith("builtins.")


def _merged(cls: Known, lines: list[list[Known]], direct: list[Known]) -> tuple[Known, ...]:
    """C3 of the bases' orders."""
    waiting = [list(reversed(line)) for line in [*lines, direct] if line]
    # How often each class stands behind the head of a line.
    behind = Counter(one for line in waiting for one in line[:-1])
    order = [cls]
    while waiting:
        head = next((line[-1] for line in waiting if not behind[line[-1]]), None)
        if head is None:
            rest = dict.fromkeys(one for line in lines for one in line)
            return (cls, *(one for one in rest if one != cls))
        order.append(head)
        for line in waiting:
            if line[-1] == head:
                line.pop()
                if line:
                    behind[line[-1]] -= 1
        waiting = [line for line in waiting if line]
    return tuple(order)
