"""Shares work out over processes; one process, in order, where that is asked for or forking is not to be had."""

from __future__ import annotations

import gc
import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")

# Below this many items a pool costs more than it saves.
_WORTH_A_POOL = 200
_function: Callable[..., object] | None = None


def run(
    function: Callable[[ItemT], ResultT],
    items: Sequence[ItemT],
    jobs: int,
    progress: Callable[[int, int], None],
) -> Iterator[ResultT]:
    """The results of `function` for each item, in order; `jobs` is the number of processes, 0 meaning one a core.

    Results travel between processes, so they are plain data; `function` and what it holds are inherited by forking.
    """
    if not shared_out(items, jobs):
        for done, item in enumerate(items):
            progress(done, len(items))
            yield function(item)
        return
    global _function
    _function = function
    gc.freeze()
    try:
        with multiprocessing.get_context("fork").Pool(_processes(items, jobs)) as pool:
            for done, result in enumerate(pool.imap(_call, items, chunksize=16)):
                progress(done, len(items))
                yield result  # type: ignore[misc]
    finally:
        gc.unfreeze()
        _function = None


def shared_out(items: Sequence[object], jobs: int) -> bool:
    """Whether `run` uses other processes for these items."""
    forking = "fork" in multiprocessing.get_all_start_methods()
    return forking and len(items) >= _WORTH_A_POOL and _processes(items, jobs) > 1


def _processes(items: Sequence[object], jobs: int) -> int:
    return min(jobs or os.cpu_count() or 1, max(1, len(items) // (_WORTH_A_POOL // 4)))


def _call(item: object) -> object:
    assert _function is not None
    return _function(item)
