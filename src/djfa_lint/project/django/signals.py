"""Which functions receive which signals, and from whom."""

from __future__ import annotations

import re
from collections.abc import Iterator

from djfa_lint.facts.records import Import
from djfa_lint.facts.values import Assigned
from djfa_lint.project.declared import UNKNOWN, Made, Scope, Symbol, Value, options
from djfa_lint.project.django.named import Named
from djfa_lint.project.effects import Effect, effects_in
from djfa_lint.project.entities import Receiver
from djfa_lint.project.linked import Linked
from djfa_lint.project.names import Known

_RECEIVER = "django.dispatch.receiver"
_SIGNAL = "django.dispatch.Signal"
_CONFIG = "django.apps.AppConfig"
# A library's signal is known by its place; `django.db.connection.connect` is none.
_CONNECT = re.compile(r"(^django\.(?!db\.(connection|backends)\b)|\.signals\.).*\.connect$")


def receivers(linked: Linked) -> tuple[Receiver, ...]:
    """Every function connected to a signal, one record for each signal, sorted; tests are left out."""
    named = Named(linked)
    found = {one for effect in (*linked.effects, *_when_ready(linked)) for one in _receivers(linked, named, effect)}
    return tuple(sorted(found, key=lambda one: (one.path, one.line, one.function, str(one.signal), one.senders)))


def _when_ready(linked: Linked) -> Iterator[Effect]:
    """What apps do in ``AppConfig.ready``; its own imports count as names."""
    for cls in linked.classes.subclasses(_CONFIG):
        found = linked.classes.members(cls).get("ready")
        body = getattr(found, "body", ())
        if not body:
            continue
        name = cls.name[len(linked.modules.name(cls.path)) + 1 :] + ".ready"
        units = [one for one in linked.files[cls.path].units if one.name == name]
        given: dict[str, Value] = {}
        for one in (imported for unit in units for imported in unit.imports):
            given[one.name] = _imported(linked, cls.path, one)
        yield from effects_in(linked.linker, Scope(cls.path, body, given, linked.linker.module(cls.path)))


def _imported(linked: Linked, path: str, one: Import) -> Value:
    """What an import inside a method brings."""
    module = linked.modules.absolute(path, one.module, one.level)
    home = linked.modules.find(path, module) if module else None
    inside = linked.modules.find(path, f"{module}.{one.attribute}") if one.attribute else None
    if home is not None and one.attribute and inside is None:
        return linked.linker.lookup(linked.linker.module(home), one.attribute)
    known = linked.names.resolve(path, one.name, {one.name: one})
    return Symbol(linked.classes.canonical(known)) if known is not None and not known.made else UNKNOWN


def _receivers(linked: Linked, named: Named, effect: Effect) -> Iterator[Receiver]:
    signals, function = _connected(linked, effect)
    if function is None or not function.path:
        return
    sender = linked.linker.argument(effect.made, -1, "sender")
    if sender is None and function != effect.target:
        sender = linked.linker.argument(effect.made, 1, "sender")
    senders = named.models(sender, function) or _classes(linked, sender)
    for signal in signals:
        yield Receiver(function, signal, senders, effect.path, effect.line)


def _connected(linked: Linked, effect: Effect) -> tuple[list[Known | None], Known | None]:
    """The signals of an effect and the function it connects to them."""
    receiver, linker = effect.receiver, linked.linker
    name = receiver.known.name if isinstance(receiver, Symbol) and not effect.method else ""
    if name == _RECEIVER:
        listed = linker.argument(effect.made, 0, "signal")
        values = linker.items(listed) or options(listed) if listed is not None else ()
        return [_signal(linked, one) for one in values], effect.target
    if _CONNECT.search(name):
        signal: Known | None = Known(name.removesuffix(".connect"))
    elif effect.method == "connect" and _is_signal(linked, receiver):
        signal = _signal(linked, receiver)
    else:
        return [], None
    given = linker.symbols(linker.argument(effect.made, 0, "receiver"))
    return [signal], effect.target or (given[0] if len(given) == 1 else None)


def _is_signal(linked: Linked, value: Value) -> bool:
    return any(
        isinstance(one, Made) and isinstance(one.callee, Symbol) and linked.classes.is_a(one.callee.known, _SIGNAL)
        for one in options(value)
    )


def _signal(linked: Linked, value: Value) -> Known | None:
    """A signal by the name it is assigned to where it is made."""
    for one in options(value):
        if isinstance(one, Symbol):
            return one.known
        for made in linked.files[one.scope.path].declared if isinstance(one, Made) else ():
            if isinstance(made, Assigned) and isinstance(one, Made) and made.value is one.call:
                return Known(f"{linked.modules.name(one.scope.path)}.{made.target}", path=one.scope.path)
    return None


def _classes(linked: Linked, value: Value | None) -> tuple[Known, ...]:
    """Senders that are no models: any class."""
    found = linked.linker.symbols(value)
    return tuple(one for one in found if one in linked.classes.declared)
