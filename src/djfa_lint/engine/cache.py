"""What was read of files in earlier runs: facts by content hash, in one SQLite file below the project.

The hash decides; a file's size and time only spare reading it. Nothing in here is code, and nothing in here can break
a run: a cache that is damaged, foreign, locked or cannot be written is left aside.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import sqlite3
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec import structs

import djfa_lint
from djfa_lint.errors import SourceError
from djfa_lint.facts.records import FileFacts, decode, encode
from djfa_lint.source.store import Store

FOLDER = ".djfa_cache"
# What facts are made of and by: another version of these reads files in another way.
_MAKERS = ("facts", "source")
_WAIT_SECONDS = 2.0
# Below this age of a file at the time it was read, another write may leave size and time as they are.
_RACY_NS = 2_000_000_000
_KEPT_DAYS = 30
# How often it is written down that facts are in use.
_TOLD_DAYS = 7
_DAY = 86_400
_MOST_BYTES = 400_000_000
# What SQLite says of a database that is sound and cannot be used now.
_PASSING = ("locked", "readonly", "unable to open", "disk I/O", "full", "busy")
_TAG = "Signature: 8a477f597d28d172789f06886806bc55\n# A cache of djfa-lint. See https://bford.info/cachedir/\n"
_TABLES = """
CREATE TABLE IF NOT EXISTS facts (digest TEXT PRIMARY KEY, data BLOB NOT NULL, used INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS files (
  path BLOB PRIMARY KEY, size INTEGER NOT NULL, changed INTEGER NOT NULL, digest TEXT NOT NULL
) WITHOUT ROWID;
"""


class Seen(NamedTuple):
    """A file as it was when it was read: its size in bytes and its time in nanoseconds."""

    size: int
    changed: int


class Cache:
    """Facts of earlier runs over one project."""

    def __init__(self, folder: Path) -> None:
        """`folder` is the cache's own; it is made when something is kept."""
        self._folder = folder
        self._file = folder / f"facts-{_signature()}.sqlite"
        # What `find` has shown, so that `keep` need not look again: the files as known, the day all were last used.
        self._sure: set[str] = set()
        self._told = 0

    def find(self, store: Store, paths: Iterable[str]) -> dict[str, FileFacts]:
        """The facts of those of the files that have not changed since they were kept, by path."""
        if not self._file.is_file():
            return {}
        found: dict[str, FileFacts] = {}
        try:
            with self._connected() as connection:
                known = {row[0]: row[1:] for row in connection.execute("SELECT path, size, changed, digest FROM files")}
                self._sure = {path for path in paths if _is_as(store, path, known.get(os.fsencode(path)))}
                wanted = {
                    path: known[os.fsencode(path)][2] if path in self._sure else _digest(store, path) for path in paths
                }
                rows = _data(connection, {digest for digest in wanted.values() if digest})
                (oldest,) = connection.execute("SELECT min(used) FROM facts").fetchone()
                self._told = oldest or 0
        except (sqlite3.Error, ValueError) as error:
            self._drop(error)
            return {}
        for path, digest in wanted.items():
            data = rows.get(digest)
            facts = _decoded(data) if data is not None else None
            if facts is not None and facts.digest == digest:
                found[path] = structs.replace(facts, path=path)
        return found

    def keep(self, store: Store, fresh: Mapping[str, FileFacts], used: Mapping[str, FileFacts], began: int) -> None:
        """Keep the facts that were read in this run, by path; `used` are those that `find` gave.

        `began` is when the first of the files was read, in nanoseconds since the epoch.
        """
        today = int(time.time()) // _DAY
        rows = [(one.digest, encode(structs.replace(one, path="")), today) for one in fresh.values()]
        unsure = {path: facts for path, facts in {**fresh, **used}.items() if path not in self._sure}
        files = [
            (os.fsencode(path), seen.size, seen.changed, facts.digest)
            for path, facts in unsure.items()
            if path not in store.overlay and (seen := _seen(store.root / path, began)) is not None
        ]
        if not rows and not files and today - self._told < _TOLD_DAYS:
            return
        # A cache that cannot be written is none; the run has what it needs.
        with contextlib.suppress(OSError, sqlite3.Error):
            self._prepare()
            with self._connected() as connection:
                connection.executemany("INSERT OR REPLACE INTO facts VALUES (?, ?, ?)", rows)
                connection.executemany("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?)", files)
                now = [(today, one.digest) for one in used.values()]
                connection.executemany("UPDATE facts SET used = ? WHERE digest = ?", now)
                _shrink(connection, today)

    def clear(self) -> bool:
        """Take the cache away, those of other versions included; whether there was one. Raises OSError."""
        if not (self._folder / "CACHEDIR.TAG").is_file():
            return False
        shutil.rmtree(self._folder)
        return True

    def _prepare(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        for name, text in ((".gitignore", "*\n"), ("CACHEDIR.TAG", _TAG)):
            if not (self._folder / name).exists():
                (self._folder / name).write_text(text, encoding="utf-8")
        for old in self._folder.glob("facts-*.sqlite"):
            if old != self._file and time.time() - old.stat().st_mtime > _KEPT_DAYS * _DAY:
                old.unlink()

    @contextlib.contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        """A transaction of its own; what another run writes at the same time is waited for a moment."""
        connection = sqlite3.connect(self._file, timeout=_WAIT_SECONDS)
        try:
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.executescript(_TABLES)
            with connection:
                yield connection
        finally:
            connection.close()

    def _drop(self, error: Exception) -> None:
        """Take a damaged cache away, and say so; one that is only locked or read-only is left."""
        if isinstance(error, sqlite3.OperationalError) and any(word in str(error) for word in _PASSING):
            return
        print(f"djfa-lint: the cache in {self._folder.name} was damaged ({error}); it is made anew", file=sys.stderr)
        with contextlib.suppress(OSError):
            self._file.unlink()


def _signature() -> str:
    """What makes facts: this version, its files, and the Python whose grammar reads the files."""
    package = Path(djfa_lint.__file__).parent
    hashed = hashlib.blake2b(digest_size=8)
    hashed.update(f"{djfa_lint.__version__} {sys.version_info[:3]} {msgspec.__version__}".encode())
    for path in sorted(one for name in _MAKERS for one in (package / name).glob("*.py")):
        seen = _seen(path)
        hashed.update(f"{path.name} {seen}".encode())
    return hashed.hexdigest()


def _seen(path: Path, began: int | None = None) -> Seen | None:
    """How a file looks from outside; None for one that is not there, or may have been written since `began`."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    # Somebody who sets the time of a file back does not set back when that was done; on Windows it is its birth.
    changed = max(found.st_mtime_ns, found.st_ctime_ns) if os.name == "posix" else found.st_mtime_ns
    young = began is not None and changed > began - _RACY_NS
    return None if young else Seen(found.st_size, changed)


def _is_as(store: Store, path: str, known: tuple[int, int, str] | None) -> bool:
    """Whether a file has the size and the time that are known of it."""
    return path not in store.overlay and known is not None and _seen(store.root / path) == known[:2]


def _digest(store: Store, path: str) -> str:
    """The hash of a file's content; "" where it is unreadable."""
    try:
        return store.source(path).digest
    except SourceError:
        return ""


def _data(connection: sqlite3.Connection, digests: set[str]) -> dict[str, bytes]:
    """The kept bytes by digest."""
    connection.execute("CREATE TEMP TABLE wanted (digest TEXT PRIMARY KEY) WITHOUT ROWID")
    connection.executemany("INSERT INTO wanted VALUES (?)", [(one,) for one in sorted(digests)])
    return dict(connection.execute("SELECT digest, data FROM wanted JOIN facts USING (digest)"))


def _decoded(data: bytes) -> FileFacts | None:
    try:
        return decode(data)
    except (msgspec.MsgspecError, TypeError):
        return None


def _shrink(connection: sqlite3.Connection, today: int) -> None:
    """Forget what no run has used for long, and more where it has grown large."""
    connection.execute("DELETE FROM facts WHERE used < ?", (today - _KEPT_DAYS,))
    (size,) = connection.execute("SELECT total(length(data)) FROM facts").fetchone()
    if size > _MOST_BYTES:
        connection.execute("DELETE FROM facts WHERE used < ?", (today,))
    connection.execute("DELETE FROM files WHERE digest NOT IN (SELECT digest FROM facts)")
