"""Values for the parameters of a function, made from their types."""

from __future__ import annotations

import asyncio
import inspect
import io
import socket
import types
import typing
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import fastapi
import requests
from django.http import HttpRequest
from django.test import RequestFactory

from tests.oracle.slow_leaves import Leaves, Peer, given, response

_PLAIN: dict[object, object] = {
    int: 1,
    float: 1.0,
    bool: False,
    bytes: b"a",
    dict: {"sku": "a", "country": "FR"},
    Path: Path("a"),
}


class Whatever:
    """Stands in for a value whose type nobody has said: can do everything, and is done the second time it is asked."""

    def __init__(self) -> None:
        self._asked = 0

    def __getattr__(self, name: str) -> Whatever:
        if name.startswith("__"):
            raise AttributeError(name)
        made = Whatever()
        setattr(self, name, made)
        return made

    def __call__(self, *args: object, **kwargs: object) -> Whatever:
        return Whatever()

    def __bool__(self) -> bool:
        self._asked += 1
        return self._asked > 1

    def __iter__(self) -> Iterator[Whatever]:
        return iter([Whatever()])

    async def __aiter__(self) -> AsyncIterator[Whatever]:
        yield Whatever()

    def __await__(self) -> Generator[None, None, Whatever]:
        yield
        return Whatever()

    def __enter__(self) -> Whatever:
        return self

    def __exit__(self, *error: object) -> None:
        return None

    async def __aenter__(self) -> Whatever:
        return self

    async def __aexit__(self, *error: object) -> None:
        return None


class Values:
    """Makes values; classes of the fixture are looked for among `modules` where a type is abstract."""

    def __init__(self, leaves: Leaves, modules: list[types.ModuleType]) -> None:
        self.leaves = leaves
        self.modules = modules

    def arguments(self, function: Callable[..., Any]) -> dict[str, Any]:
        """A value for each parameter that a function needs; for one that FastAPI would fill, what it would give."""
        found: dict[str, Any] = {}
        hints = _hints(function)
        for name, parameter in inspect.signature(function).parameters.items():
            if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
                continue
            depends = _dependency(parameter.default)
            if depends is not None:
                found[name] = self.dependency(depends, hints.get(name))
            elif parameter.default is parameter.empty:
                found[name] = self.make(hints.get(name, parameter.empty), name)
        return found

    def dependency(self, depends: Any, hint: Any) -> Any:
        """What FastAPI would hand to a parameter."""
        call = depends.dependency or hint
        made = call(**self.arguments(call))
        if inspect.isgenerator(made):
            return next(made)
        return self.make(hint) if inspect.isasyncgen(made) or inspect.iscoroutine(made) else made

    def make(self, hint: Any, name: str = "") -> Any:
        """A value of a type; text is an address where the parameter's name says so."""
        origin, inner = typing.get_origin(hint), typing.get_args(hint)
        if origin is typing.Annotated:
            depends = next((one for one in map(_dependency, inner[1:]) if one is not None), None)
            return self.make(inner[0]) if depends is None else self.dependency(depends, inner[0])
        if origin in (typing.Union, types.UnionType):
            return self.make(next(one for one in inner if one is not type(None)))
        if hint is str:
            return text_for(name)
        if hint in _PLAIN or origin is dict:
            return _PLAIN.get(hint, {})
        if inspect.isclass(origin) and issubclass(origin, (list, tuple, set, frozenset)):
            return origin([self.make(inner[0] if inner else str, name)])
        return self._special(hint) if inspect.isclass(hint) else Whatever()

    def _special(self, hint: type) -> Any:
        found = given(hint)
        if found is not None:
            return found
        if hint is socket.socket:
            return Peer(self.leaves)
        if hint is requests.Response:
            return response()
        if issubclass(hint, HttpRequest):
            return RequestFactory().get("/")
        if hint is fastapi.UploadFile:
            return fastapi.UploadFile(io.BytesIO(b"a"), filename="a")
        if hint is asyncio.Future:
            future = asyncio.get_running_loop().create_future()
            future.set_result(None)
            return future
        if hint in (object, inspect.Parameter.empty):
            return Whatever()
        return self.instance(hint)

    def instance(self, cls: type) -> Any:
        """An object of a class, or of one that implements it."""
        if inspect.isabstract(cls) or getattr(cls, "_is_protocol", False):
            cls = self._implementation(cls)
        return cls(**self.arguments(cls))

    def _implementation(self, cls: type) -> type:
        wanted = {name for name, value in vars(cls).items() if inspect.isfunction(value) and not name.startswith("_")}
        for module in self.modules:
            for one in vars(module).values():
                if inspect.isclass(one) and one is not cls and wanted <= set(dir(one)) and not inspect.isabstract(one):
                    return one
        raise LookupError(f"no class implements `{cls.__name__}`")


def text_for(name: str) -> str:
    """A text for a parameter of this name."""
    return "https://a.example" if "url" in name else "a"


def _dependency(value: object) -> Any:
    """What `Depends(...)` made, under whichever name the installed FastAPI keeps the class."""
    return value if hasattr(value, "dependency") and hasattr(value, "use_cache") else None


def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    target = function.__init__ if inspect.isclass(function) else function
    while hasattr(target, "__wrapped__"):
        target = target.__wrapped__
    if not inspect.isroutine(target) and callable(target):
        target = getattr(target, "func", target)
    try:
        return typing.get_type_hints(target, include_extras=True)
    except (TypeError, NameError):
        return {}
