"""Which rules run, on which files, how severe: configuration and command line brought together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import pathspec

from djfa_lint.engine.config import Config, suggestion
from djfa_lint.engine.own import ALWAYS_ON
from djfa_lint.engine.registry import Registry
from djfa_lint.errors import ConfigError
from djfa_lint.sdk.finding import Finding, Severity
from djfa_lint.sdk.rule import Rule

ALL = "ALL"


@dataclass(frozen=True)
class Selection:
    """The rules that run, with their options and severities, and the codes that some files are spared."""

    rules: tuple[Rule, ...]
    options: Mapping[str, Mapping[str, Any]]
    severity: Mapping[str, Severity]
    spared: tuple[tuple[pathspec.GitIgnoreSpec, frozenset[str]], ...]

    @cached_property
    def codes(self) -> frozenset[str]:
        """The codes of the rules that run."""
        return frozenset(rule.code for rule in self.rules)

    def reports(self, finding: Finding) -> bool:
        """Whether a finding's rule is selected and not spared in its file."""
        return finding.code in self.codes and finding.code not in self.spared_in(finding.path)

    def levelled(self, finding: Finding) -> Finding:
        """The finding with the severity that is configured for its rule."""
        return replace(finding, severity=self.severity.get(finding.code, finding.severity))

    def spared_in(self, path: str) -> frozenset[str]:
        """The codes not reported in a project-relative path."""
        return frozenset().union(*(codes for spec, codes in self.spared if spec.match_file(path)))


def make_selection(
    config: Config, registry: Registry, select: Sequence[str] | None = None, ignore: Sequence[str] = ()
) -> Selection:
    """The selection that a configuration and the command line's `select` and `ignore` make.

    A selector is a code, the beginning of one, a rule's name, or ALL. The longest selector that fits a rule decides,
    ignoring winning a draw; what the command line selects as exactly as the file ignores it is selected. Raises
    ConfigError for selectors, rules, options and severities that do not exist.
    """
    fits = _Selectors(config, registry)
    if select is not None and not select:
        raise ConfigError("`--select` names no rule")
    chosen = config.select if select is None else tuple(select)
    extended = config.extend_select if select is None else ()
    file_ignores = [fits.check(one) for one in (*config.ignore, *config.extend_ignore)]
    line_ignores = [fits.check(one, in_file=False) for one in ignore]
    selected = [fits.check(one, in_file=select is None) for one in (*(chosen or ()), *extended)]
    rules = []
    for rule in registry.rules:
        wanted = max((fits.weight(one, rule) for one in selected), default=0)
        if (chosen is None and rule.default) or rule.code in ALWAYS_ON:
            wanted = max(wanted, 1)
        by_file = max((fits.weight(one, rule) for one in file_ignores), default=0)
        by_line = max((fits.weight(one, rule) for one in line_ignores), default=0)
        beaten = by_file > wanted or (by_file == wanted and select is None)
        if wanted and not beaten and by_line < wanted:
            rules.append(rule)
    return Selection(tuple(rules), _options(config, registry), _severity(config, registry), fits.spared())


class _Selectors:
    """Checks selectors and weighs how exactly they speak about a rule."""

    def __init__(self, config: Config, registry: Registry) -> None:
        self.config, self.registry = config, registry

    def check(self, selector: str, in_file: bool = True) -> str:
        """The selector in the form `weight` knows it; raises ConfigError where it fits no rule."""
        if selector in self.registry.by_name:
            return selector
        code = selector.upper()
        if code == ALL or (code and any(rule.code.startswith(code) for rule in self.registry.rules)):
            return code
        hint = suggestion(selector, (*self.registry.words, ALL))
        message = f"no rule is called `{selector}`{hint}"
        raise self.config.error(message, selector) if in_file else ConfigError(message)

    def weight(self, selector: str, rule: Rule) -> int:
        """0 where the selector does not fit the rule, else the more the more exact it is."""
        if selector in {rule.code, rule.name}:
            return 100
        if selector == ALL:
            return 1
        return 1 + len(selector) if rule.code.startswith(selector) else 0

    def spared(self) -> tuple[tuple[pathspec.GitIgnoreSpec, frozenset[str]], ...]:
        found = []
        for pattern, selectors in self.config.per_file_ignores.items():
            codes = {
                rule.code
                for selector in map(self.check, selectors)
                for rule in self.registry.rules
                if self.weight(selector, rule)
            }
            try:
                spec = pathspec.GitIgnoreSpec.from_lines([pattern])
            except ValueError as error:
                raise self.config.error(f"the pattern `{pattern}` cannot be read: {error}", pattern) from error
            found.append((spec, frozenset(codes)))
        return tuple(found)


def _options(config: Config, registry: Registry) -> dict[str, dict[str, Any]]:
    """Every rule's options by code: the defaults, and over them what is configured."""
    result = {rule.code: {option.name: option.default for option in rule.options} for rule in registry.rules}
    for word, given in config.rules.items():
        rule = _rule(config, registry, word, "rules")
        known = {option.name: option.default for option in rule.options}
        for name, value in given.items():
            if name not in known:
                hint = suggestion(name, known)
                raise config.error(f"rule `{rule.name}` has no option `{name}`{hint}", word, name)
            if type(value) is not type(known[name]) or not _same_items(value, known[name]):
                raise config.error(f"option `{name}` of `{rule.name}` must be a {_kind(known[name])}", word, name)
            result[rule.code][name] = value
    return result


def _severity(config: Config, registry: Registry) -> dict[str, Severity]:
    result = {}
    for word, value in config.severity.items():
        rule = _rule(config, registry, word, "severity")
        levels = [one.value for one in Severity]
        if value not in levels:
            raise config.error(f"`{value}` is not a severity; use one of {', '.join(levels)}", word)
        result[rule.code] = Severity(value)
    return result


def _rule(config: Config, registry: Registry, word: str, table: str) -> Rule:
    rule = registry.find(word)
    if rule is None:
        raise config.error(f"no rule is called `{word}`{suggestion(word, registry.words)}", table, word)
    return rule


def _same_items(value: Any, default: Any) -> bool:
    return not isinstance(default, list) or all(isinstance(item, str) for item in value)


def _kind(default: object) -> str:
    return {bool: "boolean", int: "number", str: "string"}.get(type(default), "list of strings")
