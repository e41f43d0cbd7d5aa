"""What every rule must be: named, numbered, documented and worded alike; and its examples must be true."""

import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from djfa_lint.commands.scaffold import FAMILIES, scaffold
from djfa_lint.engine.config import Config
from djfa_lint.engine.registry import Registry, load_registry
from djfa_lint.engine.run import Request, lint
from djfa_lint.engine.selection import make_selection
from djfa_lint.errors import ConfigError
from djfa_lint.sdk.rule import Rule
from djfa_lint.source.store import Store
from djfa_lint.testing import find_fixtures

ROOT = Path(__file__).parent.parent
RULES = load_registry().rules
BUILT_IN = [rule for rule in RULES if rule.module.startswith("djfa_rules.")]


def named(rule: Rule) -> str:
    return rule.name


@pytest.mark.parametrize("rule", BUILT_IN, ids=named)
def test_code_belongs_to_the_family(rule: Rule) -> None:
    assert re.fullmatch(r"DFA[1-8]\d\d", rule.code)
    assert int(rule.code[3]) == FAMILIES[rule.family]


@pytest.mark.parametrize("rule", RULES, ids=named)
def test_name_says_the_bad_pattern(rule: Rule) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z0-9]+)+", rule.name)
    assert rule.name.split("-")[0] not in {"no", "avoid", "use", "prefer", "do", "dont", "check", "ban"}


@pytest.mark.parametrize("rule", RULES, ids=named)
def test_documentation_is_whole(rule: Rule) -> None:
    assert re.fullmatch(r"[A-Z`].*\.", rule.summary), "a sentence on the first line"
    assert rule.doc.split("\n")[1:2] == [""], "a blank line after it"
    assert "Why it matters:" in rule.doc
    if rule in BUILT_IN:
        for part in ("Bad::", "Good::", "Not reported:"):
            assert part in rule.doc


@pytest.mark.parametrize("rule", BUILT_IN, ids=named)
def test_fixes_are_documented_where_there_are_some(rule: Rule) -> None:
    fixed = any(
        one.fixed.exists() for one in find_fixtures(ROOT / "fixtures") if one.rule == rule.name.replace("-", "_")
    )
    assert fixed == bool(re.search(r"^Fix\b", rule.doc, re.MULTILINE))


@pytest.mark.parametrize("rule", BUILT_IN, ids=named)
def test_examples_in_the_documentation_are_true(rule: Rule, tmp_path: Path) -> None:
    for heading in ("Bad::", "Good::"):
        for text in examples(rule.doc, heading):
            # An example that begins with `# services.py` is of a file of that name.
            named_file = re.match(r"# (\w+\.py)\n", text)
            file = tmp_path / (named_file[1] if named_file else "example.py")
            file.write_text(text)
            found = [(one.code, one.span.line) for one in run(tmp_path, rule.code)]
            wanted = [(rule.code, n) for n, line in enumerate(text.splitlines(), 1) if f"# want {rule.code}" in line]
            assert found == wanted, text
            assert bool(wanted) == (heading == "Bad::")
            file.unlink()


def test_messages_are_worded_alike() -> None:
    for fixture in find_fixtures(ROOT / "fixtures"):
        folder = fixture.path if fixture.path.is_dir() else fixture.path.parent
        for one in run(folder):
            if one.code == "DFA001":
                continue  # quotes the interpreter
            assert re.match(r"[a-z`]", one.message), one.message
            assert not one.message.endswith("."), one.message
            assert one.message.count("`") % 2 == 0, one.message


def test_no_module_is_past_its_budget() -> None:
    long = {"src": 320, "rules": 260}
    for base, most in long.items():
        for path in (ROOT / base).rglob("*.py"):
            assert len(path.read_text().splitlines()) <= most, f"{path} wants splitting"


def test_scaffold_makes_a_rule_that_passes_every_check(tmp_path: Path) -> None:
    module, fixture = scaffold(tmp_path, "asserted-input", "errors", load_registry())
    assert module.relative_to(tmp_path).as_posix() == "rules/djfa_rules/errors/asserted_input.py"
    assert fixture.relative_to(tmp_path).as_posix() == "fixtures/asserted_input/basic.py"
    script = f"""
        import sys
        from pathlib import Path
        import djfa_rules.errors
        djfa_rules.errors.__path__.append({str(module.parent)!r})
        from djfa_lint.testing import find_fixtures, problems
        fixtures = find_fixtures(Path({str(tmp_path / "fixtures")!r}))
        found = [problem for fixture in fixtures for problem in problems(fixture)]
        sys.exit("\\n".join(found) or 0)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for command in (["ruff", "check", "--config", str(ROOT / "pyproject.toml")], ["ruff", "format", "--check"]):
        done = subprocess.run([sys.executable, "-m", *command, str(module)], capture_output=True, text=True, cwd=ROOT)
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("name", "family"),
    [("Bad", "errors"), ("single", "errors"), ("two-words", "nowhere"), ("mutable-default", "errors")],
)
def test_scaffold_refuses(name: str, family: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        scaffold(tmp_path, name, family, load_registry())


def test_two_rules_cannot_share_a_code() -> None:
    one = Rule("pack.first_rule", "Doc.", code="XYZ100", since="0.1", category="style")
    two = Rule("pack.second_rule", "Doc.", code="XYZ100", since="0.1", category="style")
    with pytest.raises(Exception, match="`XYZ100` is taken"):
        Registry([one, two])


def examples(doc: str, heading: str) -> list[str]:
    blocks = re.findall(rf"^{heading}\n\n((?:    .*\n|\n)+)", doc + "\n", re.MULTILINE)
    return [textwrap.dedent(block).strip() + "\n" for block in blocks]


def run(root: Path, *codes: str) -> list:
    registry = load_registry()
    config = Config(root=root, extend_select=codes)
    request = Request(config, Store(root), registry, make_selection(config, registry), (root,), strict=True)
    return lint(request).findings


def test_loops_over_the_rows_of_one_object_are_an_option(tmp_path: Path) -> None:
    (tmp_path / "views.py").write_text(
        textwrap.dedent("""
        from django.db import models

        class Product(models.Model):
            name = models.CharField(max_length=9)

        class Order(models.Model):
            pass

        class Item(models.Model):
            order = models.ForeignKey(Order, models.CASCADE, related_name="items")
            product = models.ForeignKey(Product, models.CASCADE)

        def names(pk: int) -> list[str]:
            order = Order.objects.get(pk=pk)
            return [item.product.name for item in order.items.all()]
        """)
    )
    registry = load_registry()

    def found(options: dict[str, object]) -> list[int]:
        config = Config(tmp_path, rules={"DFA201": options} if options else {})
        selection = make_selection(config, registry, ("DFA201",))
        outcome = lint(Request(config, Store(tmp_path), registry, selection, (tmp_path,)))
        return [one.span.line for one in outcome.findings if one.code == "DFA201"]

    assert found({}) == []
    assert found({"of-one-object": True}) == [16]
