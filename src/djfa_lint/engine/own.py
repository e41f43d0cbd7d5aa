"""DFA0xx: what the linter reports about files and about itself. Declared like rules; the engine triggers them."""

from __future__ import annotations

from djfa_lint.sdk.finding import Severity
from djfa_lint.sdk.rule import Rule

UNREADABLE_FILE = Rule(
    "djfa_lint.unreadable_file",
    """A file that cannot be read, decoded or parsed is not linted.

    Why it matters: what is in such a file is not known to the linter, so other findings may be missing too. The
    message says what went wrong and where. Every other file is linted as usual.

    Reported: a file without read permission, one that is not a regular file, bytes that do not fit the encoding, a
    syntax error, syntax newer than the Python that runs the linter, nesting too deep to be read safely.

    It stays on whatever is selected, unless it is ignored. Not reported: files that are excluded.
    """,
    code="DFA001",
    since="0.1",
    category="linter",
    severity=Severity.ERROR,
)

RULE_CRASH = Rule(
    "djfa_lint.rule_crash",
    """A rule failed while it judged this place: a bug in the linter.

    Why it matters: the rule's other findings in this file may be missing. The other rules went on.

    What to do: report it with the text of the message, and until it is mended name the rule that failed for this file
    in `per-file-ignores`: it is not run there any more.
    """,
    code="DFA002",
    since="0.1",
    category="linter",
    severity=Severity.ERROR,
)

UNUSED_SUPPRESSION = Rule(
    "djfa_lint.unused_suppression",
    """A `# djfa: ignore[...]` comment hides nothing.

    Why it matters: a comment that outlives its reason will hide the next, different finding on that line.

    Only codes that ran are judged: with `--select DFA4` an `ignore[DFA301]` is left alone. `# noqa` comments
    are shared with other tools and never reported.

    Fix: removes the code, or the comment where no other code is in it.
    """,
    code="DFA003",
    since="0.1",
    category="linter",
)

INVALID_SUPPRESSION = Rule(
    "djfa_lint.invalid_suppression",
    """A comment begins with `# djfa:` and cannot be understood.

    Why it matters: its author believes that it hides a finding, and it does not.

    Reported: an unknown code or rule name, an `ignore` without codes, a word that is not a directive.
    """,
    code="DFA004",
    since="0.1",
    category="linter",
)

# What could not be linted must not pass for clean: these run whatever is selected, unless ignored.
ALWAYS_ON = frozenset({UNREADABLE_FILE.code, RULE_CRASH.code})
OWN_RULES = (UNREADABLE_FILE, RULE_CRASH, UNUSED_SUPPRESSION, INVALID_SUPPRESSION)
