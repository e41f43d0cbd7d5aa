"""Walks URLconfs: from the root's `urlpatterns` through includes, lists and routers to the patterns with a view."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from djfa_lint.facts.values import Assigned, Done, Looped, Ref, Spread, Statement
from djfa_lint.project.declared import Attribute, Listed, Lit, Made, Scope, Several, Symbol, Value, options
from djfa_lint.project.django.routers import Routers
from djfa_lint.project.django.spelling import Spelling
from djfa_lint.project.django.targets import Target, Targets
from djfa_lint.project.linked import Linked

URLPATTERNS = "urlpatterns"
_PATTERNS = frozenset(
    f"django.{module}.{name}"
    for module, name in (
        ("urls", "path"),
        ("urls", "re_path"),
        ("conf.urls", "url"),
        ("conf.urls", "path"),
        ("conf.urls", "re_path"),
    )
)
# By function the place of the argument that says what is included.
_INCLUDES = {"django.urls.include": 0, "django.conf.urls.include": 0, "decorator_include.decorator_include": 1}
_I18N = "django.conf.urls.i18n.i18n_patterns"
# What gives no view of the project.
_NOTHING = frozenset(
    {
        "django.conf.urls.static.static",
        "django.contrib.staticfiles.urls.staticfiles_urlpatterns",
    }
)
_MOST_DEEP = 40
_MOST_FOUND = 100_000


class Leaf(NamedTuple):
    """A pattern that leads to a view of the project."""

    route: str
    target: Target
    name: str
    path: str
    line: int
    maybe: bool


class _Place(NamedTuple):
    """Where the walk is: the route so far, whether a condition was met, the URLconfs around."""

    prefix: str = ""
    maybe: bool = False
    inside: tuple[str, ...] = ()
    depth: int = 0


_ROOT = _Place()


class Walk:
    """One walk; what it meets is in `leaves`, `mounts` and `included`."""

    def __init__(self, linked: Linked, routers: Routers, spelling: Spelling, shallow: bool = False) -> None:
        """A `shallow` walk notes what is included and does not go there."""
        self._linked, self._linker = linked, linked.linker
        self._routers, self._spelling, self._targets = routers, spelling, Targets(linked)
        self._shallow = shallow
        self._conditions: dict[int, tuple[Scope, list[int], list[bool]]] = {}
        self._kept_targets: dict[int, tuple[Target, ...]] = {}
        # By identity, with the values so that no other one takes their place.
        self._added_maybe: dict[int, Value] = {}
        self.leaves: list[Leaf] = []
        self.mounts: list[tuple[str, Value]] = []
        self.included: set[str] = set()

    def module(self, path: str, place: _Place = _ROOT) -> None:
        """Walk a URLconf."""
        if path in place.inside:
            return
        patterns = self._linker.lookup(self._linker.module(path), URLPATTERNS)
        self._note_added(self._linker.module(path))
        self._walk(patterns, place._replace(inside=(*place.inside, path)))

    def _note_added(self, scope: Scope) -> None:
        """Note which lists, made without a condition, are added under one: ``if settings.DEBUG: urls += debug``."""
        for one in _written(scope.statements):
            call = one.call if isinstance(one, Done) else None
            added = call.args[-1] if call and call.args else one.value if isinstance(one, Assigned) and one.op else None
            if one.maybe and isinstance(added, Ref):
                value = self._linker.value(scope, added)
                self._added_maybe.update((id(item), item) for item in (value, *self._linker.items(value)))

    def _walk(self, value: Value, place: _Place) -> None:
        if place.depth > _MOST_DEEP or len(self.leaves) > _MOST_FOUND:
            return
        place = place._replace(depth=place.depth + 1)
        for one in options(value):
            if isinstance(one, Listed):
                for item in one.items:
                    added = id(item) in self._added_maybe
                    self._walk(item, place._replace(maybe=True) if added else place)
            elif isinstance(one, Several):
                self._walk(one.value, place)
            elif isinstance(one, Made):
                self._made(one, place)
            elif isinstance(one, Attribute):
                self._urls_of(one, place)

    def _made(self, made: Made, place: _Place) -> None:
        name = _callee(made)
        if name in _PATTERNS:
            self._pattern(made, place._replace(maybe=place.maybe or self._conditional(made)))
        elif name in _INCLUDES:
            self._include(made, place)
        elif name not in _NOTHING:
            self._wrapped(made, place)

    def _wrapped(self, made: Made, place: _Place) -> None:
        """A call that is given patterns and gives them back: `i18n_patterns`, `format_suffix_patterns`, the project's.

        One that is given a text as well may put it in front: what comes out is not known.
        """
        given = [value for value in self._given(made) if not isinstance(value, Lit)]
        texts = [value for value in self._given(made) if isinstance(value, Lit) and isinstance(value.value, str)]
        if not texts or _callee(made) == _I18N:
            for value in given:
                self._walk(value, place)

    def _given(self, made: Made) -> Iterator[Value]:
        for expr in made.call.args:
            if isinstance(expr, Spread):
                value = self._linker.value(made.scope, expr.value)
                yield from (Several(one) if isinstance(one, (Made, Attribute)) else one for one in options(value))
            else:
                yield self._linker.value(made.scope, expr)

    # --- patterns

    def _pattern(self, made: Made, place: _Place) -> None:
        before = self._spelling.left_out
        text = self._spelling.text(self._linker.argument(made, 0, "route") or self._linker.argument(made, -1, "regex"))
        view = made.call.argument(1, "view")
        partly = text is None or self._spelling.left_out > before
        below = place._replace(prefix=place.prefix + (text or ""), maybe=place.maybe or partly)
        value = self._linker.value(made.scope, view)
        for one in options(value):
            if isinstance(one, (Listed, Attribute)) or (isinstance(one, Made) and _callee(one) in _INCLUDES):
                self._below(one, below)
        targets = self._targets_of(made)
        if text is not None:
            name, maybe = (
                self._linker.text(self._linker.argument(made, 3, "name")) or "",
                below.maybe or len(targets) > 1,
            )
            for target in targets:
                self.leaves.append(Leaf(below.prefix, target, name, made.scope.path, made.call.line, maybe))
        if not targets and isinstance(value, Made) and _callee(value) not in _INCLUDES:
            self._included_inside(value, below)

    def _targets_of(self, made: Made) -> tuple[Target, ...]:
        if id(made) not in self._kept_targets:
            self._kept_targets[id(made)] = self._targets.all(made.scope, made.call.argument(1, "view"))
        return self._kept_targets[id(made)]

    def _below(self, value: Value, place: _Place) -> None:
        """What an `include` or a tuple of patterns and names stands for."""
        if isinstance(value, Listed):
            named = len(value.items) in {2, 3} and isinstance(value.items[1], Lit)
            self._included(value.items[0] if named else value, place, "")
        elif isinstance(value, Made):
            self._include(value, place)
        else:
            self._walk(value, place)

    def _included_inside(self, made: Made, place: _Place) -> None:
        """An include that something is put around: ``required(login_required, include("shop.urls"))``."""
        for value in self._given(made):
            if isinstance(value, Made) and _callee(value) in _INCLUDES:
                self._include(value, place)

    def _include(self, made: Made, place: _Place) -> None:
        given = self._linker.argument(made, _INCLUDES[_callee(made)], "arg")
        for one in options(given) if given is not None else ():
            named = isinstance(one, Listed) and len(one.items) in {2, 3} and isinstance(one.items[1], Lit)
            self._included(one.items[0] if isinstance(one, Listed) and named else one, place, made.scope.path)

    def _included(self, value: Value, place: _Place, path: str) -> None:
        text = self._spelling.text(value) if isinstance(value, (Lit, Made, Symbol)) and path else None
        found = self._linked.modules.find(path, text) if text else None
        if isinstance(value, Symbol) and self._linked.modules.name(value.known.path or path) == value.known.name:
            found = value.known.path or found
        if found is None:
            self._walk(value, place)
            return
        self.included.add(found)
        if not self._shallow:
            self.module(found, place)

    def _urls_of(self, value: Attribute, place: _Place) -> None:
        """``router.urls``, or the ``urls`` of something that is no router."""
        if value.name != "urls" or not isinstance(value.of, Made):
            return
        if not self._routers.is_router(value.of):
            self.mounts.append((place.prefix, value.of))
            return
        for one in self._routers.routes(value.of):
            target = Target(one.view, one.actions)
            maybe = place.maybe or one.maybe
            self.leaves.append(Leaf(place.prefix + one.route, target, one.name, one.path, one.line, maybe))

    # --- conditions

    def _conditional(self, made: Made) -> bool:
        """Whether the statement a pattern is written in stands under a condition."""
        scope: Scope | None = made.scope.home
        while scope is not None and not scope.statements and scope.parent is not None:
            scope = scope.parent
        if scope is None:
            return False
        if id(scope) not in self._conditions:
            rows = sorted((one.line, one.maybe) for one in _written(scope.statements))
            self._conditions[id(scope)] = scope, [line for line, _ in rows], [maybe for _, maybe in rows]
        _, lines, maybes = self._conditions[id(scope)]
        at = bisect_right(lines, made.call.line)
        return bool(at and maybes[at - 1])


def _written(statements: tuple[Statement, ...]) -> Iterator[Assigned | Done]:
    """The statements that may make or add patterns under a condition."""
    for one in statements:
        if isinstance(one, (Assigned, Done)):
            yield one
        elif isinstance(one, Looped):
            yield from _written(one.body)


def _callee(made: Made) -> str:
    return made.callee.known.name if isinstance(made.callee, Symbol) else ""
