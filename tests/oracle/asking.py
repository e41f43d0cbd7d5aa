"""Requests to the FastAPI applications of a fixture: one for each route, and their start-up."""

from __future__ import annotations

import functools
import inspect
import json
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from fastapi import APIRouter, FastAPI, UploadFile
from fastapi.routing import APIRoute, APIWebSocketRoute
from pydantic import BaseModel

from tests.oracle.values import Values, text_for


@dataclass
class Run:
    """A request, or the start-up: what it calls by itself, and what stands around every request."""

    start: Callable[[], Coroutine[Any, Any, object]]
    calls: list[object] = field(default_factory=list)
    around: list[object] = field(default_factory=list)


class UnansweredError(Exception):
    """A route has refused a request: it would prove nothing."""


def runs_of(modules: dict[str, ModuleType], values: Values) -> Iterator[Run]:
    """One run for each route of each application, and one for its start-up."""
    for app in _applications(modules):
        around = [getattr(one, "kwargs", {}).get("dispatch", one.cls) for one in app.user_middleware]
        around += [one.cls for one in app.user_middleware]
        yield Run(functools.partial(_start_up, app), [], around)
        for path, route in _routes(app.routes):
            if isinstance(route, APIRoute):
                yield Run(functools.partial(_request, app, path, route, values), list(_calls(route.dependant)), around)
            elif isinstance(route, APIWebSocketRoute):
                yield Run(functools.partial(_talk, app, path), list(_calls(route.dependant)), around)


def _routes(routes: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Each route with a path that can be asked for; newer versions of FastAPI keep included routers as they are."""
    for route in routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from _routes(inner.routes, prefix + route.include_context.prefix)
        elif isinstance(route, (APIRoute, APIWebSocketRoute)):
            path = prefix + route.path
            for name in route.param_convertors:
                path = path.replace("{" + name + "}", "1")
            yield path, route


def _applications(modules: dict[str, ModuleType]) -> list[FastAPI]:
    """The applications, or one around the routers where there is none."""
    found = {id(one): one for module in modules.values() for one in vars(module).values()}.values()
    apps = [one for one in found if isinstance(one, FastAPI)]
    routers = [one for one in found if isinstance(one, APIRouter)]
    if not apps and routers:
        apps = [FastAPI()]
        for router in routers:
            apps[0].include_router(router)
    return apps


def _calls(dependant: Any) -> Iterator[object]:
    """The route's function and those it depends on, also below a partial."""
    call = dependant.call
    while isinstance(call, functools.partial):
        call = call.func
    yield call
    for one in dependant.dependencies:
        yield from _calls(one)


async def _start_up(app: FastAPI) -> None:
    async with app.router.lifespan_context(app):
        pass


async def _request(app: FastAPI, path: str, route: APIRoute, values: Values) -> None:
    fields = route.dependant
    query = "&".join(f"{one.alias}={text_for(one.alias)}" for one in _query(fields))
    body, kind = b"", "application/json"
    if fields.body_params:
        body, kind = _body(values, fields.body_params[0])
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": min(route.methods or ()),
        "query_string": query.encode(),
        "headers": [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())],
    }
    sent = await _speak(app, path, scope, [{"type": "http.request", "body": body}])
    status = next((one["status"] for one in sent if "status" in one), 500)
    if status in (404, 405, 422, 500):
        raise UnansweredError(f"{path} answers {status}: {sent[-1]}")


async def _talk(app: FastAPI, path: str) -> None:
    scope = {"type": "websocket", "query_string": b"", "headers": [], "subprotocols": []}
    messages: list[dict[str, Any]] = [{"type": "websocket.connect"}, {"type": "websocket.disconnect", "code": 1000}]
    await _speak(app, path, scope, messages)


async def _speak(
    app: FastAPI, path: str, scope: dict[str, Any], messages: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """What an application sends for these messages, as a server would hand them over."""
    sent: list[dict[str, Any]] = []
    waiting = [*messages, {"type": "http.disconnect"}]

    async def receive() -> dict[str, Any]:
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]

    async def send(message: Any) -> None:
        sent.append(message)

    place = {"path": path, "raw_path": path.encode(), "root_path": "", "server": ("shop", 80), "client": ("a", 1)}
    about = {"asgi": {"version": "3.0", "spec_version": "2.4"}, "scheme": "http", "state": {}}
    await app({**about, **place, **scope}, receive, send)
    return sent


def _query(dependant: Any) -> Iterator[Any]:
    yield from (one for one in dependant.query_params if one.field_info.is_required())
    for inner in dependant.dependencies:
        yield from _query(inner)


def _body(values: Values, parameter: Any) -> tuple[bytes, str]:
    hint = parameter.field_info.annotation
    if hint is UploadFile:
        head = f'--x\r\nContent-Disposition: form-data; name="{parameter.alias}"; filename="a"\r\n\r\n'
        return f"{head}a\r\n--x--\r\n".encode(), "multipart/form-data; boundary=x"
    return json.dumps(_json(values, hint)).encode(), "application/json"


def _json(values: Values, hint: Any) -> Any:
    if inspect.isclass(hint) and issubclass(hint, BaseModel):
        return {name: _json(values, one.annotation) for name, one in hint.model_fields.items()}
    return values.make(hint)
