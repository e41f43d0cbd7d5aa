"""A public function of a service module that does not say which types it takes and returns.

Why it matters: services are what views, tasks and commands share. Their signatures are the contract between them, and
without hints no type checker compares what the callers give with what the service needs.

Bad::

    # services.py

    def cancel_order(order, reason):  # want DFA102
        order.cancel(reason)

Good::

    # services.py

    def cancel_order(order: Order, reason: str) -> None:
        order.cancel(reason)

Reported: functions and methods in `services.py`, `service.py`, `*_service.py`, in a folder `services`,
and the same for selectors (`module-patterns`). One finding a function, naming what is missing; of `__init__` its
parameters.

Not reported: names that begin with an underscore and what is inside such classes, functions inside functions, classes
inside classes, `self` and `cls`, `*args` and `**kwargs`, what a base class in the project has hints for, the
implementation of overloads, setters, a missing `-> None` where that is all (no caller could get it wrong), bodies that
are not written (`pass`, `...`, a docstring, `raise NotImplementedError`) and that nothing in the project overrides,
endpoints (`untyped-endpoint` reports them), Celery tasks, signal receivers, methods of classes that derive from a
library's class (`untyped-framework-hook` knows those of the frameworks) or from an exception, modules that are
something else by their own name or that of their folder (`models/services.py`, `services/schemas.py`,
`services/mail_config.py`), tests, migrations, generated code, scripts.

Fix: `-> None` where nothing is returned and no subclass in the project overrides the method (safe; unsafe under
decorators that may read it).
"""

import ast
import builtins
from fnmatch import fnmatchcase
from functools import lru_cache

from djfa_lint.sdk import (
    Context,
    Definition,
    Findings,
    Fix,
    Option,
    Outcome,
    Role,
    Rule,
    Unhinted,
    decorators_of,
    is_said_elsewhere,
    outcome,
    overridden,
    place_of_name,
    return_edit,
    unhinted,
)

rule = Rule(
    __name__,
    __doc__,
    code="DFA102",
    since="0.1",
    category="typing",
    skips=(Role.TEST, Role.MIGRATION, Role.GENERATED, Role.SCRIPT),
    same_as=("ANN001", "ANN201", "ANN204", "ANN205", "ANN206"),
    options=(
        Option(
            "module-patterns",
            [
                "services.py",
                "service.py",
                "*_service.py",
                "services/",
                "selectors.py",
                "selector.py",
                "*_selectors.py",
                "*_selector.py",
                "selectors/",
            ],
            "names of service modules, with `*` for anything; one that ends in `/` is a folder's",
        ),
    ),
)

# What a module is in spite of "services" in its path.
_OTHERWISE = frozenset(
    "models model schemas schema serializers serializers_ views viewsets urls forms tables filters filtersets admin "
    "apps routes routers endpoints permissions tasks signals types constants exceptions errors settings config "
    "resources hooks migrations management tests factories fixtures".split()
)
_KINDS = frozenset(
    "models schemas serializers serializers_ views viewsets forms tables filters filtersets admin migrations types "
    "constants exceptions errors".split()
)
# A class derived from anything else of a library is called by that library, in its own terms.
_PLAIN = ("builtins.", "typing.", "typing_extensions.", "abc.", "enum.", "dataclasses.", "collections.")
_HOOKS = frozenset({"celery.shared_task", "celery.Celery.task", "django.dispatch.receiver"})
_PROPERTIES = frozenset({"builtins.property", "functools.cached_property", "django.utils.functional.cached_property"})
_HARMLESS = frozenset(
    {
        "builtins.staticmethod",
        "builtins.classmethod",
        "builtins.property",
        "abc.abstractmethod",
        "django.db.transaction.atomic",
        "functools.cached_property",
        "django.utils.functional.cached_property",
    }
)


@rule.each(Definition)
def check(definition: Definition, ctx: Context) -> Findings:
    """Report a service function with all that its signature leaves out."""
    if not _is_service(ctx.path, tuple(ctx.option("module-patterns"))):
        return
    missing = _missing(definition, ctx)
    if not missing or not _is_public(definition) or _is_looked_up(definition, ctx):
        return
    if is_said_elsewhere(definition, ctx) or _is_reported_elsewhere(definition, ctx):
        return
    ends = outcome(definition.declared, ctx)
    if ends is not None and (_is_none_alone(ends, missing) or _is_unwritten(definition, ends, ctx)):
        return
    name = definition.declared.name.rpartition(".")[2]
    if missing.whole and missing.params and name != "__init__":
        says = f"`{name}` has no type hints, so nothing says what it is given and returns; annotate {missing.listed}"
    else:
        advice = "annotate it" if len(missing.params) + missing.returns == 1 else "annotate them"
        says = f"`{name}` has no type hint for {missing.listed}, so a wrong type there goes unnoticed; {advice}"
    yield rule.at(place_of_name(definition.declared, ctx), says, fix=_fix(definition, ends, missing, ctx))


@lru_cache(maxsize=64)
def _is_service(path: str, patterns: tuple[str, ...]) -> bool:
    *folders, file = path.split("/")
    # `apps/orders/services.py` is a service of an app; `models/services.py` holds models, in whatever app.
    stem = file.removesuffix(".py")
    if stem.rpartition("_")[2] in _OTHERWISE or stem in _OTHERWISE or not _KINDS.isdisjoint(folders[-1:]):
        return False
    return any(
        any(fnmatchcase(folder, one[:-1]) for folder in folders) if one.endswith("/") else fnmatchcase(file, one)
        for one in patterns
    )


def _missing(definition: Definition, ctx: Context) -> Unhinted:
    missing = unhinted(definition.declared, ctx, definition.owner)
    initialiser = definition.declared.name.endswith(".__init__")
    return missing._replace(returns=False) if initialiser else missing


def _is_public(definition: Definition) -> bool:
    """Whether a name is part of what the module offers: at its top level or a class's, without an underscore."""
    declared = definition.declared
    around, _, name = declared.name.rpartition(".")
    if around != declared.owner or any(one.startswith("_") for one in around.split(".")):
        return False
    # A class inside a class is a detail of it.
    if "." in around:
        return False
    return not name.startswith("_") or (name == "__init__" and bool(declared.owner))


def _is_looked_up(definition: Definition, ctx: Context) -> bool:
    """Whether a property belongs to a class that is asked for its values by name: no caller reads its type."""
    if definition.owner is None or _PROPERTIES.isdisjoint(decorators_of(definition.declared, ctx)):
        return False
    return any(ctx.project.method(definition.owner, name) is not None for name in ("__getitem__", "__getattr__"))


def _is_reported_elsewhere(definition: Definition, ctx: Context) -> bool:
    """Whether a framework calls it: then another rule reports it."""
    if any(served.function == definition.known for served in ctx.project.served_in(ctx.path)):
        return True
    if not _HOOKS.isdisjoint(decorators_of(definition.declared, ctx)):
        return True
    owner = definition.owner
    return owner is not None and any(not one.path and _is_foreign(one.name) for one in ctx.project.mro(owner))


def _is_foreign(name: str) -> bool:
    """Whether a library class makes of what derives from it something else than a service: an exception does too."""
    kind = getattr(builtins, name.removeprefix("builtins."), None)
    return not name.startswith(_PLAIN) or (isinstance(kind, type) and issubclass(kind, BaseException))


def _is_none_alone(ends: Outcome, missing: Unhinted) -> bool:
    """Whether `-> None` is all that is missing: of a stub nobody knows that."""
    return not (missing.params or ends.values or ends.generator or ends.stub)


def _is_unwritten(definition: Definition, ends: Outcome, ctx: Context) -> bool:
    """Whether there is nothing yet to write hints for; a stub that others override is their contract."""
    written = ctx.body(definition.declared.line) if ends.stub else None
    if written is None or any(isinstance(one, ast.Return) for one in written.node.body):
        return False
    return not overridden(definition, ctx)


def _fix(definition: Definition, ends: Outcome | None, missing: Unhinted, ctx: Context) -> Fix | None:
    """`-> None`, which nothing at run time reads but a decorator."""
    if ends is None or not missing.returns or not ends.is_none or overridden(definition, ctx):
        return None
    edit = return_edit(definition.declared, "None", ctx)
    if edit is None:
        return None
    harmless = _HARMLESS.issuperset(decorators_of(definition.declared, ctx))
    return Fix.safe("write `-> None`", edit) if harmless else Fix.unsafe("write `-> None`", edit)
