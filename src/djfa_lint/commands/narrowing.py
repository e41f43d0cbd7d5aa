"""Which part of the findings ``check`` reports: given files, changed lines, what is new; and which options clash."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from djfa_lint.engine.run import Request
from djfa_lint.errors import ConfigError

if TYPE_CHECKING:
    from djfa_lint.commands.options import CheckOptions


def refuse_clashes(options: CheckOptions) -> None:
    """Raises ConfigError for two options that make no sense together."""
    shown = {
        "--since": options.since is not None,
        "--diff-against": options.diff_against is not None,
        "--fix": options.fix,
        "--unsafe-fixes": options.unsafe_fixes,
        "--add-ignores": options.add_ignores,
        # Alone it shows what --fix would do.
        "--diff": options.diff and not options.add_ignores,
    }
    clashes = (
        ("--since", "--diff-against"),
        ("--since", "--fix"),
        ("--since", "--diff"),
        ("--add-ignores", "--fix"),
        ("--add-ignores", "--unsafe-fixes"),
    )
    for one, other in clashes:
        if shown[one] and shown[other]:
            raise ConfigError(f"`{other}` cannot be used with `{one}`")


def narrowed(request: Request, options: CheckOptions) -> Request:
    """The request for what is to be reported. Raises DjfaError for what git cannot answer.

    Without a scope it is the given files; findings in others with evidence in these are added for pre-commit, whose
    user has edited the given files and no others.
    """
    affected = options.scope == "affected" or (options.scope is None and os.environ.get("PRE_COMMIT") == "1")
    if not request.given or not (affected or options.since is not None or options.diff_against is not None):
        return request
    from djfa_lint.engine.changed import narrowed as narrowed_request

    return narrowed_request(request, affected=affected, against=options.diff_against, since=options.since)
