"""Which responses a function makes, by its own statements, and the hint that says so."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from djfa_lint.facts.scan import Scan, dotted
from djfa_lint.facts.values import Function
from djfa_lint.flow.values import Scope
from djfa_lint.project.names import Known
from djfa_lint.sdk.context import Context, Written
from djfa_lint.sdk.imports import Importing
from djfa_lint.sdk.signatures import Outcome, naming
from djfa_lint.sdk.statements import names_bound

_SHORTCUTS = {
    "django.shortcuts.render": "django.http.HttpResponse",
    "django.shortcuts.redirect": "django.http.HttpResponseRedirect",
}
# What responses of different classes have in common, the closest first; and how a file would import it.
_COMMON = {
    "django.http.HttpResponse": ("django.http", "HttpResponse"),
    "django.http.HttpResponseBase": ("django.http", "HttpResponseBase"),
    "starlette.responses.Response": ("fastapi", "Response"),
}
_DEEPEST = 5


class MadeResponse(NamedTuple):
    """A class of responses, a library's by its canonical name; the text the function calls it by, if it does."""

    known: Known
    text: str = ""


def responses(declared: Function, ends: Outcome, ctx: Context) -> list[MadeResponse] | None:
    """What a function returns, if each of its returns makes a response; None where one of them cannot be told.

    `ends` comes from `outcome`.
    """
    found: list[MadeResponse] = []
    function = ctx.body(declared.line) if ends.values else None
    if function is None:
        return found if not ends.values else None
    reader = _Reader(function, ctx)
    for value in ends.values:
        for made in reader.made(value):
            if made is None:
                return None
            found.append(made)
    return found


def response_hint(made: list[MadeResponse], line: int, ctx: Context) -> Importing | None:
    """The hint for a function on a line that returns these responses: their class, or what they have in common."""
    known = {one.known for one in made}
    if len(known) > 1:
        shared = set.intersection(*(set(ctx.project.ancestors(one)) for one in known))
        common = next((where for name, where in _COMMON.items() if name in shared), None)
        return naming(ctx, *common) if common is not None else None
    only = known.pop()
    for text in sorted({one.text for one in made if one.text}):
        bound = ctx.project.files[ctx.path].bindings.get(text.partition(".")[0], ())
        here = ctx.project.resolve(ctx.path, text)
        if here is not None and _canonical(here, ctx) == only and all(one.line < line for one in bound):
            return Importing(text, ())
    module, _, name = only.name.rpartition(".")
    return naming(ctx, module, name) if not only.path else None


class _Reader:
    """Reads what the expressions of one function make."""

    def __init__(self, function: Written, ctx: Context) -> None:
        self.function, self.ctx = function, ctx

    @cached_property
    def _names(self) -> tuple[set[str], set[str]]:
        """The variables of the function, and what it and the functions in it import: read as fast as facts are."""
        scan, args = Scan(), self.function.node.args
        scan.add(self.function.node.body)
        every = [*args.posonlyargs, *args.args, *args.kwonlyargs, args.vararg, args.kwarg]
        variables = scan.stores | {one.arg for one in every if one is not None}
        return variables - scan.globals, {one.name for one in scan.imports}

    @cached_property
    def _scope(self) -> Scope:
        """The names the function sees, those of the functions around it too."""
        scope: Scope | None = None
        for one in self.function.around:
            scope = Scope(self.ctx.project, self.ctx.path, one, {}, scope)
        return Scope(self.ctx.project, self.ctx.path, self.function.node, {}, scope)

    def made(self, value: ast.expr, depth: int = 0) -> Iterator[MadeResponse | None]:
        """The responses an expression may be; None for what cannot be told."""
        if isinstance(value, ast.IfExp):
            yield from self.made(value.body, depth)
            yield from self.made(value.orelse, depth)
        elif isinstance(value, ast.Name) and depth < _DEEPEST:
            given = names_bound(self.function.node, value.id)
            for one in given or ():
                yield from self.made(one, depth + 1)
            if given is None:
                yield None
        else:
            yield self._called(value) if isinstance(value, ast.Call) else None

    def _known(self, func: ast.expr) -> Known | None:
        name = dotted(func)
        variables, imported = self._names
        root = name.partition(".")[0]
        if not root or root in variables:
            return None
        if self.function.around or root in imported:
            return self._scope.known(func)
        return self.ctx.project.resolve(self.ctx.path, name)

    def _called(self, call: ast.Call) -> MadeResponse | None:
        ctx, known = self.ctx, self._known(call.func)
        if known is None or known.made:
            return None
        known = _canonical(known, ctx)
        if known.name in _SHORTCUTS:
            permanent = any(one.arg == "permanent" for one in call.keywords)
            return MadeResponse(Known("django.http.HttpResponse" if permanent else _SHORTCUTS[known.name]))
        declared = ctx.project.function(known) if known.path else None
        if declared is None:
            made: MadeResponse | None = MadeResponse(known, dotted(call.func))
        else:
            said = getattr(declared.returns, "name", "") if not declared.coroutine else ""
            told = ctx.project.resolve(known.path, said) if said else None
            made = MadeResponse(_canonical(told, ctx)) if told is not None else None
        bases = ctx.project.ancestors(made.known) if made is not None else ()
        return made if not _COMMON.keys().isdisjoint(bases) else None


def _canonical(known: Known, ctx: Context) -> Known:
    return known if known.path else known._replace(name=ctx.project.canonical(known.name))
