"""The last lines of a run for people: how many findings, by rule, and how many can be fixed."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Sequence

from rich.text import Text

from djfa_lint.sdk.finding import Applicability, Finding


def report(findings: Sequence[Finding], files: int, notes: Sequence[str] = ()) -> Text:
    """A table of findings by rule, most first, and a closing line; `files` is how many were reported on.

    `notes` are lines about the run as a whole, put at the end.
    """
    text = _table(findings, files) if findings else Text(f"No findings in {_count(files, 'file')}.\n", "green")
    for note in notes:
        text.append(f"{note}\n")
    return text


def _table(findings: Sequence[Finding], files: int) -> Text:
    text = Text()
    by_rule = Counter((one.code, one.name) for one in findings)
    width = len(str(max(by_rule.values())))
    for (code, name), count in sorted(by_rule.items(), key=lambda item: (-item[1], item[0])):
        text.append(f"{count:>{width}}", "bold").append(f"  {code} {name}\n")
    text.append(f"{_count(len(findings), 'finding')} in {_count(files, 'file')}", "bold")
    safe = sum(one.fix is not None and one.fix.applicability is Applicability.SAFE for one in findings)
    unsafe = sum(one.fix is not None and one.fix.applicability is Applicability.UNSAFE for one in findings)
    if safe or unsafe:
        told = [f"{safe} with `--fix`"] if safe else []
        told += [f"{unsafe} with `--fix --unsafe-fixes`"] if unsafe else []
        text.append("; fixable: " + ", ".join(told))
    text.append(".\n")
    unparsed = sum(one.message.startswith("cannot be parsed by Python") for one in findings)
    if unparsed:
        version = platform.python_version()
        text.append(f"{_count(unparsed, 'file')} could not be parsed by Python {version}; ")
        text.append("if the syntax is newer than that, run djfa-lint with the project's own Python.\n")
    return text


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
