"""Pages about the linter itself: a rule's documentation, the list of rules, the configuration in force."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from djfa_lint.engine.config import find_config, suggestion
from djfa_lint.engine.registry import Registry, load_registry
from djfa_lint.engine.selection import make_selection
from djfa_lint.errors import ConfigError
from djfa_lint.sdk.rule import Rule

# The examples' expectations are for the tests.
_WANT = re.compile(r"[ \t]+# want [A-Z]+\d+.*")


def find_rule(registry: Registry, word: str) -> Rule:
    """A rule by code or name; raises ConfigError with a suggestion."""
    rule = registry.find(word)
    if rule is None:
        raise ConfigError(f"no rule is called `{word}`{suggestion(word, registry.words)}")
    return rule


def rule_page(word: str) -> str:
    """One rule's documentation as plain text."""
    rule = find_rule(load_registry(), word)
    state = "on by default" if rule.default else "off by default"
    lines = [
        f"{rule.code} {rule.name}",
        f"{state}, {rule.severity.value}, {rule.category}, since {rule.since}",
        "",
    ]
    lines.append(_WANT.sub("", rule.doc))
    if rule.options:
        lines += ["", f"Options, in [tool.djfa-lint.rules.{rule.name}]:"]
        lines += [f"  {one.name} = {_toml(one.default)}  {one.help}" for one in rule.options]
    return "\n".join(lines)


def rule_list(output_format: str) -> str:
    """All rules, one a line, or as a JSON array with the keys of the lines and the options."""
    rules = load_registry().rules
    if output_format == "json":
        rows = [
            {
                "code": rule.code,
                "name": rule.name,
                "summary": rule.summary,
                "severity": rule.severity.value,
                "category": rule.category,
                "default": rule.default,
                "since": rule.since,
                "options": {one.name: one.default for one in rule.options},
            }
            for rule in rules
        ]
        return msgspec.json.format(msgspec.json.encode(rows), indent=2).decode()
    width = max(len(rule.name) for rule in rules)
    return "\n".join(
        f"{rule.code}  {rule.name:<{width}}  {'' if rule.default else '(off) '}{rule.summary}" for rule in rules
    )


def config_page(folder: Path, explicit: Path | None, isolated: bool) -> str:
    """What is in force for a folder, in the form of a configuration file."""
    config = find_config(folder, isolated, explicit)
    selection = make_selection(config, load_registry())
    lines = [
        f"# root: {config.root}",
        f"# configuration: {config.source or 'none found, defaults'}",
        f"select = {_toml([rule.code for rule in selection.rules])}",
        f"exclude = {_toml([*config.exclude, *config.extend_exclude])}",
        f"src = {_toml(list(config.src))}",
    ]
    if config.baseline:
        lines.append(f"baseline = {_toml(config.baseline)}")
    if config.blocking_calls:
        lines += ["", "[blocking-calls]"]
        lines += [f"{_toml(name)} = {_toml(instead)}" for name, instead in config.blocking_calls.items()]
    if config.per_file_ignores:
        lines += ["", "[per-file-ignores]"]
        lines += [f"{_toml(pattern)} = {_toml(list(codes))}" for pattern, codes in config.per_file_ignores.items()]
    if config.severity:
        lines += ["", "[severity]", *(f"{name} = {_toml(level)}" for name, level in config.severity.items())]
    for rule in selection.rules:
        if rule.options:
            given = selection.options[rule.code]
            lines += [
                "",
                f"[rules.{rule.name}]",
                *(f"{name} = {_toml(value)}" for name, value in given.items()),
            ]
    return "\n".join(lines)


def _toml(value: object) -> str:
    """A value as TOML writes it: strings, numbers, booleans and lists of strings are the same as in JSON."""
    return msgspec.json.encode(value).decode().replace('","', '", "')
