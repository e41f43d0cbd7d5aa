"""Signatures: which parameters lack a type hint, what a function returns, and the edits that write hints."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import libcst as cst

from djfa_lint.facts.values import Function, Param, Ref
from djfa_lint.project.names import Known
from djfa_lint.project.project import Definition
from djfa_lint.sdk.context import Context
from djfa_lint.sdk.finding import Edit
from djfa_lint.sdk.imports import Importing
from djfa_lint.sdk.scopes import dotted
from djfa_lint.source.cst import children
from djfa_lint.source.lines import Span

_STARRED = frozenset({"*", "**"})
_NESTED = (cst.FunctionDef, cst.ClassDef, cst.Lambda)


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
    that it yields, `stub` that its body only holds a place: a docstring, ``pass``, ``...``, a raise.
    """

    values: tuple[cst.BaseExpression, ...]
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


def outcome(function: cst.FunctionDef) -> Outcome:
    """How a call of a function can end, by its own statements."""
    values: list[cst.BaseExpression] = []
    nothing, generator = _completes(function.body), False
    for node in _own(function.body):
        if isinstance(node, cst.Return):
            if node.value is None or dotted(node.value) == "None":
                nothing = True
            else:
                values.append(node.value)
        generator = generator or isinstance(node, cst.Yield)
    return Outcome(tuple(values), nothing, generator, all(_holds_a_place(one) for one in statements(function.body)))


def statements(block: cst.BaseSuite) -> Iterator[cst.CSTNode]:
    """The statements of a block, those between semicolons each."""
    for line in block.body:
        yield from line.body if isinstance(line, cst.SimpleStatementLine) else [line]


def _holds_a_place(statement: cst.CSTNode) -> bool:
    if isinstance(statement, cst.Expr):
        return isinstance(statement.value, (cst.Ellipsis, cst.SimpleString, cst.ConcatenatedString))
    if isinstance(statement, cst.Return):
        # A body that is nothing but `return None` stands in for one that returns something.
        return statement.value is None or (isinstance(statement.value, cst.Name) and statement.value.value == "None")
    return isinstance(statement, (cst.Pass, cst.Raise))


def _own(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The nodes of a body, without those of functions and classes inside it."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        yield one
        waiting += [child for child in reversed(list(children(one))) if not isinstance(child, _NESTED)]


def _completes(block: cst.BaseSuite) -> bool:
    """Whether the end of a block can be reached, as far as its statements tell."""
    return all(_passes(one) for one in statements(block))


def _passes(node: cst.CSTNode) -> bool:
    if isinstance(node, (cst.Return, cst.Raise)):
        return False
    if isinstance(node, cst.If):
        return _completes(node.body) or node.orelse is None or _passes(node.orelse)
    if isinstance(node, cst.Else):
        return _completes(node.body)
    if isinstance(node, (cst.Try, cst.TryStar)):
        return _passes_try(node)
    if isinstance(node, cst.With):
        swallows = any("suppress" in dotted(getattr(one.item, "func", one.item)) for one in node.items)
        return swallows or _completes(node.body)
    if isinstance(node, cst.While):
        return dotted(node.test) != "True" or any(isinstance(one, cst.Break) for one in _own(node.body))
    if isinstance(node, cst.Match):
        rest = any(isinstance(one.pattern, cst.MatchAs) and one.pattern.pattern is None for one in node.cases)
        return not rest or any(_completes(one.body) for one in node.cases)
    return True


def _passes_try(node: cst.Try | cst.TryStar) -> bool:
    if node.finalbody is not None and not _completes(node.finalbody.body):
        return False
    straight = _completes(node.body) and (node.orelse is None or _completes(node.orelse.body))
    return straight or any(_completes(one.body) for one in node.handlers)


def names_bound(function: cst.FunctionDef, name: str) -> list[cst.BaseExpression] | None:
    """The values a local variable is given, each by a plain assignment; None if it is bound in any other way."""
    found: list[cst.BaseExpression] = []
    plain: set[cst.CSTNode] = set()
    if any(one.name.value == name for one in _params(function)):
        return None
    for node in _own(function.body):
        if isinstance(node, cst.Assign) and len(node.targets) == 1 and dotted(node.targets[0].target) == name:
            found.append(node.value)
            plain.add(node.targets[0].target)
        elif isinstance(node, (cst.AssignTarget, cst.AnnAssign, cst.AugAssign, cst.For, cst.CompFor, cst.NamedExpr)):
            if node.target not in plain and name in _names_in(node.target):
                return None
        elif isinstance(node, cst.AsName) and dotted(node.name) == name:
            return None
    return found or None


def _names_in(target: cst.CSTNode) -> set[str]:
    """The names that a target binds: not those whose items or attributes it changes."""
    if isinstance(target, cst.Name):
        return {target.value}
    if isinstance(target, (cst.Subscript, cst.Attribute)):
        return set()
    return {name for one in children(target) for name in _names_in(one)}


def _params(function: cst.FunctionDef) -> Iterable[cst.Param]:
    params = function.params
    return (*params.posonly_params, *params.params, *params.kwonly_params)


def hint_edit(function: cst.FunctionDef, name: str, hint: str, ctx: Context) -> Edit | None:
    """The edit that writes a parameter's hint; ``x=1`` becomes ``x: int = 1``. None where it has one."""
    param = next((one for one in _params(function) if one.name.value == name), None)
    if param is None or param.annotation is not None:
        return None
    end = ctx.span(param.name)[2:]
    if param.default is not None:
        between = Span(*end, *ctx.span(param.default)[:2])
        if ctx.lines.text_of(between) == "=":
            return ctx.replace(between, f": {hint} = ")
    return ctx.insert(*end, f": {hint}")


def return_edit(function: cst.FunctionDef, hint: str, ctx: Context) -> Edit | None:
    """The edit that writes what a function returns. None where it is written."""
    space = function.whitespace_before_colon
    if function.returns is not None or not isinstance(space, cst.SimpleWhitespace) or "\n" in space.value:
        return None
    head = ctx.header(function)
    column = head.end_column - 1 - len(space.value)
    return ctx.insert(head.end_line, column, f" -> {hint}") if column > 0 else None


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
