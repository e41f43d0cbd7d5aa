"""The admin of a project: which `ModelAdmin` is registered for which models, and what its lists show."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from djfa_lint.facts.values import Spread
from djfa_lint.knowledge.library import library
from djfa_lint.project.declared import Listed, Lit, Made, Symbol, Value, options
from djfa_lint.project.django.named import Named, is_left_out
from djfa_lint.project.effects import Effect
from djfa_lint.project.entities import Admin
from djfa_lint.project.linked import Linked
from djfa_lint.project.names import Known

_MODEL_ADMIN = "django.contrib.admin.ModelAdmin"
_INLINE = "django.contrib.admin.options.InlineModelAdmin"
_SITE = "django.contrib.admin.AdminSite"
_REGISTER = "django.contrib.admin.register"
_SITE_REGISTER = "django.contrib.admin.site.register"


class _Registered(NamedTuple):
    admin: Known
    models: tuple[Known, ...]
    path: str
    line: int


def admins(linked: Linked) -> tuple[Admin, ...]:
    """Every `ModelAdmin` and inline with its models, sorted by name; tests are left out.

    Models registered without a class of their own are found under Django's `ModelAdmin`, one record a call.
    """
    named = Named(linked)
    registered: dict[Known, list[_Registered]] = {}
    for effect in linked.effects:
        for one in _registered(linked, named, effect):
            registered.setdefault(one.admin, []).append(one)
    classes = {*linked.classes.subclasses(_MODEL_ADMIN), *linked.classes.subclasses(_INLINE)}
    classes |= {one for one in registered if one in linked.classes.declared}
    found = [
        _admin(linked, named, one, registered.get(one, [])) for one in classes if not is_left_out(linked, one.path)
    ]
    for known, calls in registered.items():
        if known not in classes:
            found += [Admin(known, one.path, one.line, one.models) for one in calls]
    return tuple(sorted(found, key=lambda one: (one.known, one.path, one.line, one.models)))


# --- registrations


def _registered(linked: Linked, named: Named, effect: Effect) -> Iterator[_Registered]:
    receiver = effect.receiver
    is_function = isinstance(receiver, Symbol) and not effect.method and not receiver.known.path
    name = receiver.known.name if isinstance(receiver, Symbol) and is_function else ""
    if name == _REGISTER and effect.target is not None:
        values = _arguments(linked, effect.made)
        models = tuple(dict.fromkeys(model for one in values for model in named.models(one, effect.target)))
        yield _Registered(effect.target, models, effect.path, effect.line)
    elif name == _SITE_REGISTER or (effect.method == "register" and _is_site(linked, receiver)):
        yield from _by_call(linked, named, effect)


def _by_call(linked: Linked, named: Named, effect: Effect) -> Iterator[_Registered]:
    here = Known(linked.modules.name(effect.path), path=effect.path)
    values = [*_arguments(linked, effect.made), None, None]
    models = named.models(linked.linker.argument(effect.made, -1, "model_or_iterable") or values[0], here)
    given = linked.linker.argument(effect.made, -1, "admin_class") or values[1]
    admins_given = linked.linker.symbols(given) if given is not None and given != Lit(None) else (Known(_MODEL_ADMIN),)
    for one in admins_given if models else ():
        yield _Registered(one, models, effect.path, effect.line)


def _arguments(linked: Linked, made: Made) -> list[Value]:
    """The positional arguments of a call, those of a ``*list`` among them."""
    found: list[Value] = []
    for one in made.call.args:
        if isinstance(one, Spread):
            found += linked.linker.items(linked.linker.value(made.scope, one.value))
        else:
            found.append(linked.linker.value(made.scope, one))
    return found


def _is_site(linked: Linked, value: Value) -> bool:
    return any(
        isinstance(one, Made) and isinstance(one.callee, Symbol) and linked.classes.is_a(one.callee.known, _SITE)
        for one in options(value)
    )


# --- classes


def _admin(linked: Linked, named: Named, known: Known, registered: list[_Registered]) -> Admin:
    models = [model for one in registered for model in one.models]
    if linked.classes.is_a(known, _INLINE):
        model = named.model(_attribute(linked, known, "model"), known)
        models += [model] if model is not None else []
    return Admin(
        known,
        known.path,
        linked.classes.declared[known].line,
        tuple(sorted(set(models))),
        _definitions(linked, _attribute(linked, known, "inlines")),
        tuple(_names(linked, _attribute(linked, known, "list_display"))),
        _related(linked, _attribute(linked, known, "list_select_related")),
    )


def _attribute(linked: Linked, known: Known, name: str) -> Value | None:
    """An attribute over the bases, those of libraries included."""
    found = linked.classes.attribute(known, name)
    if found is None:
        return None
    if found.what is not None:
        return linked.linker.attribute(Symbol(known), name)
    constant = library().attributes(found.owner.name).get(name)
    if isinstance(constant, (tuple, list)):
        return Listed(tuple(Lit(one) for one in constant if isinstance(one, str)))
    return Lit(constant) if constant is None or isinstance(constant, (str, int, float, bool)) else None


def _definitions(linked: Linked, value: Value | None) -> tuple[Known, ...]:
    items = linked.linker.items(value)
    return tuple(dict.fromkeys(known for one in items for known in linked.linker.symbols(one)))


def _names(linked: Linked, value: Value | None) -> Iterator[str]:
    """The names in a list of columns; a function in it goes by its own."""
    for item in linked.linker.items(value):
        text = linked.linker.text(item)
        if text:
            yield text
        else:
            yield from (known.name.rpartition(".")[2] for known in linked.linker.symbols(item))


def _related(linked: Linked, value: Value | None) -> bool | tuple[str, ...]:
    if value is None or isinstance(value, Lit):
        return bool(value is not None and value.value)
    return tuple(_names(linked, value))
