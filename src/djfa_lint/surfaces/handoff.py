"""One analysis for all processes of a tool that checks files in parallel: made in the first, looked up in the others.

The process that made it writes it to a file and names that file in an environment variable, `<pid>:<path>`. Its
workers inherit the variable whichever way they are started: `fork`, `spawn` or `forkserver`.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import multiprocessing
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from djfa_lint.commands.snapshot import Snapshot

# By variable: the process that wrote a file, and the file.
_written: dict[str, tuple[int, Path]] = {}
# The variables as this process passed them on to its own workers.
_passed_on: dict[str, str] = {}


def shared(tool: str, build: Callable[[], Snapshot], key: str = "") -> Snapshot:
    """What `build` returns, or returned in the process that started this one as a worker.

    `tool` is the name of the surface; `key` says what the analysis rests on (folder, options): one made for another
    key is not taken. A variable that was left behind (its file gone, its owner dead or no ancestor) is not heeded.
    Raises what `build` raises.
    """
    variable = f"_DJFA_LINT_{tool.upper()}"
    header = hashlib.blake2b(key.encode("utf-8", "surrogateescape"), digest_size=16).hexdigest().encode() + b"\n"
    known = _handed_down(variable, header)
    if known is None:
        known = build()
        _hand_down(variable, header + known.encode())
    return known


def _handed_down(variable: str, header: bytes) -> Snapshot | None:
    """The snapshot of the process that started this one, if there is one and it fits."""
    value = os.environ.get(variable, "")
    owner, _, path = value.partition(":")
    parent = multiprocessing.parent_process()
    if parent is None or not path:
        return None
    if value != _passed_on.get(variable) and not (owner == str(parent.pid) and parent.is_alive()):
        return None
    try:
        data = Path(path).read_bytes()
        if not data.startswith(header):
            return None
        snapshot = Snapshot.decode(data[len(header) :])
    except (OSError, ValueError):
        return None
    # For the workers of this worker, who know no other parent.
    _passed_on[variable] = os.environ[variable] = f"{os.getpid()}:{path}"
    return snapshot


def _hand_down(variable: str, data: bytes) -> None:
    """Leave the data to processes started from here; where it cannot be written, each of them does its own work."""
    if multiprocessing.parent_process() is not None:
        return  # a worker ends without a word, and would leave its file behind
    _remove(variable)
    with contextlib.suppress(OSError):
        # Made for this user alone: mode 0600.
        handle, path = tempfile.mkstemp(prefix="djfa-lint-", suffix=".json")
        _written[variable] = os.getpid(), Path(path)
        atexit.register(_remove, variable)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.environ[variable] = f"{os.getpid()}:{path}"


def _remove(variable: str) -> None:
    """Take away the file this process wrote; a forked child inherits the record of it, and not the file."""
    owner, path = _written.pop(variable, (0, Path()))
    if owner == os.getpid():
        os.environ.pop(variable, None)
        with contextlib.suppress(OSError):
            path.unlink()
