"""A default that is computed when the code is loaded keeps that one value for as long as the process lives.

Why it matters: `default=timezone.now()` is the moment the worker started, `default=uuid4()` the same id for every row.
It looks right in a test, which loads the code just before.

Bad::

    from datetime import datetime

    def log(message, at=datetime.now()):  # want DFA412
        print(at, message)

Good::

    from datetime import datetime

    def log(message, at=None):
        print(at or datetime.now(), message)

Reported: a call that gives another value each time (clock, uuid, random, secret) in the default of a parameter, in
`default=` of a model, form, serializer, dataclass, Pydantic or SQLAlchemy field, and in the default of an annotated
attribute of a Pydantic model or dataclass.

Not reported: such a call inside a lambda or function (made when called), `default_factory`, plain class attributes and
module constants, settings (made once, like their defaults), migrations (a one-off default there is meant).

Fix (unsafe): `None` and a guard in a function; in a field, drop the call's parentheses where it takes no arguments, or
move it into `default_factory`.
"""

import libcst as cst

from djfa_lint.sdk import Context, Draft, Findings, Fix, Role, Rule, none_and_guard

_CLOCKS = {
    "datetime.datetime": ("now", "utcnow", "today"),
    "datetime.date": ("today",),
    "django.utils.timezone": ("now", "localtime", "localdate"),
    "time": ("time", "time_ns", "monotonic", "perf_counter", "localtime", "gmtime", "ctime"),
}
_CHANCE = {
    "uuid": ("uuid1", "uuid4", "uuid6", "uuid7"),
    "random": ("random", "randint", "randrange", "choice", "choices", "sample", "uniform", "getrandbits"),
    "secrets": ("token_hex", "token_urlsafe", "token_bytes", "choice", "randbelow"),
    "os": ("urandom",),
    "django.utils.crypto": ("get_random_string",),
    "django.core.management.utils": ("get_random_secret_key",),
}
_VOLATILE = {f"{owner}.{name}" for table in (_CLOCKS, _CHANCE) for owner, names in table.items() for name in names}

# What a call must resolve to for its `default=` to be a field's.
_FIELD_MODULES = (
    "django.db.models.",
    "django.contrib.postgres.fields.",
    "django.contrib.gis.db.models.",
    "rest_framework.serializers.",
    "rest_framework.fields.",
)
_FIELD_CALLS = {
    "dataclasses.field",
    "pydantic.Field",
    "pydantic.fields.Field",
    "sqlmodel.Field",
    "ninja.Field",
    "attr.ib",
    "attrs.field",
    "sqlalchemy.Column",
    "sqlalchemy.orm.mapped_column",
}
_WITH_FACTORY = {
    "dataclasses.field",
    "pydantic.Field",
    "pydantic.fields.Field",
    "sqlmodel.Field",
    "ninja.Field",
}
_FIRST_IS_DEFAULT = {"pydantic.Field", "pydantic.fields.Field", "sqlmodel.Field", "ninja.Field"}
_MODELS = {
    "pydantic.BaseModel",
    "pydantic.main.BaseModel",
    "sqlmodel.SQLModel",
    "ninja.Schema",
}
# An instance of these is made once, when the program starts: so is the default.
_SINGLETONS = {"pydantic_settings.BaseSettings", "pydantic.BaseSettings"}
_DATACLASSES = {"dataclasses.dataclass", "pydantic.dataclasses.dataclass"}
# Calls between which and a default the value stays what it was computed from.
_LIMITS = (cst.FunctionDef, cst.Lambda, cst.ClassDef, cst.IndentedBlock, cst.SimpleStatementLine)

rule = Rule(
    __name__,
    __doc__,
    code="DFA412",
    since="0.1",
    category="correctness",
    skips=(Role.MIGRATION, Role.GENERATED),
    same_as=("B008", "RUF009"),
)


@rule.on(cst.Call, names=_VOLATILE, in_defaults=True)
def check(call: cst.Call, ctx: Context) -> Findings:
    """Report a call that would give another value each time, where it stands in a default."""
    known = ctx.resolve(call.func)
    if known is None or known.made or known.name not in _VOLATILE:
        return
    inside: cst.CSTNode = call
    for index in range(len(ctx.ancestors) - 1, -1, -1):
        outer = ctx.ancestors[index]
        if isinstance(outer, (cst.Lambda, cst.CompFor, cst.BaseComp, cst.Await, cst.Yield, *_LIMITS)):
            return
        if isinstance(outer, (cst.Param, cst.AnnAssign)) or _is_default_argument(outer, inside, ctx):
            found = _in_default(call, outer, inside, index, ctx)
            if found is not None:
                yield found
            return
        inside = outer


def _is_default_argument(outer: cst.CSTNode, inside: cst.CSTNode, ctx: Context) -> bool:
    return isinstance(outer, cst.Call) and isinstance(inside, cst.Arg) and _is_default(outer, inside, ctx)


def _in_default(call: cst.Call, outer: cst.CSTNode, inside: cst.CSTNode, index: int, ctx: Context) -> Draft | None:
    """What to say of a call that stands in a parameter, an annotated attribute or a field; None where it is fine."""
    if isinstance(outer, cst.Param):
        return _at_parameter(call, outer, index, ctx) if outer.default is inside else None
    if isinstance(outer, cst.AnnAssign):
        return _at_attribute(call, outer, ctx) if outer.value is inside and _is_model_attribute(ctx, index) else None
    if isinstance(outer, cst.Call) and isinstance(inside, cst.Arg) and not _is_made_once(ctx, index):
        return _at_field(call, outer, inside, ctx)
    return None


def _at_parameter(call: cst.Call, param: cst.Param, index: int, ctx: Context) -> Draft:
    text = ctx.short(call)
    function = ctx.ancestors[index - 2]
    edits = none_and_guard(function, param, ctx) if isinstance(function, cst.FunctionDef) else ()
    return rule.at(
        call,
        f"`{text}` runs once, when the function is defined, so every call gets the same `{param.name.value}`; default "
        "to `None` and compute it inside",
        fix=Fix.unsafe("default to `None` and compute it inside", *edits) if edits else None,
    )


def _at_field(call: cst.Call, field: cst.Call, arg: cst.Arg, ctx: Context) -> Draft:
    text, known = ctx.short(call), ctx.resolve(field.func)
    names = ctx.project.ancestors(known) if known is not None else ()
    once = f"`{text}` runs once, when the module is loaded, so every"
    if not _WITH_FACTORY.isdisjoint(names):
        factory = f"default_factory={_factory(call, ctx)}"
        fix = Fix.unsafe("use `default_factory`", ctx.replace(arg, factory)) if arg.value is call else None
        return rule.at(call, f"{once} instance gets the same value; use `default_factory`", fix=fix)
    if any(name.startswith("sqlalchemy.") for name in names):
        factory = _factory(call, ctx)
        fix = Fix.unsafe(f"give `{factory}`", ctx.replace(call, factory)) if arg.value is call else None
        return rule.at(call, f"{once} row gets the same value; give a callable instead", fix=fix)
    gets = "request" if any(name.startswith("rest_framework.") for name in names) else "row"
    fix = None
    if arg.value is call and not call.args:
        fix = Fix.unsafe("give the function, not its result", ctx.replace(call, ctx.code(call.func)))
    return rule.at(call, f"{once} {gets} gets the same value; give a callable instead", fix=fix)


def _at_attribute(call: cst.Call, assign: cst.AnnAssign, ctx: Context) -> Draft:
    text = ctx.short(call)
    return rule.at(
        call,
        f"`{text}` runs once, when the class is defined, so every instance gets the same `{ctx.code(assign.target)}`; "
        f"use `default_factory={_factory(call, ctx)}`",
    )


def _factory(call: cst.Call, ctx: Context) -> str:
    return f"lambda: {ctx.code(call)}" if call.args else ctx.code(call.func)


def _is_default(call: cst.Call, arg: cst.Arg, ctx: Context) -> bool:
    """Whether an argument is the default of a field that the call declares."""
    by_keyword = arg.keyword is not None and arg.keyword.value == "default"
    first = arg.keyword is None and arg is call.args[0]
    if not by_keyword and not first:
        return False
    known = ctx.resolve(call.func)
    if known is None or known.made:
        return False
    if first:
        return known.name in _FIRST_IS_DEFAULT
    names = ctx.project.ancestors(known)
    return any(name in _FIELD_CALLS or (name.startswith(_FIELD_MODULES) and name.endswith("Field")) for name in names)


def _is_made_once(ctx: Context, index: int) -> bool:
    """Whether the field at this place among the ancestors is one of settings."""
    owners = [node for node in ctx.ancestors[:index] if isinstance(node, cst.ClassDef)]
    return bool(owners) and not _base_names(owners[-1], ctx).isdisjoint(_SINGLETONS)


def _is_model_attribute(ctx: Context, index: int) -> bool:
    """Whether the statement at this place among the ancestors is an attribute of a Pydantic model or a dataclass."""
    around = [node for node in ctx.ancestors[:index] if isinstance(node, (cst.ClassDef, cst.FunctionDef))]
    owner = around[-1] if around else None
    if not isinstance(owner, cst.ClassDef):
        return False
    for decorator in owner.decorators:
        called = decorator.decorator
        known = ctx.resolve(called.func if isinstance(called, cst.Call) else called)
        if known is not None and known.name in _DATACLASSES:
            return True
    names = _base_names(owner, ctx)
    return not names.isdisjoint(_MODELS) and names.isdisjoint(_SINGLETONS)


def _base_names(owner: cst.ClassDef, ctx: Context) -> set[str]:
    """The absolute names of everything a class inherits from, as far as known."""
    bases = (ctx.resolve(base.value) for base in owner.bases)
    return {name for known in bases if known is not None for name in ctx.project.ancestors(known)}
