"""A serializer or form that takes in every field of its model, or a payload that may set a privileged one.

Why it matters: `fields = "__all__"` shows what the model has today and whatever is added tomorrow; `exclude` shows
all that nobody thought of. A `User` grows an `api_token`, and the API gives it away. The other way round, a model made
from a whole payload takes `is_superuser` from whoever sends it.

Bad::

    from rest_framework import serializers

    class UserSerializer(serializers.ModelSerializer):
        class Meta:
            model = User
            fields = "__all__"  # want DFA605

Good::

    from rest_framework import serializers

    class UserSerializer(serializers.ModelSerializer):
        class Meta:
            model = User
            fields = ["id", "email", "name"]

Reported as an error where the model holds a secret (a password, a token, a key) that the serializer would show. A model
form is reported where the model holds a secret or a field that decides about rights: whoever sends the form may set it,
whether the template shows it or not.

Also reported: `User(**payload.model_dump())`, `User.objects.create(**request.data)` and the like in a route or view,
where the payload may carry a field that decides about rights (`is_staff`, `is_superuser`, `role`, `owner`,
`password` ...) that the model has too.

Not reported: serializers and forms that nothing but tests uses, or only others that nothing uses, in a project that has
views; forms of the admin; serializers of a table of a few plain columns; what a form's own body names (a layout,
labels); serializers whose class or base in the project decides itself which fields there are (`get_fields`); `exclude`
beside a list of `fields`; secrets that the serializer declares itself or names in `extra_kwargs`; payloads that leave
the field out (`model_dump(exclude={"role"})`); routes whose dependencies ask for an administrator; `password` of a
model that is no user; tests.

This rule is off unless it is selected: whether a field may be seen is for the API to decide, and about a quarter of the
findings are such decisions.

Fix (unsafe): the model's fields as a list, secrets left out, where all of them are known and no class of the project
stands between.
"""

import libcst as cst

from djfa_lint.sdk import (
    Context,
    Evidence,
    Findings,
    Fix,
    Known,
    Model,
    Role,
    Rule,
    Serializer,
    Served,
    Severity,
    Shape,
    Span,
    assignment_in,
    carried,
    inner_class,
    texts_in,
    value_in,
    walk,
)

rule = Rule(
    __name__,
    __doc__,
    code="DFA605",
    since="0.1",
    category="security",
    default=False,
    skips=(Role.TEST, Role.MIGRATION, Role.GENERATED),
    same_as=("DJ007",),
)

_SECRETS = frozenset("password passwd passphrase secret token key salt otp credentials".split())
_OPEN_KEYS = frozenset("public foreign primary sort group cache natural".split())
_HOLDS_TEXT = ("CharField", "TextField", "BinaryField", "JSONField", "EncryptedCharField", "EncryptedTextField")
_GRANTED = frozenset({"permissions", "groups"})
_HOLDS_ANYTHING = frozenset({"JSONField", "BinaryField"})
_TEXTS = frozenset({"CharField", "TextField", "URLField", "SlugField", "EmailField"})
_SMALL, _SMALL_OF_TEXTS = 5, 8
_RIGHTS = frozenset("is_staff is_superuser is_admin role roles owner owner_id permissions groups".split())
# Of anything but a user they are what the endpoint is there to set: the login of a remote system.
_OF_A_USER = frozenset("password hashed_password".split())
_USER_LIKE = frozenset("is_staff is_superuser is_admin role roles is_active last_login".split())
_OWN_MEANING = ("get_field_names", "get_fields")
_LIBRARIES = ("rest_framework.", "django.", "builtins.")
_MAKING = (".objects.create", ".objects.update_or_create", ".objects.get_or_create", ".objects.bulk_create")


@rule.each(Serializer)
def check_fields(serializer: Serializer, ctx: Context) -> Findings:
    """Report a `Meta` that takes in every field, at the value that says so."""
    if not serializer.meta_line or ctx.project.is_of_admin(serializer.known) or _has_its_own_way(serializer, ctx):
        return
    cls = ctx.definition(serializer.line)
    meta = inner_class(cls, "Meta") if isinstance(cls, cst.ClassDef) else None
    if meta is None or not isinstance(cls, cst.ClassDef):
        return
    assigned = value_in(meta, "fields") if serializer.everything else value_in(meta, "exclude")
    takes_in = serializer.everything or _excludes_alone(serializer)
    if assigned is None or not takes_in or not ctx.project.is_used(serializer.known):
        return
    model = ctx.project.model(serializer.model) if serializer.model is not None else None
    is_form = ctx.project.is_form(serializer.known)
    spoken_of = _texts(cls) if is_form else texts_in(value_in(meta, "extra_kwargs"))
    shown = _secrets(serializer, model, spoken_of) if model is not None else []
    settable = _settable(serializer, model, spoken_of) if model is not None and is_form else []
    if not (shown or settable) and (is_form or (model is not None and _is_small(model))):
        return
    name = serializer.known.name.rpartition(".")[2]
    whose = f"`{serializer.model.name.rpartition('.')[2]}`" if serializer.model is not None else "the model"
    if serializer.everything:
        message = f"`{name}` takes in every field of {whose}, and every one added later"
    else:
        message = f"`exclude` lets every other field of {whose} into `{name}`, and every one added later"
    if shown or settable:
        message += f": {', '.join(f'`{one}`' for one in [*shown, *settable])} among them"
    evidence = [Evidence(model.path, Span(model.line, 1, model.line, 2), "the model")] if model is not None else []
    yield rule.at(
        assigned,
        f"{message}; list the fields it needs",
        evidence=evidence,
        fix=_fix(ctx, serializer, model, shown, meta),
        severity=Severity.ERROR if shown else None,
    )


def _excludes_alone(serializer: Serializer) -> bool:
    """Whether ``exclude`` decides which fields there are: no list of fields, inherited or beside it, does."""
    return bool(serializer.excluded) and all(one.declared for one in serializer.fields)


def _has_its_own_way(serializer: Serializer, ctx: Context) -> bool:
    """Whether a class of the project decides anew which fields there are."""
    return any(ctx.project.method(serializer.known, name) is not None for name in _OWN_MEANING)


def _secrets(serializer: Serializer, model: Model, spoken_of: set[str]) -> list[str]:
    """The model's secrets that the serializer would show without having said a word about them."""
    declared = {one.name for one in serializer.fields if one.declared}
    return [
        one.name
        for one in model.fields
        if _is_secret(one.name)
        and one.type.rpartition(".")[2] in _HOLDS_TEXT
        and one.name not in {*declared, *serializer.excluded, *spoken_of}
    ]


def _texts(cls: cst.ClassDef) -> set[str]:
    """The texts in a class body: what a form lays out, labels or describes it has thought of."""
    return {str(node.evaluated_value) for node in walk(cls) if isinstance(node, cst.SimpleString)}


def _is_small(model: Model) -> bool:
    """Whether a model is a table of a few plain columns, which are what the API is about: a list of kinds."""
    plain = all(one.type.rpartition(".")[2] not in _HOLDS_ANYTHING and not _is_secret(one.name) for one in model.fields)
    related = any(not one.reverse for one in model.relations)
    texts = all(one.type.rpartition(".")[2] in _TEXTS for one in model.fields)
    return model.complete and plain and not related and len(model.fields) <= (_SMALL_OF_TEXTS if texts else _SMALL)


def _settable(serializer: Serializer, model: Model, spoken_of: set[str]) -> list[str]:
    """The fields about rights that whoever sends the form may set, though no template shows them."""
    declared = {one.name for one in serializer.fields if one.declared}
    names = [one.name for one in model.fields if not one.denies("editable")]
    # A `role` or `owner` chosen in a form is as a rule no right: the role of an address, who looks after a risk.
    names += [one.name for one in model.relations if not one.reverse and one.name in _GRANTED]
    return [one for one in names if one in _RIGHTS and one not in {*declared, *serializer.excluded, *spoken_of}]


def _is_secret(name: str) -> bool:
    words = name.lower().split("_")
    return words[-1] in _SECRETS and not (words[-1] == "key" and (len(words) < 2 or words[-2] in _OPEN_KEYS))


def _fix(
    ctx: Context, serializer: Serializer, model: Model | None, secrets: list[str], meta: cst.ClassDef
) -> Fix | None:
    """The names of the model's own fields in place of all of them, secrets left out."""
    assignment = assignment_in(meta, "fields" if serializer.everything else "exclude")
    if model is None or not model.complete or assignment is None or (secrets and ctx.project.is_form(serializer.known)):
        return None
    if any(one.kind == "parent" and not one.reverse for one in model.relations):
        return None
    # What a base class of the project does with the fields is not known.
    if any(
        one != serializer.known and not one.name.startswith(_LIBRARIES) for one in ctx.project.mro(serializer.known)
    ):
        return None
    listed = ", ".join(f'"{name}"' for name in ctx.project.taken_in(serializer.known) if name not in secrets)
    edits = [ctx.replace(assignment.value, f"[{listed}]")]
    if not serializer.everything:
        edits.append(ctx.replace(assignment.targets[0].target, "fields"))
    without = f", without {', '.join(f'`{one}`' for one in secrets)}" if secrets else ""
    return Fix.unsafe(f"list the fields{without}", *edits)


@rule.each(Served)
def check_payload(served: Served, ctx: Context) -> Findings:
    """Report a model made from a whole payload, where the sender can so give himself rights."""
    if served.kind == "dependency" or _asks_for_an_administrator(served, ctx):
        return
    function = ctx.definition(served.declared.line, only=Shape.SPREAD_CALL)
    if not isinstance(function, cst.FunctionDef):
        return
    for call in ctx.inside(function):
        model = _made(call, ctx) if isinstance(call, cst.Call) else None
        for arg in call.args if isinstance(call, cst.Call) and model is not None else ():
            if arg.star == "**" and model is not None:
                yield from _risky(arg, model, function, ctx)


def _risky(arg: cst.Arg, model: Model, function: cst.FunctionDef, ctx: Context) -> Findings:
    held = {one.name for one in model.fields} | {one.name for one in model.relations}
    may_carry = carried(arg.value, function, ctx)
    privileged = _RIGHTS | (_OF_A_USER if held & _USER_LIKE else frozenset())
    risky = sorted(privileged & held if may_carry is None else privileged & held & may_carry)
    if risky:
        name = model.known.name.rpartition(".")[2]
        fields = ", ".join(f"`{one}`" for one in risky)
        places = [(one.path, one.line, one.name) for one in model.fields if one.name in risky and one.path]
        places += [(one.path, one.line, one.name) for one in model.relations if one.name in risky and one.path]
        yield rule.at(
            arg,
            f"`{ctx.short(arg, 60)}` lets whoever sends the request set {fields} of `{name}`; "
            "name the fields that may be set",
            evidence=[Evidence(path, Span(line, 1, line, 2), f"`{field}`") for path, line, field in places],
        )


def _made(call: cst.Call, ctx: Context) -> Model | None:
    """The model that a call makes an instance of."""
    known = ctx.resolve(call.func)
    if known is None or known.made or not known.path:
        return None
    for ending in _MAKING:
        if known.name.endswith(ending):
            known = Known(known.name.removesuffix(ending), path=known.path)
    return ctx.project.model(known)


def _asks_for_an_administrator(served: Served, ctx: Context) -> bool:
    asked = [one.name for endpoint in ctx.project.endpoints_of(served.function) for one in endpoint.dependencies]
    return any(word in name.lower() for name in asked for word in ("admin", "superuser", "staff"))
