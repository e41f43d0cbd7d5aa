"""What real Django's resolver leads to in a small project: run in a process of its own, with its folder as argument."""

import functools
import inspect
import json
import sys
from pathlib import Path

import django
from django.urls import get_resolver


def main(folder: str) -> None:
    sys.path.insert(0, folder)
    django.setup()
    found = []
    for route, callback, name in _patterns(get_resolver()):
        view = _unwrapped(callback)
        if Path(sys.modules[view.__module__].__file__).is_relative_to(folder):
            actions = sorted((getattr(callback, "actions", None) or {}).items())
            found.append([route, f"{view.__module__}.{view.__qualname__}", actions, name or ""])
    print(json.dumps(found))


def _patterns(resolver, prefix=""):
    for one in resolver.url_patterns:
        by_language = type(one.pattern).__name__ == "LocalePrefixPattern"
        route = prefix if by_language else prefix + str(one.pattern)
        if hasattr(one, "url_patterns"):
            yield from _patterns(one, route)
        elif "format" not in route.rpartition("/")[0] + str(one.pattern):
            yield route, one.callback, one.name


def _unwrapped(view):
    while True:
        if isinstance(view, functools.partial):
            view = view.func
        elif hasattr(view, "view_class") or hasattr(view, "cls"):
            cls = getattr(view, "view_class", None) or view.cls
            if cls.__qualname__.endswith("WrappedAPIView"):
                # What `api_view` makes has the function's module and name.
                cls.__qualname__ = cls.__name__
            return cls
        elif hasattr(view, "__wrapped__"):
            view = view.__wrapped__
        elif inspect.isroutine(view) or inspect.isclass(view):
            return view
        else:
            return type(view)


main(sys.argv[1])
