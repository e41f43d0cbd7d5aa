"""The settings of a project: which modules they are, and what a setting is."""

from __future__ import annotations

from djfa_lint.facts.values import Assigned
from djfa_lint.project.declared import UNKNOWN, Symbol, Value, choice
from djfa_lint.project.linked import Linked
from djfa_lint.project.names import Known
from djfa_lint.project.roles import Role

_APPS = "INSTALLED_APPS"
_VARIABLE = "DJANGO_SETTINGS_MODULE"
_SETDEFAULT = "os.environ.setdefault"


def settings_modules(linked: Linked) -> tuple[str, ...]:
    """The files that hold settings, sorted: named by ``DJANGO_SETTINGS_MODULE``, with ``INSTALLED_APPS``, and what
    is star-imported into or from these. Those of tests are there only if there are no others."""
    found = {*_bases(linked), *_named(linked)}
    stars = {path: _stars(linked, path) for path, facts in linked.files.items() if facts.star_imports}
    into: dict[str, set[str]] = {}
    for path, brought in stars.items():
        for one in brought:
            into.setdefault(one, set()).add(path)
    waiting = sorted(found)
    while waiting:
        path = waiting.pop()
        for one in {*stars.get(path, ()), *into.get(path, ())} - found:
            found.add(one)
            waiting.append(one)
    return _without_tests(linked, found)


def setting(linked: Linked, name: str) -> Value | None:
    """What a setting is where ``INSTALLED_APPS`` is assigned, through star imports; None where it is not set."""
    values: list[Value] = [value for path in _bases(linked) if (value := _value(linked, path, name)) != UNKNOWN]
    return choice(values) if values else None


def installed_apps(linked: Linked) -> tuple[str, ...]:
    """The installed apps as far as they are known, in the order written."""
    value = setting(linked, _APPS)
    texts = (linked.linker.text(one) for one in linked.linker.items(value))
    return tuple(dict.fromkeys(one for one in texts if one))


def _value(linked: Linked, path: str, name: str) -> Value:
    """A setting of a module, or of a class of settings in it (`django-configurations`)."""
    value = linked.linker.lookup(linked.linker.module(path), name)
    if value != UNKNOWN:
        return value
    found = [linked.linker.attribute(Symbol(cls), name) for cls in _classes(linked, path)]
    known: list[Value] = [one for one in found if one != UNKNOWN and not isinstance(one, Symbol)]
    return choice(known) if known else UNKNOWN


def _classes(linked: Linked, path: str) -> list[Known]:
    return [known for known in linked.classes.declared if known.path == path and _APPS in linked.classes.members(known)]


def _bases(linked: Linked) -> tuple[str, ...]:
    """The files that assign ``INSTALLED_APPS``, in the module or in a class of settings."""
    found = set()
    for path, facts in linked.files.items():
        bodies = [facts.declared, *(one.body for one in facts.classes)]
        if any(isinstance(one, Assigned) and one.target == _APPS and not one.op for body in bodies for one in body):
            found.add(path)
        if any(one.name.endswith(f".{_APPS}") for one in facts.functions):
            found.add(path)
    return _without_tests(linked, found)


def _named(linked: Linked) -> set[str]:
    found = set()
    for effect in linked.effects:
        receiver = effect.receiver
        if not isinstance(receiver, Symbol) or receiver.known.name != _SETDEFAULT:
            continue
        if linked.linker.text(linked.linker.argument(effect.made, 0)) == _VARIABLE:
            module = linked.linker.text(linked.linker.argument(effect.made, 1))
            path = linked.modules.find(effect.path, module) if module else None
            found.update([path] if path is not None else [])
    return found


def _stars(linked: Linked, path: str) -> set[str]:
    """The project files whose names a file brings in by a star."""
    modules = (linked.modules.absolute(path, one.module, one.level) for one in linked.files[path].star_imports)
    found = {linked.modules.find(path, one) for one in modules if one}
    return {one for one in found if one is not None}


def _without_tests(linked: Linked, paths: set[str]) -> tuple[str, ...]:
    plain = sorted(one for one in paths if Role.TEST not in linked.roles(one))
    return tuple(plain or sorted(paths))
