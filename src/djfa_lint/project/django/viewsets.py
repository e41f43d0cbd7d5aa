"""What a router reads from a DRF viewset: its extra actions, its lookup, which actions it has at all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from djfa_lint.facts.values import Assigned, Expr, Ref
from djfa_lint.project.declared import Lit, Made, Symbol, Value, options
from djfa_lint.project.linked import Linked
from djfa_lint.project.names import Known

_ACTION = "rest_framework.decorators.action"
# What `action` was before DRF 3.8.
_OLD_ACTIONS = {"rest_framework.decorators.detail_route": True, "rest_framework.decorators.list_route": False}
_MAPPED = re.compile(r"(?:.*\.)?(\w+)\.mapping\.(\w+)\Z")


class Extra(NamedTuple):
    """A method routed by ``@action``; `mapping` are the methods that answer, by verb in lower case."""

    name: str
    detail: bool
    url_path: str
    url_name: str
    mapping: tuple[tuple[str, str], ...]


class Viewsets:
    """Answers a router's questions about viewsets; answers are kept."""

    def __init__(self, linked: Linked) -> None:
        self._linker, self._classes = linked.linker, linked.classes
        self._extras: dict[Known, tuple[Extra, ...]] = {}

    def has(self, viewset: Known, name: str) -> bool:
        """Whether a viewset has a method, its own or a library's."""
        return self._classes.attribute(viewset, name) is not None

    def text(self, cls: Known, name: str) -> str | None:
        """The text of a class attribute that the project sets, over the MRO."""
        found = self._classes.attribute(cls, name)
        if found is None or not isinstance(found.what, Assigned):
            return None
        return self._linker.text(self._linker.class_value(found.owner, found.what))

    def extras(self, viewset: Known) -> tuple[Extra, ...]:
        """The extra actions, sorted by name as DRF sorts them."""
        kept = self._extras.get(viewset)
        if kept is None:
            kept = self._extras[viewset] = tuple(sorted(self._read(viewset)))
        return kept

    def _read(self, viewset: Known) -> Iterator[Extra]:
        extras: list[Extra] = []
        mapped: dict[str, dict[str, str]] = {}
        for owner, function in self._classes.methods(viewset):
            name = function.name.rpartition(".")[2]
            for decorator in function.decorators:
                more = _MAPPED.match(decorator.name) if isinstance(decorator, Ref) else None
                if more is not None:
                    mapped.setdefault(more[1], {})[more[2].lower()] = name
                    continue
                extra = self._extra(owner, name, decorator)
                extras += [extra] if extra is not None else []
        for one in extras:
            yield one._replace(mapping=tuple({**dict(one.mapping), **mapped.get(one.name, {})}.items()))

    def _extra(self, owner: Known, name: str, decorator: Expr) -> Extra | None:
        for made in options(self._linker.value(self._linker.class_scope(owner), decorator)):
            callee = made.callee.known.name if isinstance(made, Made) and isinstance(made.callee, Symbol) else ""
            if isinstance(made, Made) and (callee == _ACTION or callee in _OLD_ACTIONS):
                given = made.call.argument(1, "detail") if callee == _ACTION else None
                detail = self._linker.value(made.scope, given) if given else Lit(_OLD_ACTIONS.get(callee))
                path = self._linker.text(self._argument(made, 2, "url_path")) or name
                url_name = self._linker.text(self._argument(made, 3, "url_name")) or name.replace("_", "-")
                if isinstance(detail, Lit) and detail.value is not None:
                    return Extra(name, bool(detail.value), path, url_name, self._mapping(made, name))
        return None

    def _argument(self, made: Made, position: int, name: str) -> Value | None:
        return self._linker.argument(made, position, name)

    def _mapping(self, made: Made, name: str) -> tuple[tuple[str, str], ...]:
        given = self._argument(made, 0, "methods")
        verbs = [self._linker.text(one) for one in self._linker.items(given)] if given is not None else []
        return tuple((verb.lower(), name) for verb in verbs if verb) or (("get", name),)
