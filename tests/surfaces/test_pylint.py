"""The pylint plugin, through the real pylint: in processes of its own where processes matter, else by its `Run`."""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from click.testing import CliRunner

pytest.importorskip("pylint")

import pylint
from pylint import extensions
from pylint.lint import PyLinter, Run
from pylint.message import Message
from pylint.reporters import CollectingReporter

from djfa_lint.commands.snapshot import Evidence, Finding, Snapshot
from djfa_lint.engine.registry import load_registry
from djfa_lint.errors import ConfigError
from djfa_lint.source.lines import Span
from djfa_lint.surfaces import pylint as plugin
from djfa_lint.surfaces.cli import main

_ROOT = Path(__file__).parents[2]
_PLUGIN = "djfa_lint.surfaces.pylint"
_LOAD = f"--load-plugins={_PLUGIN}"
_ONLY = ("--disable=all", "--enable=djfa")
_ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join([str(_ROOT / "src"), str(_ROOT / "rules")])}
_MAJOR = int(pylint.__version__.partition(".")[0])

# Runs before the plugin is loaded, in the parent and in its workers: notes each analysis, and whose it is.
_COUNTED = """
import multiprocessing, os
import djfa_lint.commands.snapshot as s
if multiprocessing.parent_process() is None:
    multiprocessing.set_start_method({method!r})
def take(*given, _take=s.take, _parent=multiprocessing.parent_process, **named):
    with open("analyses", "a") as file:
        file.write(f"{{_parent() is None}}\\n")
    return _take(*given, **named)
s.take = take
"""


def _write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
    return root


def _pylint(cwd: Path, *args: str, text: str | None = None) -> list[dict[str, Any]]:
    """Run pylint as a user does; its messages."""
    done = subprocess.run(
        [sys.executable, "-m", "pylint", "--persistent=no", "--output-format=json2", *args],
        cwd=cwd,
        input=text,
        capture_output=True,
        encoding="utf-8",
        env=_ENVIRONMENT,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    assert not done.returncode & 33, (done.stdout, done.stderr)  # fatal, or usage
    messages: list[dict[str, Any]] = json.loads(done.stdout)["messages"]
    return messages


def _ours(messages: list[dict[str, Any]]) -> list[tuple[str, int, str]]:
    """Path, line and symbol of what the plugin said, in order."""
    return sorted((one["path"], one["line"], one["symbol"]) for one in messages if one["messageId"][1] == "7")


def _shown(*args: str) -> list[Message]:
    """Run pylint in this process, with its default messages; what the plugin said."""
    reporter = CollectingReporter()
    Run([_LOAD, "--persistent=no", *args], reporter=reporter, exit=False)
    return [one for one in reporter.messages if one.msg_id[1] == "7"]


_ONE_MINUTE = "import time\n\n\nasync def wait() -> None:\n    time.sleep(60)\n"


# -- ids and symbols


def test_no_rule_has_a_name_or_id_of_pylints_own() -> None:
    linter = PyLinter()
    linter.load_default_plugins()
    extensions.initialize(linter)
    theirs = list(linter.msgs_store.messages)
    taken = {word for one in theirs for old in one.old_names for word in old}
    taken |= {word for one in theirs for word in (one.symbol, one.msgid)}
    bases = {word[1:3] for word in taken if word[1:].isdigit()}
    rules = load_registry().rules
    assert not taken & {plugin.FAILED, plugin.FAILED_NAME, *(rule.name for rule in rules)}
    assert not bases & set(plugin.BASES.values())
    linter.load_plugin_modules([_PLUGIN])  # and pylint finds no clash either


def test_each_rule_of_ours_has_a_place() -> None:
    rules = [rule for rule in load_registry().rules if rule.code.startswith("DFA")]
    ids = {rule.name: plugin.message_id(rule) for rule in rules}
    assert None not in ids.values()
    assert len(set(ids.values())) == len(ids)
    assert ids["unreadable-file"] == "E7901"
    assert ids["untyped-endpoint"] == "W7801"
    assert ids["blocking-call-in-async"] == "W7501"
    assert {name: found[1:3] for name, found in ids.items() if found} == {
        rule.name: plugin.BASES[rule.code[3]] for rule in rules
    }
    linter = PyLinter()
    linter.load_plugin_modules([_PLUGIN])
    assert sorted(one.symbol for one in linter.msgs_store.messages if one.checker_name == "djfa") == sorted(
        [*ids, plugin.FAILED_NAME]
    )


@pytest.mark.parametrize("code", ["ACM101", "DF101", "DFA901"])
def test_a_rule_with_another_prefix_has_none(code: str) -> None:
    from djfa_lint.sdk.rule import Rule

    assert plugin.message_id(Rule("acme.checks.no_good", "No good.", code=code, since="1", category="x")) is None


def test_rules_off_by_default_are_off_for_pylint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(_write(tmp_path, {"djfa-lint.toml": 'extend-select = ["write-in-loop"]\nignore = ["DFA4"]\n'}))
    linter = PyLinter()
    linter.load_plugin_modules([_PLUGIN])
    on = {rule.name for rule in load_registry().rules if linter.is_message_enabled(rule.name)}
    assert on == {rule.name for rule in load_registry().rules if rule.default} | {"write-in-loop"}


def test_nothing_else_loads_pylint() -> None:
    program = f"import djfa_lint.surfaces.cli, djfa_lint.surfaces.flake8, sys; print('{_PLUGIN}' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=_ENVIRONMENT, check=True)
    assert done.stdout == "False\n"


# -- what is shown, and where


_PROJECT = {
    "setup.py": "",
    "app/__init__.py": "",
    "app/clock.py": _ONE_MINUTE,
    "app/api.py": """
        from fastapi import APIRouter, Depends
        from app.clock import wait
        router = APIRouter()
        @router.get("/search")
        async def search(text, limit=10):
            await wait()
    """,
    "app/errors.py": """
        def tried(a="äöü", b=[], *, c={
            "over": "two lines"}):
            try:
                return a, b, c
            except:
                return None
        # djfa: ignore[DFA401]
    """,
    "app/sub/stamps.py": """
        from datetime import datetime
        def stamped(at=datetime.now()):
            return at
    """,
    "app/silent.py": "",
}


@pytest.mark.parametrize(("method", "jobs"), [("fork", "-j1"), ("fork", "-j2"), ("spawn", "-j2")])
def test_the_same_findings_as_the_command_from_one_analysis(method: str, jobs: str, tmp_path: Path) -> None:
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"no {method} here")
    _write(tmp_path, _PROJECT)
    told = CliRunner().invoke(main, ["check", str(tmp_path), "--output-format", "json"]).stdout
    wanted = sorted(
        (
            os.path.relpath(one["path"], tmp_path),
            (one["line"], one["column"] - 1, one["end_line"], one["end_column"] - 1),
            one["name"],
            one["message"],
        )
        for one in json.loads(told)
    )
    files = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.py"))
    on = ",".join(rule.name for rule in load_registry().rules if rule.default)
    hook = _COUNTED.format(method=method)
    ours = _pylint(tmp_path, f"--init-hook={hook}", _LOAD, "--disable=all", f"--enable={on}", jobs, *files)
    assert wanted == sorted(
        (
            one["path"],
            (one["line"], one["column"], one["endLine"], one["endColumn"]),
            one["symbol"],
            one["message"],
        )
        for one in ours
    )
    assert len({one["symbol"] for one in ours}) == 6
    assert {one["confidence"] for one in ours} == {"INFERENCE"}
    assert (tmp_path / "analyses").read_text() == "True\n"


_COMMENTS = {
    "djfa-lint.toml": 'ignore = ["default-evaluated-once"]\n',
    "shown.py": '''\
        """Umlauts before a finding, on its line: columns are code points."""
        import datetime


        def first(a="äöü", b=[]):
            return a, b


        def second(
            a=[  # over several lines
            ],
        ):
            return a


        def ignored_by_our_configuration(at=datetime.datetime.now()):
            return at
    ''',
    "hidden.py": '''\
        """All that hides a finding. The numbers below count its lines."""


        def by_symbol(a=[]):  # pylint: disable=mutable-default
            return a


        def by_id(a=[]):  # pylint: disable=W7411
            return a


        def by_checker(a=[]):  # pylint: disable=djfa
            return a


        # pylint: disable-next=mutable-default
        def next_line(a=[]):
            return a


        def by_noqa(a=[]):  # noqa: DFA411
            return a


        def by_ours(a=[]):  # djfa: ignore[DFA411]
            return a


        def block():
            # pylint: disable=bare-except-clause
            try:
                return 1
            except:
                return 2


        def after_the_block(a=[]):  # pylint: disable=bare-except-clause
            try:
                return a
            except:
                return None


        def nothing_left_to_ignore():
            return 1  # djfa: ignore[DFA411]
    ''',
    "stale.py": "def fine(a=None):  # pylint: disable=mutable-default\n    return a\n",
}


def test_comments_of_pylint_and_ours(tmp_path: Path) -> None:
    _write(tmp_path, _COMMENTS)
    messages = _pylint(tmp_path, _LOAD, "--enable=useless-suppression", "shown.py", "hidden.py", "stale.py")
    assert _ours(messages) == [
        ("hidden.py", 37, "mutable-default"),
        ("hidden.py", 40, "bare-except-clause"),
        ("hidden.py", 45, "unused-suppression"),
        ("shown.py", 5, "mutable-default"),
        ("shown.py", 10, "mutable-default"),
    ]
    places = [
        (one["line"], one["column"], one["endLine"], one["endColumn"])
        for one in messages
        if one["symbol"] == "mutable-default" and one["path"] == "shown.py"
    ]
    assert places == [(5, 21, 5, 23), (10, 6, 11, 5)]
    stale = [(one["path"], one["line"]) for one in messages if one["symbol"] == "useless-suppression"]
    assert ("stale.py", 1) in stale
    assert not {line for path, line in stale if path == "hidden.py"} & {4, 8, 16, 30}


def test_pylint_decides_over_our_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loop = """\
        from django.db import models
        class Order(models.Model):
            note = models.TextField()
        def each(ids):
            for one in ids:
                print(Order.objects.get(pk=one).note)
        def default(a=[]):
            return a
        def waits():
            try:
                return 1
            except:
                return 2
    """
    monkeypatch.chdir(_write(tmp_path, {"shop.py": loop}))

    def shown(*args: str) -> set[str]:
        return {one.symbol for one in _shown(*args, "shop.py")}

    assert shown() == {"mutable-default", "bare-except-clause"}
    assert shown("--enable=query-in-loop") == {"mutable-default", "bare-except-clause", "query-in-loop"}
    assert shown("--disable=all", "--enable=W7705") == {"query-in-loop"}
    (tmp_path / "djfa-lint.toml").write_text('extend-select = ["DFA205"]\nignore = ["DFA4"]\n')
    assert shown() == {"query-in-loop"}
    assert shown("--disable=query-in-loop", "--enable=mutable-default") == {"mutable-default"}
    assert shown(*_ONLY) == {"mutable-default", "bare-except-clause", "query-in-loop"}
    assert shown("--disable=djfa") == set()


def test_text_from_standard_input(tmp_path: Path) -> None:
    _write(tmp_path, {"setup.py": "", "app.py": _ONE_MINUTE, "helper.py": "import time\n\n\nnap = time.sleep\n"})
    text = "# coding: latin-1\nfrom helper import nap\n\n\nasync def wait(a='ä') -> None: nap(a)\n"
    messages = _pylint(tmp_path, _LOAD, *_ONLY, "--from-stdin", "app.py", text=text)
    assert [(one["symbol"], one["line"], one["column"], one["endColumn"]) for one in messages] == [
        ("blocking-call-in-async", 5, 31, 34)
    ]
    messages = _pylint(tmp_path, _LOAD, *_ONLY, "--from-stdin", "not_there.py", text=_ONE_MINUTE)
    assert _ours(messages) == [("not_there.py", 5, "blocking-call-in-async")]


def test_a_finding_in_a_template_is_shown_in_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(_write(tmp_path, {"setup.py": "", "views.py": "def index(request):\n    return request\n"}))
    evidence = (
        Evidence("shop/base.html", Span(2, 1, 2, 2), "included here"),
        Evidence("views.py", Span(2, 5, 2, 19), "rendered here"),
    )
    found = Finding(
        "shop/list.html", Span(7, 3, 7, 9), "DFA201", "n-plus-one-loop", "`o.customer` 100%", "warning", evidence
    )
    monkeypatch.setattr(plugin, "take", lambda *given, **named: Snapshot(str(tmp_path), False, (found,)))
    [message] = _shown("--enable=n-plus-one-loop", "views.py")
    assert (message.symbol, message.line, message.column, message.end_column) == ("n-plus-one-loop", 2, 4, 18)
    assert message.msg == "`o.customer` 100% (in shop/list.html:7)"


def test_each_run_looks_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(_write(tmp_path, {"setup.py": "", "one.py": _ONE_MINUTE}))
    assert [one.line for one in _shown("one.py")] == [5]
    (tmp_path / "one.py").write_text("import time\n\n\ndef wait() -> None:\n    time.sleep(60)\n")
    assert _shown("one.py") == []


@pytest.mark.skipif(_MAJOR < 4, reason="pylint 3 tells a plugin nothing of its files")
def test_the_project_is_that_of_the_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _write(tmp_path, {"sub/djfa-lint.toml": 'ignore = ["DFA301"]\n', "sub/one.py": _ONE_MINUTE, "two.py": _ONE_MINUTE})
    monkeypatch.chdir(tmp_path)
    assert [one.symbol for one in _shown("sub/one.py")] == []
    assert [one.symbol for one in _shown("two.py")] == ["blocking-call-in-async"]


# -- when it goes wrong


def test_nothing_is_done_where_all_is_disabled(tmp_path: Path) -> None:
    _write(tmp_path, {"djfa-lint.toml": 'selct = ["DFA4"]\n', "one.py": _ONE_MINUTE})
    assert _ours(_pylint(tmp_path, _LOAD, "-j2", "--disable=djfa", "one.py")) == []


@pytest.mark.parametrize("jobs", ["-j1", "-j2"])
def test_a_wrong_configuration_is_told_once(jobs: str, tmp_path: Path) -> None:
    _write(tmp_path, {"djfa-lint.toml": 'selct = ["DFA4"]\n', "one.py": _ONE_MINUTE, "two.py": _ONE_MINUTE})
    messages = _pylint(tmp_path, _LOAD, jobs, "--disable=all", "--enable=fat-endpoint,eval-used", "one.py", "two.py")
    assert [(one["messageId"], one["symbol"], one["path"], one["message"]) for one in messages] == [
        (
            "E7900",
            "djfa-lint-error",
            "Command line or configuration file",
            "djfa-lint.toml:1: unknown key `selct`; did you mean `select`?",
        )
    ]


@pytest.mark.parametrize("stdin", [False, True])
def test_a_crash_is_told_once(stdin: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*given: Any, **named: Any) -> Any:
        raise ZeroDivisionError("over\nlines")

    monkeypatch.chdir(_write(tmp_path, {"setup.py": "", "one.py": _ONE_MINUTE, "two.py": _ONE_MINUTE}))
    monkeypatch.setattr(plugin, "take", crash)
    monkeypatch.setattr(plugin, "take_text", crash)
    monkeypatch.setattr("pylint.lint.pylinter._read_stdin", lambda: _ONE_MINUTE)
    [message] = _shown(*(["--from-stdin", "one.py"] if stdin else ["one.py", "two.py"]))
    assert message.symbol == "djfa-lint-error"
    assert "ZeroDivisionError: over lines; this is a bug" in message.msg


def test_rules_that_cannot_be_loaded_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> Any:
        raise ConfigError("the rule package `acme` cannot be loaded")

    monkeypatch.setattr(plugin, "load_registry", broken)
    assert plugin._placed() == ({}, "the rule package `acme` cannot be loaded")
    monkeypatch.setattr(plugin, "_UNLOADED", "the rule package `acme` cannot be loaded")
    monkeypatch.chdir(_write(tmp_path, {"setup.py": "", "one.py": _ONE_MINUTE}))
    [message] = _shown("one.py")
    assert (message.symbol, message.msg) == ("djfa-lint-error", "the rule package `acme` cannot be loaded")


def test_a_file_that_pylint_cannot_parse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """pylint says it itself and asks no plugin; the other files are linted."""
    monkeypatch.chdir(_write(tmp_path, {"setup.py": "", "broken.py": "def f(:\n", "one.py": _ONE_MINUTE}))
    reporter = CollectingReporter()
    Run([_LOAD, "--persistent=no", "--disable=C", "broken.py", "one.py"], reporter=reporter, exit=False)
    found = [(one.symbol, one.line) for one in reporter.messages]
    assert found == [("syntax-error", 1), ("blocking-call-in-async", 5)]
