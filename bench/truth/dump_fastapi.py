"""Write what a FastAPI application itself knows of its routes, and SQLAlchemy of the mapped classes.

    python dump_fastapi.py PROJECT_DIR module:app OUT.json
    python dump_fastapi.py PROJECT_DIR "module:factory()" OUT.json

Runs inside the project's own environment. Further source roots than PROJECT_DIR go into PYTHONPATH.
"""

from __future__ import annotations

import functools
import inspect
import json
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

FOREIGN_FOLDERS = {"site-packages", "dist-packages", "venv", ".venv", "node_modules"}


def full_name(thing: Any) -> str:
    """The dotted name of a class or function."""
    return f"{thing.__module__}.{thing.__qualname__}"


def inside(root: Path, thing: Any) -> bool:
    """Whether the project's own files define a class or function."""
    module = sys.modules.get(getattr(thing, "__module__", None) or "")
    name = getattr(module, "__file__", None)
    if not name:
        return False
    path = Path(name).resolve()
    return path.is_relative_to(root) and not FOREIGN_FOLDERS & set(path.relative_to(root).parts)


def unwrap(view: Any) -> Any:
    """The function or class behind partials, decorators and instances."""
    while isinstance(view, functools.partial) or hasattr(view, "__wrapped__"):
        view = view.func if isinstance(view, functools.partial) else view.__wrapped__
    return view if hasattr(view, "__qualname__") else type(view)


def load(target: str) -> Any:
    """The application that `module:app` or `module:factory()` names."""
    module, _, name = target.partition(":")
    found: Any = import_module(module)
    for part in name.removesuffix("()").split("."):
        found = getattr(found, part)
    return found() if name.endswith("()") else found


def flatten(routes: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every route that has a view, with its whole path; applications mounted below count as part of this one."""
    for route in routes:
        if hasattr(route, "effective_route_contexts"):
            # FastAPI keeps an included router whole since 0.137 and works its routes out when asked.
            for context in route.effective_route_contexts():
                yield prefix + context.path, context
            continue
        path = prefix + getattr(route, "path", "")
        if hasattr(route, "endpoint"):
            yield path, route
        else:
            yield from flatten(getattr(route, "routes", None) or (), path)


def methods_of(route: Any) -> list[str]:
    """The methods a route was written for; Starlette adds HEAD to every GET of its own."""
    methods = set(getattr(route, "methods", None) or ())
    return sorted(methods - {"HEAD"} if "GET" in methods else methods)


def dump_endpoints(root: Path, app: Any) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The addresses that lead to the project's views, and those that lead to other people's."""
    own: list[dict[str, Any]] = []
    outside: list[dict[str, Any]] = []
    for path, route in flatten(app.routes):
        view = unwrap(route.endpoint)
        methods = methods_of(route)
        websocket = "WebSocket" in type(route).__name__
        entry = {"route": path, "methods": methods, "view": full_name(view), "websocket": websocket}
        (own if inside(root, view) else outside).append(entry)
    return own, outside


def mapped_classes() -> list[Any]:
    """Every mapper SQLAlchemy has, with the relations of all of them worked out."""
    if "sqlalchemy.orm" not in sys.modules:
        return []
    orm = import_module("sqlalchemy.orm")
    orm.configure_mappers()
    registries = import_module("sqlalchemy.orm.mapper")._all_registries()
    return [mapper for registry in registries for mapper in registry.mappers]


def made_by_backref(mappers: list[Any]) -> set[tuple[Any, str]]:
    """The relations nobody wrote down: a `backref` of the other side made them."""
    made: set[tuple[Any, str]] = set()
    for mapper in mappers:
        for relation in mapper.relationships:
            if relation.backref is not None:
                name = relation.backref if isinstance(relation.backref, str) else relation.backref[0]
                made.update((one.class_, name) for one in relation.mapper.self_and_descendants)
    return made


def dump_models(root: Path) -> dict[str, Any]:
    """The project's mapped classes by name."""
    mappers = mapped_classes()
    made = made_by_backref(mappers)
    models: dict[str, Any] = {}
    for mapper in mappers:
        if not inspect.isclass(mapper.class_) or not inside(root, mapper.class_):
            continue
        relations = [
            {
                "name": relation.key,
                "to": full_name(relation.mapper.class_),
                "many": bool(relation.uselist),
                "reverse": (mapper.class_, relation.key) in made,
            }
            for relation in mapper.relationships
        ]
        relations.sort(key=lambda relation: str(relation["name"]))
        label = getattr(mapper.local_table, "name", None)
        models[full_name(mapper.class_)] = {"label": label, "proxy": False, "relations": relations}
    return dict(sorted(models.items()))


def main() -> None:
    """Read the command line, load the application and write the answer."""
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    root = Path(sys.argv[1]).resolve()
    # This script's own folder stands first otherwise, and the project would import its neighbours.
    sys.path[0] = str(root)
    own, outside = dump_endpoints(root, load(sys.argv[2]))
    models = dump_models(root)
    answer = {"framework": "fastapi", "models": models, "endpoints": own, "outside_endpoints": outside}
    Path(sys.argv[3]).write_text(json.dumps(answer, indent=1) + "\n", encoding="utf-8")
    count = sum(len(model["relations"]) for model in models.values())
    print(f"models {len(models)}, relations {count}, endpoints {len(own)} (+{len(outside)} outside)")


if __name__ == "__main__":
    main()
