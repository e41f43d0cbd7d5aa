"""Reads `outside.toml`, and from `blocking.toml` what is of the same kinds: calls that reach outside the process."""

from __future__ import annotations

import sys
from functools import lru_cache
from importlib.resources import files

import msgspec

from djfa_lint.knowledge.blocking import blocking

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

# The kinds of `blocking.toml` that are meant, and what they are called here.
_KINDS = {"http": "http", "socket": "http", "mail": "mail", "file": "file", "subprocess": "subprocess"}


class _Calls(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    kind: str
    names: tuple[str, ...]


class _Methods(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    kind: str
    type: str
    names: tuple[str, ...]
    aliases: tuple[str, ...] = ()


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    calls: tuple[_Calls, ...]
    methods: tuple[_Methods, ...]


class Outside(msgspec.Struct, frozen=True):
    """The table: kinds of `functions` by dotted name, of everything below `packages`, of `methods` by type.

    `types` says what a call gives, as in `Blocking`.
    """

    functions: dict[str, str]
    packages: dict[str, str]
    methods: dict[str, dict[str, str]]
    types: dict[str, str]

    def function(self, name: str) -> str:
        """The kind of a call of a dotted name, "" for one that stays inside."""
        found = self.functions.get(name)
        return found or next((kind for package, kind in self.packages.items() if name.startswith(package)), "")

    def method(self, owner: str, name: str) -> str:
        """The kind of a call of a method of a type, "" for one that stays inside."""
        methods = self.methods.get(owner, {})
        return methods.get(name, "") or methods.get("*", "")


@lru_cache(maxsize=1)
def outside() -> Outside:
    """The table that ships with the linter."""
    text = files(__package__).joinpath("outside.toml").read_text(encoding="utf-8")
    raw = msgspec.convert(tomllib.loads(text), _File)
    known = blocking()
    functions = {name: _KINDS[row.kind] for name, row in known.functions.items() if row.kind in _KINDS}
    methods = {
        owner: {name: _KINDS[row.kind] for name, row in rows.items() if row.kind in _KINDS}
        # Reading a response belongs to the request that was counted.
        for owner, rows in known.methods.items()
        if not owner.endswith("Response")
    }
    types = dict(known.types)
    packages: dict[str, str] = {}
    for calls in raw.calls:
        for name in calls.names:
            into, key = (packages, name[:-1]) if name.endswith(".*") else (functions, name)
            into[key] = calls.kind
    for row in raw.methods:
        types.update(dict.fromkeys((row.type, *row.aliases), row.type))
        methods[row.type] = {**methods.get(row.type, {}), **dict.fromkeys(row.names, row.kind)}
    return Outside(functions, packages, methods, types)
