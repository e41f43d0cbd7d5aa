"""One line a finding: ``path:line:column: CODE message``. Kept stable: editors and scripts parse it."""

from __future__ import annotations

from collections.abc import Sequence

from djfa_lint.reporters.places import Places
from djfa_lint.sdk.finding import Finding


def report(findings: Sequence[Finding], places: Places) -> str:
    """The findings as lines; line and column are 1-based."""
    return "".join(
        f"{places.shown(one.path)}:{one.span.line}:{one.span.column}: {one.code} {one.message}\n" for one in findings
    )
