"""The tables of blocking calls beside `blocking.toml`: their form, their names, their answers.

Most of the libraries are not installed here; the names of such are checked wherever they are.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import re
import sys
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import pytest

from djfa_lint.knowledge.blocking import Blocking, blocking

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

Row = dict[str, Any]

FOLDER = Path(__file__).parents[2] / "src" / "djfa_lint" / "knowledge"
MAIN = FOLDER / "blocking.toml"
FILES = sorted(FOLDER.glob("blocking_*.toml"))
TABLES: dict[str, dict[str, list[Row]]] = {
    path.name: tomllib.loads(path.read_text(encoding="utf-8")) for path in (MAIN, *FILES)
}
SECTIONS = {"function": "name", "class": "name", "returns": "call"}

KINDS = {
    *("sleep", "http", "socket", "subprocess", "file", "db", "orm", "mail"),
    *("lock", "queue", "future", "cpu", "loop", "input", "sdk", "cache"),
}
REQUIRED = {"name", "kind", "weight", "instead", "source"}
CONDITIONS = {"unless", "when"}
OF_FUNCTIONS = REQUIRED | CONDITIONS | {"aliases", "effect", "offload", "shared", "opens"}
OF_METHODS = OF_FUNCTIONS - {"aliases"}
OF_CLASSES = OF_FUNCTIONS | {"methods", "method", "free", "deep"}

# Where questions are answered, packages are fetched and articles are told is no documentation of a library.
NO_DOCUMENTATION = re.compile(r"pypi\.|stackoverflow\.|medium\.com|reddit\.com|localhost|\d+\.\d+\.\d+\.\d+")


def ids(path: Path) -> str:
    return path.name


each_file = pytest.mark.parametrize("path", FILES, ids=ids)


def rows(path: Path, section: str) -> list[Row]:
    return TABLES[path.name].get(section, [])


def methods(path: Path) -> Iterator[tuple[Row, Row]]:
    for cls in rows(path, "class"):
        for method in cls.get("method", []):
            yield cls, method


def entries(path: Path) -> Iterator[tuple[str, Row]]:
    """Every row that tells of a call, with a name for messages."""
    for section in ("function", "class"):
        for row in rows(path, section):
            yield row["name"], row
    for cls, method in methods(path):
        yield f"{cls['name']}.{method['name']}", method


# ---------------------------------------------------------------------------------------------
# form


@each_file
def test_sections_are_known_and_in_order(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# ")
    headers = re.findall(r"^\[\[(\w+)\]\]$", text, flags=re.MULTILINE)
    assert headers == [name for name in SECTIONS for _ in rows(path, name)]
    assert set(TABLES[path.name]) <= set(SECTIONS)


@each_file
def test_rows_have_known_keys(path: Path) -> None:
    for row in rows(path, "function"):
        assert REQUIRED <= set(row) <= OF_FUNCTIONS, row["name"]
    for row in rows(path, "class"):
        assert REQUIRED | {"methods"} <= set(row) <= OF_CLASSES, row["name"]
    for cls, method in methods(path):
        assert {"name"} < set(method) <= OF_METHODS, f"{cls['name']}.{method['name']}"
    for row in rows(path, "returns"):
        assert set(row) == {"call", "type"}, row["call"]


@each_file
def test_values_are_allowed(path: Path) -> None:
    for name, row in entries(path):
        assert row.get("kind", "db") in KINDS, name
        assert row.get("weight", "high") in {"high", "low"}, name
        assert row.get("effect", "raises") == "raises", f"{name}: stalls is the default, leave it out"
        assert row.get("offload", False) is False, f"{name}: true is the default, leave it out"
        for key in ("shared", "opens", "deep"):
            assert row.get(key, True) is True, f"{name}: false is the default, leave {key} out"
        for key in ("aliases", "free", *CONDITIONS):
            values = row.get(key, [name])
            assert values, f"{name}: {key}"
            assert len(set(values)) == len(values), f"{name}: {key}"
        for condition in row.get("unless", []):
            assert re.fullmatch(r"(\d+|[a-z_]+)=(True|False|None|0)", condition), name
        for condition in row.get("when", []):
            assert re.fullmatch(r"arg:(\d+|[a-z_]+)|inside:[a-z]+", condition), name


@each_file
def test_sources_are_documentation(path: Path) -> None:
    for name, row in entries(path):
        if "source" not in row:
            continue
        source = urlsplit(row["source"])
        assert source.scheme == "https", name
        assert re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", source.netloc), name
        assert source.path.strip("/"), name
        assert not NO_DOCUMENTATION.search(source.netloc), name
        assert not re.search(r"\s", row["source"]), name
        if source.netloc == "github.com":
            front_page = source.path.count("/") == 2 and source.fragment
            assert front_page or re.search(r"/wiki/|\.(md|rst)$", source.path), name


@each_file
def test_methods_are_listed(path: Path) -> None:
    calls = [row["call"] for row in rows(path, "returns")]
    for cls in rows(path, "class"):
        name, listed = cls["name"], cls["methods"]
        assert listed == sorted(set(listed)), name
        leads_on = any(call.startswith(f"{name}.") for call in calls)
        assert listed or leads_on, f"{name} neither waits nor leads to what does"
        own = [method["name"] for method in cls.get("method", [])]
        assert own == sorted(set(own)), name
        assert set(own) <= set(listed) or "*" in listed, name
        if "free" in cls:
            assert "*" in listed, f"{name}: free is for classes all of whose methods wait"
            assert cls["free"] == sorted(cls["free"]), name
            assert not set(cls["free"]) & set(listed), name
        for one in {*listed, *cls.get("free", [])} - {"*"}:
            assert one.isidentifier(), f"{name}: {one}"


@each_file
@pytest.mark.parametrize("section", SECTIONS)
def test_sections_are_sorted(path: Path, section: str) -> None:
    names = [row[SECTIONS[section]] for row in rows(path, section)]
    assert names == sorted(names)


@pytest.mark.parametrize("section", SECTIONS)
def test_no_name_stands_in_two_rows(section: str) -> None:
    told = Counter(
        name
        for table in TABLES.values()
        for row in table.get(section, [])
        for name in (row[SECTIONS[section]], *row.get("aliases", []))
    )
    assert [name for name, count in told.items() if count > 1] == []


@each_file
def test_what_a_call_gives_has_a_row(path: Path) -> None:
    listed = {row["name"] for table in TABLES.values() for row in table.get("class", [])}
    for row in rows(path, "returns"):
        assert row["type"] in listed, row["call"]
    aliases = {alias for table in TABLES.values() for row in table.get("class", []) for alias in row.get("aliases", [])}
    for row in rows(path, "returns"):
        owner = row["call"].rpartition(".")[0]
        # A method is looked up by the name of its class, so that a row below an alias would only do for `Class.method`.
        assert owner not in aliases or f"{owner}." not in row["call"] or is_told_elsewhere(path, row), row["call"]


def is_told_elsewhere(path: Path, row: Row) -> bool:
    """Whether a row below an alias of a class has its twin below the class."""
    owner, _, last = row["call"].rpartition(".")
    names = [cls["name"] for cls in rows(path, "class") if owner in cls.get("aliases", [])]
    calls = {one["call"] for one in rows(path, "returns")}
    return any(f"{name}.{last}" in calls for name in names)


@each_file
def test_replacements_are_code(path: Path) -> None:
    for name, row in entries(path):
        if "instead" not in row:
            continue
        assert row["instead"].strip() == row["instead"] != "", name
        code = row["instead"].replace("{method}", "get")
        header = code.startswith("async ") and not re.search(r": \S", code)
        compile(f"async def f():\n    {code}{': pass' if header else ''}", name, "exec")


# ---------------------------------------------------------------------------------------------
# names


# Attributes that only the subclasses have.
OF_SUBCLASSES = {"sqlalchemy.orm.DeclarativeBase.metadata"}


class UnknownNameError(Exception):
    """A name whose object cannot be had: its library is not whole here, or it stands for what a call gives."""


def resolve(name: str) -> object:
    """The object behind a dotted name: the longest importable prefix, then attributes of modules and classes."""
    parts = name.split(".")
    for cut in range(len(parts), 0, -1):
        module = ".".join(parts[:cut])
        try:
            found: object = importlib.import_module(module)
        except ModuleNotFoundError as error:
            if error.name is not None and module.startswith(error.name):
                continue
            raise UnknownNameError(name) from error
        except Exception as error:
            raise UnknownNameError(name) from error
        for part in parts[cut:]:
            # By `type`, because a lazy object is made ready by being asked for its class.
            is_namespace = type(found) is ModuleType and getattr(found, "__file__", None) is None
            if not issubclass(type(found), (type, ModuleType)) or (is_namespace and not hasattr(found, part)):
                raise UnknownNameError(name)
            try:
                found = getattr(found, part)
            except AttributeError:
                raise
            except Exception as error:  # settings that are only read then, a part that is not installed
                raise UnknownNameError(name) from error
        return found
    raise UnknownNameError(name)


def objects(names: list[str]) -> list[object]:
    """The objects behind names, as many as can be had."""
    found = []
    for name in names:
        try:
            found.append(resolve(name))
        except UnknownNameError:
            continue
    return found


def libraries() -> list[Any]:
    found = []
    for path in FILES:
        names = {row[key].partition(".")[0] for name, key in SECTIONS.items() for row in rows(path, name)}
        found += [pytest.param(path, name, id=f"{path.stem}-{name}") for name in sorted(names)]
    return found


each_library = pytest.mark.parametrize(("path", "library"), libraries())


@pytest.fixture
def present(library: str) -> Iterator[str]:
    """The start of a library's names; skips where it is not installed."""
    try:
        spec = importlib.util.find_spec(library)
    except ValueError:
        spec = None
    if spec is None:
        pytest.skip(f"{library} is not installed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield f"{library}."


@each_library
def test_functions_exist(path: Path, present: str) -> None:
    for row in rows(path, "function"):
        if row["name"].startswith(present):
            for found in objects([row["name"], *row.get("aliases", [])]):
                assert callable(found), row["name"]
                assert not inspect.iscoroutinefunction(found), row["name"]
                check_arguments(row["name"], row, found, 0)


@each_library
def test_classes_and_methods_exist(path: Path, present: str) -> None:
    for row in rows(path, "class"):
        if not row["name"].startswith(present):
            continue
        found = objects([row["name"], *row.get("aliases", [])])
        assert all(callable(one) for one in found), row["name"]
        classes = [one for one in found if isinstance(one, type)]
        if not classes or len(found) < 1 + len(row.get("aliases", [])):
            continue
        own = {method["name"]: method for method in row.get("method", [])}
        known = 0
        for method in {*row["methods"], *row.get("free", [])} - {"*"}:
            told = [getattr(cls, method) for cls in classes if hasattr(cls, method)]
            # What hangs on a deep object has its methods there.
            assert told or row.get("deep"), f"{row['name']}.{method}"
            known += bool(told)
            for one in told:
                assert callable(one), f"{row['name']}.{method}"
                assert not inspect.iscoroutinefunction(one), f"{row['name']}.{method}"
                check_arguments(f"{row['name']}.{method}", own.get(method, {}), one, 1)
        assert known or not row["methods"] or row["methods"] == ["*"], row["name"]


def check_arguments(name: str, row: Row, found: object, skipped: int) -> None:
    """The conditions of a row name arguments that the call has, as far as its signature is told."""
    conditions = [one for key in CONDITIONS for one in row.get(key, []) if not one.startswith("inside:")]
    try:
        parameters = list(inspect.signature(found).parameters.values())[skipped:]  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return
    if any(one.kind in {one.VAR_KEYWORD, one.VAR_POSITIONAL} for one in parameters):
        return
    for condition in conditions:
        argument = condition.removeprefix("arg:").partition("=")[0]
        if argument.isdigit():
            assert int(argument) < len(parameters), f"{name}: {condition}"
        else:
            assert argument in {one.name for one in parameters}, f"{name}: {condition}"


@each_library
def test_what_gives_something_exists(path: Path, present: str) -> None:
    deep = {row["name"] for row in rows(path, "class") if row.get("deep")}
    for row in rows(path, "returns"):
        owner, _, last = row["call"].rpartition(".")
        if not row["call"].startswith(present) or owner in deep or last.startswith("__"):
            continue
        for found in objects([owner]):
            if isinstance(found, (type, ModuleType)) and row["call"] not in OF_SUBCLASSES:
                assert hasattr(found, last), row["call"]


# ---------------------------------------------------------------------------------------------
# answers


@pytest.fixture(scope="module")
def table() -> Blocking:
    return blocking()


@each_file
def test_every_row_is_answered(path: Path, table: Blocking) -> None:
    for row in rows(path, "function"):
        for name in (row["name"], *row.get("aliases", [])):
            assert table.functions[name].instead == row["instead"]
    for row in rows(path, "class"):
        assert all(table.types[name] == row["name"] for name in row.get("aliases", []))
        for method in row["methods"]:
            if method != "*":
                entry = table.method(row["name"], method)
                assert entry is not None
                assert entry.name == f"{row['name']}.{method}"
                assert entry.kind in KINDS
                assert "{method}" not in entry.instead
                assert entry.source
        if "*" in row["methods"]:
            anything = table.method(row["name"], "anything")
            assert anything is not None
            assert "{method}" not in anything.instead
            assert all(table.method(row["name"], method) is None for method in row.get("free", []))
        else:
            assert table.method(row["name"], "anything") is None
        assert table.given(row["name"], "anything") == (row["name"] if row.get("deep") else None)
    for row in rows(path, "returns"):
        assert table.types[row["call"]] == row["type"]


def only_with(name: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(name not in TABLES, reason="not written yet")


databases = only_with("blocking_databases.toml")


@databases
def test_mongo_is_followed_to_its_collections(table: Blocking) -> None:
    client = table.types["pymongo.mongo_client.MongoClient"]
    assert client == "pymongo.MongoClient"
    assert table.given(client, "shop") == client
    assert table.method(client, "shop") is None
    found = table.method(client, "find_one")
    assert found is not None
    assert "pymongo.AsyncMongoClient" in found.instead
    assert table.given(client, "find_one") is None
    assert table.method(client, "find") is None
    cursor = table.given(client, "find")
    assert cursor is not None
    assert table.given(cursor, "limit") == cursor
    going = table.method(cursor, "__iter__")
    assert going is not None
    assert not going.offload
    assert table.given("pymongo.database.Database", "orders") == "pymongo.database.Database"


@databases
def test_redis_waits_in_all_commands_but_those_that_only_prepare(table: Blocking) -> None:
    get = table.method("redis.Redis", "get")
    assert get is not None
    assert get.instead == "await redis.asyncio.Redis(...).get(...)"
    assert get.offload
    for name in ("pipeline", "pubsub", "lock", "register_script", "from_url", "close"):
        assert table.method("redis.Redis", name) is None
    assert table.types["redis.from_url"] == table.types["redis.StrictRedis"] == "redis.Redis"
    pipeline = table.given("redis.Redis", "pipeline")
    assert pipeline is not None
    assert table.method(pipeline, "execute") is not None
    assert table.method(pipeline, "get") is None
    lock = table.given("redis.Redis", "lock")
    assert lock is not None
    assert table.method(lock, "__enter__") is not None


@databases
def test_scans_wait_when_they_are_gone_over(table: Blocking) -> None:
    scan = table.method("redis.Redis", "scan_iter")
    assert scan is not None
    assert not scan.offload
    assert scan.instead.startswith("async for ")


@databases
@pytest.mark.parametrize(
    ("call", "chain", "last"),
    [
        ("psycopg.connect", ["cursor"], "execute"),
        ("psycopg2.connect", ["cursor"], "executemany"),
        ("pymysql.connect", ["cursor"], "execute"),
        ("MySQLdb.connect", ["cursor"], "execute"),
        ("mysql.connector.connect", ["cursor"], "fetchall"),
        ("pymssql.connect", ["cursor"], "fetchone"),
        ("pyodbc.connect", ["cursor"], "fetchval"),
        ("oracledb.create_pool", ["acquire", "cursor"], "execute"),
        ("neo4j.GraphDatabase.driver", ["session", "run"], "single"),
        ("cassandra.cluster.Cluster", ["connect"], "execute"),
        ("elasticsearch.Elasticsearch", ["indices"], "create"),
        ("opensearchpy.OpenSearch", ["indices"], "exists"),
        ("kafka.KafkaProducer", ["send"], "get"),
        ("pika.BlockingConnection", ["channel"], "basic_publish"),
        ("celery.Celery", ["AsyncResult"], "get"),
        ("weaviate.connect_to_local", ["collections", "use", "query"], "near_text"),
        ("chromadb.HttpClient", ["get_collection"], "query"),
        ("sqlalchemy.create_engine", ["connect"], "execute"),
        ("sqlalchemy.create_engine", ["raw_connection", "cursor"], "fetchall"),
        ("sqlmodel.Session", [], "exec"),
        ("sqlalchemy.orm.scoped_session", ["query", "filter", "order_by"], "all"),
    ],
)
def test_objects_are_followed(call: str, chain: list[str], last: str, table: Blocking) -> None:
    owner = table.types[call]
    for name in chain:
        given = table.given(owner, name)
        assert given is not None, f"{owner}.{name}"
        owner = given
    assert table.method(owner, last) is not None, f"{owner}.{last}"


@databases
def test_sessions_of_sqlalchemy_wait_only_where_they_ask(table: Blocking) -> None:
    session = "sqlalchemy.orm.Session"
    for name in ("add", "add_all", "begin", "close", "expunge", "query"):
        assert table.method(session, name) is None
    waiting = [table.method(session, name) for name in ("commit", "execute", "flush", "get", "refresh", "scalars")]
    assert all(entry is not None and entry.kind == "orm" and not entry.offload for entry in waiting)
    assert not any(name.startswith("sqlalchemy.ext.asyncio") for name in table.types)


@databases
def test_brokers_wait_unless_told_not_to(table: Blocking) -> None:
    poll = table.method("confluent_kafka.Producer", "poll")
    assert poll is not None
    assert poll.unless == ("timeout=0", "0=0")
    commit = table.method("confluent_kafka.Consumer", "commit")
    assert commit is not None
    assert commit.when == ("arg:2", "arg:asynchronous")
