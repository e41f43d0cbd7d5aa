"""Who names a coroutine: what nobody names never runs, what only start-up awaits holds no request up.

Names are compared bare, without what they are read of: a coroutine has at most the users that are found here, so
nothing is taken for unused that may be in use.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import NamedTuple

from djfa_lint.facts.records import Unit
from djfa_lint.facts.values import Expr, Function, Ref
from djfa_lint.project.fastapi import Hook
from djfa_lint.project.linked import Linked
from djfa_lint.project.names import Known
from djfa_lint.project.roles import Role

_AROUND_REQUESTS = frozenset({"lifespan", "event"})
_ENTERED = frozenset({"__aenter__", "__aexit__"})
_LOOPS = frozenset({"asyncio.run", "anyio.run"})
# With these a coroutine begins others that run beside it.
_AT_ONCE = frozenset(
    {"create_task", "ensure_future", "gather", "TaskGroup", "create_task_group", "start_soon", "as_completed", "wait"}
    | {"start_server", "serve", "run_coroutine_threadsafe", "call_soon", "call_later"}
)
# They change how a function is called, not who calls it.
_PLAIN_DECORATORS = frozenset(
    {"staticmethod", "classmethod", "property", "cached_property", "asynccontextmanager", "override", "abstractmethod"}
)
# In a project that names nearly all of its coroutines, the others are left over; in a library they are its interface.
_MANY, _NEARLY_ALL = 20, 0.8
_FURTHEST = 4


class _User(NamedTuple):
    path: str
    unit: Unit


class Mentions:
    """Which parts of the project name what; tests do not count."""

    def __init__(self, linked: Linked, hooks: Iterable[Hook]) -> None:
        self._linked = linked
        self._hooks = {(one.function.path, one.function.name) for one in hooks if one.kind in _AROUND_REQUESTS}

    def is_left_over(self, path: str, function: Function) -> bool:
        """Whether nothing names a coroutine that is not left over itself, where nearly all coroutines are named.

        It is so also in a module that no import finds, behind a package of its name.
        """
        if self._linked.modules.is_hidden(path):
            return True
        return self._names_nearly_all and self._is_unnamed(path, function, _FURTHEST)

    def runs_at_the_edge(self, path: str, function: Function, depth: int = 0) -> bool:
        """Whether a coroutine is awaited by nothing but what an app runs before its first request or after its last."""
        if (path, self._known(path, function.name)) in self._hooks:
            return depth > 0
        if depth > _FURTHEST or not self._is_called_by_name(path, function):
            return False
        users = [one for one in self._users_of(path, function) if not self._has_its_own_loop(one)]
        return bool(users) and all(self._user_at_the_edge(one, _searched(function), depth) for one in users)

    def runs_alone(self, path: str, function: Function, depth: int = 0) -> bool:
        """Whether a coroutine is all that runs on its event loop: a plain function runs it, and it begins nothing."""
        users = self._users_of(path, function)
        if depth > _FURTHEST or not users or not self._is_called_by_name(path, function):
            return False
        unit = self._units.get((path, function.name))
        if unit is None or not _AT_ONCE.isdisjoint({*unit.members, *(one.rpartition(".")[2] for one in unit.refs)}):
            return False
        return all(self._user_alone(one, _searched(function), depth) for one in users)

    def _user_alone(self, user: _User, name: str, depth: int) -> bool:
        around = self._around(user)
        if around is None or not around[1].coroutine:
            return self._runs_a_loop(user)
        return name in user.unit.awaited and self.runs_alone(*around, depth + 1)

    def _user_at_the_edge(self, user: _User, name: str, depth: int) -> bool:
        around = self._around(user)
        if around is None or not around[1].coroutine or name not in user.unit.awaited:
            return False
        return self.runs_at_the_edge(*around, depth + 1)

    def _has_its_own_loop(self, user: _User) -> bool:
        """Whether a part of the project serves no requests: a script, or a plain function that runs an event loop."""
        return Role.SCRIPT in self._linked.roles(user.path) or self._runs_a_loop(user)

    @staticmethod
    def _runs_a_loop(user: _User) -> bool:
        runs = not _LOOPS.isdisjoint(user.unit.refs) or "run_until_complete" in user.unit.members
        return runs and user.unit.kind == "function"

    def _is_unnamed(self, path: str, function: Function, further: int = 0) -> bool:
        """Whether nothing names a function, or only what is itself unnamed, as many calls further."""
        if not self._is_called_by_name(path, function):
            return False
        arounds = (self._around(one) if further else None for one in self._users_of(path, function))
        return all(one is not None and self._is_unnamed(*one, further - 1) for one in arounds)

    def _around(self, user: _User) -> tuple[str, Function] | None:
        """The function that a part of the project is, with its file."""
        found = self._functions.get((user.path, user.unit.name)) if user.unit.kind == "function" else None
        return (user.path, found) if found is not None else None

    def _is_called_by_name(self, path: str, function: Function) -> bool:
        """Whether only code of the project that names a function can call it: no library does by itself."""
        if any(_bare(one) not in _PLAIN_DECORATORS for one in function.decorators):
            return False
        name = function.name.rpartition(".")[2]
        if not function.owner:
            return "." not in function.name
        if name.startswith("__") and name not in _ENTERED:
            return False
        cls = Known(self._known(path, function.owner), path=path)
        if cls not in self._linked.classes.declared:
            return False
        mro = self._linked.classes.mro(cls)
        ours = all(one.path or one.name.partition(".")[0] in {"builtins", "abc", "typing"} for one in mro.classes)
        return ours and mro.complete

    @cached_property
    def _names_nearly_all(self) -> bool:
        every = [
            self._is_unnamed(path, one)
            for path in self._linked.files
            if not self._linked.roles(path) & {Role.TEST, Role.SCRIPT}
            for one in self._linked.files[path].functions
            if one.coroutine and self._is_called_by_name(path, one)
        ]
        return len(every) >= _MANY and every.count(False) >= _NEARLY_ALL * len(every)

    def _users_of(self, path: str, function: Function) -> list[_User]:
        """The parts of the project, besides itself, that may name a function."""
        name = _searched(function)
        users = (one for one in self._users.get(name, ()) if not _is_own(one, path, function))
        if function.owner:
            return list(users)
        known = Known(self._known(path, name), path=path)
        return [one for one in users if self._may_mean(one, name, known)]

    def _may_mean(self, user: _User, name: str, known: Known) -> bool:
        """Whether a bare name may mean a function of a module: it does not where every use is known to be another."""
        unit = user.unit
        if name in unit.members and unit.imports:
            return True
        local = {one.name: one for one in unit.imports}
        uses = [ref.split(".") for ref in unit.refs]
        asked = [".".join(one[: one.index(name) + 1]) for one in uses if name in one]
        meant = [self._linked.names.resolve(user.path, one, local) for one in asked]
        return any(one is None or one == known for one in meant)

    @cached_property
    def _users(self) -> Mapping[str, tuple[_User, ...]]:
        """The parts of the project that read each name, bare."""
        found: dict[str, list[_User]] = {}
        for path, facts in self._linked.files.items():
            if Role.TEST in self._linked.roles(path):
                continue
            for unit in facts.units:
                user = _User(path, unit)
                for name in {*unit.members, *(part for ref in unit.refs for part in ref.split("."))}:
                    found.setdefault(name, []).append(user)
        return {name: tuple(some) for name, some in found.items()}

    @cached_property
    def _units(self) -> Mapping[tuple[str, str], Unit]:
        every = ((path, one) for path, facts in self._linked.files.items() for one in facts.units)
        return {(path, one.name): one for path, one in every if one.kind == "function"}

    @cached_property
    def _functions(self) -> Mapping[tuple[str, str], Function]:
        return {(path, one.name): one for path, facts in self._linked.files.items() for one in facts.functions}

    def _known(self, path: str, name: str) -> str:
        return f"{self._linked.modules.name(path)}.{name}"


def _searched(function: Function) -> str:
    """The name by which a function is used: that of its class, where ``async with`` calls it."""
    name = function.name.rpartition(".")[2]
    return function.owner.rpartition(".")[2] if name in _ENTERED else name


def _is_own(user: _User, path: str, function: Function) -> bool:
    """Whether a function names itself."""
    return user.path == path and user.unit.start <= function.line <= user.unit.end and user.unit.kind == "function"


def _bare(decorator: Expr) -> str:
    return decorator.name.rpartition(".")[2] if isinstance(decorator, Ref) else ""
