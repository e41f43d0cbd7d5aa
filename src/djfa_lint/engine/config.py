"""The user's configuration: found, read, checked; an unknown key is an error that says where and what was meant."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from djfa_lint.engine.discover import DEFAULT_EXCLUDE
from djfa_lint.errors import ConfigError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FILE_NAMES = ("djfa-lint.toml", ".djfa-lint.toml")
_TABLE = "tool.djfa-lint"
_ROOT_MARKERS = ("manage.py", "pyproject.toml", "setup.cfg", "setup.py")


@dataclass(frozen=True)
class Config:
    """What the configuration file says; everything has a default. `source` is the file, None without one.

    `root` is the project's folder, absolute. `rules` are the options by rule name, not yet checked against the rules.
    `baseline` is a file relative to the root, "" for none. `blocking_calls` are dotted names of functions and methods,
    each with what to write in its place.
    """

    root: Path
    source: Path | None = None
    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    extend_ignore: tuple[str, ...] = ()
    per_file_ignores: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    exclude: tuple[str, ...] = DEFAULT_EXCLUDE
    extend_exclude: tuple[str, ...] = ()
    src: tuple[str, ...] = ()
    severity: Mapping[str, str] = field(default_factory=dict)
    rules: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    baseline: str = ""
    blocking_calls: Mapping[str, str] = field(default_factory=dict)
    text: str = ""

    def error(self, message: str, *words: str) -> ConfigError:
        """An error about a part of the file: `words` are the table and key, or a value, to find its line by."""
        return ConfigError(message, place(self.source, self.text, words) if self.source else "")


def find_config(start: Path, isolated: bool = False, explicit: Path | None = None) -> Config:
    """The configuration for files below `start` (absolute): the nearest one at or above it, up to the repository.

    With `isolated` no file is read, the root is found all the same. Raises ConfigError for a file that is wrong.
    """
    if explicit is not None:
        if not explicit.is_file():
            raise ConfigError(f"configuration file `{explicit}` does not exist")
        return load_config(explicit.resolve(), _root(start))
    if not isolated:
        for folder in _upward(start):
            for name in (*FILE_NAMES, "pyproject.toml"):
                path = folder / name
                if path.is_file() and (name != "pyproject.toml" or _has_table(path)):
                    return load_config(path, folder)
    return Config(root=_root(start))


def load_config(path: Path, root: Path) -> Config:
    """Read one configuration file; raises ConfigError with file and line."""
    try:
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot be read: {error}", path.name) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"is not valid TOML: {error}", path.name) from error
    nested = _nested(data, path.name)
    table = data if nested is None and path.name != "pyproject.toml" else nested or {}
    return Config(root=root, source=path, text=text, **_checked(path, text, table))


def place(source: Path | None, text: str, words: Iterable[str]) -> str:
    """``file:line`` of the line that says the last of `words`, each looked for after the one before; else ``file``."""
    name = source.name if source else ""
    lines = text.splitlines()
    at = 0
    for word in words:
        pattern = re.compile(rf"(?<![\w-]){re.escape(word)}(?![\w-])")
        following = (n for n in range(at, len(lines)) if pattern.search(lines[n].partition("#")[0]))
        at = next(following, -1)
        if at < 0:
            return name
    return f"{name}:{at + 1}"


def suggestion(word: str, known: Iterable[str]) -> str:
    """`` - did you mean `x`?`` or nothing."""
    if re.fullmatch(r"[A-Z]+\d+", word):
        return ""  # one code is as close to another as to a third
    close = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean `{close[0]}`?" if close else ""


_LISTS = ("select", "ignore", "extend-select", "extend-ignore", "exclude", "extend-exclude", "src")
_TABLES = ("per-file-ignores", "severity", "rules", "blocking-calls")
_FILES = ("baseline",)
KEYS = (*_LISTS, *_TABLES, *_FILES)


def _checked(path: Path, text: str, table: Mapping[str, Any]) -> dict[str, Any]:
    """The table's values under Config's field names, their types checked."""
    values: dict[str, Any] = {}
    for key, value in table.items():
        where = place(path, text, (key,))
        if key in _LISTS:
            values[key.replace("-", "_")] = _strings(value, key, where)
        elif key == "per-file-ignores":
            entries = _table(value, key, where)
            values["per_file_ignores"] = {name: _strings(codes, name, where) for name, codes in entries.items()}
        elif key == "blocking-calls":
            values["blocking_calls"] = _calls(_table(value, key, where), path, text)
        elif key in {"severity", "rules"}:
            values[key] = _table(value, key, where)
        elif key in _FILES:
            values[key] = _file(value, key, where)
        else:
            raise ConfigError(f"unknown key `{key}`{suggestion(key, KEYS)}", where)
    for name, options in values.get("rules", {}).items():
        _table(options, f"rules.{name}", place(path, text, (name,)))
    return values


def _calls(table: Mapping[str, Any], path: Path, text: str) -> dict[str, str]:
    """Calls that block, each with the text of what to write instead."""
    for name, instead in table.items():
        where = place(path, text, ("blocking-calls", name))
        if not re.fullmatch(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+", name):
            raise ConfigError(f"`{name}` in `blocking-calls` must be a dotted name such as `shop.rates.fetch`", where)
        if not isinstance(instead, str):
            raise ConfigError(f"`{name}` in `blocking-calls` must be the text of what to write instead", where)
    return dict(table)


def _strings(value: Any, key: str, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise ConfigError(f"`{key}` must be a list of strings", where)
    return tuple(value)


def _file(value: Any, key: str, where: str) -> str:
    if not isinstance(value, str) or not value:
        raise ConfigError(f"`{key}` must be the name of a file", where)
    return value


def _table(value: Any, key: str, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ConfigError(f"`{key}` must be a table", where)
    return value


def _has_table(path: Path) -> bool:
    """Whether a pyproject.toml speaks about this linter; one that cannot be read does, if it names it."""
    try:
        text = path.read_text(encoding="utf-8")
        return "djfa-lint" in text and _nested(tomllib.loads(text), path.name) is not None
    except tomllib.TOMLDecodeError:
        return _TABLE in text
    except (OSError, UnicodeDecodeError):
        return False


def _nested(data: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    """The table ``tool.djfa-lint`` of a TOML document, if it has one; raises ConfigError if it is no table."""
    tool = data.get("tool", {})
    if name == "pyproject.toml":
        tool = _table(tool, "tool", name)
    table = tool.get("djfa-lint") if isinstance(tool, dict) else None
    return None if table is None else _table(table, _TABLE, name)


def _root(start: Path) -> Path:
    """The project's folder where no configuration marks it: the nearest with a marker, else the repository, else
    `start`."""
    for folder in _upward(start):
        if any((folder / name).is_file() for name in _ROOT_MARKERS) or (folder / ".git").exists():
            return folder
    return start


def _upward(start: Path) -> Iterable[Path]:
    """`start` and the folders above it, up to the repository's top; without a repository up to the file system's."""
    for folder in (start, *start.parents):
        yield folder
        if (folder / ".git").exists():
            return
