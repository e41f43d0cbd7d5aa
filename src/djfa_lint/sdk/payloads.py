"""What a request's payload may carry, where it is spread into a call: ``User(**payload.model_dump())``."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from djfa_lint.sdk.classbody import texts_in
from djfa_lint.sdk.context import Context
from djfa_lint.sdk.scopes import dotted

_DUMPS = frozenset({"model_dump", "dict"})
_RAW = frozenset({"data", "POST", "GET", "query_params"})


def carried(value: cst.BaseExpression, function: cst.FunctionDef, ctx: Context) -> set[str] | None:
    """The fields a payload may carry; None for any, an empty set where that cannot be told."""
    if isinstance(value, cst.Attribute) and value.attr.value in _RAW and _is_request(value.value, function):
        return None
    if not isinstance(value, cst.Call) or not isinstance(value.func, cst.Attribute):
        return set()
    source = value.func.value
    if value.func.attr.value not in _DUMPS or not isinstance(source, cst.Name):
        return set()
    annotation = next((one.annotation for one in _params(function) if one.name.value == source.value), None)
    known = ctx.resolve(annotation.annotation) if annotation is not None else None
    schema = ctx.project.schema(known) if known is not None else None
    if schema is None:
        return set()
    given = {one.keyword.value: one.value for one in value.args if one.keyword is not None}
    if "include" in given:
        return texts_in(given["include"])
    return {one.name for one in schema.fields} - (texts_in(given["exclude"]) if "exclude" in given else set())


def _is_request(node: cst.BaseExpression, function: cst.FunctionDef) -> bool:
    name = dotted(node)
    return name == "self.request" or any(one.name.value == name == "request" for one in _params(function))


def _params(function: cst.FunctionDef) -> Iterator[cst.Param]:
    params = function.params
    yield from (*params.posonly_params, *params.params, *params.kwonly_params)
