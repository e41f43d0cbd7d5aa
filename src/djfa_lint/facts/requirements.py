"""Which versions of which distributions a project asks for, read from the files that say so.

Nothing is installed, looked up or run, and no file is followed to another one. What cannot be read is left out: a
file that is broken says nothing.
"""

from __future__ import annotations

import ast
import configparser
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import msgspec
from msgspec import structs

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


class Requirement(msgspec.Struct, frozen=True, array_like=True):
    """What one line asks for of one distribution; all are "" where it takes any version.

    `name` is lower case with ``-`` between its words. `pinned` is the exact version as written; otherwise `lowest`
    and `below` are release numbers: the version is not under the one and under the other. `line` is 1-based.
    `marker` is where it holds only in some environments. `aside` says that it is not the project itself that asks:
    an extra, a group, a file for development.
    """

    name: str
    pinned: str = ""
    lowest: str = ""
    below: str = ""
    line: int = 1
    marker: str = ""
    aside: bool = False


LOCKS = re.compile(r"(poetry|uv|pdm)\.lock|pylock(\.[^/]+)?\.toml|Pipfile\.lock")
_PIP = re.compile(r"(.*[-_.])?(requirements|constraints)([-_.].*)?\.(txt|in)")
_ASIDE = re.compile(r"(^|[-_.])(ci|dev|develop|development|docs?|lint|(func|unit)?tests?|testing|typing)(?=[-_.])")

_NAME = r"([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)"
_NAMED = re.compile(rf"{_NAME}\s*(?:\[[^\]]*\]\s*)?((?:[(=<>!~^@].*)?)", re.DOTALL)
_CLAUSE = re.compile(r"(===?|[~!<>]=|[<>^~=])\s*(v?(?:\d+!)?(\d+(?:\.\d+)*)(\.\*)?[^\s,)|;]*)")
# What may stand next to a requirement or its name, where it is written as a whole.
_AROUND = frozenset(["", '"', "'", "=", ";", ".", "[", "]", "{"])
_CONFLICT = re.compile(r"^(<<<<<<<|>>>>>>>) ", re.MULTILINE)


def is_requirements(path: str) -> bool:
    """Whether a file of this name says what the project needs."""
    *folders, base = path.split("/")
    in_folder = "requirements" in folders and base.endswith((".txt", ".in"))
    return in_folder or base in _READERS or any(one.fullmatch(base) for one in (LOCKS, _PIP))


def requirements_of(path: str, text: str) -> tuple[Requirement, ...]:
    """What the text of a file asks for, in its order; nothing where the file is of no known kind, or broken."""
    base = path.rpartition("/")[2]
    read = _READERS.get(base) or (_locked if LOCKS.fullmatch(base) else _pip if is_requirements(path) else None)
    if read is None:
        return ()
    try:
        found = tuple(read(text.removeprefix("\ufeff")))
    except (ValueError, SyntaxError, configparser.Error, RecursionError, MemoryError):
        return ()
    if read is _pip and _ASIDE.search(base):
        return tuple(structs.replace(one, aside=True) for one in found)
    return found


def release(version: str) -> tuple[int, ...]:
    """The release numbers a version begins with: ``4.2rc1`` is (4, 2); empty where there are none."""
    found = re.match(r"\s*v?(?:\d+!)?(\d+(?:\.\d+)*)", version)
    return tuple(int(part) for part in found[1].split(".")) if found else ()


def normalised(name: str) -> str:
    """The name of a distribution as all its spellings are compared."""
    return re.sub(r"[-_.]+", "-", name.strip()).lower()


def following(numbers: tuple[int, ...]) -> tuple[int, ...]:
    """The first release that does not begin with these numbers: (4, 3) for (4, 2)."""
    return (*numbers[:-1], numbers[-1] + 1)


def _required(text: str, line: int, aside: bool = False) -> Iterator[Requirement]:
    """What one requirement (``name[extra]>=1,<2; marker``) asks for; nothing where it is none."""
    wanted, _, marker = text.partition(";")
    found = _NAMED.fullmatch(wanted.strip())
    if found is not None:
        clauses = "" if found[2].startswith("@") else found[2]
        yield Requirement(normalised(found[1]), *_bounds(clauses), line, marker.strip(), aside)


def _bounds(clauses: str) -> tuple[str, str, str]:
    """The pin, lower and upper bound that all clauses together give; what is said with ``||`` is not known."""
    pinned = ""
    lowest: tuple[int, ...] = ()
    below: tuple[int, ...] = ()
    for operator, version, numbers, wild in [] if "|" in clauses else _CLAUSE.findall(clauses):
        own = release(numbers)
        if operator in {"==", "===", "="} and not wild:
            pinned = version
        elif operator in {"==", "=", "~=", ">=", ">", "^", "~"}:
            lowest = max(lowest, own)
        upper = _below(operator, own, bool(wild))
        below = min(below, upper) if below and upper else below or upper
    return (pinned, "", "") if pinned else ("", ".".join(map(str, lowest)), ".".join(map(str, below)))


def _below(operator: str, numbers: tuple[int, ...], wild: bool) -> tuple[int, ...]:
    """The upper bound that one clause gives; empty where it gives none."""
    if operator == "<":
        return numbers
    if operator == "<=":
        return following(numbers if wild else (*numbers, 0, 0)[: max(3, len(numbers))])
    if operator == "~=" and len(numbers) > 1:
        return following(numbers[:-1])
    if operator == "~":
        return following(numbers[:2])
    if operator == "^":
        first = next((at for at, number in enumerate(numbers) if number), len(numbers) - 1)
        return following(numbers[: first + 1])
    return following(numbers) if wild and operator in {"==", "="} else ()


def _pip(text: str) -> Iterator[Requirement]:
    """The requirements that pip reads; its options, other files, paths and addresses are passed over."""
    start, kept = 1, ""
    for number, line in enumerate([*text.splitlines(), ""], 1):
        start = start if kept else number
        kept += re.sub(r"(^|\s)#.*", "", line)
        if line.endswith("\\"):
            kept = kept.removesuffix("\\")
            continue
        yield from _required(re.split(r"\s--?[A-Za-z]", kept)[0], start)
        kept = ""


def _locked(text: str) -> Iterator[Requirement]:
    """The packages of a lock file, which a tool wrote: a table each, that begins with the name and the version.

    They are found by line: to parse all of a long lock file takes longer than to read the project.
    """
    if text.lstrip().startswith("{"):
        yield from _pipfile_lock(text)
        return
    if _CONFLICT.search(text):
        return
    name, start, inside = "", 1, False
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("["):
            name, inside = "", line.rstrip() in {"[[package]]", "[[packages]]"}
        elif inside and (found := re.match(r"""(name|version)\s*=\s*["']([^"']+)["']""", line)):
            if found[1] == "name":
                name, start = found[2], number
            elif name:
                yield Requirement(normalised(name), found[2], line=start)


def _pipfile_lock(text: str) -> Iterator[Requirement]:
    data, lines = json.loads(text), text.splitlines()
    for section in ("default", "develop"):
        start = _at(lines, f'"{section}":')
        for name, said in _table(data, section).items():
            line = _at(lines, f'"{name}":', start)
            yield from _constrained(name, said, line, section == "develop")


def _pipfile(text: str) -> Iterator[Requirement]:
    data, lines = tomllib.loads(text), text.splitlines()
    for section in ("packages", "dev-packages"):
        yield from _section(lines, section, _table(data, section), section != "packages")


def _pyproject(text: str) -> Iterator[Requirement]:
    data, lines = tomllib.loads(text), text.splitlines()
    project, tool = _table(data, "project"), _table(data, "tool")
    uv, poetry = _table(tool, "uv"), _table(tool, "poetry")
    yield from _uv(lines, uv, list(_listed(lines, project.get("dependencies"))))
    optional = _table(project, "optional-dependencies")
    groups = (optional, _table(data, "dependency-groups"), _table(tool, "pdm", "dev-dependencies"))
    for group in (uv.get("dev-dependencies"), *(one for table in groups for one in table.values())):
        yield from _listed(lines, group, aside=True)
    yield from _section(lines, "tool.poetry.dependencies", _table(poetry, "dependencies"), False)
    yield from _section(lines, "tool.poetry.dev-dependencies", _table(poetry, "dev-dependencies"), True)
    for group in _table(poetry, "group"):
        table = _table(poetry, "group", group, "dependencies")
        yield from _section(lines, f"tool.poetry.group.{group}.dependencies", table, True)


def _uv(lines: list[str], uv: Mapping[str, Any], project: list[Requirement]) -> Iterator[Requirement]:
    """The project's dependencies, further constrained or overridden for uv."""
    project += _listed(lines, uv.get("constraint-dependencies"))
    overriding = list(_listed(lines, uv.get("override-dependencies")))
    names = {one.name for one in overriding}
    yield from (one for one in project if one.name not in names)
    yield from overriding


def _listed(lines: list[str], wanted: object, aside: bool = False) -> Iterator[Requirement]:
    """The requirements in a list of strings, each found again in the lines."""
    for text in wanted if isinstance(wanted, list) else ():
        if isinstance(text, str):
            line = _at(lines, text.partition(";")[0].strip())
            yield from _required(text, line, aside)


def _section(lines: list[str], header: str, table: Mapping[str, Any], aside: bool) -> Iterator[Requirement]:
    """The requirements in a TOML table that maps names to what is wanted of them."""
    start = _at(lines, header)
    for name, said in table.items():
        line = _at(lines, name, start)
        for one in said if isinstance(said, list) else [said]:
            yield from _constrained(name, one, line, aside)


def _constrained(name: str, said: object, line: int, aside: bool) -> Iterator[Requirement]:
    """What poetry or pipenv want of one distribution: a version, or a table with one."""
    marker = ""
    if isinstance(said, dict):
        marker = " ".join(str(said[key]) for key in ("markers", "python", "platform") if key in said)
        said = said.get("version", "")
    if isinstance(said, str):
        said = re.sub(r"^(?=v?\d)", "==", said.strip())
        yield Requirement(normalised(name), *_bounds(said), line, marker, aside)


def _setup_cfg(text: str) -> Iterator[Requirement]:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.read_string(text)
    lines = text.splitlines()
    wanted = parser.get("options", "install_requires", fallback="").splitlines()
    yield from _listed(lines, wanted)
    extras = parser["options.extras_require"] if parser.has_section("options.extras_require") else {}
    for extra in extras.values():
        yield from _listed(lines, extra.splitlines(), aside=True)


def _setup_py(text: str) -> Iterator[Requirement]:
    """What is written out for ``install_requires``, there or in a name that is assigned once."""
    tree = ast.parse(text)
    assigned: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            assigned.setdefault(node.targets[0].id, []).append(node.value)
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "install_requires":
            values = assigned.get(node.value.id, []) if isinstance(node.value, ast.Name) else [node.value]
            for text, line in _written(values[0]) if len(values) == 1 else ():
                yield from _required(text, line)


def _written(value: ast.expr) -> Iterable[tuple[str, int]]:
    """The strings that are written out in a list or, a line each, in one string, with their lines."""
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr.startswith("split"):
        value = value.func.value
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        return [(text, value.lineno + at) for at, text in enumerate(value.value.splitlines())]
    parts = value.elts if isinstance(value, (ast.List, ast.Tuple)) else []
    return [(one.value, one.lineno) for one in parts if isinstance(one, ast.Constant) and isinstance(one.value, str)]


def _at(lines: list[str], words: str, start: int = 1) -> int:
    """The 1-based number of the first line from `start` on that says this, and no more of it; 1 where none does."""
    for number in range(start, len(lines) + 1) if words else ():
        before, found, after = lines[number - 1].partition(words)
        if found and before.strip()[-1:] in _AROUND and (after.strip()[:1] in _AROUND or words.endswith(":")):
            return number
    return 1


def _table(data: object, *keys: str) -> dict[str, Any]:
    """The table that `keys` lead to; empty where there is none."""
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else {}


_READERS: dict[str, Callable[[str], Iterable[Requirement]]] = {
    "pyproject.toml": _pyproject,
    "Pipfile": _pipfile,
    "setup.cfg": _setup_cfg,
    "setup.py": _setup_py,
}
