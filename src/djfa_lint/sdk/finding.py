"""What a rule says: a finding with its evidence and, where the mend is clear, a fix of text edits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

from djfa_lint.source.lines import Span

if TYPE_CHECKING:
    import libcst as cst


class Severity(str, Enum):
    """How bad it is: `error` fails or is unsafe when it runs, `warning` is the default, `info` a hint."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Applicability(str, Enum):
    """Whether a fix keeps what the program does (`safe`) or may change it (`unsafe`)."""

    SAFE = "safe"
    UNSAFE = "unsafe"


@dataclass(frozen=True, order=True)
class Edit:
    """Replace what `span` covers in the project-relative `path` by `content`; an empty span inserts."""

    path: str
    span: Span
    content: str


@dataclass(frozen=True)
class Fix:
    """Edits that belong together: all are made, or none."""

    applicability: Applicability
    message: str
    edits: tuple[Edit, ...]

    @classmethod
    def safe(cls, message: str, *edits: Edit) -> Fix:
        """A fix that keeps what the program does; `message` says what it changes, in the imperative."""
        return cls(Applicability.SAFE, message, edits)

    @classmethod
    def unsafe(cls, message: str, *edits: Edit) -> Fix:
        """A fix that may change what the program does; `message` says what it changes, in the imperative."""
        return cls(Applicability.UNSAFE, message, edits)


@dataclass(frozen=True, order=True)
class Evidence:
    """Another place that makes the finding true, and a few words on what is there."""

    path: str
    span: Span
    message: str


@dataclass(frozen=True)
class Finding:
    """One defect: where, what, why, how to mend it. `path` is project-relative with ``/``."""

    path: str
    span: Span
    code: str
    name: str
    message: str
    severity: Severity = Severity.WARNING
    evidence: tuple[Evidence, ...] = ()
    fix: Fix | None = None

    @property
    def sort_key(self) -> tuple[str, Span, str, str]:
        """Findings are shown in this order."""
        return self.path, self.span, self.code, self.message


@dataclass(frozen=True)
class Draft:
    """What a rule yields: like a finding, but the place may still be a node; the engine works out the span."""

    place: cst.CSTNode | Span
    code: str
    name: str
    message: str
    severity: Severity
    evidence: tuple[Evidence, ...] = field(default=())
    fix: Fix | None = None


Findings: TypeAlias = Iterator[Draft]
