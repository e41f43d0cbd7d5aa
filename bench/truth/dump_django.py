"""Write what Django itself knows of a project's models and addresses.

    DJANGO_SETTINGS_MODULE=... python dump_django.py PROJECT_DIR OUT.json

Runs inside the project's own environment, so it needs nothing but the standard library and Django. Further source
roots than PROJECT_DIR go into PYTHONPATH.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import json
import re
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

FOREIGN_FOLDERS = {"site-packages", "dist-packages", "venv", ".venv", "node_modules"}
ADMIN_CLASSES = {"AdminSite", "BaseModelAdmin"}
FORMAT_SUFFIX = re.compile(r"\(\?P<format>|<drf_format_suffix\w*:format>")


class Project:
    """Tells what is written in the project's own files from what is installed or made at run time."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self._homes: dict[Any, str | None] = {}

    def file(self, module: str) -> Path | None:
        """A loaded module's file, if it is one of the project's."""
        name = getattr(sys.modules.get(module), "__file__", None)
        if not name:
            return None
        path = Path(name).resolve()
        if not path.is_relative_to(self.root) or FOREIGN_FOLDERS & set(path.relative_to(self.root).parts):
            return None
        return path

    def owns(self, thing: Any) -> bool:
        """Whether a class or function belongs to the project, however it was made."""
        return self.file(getattr(thing, "__module__", None) or "") is not None

    def home(self, thing: Any) -> str | None:
        """The module whose text defines a class or function; some packages say another in `__module__`."""
        if thing not in self._homes:
            rest = sorted(name for name, held in [*sys.modules.items()] if _holds(held, thing))
            names = [thing.__module__, *(name for name in rest if name.startswith(thing.__module__.split(".")[0]))]
            self._homes[thing] = next((name for name in names if self._writes(name, thing)), None)
        return self._homes[thing]

    def _writes(self, module: str, thing: Any) -> bool:
        path = self.file(module)
        # DRF makes a class of a function, so either keyword will do.
        wanted = rf"^\s*(?:class|def|async\s+def)\s+{re.escape(thing.__name__)}\b"
        return bool(path and re.search(wanted, path.read_text(encoding="utf-8"), re.MULTILINE))

    def dynamic(self, thing: Any) -> str | None:
        """Why no static reading can find a thing; None for one written out in the project."""
        if not self.owns(thing):
            return "outside"
        if "<locals>" in thing.__qualname__:
            return "defined inside a function"
        return None if self.home(thing) else f"no '{thing.__name__}' is written in its module"

    def name(self, thing: Any) -> str:
        """The dotted name of a class or function."""
        home = self.home(thing) if self.owns(thing) else None
        return f"{home or thing.__module__}.{thing.__qualname__}"


def _holds(module: Any, thing: Any) -> bool:
    return getattr(module, "__dict__", {}).get(thing.__name__) is thing


def declared_outside(project: Project, model: Any, name: str) -> str | None:
    """The base outside the project that a model has a field from."""
    for base in model.__mro__:
        meta = base.__dict__.get("_meta")
        if meta is None or not (base is model or meta.abstract):
            continue
        own = [*meta.local_fields, *meta.local_many_to_many, *meta.private_fields]
        # Django copies an abstract base's fields to the heir, so the last one that has it is the one that wrote it.
        above = [b for b in base.__mro__[1:] if "_meta" in b.__dict__ and b._meta.abstract]
        if any(f.name == name for f in own) and not any(_has_field(b, name) for b in above):
            return None if project.owns(base) else project.name(base)
    return None


def _has_field(model: Any, name: str) -> bool:
    meta = model._meta
    return any(f.name == name for f in [*meta.local_fields, *meta.local_many_to_many, *meta.private_fields])


def relations_of(project: Project, model: Any) -> Iterator[dict[str, Any]]:
    """What a model's instances can follow to other models."""
    for field in model._meta.get_fields(include_hidden=False):
        if not field.is_relation:
            continue
        reverse = bool(field.auto_created and not field.concrete)
        name = field.get_accessor_name() if reverse else field.name
        if name is None or name.endswith("+"):
            continue
        target = field.related_model
        many = bool(field.one_to_many or field.many_to_many)
        if reverse:
            # What an instance gives decides: the way back of a generic relation says "one" and is a manager.
            descriptors = import_module("django.db.models.fields.related_descriptors")
            accessor = inspect.getattr_static(model, name, None)
            many = isinstance(accessor, descriptors.ReverseManyToOneDescriptor)
        entry = {
            "name": name,
            "to": project.name(target) if inspect.isclass(target) else None,
            "many": many,
            "reverse": reverse,
        }
        if reverse and project.dynamic(target):
            entry["outside"] = True
        base = None if reverse else declared_outside(project, model, name)
        yield {**entry, "declared_in": base} if base else entry


def dump_models(project: Project) -> tuple[dict[str, Any], dict[str, str]]:
    """The project's models by name, and those made at run time with the reason they are left out."""
    models: dict[str, Any] = {}
    dynamic: dict[str, str] = {}
    for model in import_module("django.apps").apps.get_models(include_swapped=True):
        if not project.owns(model):
            continue
        reason = project.dynamic(model)
        if reason:
            dynamic[project.name(model)] = reason
            continue
        meta = model._meta
        relations = sorted(relations_of(project, model), key=lambda relation: str(relation["name"]))
        models[project.name(model)] = {"label": meta.label, "proxy": meta.proxy, "relations": relations}
    return dict(sorted(models.items())), dict(sorted(dynamic.items()))


def unwrap(view: Any) -> Any:
    """The class or function a pattern's callback was made from."""
    for _ in range(30):
        inner = _one_layer(view)
        if inner is None:
            return view
        view = inner
    return view


def _one_layer(view: Any) -> Any:
    if inspect.isclass(view):
        return None
    if isinstance(view, functools.partial):
        return view.func
    for name in ("view_class", "cls", "__wrapped__"):
        inner = getattr(view, name, None)
        if callable(inner):
            return inner
    if inspect.isfunction(view) and "<locals>" in view.__qualname__:
        # A decorator that does without functools.wraps keeps the view in its closure and nowhere else.
        kept = [inner for inner in _held(view) if inspect.isfunction(inner) or hasattr(inner, "view_class")]
        return kept[0] if len(kept) == 1 else None
    return None


def _held(view: Any) -> list[Any]:
    held = []
    for cell in getattr(view, "__closure__", None) or ():
        # A cell whose variable is not assigned yet has no contents to ask for.
        with contextlib.suppress(ValueError):
            held.append(cell.cell_contents)
    return held


def _named(view: Any) -> Any:
    """A view that carries its own name: the class of an instance, the function behind DRF's `api_view`."""
    if not hasattr(view, "__qualname__"):
        return type(view)
    if view.__qualname__.rpartition(".")[2] == "WrappedAPIView":
        view.__qualname__ = view.__name__
    return view


def patterns(resolver: Any, prefix: str = "", i18n: bool = False) -> Iterator[tuple[str, bool, Any]]:
    """Every pattern below a resolver with its whole route; a language's prefix is left out and told apart."""
    for pattern in resolver.url_patterns:
        by_language = type(pattern.pattern).__name__ == "LocalePrefixPattern"
        route = prefix if by_language else prefix + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from patterns(pattern, route, i18n or by_language)
        else:
            yield route, i18n, pattern.callback


def _is_admin(view: Any, callback: Any) -> bool:
    owners = [
        getattr(view, "__self__", None),
        *(getattr(callback, name, None) for name in ("model_admin", "admin_site")),
    ]
    classes = [type(owner) for owner in owners if owner is not None]
    # A method that lost its instance to a decorator still names its class.
    holder = getattr(view, "__qualname__", "").rpartition(".")[0]
    classes.append(getattr(sys.modules.get(getattr(view, "__module__", "")), holder, object))
    return any(base.__name__ in ADMIN_CLASSES for held in classes for base in getattr(held, "__mro__", ()))


def views_of(callback: Any) -> list[tuple[Any, dict[str, Any]]]:
    """The views behind a callback, each with what more is known of it."""
    holders = [getattr(callback, "__self__", None), *_held(callback)]
    ninja = next((one for one in holders if type(one).__name__ == "PathView"), None)
    if ninja is not None:
        return [(unwrap(one.view_func), {"methods": sorted(one.methods)}) for one in ninja.operations]
    actions = getattr(callback, "actions", None)
    return [(unwrap(callback), {"actions": dict(actions)} if isinstance(actions, dict) else {})]


def dump_endpoints(project: Project) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The addresses that lead to the project's views, and those that lead to other people's."""
    own: list[dict[str, Any]] = []
    outside: list[dict[str, Any]] = []
    for route, i18n, callback in patterns(import_module("django.urls").get_resolver()):
        for view, more in views_of(callback):
            if _is_admin(view, callback):
                continue
            named = _named(view)
            entry = {"route": route, "view": project.name(named), "action": None, **more}
            if not project.owns(named):
                outside.append(entry)
                continue
            flags = {
                "i18n": i18n,
                "format_suffix": bool(FORMAT_SUFFIX.search(route)),
                "dynamic": bool(project.dynamic(named)),
            }
            own.append({**entry, **{name: True for name, flag in flags.items() if flag}})
    return own, outside


def main() -> None:
    """Read the command line, set Django up and write the answer."""
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    root = Path(sys.argv[1]).resolve()
    # This script's own folder stands first otherwise, and the project would import its neighbours.
    sys.path[0] = str(root)
    import_module("django").setup()
    project = Project(root)
    models, dynamic = dump_models(project)
    own, outside = dump_endpoints(project)
    answer = {
        "framework": "django",
        "models": models,
        "dynamic_models": dynamic,
        "endpoints": own,
        "outside_endpoints": outside,
    }
    Path(sys.argv[2]).write_text(json.dumps(answer, indent=1) + "\n", encoding="utf-8")
    count = sum(len(model["relations"]) for model in models.values())
    print(f"models {len(models)} (+{len(dynamic)} dynamic), relations {count}, endpoints {len(own)} (+{len(outside)})")


if __name__ == "__main__":
    main()
