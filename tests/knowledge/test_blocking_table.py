"""The table of blocking calls: its form, its names, and a measured sample of its claims."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import http.client
import http.server
import importlib
import inspect
import multiprocessing
import os
import queue
import re
import select
import smtplib
import socket
import socketserver
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib

TABLE_PATH = Path(__file__).parents[2] / "src" / "djfa_lint" / "knowledge" / "blocking.toml"
TABLE: dict[str, list[dict[str, Any]]] = tomllib.loads(TABLE_PATH.read_text(encoding="utf-8"))

FUNCTIONS = TABLE["function"]
CLASSES = TABLE["class"]
METHODS = [(cls, method) for cls in CLASSES for method in cls.get("method", [])]
RETURNS = TABLE["returns"]

KINDS = {
    *("sleep", "http", "socket", "subprocess", "file", "db", "mail"),
    *("lock", "queue", "future", "cpu", "loop", "input"),
}
OPTIONAL = {"aliases", "effect", "offload", "opens", "shared", "unless", "when"}
REQUIRED_FUNCTION = {"name", "kind", "weight", "instead", "source"}
REQUIRED_CLASS = REQUIRED_FUNCTION | {"methods"}

# Names that a supported interpreter or platform does not have.
ABSENT: set[str] = set()
if sys.version_info < (3, 11):
    ABSENT.add("asyncio.Runner")
if sys.platform == "win32":
    ABSENT.add("os.wait")

# Classes whose public name is a factory function, or whose methods are set on the instance.
INSTANCES: dict[str, Callable[[], object]] = {
    "multiprocessing.Event": multiprocessing.Event,
    "multiprocessing.JoinableQueue": multiprocessing.JoinableQueue,
    "multiprocessing.Lock": multiprocessing.Lock,
    "multiprocessing.Queue": multiprocessing.Queue,
    "multiprocessing.Semaphore": multiprocessing.Semaphore,
    "multiprocessing.SimpleQueue": multiprocessing.SimpleQueue,
    "threading.Condition": threading.Condition,
    "threading.Lock": threading.Lock,
    "threading.RLock": threading.RLock,
}

# Class aliases that are functions giving an instance, and properties among the returns rows.
FACTORIES = {
    "multiprocessing.Pool",
    "requests.session",
    "requests.sessions.session",
    "urllib3.poolmanager.proxy_from_url",
    "urllib3.proxy_from_url",
}
PROPERTIES = {"pathlib.Path.parent"}

# Built-in calls whose signature interpreters before 3.13 do not tell; all are run further down.
UNTOLD = {
    "threading.Condition.acquire",
    "threading.Lock.acquire",
    "threading.RLock.acquire",
    "time.sleep",
}


def absent(name: str) -> bool:
    return any(name == missing or name.startswith(missing + ".") for missing in ABSENT)


def resolve(name: str) -> object:
    """The object behind a dotted name: the longest importable prefix, then attributes."""
    parts = name.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:cut]))
        except ModuleNotFoundError:
            continue
        for part in parts[cut:]:
            found = getattr(found, part)
        return found
    raise ModuleNotFoundError(name)


def resolve_method(cls: str, method: str) -> tuple[object, bool]:
    """A method of a listed class, and whether it is already bound to an instance."""
    if cls in INSTANCES:
        return getattr(INSTANCES[cls](), method), True
    return getattr(resolve(cls), method), False


# ---------------------------------------------------------------------------------------------
# form


def test_sections_are_known_and_in_order() -> None:
    assert list(TABLE) == ["function", "class", "returns"]
    headers = re.findall(r"^\[\[(\w+)\]\]$", TABLE_PATH.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert headers == ["function"] * len(FUNCTIONS) + ["class"] * len(CLASSES) + ["returns"] * len(RETURNS)


def check_values(row: dict[str, Any]) -> None:
    assert row.get("kind", "sleep") in KINDS
    assert row.get("weight", "high") in {"high", "low"}
    assert row.get("effect", "raises") == "raises", "stalls is the default: leave it out"
    assert row.get("offload", False) is False, "true is the default: leave it out"
    assert re.fullmatch(r"https://[\w.-]+/\S+#\S+", row["source"])
    for key in ("shared", "opens"):
        assert row.get(key, True) is True, "false is the default: leave it out"
    for key in OPTIONAL - {"effect", "offload", "opens", "shared"}:
        values = row.get(key, [""])
        assert isinstance(values, list)
        assert values
        assert len(set(values)) == len(values)
    for condition in row.get("unless", []):
        assert re.fullmatch(r"(\d+|[a-z_]+)=(False|0)", condition)
    for condition in row.get("when", []):
        assert re.fullmatch(r"arg:(\d+|[a-z_]+)|inside:[a-z]+", condition)


@pytest.mark.parametrize("row", FUNCTIONS, ids=lambda row: row["name"])
def test_function_row_is_complete(row: dict[str, Any]) -> None:
    assert set(row) >= REQUIRED_FUNCTION
    assert set(row) <= REQUIRED_FUNCTION | OPTIONAL
    check_values(row)


@pytest.mark.parametrize("row", CLASSES, ids=lambda row: row["name"])
def test_class_row_is_complete(row: dict[str, Any]) -> None:
    assert set(row) >= REQUIRED_CLASS
    assert set(row) <= REQUIRED_CLASS | {"aliases", "deep", "method"}
    check_values(row)
    assert row["methods"]
    assert row["methods"] == sorted(set(row["methods"]))
    overrides = [method["name"] for method in row.get("method", [])]
    assert overrides == sorted(set(overrides))
    assert set(overrides) <= set(row["methods"])
    for method in row.get("method", []):
        assert set(method) <= REQUIRED_FUNCTION | OPTIONAL - {"aliases"}
        check_values(method)


def test_returns_rows_are_complete() -> None:
    listed = {row["name"] for row in CLASSES}
    for row in RETURNS:
        assert set(row) == {"call", "type"}
        assert row["type"] in listed, "a type without a class row would type nothing"


@pytest.mark.parametrize(("section", "key"), [("function", "name"), ("class", "name"), ("returns", "call")])
def test_sorted_without_duplicates(section: str, key: str) -> None:
    rows = TABLE[section]
    names = [row[key] for row in rows]
    assert names == sorted(names)
    everything = names + [alias for row in rows for alias in row.get("aliases", [])]
    assert len(set(everything)) == len(everything)


def test_every_heavy_row_says_what_to_write_instead() -> None:
    for row in [*FUNCTIONS, *CLASSES, *(method for _, method in METHODS)]:
        if row.get("weight", "high") == "high" and "instead" in row:
            assert row["instead"].strip()
    for row in [*FUNCTIONS, *CLASSES]:
        compile(f"async def f():\n    {to_code(row['instead'])}", row["name"], "exec")
    for cls, method in METHODS:
        if "instead" in method:
            compile(f"async def f():\n    {to_code(method['instead'])}", cls["name"], "exec")


def to_code(instead: str) -> str:
    """A replacement as a full statement: `...` stands for arguments, a block header gets a body."""
    instead = instead.replace("{method}", "get")
    code = re.sub(r"\.\.\.(?=, \w+=)|=\.\.\.", lambda found: "1" if found[0] == "..." else "=1", instead)
    is_header = code.startswith("async ") and not re.search(r": \S", code)
    return f"{code}: pass" if is_header else code


def test_raising_calls_are_the_ones_that_run_a_loop() -> None:
    raising = [row["name"] for row in FUNCTIONS if row.get("effect") == "raises"]
    raising += [f"{cls['name']}.{method['name']}" for cls, method in METHODS if "effect" in method]
    assert raising == [
        "asyncio.run",
        "asyncio.AbstractEventLoop.run_forever",
        "asyncio.AbstractEventLoop.run_until_complete",
        "asyncio.Runner.run",
    ]


def test_standard_library_sources_point_at_the_call() -> None:
    docs = "https://docs.python.org/3/library/"
    for row in [*FUNCTIONS, *CLASSES]:
        if row["source"].startswith(docs):
            assert row["source"].partition("#")[2] == row["name"].removeprefix("builtins.")
    for cls, method in METHODS:
        if method["source"].startswith(docs):
            anchor = method["source"].partition("#")[2]
            assert anchor == cls["name"] or anchor.rpartition(".")[2] == method["name"]


# ---------------------------------------------------------------------------------------------
# names


@pytest.mark.parametrize("row", FUNCTIONS, ids=lambda row: row["name"])
def test_function_exists(row: dict[str, Any]) -> None:
    if absent(row["name"]):
        pytest.skip("not on this interpreter or platform")
    target = resolve(row["name"])
    assert callable(target)
    for alias in row.get("aliases", []):
        assert resolve(alias) is target


@pytest.mark.parametrize("row", CLASSES, ids=lambda row: row["name"])
def test_class_and_its_methods_exist(row: dict[str, Any]) -> None:
    if absent(row["name"]):
        pytest.skip("not on this interpreter or platform")
    target = resolve(row["name"])
    assert callable(target) if row["name"] in INSTANCES else inspect.isclass(target)
    for method in set(row["methods"]) - {"*"}:
        found, _ = resolve_method(row["name"], method)
        assert callable(found)
    for alias in row.get("aliases", []):
        other = resolve(alias)
        if alias in FACTORIES:
            assert callable(other)
            assert not inspect.isclass(other)
        else:
            assert issubclass(other, target)  # type: ignore[arg-type]


@pytest.mark.parametrize("row", RETURNS, ids=lambda row: row["call"])
def test_returns_row_exists(row: dict[str, str]) -> None:
    if absent(row["call"]):
        pytest.skip("not on this interpreter or platform")
    target = resolve(row["call"])
    if row["call"] in PROPERTIES:
        assert isinstance(target, property)
    else:
        assert callable(target)


def conditional_rows() -> Iterator[tuple[str, dict[str, Any], Callable[[], tuple[object, bool]]]]:
    for row in FUNCTIONS:
        if "unless" in row or "when" in row:
            yield row["name"], row, lambda row=row: (resolve(row["name"]), True)  # type: ignore[misc]
    for cls, method in METHODS:
        if "unless" in method or any(one.startswith("arg:") for one in method.get("when", [])):
            name = f"{cls['name']}.{method['name']}"
            yield name, method, lambda c=cls, m=method: resolve_method(c["name"], m["name"])  # type: ignore[misc]


@pytest.mark.parametrize(("name", "row", "find"), [pytest.param(*case, id=case[0]) for case in conditional_rows()])
def test_conditions_name_real_arguments(
    name: str, row: dict[str, Any], find: Callable[[], tuple[object, bool]]
) -> None:
    target, bound = find()
    try:
        parameters = list(inspect.signature(target).parameters.values())  # type: ignore[arg-type]
    except ValueError:
        assert name in UNTOLD
        pytest.skip("the interpreter does not tell this signature")
    parameters = parameters[0 if bound else 1 :]
    names = [one.name for one in parameters]
    keywords = {one.name for one in parameters if one.kind is not one.POSITIONAL_ONLY}
    positions = {one.name for one in parameters if one.kind is not one.KEYWORD_ONLY}
    for key in ("unless", "when"):
        told = [condition for condition in row.get(key, []) if not condition.startswith("inside:")]
        given = [condition.removeprefix("arg:").partition("=")[0] for condition in told]
        by_keyword = {one for one in given if not one.isdigit()}
        by_position = {names[int(one)] for one in given if one.isdigit()}
        assert by_keyword <= keywords
        assert by_position <= positions
        if given:
            assert by_keyword == by_position & keywords, "name both forms of the same arguments"


# ---------------------------------------------------------------------------------------------
# behaviour

DELAY = 0.15
HEARTBEAT = 0.005
HOST = "127.0.0.1"

Action = Callable[[], object]
CASES: list[tuple[str, Callable[[contextlib.ExitStack, str], Action]]] = []


class SlowHandler(http.server.BaseHTTPRequestHandler):
    """Answers late, or answers at once with a late body when the path is /body."""

    def do_GET(self) -> None:
        late_body = self.path == "/body"
        if not late_body:
            time.sleep(DELAY)
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.flush()
        if late_body:
            time.sleep(DELAY)
        with contextlib.suppress(OSError):
            self.wfile.write(b"ok")

    def log_message(self, *args: object) -> None:
        """Say nothing."""


class SlowGreeting(socketserver.BaseRequestHandler):
    """Lets a new connection wait for its first line, as a busy mail server does."""

    def handle(self) -> None:
        time.sleep(DELAY)
        self.request.sendall(b"220 ready\r\n")


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


@contextlib.contextmanager
def serving(handler: type[socketserver.BaseRequestHandler]) -> Iterator[int]:
    with Server((HOST, 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch, serving(SlowHandler) as port:
        patch.setenv("NO_PROXY", HOST)
        patch.setenv("no_proxy", HOST)
        yield f"http://{HOST}:{port}/"


def later(call: Action) -> None:
    timer = threading.Timer(DELAY, call)
    timer.daemon = True
    timer.start()


def case(row: str) -> Callable[[Any], Any]:
    def register(build: Callable[[contextlib.ExitStack, str], Action]) -> Any:
        CASES.append((row, build))
        return build

    return register


async def longest_gap(action: Action) -> float:
    """The longest time a 5 ms heartbeat had to wait while the coroutine called `action`."""
    worst = 0.0

    async def beat() -> None:
        nonlocal worst
        last = time.perf_counter()
        while True:
            await asyncio.sleep(HEARTBEAT)
            now = time.perf_counter()
            worst = max(worst, now - last)
            last = now

    heart = asyncio.create_task(beat())
    await asyncio.sleep(3 * HEARTBEAT)
    action()
    await asyncio.sleep(2 * HEARTBEAT)
    heart.cancel()
    return worst


def known_row(name: str) -> bool:
    owner, _, method = name.rpartition(".")
    return any(row["name"] == name for row in FUNCTIONS) or any(
        row["name"] == owner and method in row["methods"] for row in CLASSES
    )


@case("time.sleep")
def _sleep(stack: contextlib.ExitStack, url: str) -> Action:
    return lambda: time.sleep(DELAY)


@case("threading.Event.wait")
def _event(stack: contextlib.ExitStack, url: str) -> Action:
    return lambda: threading.Event().wait(DELAY)


@case("threading.Lock.acquire")
def _lock(stack: contextlib.ExitStack, url: str) -> Action:
    lock = threading.Lock()
    lock.acquire()

    def act() -> None:
        later(lock.release)
        lock.acquire()

    return act


@case("threading.Condition.wait")
def _condition(stack: contextlib.ExitStack, url: str) -> Action:
    condition = threading.Condition()
    stack.enter_context(condition)
    return lambda: condition.wait(DELAY)


@case("threading.Thread.join")
def _thread(stack: contextlib.ExitStack, url: str) -> Action:
    def act() -> None:
        thread = threading.Thread(target=time.sleep, args=(DELAY,))
        thread.start()
        thread.join()

    return act


@case("queue.Queue.get")
def _queue(stack: contextlib.ExitStack, url: str) -> Action:
    tasks: queue.Queue[int] = queue.Queue()

    def act() -> None:
        later(lambda: tasks.put(1))
        tasks.get()

    return act


@case("concurrent.futures.Future.result")
def _future(stack: contextlib.ExitStack, url: str) -> Action:
    executor = stack.enter_context(concurrent.futures.ThreadPoolExecutor(1))
    return lambda: executor.submit(time.sleep, DELAY).result()


@case("concurrent.futures.wait")
def _futures(stack: contextlib.ExitStack, url: str) -> Action:
    executor = stack.enter_context(concurrent.futures.ThreadPoolExecutor(1))
    return lambda: concurrent.futures.wait([executor.submit(time.sleep, DELAY)])


@case("concurrent.futures.ThreadPoolExecutor.shutdown")
def _shutdown(stack: contextlib.ExitStack, url: str) -> Action:
    executor = concurrent.futures.ThreadPoolExecutor(1)

    def act() -> None:
        executor.submit(time.sleep, DELAY)
        executor.shutdown()

    return act


SLEEPER = [sys.executable, "-I", "-S", "-c", f"import time; time.sleep({DELAY})"]


@case("subprocess.run")
def _run(stack: contextlib.ExitStack, url: str) -> Action:
    return lambda: subprocess.run(SLEEPER, check=True)


@case("subprocess.Popen.wait")
def _popen(stack: contextlib.ExitStack, url: str) -> Action:
    return lambda: stack.enter_context(subprocess.Popen(SLEEPER)).wait()


@case("socket.socket.recv")
def _recv(stack: contextlib.ExitStack, url: str) -> Action:
    ours, theirs = (stack.enter_context(end) for end in socket.socketpair())

    def act() -> None:
        later(lambda: theirs.sendall(b"x"))
        ours.recv(1)

    return act


@case("select.select")
def _select(stack: contextlib.ExitStack, url: str) -> Action:
    ours, _ = (stack.enter_context(end) for end in socket.socketpair())
    return lambda: select.select([ours], [], [], DELAY)


@case("sqlite3.Connection.execute")
def _query(stack: contextlib.ExitStack, url: str) -> Action:
    connection = stack.enter_context(contextlib.closing(sqlite3.connect(":memory:")))

    def act() -> None:
        deadline = time.perf_counter() + DELAY
        connection.set_progress_handler(lambda: time.perf_counter() > deadline, 1000)
        with pytest.raises(sqlite3.OperationalError, match="interrupted"):
            connection.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n")

    return act


@case("requests.get")
def _requests(stack: contextlib.ExitStack, url: str) -> Action:
    requests = pytest.importorskip("requests")
    return lambda: requests.get(url)


@case("requests.Response.iter_content")
def _iter_content(stack: contextlib.ExitStack, url: str) -> Action:
    requests = pytest.importorskip("requests")
    response = stack.enter_context(requests.get(url + "body", stream=True))
    return lambda: list(response.iter_content())


@case("httpx.get")
def _httpx(stack: contextlib.ExitStack, url: str) -> Action:
    httpx = pytest.importorskip("httpx")
    return lambda: httpx.get(url)


@case("httpx.Client.stream")
def _httpx_stream(stack: contextlib.ExitStack, url: str) -> Action:
    client = stack.enter_context(pytest.importorskip("httpx").Client())
    return lambda: stack.enter_context(client.stream("GET", url))


@case("urllib3.PoolManager.request")
def _urllib3(stack: contextlib.ExitStack, url: str) -> Action:
    pool = stack.enter_context(pytest.importorskip("urllib3").PoolManager())
    return lambda: pool.request("GET", url)


@case("urllib.request.urlopen")
def _urlopen(stack: contextlib.ExitStack, url: str) -> Action:
    return lambda: stack.enter_context(urllib.request.urlopen(url))


@case("http.client.HTTPConnection.getresponse")
def _getresponse(stack: contextlib.ExitStack, url: str) -> Action:
    connection = http.client.HTTPConnection(url.split("/")[2])
    stack.callback(connection.close)
    connection.request("GET", "/")
    return connection.getresponse


@case("smtplib.SMTP")
def _smtp(stack: contextlib.ExitStack, url: str) -> Action:
    port = stack.enter_context(serving(SlowGreeting))
    return lambda: smtplib.SMTP(HOST, port, local_hostname="localhost").close()


@case("builtins.open")
def _open(stack: contextlib.ExitStack, url: str) -> Action:
    if not hasattr(os, "mkfifo"):
        pytest.skip("needs a named pipe")
    pipe = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "pipe"
    os.mkfifo(pipe)

    def act() -> None:
        later(lambda: pipe.write_bytes(b"x"))
        with open(pipe, "rb") as file:
            file.read()

    return act


@pytest.mark.parametrize(("row", "build"), [pytest.param(*one, id=one[0]) for one in CASES])
def test_listed_call_stalls_the_loop(row: str, build: Callable[[contextlib.ExitStack, str], Action], url: str) -> None:
    assert known_row(row)
    with contextlib.ExitStack() as stack:
        action = build(stack, url)
        assert asyncio.run(longest_gap(action)) > 0.6 * DELAY


def test_sample_is_large_enough() -> None:
    assert len(CASES) >= 12


async def _nothing() -> None:
    pass


def test_asyncio_run_raises_in_a_running_loop() -> None:
    async def main() -> None:
        inner = _nothing()
        with pytest.raises(RuntimeError, match="running event loop"):
            asyncio.run(inner)
        inner.close()

    asyncio.run(main())


# Each call gets a loop of its own: in some 3.13 releases a refused run_forever() leaves the thread
# believing that no loop is running, so that a second call would really run.
@pytest.mark.parametrize("method", ["run_until_complete", "run_forever"])
@pytest.mark.parametrize("same_loop", [True, False])
def test_loop_method_raises_in_a_running_loop(method: str, same_loop: bool) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop() if same_loop else asyncio.new_event_loop()
        inner = _nothing()
        with pytest.raises(RuntimeError, match="running"):
            getattr(loop, method)(*([inner] if method == "run_until_complete" else []))
        inner.close()
        if not same_loop:
            loop.close()

    asyncio.run(main())


def quiet(error: type[BaseException], call: Action) -> Action:
    def act() -> None:
        with contextlib.suppress(error):
            call()

    return act


def unless_cases() -> Iterator[Any]:
    lock, pending = threading.Lock(), concurrent.futures.Future[None]()
    lock.acquire()
    slow = threading.Barrier(2)
    condition = threading.Condition()

    def shut_down() -> None:
        executor = concurrent.futures.ThreadPoolExecutor(1)
        executor.submit(time.sleep, DELAY)
        executor.shutdown(wait=False)

    def poll(**timeout: float) -> None:
        process = subprocess.Popen(SLEEPER)
        later(process.kill)
        later(process.wait)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(**timeout)

    def wait_for() -> None:
        with condition:
            condition.wait_for(lambda: False, 0)

    calls: dict[str, Action] = {
        "Lock.acquire blocking=False": lambda: lock.acquire(blocking=False),
        "Lock.acquire 0=False": lambda: lock.acquire(False),
        "Lock.acquire timeout=0": lambda: lock.acquire(timeout=0),
        "Lock.acquire 1=0": lambda: lock.acquire(True, 0),
        "RLock.acquire 1=0": lambda: threading.RLock().acquire(True, 0),
        "Condition.acquire blocking=False": lambda: threading.Condition(lock).acquire(blocking=False),
        "Condition.acquire timeout=0": lambda: threading.Condition(lock).acquire(timeout=0),
        "Semaphore.acquire timeout=0": lambda: threading.Semaphore(0).acquire(timeout=0),
        "Event.wait 0=0": lambda: threading.Event().wait(0),
        "Barrier.wait 0=0": quiet(threading.BrokenBarrierError, lambda: slow.wait(0)),
        "Condition.wait_for 1=0": wait_for,
        "Queue.get block=False": quiet(queue.Empty, lambda: queue.Queue[int]().get(block=False)),
        "Queue.get timeout=0": quiet(queue.Empty, lambda: queue.Queue[int]().get(timeout=0)),
        "SimpleQueue.get 1=0": quiet(queue.Empty, lambda: queue.SimpleQueue[int]().get(True, 0)),
        "Future.result timeout=0": quiet(concurrent.futures.TimeoutError, lambda: pending.result(timeout=0)),
        "Future.exception 0=0": quiet(concurrent.futures.TimeoutError, lambda: pending.exception(0)),
        "futures.wait timeout=0": lambda: concurrent.futures.wait([pending], timeout=0),
        "shutdown wait=False": shut_down,
        "Popen.wait timeout=0": lambda: poll(timeout=0),
        "select 3=0": lambda: select.select([], [], [], 0),
        "sleep 0=0": lambda: time.sleep(0),
        "SMTP without a host": lambda: smtplib.SMTP(local_hostname="localhost"),
    }
    for name, call in calls.items():
        yield pytest.param(call, id=name)


@pytest.mark.parametrize("call", list(unless_cases()))
def test_excepted_form_does_not_stall(call: Action) -> None:
    gaps = []
    for _ in range(3):  # a busy machine may hold up one of the runs
        gaps.append(asyncio.run(longest_gap(call)))
        if gaps[-1] < 0.5 * DELAY:
            return
    pytest.fail(f"heartbeat gaps: {gaps}")
