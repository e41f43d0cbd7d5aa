"""What a function sends to the database."""

from __future__ import annotations

import inspect
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from asgiref.sync import async_to_sync
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.db import connection, models, transaction
from django.http import StreamingHttpResponse
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from tests.oracle.django_app import App

_CONTROL = re.compile(r"\s*(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|PRAGMA)", re.IGNORECASE)
_LITERAL = re.compile(r"'(?:[^']|'')*'|\b\d+(?:\.\d+)?\b")


class UncallableError(Exception):
    """A function wants an argument that the harness has no value for."""


def sent_by(call: Callable[[], object]) -> list[str]:
    """The statements that a call sends, those of transactions left out; what it returns is used up, what it did undone.

    The call runs inside a transaction, so its own are savepoints.
    """
    ContentType.objects.clear_cache()
    # Django keeps the last 9,000 statements of a process and loses those before.
    connection.queries_log.clear()
    around = transaction.atomic()
    # As for Django's own test cases: without it `atomic(durable=True)` refuses to run inside.
    around._from_testcase = True
    with around:
        with CaptureQueriesContext(connection) as captured:
            _use_up(call())
        transaction.set_rollback(True)
    return [query["sql"] for query in captured.captured_queries if not _CONTROL.match(query["sql"])]


def difference(few: list[str], many: list[str]) -> list[str]:
    """The statements of `many` that are not among the `few`, alike ones together: ``10 x SELECT ...``."""
    more = Counter(map(_shape, many)) - Counter(map(_shape, few))
    return [f"{count} x {statement}" for statement, count in more.most_common()]


def arguments(function: Callable[..., object], app: App, n: int) -> dict[str, Any]:
    """Values for the parameters without a default: ``request``, ``n``, the first row of a model that one is hinted as.

    Raises UncallableError for any other.
    """
    known = {model.__name__: model for model in (*app.models, get_user_model())}
    given: dict[str, Any] = {}
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.default is not parameter.empty or parameter.kind in (
            parameter.VAR_POSITIONAL,
            parameter.VAR_KEYWORD,
        ):
            continue
        hint = parameter.annotation
        model = known.get(hint.rpartition(".")[2] if isinstance(hint, str) else getattr(hint, "__name__", ""))
        if name == "request":
            given[name] = _request()
        elif name == "n":
            given[name] = n
        elif model is not None:
            given[name] = model._base_manager.order_by("pk")[0]
        else:
            raise UncallableError(f"nothing can be given for its argument `{name}`")
    return given


def _request() -> Any:
    request = RequestFactory().get("/")
    users = get_user_model()._base_manager
    request.user = users.filter(is_superuser=True).first() or users.create(is_superuser=True, is_staff=True)
    return request


def _use_up(result: object) -> None:
    if inspect.iscoroutine(result):
        _use_up(async_to_sync(_awaited)(result))
    elif isinstance(result, AsyncIterator):
        async_to_sync(_drained)(result)
    elif isinstance(result, StreamingHttpResponse):
        _use_up(iter(result))
    elif isinstance(result, (Iterator, models.QuerySet)):
        for _ in result:
            pass


async def _awaited(coroutine: Any) -> object:
    return await coroutine


async def _drained(rows: AsyncIterator[object]) -> None:
    async for _ in rows:
        pass


def _shape(statement: str) -> str:
    return _LITERAL.sub("?", statement)
