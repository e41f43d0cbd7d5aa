"""mkdocs hook: pages that are made while the site is built and never stored.

One page a rule from its docstring, an index of them, and the repository's own CONTRIBUTING, ARCHITECTURE and CHANGELOG.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.structure.files import File

from djfa_lint.engine.registry import load_registry
from djfa_lint.sdk import Rule

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

_FROM_ROOT = {
    "CONTRIBUTING.md": "contributing.md",
    "ARCHITECTURE.md": "architecture.md",
    "CHANGELOG.md": "changelog.md",
}
_LEAD = re.compile(r"^(Why it matters|Reported|Not reported|Fix(?: \([^)]*\))?|What to do): ?", re.MULTILINE)
_FIX = re.compile(r"^Fix\b(?P<text>.*(?:\n.+)*)", re.MULTILINE)
# Families by the first digit after the letters, in the words of the index.
_FAMILIES = {
    "0": "The linter itself",
    "1": "Type hints",
    "2": "Queries",
    "3": "Async",
    "4": "Errors and functions",
    "5": "Architecture",
    "6": "Input and security",
    "7": "Schema and operations",
    "8": "Tests",
}


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Add the rules' pages below "Rules" in the navigation."""
    for section in config.nav or []:
        if isinstance(section, dict) and "Rules" in section:
            section["Rules"] += [{f"{rule.code} {rule.name}": _uri(rule)} for rule in load_registry().rules]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages as files that are on no disk."""
    rules = load_registry().rules
    pages = {_uri(rule): _page(rule) for rule in rules}
    pages["rules/index.md"] = _index(rules)
    root = Path(config.config_file_path).parent
    for name, uri in _FROM_ROOT.items():
        pages[uri] = _moved((root / name).read_text(encoding="utf-8"))
    for uri, content in pages.items():
        files.append(File.generated(config, uri, content=content))
    return files


def _uri(rule: Rule) -> str:
    return f"rules/{rule.name}.md"


def _index(rules: tuple[Rule, ...]) -> str:
    parts = ["# Rules", "", "`djfa-lint rule CODE` shows the same pages in the terminal.", ""]
    heading = ""
    for rule in rules:
        digit = next(char for char in rule.code if char.isdigit())
        family = _FAMILIES.get(digit, "Other")
        if family != heading:
            heading = family
            parts += ["", f"## {family}", "", "| code | name | reports | severity | fix |", "|---|---|---|---|---|"]
        state = "" if rule.default else " (off by default)"
        link = f"[{rule.name}]({rule.name}.md)"
        parts.append(f"| {rule.code} | {link}{state} | {_cell(rule.summary)} | {rule.severity.value} | {_fix(rule)} |")
    return "\n".join(parts) + "\n"


def _page(rule: Rule) -> str:
    rows = {
        "code": f"`{rule.code}`",
        "name": f"`{rule.name}`",
        "severity": rule.severity.value,
        "on by default": "yes" if rule.default else "no",
        "category": rule.category,
        "fix": _fix(rule),
        "not run on": ", ".join(sorted(f"{role.value} files" for role in rule.skips)),
        "also known as": ", ".join(f"`{code}`" for code in rule.same_as),
        "since": rule.since,
    }
    parts = [f"# {rule.code} {rule.name}", "", "| | |", "|---|---|"]
    parts += [f"| {key} | {value} |" for key, value in rows.items() if value]
    parts += ["", *_markdown(rule.doc)]
    if rule.options:
        parts += ["", "## Options", "", f"In `[tool.djfa-lint.rules.{rule.name}]`:", ""]
        parts += ["| option | default | |", "|---|---|---|"]
        parts += [f"| `{one.name}` | `{_toml(one.default)}` | {_cell(one.help)} |" for one in rule.options]
    suppress = f"x = 1  # djfa: ignore[{rule.code}] why"
    parts += [
        "",
        "## Suppress",
        "",
        "```python",
        suppress,
        "```",
        "",
        "More in [Suppressing findings](../suppressing.md).",
    ]
    return "\n".join(parts) + "\n"


def _markdown(doc: str) -> Iterator[str]:
    """A docstring as Markdown: blocks after a line that ends in ``::`` as Python, its lead words in bold."""
    code = False
    for line in doc.splitlines():
        if code and line and not line.startswith(" "):
            yield from ("```", "")
            code = False
        if code:
            yield line.removeprefix("    ").replace("# want ", "# ")
        elif line.endswith("::"):
            yield from (f"**{line.removesuffix('::')}:**", "", "```python")
            code = True
        else:
            yield _LEAD.sub(r"**\1:** ", line)
    if code:
        yield "```"


def _fix(rule: Rule) -> str:
    """In a word what the docstring's last paragraph says about fixing."""
    found = _FIX.search(rule.doc)
    if found is None:
        return "none"
    kinds = [word for word in ("safe", "unsafe") if re.search(rf"\b{word}\b", found["text"])]
    return " or ".join(kinds) or "safe"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _toml(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else repr(value).replace("'", '"')


def _moved(text: str) -> str:
    """A text from the root with its links to the other pages turned to where these are in the site."""
    for name, uri in _FROM_ROOT.items():
        text = text.replace(f"]({name}", f"]({uri}")
    return text.replace("](docs/", "](")
