"""Which responses a function makes, by its own statements, and the hint that says so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import libcst as cst

from djfa_lint.project.names import Known
from djfa_lint.sdk.context import Context
from djfa_lint.sdk.imports import Importing
from djfa_lint.sdk.scopes import dotted
from djfa_lint.sdk.signatures import Outcome, names_bound, naming

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


def responses(function: cst.FunctionDef, ends: Outcome, ctx: Context) -> list[MadeResponse] | None:
    """What a function returns, if each of its returns makes a response; None where one of them cannot be told.

    `function` comes from `Context.definition`, `ends` from `outcome`.
    """
    around = ctx.ancestors
    ctx.ancestors = [*around, function, function.body]
    try:
        found: list[MadeResponse] = []
        for value in ends.values:
            for made in _made(value, function, ctx):
                if made is None:
                    return None
                found.append(made)
        return found
    finally:
        ctx.ancestors = around


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


def _made(
    value: cst.BaseExpression, function: cst.FunctionDef, ctx: Context, depth: int = 0
) -> Iterator[MadeResponse | None]:
    if isinstance(value, cst.IfExp):
        yield from _made(value.body, function, ctx, depth)
        yield from _made(value.orelse, function, ctx, depth)
    elif isinstance(value, cst.Name) and depth < _DEEPEST:
        given = names_bound(function, value.value)
        for one in given or ():
            yield from _made(one, function, ctx, depth + 1)
        if given is None:
            yield None
    else:
        yield _called(value, ctx) if isinstance(value, cst.Call) else None


def _called(call: cst.Call, ctx: Context) -> MadeResponse | None:
    known = ctx.resolve(call.func)
    if known is None or known.made:
        return None
    known = _canonical(known, ctx)
    if known.name in _SHORTCUTS:
        permanent = any(one.keyword is not None and one.keyword.value == "permanent" for one in call.args)
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
