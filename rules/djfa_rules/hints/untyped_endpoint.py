"""A function that answers requests and does not say which types it takes and returns.

Why it matters: an endpoint is where data from outside enters. FastAPI validates and documents exactly what the hints
say: `limit` without one arrives as whatever string the client sent. In Django the hints are what lets a type checker
look inside the view at all.

Bad::

    from fastapi import FastAPI

    app = FastAPI()

    @app.get("/orders")
    def list_orders(limit=10) -> list[str]:  # want DFA101
        return ["order"] * limit

Good::

    from fastapi import FastAPI

    app = FastAPI()

    @app.get("/orders")
    def list_orders(limit: int = 10) -> list[str]:
        return ["order"] * limit

Reported: Django views and the methods of class-based views, handlers and actions of Django REST framework, django-ninja
and FastAPI routes, websockets and dependencies. One finding a function, naming what is missing.

Not reported: `self` and `cls`, `*args` and `**kwargs`, a parameter called `_`, a dependency's value that nothing reads
(`_user=Depends(...)`), methods of classes used as dependencies, private helpers that make a response, what a
base class in the project has hints for, the return of a route whose decorator declares the response (`response_model=`,
`response_class=`, ninja's `response=`), tests, migrations, generated code.

Fix (unsafe): the hints that the framework and the function itself give away, with their imports:
`request: HttpRequest` (`Request` in REST framework), the types of the route's converters (`<int:pk>` gives `pk: int`),
the class of the response where all `return` statements agree, `-> None` where nothing is returned. The rest is yours.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from djfa_lint.sdk import (
    Context,
    Edit,
    Findings,
    Fix,
    Importing,
    Known,
    MadeResponse,
    Outcome,
    Param,
    Role,
    Rule,
    Served,
    Unhinted,
    arguments,
    hint_edit,
    naming,
    outcome,
    place_of_name,
    response_hint,
    responses,
    return_edit,
    unhinted,
)

rule = Rule(
    __name__,
    __doc__,
    code="DFA101",
    since="0.1",
    category="typing",
    skips=(Role.TEST, Role.MIGRATION, Role.GENERATED),
    same_as=("ANN001", "ANN201", "ANN202", "ANN205", "ANN206"),
)

_REQUESTS = {
    "django": ("django.http", "HttpRequest"),
    "ninja": ("django.http", "HttpRequest"),
    "drf": ("rest_framework.request", "Request"),
}
_NO_BODY = frozenset({204, 304, "HTTP_204_NO_CONTENT", "HTTP_304_NOT_MODIFIED", "NO_CONTENT", "NOT_MODIFIED"})
_RESPONSE_KEYWORDS = frozenset({"response_model", "response_class", "response"})
_PROVIDED = frozenset({"fastapi.Depends", "fastapi.Security", "fastapi.params.Depends", "fastapi.params.Security"})
_CONVERTERS = {"": "str", "str": "str", "slug": "str", "path": "str", "int": "int", "uuid": "UUID"}
_GROUP = re.compile(r"<(?:(\w+):)?(\w+)>")


class _Body(NamedTuple):
    """How a function ends, and the responses it returns (None where one of them cannot be told)."""

    ends: Outcome
    made: list[MadeResponse] | None


class _Hint(NamedTuple):
    shown: str
    edits: tuple[Edit, ...]


@rule.each(Served)
def check(served: Served, ctx: Context) -> Findings:
    """Report a function that answers requests, with all that its signature leaves out."""
    missing = _missing(served, ctx)
    if not missing:
        return
    body = _body(served, missing, ctx)
    hints = list(_hints(served, missing, body, ctx)) if body is not None else []
    shown = ", ".join(f"`{one.shown}`" for one in hints)
    edits = tuple(dict.fromkeys(edit for one in hints for edit in one.edits))
    yield rule.at(
        place_of_name(served.declared, ctx),
        _message(served, missing, body is not None and bool(body.made), ctx),
        fix=Fix.unsafe(f"write {shown}", *edits) if hints else None,
    )


def _body(served: Served, missing: Unhinted, ctx: Context) -> _Body | None:
    ends = outcome(served.declared, ctx) if missing.returns else Outcome((), False, False, False)
    return _Body(ends, responses(served.declared, ends, ctx)) if ends is not None else None


def _missing(served: Served, ctx: Context) -> Unhinted:
    declared, known = served.declared, served.function
    if _is_inner(served, ctx):
        return Unhinted((), False)
    if served.framework not in {"fastapi", "ninja"}:
        return unhinted(
            declared, ctx, Known(known.name.rpartition(".")[0], path=known.path) if declared.owner else None
        )
    # These two read the function itself: what a base class says does not help.
    missing = unhinted(declared, ctx)
    return missing._replace(
        params=tuple(one for one in missing.params if not (one.name[0] == "_" and _is_provided(one, ctx))),
        returns=missing.returns and not _declares_response(served, ctx),
    )


def _is_inner(served: Served, ctx: Context) -> bool:
    """Whether it is the inside of something: a dependency class's method, a private helper that makes a response."""
    if served.kind == "dependency":
        return bool(served.declared.owner)
    private = served.declared.name.rpartition(".")[2].startswith("_")
    return private and not ctx.project.endpoints_of(served.function)


def _is_provided(param: Param, ctx: Context) -> bool:
    """Whether a dependency gives the value, not the client."""
    name = getattr(getattr(param.default, "callee", None), "name", "")
    known = ctx.project.resolve(ctx.path, name) if name else None
    return known is not None and ctx.project.canonical(known.name) in _PROVIDED


def _from_client(param: Param, ctx: Context) -> bool:
    """Whether the value of a route's parameter surely comes from the request."""
    if param.default is None or hasattr(param.default, "value"):
        return True
    name = getattr(getattr(param.default, "callee", None), "name", "")
    known = ctx.project.resolve(ctx.path, name) if name else None
    return known is not None and known.name.startswith("fastapi.") and not _is_provided(param, ctx)


def _declares_response(served: Served, ctx: Context) -> bool:
    given = {word for one in served.declared.decorators for word, _ in getattr(one, "keywords", ())}
    declared = any(one.response is not None for one in ctx.project.endpoints_of(served.function))
    return declared or not given.isdisjoint(_RESPONSE_KEYWORDS)


def _describes_a_body(served: Served) -> bool:
    """Whether a route's response has a body, and a place in the OpenAPI document."""
    given = dict(pair for one in served.declared.decorators for pair in getattr(one, "keywords", ()))
    status, shown = given.get("status_code"), given.get("include_in_schema")
    code = getattr(status, "value", None) or getattr(status, "name", "").rpartition(".")[2]
    return code not in _NO_BODY and getattr(shown, "value", True) is not False


def _message(served: Served, missing: Unhinted, responds: bool, ctx: Context) -> str:
    name = served.declared.name.rpartition(".")[2]
    one = len(missing.params) + missing.returns == 1
    says = f"`{name}` has no type hint for {missing.listed}"
    advice = "annotate it" if one else "annotate them"
    if served.framework == "fastapi" and any(_from_client(param, ctx) for param in missing.params):
        return f"{says}: FastAPI lets any value through and leaves the type out of the OpenAPI document; {advice}"
    described = served.framework == "fastapi" and served.kind == "route" and not responds and _describes_a_body(served)
    if missing.returns and described:
        cost = "FastAPI neither checks the response nor describes it in the OpenAPI document"
        return f"{says}: {cost}; {advice}, or give `response_model=`"
    if missing.whole and missing.params:
        return f"`{name}` has no type hints, so nothing says what it is given and returns; annotate {missing.listed}"
    return f"{says}, so a wrong type there goes unnoticed; {advice}"


def _hints(served: Served, missing: Unhinted, body: _Body, ctx: Context) -> Iterator[_Hint]:
    """The hints that can be written."""
    first = arguments(served.declared)[:1]
    for param in missing.params:
        found = _request(served, body, ctx) if (param,) == first and served.framework in _REQUESTS else None
        if found is None and served.framework in {"django", "drf"}:
            found = _converted(served, param, ctx)
        edit = hint_edit(served.declared, param.name, found.text, ctx) if found is not None else None
        if found is not None and edit is not None:
            yield _Hint(f"{param.name}: {found.text}", (*found.edits, edit))
    returned = _returned(served, body, ctx) if missing.returns else None
    edit = return_edit(served.declared, returned.text, ctx) if returned is not None else None
    if returned is not None and edit is not None:
        yield _Hint(f"-> {returned.text}", (*returned.edits, edit))


def _request(served: Served, body: _Body, ctx: Context) -> Importing | None:
    rest = any("rest_framework.response.Response" in ctx.project.ancestors(one.known) for one in body.made or ())
    # REST framework's decorator was not seen on it: its request may be either.
    return naming(ctx, *_REQUESTS[served.framework]) if served.framework != "django" or not rest else None


def _converted(served: Served, param: Param, ctx: Context) -> Importing | None:
    """The type that the converters of all routes give a parameter."""
    routes = [one.route for one in ctx.project.endpoints_of(served.function)]
    converters = {kind for route in routes for kind, name in _GROUP.findall(route) if name == param.name}
    types = {_CONVERTERS.get(one, "") for one in converters}
    if len(types) != 1 or "" in types:
        return None
    found = naming(ctx, "uuid", "UUID") if types == {"UUID"} else Importing(types.pop(), ())
    if found is None or param.default is None:
        return found
    default = getattr(param.default, "value", ...)
    if default is None:
        return found._replace(text=f"{found.text} | None")
    return found if type(default).__name__ == found.text else None


def _returned(served: Served, body: _Body, ctx: Context) -> Importing | None:
    if served.framework == "fastapi" and body.ends.is_none:
        return Importing("None", ())
    if not body.made or body.ends.nothing or body.ends.generator:
        return None
    return response_hint(body.made, served.declared.line, ctx)
