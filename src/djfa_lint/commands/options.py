"""The options of ``check``, as its parts read them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class CheckOptions:
    """The options of ``check`` as given, under the names of its parameters."""

    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    fix: bool = False
    unsafe_fixes: bool = False
    diff: bool = False
    output_format: str = "full"
    config_file: Path | None = None
    isolated: bool = False
    force_exclude: bool = False
    jobs: int = 0
    no_cache: bool = False
    cache_dir: Path | None = None
    exit_zero: bool = False
    quiet: bool = False
    color: str = "auto"
    baseline: Path | None = None
    no_baseline: bool = False
    baseline_strict: bool = False
    scope: str | None = None
    diff_against: str | None = None
    since: str | None = None
    add_ignores: bool = False
    no_prefilter: bool = False
