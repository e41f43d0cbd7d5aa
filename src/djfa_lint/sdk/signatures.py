"""Signatures: which parameters lack a type hint, what a function returns, and the edits that write hints."""

from __future__ import annotations

import ast
import tokenize
from collections.abc import Sequence
from typing import NamedTuple

from djfa_lint.facts.kinds import BITS
from djfa_lint.facts.scan import dotted
from djfa_lint.facts.values import Function, Param, Ref
from djfa_lint.project.definition import Definition
from djfa_lint.project.names import Known
from djfa_lint.sdk.context import Context
from djfa_lint.sdk.finding import Edit
from djfa_lint.sdk.imports import Importing
from djfa_lint.sdk.statements import completes, own, params_of, statements
from djfa_lint.source.lines import Span

_STARRED = frozenset({"*", "**"})
_YIELDS = BITS["Yield"] | BITS["YieldFrom"]
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")


class Unhinted(NamedTuple):
    """What a signature says no type for. `whole` says that it has no hint at all."""

    params: tuple[Param, ...]
    returns: bool
    whole: bool = False

    def __bool__(self) -> bool:
        return bool(self.params) or self.returns

    @property
    def listed(self) -> str:
        """The missing parts for a message: ``a``, ``b`` and the return."""
        parts = [f"`{one.name}`" for one in self.params] + (["the return"] if self.returns else [])
        return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)


class Outcome(NamedTuple):
    """How a call of a function can end.

    `values` are the expressions it returns, ``None`` left out. `nothing` says that it may return None, `generator`
    that it yields, `stub` that its body only holds a place: a docstring, ``pass``, ``...``, ``return None``, a raise of
    ``NotImplementedError``.
    """

    values: tuple[ast.expr, ...]
    nothing: bool
    generator: bool
    stub: bool

    @property
    def is_none(self) -> bool:
        """Whether ``-> None`` is its hint."""
        return self.nothing and not (self.values or self.generator or self.stub)


def arguments(declared: Function) -> tuple[Param, ...]:
    """The parameters a caller gives values for one by one: without ``self`` or ``cls`` and starred ones."""
    static = any(isinstance(one, Ref) and one.name == "staticmethod" for one in declared.decorators)
    # A function that is bound later has one too: Celery's `bind=True`.
    first = declared.params[0].name if declared.params else ""
    bound = not static if declared.owner else first in {"self", "cls"}
    params = declared.params[1:] if bound else declared.params
    return tuple(one for one in params if one.kind not in _STARRED)


def unhinted(declared: Function, ctx: Context, owner: Known | None = None) -> Unhinted:
    """What a signature says no type for, less what a base class in the project says for the same method.

    `owner` is the class a method is of. A parameter called ``_`` needs no hint: nobody reads it.
    """
    params = [one for one in arguments(declared) if one.annotation is None and one.name.strip("_")]
    returns = declared.returns is None
    whole = returns and all(one.annotation is None for one in declared.params)
    base = _inherited(declared, ctx, owner) if owner is not None and (params or returns) else None
    if base is not None:
        hinted = {one.name for one in base.params if one.annotation is not None}
        whole = whole and base.returns is None and not hinted
        params = [one for one in params if one.name not in hinted]
        returns = returns and base.returns is None
    return Unhinted(tuple(params), returns, whole)


def _inherited(declared: Function, ctx: Context, owner: Known) -> Function | None:
    """The method of a base class of the project that this one overrides."""
    found = ctx.project.method(owner, declared.name.rpartition(".")[2], owner)
    return found.declared if found is not None else None


def decorators_of(declared: Function, ctx: Context) -> tuple[str, ...]:
    """What is put around a function, called or not: canonical dotted names, "" for what is not known.

    A method of a value that is made is named after what makes it: ``celery.Celery.task``.
    """
    found = []
    for one in declared.decorators:
        name = getattr(getattr(one, "callee", one), "name", "")
        known = ctx.project.resolve(ctx.path, name) if name else None
        found.append(".".join((ctx.project.canonical(known.name), *known.attributes)) if known is not None else "")
    return tuple(found)


def is_said_elsewhere(definition: Definition, ctx: Context) -> bool:
    """Whether a signature is that of overloads, or of a property's getter."""
    declared = definition.declared
    if any(getattr(one, "name", "").endswith((".setter", ".deleter")) for one in declared.decorators):
        return True
    same = [one.declared for one in ctx.project.functions_in(ctx.path) if one.known == definition.known]
    return any(name.endswith(".overload") for one in same for name in decorators_of(one, ctx))


def place_of_name(declared: Function, ctx: Context) -> Span:
    """Where a function's name stands; found in its line, so that nothing need be parsed."""
    name, line = declared.name.rpartition(".")[2], ctx.lines.line(declared.line)
    found = line.find(name, line.find("def ") + 4 if "def " in line else 0)
    column = max(found, 0) + 1
    return Span(declared.line, column, declared.line, column + (len(name) if found >= 0 else 1))


def outcome(declared: Function, ctx: Context) -> Outcome | None:
    """How a call of a function can end, by its own statements; None where it cannot be read."""
    function = ctx.body(declared.line)
    return ending(function.node.body, bool(function.kinds & _YIELDS)) if function is not None else None


def ending(body: Sequence[ast.stmt], may_yield: bool = True) -> Outcome:
    """How a function with this body can end; with `may_yield` its expressions are gone through too."""
    returned = [one.value for one in statements(body) if isinstance(one, ast.Return)]
    values = tuple(one for one in returned if one is not None and not _is_none(one))
    nothing = len(values) < len(returned) or completes(body)
    generator = may_yield and any(isinstance(one, (ast.Yield, ast.YieldFrom)) for one in own(body))
    return Outcome(values, nothing, generator, all(_holds_a_place(one) for one in body))


def _is_none(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is None


def _holds_a_place(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Expr):
        value = statement.value
        return isinstance(value, ast.Constant) and (value.value is ... or isinstance(value.value, (str, bytes)))
    if isinstance(statement, ast.Return):
        # A body that is nothing but `return None` stands in for one that returns something.
        return statement.value is None or _is_none(statement.value)
    if isinstance(statement, ast.Raise):
        raised = statement.exc.func if isinstance(statement.exc, ast.Call) else statement.exc
        return dotted(raised) == "NotImplementedError"
    return isinstance(statement, ast.Pass)


def hint_edit(declared: Function, name: str, hint: str, ctx: Context) -> Edit | None:
    """The edit that writes a parameter's hint; ``x=1`` becomes ``x: int = 1``. None where it has one."""
    function = ctx.body(declared.line)
    param = next((one for one in params_of(function.node) if one.arg == name), None) if function is not None else None
    if function is None or param is None or param.annotation is not None:
        return None
    line = param.lineno + function.shift
    end = ctx.lines.column(line, param.end_col_offset or 0)
    after = ctx.lines.line(line)[end - 1 :]
    # Where no space stands after the `=`, none stands before it, and a hint asks for both.
    if after.startswith("=") and after[1:2].strip(" \t\f\\#"):
        return ctx.replace(Span(line, end, line, end + 1), f": {hint} = ")
    return ctx.insert(line, end, f": {hint}")


def return_edit(declared: Function, hint: str, ctx: Context) -> Edit | None:
    """The edit that writes what a function returns. None where it is written."""
    end = _end_of_params(declared, ctx) if declared.returns is None else None
    return ctx.insert(*end, f" -> {hint}") if end is not None else None


def _end_of_params(declared: Function, ctx: Context) -> tuple[int, int] | None:
    """The place behind the last bracket of a function's head; None where its colon stands on another line."""
    first, depth, end = declared.line, 0, (0, 0)
    head = (f"{ctx.lines.line(number)}\n" for number in range(first, ctx.lines.count + 1))
    for token in tokenize.generate_tokens(lambda: next(head, "")):
        if token.type != tokenize.OP:
            continue
        if token.string == ":" and not depth:
            return (first + end[0] - 1, end[1] + 1) if end[0] == token.start[0] else None
        depth += (token.string in _OPENING) - (token.string in _CLOSING)
        end = token.end
    return None


def naming(ctx: Context, module: str, name: str) -> Importing | None:
    """How a hint can name ``module.name`` in this file; None where the file has the name for something else.

    A name that is imported for type checkers alone will do where annotations are not evaluated.
    """
    found = ctx.importing(module, name)
    bindings = ctx.project.files[ctx.path].bindings
    bound = bindings.get(name, ())
    if not found.edits or not bound:
        return found
    known = ctx.project.resolve(ctx.path, name)
    canonical = ctx.project.canonical
    if known is None or known.made or canonical(known.name) != canonical(f"{module}.{name}"):
        return None
    postponed = any(one.imported and one.imported.module == "__future__" for one in bindings.get("annotations", ()))
    always = not any(ctx.lines.line(one.line)[:1].isspace() for one in bound)
    return Importing(name, ()) if postponed or always else None


def overridden(definition: Definition, ctx: Context) -> bool:
    """Whether a subclass in the project has a method of the same name: what one returns is then not the whole."""
    owner, name = definition.owner, definition.declared.name.rpartition(".")[2]
    for cls in ctx.project.subclasses(owner.name) if owner is not None else ():
        found = ctx.project.method(cls, name)
        if found is None or found.known != definition.known:
            return True
    return False
