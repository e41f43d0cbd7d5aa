"""Which class a relationship names: by a symbol, by an annotation, by a string among the classes of the same base."""

from __future__ import annotations

from collections.abc import Iterable

from djfa_lint.project.declared import Made
from djfa_lint.project.names import Known
from djfa_lint.project.sqlalchemy.attributes import Attribute
from djfa_lint.project.sqlalchemy.constructs import made_by
from djfa_lint.project.sqlalchemy.declarative import Declarative


class Targets:
    """Finds mapped classes by what a declaration says of them."""

    def __init__(self, declarative: Declarative, mapped: Iterable[Known]) -> None:
        """`mapped` are the classes that strings may name."""
        self.declarative, self.linker = declarative, declarative.linker
        self._by_name: dict[str, list[Known]] = {}
        self._by_table: dict[str, list[Known]] = {}
        for one in sorted(mapped):
            self._by_name.setdefault(one.name.rpartition(".")[2], []).append(one)
            table, own = self.declarative.table(one)
            if table and own:
                self._by_table.setdefault(table, []).append(one)

    def of(self, known: Known, attribute: Attribute, made: Made | None) -> Known | None:
        """The class a relationship leads to, None where it cannot be told."""
        value = None
        if made is not None and not made_by(made, "Relationship"):
            value = self.linker.argument(made, 0, "argument")
        if value is not None:
            cls = self.declarative.named(value)
            if cls is not None:
                return cls
            text = self.linker.text(value)
            if text:
                return self.named(known, text)
        said = attribute.meaning
        if said.target is not None and self.declarative.is_mapped(said.target):
            return said.target
        return self.named(known, said.name) if said.name else None

    def named(self, known: Known, text: str) -> Known | None:
        """The class a string names for a class: of the same declarative base, the nearest of several."""
        found = self._by_name.get(text.rpartition(".")[2], [])
        base = self.declarative.base(known)
        key = base.key if base is not None else ""
        same = [one for one in found if self._key(one) == key] or [one for one in found if not (self._key(one) and key)]
        if "." in text:
            same = [one for one in same if one.name == text or one.name.endswith("." + text)]
        if len(same) > 1:
            module, package = known.path, known.path.rpartition("/")[0]
            near = [one for one in same if one.path == module]
            same = near or [one for one in same if one.path.rpartition("/")[0] == package]
        return same[0] if len(same) == 1 else None

    def _key(self, known: Known) -> object:
        base = self.declarative.base(known)
        return base.key if base is not None else None

    def with_table(self, text: str) -> Known | None:
        """The class mapped to the table that `secondary` names."""
        found = self._by_table.get(text.rpartition(".")[2], []) or self._by_name.get(text, [])
        return found[0] if len(found) == 1 else None
