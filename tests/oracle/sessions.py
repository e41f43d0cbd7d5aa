"""Holds fixtures of SQLAlchemy's sessions against SQLAlchemy: on which thread does the database get asked?

Each function is a route of FastAPI, so dependencies and plain functions run where they do in a server. A connection
that is opened, or a statement that is sent, on the loop's thread by an engine that is not asynchronous holds the loop
up; that is where what is bad has its expectations.
"""

from __future__ import annotations

import asyncio
import inspect
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, get_type_hints

import httpx
from fastapi import Depends, FastAPI
from sqlalchemy import Column, Connection, Engine, MetaData, event
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import DeclarativeBase, Session

from tests.oracle.django_app import App, loaded
from tests.oracle.parts import Part, changed, is_coroutine, read

Lines = set[int]
_BUILT_IN = {int: 1, str: "x", bool: True, float: 1.0}


def are_used_in(base: Path) -> bool:
    """Whether a fixture has to do with SQLAlchemy."""
    files = base.rglob("*.py") if base.is_dir() else [base]
    return any("sqlalchemy" in file.read_text(encoding="utf-8") for file in files)


def problems(base: Path, fixed: Path | None = None) -> list[str]:
    """Run what the fixture at `base` says is bad or good; what is not as it says, one text for each.

    Each expectation must see the database asked from its line. With `fixed`, the text after all fixes, run that: what
    was bad and is another text there must not ask on the loop's thread.
    """
    reading = read(fixed or base)
    if reading.wrong:
        return list(reading.wrong)
    parts = changed(read(base), reading) if fixed else reading.runnable
    if not parts:
        return []
    target = fixed or base
    with loaded(target) as app:
        found = asyncio.run(_problems(app, parts, bool(fixed)))
    return [f"{target.name}: `{part.name}` {text}" for part, text in found if text]


async def _problems(app: App, parts: list[Part], is_fixed: bool) -> list[tuple[Part, str]]:
    try:
        return [(part, await _problem(app, part, is_fixed)) for part in parts]
    finally:
        for one in _of_kind(app, AsyncEngine):
            await one.dispose()


async def _problem(app: App, part: Part, is_fixed: bool) -> str:
    await with_rows(app)
    asked: Lines = set()
    try:
        with _recorded(app, part, asked):
            await _served(app, part)
    except Exception as error:
        at = part.lines_of(app, traceback.extract_tb(error.__traceback__)) or [0]
        return f"raises {type(error).__name__} at line {at[0]}: {error}"
    wanted = frozenset() if is_fixed or not part.is_bad else part.wanted
    more, less = sorted(asked - wanted), sorted(wanted - asked)
    if more:
        return f"asks the database on the loop's thread at {more}, where nothing is wanted"
    return f"does not ask the database on the loop's thread at {less}" if less else ""


async def with_rows(app: App) -> None:
    """Make the tables of all engines anew, with two rows for each class."""
    bases = {base.metadata: base for base in _of_kind(app, type) if _is_base(base)}
    for metadata, base in bases.items():
        for engine in _of_kind(app, Engine):
            with engine.begin() as connection:
                _fill(connection, metadata, base)
        for asynchronous in _of_kind(app, AsyncEngine):
            async with asynchronous.begin() as outer:
                await outer.run_sync(_fill, metadata, base)


def _fill(connection: Connection, metadata: MetaData, base: type[DeclarativeBase]) -> None:
    metadata.drop_all(connection)
    metadata.create_all(connection)
    with Session(connection) as session:
        for table in metadata.sorted_tables:
            for key in (1, 2):
                session.execute(table.insert().values({column.name: _value(column, key) for column in table.columns}))
        session.commit()


def _value(column: Column[Any], key: int) -> Any:
    return key if column.primary_key or column.foreign_keys else _BUILT_IN[column.type.python_type]


async def _served(app: App, part: Part) -> None:
    """Ask for the function over HTTP, as the only route of an application."""
    function = part.found_in(app)
    server = FastAPI()
    server.add_api_route("/", _with_sessions(app, function), methods=["GET"], response_model=None)
    transport = httpx.ASGITransport(app=server)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        response = await client.get("/")
    if response.status_code >= 400:
        raise RuntimeError(f"it answers {response.status_code}: {response.text}")


def _with_sessions(app: App, function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, with a session as a dependency for each parameter that is nothing but hinted as one."""
    hints = get_type_hints(function, include_extras=True)
    parameters = []
    for one in inspect.signature(function).parameters.values():
        hint = hints.get(one.name, Any)
        if one.default is None:
            continue
        default = one.default
        if default is one.empty and hint in (Session, AsyncSession):
            default = Depends(_new_session(app, hint))
        parameters.append(one.replace(kind=one.KEYWORD_ONLY, annotation=hint, default=default))

    if is_coroutine(function):

        async def route(**given: Any) -> str:
            result = function(**given)
            if inspect.isasyncgen(result):
                return str([one async for one in result])
            return str(type(await result))

    else:

        def route(**given: Any) -> str:
            return str(type(function(**given)))

    route.__signature__ = inspect.Signature(parameters, return_annotation=str)
    return route


def _new_session(app: App, kind: type) -> Callable[[], Iterator[Any]]:
    def session() -> Iterator[Session]:
        with Session(_of_kind(app, Engine)[0]) as one:
            yield one

    async def async_session() -> Any:
        async with AsyncSession(_of_kind(app, AsyncEngine)[0]) as one:
            yield one

    return async_session if kind is AsyncSession else session


@contextmanager
def _recorded(app: App, part: Part, asked: Lines) -> Iterator[None]:
    """Collect the lines of the part from which the loop's thread asks a synchronous engine; 0 for another place."""
    loop_thread = threading.get_ident()

    def note(connection: Connection, *_: object) -> None:
        if threading.get_ident() == loop_thread and not connection.dialect.is_async:
            asked.add((part.lines_of(app, traceback.extract_stack()) or [0])[0])

    with ExitStack() as stack:
        for name in ("engine_connect", "before_cursor_execute"):
            event.listen(Engine, name, note)
            stack.callback(event.remove, Engine, name, note)
        yield


def _of_kind(app: App, kind: type) -> list[Any]:
    found = (one for module in app.modules.values() for one in vars(module).values() if isinstance(one, kind))
    return list({id(one): one for one in found}.values())


def _is_base(one: Any) -> bool:
    return issubclass(one, DeclarativeBase) and one is not DeclarativeBase and DeclarativeBase in one.__bases__
