"""The pylint plugin: ``load-plugins=djfa_lint.surfaces.pylint`` shows the project's findings as pylint's messages.

The analysis is the command's own. pylint says which rules run, which file is shown, and what its comments hide; nothing
is asked of astroid but the file's path and, with ``--from-stdin``, its text.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from io import BufferedIOBase
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from pylint.checkers import BaseRawFileChecker
from pylint.interfaces import HIGH, INFERENCE

from djfa_lint.commands.snapshot import Finding, Snapshot, start_of, take, take_text
from djfa_lint.engine.config import find_config
from djfa_lint.engine.registry import load_registry
from djfa_lint.engine.selection import make_selection
from djfa_lint.errors import DjfaError
from djfa_lint.sdk.finding import Severity
from djfa_lint.sdk.rule import Rule

if TYPE_CHECKING:
    from pylint.lint import PyLinter
    from pylint.typing import MessageDefinitionTuple

PREFIX = "DFA"
# By family, the first digit of a code: the first two digits of the message ids. One checker class may use one such
# pair. Plugins may take 51 to 99; 76 is another plugin's already.
BASES: Mapping[str, str] = dict(zip("012345678", ("79", "78", "77", "75", "74", "73", "72", "71", "70"), strict=True))
_LETTERS = {Severity.ERROR: "E", Severity.WARNING: "W", Severity.INFO: "R"}
# Where DFA000 would be, a code that no rule has.
FAILED = "E7900"
FAILED_NAME = "djfa-lint-error"

Result = TypeVar("Result")


class Module(Protocol):
    """What is asked of pylint's module: `file` is the path as pylint was given it or found it."""

    file: str

    def stream(self) -> BufferedIOBase:
        """The bytes that were parsed."""


def message_id(rule: Rule) -> str | None:
    """The id that pylint knows a rule by, such as ``W7701``; None for a rule that has no place among pylint's ids."""
    base = BASES.get(rule.code[-3])
    if base is None or not rule.code.startswith(PREFIX):
        return None
    return f"{_LETTERS[rule.severity]}{base}{rule.code[-2:]}"


def _placed() -> tuple[dict[str, Rule], str]:
    """The rules that pylint can show, by message id; and why there are none, where they cannot be loaded."""
    try:
        rules = load_registry().rules
    except DjfaError as error:
        return {}, str(error)
    return {found: rule for rule in rules if (found := message_id(rule)) is not None}, ""


# Read on import and not in `register`: pylint compares checkers by their class's messages, also while a worker process
# unpickles them, and that is before it calls `register`.
RULES, _UNLOADED = _placed()
_IDS = {rule.code: found for found, rule in RULES.items()}


class Analysis:
    """The project's findings, worked out once: before the first file is linted or the work is shared out."""

    def __init__(self, linter: PyLinter) -> None:
        self.linter = linter
        self._snapshot: Snapshot | None = None
        self._done = False
        self._shown: tuple[str, list[Finding]] = ("", [])

    @classmethod
    def made(cls, linter: PyLinter, snapshot: Snapshot | None) -> Analysis:
        """One that is done already; `snapshot` is None where there is nothing to show."""
        analysis = cls(linter)
        analysis._snapshot, analysis._done = snapshot, True
        return analysis

    def __reduce__(self) -> tuple[Any, ...]:
        # pylint pickles its linter with all checkers for its worker processes: once, in the parent, when settings and
        # files are known at last and no file is linted yet. No other call of a plugin comes at that time.
        if any(self.linter.is_message_enabled(one) for one in (FAILED, *RULES)):
            self.prepare()
        return _hand_over, (self.linter, self._snapshot)

    def prepare(self) -> None:
        """Analyse the project, if that is not done. What goes wrong is told in a message, and nothing is found."""
        if not self._done:
            self._done = True
            self._snapshot = self._told(self._project)

    def findings(self, node: Module) -> list[Finding]:
        """What is reported in a module's file."""
        if self._shown[0] != node.file:
            self._shown = node.file, self._of(node) or []
        return self._shown[1]

    def _of(self, node: Module) -> list[Finding] | None:
        if self.linter.config.from_stdin:
            return self._told(lambda: self._text(node))
        self.prepare()
        return None if self._snapshot is None else self._snapshot.of(Path(node.file))

    def _told(self, work: Callable[[], Result]) -> Result | None:
        """What `work` returns; None where it fails, which is then told."""
        try:
            return work()
        except DjfaError as error:
            problem = str(error)
        except Exception as error:  # nothing of ours may end pylint
            reason = f"{type(error).__name__}: {error}"
            problem = f"djfa-lint failed: {reason}; this is a bug, `djfa-lint check` shows more of it"
        # Whoever switched off all but a few messages must hear it too.
        self.linter.enable(FAILED_NAME)
        self.linter.add_message(FAILED, line=1, args=" ".join(problem.split()), confidence=HIGH)
        return None

    def _project(self) -> Snapshot | None:
        # pylint 3 tells nobody which files it was given; then the project is the one around the current folder.
        # An argument may be the name of a module, to be found from there.
        given = [Path(one if os.path.exists(one) else os.curdir) for one in getattr(self.linter.config, "files", ())]
        start, codes = self._asked(given)
        jobs = max(self.linter.config.jobs, 1)
        return take(start, select=codes, jobs=jobs) if codes else None

    def _text(self, node: Module) -> list[Finding]:
        path = Path(node.file)
        start, codes = self._asked([path])
        with node.stream() as stream:
            text = stream.read().decode("utf-8")  # so pylint hands it on, whatever encoding the text declares
        return take_text(start, path, text, select=codes) if codes else []

    def _asked(self, given: list[Path]) -> tuple[Path, tuple[str, ...]]:
        """Where to begin, and the codes of the rules that are to run."""
        if _UNLOADED:
            raise DjfaError(_UNLOADED)
        options = self.linter.config
        start = start_of(given)
        chosen = make_selection(find_config(start), load_registry()).codes
        on = [rule for found, rule in RULES.items() if self.linter.is_message_enabled(found)]
        # What pylint's options do not name is as the project's own configuration has it.
        codes = tuple(rule.code for rule in on if rule.code in chosen or rule.name in options.enable)
        return start, codes


# What the parent process found, in a worker process.
_handed: Analysis | None = None


def _hand_over(linter: PyLinter, snapshot: Snapshot | None) -> Analysis:
    """Unpickle an analysis, in a worker process, and keep it for the checkers that pylint makes anew there."""
    global _handed
    _handed = Analysis.made(linter, snapshot)
    return _handed


class DjfaChecker(BaseRawFileChecker):
    """Findings of djfa-lint, which reads the whole project."""

    name = "djfa"

    def __init_subclass__(cls, family: str) -> None:
        cls.msgs = _messages(family)

    def __init__(self, linter: PyLinter, analysis: Analysis) -> None:
        super().__init__(linter)
        self.analysis = analysis

    def open(self) -> None:
        """Analyse before the first file, so that what goes wrong is not told as if it were about that file."""
        if not self.linter.config.from_stdin:
            self.analysis.prepare()

    def process_module(self, node: Module) -> None:
        """Report the findings of this family in one file."""
        for finding in self.analysis.findings(node):
            found = _IDS.get(finding.code)
            if found in self.msgs:
                span = finding.span
                self.add_message(
                    found,
                    line=span.line,
                    args=finding.message,
                    confidence=INFERENCE,
                    col_offset=span.column - 1,
                    end_lineno=span.end_line,
                    end_col_offset=span.end_column - 1,
                )


def _messages(family: str) -> dict[str, MessageDefinitionTuple]:
    """The messages of one family, as pylint wants them declared."""
    messages: dict[str, MessageDefinitionTuple] = {}
    if family == "0":
        messages[FAILED] = "%s", FAILED_NAME, "djfa-lint could not read its configuration, or failed: it shows nothing."
    for found, rule in RULES.items():
        if rule.code[-3] == family:
            about = f"{rule.summary} ({rule.code})"
            messages[found] = "%s", rule.name, about, {"default_enabled": rule.default}
    return messages


class LinterChecker(DjfaChecker, family="0"):
    """DFA0xx, and what went wrong."""


class HintsChecker(DjfaChecker, family="1"):
    """DFA1xx."""


class QueriesChecker(DjfaChecker, family="2"):
    """DFA2xx."""


class ConcurrencyChecker(DjfaChecker, family="3"):
    """DFA3xx."""


class ErrorsChecker(DjfaChecker, family="4"):
    """DFA4xx."""


class ArchitectureChecker(DjfaChecker, family="5"):
    """DFA5xx."""


class SecurityChecker(DjfaChecker, family="6"):
    """DFA6xx."""


class SchemaChecker(DjfaChecker, family="7"):
    """DFA7xx."""


class TestsChecker(DjfaChecker, family="8"):
    """DFA8xx."""


CHECKERS = (
    LinterChecker,
    HintsChecker,
    QueriesChecker,
    ConcurrencyChecker,
    ErrorsChecker,
    ArchitectureChecker,
    SecurityChecker,
    SchemaChecker,
    TestsChecker,
)


def register(linter: PyLinter) -> None:
    """Called by pylint as it loads the plugin: before its configuration is read, and again in each worker process."""
    if any(isinstance(checker, DjfaChecker) for checker in linter.get_checkers()):
        return  # pylint 3 keeps those that came with the linter to the worker process, and asks for more
    analysis = Analysis(linter) if _handed is None else _handed
    for checker in CHECKERS:
        if checker.msgs:
            linter.register_checker(checker(linter, analysis))
    if _handed is None:
        _switch_on_selected(linter)


def _switch_on_selected(linter: PyLinter) -> None:
    """Switch on the rules, off by default, that the project's own configuration selects. pylint's may switch them off
    again, so this cannot wait until the linted files and their configuration are known."""
    try:
        chosen = make_selection(find_config(Path.cwd()), load_registry()).codes
    except DjfaError:
        return  # told when the project is analysed
    for rule in RULES.values():
        if rule.code in chosen and not rule.default:
            linter.enable(rule.name)
