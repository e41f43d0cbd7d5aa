"""``djfa-lint project``: what the linter sees of a project, for a person and for bug reports."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from djfa_lint.commands.check import common_folder, given_paths
from djfa_lint.commands.project_graph import GRAPHS
from djfa_lint.commands.project_text import as_text
from djfa_lint.commands.project_view import ProjectView, view_of
from djfa_lint.engine.config import find_config
from djfa_lint.engine.registry import load_registry
from djfa_lint.engine.run import Request, link
from djfa_lint.engine.selection import make_selection
from djfa_lint.source.store import Store


def project_page(
    paths: Sequence[Path], output_format: str, graph: str | None, config_file: Path | None, isolated: bool, jobs: int
) -> str:
    """What the project around `paths` holds: as ``text``, as ``json``, or a picture of its models (see `GRAPHS`).

    Raises DjfaError for what the user got wrong.
    """
    given = given_paths(paths)
    config = find_config(common_folder(given), isolated, config_file)
    registry = load_registry()
    request = Request(config, Store(config.root), registry, make_selection(config, registry, None, ()), given, jobs)
    seen = view_of(link(request), config.root.name)
    if graph is not None:
        return GRAPHS[graph](seen)
    return as_text(seen) if output_format == "text" else as_json(seen)


def as_json(view: ProjectView) -> str:
    """The view as indented JSON; the keys are the fields of `ProjectView` and what it holds."""
    return msgspec.json.format(msgspec.json.encode(view), indent=2).decode()
