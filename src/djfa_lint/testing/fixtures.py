"""Lints fixtures and compares: every line without an expectation must be silent."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from djfa_lint.engine.config import Config
from djfa_lint.engine.fix import fix
from djfa_lint.engine.own import UNREADABLE_FILE
from djfa_lint.engine.registry import Registry, load_registry
from djfa_lint.engine.run import Outcome, Request, link, lint
from djfa_lint.engine.selection import make_selection
from djfa_lint.project.project import Project
from djfa_lint.sdk.finding import Finding
from djfa_lint.sdk.rule import Rule
from djfa_lint.source.lines import Lines
from djfa_lint.source.store import Store
from djfa_lint.testing.expectations import Expectation, Expectations, Fact, FixtureError, read_expectations

_FIXED = ".fixed"
_TEXTS = (".py", ".pyi", ".html", ".txt", ".jinja", ".jinja2", ".j2", ".toml", ".cfg", ".ini")


@dataclass(frozen=True)
class Fixture:
    """One project of one rule's fixtures: a file, or a folder of files."""

    rule: str
    path: Path

    def __str__(self) -> str:
        return f"{self.rule}/{self.path.name}"

    @property
    def fixed(self) -> Path:
        """Where the text after all fixes stands: ``x.fixed.py`` beside ``x.py``, ``x.fixed/`` beside ``x/``."""
        path = self.path
        return path.with_name(path.name + _FIXED) if path.is_dir() else path.with_suffix(_FIXED + path.suffix)

    def files(self, base: Path) -> dict[str, str]:
        """The texts of the fixture as it stands at `base` (its own path, or its fixed twin's), by relative path."""
        if not base.is_dir():
            return {self.path.name: _read(base)}
        files = (file for file in sorted(base.rglob("*")) if file.suffix in _TEXTS)
        return {file.relative_to(base).as_posix(): _read(file) for file in files}


def find_fixtures(root: Path) -> list[Fixture]:
    """All fixtures below a folder that holds one folder a rule, named like the rule's module."""
    found = []
    for folder in sorted(path for path in root.iterdir() if path.is_dir() and not path.name.startswith((".", "_"))):
        for path in sorted(folder.iterdir()):
            is_fixture = path.is_dir() or path.suffix in _TEXTS
            if is_fixture and _FIXED not in path.suffixes and not path.name.startswith((".", "_")):
                found.append(Fixture(folder.name, path))
    return found


def problems(fixture: Fixture, registry: Registry | None = None) -> list[str]:
    """What is wrong with a fixture or with its rule, one line each; empty if all is as it says."""
    registry = registry or load_registry()
    rule = registry.find(fixture.rule.replace("_", "-"))
    if rule is None:
        return [f"{fixture}: no rule is called `{fixture.rule.replace('_', '-')}`"]
    texts = fixture.files(fixture.path)
    try:
        said = {path: read_expectations(path, text, rule is UNREADABLE_FILE) for path, text in texts.items()}
    except FixtureError as error:
        return [f"{fixture.rule}/{error}"]
    with _laid_down(fixture, texts) as root:
        request = _request(root, registry, rule)
        outcome = lint(request)
        wrong = [line for path in texts for line in _compared(path, texts[path], said[path], outcome, rule)]
        wrong += _wrong_facts(request, said)
    return [*wrong, *_wrong_fixes(fixture, registry, rule)]


def bless(fixture: Fixture, registry: Registry | None = None) -> bool:
    """Write the text after all fixes beside the fixture, where fixing changes anything; True if it did."""
    registry = registry or load_registry()
    rule = registry.find(fixture.rule.replace("_", "-"))
    if rule is None:
        raise FixtureError(f"{fixture}: no such rule")
    after = _after_fixing(fixture, fixture.path, registry, rule)
    if after == fixture.files(fixture.path):
        return False
    if not fixture.path.is_dir():
        fixture.fixed.write_text(after[fixture.path.name], encoding="utf-8", newline="")
        return True
    for path, text in after.items():
        target = fixture.fixed / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="")
    return True


def _compared(path: str, text: str, said: Expectations, outcome: Outcome, rule: Rule) -> Iterator[str]:
    lines = text.splitlines()
    own = [one for one in outcome.findings if one.path == path and one.code == rule.code]
    for want in (one for one in said.expected if one.kind == "want"):
        yield from _wanted(path, want, [one for one in own if one.span.line == want.line], text)
    for known in (one for one in said.expected if one.kind != "want"):
        here = [one for one in own if one.span.line == known.line]
        if known.kind == "missed" and here:
            yield f"{path}:{known.line}: {known.code} is found now; make it a want"
        if known.kind == "false" and not here:
            yield f"{path}:{known.line}: {known.code} is not reported any more; take the comment away"
    expected = {one.line for one in said.expected if one.kind != "missed"}
    for finding in own:
        if finding.span.line not in expected:
            shown = lines[finding.span.line - 1].strip() if finding.span.line <= len(lines) else ""
            yield f"{path}:{finding.span.line}: unexpected {finding.code} {finding.message}   [{shown}]"
    for part in (one for one in said.parts if one.kind == "good"):
        for finding in outcome.findings:
            inside = finding.path == path and part.first <= finding.span.line <= part.last
            if inside and finding.code != rule.code:
                yield f"{path}:{finding.span.line}: `{part.name}` upsets {finding.code} {finding.message}"


def _wanted(path: str, want: Expectation, here: list[Finding], text: str) -> Iterator[str]:
    lines = Lines(text)
    fitting = [one for one in here if not want.on or lines.text_of(one.span) == want.on]
    fitting = [one for one in fitting if want.message in one.message]
    if len(fitting) == 1:
        return
    told = "; ".join(f"on `{lines.text_of(one.span)}`: {one.message}" for one in here) or "nothing"
    what = f"{want.code}{f' on `{want.on}`' if want.on else ''}{f' with {want.message!r}' if want.message else ''}"
    yield f"{path}:{want.line}: wanted one {what}, found {told}"


def _wrong_facts(request: Request, said: dict[str, Expectations]) -> Iterator[str]:
    if not any(one.facts for one in said.values()):
        return
    project = link(request).project
    for path, expectations in said.items():
        for fact in expectations.facts:
            yield from _wrong_fact(project, path, fact)


def _wrong_fact(project: Project, path: str, fact: Fact) -> Iterator[str]:
    known = project.resolve(path, fact.name)
    held = set(project.describe(known)) if known is not None else set()
    for kind in {_kind(item) for item in fact.items}:
        wanted = {item for item in fact.items if _kind(item) == kind}
        have = {item for item in held if _kind(item) == kind}
        if wanted != have:
            yield f"{path}:{fact.line}: {fact.name} holds {sorted(have)}, not {sorted(wanted)}"


def _kind(item: str) -> str:
    """What a fact is about: its first word, or that it is a relation."""
    return "->" if " -> " in item or " ->> " in item else item.partition(" ")[0]


def _wrong_fixes(fixture: Fixture, registry: Registry, rule: Rule) -> Iterator[str]:
    before = fixture.files(fixture.path)
    after = _after_fixing(fixture, fixture.path, registry, rule)
    if not fixture.fixed.exists():
        if after != before:
            yield f"{fixture}: fixing changes it, and there is no {fixture.fixed.name}; write it with `make bless`"
        return
    wanted = fixture.files(fixture.fixed)
    if after != wanted:
        different = [path for path in {*after, *wanted} if after.get(path) != wanted.get(path)]
        yield f"{fixture}: after fixing it is not as in {fixture.fixed.name}: {', '.join(sorted(different))}"
    if _after_fixing(fixture, fixture.fixed, registry, rule) != wanted:
        yield f"{fixture}: {fixture.fixed.name} changes when it is fixed again"


def _after_fixing(fixture: Fixture, base: Path, registry: Registry, rule: Rule) -> dict[str, str]:
    """The texts after all fixes of the fixture's own rule."""
    texts = fixture.files(base)
    with _laid_down(fixture, texts) as root:
        fixed = fix(_request(root, registry, rule), unsafe=True, codes={rule.code})
        if fixed.dropped:
            raise FixtureError(f"{fixture}: {'; '.join(fixed.dropped)}")
        return {path: fixed.texts[path].decode() if path in fixed.texts else text for path, text in texts.items()}


def _request(root: Path, registry: Registry, rule: Rule) -> Request:
    """All rules that are on by default, and the fixture's own."""
    config = Config(root=root, extend_select=(rule.code,))
    selection = make_selection(config, registry)
    return Request(config, Store(root), registry, selection, (root,), strict=True)


@contextmanager
def _laid_down(fixture: Fixture, texts: dict[str, str]) -> Iterator[Path]:
    """The fixture as a project of its own in a temporary folder."""
    root = Path(tempfile.mkdtemp(prefix=f"{fixture.rule}-")).resolve()
    try:
        for path, text in texts.items():
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text.encode("utf-8"))
        yield root
    finally:
        shutil.rmtree(root)


def _read(path: Path) -> str:
    return path.read_bytes().decode("utf-8")
