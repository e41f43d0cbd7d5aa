"""The flake8 plugin: the findings of the whole project, shown a file at a time.

flake8 loads this module in every run and every worker, of projects that do not use the linter too: nothing heavy is
imported before there is something to do.
"""

from __future__ import annotations

import ast
import os
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from djfa_lint.errors import DjfaError

if TYPE_CHECKING:
    from djfa_lint.commands.snapshot import Finding, Snapshot

T = TypeVar("T")

_PREFIX = "DFA"
# A code or the beginning of one, of a company's own rules too.
_RULES = re.compile(r"[A-Z]{1,3}\d+")
_TROUBLE = "DFA001"
# What flake8 calls a text from standard input that was given no name.
_NAMELESS = "stdin"


class Plugin:
    """One file under flake8's eyes; what all files share is worked out in `parse_options`."""

    session: ClassVar[Session | None] = None

    def __init__(self, tree: ast.AST, filename: str, lines: list[str]) -> None:
        """The parameters' names are flake8's; a `tree` makes it ask once a file."""
        self.filename, self.lines = filename, lines

    @classmethod
    def add_options(cls, manager: Any) -> None:
        """Declare our one option to flake8's OptionManager; all else is in our own configuration."""
        manager.add_option(
            "--djfa-config",
            metavar="FILE",
            parse_from_config=True,
            normalize_paths=True,
            help="djfa-lint's configuration file, where it is not to be looked for",
        )

    @classmethod
    def parse_options(cls, _manager: Any, options: Any, _args: Any) -> None:
        """Lint the project, or take over what was found in the process that started this one.

        Raises nothing: flake8 would call again after a TypeError, and end with a traceback for anything else.
        """
        cls.session = session = Session(options)
        session.attempt(session.prepare)

    def run(self) -> Iterator[tuple[int, int, str, type]]:
        """The findings of the file: line (from 1), column (from 0), code and message, and this class."""
        session = self.session
        if session is None or session.quiet:
            return
        known = session.trouble
        found = None if known else session.attempt(lambda: session.findings(self.filename, self.lines))
        if session.trouble and (not known or self.filename == session.speaker(self.filename)):
            yield 1, 0, f"{_TROUBLE} {session.trouble}", type(self)
        for one in found or ():
            yield one.span.line, one.span.column - 1, f"{one.code} {one.message}", type(self)


class Session:
    """One run of flake8: what it asks for, and what was found. `options` are flake8's, read from all its sources."""

    def __init__(self, options: Any) -> None:
        self.options = options
        self.quiet = not may_show(options)
        self.trouble = ""
        self._snapshot: Snapshot | None = None

    def prepare(self) -> None:
        """Decide whether to speak at all, and have the project linted before flake8 starts its workers.

        Raises DjfaError.
        """
        from djfa_lint.commands.snapshot import is_configured

        if not self.quiet and not selects(self.options):
            self.quiet = not is_configured(self._start, self._config)
        # With a text from standard input there are no workers, and the text comes later.
        if not (self.quiet or self._reads_stdin or self.options.bug_report):
            self._project()

    def findings(self, filename: str, lines: Sequence[str]) -> list[Finding]:
        """The findings of one file, `lines` being its text as flake8 read it. Raises DjfaError."""
        if not self._reads_stdin or filename != self._stdin_name:
            return self._project().of(Path(filename))
        from djfa_lint.commands.snapshot import take_text

        path = None if filename == _NAMELESS else Path(filename)
        text = "".join(lines)
        return take_text(self._start, path, text, config_file=self._config, also=self._also, noqa=self._noqa)

    def attempt(self, act: Callable[[], T]) -> T | None:
        """What `act` returns; None where it fails, and `trouble` says why: no failure of ours may end flake8."""
        try:
            return act()
        except DjfaError as error:
            self.trouble = str(error)
        except Exception as error:
            reason = " ".join(f"{type(error).__name__}: {error}".split())
            self.trouble = f"djfa-lint failed ({reason}); this is a bug in it, `djfa-lint check` may show more"
        return None

    def speaker(self, asking: str) -> str:
        """The one file at which a trouble is told; every process comes to the same one."""
        try:
            return self._speaker
        except Exception:
            return asking

    @cached_property
    def _speaker(self) -> str:
        from flake8.discover_files import expand_paths  # type: ignore[import-untyped,unused-ignore]

        options = self.options
        names = expand_paths(
            paths=options.filenames,
            stdin_display_name=options.stdin_display_name,
            filename_patterns=options.filename,
            exclude=(*options.exclude, *options.extend_exclude),
        )
        ordered = sorted(names)
        name = next((one for one in ordered if _is_heard(one)), ordered[0])
        return self._stdin_name if name == "-" else name

    def _project(self) -> Snapshot:
        """The findings of all files; asked for once a run."""
        if self._snapshot is None:
            from djfa_lint.commands.snapshot import take
            from djfa_lint.surfaces.handoff import shared

            jobs = 0 if self.options.jobs.is_auto else max(self.options.jobs.n_jobs, 1)
            start, config, also, noqa = asked = self._start, self._config, self._also, self._noqa
            self._snapshot = shared(
                "flake8", lambda: take(start, config_file=config, also=also, jobs=jobs, noqa=noqa), repr(asked)
            )
        return self._snapshot

    @cached_property
    def _start(self) -> Path:
        from djfa_lint.commands.snapshot import start_of

        return start_of([Path(self._stdin_name if one == "-" else one) for one in self.options.filenames])

    @property
    def _config(self) -> Path | None:
        return Path(os.path.abspath(self.options.djfa_config)) if self.options.djfa_config else None

    @property
    def _also(self) -> tuple[str, ...]:
        """The selectors that may name rules. `DFA` alone names the plugin and turns on nothing that is off."""
        return tuple(one for one in _chosen(self.options) if _RULES.fullmatch(one))

    @property
    def _noqa(self) -> bool:
        return not self.options.disable_noqa

    @property
    def _reads_stdin(self) -> bool:
        return "-" in self.options.filenames

    @property
    def _stdin_name(self) -> str:
        return str(self.options.stdin_display_name or _NAMELESS)


def selects(options: Any) -> bool:
    """Whether the user asks for our codes by name. `D` does not: other plugins have codes that begin so."""
    return any(one.startswith(_PREFIX) for one in _chosen(options))


def may_show(options: Any) -> bool:
    """Whether flake8 would show any of our codes: the most exact of its selectors decides, ignoring winning a draw."""
    ignored = [*(options.ignore or ()), *(options.extend_ignore or ())]
    off = max((len(one) for one in ignored if _PREFIX.startswith(one)), default=0)
    on = max((len(one) for one in _chosen(options) if one.startswith(_PREFIX) or _PREFIX.startswith(one)), default=0)
    if options.select is not None and not on:
        return False
    if on and options.select is None:
        on = max(on, len(_PREFIX))  # a plugin's name is selected by default, and counts once anything selects it
    return on > off or not off


def _chosen(options: Any) -> list[str]:
    return [*(options.select or ()), *(options.extend_select or ())]


def _is_heard(name: str) -> bool:
    """Whether flake8 shows what is said at a file's first line: not where it does not parse, or a comment hides it."""
    if name == "-":
        return True
    try:
        data = Path(name).read_bytes()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(data)
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return b"noqa" not in data.lower()
