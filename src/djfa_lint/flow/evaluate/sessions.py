"""SQLAlchemy's and SQLModel's sessions: statements that are built, and the calls that send them."""

from __future__ import annotations

import ast

from djfa_lint.flow.evaluate import stalls
from djfa_lint.flow.evaluate.effects import Query
from djfa_lint.flow.evaluate.frame import Frame
from djfa_lint.flow.evaluate.querysets import Given
from djfa_lint.flow.evaluate.values import Cls, Lib, Obj, Part, Statement, Value
from djfa_lint.project.names import Known
from djfa_lint.source.nodes import walk

# Stand for a session of any library.
SESSION = Known("sqlalchemy.orm.Session")
ASYNC_SESSION = Known("sqlalchemy.ext.asyncio.AsyncSession")
QUERY = "sqlalchemy.orm.Query"
KINDS = frozenset({SESSION, ASYNC_SESSION})
_SYNC = (
    "sqlalchemy.orm.Session sqlalchemy.orm.session.Session sqlalchemy.orm.scoped_session sqlmodel.Session "
    "sqlmodel.orm.session.Session sqlalchemy.orm.scoping.scoped_session"
)
_ASYNC = (
    "sqlalchemy.ext.asyncio.AsyncSession sqlalchemy.ext.asyncio.session.AsyncSession "
    "sqlalchemy.ext.asyncio.async_scoped_session sqlmodel.ext.asyncio.session.AsyncSession"
)
SESSIONS = {**dict.fromkeys(_SYNC.split(), SESSION), **dict.fromkeys(_ASYNC.split(), ASYNC_SESSION)}
_MAKERS = frozenset(
    "sqlalchemy.orm.sessionmaker sqlalchemy.ext.asyncio.async_sessionmaker sqlalchemy.orm.session.sessionmaker "
    "sqlalchemy.ext.asyncio.session.async_sessionmaker".split()
)
_SELECTS = ("select", "text")
_CHANGES = ("insert", "update", "delete")
_HOMES = (
    "sqlalchemy",
    "sqlalchemy.sql",
    "sqlalchemy.sql.expression",
    "sqlalchemy.future",
    "sqlmodel",
    "sqlalchemy.orm",
)
_DIALECTS = ("postgresql", "mysql", "sqlite")
_READING = frozenset({"SELECT", "WITH"})
_WRITING = frozenset({"INSERT", "UPDATE", "DELETE"})
_SENDS = frozenset("execute scalars scalar exec stream stream_scalars".split())
_FETCHES = frozenset({"get", "get_one"})
_WRITES = frozenset({"commit", "flush"})
_TERMINALS = frozenset("all first one one_or_none scalar scalar_one count get".split())
_CHANGING = frozenset({"delete", "update"})
_SAME = frozenset({"begin", "begin_nested", "no_autoflush"})


def maker(name: str, given: Given) -> Part | None:
    """What ``sessionmaker(...)`` gives: something that makes sessions when it is called."""
    if name not in _MAKERS:
        return None
    cls = given.keywords.get("class_")
    of = SESSIONS.get(cls.name) if isinstance(cls, Lib) else None
    if cls is None:
        of = ASYNC_SESSION if "async" in name else SESSION
    return Part(Lib(of.name), ()) if of is not None else None


def statements() -> dict[str, bool]:
    """The functions that begin a statement, and whether it writes."""
    found = {f"{home}.{name}": False for home in _HOMES for name in _SELECTS}
    found |= {f"{home}.{name}": True for home in _HOMES for name in _CHANGES}
    return found | {f"sqlalchemy.dialects.{one}.insert": True for one in _DIALECTS}


def built(frame: Frame, writes: bool, node: ast.Call) -> Value:
    """The statement that a call begins; a text says itself what it does."""
    first = node.args[0] if node.args else None
    if isinstance(first, ast.Constant) and isinstance(first.value, str):
        words = first.value.split(maxsplit=1)
        verb = words[0].upper() if words else ""
        return Statement("", verb in _WRITING) if verb in _WRITING | _READING else None
    return Statement(_model_in(frame, node), writes)


def _model_in(frame: Frame, node: ast.Call) -> str:
    """The bare name of the first model that a call's arguments name."""
    for argument in node.args:
        for part in walk(argument):
            if isinstance(part, (ast.Name, ast.Attribute)):
                value = frame.quietly(part)
                if _is_mapped(frame, value) and isinstance(value, Cls):
                    return value.known.name.rpartition(".")[2]
    return ""


def _is_mapped(frame: Frame, value: Value) -> bool:
    model = frame.evaluator.project.row_model(value.known) if isinstance(value, Cls) else None
    return model is not None and model.framework == "sqlalchemy"


def statement_method(frame: Frame, value: Statement, name: str, node: ast.Call) -> Value:
    """A method of a statement, or of a session's query: another statement, or what sends it."""
    if value.query:
        stalls.method_called(frame, QUERY, name, node)
    if value.query and name in _TERMINALS:
        _note(frame, value, name, False, node)
        return None
    if value.query and name in _CHANGING:
        _note(frame, value, name, True, node)
        return None
    return value


def session_method(frame: Frame, name: str, given: Given, node: ast.Call, session: Known | None = None) -> Value:
    """A method of a session; without one only what the arguments tell is believed."""
    first, sure = given.argument(0), session is not None
    if session == SESSION:
        stalls.method_called(frame, SESSION.name, name, node)
    if name in _SENDS and isinstance(first, Statement):
        _note(frame, first, name, first.writes, node)
    elif name in _FETCHES and _is_mapped(frame, first):
        _note(frame, Statement(_model_in(frame, node)), name, False, node)
    elif name == "query" and (sure or _is_mapped(frame, first)):
        return Statement(_model_in(frame, node), query=True)
    elif name in _WRITES and sure:
        # Under a condition it may be every hundredth time.
        loop = frame.loops[-1] if frame.loops else None
        if loop is None or frame.branches == loop.branches:
            _note(frame, Statement(""), name, True, node)
    elif name in _SAME and sure:
        return Obj(session) if session is not None else None
    return None


def _note(frame: Frame, statement: Statement, operation: str, writes: bool, node: ast.Call) -> None:
    loop = frame.loops[-1].site if frame.loops else None
    site = frame.site(node)
    frame.note(Query(statement.model, operation, writes, site, loop, varies=frame.varies(), framework="sqlalchemy"))
