"""Judges one file: which of its units are suspect, one walk over each, events for the rules that want them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from djfa_lint.engine.own import RULE_CRASH, UNREADABLE_FILE
from djfa_lint.engine.selection import Selection
from djfa_lint.errors import SourceError
from djfa_lint.facts.records import FileFacts, Unit
from djfa_lint.flow.bodies import Bodies
from djfa_lint.flow.endpoints import endpoint_work, link_work, may_serve
from djfa_lint.flow.events import EndpointWork
from djfa_lint.flow.queries import ByFile
from djfa_lint.project.definition import Definition
from djfa_lint.project.entities import Serializer
from djfa_lint.project.project import Project
from djfa_lint.project.serving import Served
from djfa_lint.sdk.context import Context
from djfa_lint.sdk.finding import Draft, Finding, Severity
from djfa_lint.sdk.rule import NodeCheck, Rule
from djfa_lint.source.cst import MAX_DEPTH, Tree, nodes
from djfa_lint.source.lines import Span

Bound = tuple[Rule, Callable[[Any, Context], Iterable[Draft]]]
_EVENTS: dict[
    type, tuple[Callable[[Project, str, Unit], bool], Callable[[Project, Bodies, str, Unit], Iterable[Any]]]
] = {
    EndpointWork: (may_serve, endpoint_work),
}
_ENTITIES: dict[type, Callable[[Project, str], Iterable[Any]]] = {
    Served: Project.served_in,
    Serializer: Project.serializers_in,
    Definition: Project.functions_in,
}
# What an event rests on besides the file's own facts, asked once for any file.
_LINKED: dict[type, Callable[[Project, str], object]] = {EndpointWork: link_work}


class Judge:
    """Judges files of one linked project by one selection of rules."""

    def __init__(
        self,
        project: Project,
        bodies: Bodies,
        selection: Selection,
        *,
        prefilter: bool = True,
        strict: bool = False,
        queries: ByFile | None = None,
    ) -> None:
        """Without `prefilter` every unit is parsed and every check is asked; the findings must be the same.

        With `strict` a rule's crash is raised instead of reported; for tests. `queries` are the evaluator's events by
        file.
        """
        self.queries = queries or {}
        self.project, self.bodies, self.selection = project, bodies, selection
        self.prefilter, self.strict = prefilter, strict

    def judge(self, path: str) -> list[Finding]:
        """The findings of all selected rules in one Python file, unsuppressed."""
        facts = self.project.files[path]
        roles = self.project.roles(path)
        spared = self.selection.spared_in(path)
        rules = [rule for rule in self.selection.rules if not rule.skips & roles and rule.code not in spared]
        findings = [_too_deep(path, unit) for unit in facts.units if unit.depth > MAX_DEPTH]
        try:
            findings += self._by_nodes(facts, rules)
            findings += self._by_entities(facts.path, rules)
            findings += self._by_events(facts, rules)
            findings += self._by_queries(facts.path, rules)
        except SourceError as error:
            findings.append(unreadable(path, error))
        return findings

    def _by_nodes(self, facts: FileFacts, rules: list[Rule]) -> list[Finding]:
        checks = [(rule, check) for rule in rules for check in rule.node_checks]
        trees: list[tuple[Tree, list[tuple[Rule, NodeCheck]]]] = []
        fall_back: list[tuple[Rule, NodeCheck]] = []
        for unit in facts.units:
            wanted = self._wanted(facts.path, unit, checks)
            if not wanted or unit.depth > MAX_DEPTH:
                continue
            tree = self.bodies.tree(facts.path, unit)
            if tree is None:
                fall_back += wanted
            else:
                trees.append((tree, wanted))
        if fall_back:
            return self._whole(facts, fall_back + [one for _, wanted in trees for one in wanted])
        return [finding for tree, wanted in trees for finding in self._walk(facts.path, tree, wanted)]

    def _whole(self, facts: FileFacts, wanted: list[tuple[Rule, NodeCheck]]) -> list[Finding]:
        """Judge the file as one tree, where a unit's lines do not parse alone."""
        if max(unit.depth for unit in facts.units) > MAX_DEPTH:
            return []
        tree = self.bodies.whole(facts.path)
        if tree is None:
            return [unreadable(facts.path, SourceError("libcst cannot read this file, some rules did not run"))]
        distinct = {id(check): (rule, check) for rule, check in wanted}
        return list(self._walk(facts.path, tree, list(distinct.values())))

    def _wanted(self, path: str, unit: Unit, checks: list[tuple[Rule, NodeCheck]]) -> list[tuple[Rule, NodeCheck]]:
        """The checks that may find something in this unit, as far as its facts tell."""
        if not self.prefilter:
            return checks
        wanted = [(rule, check) for rule, check in checks if unit.kinds & check.mask]
        for in_defaults in (True, False):
            if any(check.names for _, check in wanted if check.in_defaults is in_defaults):
                used = set(_with_prefixes(one.name for one in self.project.names_in(path, unit, in_defaults)))
                wanted = [
                    (rule, check)
                    for rule, check in wanted
                    if check.in_defaults is not in_defaults or not check.names or not check.names.isdisjoint(used)
                ]
        return wanted

    def _walk(self, path: str, tree: Tree, wanted: list[tuple[Rule, NodeCheck]]) -> Iterator[Finding]:
        table: dict[type, list[Bound]] = {}
        for rule, check in wanted:
            for node_type in check.types:
                bound = table.setdefault(node_type, [])
                if (rule, check.function) not in bound:
                    bound.append((rule, check.function))
        contexts = {rule.code: self._context(path, rule, tree) for rule, _ in wanted}
        for node, ancestors in nodes(tree.root):
            for rule, function in table.get(type(node), ()):
                ctx = contexts[rule.code]
                ctx.ancestors = ancestors
                yield from self._call(rule, function, node, ctx, tree)

    def prepare(self) -> None:
        """Link what the selected rules are triggered by, once, before files are shared out."""
        asked = self.asks()
        for path in list(self.project.files)[:1]:
            for entity, of_file in _ENTITIES.items():
                if entity in asked:
                    of_file(self.project, path)
            for event, linked in _LINKED.items():
                if event in asked:
                    linked(self.project, path)

    def _by_entities(self, path: str, rules: list[Rule]) -> list[Finding]:
        findings: list[Finding] = []
        for entity, of_file in _ENTITIES.items():
            bound: list[Bound] = [
                (rule, check.function) for rule in rules for check in rule.event_checks if check.event is entity
            ]
            contexts = {rule.code: self._context(path, rule, None) for rule, _ in bound}
            for one in of_file(self.project, path) if bound else ():
                for rule, function in bound:
                    contexts[rule.code].enter(None)
                    findings += self._call(rule, function, one, contexts[rule.code], None)
        return findings

    def _by_events(self, facts: FileFacts, rules: list[Rule]) -> list[Finding]:
        findings: list[Finding] = []
        for event_type, (possible, events) in _EVENTS.items():
            bound: list[Bound] = [
                (rule, check.function) for rule in rules for check in rule.event_checks if check.event is event_type
            ]
            if not bound:
                continue
            for unit in facts.units:
                if unit.depth > MAX_DEPTH or (self.prefilter and not possible(self.project, facts.path, unit)):
                    continue
                for event in events(self.project, self.bodies, facts.path, unit):
                    for rule, function in bound:
                        ctx = self._context(facts.path, rule, None)
                        findings += self._call(rule, function, event, ctx, None)
        return findings

    def asks(self) -> set[type]:
        """The entities and events that the selected rules are triggered by."""
        return {check.event for rule in self.selection.rules for check in rule.event_checks}

    def _by_queries(self, path: str, rules: list[Rule]) -> list[Finding]:
        findings: list[Finding] = []
        bound = [(rule, check) for rule in rules for check in rule.event_checks]
        for event in self.queries.get(path, ()):
            for rule, check in bound:
                if check.event is type(event):
                    findings += self._call(rule, check.function, event, self._context(path, rule, None), None)
        return findings

    def _context(self, path: str, rule: Rule, tree: Tree | None) -> Context:
        ctx = Context(self.project, path, self.bodies, self.selection.options[rule.code])
        ctx.enter(tree)
        return ctx

    def _call(
        self,
        rule: Rule,
        function: Callable[[Any, Context], Iterable[Draft]],
        subject: Any,
        ctx: Context,
        tree: Tree | None,
    ) -> list[Finding]:
        try:
            return [_finding(draft, ctx) for draft in function(subject, ctx)]
        except Exception as error:
            if self.strict:
                raise
            span = tree.place(subject).inner if tree is not None else _place_of(subject)
            return [_crash(ctx.path, span, rule, error)]


def _place_of(subject: Any) -> Span:
    """Where an event or entity stands: its own span, or the start of its line."""
    if isinstance(getattr(subject, "callee", None), Span):
        return Span(*subject.callee)
    line: int = getattr(getattr(subject, "declared", subject), "line", 1)
    return Span(line, 1, line, 2)


def unreadable(path: str, error: SourceError) -> Finding:
    """The finding that says a file, or part of it, could not be linted."""
    span = Span(error.line, error.column, error.line, error.column + 1)
    rule = UNREADABLE_FILE
    return Finding(path, span, rule.code, rule.name, str(error), rule.severity)


def _too_deep(path: str, unit: Unit) -> Finding:
    what = f"`{unit.name}`" if unit.name else "this statement"
    message = f"{what} is nested {unit.depth} levels deep; it is not linted past {MAX_DEPTH}"
    return unreadable(path, SourceError(message, unit.start))


def _crash(path: str, span: Span, rule: Rule, error: Exception) -> Finding:
    reason = " ".join(f"{type(error).__name__}: {error}".split())
    message = (
        f"rule `{rule.name}` ({rule.code}) crashed here: {reason}; please report it, "
        f"and name {rule.code} in `per-file-ignores` for this file meanwhile"
    )
    return Finding(path, span, RULE_CRASH.code, RULE_CRASH.name, message, RULE_CRASH.severity)


def _finding(draft: Draft, ctx: Context) -> Finding:
    place = draft.place
    span = place if isinstance(place, Span) else ctx.span(place)
    return Finding(
        ctx.path,
        span,
        draft.code,
        draft.name,
        draft.message,
        Severity(draft.severity),
        draft.evidence,
        draft.fix,
    )


def _with_prefixes(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        while name:
            yield name
            name = name.rpartition(".")[0]
