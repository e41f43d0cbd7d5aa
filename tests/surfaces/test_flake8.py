"""The flake8 plugin in the real flake8: what it shows, what flake8's own options do to it, and how often it works."""

from __future__ import annotations

import argparse
import ast
import json
import multiprocessing
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from djfa_lint.commands import snapshot
from djfa_lint.commands.snapshot import Evidence, Finding, Snapshot
from djfa_lint.engine.registry import load_registry
from djfa_lint.source.lines import Span
from djfa_lint.surfaces.flake8 import Plugin, Session, may_show, selects

pytest.importorskip("flake8")

from flake8.style_guide import DecisionEngine  # type: ignore[import-untyped,unused-ignore]

SHOP = Path(__file__).parents[2] / "examples" / "shop"
# What `wait` does is known from the other file only.
TOOLS = "from time import sleep as wait\n"
VIEWS = "from app.tools import wait\n\n\nasync def poll():\n    wait(1)\n"
BARE = "try:\n    x = 1\nexcept:\n    x = 2\n"
HOOK = (
    "from rest_framework import serializers\n\n\n"
    "class Order(serializers.Serializer):\n    def validate_email(self, value):\n        return value\n"
)


class Shown(NamedTuple):
    """One line of flake8's."""

    path: str
    line: int
    column: int
    code: str
    message: str


class Result(NamedTuple):
    """What came out of flake8."""

    shown: list[Shown]
    code: int
    errors: str

    @property
    def places(self) -> list[str]:
        """The findings, short: path:line code."""
        return [f"{one.path}:{one.line} {one.code}" for one in self.shown]


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, newline="")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with one finding that needs two files and one that needs one, configured with nothing set."""
    root = tmp_path / "project"
    write(
        root,
        {
            ".git/HEAD": "",
            "djfa-lint.toml": "",
            "app/__init__.py": "",
            "app/tools.py": TOOLS,
            "app/views.py": VIEWS,
            "app/bare.py": BARE,
        },
    )
    return root


BOTH = ["app/bare.py:3 DFA401", "app/views.py:5 DFA301"]


def process(cwd: Path, command: list[str], text: str | None = None) -> subprocess.CompletedProcess[str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("_DJFA_", "DJFA_"))}
    return subprocess.run(
        [sys.executable, *command], cwd=cwd, input=text, capture_output=True, text=True, timeout=120, env=kept
    )


def result(done: subprocess.CompletedProcess[str], written: str | None = None) -> Result:
    """What was shown, on standard output if it was not written elsewhere, flake8's own findings left out."""
    shown = []
    for line in (done.stdout if written is None else written).splitlines():
        match = re.fullmatch(r"(?:\./)?(.+?):(\d+):(\d+): ([A-Z]+\d+) (.*)", line)
        assert match, done.stdout + done.stderr
        if match[4].startswith("DFA"):
            shown.append(Shown(match[1], int(match[2]), int(match[3]), match[4], match[5]))
    return Result(shown, done.returncode, done.stderr)


def flake8(cwd: Path, *args: str, text: str | None = None) -> Result:
    return result(process(cwd, ["-m", "flake8", "-j1", *args], text))


SEVERAL = """
import io, json, os, sys
from flake8 import utils
from flake8.main.cli import main
for cwd, args, text in json.load(sys.stdin):
    os.chdir(cwd)
    sys.stdin = io.TextIOWrapper(io.BytesIO(text.encode()))
    utils.stdin_get_value.cache_clear()
    sys.stdout.write(f"{main(args)}\\n")
    sys.stdout.flush()
    sys.stdout.buffer.write(b"====\\n")
"""


def runs(cwd: Path, *steps: tuple[str, ...], text: str = "") -> list[list[str]]:
    """The places that flake8 shows in several runs, all in one process: quick, and nothing stays for the next run.

    A step that begins with a path and ``>`` runs in that folder.
    """
    asked = []
    for step in steps:
        here = step[0][:-1] if step and step[0].endswith(">") else "."
        asked.append((str(cwd / here), ["-j1", *(one for one in step if not one.endswith(">"))], text))
    done = process(cwd, ["-c", SEVERAL], json.dumps(asked))
    assert done.stderr == ""
    parts = re.split(r"^\d+\n====\n", done.stdout, flags=re.MULTILINE)[:-1]
    assert len(parts) == len(steps), done.stdout
    return [result(done, part).places for part in parts]


def test_one_file_shows_what_all_show(root: Path) -> None:
    whole = flake8(root)
    assert whole.places == BOTH
    assert (whole.code, whole.errors) == (1, "")
    assert flake8(root, "app/views.py").shown == whole.shown[1:]
    assert [one.column for one in whole.shown] == [1, 5]


def test_however_a_path_is_spelled(root: Path) -> None:
    (root / "linked").symlink_to(root / "app", target_is_directory=True)
    (root.parent / "way").symlink_to(root, target_is_directory=True)
    around = root.parent / "way" / "app" / ".." / "app" / "views.py"
    steps = [(str(around),), ("app>", "../linked/views.py"), ("../way>", "app/views.py")]
    for places in runs(root, *steps):
        assert [place.partition(" ")[2] for place in places] == ["DFA301"]


SELECTIONS = [
    ((), "", BOTH),
    (("--select", "DFA4"), "", BOTH[:1]),
    (("--select", "DFA"), "", BOTH),
    (("--select", "E,D"), "", BOTH),
    (("--select", "E"), "", []),
    (("--extend-ignore", "DFA401"), "", BOTH[1:]),
    (("--extend-ignore", "D"), "", []),
    (("--extend-ignore", "D", "--extend-select", "DFA3"), "", BOTH[1:]),
    (("--ignore", "DFA3,E"), "", BOTH[:1]),
    ((), "extend-ignore = DFA401", BOTH[1:]),
    ((), "per-file-ignores =\n    app/bare.py: DFA4", BOTH[1:]),
    ((), "per-file-ignores =\n    app/*: DFA", []),
]


def test_codes_are_selected_its_way(root: Path) -> None:
    for number, (_, config, _) in enumerate(SELECTIONS):
        (root / f"{number}.cfg").write_text(f"[flake8]\n{config}\n")
    shown = runs(root, *((*args, f"--config={number}.cfg") for number, (args, _, _) in enumerate(SELECTIONS)))
    for (args, config, wanted), places in zip(SELECTIONS, shown, strict=True):
        assert places == wanted, (args, config)


def options(**given: object) -> argparse.Namespace:
    named = dict.fromkeys(("select", "extend_select", "ignore", "extend_ignore"))
    lists = {"extended_default_select": ["C90", "DFA", "E", "F", "W"], "extended_default_ignore": []}
    return argparse.Namespace(**{**named, **lists, **given})


LISTS = [None, [], ["D"], ["DFA"], ["DFA4"], ["DFA401"], ["E"], ["E", "DF"], ["D", "DFA3"]]


@pytest.mark.parametrize("select", LISTS)
@pytest.mark.parametrize("ignore", LISTS)
def test_no_work_is_done_for_codes_that_flake8_drops(select: list[str] | None, ignore: list[str] | None) -> None:
    codes = load_registry().by_code
    for extend_select in (None, ["DFA4"]):
        given = options(select=select, ignore=ignore, extend_select=extend_select)
        shown = [code for code in codes if DecisionEngine(given).decision_for(code).name == "Selected"]
        assert may_show(given) or not shown, shown
        for extended in (options(select=select, extend_ignore=ignore), options(extend_select=select, ignore=ignore)):
            shown = [code for code in codes if DecisionEngine(extended).decision_for(code).name == "Selected"]
            assert may_show(extended) or not shown, shown
    # Not merely always: where nothing can be shown, nothing is done.
    assert not may_show(options(select=["E"]))
    assert not may_show(options(extend_ignore=["D"]))


def test_what_asks_for_our_codes() -> None:
    assert selects(options(select=["E", "DFA"]))
    assert selects(options(extend_select=["DFA401"]))
    assert not selects(options(select=["D"], extend_select=["DJ", "E"], extend_ignore=["DFA4"]))


def test_quiet_without_our_configuration(root: Path) -> None:
    (root / "djfa-lint.toml").unlink()
    (root / "pyproject.toml").write_text("[tool.other]\n")
    steps = [(), ("--extend-ignore", "DFA401"), ("--extend-select", "D"), ("--extend-select", "DFA")]
    assert runs(root, *steps) == [[], [], [], BOTH]
    (root / "pyproject.toml").write_text("[tool.djfa-lint]\n")
    assert flake8(root).places == BOTH


def test_option_for_the_configuration_file(root: Path) -> None:
    (root / "djfa-lint.toml").unlink()
    write(root, {"conf/lint.toml": 'ignore = ["DFA401"]\n', ".flake8": "[flake8]\ndjfa-config = ./conf/lint.toml\n"})
    steps = [("app>", ".."), ("--djfa-config", "conf/none.toml")]
    assert runs(root, *steps) == [["../app/views.py:5 DFA301"], ["app/__init__.py:1 DFA001"]]


def test_rules_that_are_off_by_default(root: Path) -> None:
    """flake8's selection turns them on by a code or the beginning of one; the plugin's bare name does not."""
    write(root, {"djfa-lint.toml": 'ignore = ["DFA401"]\n', "app/hook.py": HOOK})
    hook = "app/hook.py:5 DFA103"
    steps = {
        ("--extend-select", "DFA"): BOTH[1:],
        ("--extend-select", "DFA1"): [hook, *BOTH[1:]],
        ("--extend-select", "DFA401,DFA"): BOTH,
        # What fits no rule is another plugin's business, or an older version's.
        ("--select", "DFA999,DFA103,DJ1"): [hook],
    }
    assert runs(root, *steps) == list(steps.values())


def test_our_configuration_stays_in_force(root: Path) -> None:
    write(root, {"djfa-lint.toml": '[per-file-ignores]\n"app/bare.py" = ["DFA4"]\n'})
    assert flake8(root, "--select", "DFA").places == BOTH[1:]


NOQA = {
    "app/one.py": BARE.replace("except:", "except:  # noqa: DFA401"),
    "app/two.py": BARE.replace("except:", "except:  # noqa"),
    "app/three.py": "# flake8: noqa\n" + BARE,
    "app/four.py": BARE.replace("except:", "except:  # djfa: ignore[DFA401] on purpose"),
    "app/five.py": BARE.replace("except:", "except:  # noqa: DFA3"),
}


def test_noqa(root: Path) -> None:
    write(root, NOQA)
    shown = ["app/bare.py:3 DFA401", "app/five.py:3 DFA401", "app/views.py:5 DFA301"]
    hidden = ["app/one.py:3 DFA401", "app/three.py:4 DFA401", "app/two.py:3 DFA401"]
    assert runs(root, (), ("--disable-noqa",)) == [shown, sorted(shown + hidden)]


def test_text_from_standard_input(root: Path) -> None:
    edited = VIEWS.replace("    wait(1)", "    x = 1\n    wait(1)  # é") + BARE
    assert flake8(root, "--stdin-display-name=app/views.py", "-", text=edited).places == [
        "app/views.py:6 DFA301",
        "app/views.py:9 DFA401",
    ]
    steps = [
        ("app>", "--stdin-display-name=views.py", "-"),
        ("--stdin-display-name=app/new.py", "-"),
        ("--stdin-display-name=app/new.py", "-", "app/bare.py"),
        # Without a name nothing is known of the project around it.
        ("-",),
    ]
    new = ["app/new.py:6 DFA301", "app/new.py:9 DFA401"]
    named = ["views.py:6 DFA301", "views.py:9 DFA401"]
    assert runs(root, *steps, text=edited) == [named, new, [*BOTH[:1], *new], ["stdin:9 DFA401"]]


def test_named_text_outside_and_excluded(root: Path) -> None:
    (root / "djfa-lint.toml").write_text('extend-exclude = ["old/"]\n')
    outside = root.parent / "elsewhere.py"
    steps = [(f"--stdin-display-name={name}", "-") for name in (outside, "old/x.py", "app/script")]
    assert runs(root, *steps, text=BARE) == [[f"{outside}:3 DFA401"], [], ["app/script:3 DFA401"]]
    assert runs(root, steps[2], ("-",), text=BARE + "def") == [[], []]


def test_text_with_a_coding_line(root: Path) -> None:
    text = "# -*- coding: latin-1 -*-\nimport time\nasync def poll(): y = 'é'; time.sleep(1)\n"
    # flake8 heeds the line, and counts two characters where UTF-8 writes one.
    assert [tuple(one[:4]) for one in flake8(root, "-", text=text).shown] == [("stdin", 3, 29, "DFA301")]


def test_bytes_before_and_between_lines(root: Path) -> None:
    data = BARE.replace("x = 1", "x = 'é\f'; y = 1").encode()
    call = "import time\nasync def poll(): y = 'é'; time.sleep(1)\n"
    (root / "app" / "a.py").write_bytes(b"\xef\xbb\xbf" + call.encode())
    (root / "app" / "b.py").write_bytes(data.replace(b"\n", b"\r\n"))
    (root / "app" / "c.py").write_bytes(data.replace(b"\n", b"\r"))
    (root / "app" / "d.py").write_bytes(b"# coding: latin-1\n" + data.decode().encode("latin-1"))
    shown = [tuple(one[:4]) for one in flake8(root).shown]
    assert shown == [
        # Columns count characters; a mark before the text is none.
        ("app/a.py", 2, 28, "DFA301"),
        ("app/b.py", 3, 1, "DFA401"),
        ("app/bare.py", 3, 1, "DFA401"),
        ("app/c.py", 3, 1, "DFA401"),
        ("app/d.py", 4, 1, "DFA401"),
        ("app/views.py", 5, 5, "DFA301"),
    ]


def test_finding_at_the_first_line_of_a_call(root: Path) -> None:
    call = "import time\n\n\nasync def poll():\n    y = 'é'; time.sleep(\n        1,\n    )  # noqa: DFA301\n"
    write(root, {"app/views.py": call})
    shown = flake8(root).shown
    assert [tuple(one[:4]) for one in shown[1:]] == [("app/views.py", 5, 14, "DFA301")]


def test_file_outside_the_project(root: Path) -> None:
    (root.parent / "elsewhere.py").write_text(BARE)
    assert runs(root, ("../elsewhere.py", "app/views.py"), ("..",)) == [BOTH[1:], [f"../project/{one}" for one in BOTH]]


def test_two_projects_in_one_call(root: Path) -> None:
    """The configuration is looked for from the folder that all paths lie in: above both, neither is seen."""
    shutil.copytree(root, root.parent / "other")
    steps = [("..>", "project", "other"), ("..>", "project"), ("app", "../other")]
    # From within one project, that one is linted.
    assert runs(root, *steps) == [[], [f"project/{place}" for place in BOTH], BOTH]


def test_broken_configuration_is_one_finding(root: Path) -> None:
    # It is told where flake8 shows it: not in a file that does not parse, or where a comment hides it.
    write(root, {"djfa-lint.toml": 'selekt = ["DFA4"]\n', "app/__init__.py": "(\n", "app/an.py": "# noqa\n"})
    done = flake8(root)
    message = "djfa-lint.toml:1: unknown key `selekt`; did you mean `select`?"
    assert done.shown == [Shown("app/bare.py", 1, 1, "DFA001", message)]
    assert (done.code, done.errors) == (1, "")
    assert runs(root, ("-j2",), ("-",), text=BARE) == [["app/bare.py:1 DFA001"], ["stdin:1 DFA001"]]


DRIVER = """
import multiprocessing, os, sys
from pathlib import Path
from djfa_lint.commands import snapshot

take = snapshot.take

def counted(*args, **kwargs):
    with open({count!r}, "a") as file:
        file.write(f"{{os.getpid()}}\\n")
    {crash}
    return take(*args, **kwargs)

snapshot.take = counted
if __name__ == "__main__":
    if sys.argv[1] != "serial":
        multiprocessing.set_start_method(sys.argv[1])
    from flake8.main.cli import main
    raise SystemExit(main(sys.argv[2:]))
"""


def driven(root: Path, method: str, *args: str, crash: str = "pass") -> tuple[Result, int]:
    """What flake8 shows with workers that are started in a given way, and how often a project was linted."""
    if method != "serial" and method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"{method} is not to be had here")
    count = root.parent / "count"
    count.write_text("")
    driver = root.parent / "driver.py"
    driver.write_text(DRIVER.format(count=str(count), crash=crash))
    done = result(process(root, [str(driver), method, *args]))
    return done, len(count.read_text().splitlines())


@pytest.mark.parametrize("method", ["serial", "fork", "spawn", "forkserver"])
def test_the_project_is_linted_once(root: Path, method: str) -> None:
    jobs = "-j1" if method == "serial" else "-j2"
    shown, builds = driven(root, method, jobs)
    assert (shown.places, shown.errors, builds) == (BOTH, "", 1)


def test_nothing_is_linted_where_nothing_is_asked(root: Path) -> None:
    assert driven(root, "serial", "-j1", "--select", "E")[1] == 0
    (root / "djfa-lint.toml").unlink()
    assert driven(root, "serial", "-j1")[1] == 0


@pytest.mark.parametrize("method", ["serial", "spawn"])
def test_crash_of_ours_is_one_finding(root: Path, method: str) -> None:
    jobs = "-j1" if method == "serial" else "-j2"
    shown, _ = driven(root, method, jobs, crash="raise TypeError('nothing\\nworks')")
    assert shown.places == ["app/__init__.py:1 DFA001"]
    assert "TypeError: nothing works" in shown.shown[0].message
    assert shown.errors == ""


def test_loading_the_plugin_loads_nothing_heavy() -> None:
    """flake8 loads it in every run and every worker, wherever it is installed."""
    heavy = "{'libcst', 'msgspec', 'pathspec', 'click', 'rich', 'flake8', 'djfa_lint.sdk'}"
    code = f"import sys, djfa_lint.surfaces.flake8 as p; p.Plugin; print({heavy} & set(sys.modules))"
    assert process(Path.cwd(), ["-c", code]).stdout == "set()\n"


def test_finding_in_a_template_is_shown_at_the_view(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    evidence = (
        Evidence("templates/base.html", Span(1, 1, 1, 5), "included here"),
        Evidence("app/views.py", Span(4, 5, 4, 20), "the rows come from here"),
        Evidence("app/models.py", Span(2, 1, 2, 9), "declared here"),
    )
    found = Finding(
        "templates/list.html", Span(7, 3, 7, 9), "DFA203", "n-plus-one-template", "one query a row", "warning", evidence
    )
    made = Snapshot(str(tmp_path), True, (found,))
    monkeypatch.setattr(snapshot, "take", lambda *args, **kwargs: made)
    monkeypatch.chdir(tmp_path)
    session = Session(
        options(
            filenames=["app"],
            djfa_config=None,
            disable_noqa=False,
            stdin_display_name="stdin",
            jobs=argparse.Namespace(is_auto=False, n_jobs=1),
        )
    )
    monkeypatch.setattr(Plugin, "session", session)

    def shown(name: str) -> list[tuple[int, int, str, type]]:
        return list(Plugin(ast.parse(""), name, []).run())

    text = "DFA203 one query a row (in templates/list.html:7)"
    assert shown("app/views.py") == [(4, 4, text, Plugin)]
    assert shown("app/models.py") == []
    assert made.of(tmp_path / "templates" / "list.html") == [found]
