"""Calls that wait, made to wait: patched below the libraries, so that code which reaches them needs no peer.

That each of them really waits is measured against slow peers in `tests/knowledge`; here it is about the thread they
are reached on.
"""

from __future__ import annotations

import builtins
import bz2
import codecs
import concurrent.futures
import ftplib
import getpass
import gzip
import hashlib
import http.client
import imaplib
import importlib
import inspect
import io
import lzma
import multiprocessing
import os
import pathlib
import poplib
import queue
import select
import shutil
import smtplib
import socket
import sqlite3
import ssl
import subprocess
import sys
import tarfile
import threading
import time
import urllib.request
import xmlrpc.client
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Any
from unittest import mock

import httpx
import requests
import urllib3
from django.core.cache.backends.locmem import LocMemCache
from django.core.mail.backends.smtp import EmailBackend

DELAY = 0.08
PAYLOAD = b'{"id": 1, "price": 1, "status": "sent", "text": "a", "lat": 1, "lon": 1, "y": 1, "x": 1, "now": 1}'
_COROUTINES = inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR
_sleep = time.sleep

Place = tuple[str, int]


class Leaves:
    """What waits, and where it was reached from on the event loop: `lines` holds (file, line) of the coroutine."""

    def __init__(self, root: Path) -> None:
        self.root = str(root)
        self.lines: set[Place] = set()
        self._loop_thread: int | None = None
        self._slept: set[bool] = set()

    @property
    def active(self) -> bool:
        """False while the fixture is being loaded."""
        return self._loop_thread is not None

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Leaves wait, those reached in this thread as on the event loop."""
        self._loop_thread = threading.get_ident()
        self.lines = set()
        self._slept = set()
        try:
            yield
        finally:
            self._loop_thread = None

    def wait(self, place: Place | None = None) -> None:
        """Sleep, once on the loop and once elsewhere: one long gap is proof enough."""
        if not self.active:
            return
        on_loop = threading.get_ident() == self._loop_thread
        if on_loop:
            self.note(place)
        if on_loop not in self._slept:
            self._slept.add(on_loop)
            _sleep(DELAY)

    def note(self, place: Place | None = None) -> None:
        """Write down the place, or else where this thread is, if it is the loop's."""
        if threading.get_ident() == self._loop_thread and (found := place or self.place()) is not None:
            self.lines.add(found)

    def place(self) -> Place | None:
        """Where this thread is: the line of the innermost coroutine of the fixture, or of the outermost function."""
        where: FrameType | None = None
        frame: FrameType | None = sys._getframe(1)
        while frame is not None:
            if self.is_own(frame.f_code):
                where = frame
                if frame.f_code.co_flags & _COROUTINES:
                    break
            frame = frame.f_back
        return (where.f_code.co_filename, where.f_lineno) if where is not None else None

    def is_own(self, code: CodeType) -> bool:
        """Whether this is code of the fixture."""
        return code.co_filename.startswith(self.root)

    def called_here(self) -> bool:
        """Whether the caller of a leaf is the fixture itself, and not a library that needs the real thing."""
        return self.is_own(sys._getframe(2).f_code)

    def slow(self, give: Callable[..., object] = lambda: None) -> Callable[..., Any]:
        """A function that waits and then gives something harmless."""

        def leaf(*args: object, **kwargs: object) -> object:
            self.wait()
            return give()

        return leaf

    def around(self, real: Callable[..., Any], place: Place | None = None) -> Callable[..., Any]:
        """The real thing, after a wait."""

        def leaf(*args: object, **kwargs: object) -> object:
            self.wait(place)
            return real(*args, **kwargs)

        return leaf


class _File:
    """A file: opening it takes no time, reading or writing it does; what is written down is where it was opened."""

    def __init__(self, leaves: Leaves, mode: str) -> None:
        self._leaves = leaves
        self._place = leaves.place()
        self._held: Any = io.BytesIO(PAYLOAD) if "b" in mode else io.StringIO(PAYLOAD.decode())

    def __getattr__(self, name: str) -> Any:
        held = getattr(self._held, name)
        return self._leaves.around(held, self._place) if name.startswith(("read", "write")) else held

    def fileno(self) -> int:
        return -1

    def __iter__(self) -> Iterator[Any]:
        self._leaves.wait(self._place)
        return iter(self._held)

    def __enter__(self) -> _File:
        return self

    def __exit__(self, *error: object) -> None:
        return None


class Peer:
    """A socket, a mail server, a database, an archive: whatever is asked of it waits."""

    free = frozenset({"cursor", "close", "fileno", "setblocking", "settimeout"})

    def __init__(self, leaves: Leaves, wait: bool = False) -> None:
        self._leaves = leaves
        if wait:
            leaves.wait()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        leaves = self._leaves

        def ask(*args: object, **kwargs: object) -> Any:
            if name not in self.free:
                leaves.wait()
            return b"" if name.startswith("recv") else _Answer(leaves)

        return ask

    def __enter__(self) -> Peer:
        return self

    def __exit__(self, *error: object) -> None:
        return None


class _Answer(Peer):
    """What a peer answers: may be asked in turn, and is empty."""

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __len__(self) -> int:
        return 0


class _Lock:
    """A lock as a coroutine sees it: free where it was just made, held by another thread where the module made it.

    In `with` it waits only where another task holds it, and then no longer than the others.
    """

    def __init__(self, leaves: Leaves, slots: int = 1) -> None:
        self._leaves = leaves
        self._shared = not leaves.active
        self._left = slots

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        if blocking and timeout != 0 and self._shared:
            self._leaves.wait()
        return True

    def release(self) -> None:
        return None

    def locked(self) -> bool:
        return self._left <= 0

    def __enter__(self) -> bool:
        if self._left <= 0:
            self._leaves.wait()
        self._left -= 1
        return True

    def __exit__(self, *error: object) -> None:
        self._left += 1


class _Condition(_Lock):
    def wait(self, timeout: float | None = None) -> bool:
        if timeout != 0:
            self._leaves.wait()
        return True

    def wait_for(self, predicate: object, timeout: float | None = None) -> bool:
        return self.wait(timeout)

    def set(self) -> None:
        return None

    def is_set(self) -> bool:
        return False

    def notify_all(self) -> None:
        return None


class _Queue:
    def __init__(self, leaves: Leaves, maxsize: int = 0) -> None:
        self._leaves = leaves

    def get(self, block: bool = True, timeout: float | None = None) -> None:
        if block and timeout != 0:
            self._leaves.wait()

    def get_nowait(self) -> None:
        return None

    def put(self, item: object) -> None:
        return None

    def join(self) -> None:
        self._leaves.wait()


def _stand_in(leaves: Leaves, real: Any, fake: Callable[..., Any]) -> type:
    """A class of the same name whose calls give the fake to the fixture and the real thing to everybody else."""

    class Chosen(type):
        def __call__(cls, *args: Any, **kwargs: Any) -> Any:
            return fake(*args, **kwargs) if leaves.called_here() else real(*args, **kwargs)

    return Chosen(real.__name__, (), {"made_for": staticmethod(fake)})


@contextmanager
def slow_leaves(root: Path) -> Iterator[Leaves]:
    """All leaves wait for the code below `root`, from its loading on."""
    leaves = Leaves(root)
    with ExitStack() as stack:

        def put(owner: Any, **replaced: Any) -> None:
            for name, value in replaced.items():
                stack.enter_context(mock.patch.object(owner, name, value))

        _patch_http(leaves, put)
        _patch_files(leaves, put)
        _patch_processes(leaves, put)
        _patch_threads(leaves, put)
        _patch_futures(leaves, put)
        _patch_the_rest(leaves, put)
        yield leaves


def given(hint: object) -> Any:
    """What stands in for a value of a type that is patched; None for all other types."""
    made = getattr(hint, "made_for", None)
    return made() if made is not None else None


def response() -> requests.Response:
    """What a service answers."""
    made: Any = requests.Response()
    made.status_code = 200
    made._content, made._content_consumed = PAYLOAD, True
    return made  # type: ignore[no-any-return]


def _patch_http(leaves: Leaves, put: Callable[..., None]) -> None:
    chunks = requests.Response.iter_content

    def iter_content(self: requests.Response, *args: Any, **kwargs: Any) -> Iterator[Any]:
        leaves.wait()
        yield from chunks(self, *args, **kwargs)

    def send(self: object, request: httpx.Request, **kwargs: object) -> httpx.Response:
        leaves.wait()
        return httpx.Response(200, content=PAYLOAD, request=request)

    async def asend(self: object, request: httpx.Request, **kwargs: object) -> httpx.Response:
        return httpx.Response(200, content=PAYLOAD, request=request)

    put(requests.Session, send=leaves.slow(response))
    put(requests.Response, iter_content=iter_content)
    put(httpx.Client, send=send)
    put(httpx.AsyncClient, send=asend)
    # Loading the certificates takes 20 ms for each client, and more on a busy machine.
    context = ssl.create_default_context()
    put(importlib.import_module("httpx._transports.default"), create_ssl_context=lambda *args, **kwargs: context)
    put(urllib3.HTTPConnectionPool, urlopen=leaves.slow(lambda: urllib3.HTTPResponse(PAYLOAD, status=200)))
    put(urllib.request.OpenerDirector, open=leaves.slow(lambda: io.BytesIO(PAYLOAD)))
    put(urllib.request, urlretrieve=leaves.slow())
    put(http.client.HTTPConnection, request=leaves.slow(), getresponse=leaves.slow(lambda: io.BytesIO(PAYLOAD)))
    put(xmlrpc.client.ServerProxy, _ServerProxy__request=leaves.slow(lambda: 1))


def _patch_files(leaves: Leaves, put: Callable[..., None]) -> None:
    real = builtins.open

    def opened(file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        # In another thread it may be the fixture's own call that was handed over.
        handed_over = leaves.active and threading.current_thread() is not threading.main_thread()
        if not leaves.called_here() and not handed_over:
            return real(file, mode, *args, **kwargs)
        return _File(leaves, mode)

    def path_opened(self: object, mode: str = "r", *args: object, **kwargs: object) -> Any:
        return _File(leaves, mode)

    put(builtins, open=opened)
    for module in (io, gzip, bz2, lzma, codecs):
        put(module, open=opened)
    put(pathlib.Path, open=path_opened, write_text=leaves.slow(lambda: 1), write_bytes=leaves.slow(lambda: 1))
    put(pathlib.Path, read_text=leaves.slow(PAYLOAD.decode), read_bytes=leaves.slow(lambda: PAYLOAD))
    for name in ("copy", "copy2", "copyfile", "copyfileobj", "copytree", "make_archive", "move", "rmtree"):
        put(shutil, **{name: leaves.slow()})
    put(os, fsync=leaves.slow())
    put(zipfile, ZipFile=lambda *args, **kwargs: Peer(leaves))
    put(tarfile, open=lambda *args, **kwargs: Peer(leaves))


def _patch_processes(leaves: Leaves, put: Callable[..., None]) -> None:
    done = subprocess.CompletedProcess([], 0, PAYLOAD.decode(), "")
    put(subprocess, run=leaves.slow(lambda: done), call=leaves.slow(lambda: 0), check_call=leaves.slow(lambda: 0))
    put(subprocess, check_output=leaves.slow(lambda: PAYLOAD), getoutput=leaves.slow(PAYLOAD.decode))
    put(subprocess.Popen, wait=leaves.around(subprocess.Popen.wait))
    put(subprocess.Popen, communicate=leaves.around(subprocess.Popen.communicate))
    put(os, system=leaves.slow(lambda: 0), popen=leaves.slow(lambda: io.StringIO("")))
    put(multiprocessing, Process=lambda *args, **kwargs: Peer(leaves))


def _patch_threads(leaves: Leaves, put: Callable[..., None]) -> None:
    for name in ("Lock", "RLock", "Semaphore", "BoundedSemaphore"):

        def make(slots: int = 1, name: str = name) -> _Lock:
            # Tasks are all in one thread: it may take its own RLock as often as it likes.
            return _Lock(leaves, 1000 if name == "RLock" else slots)

        put(threading, **{name: _stand_in(leaves, getattr(threading, name), make)})
    for name in ("Condition", "Event", "Barrier"):
        put(threading, **{name: _stand_in(leaves, getattr(threading, name), lambda *args: _Condition(leaves, 1000))})
    for name in ("Queue", "SimpleQueue", "PriorityQueue", "LifoQueue"):
        put(queue, **{name: _stand_in(leaves, getattr(queue, name), lambda *args: _Queue(leaves))})
    join = threading.Thread.join

    def joined(self: threading.Thread, timeout: float | None = None) -> None:
        if leaves.called_here():
            leaves.wait()
        join(self, timeout)

    put(threading.Thread, join=joined)


def _patch_futures(leaves: Leaves, put: Callable[..., None]) -> None:
    futures: Any = concurrent.futures
    result, every = futures.Future.result, futures.ThreadPoolExecutor.map

    def given_result(self: Any, timeout: float | None = None) -> Any:
        if leaves.called_here() and timeout != 0:
            leaves.wait()
        return result(self, timeout)

    def mapped(self: Any, function: Callable[..., Any], *rows: Any) -> Iterator[Any]:
        # The real one hands everything over at once, and waits when it is asked.
        found = every(self, function, *rows)

        def ask() -> Iterator[Any]:
            leaves.wait()
            yield from found

        return ask()

    put(futures.Future, result=given_result)
    put(futures.ThreadPoolExecutor, map=mapped, shutdown=_shutdown(leaves, futures.ThreadPoolExecutor.shutdown))
    put(futures, wait=leaves.around(futures.wait), as_completed=leaves.around(futures.as_completed))


def _shutdown(leaves: Leaves, real: Callable[..., None]) -> Callable[..., None]:
    def shutdown(self: Any, wait: bool = True, **kwargs: Any) -> None:
        started = time.perf_counter()
        real(self, wait, **kwargs)
        if time.perf_counter() - started > DELAY / 2:
            leaves.note()

    return shutdown


def _patch_the_rest(leaves: Leaves, put: Callable[..., None]) -> None:
    def sleep(seconds: Any) -> None:
        # A number that is not zero, or something that stands in for one.
        if not (isinstance(seconds, (int, float)) and seconds == 0):
            leaves.wait()

    def connected(host: object = "", *args: object, **kwargs: object) -> Peer:
        return Peer(leaves, wait=bool(host))

    put(time, sleep=sleep)
    put(smtplib, SMTP=connected, SMTP_SSL=connected)
    put(ftplib, FTP=connected, FTP_TLS=connected)
    put(imaplib, IMAP4=connected, IMAP4_SSL=connected)
    put(poplib, POP3=connected, POP3_SSL=connected)
    put(socket, create_connection=connected, getaddrinfo=leaves.slow(list), gethostbyname=leaves.slow(str))
    put(ssl.SSLContext, wrap_socket=lambda *args, **kwargs: Peer(leaves, wait=True))
    put(select, select=leaves.slow(lambda: ([], [], [])))
    put(sqlite3, connect=connected)
    put(hashlib, scrypt=leaves.slow(bytes), pbkdf2_hmac=leaves.slow(bytes))
    put(builtins, input=leaves.slow(str))
    put(getpass, getpass=leaves.slow(str))
    for name in ("get", "set", "add", "incr", "touch", "delete"):
        put(LocMemCache, **{name: leaves.around(getattr(LocMemCache, name))})
    put(EmailBackend, send_messages=leaves.slow(lambda: 1))
