"""Findings against the comments that hide them; what hides nothing, or cannot be understood, is a finding itself."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from djfa_lint.engine.config import suggestion
from djfa_lint.engine.own import INVALID_SUPPRESSION, UNUSED_SUPPRESSION
from djfa_lint.engine.registry import Registry
from djfa_lint.sdk.finding import Edit, Finding, Fix
from djfa_lint.sdk.rule import Rule
from djfa_lint.source.directives import Code, Directive, Directives
from djfa_lint.source.lines import Lines, Span


def suppress(
    findings: Iterable[Finding],
    said: Directives,
    path: str,
    lines: Lines,
    ran: Collection[str],
    registry: Registry,
) -> list[Finding]:
    """What is left of one file's findings, with DFA003 and DFA004 about its comments where these ran.

    `ran` are the codes that were looked for in this file: a comment about another code is not called unused.
    """
    used: set[tuple[Directive, str]] = set()
    kept = [finding for finding in findings if not _hidden(finding, said, registry, used)]
    if INVALID_SUPPRESSION.code in ran:
        kept += [finding for finding in _invalid(said, path, registry) if not _hidden(finding, said, registry, used)]
    if UNUSED_SUPPRESSION.code in ran:
        idle = _unused(said, used, path, lines, ran, registry)
        kept += [finding for finding in idle if not _hidden(finding, said, registry, used)]
    return kept


def _hidden(finding: Finding, said: Directives, registry: Registry, used: set[tuple[Directive, str]]) -> bool:
    """Whether a comment hides a finding; all that do are marked as used."""
    hidden = False
    for directive in said.ignores:
        if directive.first <= finding.span.line <= directive.last:
            for code in directive.codes:
                rule = registry.find(code.text)
                if rule is not None and rule.code == finding.code:
                    used.add((directive, code.text))
                    hidden = True
    codes = (finding.code, *registry.by_code[finding.code].same_as)
    if said.noqa_file is not None and _noqa(said.noqa_file, codes):
        return True
    prefixes = said.noqa.get(finding.span.line)
    return hidden or (prefixes is not None and _noqa(prefixes, codes))


def _noqa(prefixes: Sequence[str], codes: Iterable[str]) -> bool:
    return not prefixes or any(code.startswith(tuple(prefixes)) for code in codes)


def _invalid(said: Directives, path: str, registry: Registry) -> list[Finding]:
    found = [_at(INVALID_SUPPRESSION, path, bad.span, bad.problem) for bad in said.bad]
    for directive in said.ignores:
        for code in directive.codes:
            if registry.find(code.text) is None:
                hint = suggestion(code.text, registry.words)
                found.append(_at(INVALID_SUPPRESSION, path, code.span, f"no rule is called `{code.text}`{hint}"))
    return found


def _unused(
    said: Directives,
    used: set[tuple[Directive, str]],
    path: str,
    lines: Lines,
    ran: Collection[str],
    registry: Registry,
) -> list[Finding]:
    found = []
    for directive in said.ignores:
        idle = []
        for code in directive.codes:
            rule = registry.find(code.text)
            # Hiding this very finding is a use that shows only afterwards.
            if rule is None or rule.code not in ran or rule.code == UNUSED_SUPPRESSION.code:
                continue
            if (directive, code.text) not in used:
                idle.append(code)
        if idle:
            names = ", ".join(f"`{code.text}`" for code in idle)
            message = f"nothing here is hidden by {names}; remove it"
            finding = _at(UNUSED_SUPPRESSION, path, directive.span, message, _removal(directive, idle, path, lines))
            found.append(finding)
    return found


def _removal(directive: Directive, idle: list[Code], path: str, lines: Lines) -> Fix:
    """Take the idle codes out, or the whole comment where none is left."""
    span = directive.span
    if len(idle) < len(directive.codes):
        left = ", ".join(code.text for code in directive.codes if code not in idle)
        first, last = directive.codes[0].span, directive.codes[-1].span
        edit = Edit(path, Span(first.line, first.column, last.end_line, last.end_column), left)
        return Fix.safe("remove the codes that hide nothing", edit)
    if directive.own_line and lines.line(span.line)[span.end_column - 1 :].strip() == "":
        whole = Span(span.line, 1, span.line + 1, 1)
        return Fix.safe("remove the comment", Edit(path, whole, ""))
    before = lines.line(span.line)[: span.column - 1]
    start = len(before.rstrip()) + 1
    return Fix.safe("remove the comment", Edit(path, Span(span.line, start, span.line, span.end_column), ""))


def _at(rule: Rule, path: str, span: Span, message: str, fix: Fix | None = None) -> Finding:
    return Finding(path, span, rule.code, rule.name, message, rule.severity, (), fix)
