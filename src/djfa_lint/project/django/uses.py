"""Which serializers and forms are used: something names them that is no test, and no serializer nobody uses.

A name counts by what it leads to, through imports and aliases: of two classes called alike one may be used alone. What
cannot be told counts for all that are called so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

import msgspec

from djfa_lint.facts.records import Binding, FileFacts, Unit
from djfa_lint.facts.values import Const, Statement
from djfa_lint.project.django.named import is_left_out
from djfa_lint.project.entities import Serializer
from djfa_lint.project.linked import Linked
from djfa_lint.project.names import Known
from djfa_lint.project.reading import read_in


def used(linked: Linked, every: Mapping[Known, Serializer], views: Iterable[str]) -> frozenset[Known]:
    """Those of `every` that are used; `views` are the files that hold views.

    Where no view stands below the same source root they are a library's, for others to use.
    """
    serving = frozenset(views)
    served = {_root(linked, path) for path in serving}
    uses = _Uses(linked, every)
    by: dict[Known | None, set[Known]] = {}
    for user, one in uses.all(serving):
        by.setdefault(user, set()).add(one)
    found = {one for one in every if _root(linked, one.path) not in served} | by.get(None, set())
    waiting = list(found)
    while waiting:
        one = waiting.pop()
        # What a base names its subclass has, even if the base itself shows nothing.
        fresh = {*uses.shown_through(one), *(named for base in uses.bases(one) for named in by.get(base, ()))} - found
        found |= fresh
        waiting += fresh
    return frozenset(found)


def _root(linked: Linked, path: str) -> str:
    return linked.modules.roots(path)[0]


class _Uses:
    """Finds who names whom."""

    def __init__(self, linked: Linked, every: Mapping[Known, Serializer]) -> None:
        self._linked, self._every = linked, every
        self._called: dict[str, list[Known]] = {}
        for one in every:
            self._called.setdefault(_last(one.name), []).append(one)

    def bases(self, known: Known) -> list[Known]:
        """The serializers or forms that one takes its attributes from, itself first."""
        return [one for one in self._linked.classes.mro(known).classes if one in self._every]

    def shown_through(self, known: Known) -> list[Known]:
        """The bases whose fields one shows: it does not say itself which fields there are."""
        place = _place(self._every[known])
        return [one for one in self.bases(known) if place is None or _place(self._every[one]) == place]

    def all(self, serving: frozenset[str]) -> Iterator[tuple[Known | None, Known]]:
        """Each serializer or form that is named, after the one that names it; None for anything else that does.

        Tests are left out, but not those of the files `serving` requests: an app may be called ``test``.
        """
        for one in self._every:
            yield from self._given_away(one)
        for path, facts in self._linked.files.items():
            if path not in serving and is_left_out(self._linked, path):
                continue
            for unit in facts.units:
                refs = [ref for ref in unit.refs if self._may_matter(ref)]
                if refs and not _is_alias(facts, unit):
                    yield from self._in_unit(facts, unit, refs)
            yield from self._written(facts)

    def _may_matter(self, ref: str) -> bool:
        parts = ref.split(".")
        return parts[-1] in self._modules or not self._classes.isdisjoint(parts)

    def _written(self, facts: FileFacts) -> Iterator[tuple[Known | None, Known]]:
        """Those that a file's texts may name: ``"shop.serializers.OrderSerializer"`` in a setting, or in a `Meta`."""
        for name, statements in (("", facts.declared), *((cls.name, cls.body) for cls in facts.classes)):
            for text in _texts(statements):
                # A name without its module is a title, or stands in an `__all__`.
                for one in self._called.get(_last(text), ()) if "." in text else ():
                    yield self._user(facts.path, name), one

    def _given_away(self, known: Known) -> Iterator[tuple[Known | None, Known]]:
        """What its own place says: a decorator may register it, and what stands in a class is read off `self`."""
        declared = self._linked.classes.declared[known]
        if declared.decorators:
            yield None, known
        if "." in declared.name:
            yield self._user(known.path, declared.name.rpartition(".")[0]), known

    def _in_unit(self, facts: FileFacts, unit: Unit, refs: Iterable[str]) -> Iterator[tuple[Known | None, Known]]:
        user = self._user(facts.path, unit.name)
        for ref, known in read_in(self._linked.names.resolve, facts, unit, refs):
            for one in self._meant(ref, known):
                if not (unit.kind == "class" and self._is_base(one, user)):
                    yield user, one

    def _user(self, path: str, name: str) -> Known | None:
        """The serializer or form that a class, or one of its methods, belongs to."""
        prefix = self._linked.modules.name(path)
        while name:
            known = Known(f"{prefix}.{name}", path=path)
            if known in self._every:
                return known
            name = name.rpartition(".")[0]
        return None

    def _meant(self, ref: str, known: Known | None) -> list[Known]:
        if known is None or known.made:
            return [one for part in ref.split(".") for one in self._called.get(part, ())]
        if known.path and known.name == self._linked.modules.name(known.path):
            return self._held(known.path)
        while known.name:
            if known in self._every:
                return [known]
            known = known._replace(name=known.name.rpartition(".")[0])
        return []

    def _is_base(self, one: Known, user: Known | None) -> bool:
        """Whether a class names another to derive from it, and not to nest it too."""
        if user is None or one not in self.bases(user):
            return False
        return all(field.nested != one for field in self._every[user].fields)

    def _held(self, path: str) -> list[Known]:
        """What a module has, its imports included: where it is handed on, it may be asked for any of it."""
        facts = self._linked.files[path]
        names = self._classes if facts.star_imports else self._classes & facts.bindings.keys()
        found = (self._linked.names.resolve(path, name) for name in sorted(names))
        return [one for one in found if one is not None and one in self._every]

    @cached_property
    def _classes(self) -> frozenset[str]:
        """All names that may lead to one of them; no other name need be resolved."""
        return self._with_other_names(self._called)

    @cached_property
    def _modules(self) -> frozenset[str]:
        """All names that may lead to a module that has one of them."""
        having = [
            path
            for path, facts in self._linked.files.items()
            if facts.star_imports or not self._classes.isdisjoint(facts.bindings)
        ]
        return self._with_other_names(_last(self._linked.modules.name(path)) for path in having)

    def _with_other_names(self, names: Iterable[str]) -> frozenset[str]:
        """Names with all that an import or an assignment makes of them."""
        found = set(names)
        waiting = list(found)
        while waiting:
            fresh = self._other_names.get(waiting.pop(), set()) - found
            found |= fresh
            waiting += fresh
        return frozenset(found)

    @cached_property
    def _other_names(self) -> Mapping[str, set[str]]:
        found: dict[str, set[str]] = {}
        for facts in self._linked.files.values():
            bound = [(name, one) for name, some in facts.bindings.items() for one in some]
            pairs = [(name, _source(one)) for name, one in bound]
            pairs += [(one.name, one.attribute or _last(one.module)) for unit in facts.units for one in unit.imports]
            for name, source in pairs:
                if name != source:
                    found.setdefault(source, set()).add(name)
        return found


def _place(serializer: Serializer) -> tuple[str, int] | None:
    """Where it stands which fields there are."""
    return (serializer.meta_path, serializer.meta_line) if serializer.meta_line else None


def _source(binding: Binding) -> str:
    if binding.imported is not None:
        return binding.imported.attribute or _last(binding.imported.module)
    return _last(binding.target) if binding.kind == "alias" else ""


def _is_alias(facts: FileFacts, unit: Unit) -> bool:
    """Whether a statement only gives something another name, which then leads to it."""
    if unit.kind != "statement":
        return False
    bound = [some for some in facts.bindings.values() if any(unit.start <= one.line <= unit.end for one in some)]
    return bool(bound) and all(len(some) == 1 and some[0].kind == "alias" for some in bound)


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def _texts(statements: Iterable[Statement]) -> Iterator[str]:
    """The texts in declared statements."""
    waiting: list[object] = list(statements)
    while waiting:
        one = waiting.pop()
        if isinstance(one, Const):
            if isinstance(one.value, str):
                yield one.value
        elif isinstance(one, tuple):
            waiting += one
        elif isinstance(one, msgspec.Struct):
            waiting += [getattr(one, name) for name in one.__struct_fields__]
