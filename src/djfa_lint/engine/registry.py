"""Which rules there are: found through the entry point group, validated, with the linter's own DFA0xx beside them."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Iterator
from functools import lru_cache
from importlib.metadata import entry_points

from djfa_lint.engine.own import OWN_RULES
from djfa_lint.errors import ConfigError, RuleError
from djfa_lint.sdk.rule import Rule

GROUP = "djfa_lint.rules"


class Registry:
    """All rules, by code and by name."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        """Raises RuleError where two rules share a code or a name."""
        self.rules = tuple(sorted(rules, key=lambda rule: rule.code))
        self.by_code: dict[str, Rule] = {}
        self.by_name: dict[str, Rule] = {}
        for rule in self.rules:
            for table, key in ((self.by_code, rule.code), (self.by_name, rule.name)):
                if key in table:
                    raise RuleError(f"{rule.module}: `{key}` is taken by {table[key].module}")
                table[key] = rule

    def find(self, code_or_name: str) -> Rule | None:
        """A rule by its code (any case) or its name."""
        return self.by_code.get(code_or_name.upper()) or self.by_name.get(code_or_name)

    @property
    def words(self) -> list[str]:
        """All codes and names, for suggestions."""
        return [*self.by_code, *self.by_name]


@lru_cache(maxsize=1)
def load_registry() -> Registry:
    """The rules of every installed rule package, this linter's own included.

    Raises ConfigError where a package cannot be imported or declares a rule wrongly: a missing rule must not pass
    for a clean run.
    """
    rules: list[Rule] = list(OWN_RULES)
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        try:
            rules += rules_in(entry.value)
        except RuleError:
            raise
        except Exception as error:
            raise ConfigError(f"the rule package `{entry.value}` cannot be loaded: {error!r}") from error
    return Registry(rules)


def rules_in(package: str) -> Iterator[Rule]:
    """Every module-level ``rule`` of a package and the packages below it, in the order of module names."""
    module = importlib.import_module(package)
    names = [package]
    if hasattr(module, "__path__"):
        names += sorted(found.name for found in pkgutil.walk_packages(module.__path__, package + "."))
    for name in names:
        rule = getattr(importlib.import_module(name), "rule", None)
        if isinstance(rule, Rule) and rule.module == name:
            yield rule
