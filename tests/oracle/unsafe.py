"""Holds fixtures of Django's ORM in coroutines against Django: what is bad raises SynchronousOnlyOperation on a loop.

Each coroutine runs on a loop in a thread of its own, as under ASGI. What it hands to a thread uses the connection of
the test, so that it sees the rows; on the loop there is no connection, as there is none in a server.
"""

from __future__ import annotations

import asyncio
import inspect
import traceback
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from asgiref.sync import async_to_sync
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.core.exceptions import SynchronousOnlyOperation
from django.db import connection, connections, transaction
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.test.utils import override_settings
from django.views import View

from tests.oracle.counting import UncallableError, arguments
from tests.oracle.django_app import App, loaded
from tests.oracle.parts import Part, changed, is_coroutine, read
from tests.oracle.rows import fill

ROWS = 3


def problems(base: Path, fixed: Path | None = None) -> list[str]:
    """Run what the fixture at `base` says is bad or good; what is not as it says, one text for each.

    What is bad must raise on a line with an expectation. With `fixed`, the text after all fixes, run that: what was
    bad and is another text there must not raise.
    """
    reading = read(fixed or base)
    if reading.wrong:
        return list(reading.wrong)
    parts = changed(read(base), reading) if fixed else reading.runnable
    if not parts:
        return []
    target = fixed or base
    with _templates(target), loaded(target) as app, transaction.atomic(), _one_connection():
        fill(app, ROWS)
        found = [(part, _problem(app, part, part.is_bad and not fixed)) for part in parts]
        transaction.set_rollback(True)
    return [f"{target.name}: `{part.name}` {text}" for part, text in found if text]


def _problem(app: App, part: Part, is_bad: bool) -> str:
    try:
        with transaction.atomic():
            _run(app, part)
            transaction.set_rollback(True)
    except SynchronousOnlyOperation as error:
        lines = part.lines_of(app, traceback.extract_tb(error.__traceback__))
        at = lines[0] if lines else 0
        if not is_bad:
            return f"is good and raises at line {at}: {error}"
        return "" if at in part.wanted else f"raises at line {at}, which wants nothing"
    except UncallableError as error:
        return f"cannot be called: {error}"
    except Exception as error:
        at = (part.lines_of(app, traceback.extract_tb(error.__traceback__)) or [0])[0]
        return f"raises {type(error).__name__} at line {at}: {error}"
    return "is bad and does not raise" if is_bad else ""


def _run(app: App, part: Part) -> None:
    target = part.found_in(app)
    if inspect.isclass(target):
        _run_class(target)
        return
    given = arguments(target, app, ROWS)
    if "request" in given:
        given["request"] = _request()
    if is_coroutine(target):
        async_to_sync(_awaited)(target, given)
    else:
        target(**given)


def _run_class(cls: type) -> None:
    """A class-based view answers a request; anything else is a middleware around a view that does nothing."""
    if issubclass(cls, View):
        view = cls.as_view()
        if is_coroutine(view):
            async_to_sync(_awaited)(view, {"request": _request()})
        else:
            view(_request())
    else:
        async_to_sync(_awaited)(cls(_answer), {"request": _request()})


async def _answer(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


async def _awaited(function: Any, given: dict[str, Any]) -> None:
    result = function(**given)
    if inspect.isawaitable(result):
        result = await result
    if isinstance(result, AsyncIterator):
        async for _ in result:
            pass


def _request() -> HttpRequest:
    """A request of the first administrator; as in a server, nobody has asked the database who that is."""
    user = get_user_model()._base_manager.filter(is_superuser=True)[0]
    request = RequestFactory().get("/")
    request.session = SessionStore()
    request.session[SESSION_KEY] = str(user.pk)
    request.session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    request.session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    AuthenticationMiddleware(lambda _: HttpResponse()).process_request(request)
    return request


@contextmanager
def _templates(base: Path) -> Iterator[None]:
    """The fixture's own folder ``templates``."""
    backend = {"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [str(base / "templates")]}
    with override_settings(TEMPLATES=[backend]):
        yield


@contextmanager
def _one_connection() -> Iterator[None]:
    """All threads without a loop share the connection of this one: a database in memory belongs to its connection."""
    own = connections._connections
    connection.inc_thread_sharing()
    connections._connections = _Shared(own, SimpleNamespace(default=connections["default"]))
    try:
        yield
    finally:
        connections._connections = own
        connection.dec_thread_sharing()


class _Shared:
    def __init__(self, own: Any, shared: Any) -> None:
        vars(self).update(own=own, shared=shared)

    def __getattr__(self, alias: str) -> Any:
        return getattr(self.own if _is_on_a_loop() else self.shared, alias)

    def __setattr__(self, alias: str, value: Any) -> None:
        setattr(self.own if _is_on_a_loop() else self.shared, alias, value)

    def __delattr__(self, alias: str) -> None:
        delattr(self.own if _is_on_a_loop() else self.shared, alias)


def _is_on_a_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
