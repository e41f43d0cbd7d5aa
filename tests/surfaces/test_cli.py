"""The command line: what goes in, what comes out, and the exit code."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import libcst as cst
import pytest
from click.testing import CliRunner, Result

from djfa_lint import __version__
from djfa_lint.commands import check
from djfa_lint.commands.output import wants_colour
from djfa_lint.engine.registry import Registry, load_registry
from djfa_lint.errors import ConfigError
from djfa_lint.sdk.context import Context
from djfa_lint.sdk.finding import Draft
from djfa_lint.sdk.rule import Rule
from djfa_lint.surfaces.cli import main

BARE_EXCEPT = "try:\n    pass\nexcept:\n    x = 1\n"
SLEEP = "import time\n\n\nasync def poll():\n    time.sleep(1)\n"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*args: str, env: dict[str, str] | None = None) -> Result:
    return CliRunner(env={"NO_COLOR": None, "FORCE_COLOR": None, **(env or {})}).invoke(main, args)


def process(*args: str, **env: str) -> subprocess.CompletedProcess[str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("DJFA_", "FORCE_", "CLICOLOR"))}
    return subprocess.run(
        [sys.executable, "-m", "djfa_lint", *args], capture_output=True, text=True, timeout=60, env={**kept, **env}
    )


@pytest.mark.parametrize("output_format", ["full", "concise", "json", "github"])
@pytest.mark.parametrize(
    ("text", "args", "exit_code"),
    [
        ("x = 1\n", (), 0),
        ("", (), 0),
        (BARE_EXCEPT, (), 1),
        (BARE_EXCEPT, ("--exit-zero",), 0),
        (BARE_EXCEPT, ("--quiet",), 1),
        (BARE_EXCEPT, ("--ignore", "DFA401"), 0),
        (BARE_EXCEPT, ("--select", "DFA411"), 0),
        (BARE_EXCEPT, ("--select", "DFA411, DFA4"), 1),
        ("(", (), 1),
    ],
)
def test_exit_code(root: Path, output_format: str, text: str, args: tuple[str, ...], exit_code: int) -> None:
    (root / "x.py").write_text(text)
    result = run("check", "--output-format", output_format, *args)
    assert (result.exit_code, result.stderr) == (exit_code, "")


@pytest.mark.parametrize(
    "args",
    [
        ("check", "nowhere.py"),
        ("check", "--select", "DFA498"),
        ("check", "--ignore", "nothing"),
        ("check", "--config", "nowhere.toml"),
        ("check", "--output-format", "xml"),
        ("check", "--jobs", "-1"),
        ("check", "--no-such-option"),
        ("rule", "DFA498"),
        ("rule",),
        ("no-such-command",),
    ],
)
def test_wrong_usage(root: Path, args: tuple[str, ...]) -> None:
    (root / "x.py").write_text(BARE_EXCEPT)
    result = run(*args)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "rror: " in result.stderr.splitlines()[-1]
    assert "Traceback" not in result.stderr


def test_internal_error_is_no_finding(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object) -> None:
        raise RuntimeError("the linter is wrong")

    (root / "x.py").write_text(BARE_EXCEPT)
    monkeypatch.setattr(check, "lint", fail)
    result = run("check")
    assert result.exit_code == 2
    assert "the linter is wrong" in result.stderr
    assert "bug in djfa-lint" in result.stderr


def test_without_a_command(root: Path) -> None:
    (root / "x.py").write_text(BARE_EXCEPT)
    alone, asked = run(), run("check", ".")
    assert alone.exit_code == 1
    assert "x.py:3:1" in alone.stdout
    assert alone.stdout == asked.stdout


def test_path_in_the_place_of_a_command(root: Path) -> None:
    (root / "src").mkdir()
    result = run("src")
    assert result.exit_code == 2
    assert "djfa-lint check src" in result.stderr
    assert "djfa-lint check" not in run("srcs").stderr


CONCISE = re.compile(r"(?P<path>[^:]+):(?P<line>\d+):(?P<column>\d+): (?P<code>[A-Z]{1,3}\d{3}) (?P<message>.+)")


def test_concise(root: Path) -> None:
    (root / "in").mkdir()
    (root / "in" / "x.py").write_text('é = "𝔘"; f = lambda a=[]: a\n' + BARE_EXCEPT)
    (root / "a.py").write_text(SLEEP)
    lines = run("check", "--output-format", "concise").stdout.splitlines()
    matches = [CONCISE.fullmatch(line) for line in lines]
    assert [match and match.group("path", "line", "column", "code") for match in matches] == [
        ("a.py", "5", "5", "DFA301"),
        ("in/x.py", "1", "23", "DFA411"),
        ("in/x.py", "4", "1", "DFA401"),
    ]


def test_json(root: Path) -> None:
    (root / "in").mkdir()
    (root / "in" / "x.py").write_text('import time\nasync def é(): "𝔘"; time.sleep(1)\n')
    result = run("check", "--output-format", "json")
    rows = json.loads(result.stdout)
    message, fix = rows[0].pop("message"), rows[0].pop("fix")
    assert rows[0]["evidence"][0].pop("message").startswith("`é` ")
    assert rows == [
        {
            "code": "DFA301",
            "name": "blocking-call-in-async",
            "severity": "warning",
            "path": "in/x.py",
            "line": 2,
            "column": 21,
            "end_line": 2,
            "end_column": 31,
            "evidence": [
                {
                    "path": "in/x.py",
                    "line": 2,
                    "column": 1,
                    "end_line": 2,
                    "end_column": 12,
                }
            ],
        }
    ]
    assert message.startswith("`time.sleep` sleeps")
    assert fix.keys() == {"applicability", "message", "edits"}
    assert fix["applicability"] == "unsafe"
    assert all(edit.keys() == {"path", "line", "column", "end_line", "end_column", "content"} for edit in fix["edits"])
    assert {
        "path": "in/x.py",
        "line": 2,
        "column": 21,
        "end_line": 2,
        "end_column": 31,
        "content": "await asyncio.sleep",
    } in fix["edits"]
    assert result.stdout.endswith("]\n")


def test_json_without_findings_and_fix(root: Path) -> None:
    assert json.loads(run("check", "--output-format", "json").stdout) == []
    (root / "x.py").write_text("x = 1  # djfa: ignore\n")
    row = json.loads(run("check", "--output-format", "json").stdout)[0]
    assert (row["fix"], row["evidence"]) == (None, [])


@pytest.mark.parametrize("output_format", ["full", "concise", "json", "github"])
def test_paths_are_relative_to_the_current_folder(
    root: Path, monkeypatch: pytest.MonkeyPatch, output_format: str
) -> None:
    (root / "one" / "two").mkdir(parents=True)
    (root / "one" / "x.py").write_text(SLEEP)
    (root / "one" / "two" / "y.py").write_text(SLEEP)
    monkeypatch.chdir(root / "one" / "two")
    text = run("check", "--output-format", output_format, "..").stdout
    assert "../x.py" in text
    assert "two/y.py" not in text
    assert "one/" not in text
    assert str(root) not in text


def test_github(root: Path) -> None:
    name = "a,b:c%d.py"
    (root / name).write_text("import time\nasync def f():\n    time.sleep(1)\n")
    (root / "y.py").write_text("import time\nasync def f():\n    time \\\n  .sleep(1)\n    asyncio.run(1)\n")
    (root / "z.py").write_text("(\n")
    commands = [GITHUB.fullmatch(line) for line in run("check", "--output-format", "github").stdout.splitlines()]
    told = [
        (one["level"], dict(part.split("=", 1) for part in one["told"].split(",")), one["message"])
        for one in commands
        if one is not None
    ]
    # Errors first, then by place; no columns where a span has more than one line.
    assert [(level, properties) for level, properties, _ in told] == [
        ("error", properties("z.py", 1, 1, "DFA001 unreadable-file", col="1", endColumn="2")),
        (
            "warning",
            properties("a%2Cb%3Ac%25d.py", 3, 3, "DFA301 blocking-call-in-async", col="5", endColumn="15"),
        ),
        ("warning", properties("y.py", 3, 4, "DFA301 blocking-call-in-async")),
    ]
    assert "%0Aa,b:c%25d.py:2: `f` " in told[1][2]


GITHUB = re.compile("::(?P<level>error|warning|notice) (?P<told>[^:]+)::(?P<message>.+)")


def properties(file: str, line: int, end_line: int, title: str, **columns: str) -> dict[str, str]:
    return {"file": file, "line": str(line), "endLine": str(end_line), "title": title, **columns}


def test_github_tells_how_many_are_not_shown(root: Path) -> None:
    (root / "x.py").write_text(BARE_EXCEPT * 13)
    lines = run("check", "--output-format", "github").stdout.splitlines()
    assert len(lines) == 14
    assert lines[-1].startswith("3 more findings")


def test_full(root: Path) -> None:
    (root / "x.py").write_text(SLEEP)
    text = run("check").stdout
    head, body = text.split("\n", 1)
    assert head == "x.py:5:5 warning DFA301 blocking-call-in-async"
    # The rule's own words are its fixtures' business.
    assert re.sub("`poll` .*", "`poll` ...", body.split("\n", 1)[1]) == (
        "3 | \n"
        "4 | async def poll():\n"
        "5 |     time.sleep(1)\n"
        "  |     ^^^^^^^^^^\n"
        "  = `poll` ...\n"
        "4 | async def poll():\n"
        "  | ^^^^^^^^^^^^^^\n"
        "  = fix: use `await asyncio.sleep` (--fix --unsafe-fixes)\n"
        "\n"
        "1  DFA301 blocking-call-in-async\n"
        "1 finding in 1 file; fixable: 1 with `--fix --unsafe-fixes`.\n"
    )


@pytest.mark.parametrize(
    ("before", "shown"),
    [
        ("    ", "    "),
        ("\t", "    "),
        ("\tx;\t", "    x;    "),
        ("    'ab'; ", "    'ab'; "),
        ("    'é'; ", "    'é'; "),
        ("    '漢字'; ", "    '漢字'; "),
        ("    '👩'; ", "    '👩'; "),
        ("    'e\u0301'; ", "    'e\u0301'; "),
        ("    '\x07'; ", "    '?'; "),
    ],
)
def test_full_underlines_what_it_means(root: Path, before: str, shown: str) -> None:
    (root / "x.py").write_text(f"import time\nasync def f():\n{before}time.sleep(1)\n")
    lines = run("check").stdout.splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("3 | "))
    assert lines[at] == f"3 | {shown}time.sleep(1)"
    width = sum({"漢": 2, "字": 2, "👩": 2, "\u0301": 0}.get(char, 1) for char in shown)
    assert lines[at + 1] == "  | " + " " * width + "^" * len("time.sleep")


def test_full_cuts_a_long_span(root: Path) -> None:
    rows = "".join(f"    {number},\n" for number in range(50))
    (root / "x.py").write_text(f"def f(a=[\n{rows}]):\n    return a\n")
    text = run("check").stdout
    assert "... |" in text or "...|" in text
    assert len(text.splitlines()) < 30


def test_full_of_a_file_that_cannot_be_decoded(root: Path) -> None:
    (root / "x.py").write_bytes(b"a = '\xff'\n")
    result = run("check")
    assert result.exit_code == 1
    assert result.stdout.startswith("x.py:1:6 error DFA001 unreadable-file\n")


def test_markup_in_the_source_stays_text(root: Path) -> None:
    (root / "x.py").write_text("import time\nasync def f():\n    x['[red]'], time.sleep(1) # [/bold] :smile:\n")
    assert "    x['[red]'], time.sleep(1) # [/bold] :smile:\n" in run("check").stdout


def test_summary(root: Path) -> None:
    assert run("check").stdout == "No findings in 0 files.\n"
    (root / "x.py").write_text("x = 1  # djfa: ignore[DFA401]\n")
    (root / "y.py").write_text(BARE_EXCEPT * 2 + "y = 1\n")
    end = run("check").stdout.split("\n\n")[-1]
    assert end == (
        "2  DFA401 bare-except-clause\n"
        "1  DFA003 unused-suppression\n"
        "3 findings in 2 files; fixable: 1 with `--fix`, 2 with `--fix --unsafe-fixes`.\n"
    )
    assert "findings in" not in run("check", "--quiet").stdout
    assert run("check", "--quiet", "--ignore", "DFA4,DFA003").stdout == ""
    assert run("check", "--ignore", "DFA4,DFA003").stdout == "No findings in 2 files.\n"


@pytest.mark.parametrize(
    ("choice", "environment", "terminal", "expected"),
    [
        ("always", {"NO_COLOR": "1"}, False, True),
        ("never", {"FORCE_COLOR": "1"}, True, False),
        ("auto", {}, True, True),
        ("auto", {}, False, False),
        ("auto", {"NO_COLOR": "1"}, True, False),
        ("auto", {"NO_COLOR": ""}, True, True),
        ("auto", {"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
        ("auto", {"FORCE_COLOR": "1"}, False, True),
        ("auto", {"FORCE_COLOR": ""}, False, False),
        ("auto", {"FORCE_COLOR": "0"}, False, False),
        ("auto", {"CLICOLOR_FORCE": "1"}, False, True),
        ("auto", {"CLICOLOR_FORCE": "0"}, False, False),
    ],
)
def test_wants_colour(choice: str, environment: dict[str, str], terminal: bool, expected: bool) -> None:
    assert wants_colour(choice, environment, terminal) is expected


def test_colour_is_in_the_output_or_not(root: Path) -> None:
    (root / "x.py").write_text(BARE_EXCEPT)
    assert "\x1b[" in run("check", "--color", "always").stdout
    assert "\x1b[" not in run("check").stdout
    assert "\x1b[" in run("check", env={"FORCE_COLOR": "1"}).stdout
    assert "\x1b[" not in run("check", env={"FORCE_COLOR": "1", "NO_COLOR": "1"}).stdout
    plain, coloured = run("check").stdout, run("check", "--color", "always").stdout
    assert click.unstyle(coloured) == plain


@pytest.mark.parametrize("output_format", ["json", "concise", "github"])
def test_formats_for_programs_have_no_colour(root: Path, output_format: str) -> None:
    (root / "x.py").write_text(BARE_EXCEPT)
    assert "\x1b" not in run("check", "--color", "always", "--output-format", output_format).stdout


def test_options_from_the_environment(root: Path) -> None:
    (root / "x.py").write_text("x = 1  # djfa: ignore[DFA301]\n" + BARE_EXCEPT)
    assert run("check", env={"DJFA_LINT_CHECK_SELECT": "DFA411"}).exit_code == 0
    assert run("check", env={"DJFA_LINT_CHECK_IGNORE": "DFA401 DFA003"}).exit_code == 0
    assert run("check", env={"DJFA_LINT_CHECK_EXIT_ZERO": "1"}).exit_code == 0
    assert run("check", "--select", "DFA401", env={"DJFA_LINT_CHECK_SELECT": "DFA411"}).exit_code == 1
    concise = run("check", env={"DJFA_LINT_CHECK_OUTPUT_FORMAT": "concise", "DJFA_LINT_CHECK_JOBS": "1"})
    assert [line.split(":")[0] for line in concise.stdout.splitlines()] == ["x.py", "x.py"]
    assert run("check", env={"DJFA_LINT_CHECK_DIFF": "1"}).stdout.startswith("--- x.py")
    assert run("check", env={"DJFA_LINT_CHECK_FIX": "1"}).exit_code == 1
    assert (root / "x.py").read_text() == "x = 1\n" + BARE_EXCEPT


def test_rule(root: Path) -> None:
    by_code, by_name = run("rule", "dfa401"), run("rule", "bare-except-clause")
    assert by_code.exit_code == 0
    assert by_code.stdout == by_name.stdout
    assert by_code.stdout.startswith("DFA401 bare-except-clause\non by default, warning, correctness, since 0.1\n")
    assert "Bad::" in by_code.stdout
    assert "ignore-calls" in run("rule", "DFA301").stdout
    wrong = run("rule", "bare-except")
    assert "did you mean `bare-except-clause`?" in wrong.stderr


@pytest.mark.parametrize("code", load_registry().by_code)
def test_every_rule_has_a_page(root: Path, code: str) -> None:
    page = run("rule", code).stdout
    assert page.startswith(code)
    assert "# want" not in page
    assert len(page.splitlines()) > 4


def test_rules(root: Path) -> None:
    lines = run("rules").stdout.splitlines()
    rows = json.loads(run("rules", "--output-format", "json").stdout)
    assert [line.split()[:2] for line in lines] == [[row["code"], row["name"]] for row in rows]
    assert [row["code"] for row in rows] == sorted(load_registry().by_code)
    assert all(
        row.keys() == {"code", "name", "summary", "severity", "category", "default", "since", "options"} for row in rows
    )


def test_config_shows_what_is_in_force(root: Path) -> None:
    assert "# configuration: none found, defaults" in run("config").stdout
    text = (
        'select = ["DFA3"]\nextend-exclude = ["old/"]\nsrc = ["backend"]\n'
        '[per-file-ignores]\n"x.py" = ["DFA4"]\n[severity]\nDFA301 = "error"\n'
        '[rules.blocking-call-in-async]\nignore-calls = ["a.b", "c"]\n'
    )
    (root / "djfa-lint.toml").write_text(text)
    page = run("config").stdout
    assert f"# root: {root}\n" in page
    assert f"# configuration: {root / 'djfa-lint.toml'}\n" in page
    for part in ('"DFA301"', '"old/"', 'src = ["backend"]', '"x.py" = ["DFA4"]', 'ignore-calls = ["a.b", "c"]'):
        assert part in page
    assert "backend" not in run("config", "--isolated").stdout
    # What is shown is a configuration file that means the same.
    (root / "djfa-lint.toml").write_text(page)
    again = run("config").stdout
    assert again == page


@pytest.mark.parametrize("args", [("version",), ("--version",), ("-V",)])
def test_version(args: tuple[str, ...]) -> None:
    result = run(*args)
    assert (result.exit_code, result.stdout) == (0, f"djfa-lint {__version__}\n")


@pytest.mark.parametrize("args", [("--help",), ("-h",), ("check", "-h")])
def test_help(args: tuple[str, ...]) -> None:
    result = run(*args)
    assert result.exit_code == 0
    assert "no-prefilter" not in result.stdout


def crashing(code: str, trigger: type[cst.CSTNode]) -> Rule:
    rule = Rule("fakes.fragile", "A rule.", code=code, since="0", category="fake")

    @rule.on(trigger)
    def check_node(node: cst.CSTNode, ctx: Context) -> Iterator[Draft]:
        if ctx.lines.line(ctx.span(node).line).startswith("boom"):
            raise ZeroDivisionError("of course")
        yield rule.at(node, "fine")

    return rule


@pytest.fixture
def fragile(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project in which a rule crashes on one of two nodes, and another rule finds something after."""
    registry = Registry([*load_registry().rules, crashing("ZZ001", cst.Integer)])
    monkeypatch.setattr(check, "load_registry", lambda: registry)
    (root / "x.py").write_text("a = 1\nboom = 2\nc = 3\n" + BARE_EXCEPT.replace("1", "y"))
    return root


def test_rule_that_crashes_is_a_finding_and_the_others_go_on(fragile: Path) -> None:
    result = run("check", "--output-format", "json")
    rows = json.loads(result.stdout)
    assert [(row["line"], row["column"], row["code"]) for row in rows] == [
        (1, 5, "ZZ001"),
        (2, 8, "DFA002"),
        (3, 5, "ZZ001"),
        (6, 1, "DFA401"),
    ]
    crash = rows[1]
    assert crash["severity"] == "error"
    assert "`fragile` (ZZ001)" in crash["message"]
    assert "ZeroDivisionError: of course" in crash["message"]
    assert result.exit_code == 1


def test_advice_given_with_a_crash_helps(fragile: Path) -> None:
    assert "DFA002" not in run("check", "--ignore", "ZZ001").stdout
    (fragile / "djfa-lint.toml").write_text('[per-file-ignores]\n"x.py" = ["ZZ001"]\n')
    assert "DFA002" not in run("check").stdout


def test_rule_package_that_cannot_be_loaded(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> Registry:
        raise ConfigError("the rule package `acme_rules` cannot be loaded: ImportError()")

    monkeypatch.setattr(check, "load_registry", fail)
    result = run("check")
    assert result.exit_code == 2
    assert "acme_rules" in result.stderr


def test_processes_give_the_same(root: Path) -> None:
    """More files than are worth a pool, with everything that travels between processes."""
    for number in range(220):
        folder = root / f"p{number % 7}"
        folder.mkdir(exist_ok=True)
        text = {0: SLEEP, 1: BARE_EXCEPT, 2: "(\n", 3: "x = 1  # djfa: ignore[DFA401]\n"}.get(number % 5, "y = 2\n")
        (folder / f"m{number}.py").write_text(text)
    one, two = (run("check", "--output-format", "json", "--jobs", jobs) for jobs in ("1", "2"))
    assert one.exit_code == two.exit_code == 1
    assert len(json.loads(one.stdout)) == 176
    assert one.stdout == two.stdout
    for jobs in ("1", "2"):
        assert run("check", "--diff", "--jobs", jobs).stdout.count("\n+++ ") == 44


def test_as_a_process(root: Path) -> None:
    (root / "x.py").write_text(BARE_EXCEPT)
    done = process("check")
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("x.py:3:1 warning DFA401 bare-except-clause\n")
    assert process("check", "nowhere").returncode == 2


def test_nothing_of_the_project_is_run_or_imported(root: Path) -> None:
    for name in ("conftest", "settings", "manage", "click", "libcst", "json", "sitecustomize"):
        (root / f"{name}.py").write_text("raise SystemExit('was run')\n")
    command = [sys.executable, "-m", "djfa_lint", "check", "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("output_format", ["concise", "github", "json"])
def test_output_of_a_process_without_an_encoding(root: Path, output_format: str) -> None:
    check_written(root, "ascii", output_format)


@pytest.mark.parametrize(
    ("encoding", "output_format"),
    [("ascii", "full"), ("cp1252", "full"), ("cp1252", "concise"), ("cp1252", "github"), ("cp1252", "json")],
)
def test_output_that_cannot_write_every_character(root: Path, encoding: str, output_format: str) -> None:
    check_written(root, encoding, output_format)


def check_written(root: Path, encoding: str, output_format: str) -> None:
    (root / "漢.py").write_text("import time\nasync def 漢():\n    '𝔘'; time.sleep(1)\n    漢(lambda 漢=[]: 0)\n")
    done = process("check", "--output-format", output_format, PYTHONIOENCODING=encoding, PYTHONUTF8="0")
    assert (done.returncode, done.stderr) == (1, "")
    assert "DFA301" in done.stdout


def test_reader_that_goes_away(root: Path) -> None:
    (root / "x.py").write_text(BARE_EXCEPT * 1000)
    with subprocess.Popen(
        [sys.executable, "-m", "djfa_lint", "check", "--output-format", "concise"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.readline()
        running.stdout.close()
        assert "Traceback" not in running.stderr.read()


def test_a_run_for_programs_does_not_import_rich(root: Path) -> None:
    (root / "x.py").write_text(BARE_EXCEPT)
    code = (
        "import sys\nfrom djfa_lint.surfaces.cli import main\n"
        "main(['check', '--output-format', 'concise'], standalone_mode=False)\n"
        "print(sorted({'rich', 'django', 'fastapi', 'sqlalchemy'} & sys.modules.keys()))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "[]", done.stderr
