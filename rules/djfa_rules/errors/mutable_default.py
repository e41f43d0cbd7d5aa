"""A list, dict or set as a default is made once and shared by every call.

Why it matters: the default is built when the function is defined. What one call adds to it the next call finds there:
one customer's discounts in another customer's order. A model field's `default=[]` is shared by all instances the same
way.

Bad::

    def add_tag(tag, tags=[]):  # want DFA411
        tags.append(tag)
        return tags

Good::

    def add_tag(tag, tags=None):
        if tags is None:
            tags = []
        tags.append(tag)
        return tags

Not reported: defaults of Pydantic and dataclass fields (copied or refused by these libraries), `Query`, `Body`, `Form`,
`File`, `Depends` markers, parameters of FastAPI path operations (FastAPI copies the default for each request),
parameters that a decorator always fills (click options, hypothesis, webargs), parameters annotated with a read-only
type (`Sequence`, `Mapping`, `Iterable` ...), parameters that the function never reads, functions without a body,
migrations (they repeat what the model says), generated code.

Reported as `info`, and not in tests: a default that the function only looks at (tests, iterates, copies) or hands to
another function. Nothing here changes it today; the next edit may.

Fix: `None` and a guard in a function (unsafe: a caller may compare or inspect the default; none where the annotation
admits `None` already), `default=list` or `default=dict` for an empty default of a model field (safe).
"""

from collections.abc import Iterator

import libcst as cst

from djfa_lint.sdk import (
    Context,
    Findings,
    Fix,
    Option,
    Role,
    Rule,
    Severity,
    Shape,
    Use,
    dotted,
    none_and_guard,
    use_of,
)

rule = Rule(
    __name__,
    __doc__,
    code="DFA411",
    since="0.1",
    category="correctness",
    skips=(Role.MIGRATION, Role.GENERATED),
    same_as=("B006",),
    options=(
        Option(
            "filling-decorators", [], "dotted names of decorators that give the function a value for each parameter"
        ),
    ),
)

_DISPLAYS = (cst.List, cst.Dict, cst.Set, cst.ListComp, cst.DictComp, cst.SetComp)
_CONSTRUCTORS = {
    "builtins.list": "list",
    "builtins.dict": "dict",
    "builtins.set": "set",
    "builtins.bytearray": "bytearray",
    "collections.defaultdict": "defaultdict",
    "collections.OrderedDict": "OrderedDict",
    "collections.Counter": "Counter",
    "collections.deque": "deque",
}
_FIELDS = {
    f"{module}.{name}"
    for module, names in {
        "django.db.models": ("JSONField",),
        "django.contrib.postgres.fields": ("JSONField", "ArrayField", "HStoreField"),
        "django.contrib.gis.db.models": ("JSONField",),
    }.items()
    for name in names
}
_READ_ONLY = {
    f"{module}.{name}"
    for module in ("typing", "collections.abc")
    for name in (
        "Sequence",
        "Mapping",
        "Iterable",
        "Iterator",
        "Collection",
        "Container",
        "AbstractSet",
        "Set",
        "Sized",
    )
} - {"typing.Set"}
_WRAPPERS = {"typing.Optional", "typing.Annotated", "typing.Union", "typing_extensions.Annotated"}
_ROUTERS = {
    "fastapi.FastAPI",
    "fastapi.APIRouter",
    "fastapi.applications.FastAPI",
    "fastapi.routing.APIRouter",
}
# Decorators after which the function is always given a value.
_FILLING = {
    "click.option",
    "click.argument",
    "djblets.webapi.decorators.webapi_request_fields",
    "hypothesis.given",
    "webargs.djangoparser.use_args",
    "webargs.djangoparser.use_kwargs",
}
_EMPTY = {"[]": "list", "{}": "dict", "list()": "list", "dict()": "dict"}
_EMPTY_VALUES = {*_EMPTY, "set()"}


@rule.on(cst.FunctionDef, cst.Lambda, only=Shape.DISPLAY_DEFAULT)
@rule.on(cst.FunctionDef, cst.Lambda, names=_CONSTRUCTORS, in_defaults=True)
def check_function(function: cst.FunctionDef | cst.Lambda, ctx: Context) -> Findings:
    """Report each parameter whose default is a mutable value made at definition."""
    if isinstance(function, cst.FunctionDef) and (_has_no_body(function) or _is_given_all_arguments(function, ctx)):
        return
    for param in _params(function.params):
        kind = _mutable(param.default, ctx)
        if param.default is None or not kind or _is_read_only(param.annotation, ctx):
            continue
        use = use_of(function, param.name.value, empty=ctx.code(param.default) in _EMPTY_VALUES)
        if use is Use.UNUSED or (use < Use.SHARED and Role.TEST in ctx.roles):
            continue
        edits = none_and_guard(function, param, ctx)
        yield rule.at(
            param.default,
            f"`{param.name.value}={ctx.short(param.default)}` makes one {kind} that every call shares; "
            "default to `None` and make a new one inside",
            fix=Fix.unsafe(f"default to `None` and make the {kind} inside", *edits) if edits else None,
            severity=None if use is Use.SHARED else Severity.INFO,
        )


@rule.on(cst.Call, only=Shape.COMPUTED_KEYWORD_DEFAULT, names=_FIELDS)
def check_field(call: cst.Call, ctx: Context) -> Findings:
    """Report a JSON, array or hstore model field whose default is a mutable value."""
    known = ctx.resolve(call.func)
    if known is None or known.name not in _FIELDS:
        return
    for arg in call.args:
        if arg.keyword is None or arg.keyword.value != "default" or not _mutable(arg.value, ctx):
            continue
        text = ctx.short(arg.value)
        factory = _EMPTY.get(text)
        yield rule.at(
            arg.value,
            f"`default={text}` is one value shared by every instance; give a callable"
            + (f" such as `{factory}`" if factory else " that returns a new one"),
            fix=Fix.safe(f"use `{factory}`", ctx.replace(arg.value, factory)) if factory else None,
        )


def _params(params: cst.Parameters) -> Iterator[cst.Param]:
    yield from (*params.posonly_params, *params.params, *params.kwonly_params)


def _mutable(node: cst.BaseExpression | None, ctx: Context) -> str:
    """What kind of mutable value an expression makes, "" if none."""
    if isinstance(node, _DISPLAYS):
        return type(node).__name__.removesuffix("Comp").lower()
    if isinstance(node, cst.Call):
        known = ctx.resolve(node.func)
        return _CONSTRUCTORS.get(known.name, "") if known is not None and not known.made else ""
    return ""


def _is_read_only(annotation: cst.Annotation | None, ctx: Context) -> bool:
    """Whether a type checker would refuse to change the value: then sharing it does no harm."""
    return annotation is not None and _read_only(annotation.annotation, ctx)


def _read_only(node: cst.BaseExpression, ctx: Context) -> bool:
    if isinstance(node, cst.BinaryOperation):
        sides = [side for side in (node.left, node.right) if dotted(side) != "None"]
        return bool(sides) and all(_read_only(side, ctx) for side in sides)
    known = ctx.resolve(node.value if isinstance(node, cst.Subscript) else node)
    if known is None:
        return False
    if known.name in _WRAPPERS and isinstance(node, cst.Subscript):
        first = node.slice[0].slice
        return isinstance(first, cst.Index) and _read_only(first.value, ctx)
    return known.name in _READ_ONLY


def _is_given_all_arguments(function: cst.FunctionDef, ctx: Context) -> bool:
    """Whether a framework calls this function with a value for each parameter, or with a copy of the default."""
    filling = {*_FILLING, *ctx.option("filling-decorators")}
    for decorator in function.decorators:
        called = decorator.decorator
        target = called.func if isinstance(called, cst.Call) else called
        known = ctx.resolve(target)
        if known is not None and (known.name in _ROUTERS if known.made else known.name in filling):
            return True
    return False


def _has_no_body(function: cst.FunctionDef) -> bool:
    """Whether nothing in the function could use the default: a stub, an overload, a protocol's method."""
    for line in function.body.body:
        for statement in line.body if isinstance(line, cst.SimpleStatementLine) else [line]:
            if isinstance(statement, cst.Pass):
                continue
            if isinstance(statement, cst.Expr) and isinstance(statement.value, (cst.Ellipsis, cst.SimpleString)):
                continue
            if isinstance(statement, cst.Raise):
                continue
            return False
    return True
