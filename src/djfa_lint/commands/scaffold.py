"""``make rule``: write the two places of a new rule, its module and its first fixture, ready to run and to fail."""

from __future__ import annotations

import re
from pathlib import Path

import click

from djfa_lint import __version__
from djfa_lint.engine.registry import Registry, load_registry
from djfa_lint.errors import ConfigError, DjfaError

# Family folder -> first digit of its codes.
FAMILIES = {
    "hints": 1,
    "queries": 2,
    "concurrency": 3,
    "errors": 4,
    "architecture": 5,
    "security": 6,
    "schema": 7,
    "tests": 8,
}
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)+")

_MODULE = '''"""Say in one line what the bad pattern does.

Why it matters: what happens in production, in a sentence or two.

Bad::

    def first(rows):
        assert rows  # want {code}
        return rows[0]

Good::

    def first(rows):
        if not rows:
            raise LookupError("no rows")
        return rows[0]

Not reported: say what is left alone, and why.
"""

import libcst as cst

from djfa_lint.sdk import Context, Findings, Rule

rule = Rule(__name__, __doc__, code="{code}", since="{since}", category="correctness")


@rule.on(cst.Assert)
def check(node: cst.Assert, ctx: Context) -> Findings:
    """Report ... (this one reports every ``assert``: put your pattern in its place)."""
    yield rule.at(node, f"`{{ctx.code(node.test)}}` does something bad; do something better")
'''

_FIXTURE = '''"""The pattern as people write it, and the ways that are fine."""


def bad_first(rows):
    assert rows  # want {code} on `assert rows`: "`rows`"
    return rows[0]


def good_first(rows):
    if not rows:
        raise LookupError("no rows")
    return rows[0]
'''


def scaffold(root: Path, name: str, family: str, registry: Registry) -> tuple[Path, Path]:
    """Write a rule's module and fixture below `root` and return their paths.

    Raises ConfigError where the name or family does not do, or something of that name is there already.
    """
    if not _NAME.fullmatch(name):
        raise ConfigError(f"`{name}` is no name for a rule: two or more lower-case words joined by hyphens")
    if family not in FAMILIES:
        raise ConfigError(f"`{family}` is no family; there are {', '.join(FAMILIES)}")
    stem = name.replace("-", "_")
    folder = root / "rules" / "djfa_rules" / family
    module, fixture = folder / f"{stem}.py", root / "fixtures" / stem / "basic.py"
    if registry.find(name) is not None or module.exists() or fixture.exists():
        raise ConfigError(f"a rule called `{name}` is there already")
    code = next_code(family, registry)
    folder.mkdir(parents=True, exist_ok=True)
    fixture.parent.mkdir(parents=True, exist_ok=True)
    if not (folder / "__init__.py").exists():
        (folder / "__init__.py").write_text(f'"""DFA{FAMILIES[family]}xx: {family}."""\n', encoding="utf-8")
    since = ".".join(__version__.split(".")[:2])
    module.write_text(_MODULE.format(code=code, since=since), encoding="utf-8")
    fixture.write_text(_FIXTURE.format(code=code), encoding="utf-8")
    return module, fixture


def next_code(family: str, registry: Registry) -> str:
    """The lowest free code of a family from x50 on; lower ones are taken or planned by the rule catalogue."""
    first = FAMILIES[family] * 100 + 50
    return next(code for number in range(first, first + 50) if (code := f"DFA{number}") not in registry.by_code)


@click.command()
@click.argument("name")
@click.argument("family")
@click.option("--root", type=click.Path(exists=True, file_okay=False, path_type=Path), default=Path("."))
def main(name: str, family: str, root: Path) -> None:
    """Write the module and the first fixture of a new rule called NAME in FAMILY."""
    try:
        module, fixture = scaffold(root, name, family, load_registry())
    except DjfaError as error:
        raise click.ClickException(str(error)) from error
    stem = module.stem
    click.echo(f"wrote {module}\nwrote {fixture}\nnext: .venv/bin/python -m pytest tests/test_fixtures.py -k {stem}")


if __name__ == "__main__":
    main()
