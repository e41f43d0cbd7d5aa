"""What a serializer or form declares: its fields over its bases, and its ``Meta``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from djfa_lint.facts.values import Assigned
from djfa_lint.project.declared import Listed, Lit, Made, Mapped, Symbol, Value, options
from djfa_lint.project.entities import SerializerField
from djfa_lint.project.linked import Linked
from djfa_lint.project.names import Known

_FIELD, _SERIALIZER = "rest_framework.fields.Field", "rest_framework.serializers.BaseSerializer"
_METHOD = "rest_framework.fields.SerializerMethodField"
_FORM, _FORM_FIELD = "django.forms.BaseForm", "django.forms.Field"
_PLAIN = ("rest_framework.serializers.", "rest_framework.fields.", "django.forms.")

# What the frameworks call ``"__all__"``.
_ALL = frozenset({"rest_framework.serializers.ALL_FIELDS", "django.forms.ALL_FIELDS", "django.forms.models.ALL_FIELDS"})


class Listing(NamedTuple):
    """A list of names in ``Meta``: the names known, whether that is all, ``"__all__"``, and where it stands."""

    names: tuple[str, ...] = ()
    whole: bool = True
    everything: bool = False
    path: str = ""
    line: int = 0


class Declarer:
    """Reads what serializers or forms declare."""

    def __init__(self, linked: Linked, of_forms: bool) -> None:
        self.linked, self.classes, self.linker = linked, linked.classes, linked.linker
        # Only classes below these have the metaclass that gathers fields.
        self._gathering, self._field = (_FORM, _FORM_FIELD) if of_forms else (_SERIALIZER, _FIELD)
        self._kept: dict[Known, dict[str, SerializerField]] = {}

    def fields(self, cls: Known, depth: int = 0) -> dict[str, SerializerField]:
        """The declared fields of a class as its metaclass gathers them: from bases of the same kind only."""
        if cls in self._kept or depth > 60 or cls not in self.classes.declared:
            return self._kept.get(cls, {})
        members = self.classes.members(cls)
        own = {name: field for name, one in members.items() if (field := self._read(cls, name, one)) is not None}
        found: dict[str, SerializerField] = {}
        for base in self.classes.base_names(cls):
            if base is None or not self.collects(base):
                continue
            for name, field in self.fields(base, depth + 1).items():
                # What stands in the class itself, be it None or a method, hides an inherited field.
                if name in own or name not in members:
                    found.setdefault(name, field)
        self._kept[cls] = {**found, **own}
        return self._kept[cls]

    def collects(self, cls: Known) -> bool:
        """Whether a class has the metaclass that gathers fields, as far as its bases are known."""
        mro = self.classes.mro(cls)
        return any(one.name == self._gathering for one in mro.classes) or not mro.complete

    def is_complete(self, cls: Known) -> bool:
        """Whether all its fields are written in the project: a library's serializer or form may have its own."""
        mro = self.classes.mro(cls)
        libraries = [one for one in mro.classes if not one.path and self.classes.is_a(one, self._gathering)]
        return mro.complete and all(one.name.startswith(_PLAIN) for one in libraries)

    def _read(self, owner: Known, name: str, member: object) -> SerializerField | None:
        if not isinstance(member, Assigned) or member.value is None:
            return None
        for value in options(self.linker.class_value(owner, member)):
            kind = self._kind(value)
            if kind is not None and isinstance(value, Made):
                return self._made(owner, name, member.line, value, kind)
        return None

    def _kind(self, value: Value | None) -> Known | None:
        """The class of the field that a value is."""
        if not isinstance(value, Made) or not isinstance(value.callee, Symbol):
            return None
        known = value.callee.known
        if self.classes.is_a(known, self._field):
            return known
        # A class that cannot be followed is called like one, where it stands nothing else can be made.
        unknown = not self.classes.mro(known).complete and (known in self.classes.declared or not known.path)
        return known if unknown and known.name.rpartition(".")[2].endswith(("Field", "Serializer")) else None

    def _made(self, owner: Known, name: str, line: int, made: Made, kind: Known) -> SerializerField:
        child = self._child(made)
        inner = self._kind(child)
        serializer = next((one for one in (inner, kind) if one is not None and self._is_serializer(one)), None)
        many = child is not None or self.linker.argument(made, -1, "many") == Lit(True)
        method = ""
        if self.classes.is_a(kind, _METHOD):
            method = self.linker.text(self.linker.argument(made, 0, "method_name")) or f"get_{name}"
        source = self.linker.text(self.linker.argument(made, -1, "source")) or ""
        return SerializerField(
            name,
            kind.name,
            owner.path,
            line,
            source,
            many or self.classes.is_a(kind, "rest_framework.serializers.ListSerializer"),
            serializer,
            True,
            method,
        )

    def _child(self, made: Made) -> Value | None:
        given = self.linker.argument(made, -1, "child")
        return next(iter(options(given)), None) if given is not None else None

    def _is_serializer(self, known: Known) -> bool:
        plain = "rest_framework.serializers.ListSerializer"
        return known.name != plain and self.classes.is_a(known, _SERIALIZER)

    # --- Meta

    def meta(self, cls: Known) -> Value | None:
        """The ``Meta`` that counts for a class: its own or that of a base."""
        found = self.classes.attribute(cls, "Meta")
        if found is None or found.what is None:
            return None
        values = options(self.linker.attribute(Symbol(cls), "Meta"))
        return next((one for one in values if isinstance(one, Symbol)), None)

    def said(self, meta: Value | None, name: str) -> Value | None:
        """What ``Meta`` says under a name, None where it says nothing."""
        if not isinstance(meta, Symbol):
            return None
        if not meta.known.path:
            return None
        found = self.classes.attribute(meta.known, name)
        return self.linker.attribute(meta, name) if found is not None and found.what is not None else None

    def listing(self, meta: Value | None, name: str) -> Listing | None:
        """A list of names in ``Meta``."""
        value = self.said(meta, name)
        if value is None or not isinstance(meta, Symbol):
            return None
        found = self.classes.attribute(meta.known, name)
        line = found.what.line if found is not None and found.what is not None else 0
        path = found.owner.path if found is not None else ""
        if self.linker.text(value) == "__all__" or any(one.name in _ALL for one in self.linker.symbols(value)):
            return Listing(everything=True, path=path, line=line)
        items = self.linker.items(value)
        names = list(_texts(items))
        lists = [one for one in options(value) if one != Lit(None)]
        whole = len(lists) == 1 and isinstance(lists[0], Listed) and lists[0].whole
        return Listing(tuple(dict.fromkeys(names)), whole and len(names) == len(items), False, path, line)

    def sources(self, meta: Value | None) -> dict[str, str]:
        """The sources that ``extra_kwargs`` gives to generated fields."""
        found: dict[str, str] = {}
        extra = self.said(meta, "extra_kwargs")
        for one in options(extra) if extra is not None else ():
            for key, value in one.items if isinstance(one, Mapped) else ():
                pairs = value.items if isinstance(value, Mapped) else ()
                source = next((self.linker.text(text) for key, text in pairs if key == Lit("source")), None)
                if source:
                    found[self.linker.text(key) or ""] = source
        return found


def _texts(values: tuple[Value, ...]) -> Iterator[str]:
    for value in values:
        if isinstance(value, Lit) and isinstance(value.value, str):
            yield value.value
