"""The text of a URL pattern's route, as Django's resolver shows it: plain, translated, formatted, from a setting."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from itertools import count

from djfa_lint.facts.values import Assigned, Binary, Expr, Literal, Text
from djfa_lint.project.declared import UNKNOWN, Attribute, Held, Lit, Made, Mapped, Scope, Symbol, Value, options
from djfa_lint.project.linked import Linked
from djfa_lint.project.names import Known

_SETTINGS = "django.conf.settings."
_URLCONF = "ROOT_URLCONF"
_TRANSLATED = frozenset(
    f"django.utils.translation.{name}" for name in ("gettext", "gettext_lazy", "ugettext", "ugettext_lazy")
)
_PIECE = re.compile(r"\{\{|\}\}|\{(\w*)\}")
_STRIPS = frozenset({"strip", "lstrip", "rstrip"})


class Spelling:
    """Reads the texts that patterns are written with, through the project's settings modules."""

    def __init__(self, linked: Linked) -> None:
        self._linked, self._linker = linked, linked.linker
        # How many pieces of the texts read so far were not known.
        self.left_out = 0

    @cached_property
    def settings(self) -> tuple[Scope, ...]:
        """The modules and classes that assign `ROOT_URLCONF`, ordered by path."""
        return tuple(self._settings())

    def _settings(self) -> Iterator[Scope]:
        for path in sorted(self._linked.files):
            facts = self._linked.files[path]
            if _URLCONF in facts.bindings:
                yield self._linker.module(path)
            for cls in facts.classes:
                if any(isinstance(one, Assigned) and one.target == _URLCONF for one in cls.body):
                    yield self._linker.class_scope(Known(f"{self._linked.modules.name(path)}.{cls.name}", path=path))

    def text(self, value: Value | None) -> str | None:
        """A value's text as far as it is known; None where nothing of it is."""
        for one in options(value) if value is not None else ():
            found = self._text(one)
            if found is not None:
                return found
        return None

    def _text(self, value: Value) -> str | None:
        if isinstance(value, Lit):
            return value.value if isinstance(value.value, str) else None
        if isinstance(value, Symbol):
            return self._setting(value.known.name)
        if isinstance(value, Made):
            return self._called(value)
        return self._held(value) if isinstance(value, Held) else None

    def _setting(self, name: str) -> str | None:
        if not name.startswith(_SETTINGS):
            return None
        name = name.removeprefix(_SETTINGS)
        for scope in self.settings:
            found = self.text(self._linker.lookup(scope, name)) if "." not in name else None
            if found is not None:
                return found
        return None

    def _called(self, made: Made) -> str | None:
        callee = made.callee
        if isinstance(callee, Symbol) and callee.known.name in _TRANSLATED:
            return self.text(self._linker.argument(made, 0))
        if isinstance(callee, Symbol) and callee.known.name == "builtins.getattr":
            return self._getattr(made)
        owner, method = _method(callee)
        text = self.text(owner) if owner is not None else None
        if text is None:
            return None
        if method == "format":
            return self._formatted(text, made)
        signs = self._linker.text(self._linker.argument(made, 0))
        return str(getattr(text, method)(signs)) if method in _STRIPS else None

    def _formatted(self, text: str, made: Made) -> str:
        """``"{}/{name}".format(...)``; a piece that is not known is left out."""
        values = {str(at): self._linker.value(made.scope, one) for at, one in enumerate(made.call.args)}
        for name, expr in made.call.keywords:
            value = self._linker.value(made.scope, expr)
            if name:
                values[name] = value
            elif isinstance(value, Mapped):
                values.update((self.text(key) or "", one) for key, one in value.items)
        numbers = count()

        def piece(found: re.Match[str]) -> str:
            if found[0] in {"{{", "}}"}:
                return found[0][0]
            return self._plain(values.get(found[1] or str(next(numbers)), UNKNOWN))

        return _PIECE.sub(piece, text)

    def _getattr(self, made: Made) -> str | None:
        of, name = self._linker.argument(made, 0), self._linker.text(self._linker.argument(made, 1))
        known = self._setting(f"{of.known.name}.{name}") if isinstance(of, Symbol) else None
        return known if known is not None else self.text(self._linker.argument(made, 2))

    def _held(self, held: Held) -> str | None:
        expr = held.expr
        if isinstance(expr, Text):
            return self._joined(held.scope, expr.parts)
        if isinstance(expr, Binary) and expr.op == "+":
            return self._joined(held.scope, (expr.left, expr.right))
        if isinstance(expr, Binary) and expr.op == "%":
            text = self.text(self._linker.value(held.scope, expr.left))
            right = self._linker.value(held.scope, expr.right)
            return self._filled(text, list(self._linker.items(right)) or [right]) if text is not None else None
        return None

    def _joined(self, scope: Scope, parts: tuple[Expr, ...]) -> str | None:
        texts = [self._plain(self._linker.value(scope, one)) for one in parts]
        return "".join(texts) if any(texts) else None

    def _plain(self, value: Value) -> str:
        """A part's text; a piece that is not known is left out."""
        number: Literal = value.value if isinstance(value, Lit) else None
        text = str(number) if number is not None else self.text(value)
        self.left_out += text is None
        return text or ""

    def _filled(self, text: str, values: list[Value]) -> str | None:
        try:
            return text % tuple(self._plain(one) for one in values)
        except (TypeError, ValueError):
            return None


def _method(callee: Value) -> tuple[Value | None, str]:
    """What a called method is read from, and its name; a setting's method is one long library name."""
    if isinstance(callee, Attribute):
        return callee.of, callee.name
    if isinstance(callee, Symbol) and callee.known.name.startswith(_SETTINGS):
        owner, _, method = callee.known.name.rpartition(".")
        return Symbol(Known(owner)), method
    return None, ""
