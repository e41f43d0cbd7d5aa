"""Fixtures as real Django apps on in-memory SQLite, one after the other in one process."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from django.apps import AppConfig, apps
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection, models
from django.dispatch import Signal
from django.test.utils import override_settings

_NOT_IMPORTED = {"manage.py", "settings.py", "asgi.py", "wsgi.py"}
_SIGNALS = [one for one in vars(models.signals).values() if isinstance(one, Signal)]


@dataclass
class App:
    """A fixture that is loaded: its modules by their path below it, and the models they define."""

    modules: dict[str, ModuleType] = field(default_factory=dict)
    labels: list[str] = field(default_factory=list)

    @property
    def models(self) -> list[type[models.Model]]:
        """All concrete models, of tables that Django makes."""
        every = [model for label in self.labels for model in apps.get_app_config(label).get_models()]
        return [model for model in every if model._meta.managed and not model._meta.proxy]


@contextmanager
def loaded(base: Path) -> Iterator[App]:
    """The fixture at `base`, a file or a folder, with its tables; all of it is gone afterwards."""
    _make_common_tables()
    app = App()
    with ExitStack() as stack:
        stack.enter_context(_nothing_left_behind(app))
        stack.enter_context(_own_modules(base))
        stack.enter_context(override_settings(**_settings_of(base)))
        _load_folder(app, base) if base.is_dir() else _load_file(app, base)
        made: list[type[models.Model]] = []
        stack.callback(_drop, made)
        with connection.schema_editor() as editor:
            for model in app.models:
                editor.create_model(model)
                made.append(model)
        yield app


def _make_common_tables() -> None:
    if ContentType._meta.db_table not in connection.introspection.table_names():
        call_command("migrate", run_syncdb=True, verbosity=0)


def _drop(made: list[type[models.Model]]) -> None:
    with connection.schema_editor() as editor:
        for model in reversed(made):
            editor.delete_model(model)


def _load_file(app: App, file: Path) -> None:
    """A module under a name of its own: a fixture called ``calendar.py`` must not stand in for the library."""
    name = "fixture_" + file.name.partition(".")[0]
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    # Before the module runs: Django asks for the app of each model class as it is made.
    _register(app, AppConfig(name, module))
    spec.loader.exec_module(module)
    app.modules[file.name] = module


def _load_folder(app: App, folder: Path) -> None:
    files = [path.relative_to(folder) for path in sorted(folder.rglob("*.py")) if path.name not in _NOT_IMPORTED]
    files = [file for file in files if "migrations" not in file.parts and "settings" not in file.parts]
    names = {file: ".".join(file.with_suffix("").parts).removesuffix(".__init__") for file in files}
    configs = []
    for name in names.values():
        package, _, last = name.rpartition(".")
        if last == "models":
            configs.append(_register(app, AppConfig.create(package) if package else _app_of_one_module(folder)))
    for config in configs:
        importlib.import_module(config.name if config.name == "models" else f"{config.name}.models")
    for config in configs:
        config.ready()
    for file, name in names.items():
        if name != "__init__":
            app.modules[file.as_posix()] = importlib.import_module(name)


def _app_of_one_module(folder: Path) -> AppConfig:
    """``models.py`` at the top has no package around it: it is an app by itself."""
    module = ModuleType("models")
    module.__file__ = str(folder / "models.py")
    return AppConfig("models", module)


def _register(app: App, config: AppConfig) -> AppConfig:
    if config.label in apps.app_configs:
        raise LookupError(f"there is an app called `{config.label}` already; call the package something else")
    app.labels.append(config.label)
    apps.app_configs[config.label] = config
    config.apps = apps
    config.models = apps.all_models[config.label]
    apps.clear_cache()
    return config


def _settings_of(base: Path) -> dict[str, Any]:
    """What a fixture's settings say about the model of users; nothing else of them is used."""
    found: dict[str, Any] = {}
    for file in sorted(base.rglob("settings.py")) if base.is_dir() else ():
        for statement in ast.parse(file.read_text(encoding="utf-8")).body:
            match statement:
                case ast.Assign([ast.Name("AUTH_USER_MODEL")], ast.Constant(str(model))):
                    found["AUTH_USER_MODEL"] = model
    return found


@contextmanager
def _own_modules(base: Path) -> Iterator[None]:
    """The folder's modules can be imported, whatever else goes by their names; afterwards they are forgotten."""
    folder = base if base.is_dir() else None
    tops = {path.stem for path in folder.iterdir()} if folder else {"fixture_" + base.name.partition(".")[0]}
    hidden = {name: sys.modules.pop(name) for name in list(sys.modules) if name.partition(".")[0] in tops}
    writes, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    if folder:
        sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.dont_write_bytecode = writes
        if folder:
            sys.path.remove(str(folder))
        for name in [name for name in sys.modules if name.partition(".")[0] in tops]:
            del sys.modules[name]
        sys.modules.update(hidden)


@contextmanager
def _nothing_left_behind(app: App) -> Iterator[None]:
    """Django's registry, its own models and its signals are afterwards as they were before."""
    common = {model: set(vars(model)) for model in apps.get_models(include_auto_created=True)}
    receivers = {signal: list(signal.receivers) for signal in _SIGNALS}
    pending = dict(apps._pending_operations)
    try:
        yield
    finally:
        for label in app.labels:
            apps.app_configs.pop(label, None)
            apps.all_models.pop(label, None)
        for model, before in common.items():
            # The other side of a fixture's relation: `user.orders`.
            for name in set(vars(model)) - before:
                delattr(model, name)
        for signal, known in receivers.items():
            signal.receivers = known
            signal.sender_receivers_cache.clear()
        apps._pending_operations.clear()
        apps._pending_operations.update(pending)
        apps.clear_cache()
        ContentType.objects.clear_cache()
