"""``python -m djfa_lint.testing FOLDER [RULE]``: write the fixed texts of fixtures anew. Read the diff afterwards."""

from __future__ import annotations

from pathlib import Path

import click

from djfa_lint.testing.fixtures import bless, find_fixtures


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("rule", default="")
def main(folder: Path, rule: str) -> None:
    """Write what each fixture below FOLDER (of one RULE) is after all fixes."""
    wanted = rule.replace("-", "_")
    for fixture in find_fixtures(folder):
        if fixture.rule == (wanted or fixture.rule) and bless(fixture):
            click.echo(f"wrote {fixture.fixed}")


if __name__ == "__main__":
    main()
