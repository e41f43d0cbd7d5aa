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
options of click commands (click always gives a value), parameters annotated with a read-only type (`Sequence`,
`Mapping`, `Iterable` ...), parameters that the function never reads, functions without a body, migrations (they repeat
what the model says), generated code.

Reported as `info`, and not in tests: a default that the function only looks at (tests, iterates, copies). Nothing
changes it today; the next edit may.

Fix: `None` and a guard in a function (unsafe: a caller may compare or inspect the default; none where the annotation
admits `None` already), `default=list` or `default=dict` for an empty default of a model field (safe).
"""

from collections.abc import Iterator

import libcst as cst

from djfa_lint.sdk import Context, Edit, Findings, Fix, Option, Role, Rule, Severity, Shape, Use, dotted, use_of

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
_OPTIONS = {f"click.{name}" for name in ("option", "argument")}
_EMPTY = {"[]": "list", "{}": "dict", "list()": "list", "dict()": "dict"}


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
        use = use_of(function, param.name.value)
        if use is Use.UNUSED or (use is Use.READ and Role.TEST in ctx.roles):
            continue
        yield rule.at(
            param.default,
            f"`{param.name.value}={ctx.short(param.default)}` makes one {kind} that every call shares; "
            "default to `None` and make a new one inside",
            fix=_guard(function, param, kind, ctx),
            severity=Severity.INFO if use is Use.READ else None,
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
    filling = {*_OPTIONS, *ctx.option("filling-decorators")}
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


def _guard(function: cst.FunctionDef | cst.Lambda, param: cst.Param, kind: str, ctx: Context) -> Fix | None:
    """`None` as the default and a guard as the first statement; none where there is no place for one."""
    if not isinstance(function, cst.FunctionDef) or not isinstance(function.body, cst.IndentedBlock):
        return None
    assert param.default is not None
    first = _first_after_docstring(function.body)
    if first is None or _admits_none(param, ctx):
        return None
    span = ctx.span(first)
    indent = ctx.lines.line(span.line)[: span.column - 1]
    if indent.strip():
        return None
    name, value = param.name.value, ctx.code(param.default)
    outer = ctx.lines.line(ctx.span(function).line)
    step = indent.removeprefix(outer[: len(outer) - len(outer.lstrip())]) or "    "
    lines = (f"if {name} is None:", f"{step}{name} = {_moved(value, param, indent + step, ctx)}")
    guard = "".join(f"{indent}{line}{ctx.newline}" for line in lines)
    edits = [ctx.replace(param.default, "None"), ctx.insert(span.line, 1, guard), *_optional(param, ctx)]
    return Fix.unsafe(f"default to `None` and make the {kind} inside", *edits)


def _moved(value: str, param: cst.Param, indent: str, ctx: Context) -> str:
    """A default over several lines with the indentation of where it is put; as it is where a string spans lines."""
    lines = value.splitlines(keepends=True)
    before = ctx.lines.line(ctx.span(param).line)
    before = before[: len(before) - len(before.lstrip())]
    movable = all(line.startswith(before) or not line.strip() for line in lines[1:])
    if not movable or '"""' in value or "'''" in value:
        return value
    return "".join([lines[0], *(indent + line[len(before) :] if line.strip() else line for line in lines[1:])])


def _first_after_docstring(body: cst.IndentedBlock) -> cst.CSTNode | None:
    for index, statement in enumerate(body.body):
        only = statement.body[0] if isinstance(statement, cst.SimpleStatementLine) and statement.body else None
        if (
            index == 0
            and isinstance(only, cst.Expr)
            and isinstance(only.value, (cst.SimpleString, cst.ConcatenatedString))
        ):
            continue
        return statement
    return None


def _admits_none(param: cst.Param, ctx: Context) -> bool:
    """Whether None is a value of its own for this parameter already, which a guard would take for "not given"."""
    text = ctx.code(param.annotation.annotation) if param.annotation is not None else ""
    return "None" in text or "Optional" in text


def _optional(param: cst.Param, ctx: Context) -> list[Edit]:
    """`` | None`` after the annotation, unless it is a string."""
    if param.annotation is None:
        return []
    node = param.annotation.annotation
    if isinstance(node, cst.SimpleString):
        return []
    end = ctx.span(node)
    return [ctx.insert(end.end_line, end.end_column, " | None")]
