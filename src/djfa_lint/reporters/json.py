"""A JSON array of objects, for programs. Lines and columns are 1-based, columns in code points, ends exclusive."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from djfa_lint.reporters.places import Places
from djfa_lint.sdk.finding import Finding, Fix
from djfa_lint.source.lines import Span


def report(findings: Sequence[Finding], places: Places) -> str:
    """The findings as one JSON array; the keys are described in the documentation's page on output formats."""
    rows = [_row(one, places) for one in findings]
    return msgspec.json.format(msgspec.json.encode(rows), indent=2).decode() + "\n"


def _row(finding: Finding, places: Places) -> dict[str, Any]:
    return {
        "code": finding.code,
        "name": finding.name,
        "message": finding.message,
        "severity": finding.severity.value,
        **_place(places.shown(finding.path), finding.span),
        "evidence": [{**_place(places.shown(one.path), one.span), "message": one.message} for one in finding.evidence],
        "fix": _fix(finding.fix, places) if finding.fix else None,
    }


def _place(path: str, span: Span) -> dict[str, Any]:
    return {
        "path": path,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }


def _fix(fix: Fix, places: Places) -> dict[str, Any]:
    edits = [{**_place(places.shown(edit.path), edit.span), "content": edit.content} for edit in fix.edits]
    return {"applicability": fix.applicability.value, "message": fix.message, "edits": edits}
