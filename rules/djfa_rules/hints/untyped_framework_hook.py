"""A method or function that a framework calls and that does not say which types it takes and returns.

Why it matters: a framework calls these, so nothing in the project shows what they are given: `attrs`, `obj`,
`sender`. The hints say it, and let a type checker look inside.

Bad::

    from rest_framework import serializers

    class OrderSerializer(serializers.Serializer):
        def validate_email(self, value):  # want DFA103
            return value.lower()

Good::

    from rest_framework import serializers

    class OrderSerializer(serializers.Serializer):
        def validate_email(self, value: str) -> str:
            return value.lower()

Reported: of serializers `validate`, `validate_<field>`, `create`, `update`, `to_representation`, `to_internal_value`
and the methods of `SerializerMethodField`s; `has_permission` and `has_object_permission`; Celery tasks; signal
receivers; public methods of Django and SQLAlchemy models (and `__str__`), managers and querysets. One finding a
function.

Not reported: other names that begin with an underscore, `self` and `cls`, `*args` and `**kwargs`, what a base class in
the project has hints for, overloads, setters, endpoints, tests, migrations, generated code.

This rule is off unless it is selected: much good code leaves these to the framework.

Fix: what the framework fixes. `-> bool` of a permission, `-> str` of `__str__`, `-> None` where nothing is returned
(safe); `request: Request` of a permission, `sender`, `instance` and `created` of a receiver of one model, and all of
them under a decorator (unsafe).
"""

from collections.abc import Iterator

from djfa_lint.sdk import (
    Context,
    Definition,
    Edit,
    Findings,
    Fix,
    Importing,
    Param,
    Role,
    Rule,
    Unhinted,
    arguments,
    decorators_of,
    hint_edit,
    is_said_elsewhere,
    naming,
    outcome,
    overridden,
    place_of_name,
    return_edit,
    unhinted,
)

rule = Rule(
    __name__,
    __doc__,
    code="DFA103",
    since="0.1",
    category="typing",
    default=False,
    skips=(Role.TEST, Role.MIGRATION, Role.GENERATED),
    same_as=("ANN001", "ANN201", "ANN204", "ANN205", "ANN206"),
)

_SERIALIZERS = frozenset({"rest_framework.serializers.BaseSerializer", "rest_framework.serializers.Field"})
_SERIALIZING = frozenset({"validate", "create", "update", "to_representation", "to_internal_value"})
_PERMISSION = "rest_framework.permissions.BasePermission"
_PERMITTING = frozenset({"has_permission", "has_object_permission"})
_MANAGERS = frozenset({"django.db.models.Manager", "django.db.models.manager.BaseManager", "django.db.models.QuerySet"})
_TASKS = frozenset({"celery.shared_task", "celery.Celery.task"})
_RECEIVER = "django.dispatch.receiver"


@rule.each(Definition)
def check(definition: Definition, ctx: Context) -> Findings:
    """Report a hook with all that its signature leaves out."""
    kind = _kind(definition, ctx)
    missing = unhinted(definition.declared, ctx, definition.owner) if kind else None
    if not missing or is_said_elsewhere(definition, ctx):
        return
    if any(served.function == definition.known for served in ctx.project.served_in(ctx.path)):
        return
    name = definition.declared.name.rpartition(".")[2]
    one = len(missing.params) + missing.returns == 1
    if missing.whole and missing.params:
        says = f"`{name}` has no type hints, so nothing says what it is given and returns; annotate {missing.listed}"
    else:
        advice = "annotate it" if one else "annotate them"
        says = f"`{name}` has no type hint for {missing.listed}, so a wrong type there goes unnoticed; {advice}"
    yield rule.at(place_of_name(definition.declared, ctx), says, fix=_fix(definition, kind, missing, ctx))


def _kind(definition: Definition, ctx: Context) -> str:
    """Which hook a function is, "" if none."""
    declared, owner = definition.declared, definition.owner
    name = declared.name.rpartition(".")[2]
    if owner is None:
        around = decorators_of(declared, ctx)
        return "receiver" if _RECEIVER in around else "task" if not _TASKS.isdisjoint(around) else ""
    if name.startswith("_") and name != "__str__":
        return ""
    bases = ctx.project.ancestors(owner)
    if _PERMISSION in bases:
        return "permission" if name in _PERMITTING else ""
    if not _SERIALIZERS.isdisjoint(bases):
        return "serializer" if _serializes(name, definition, ctx) else ""
    if not _MANAGERS.isdisjoint(bases):
        return "manager" if name != "__str__" else ""
    return "model" if ctx.project.model(owner) is not None else ""


def _serializes(name: str, definition: Definition, ctx: Context) -> bool:
    if name in _SERIALIZING or name.startswith("validate_"):
        return True
    serializer = ctx.project.serializer(definition.owner) if definition.owner is not None else None
    computed = [one for one in serializer.fields if one.type.endswith(".SerializerMethodField")] if serializer else []
    return any(name == (one.method or f"get_{one.name}") for one in computed)


def _fix(definition: Definition, kind: str, missing: Unhinted, ctx: Context) -> Fix | None:
    """The hints that the framework fixes."""
    shown: list[str] = []
    edits: list[Edit] = []
    for param in missing.params:
        hint = _param_hint(param, definition, kind, ctx)
        edit = hint_edit(definition.declared, param.name, hint.text, ctx) if hint is not None else None
        if hint is not None and edit is not None:
            shown.append(f"`{param.name}: {hint.text}`")
            edits += [*hint.edits, edit]
    easy = not edits and not definition.declared.decorators
    returned = _return_hint(definition, kind, ctx) if missing.returns else ""
    edit = return_edit(definition.declared, returned, ctx) if returned else None
    if edit is not None:
        shown.append(f"`-> {returned}`")
        edits.append(edit)
    make = Fix.safe if easy else Fix.unsafe
    return make(f"write {', '.join(shown)}", *edits) if edits else None


def _return_hint(definition: Definition, kind: str, ctx: Context) -> str:
    ends = outcome(definition.declared, ctx)
    if ends is None:
        return ""
    name = definition.declared.name.rpartition(".")[2]
    always = bool(ends.values) and not ends.nothing and not ends.generator
    if kind == "permission" and always:
        return "bool"
    if name == "__str__" and always:
        return "str"
    return "None" if ends.is_none and not overridden(definition, ctx) else ""


def _param_hint(param: Param, definition: Definition, kind: str, ctx: Context) -> Importing | None:
    if kind == "permission":
        return _permission_hint(param, definition, ctx)
    if kind != "receiver":
        return None
    model = next(_senders(definition, ctx), "")
    hints = {"created": "bool", "instance": model, "sender": f"type[{model}]"} if model else {}
    return Importing(hints[param.name], ()) if param.name in hints else None


def _permission_hint(param: Param, definition: Definition, ctx: Context) -> Importing | None:
    place = arguments(definition.declared).index(param)
    if place == 0:
        return naming(ctx, "rest_framework.request", "Request")
    # To import `rest_framework.views` is to import the default permissions, perhaps this very file.
    view = naming(ctx, "rest_framework.views", "APIView") if place == 1 else None
    return view if view is not None and not view.edits else None


def _senders(definition: Definition, ctx: Context) -> Iterator[str]:
    """The one model whose signal a function receives, as its decorator names it."""
    given = [one for one in definition.declared.decorators if getattr(one, "keywords", ())]
    if len(given) != 1 or len(definition.declared.decorators) != 1:
        return
    for keyword, value in getattr(given[0], "keywords", ()):
        name = getattr(value, "name", "") if keyword == "sender" else ""
        known = ctx.project.resolve(ctx.path, name) if name else None
        if known is not None and not known.made and ctx.project.model(known) is not None:
            yield name
