"""Reads what a file declares: assignments, calls and decorated definitions at module level and in classes.

Function bodies are left out, but for those that may declare something themselves (`create_app`, `get_urls`).
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from typing import Any

from djfa_lint.facts.express import express, express_annotation, targets_of
from djfa_lint.facts.records import Class
from djfa_lint.facts.scan import dotted, imports_of
from djfa_lint.facts.values import (
    Assigned,
    Call,
    Defined,
    Done,
    Expr,
    Function,
    Imported,
    Looped,
    Many,
    Param,
    Ref,
    Returned,
    Spread,
    Statement,
)

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_OPERATORS = {ast.Add: "+", ast.BitOr: "|"}
# Methods that put something into an app, a router or a registry.
_REGISTERING = frozenset(
    "include_router mount add_router add_api_route add_api_websocket_route add_route add_url_rule add_middleware "
    "add_exception_handler register add_api connect".split()
)
# Methods that a framework asks what to use.
_HOOKS = frozenset(
    "get_urls get_extra_urls get_serializer_class get_queryset get_permissions get_authenticators ready get_routers "
    "get_filterset_class get_form_class get_template_names get_list_display get_inlines".split()
)
# What makes URL patterns: a function that returns or collects them is a factory of URLs.
_PATTERNS = frozenset({"path", "re_path", "url", "include"})
_FRAMEWORKS = frozenset({"fastapi", "starlette", "ninja", "ninja_extra", "rest_framework", "celery", "sqlalchemy"})
_MOST_STATEMENTS = 150


class Declarations:
    """What one file declares, filled by `read`."""

    def __init__(self, frameworks: bool) -> None:
        """`frameworks` says that the file imports a framework whose apps are made in functions."""
        self.functions: list[Function] = []
        self._classes: dict[tuple[str, int], Class] = {}
        self._frameworks = frameworks

    def described(self, cls: Class) -> Class:
        """The class with what it declares."""
        return self._classes.get((cls.name, cls.line), cls)

    def block(
        self, body: Sequence[ast.stmt], prefix: str = "", owner: str = "", maybe: bool = False
    ) -> list[Statement]:
        """The declarations in a list of statements; `prefix` begins the names of what is defined in it.

        `owner` is the class it is the body of.
        """
        found: list[Statement] = []
        for stmt in body:
            if isinstance(stmt, _FUNCTIONS):
                self._function(stmt, prefix, owner)
                if stmt.decorator_list:
                    found.append(Defined(prefix + stmt.name, stmt.lineno, maybe))
            elif isinstance(stmt, ast.ClassDef):
                self._class(stmt, prefix)
                if stmt.decorator_list:
                    found.append(Defined(prefix + stmt.name, stmt.lineno, maybe))
            elif isinstance(stmt, (ast.Import, ast.ImportFrom)):
                # What is imported at module level is among the file's bindings.
                if prefix and not owner:
                    found += [Imported(one.name, one.module, one.attribute, one.level) for one in imports_of(stmt)]
            else:
                found += self._simple(stmt, maybe)
                found += self._compound(stmt, prefix, owner, maybe)
        return found

    def _simple(self, stmt: ast.stmt, maybe: bool) -> Iterable[Statement]:
        line = stmt.lineno
        if isinstance(stmt, ast.Assign):
            yield from _chained(stmt, maybe)
        elif isinstance(stmt, ast.AnnAssign):
            if name := dotted(stmt.target):
                value_given = express(stmt.value) if stmt.value is not None else None
                yield Assigned(name, value_given, line, express_annotation(stmt.annotation), "", maybe)
        elif isinstance(stmt, ast.AugAssign):
            op = _OPERATORS.get(type(stmt.op))
            if (name := dotted(stmt.target)) and op:
                yield Assigned(name, express(stmt.value), line, None, op, maybe)
        elif isinstance(stmt, ast.Expr) and isinstance(stmt.value, ast.Call):
            call = express(stmt.value)
            if isinstance(call, Call):
                yield Done(call, line, maybe)
        elif isinstance(stmt, ast.Return) and stmt.value is not None:
            yield Returned(express(stmt.value), line)

    def _compound(self, stmt: ast.stmt, prefix: str, owner: str, maybe: bool) -> Iterable[Statement]:
        if isinstance(stmt, (ast.For, ast.AsyncFor)):
            body = tuple(self.block(stmt.body, prefix, owner, maybe))
            if body:
                yield Looped(targets_of(stmt.target), express(stmt.iter), body, stmt.lineno)
            return
        certain = isinstance(stmt, (ast.With, ast.AsyncWith))
        for block in _blocks(stmt):
            yield from self.block(block, prefix, owner, maybe=maybe or not certain)

    def _class(self, node: ast.ClassDef, prefix: str) -> None:
        name = prefix + node.name
        keywords = tuple((one.arg or "", express(one.value)) for one in node.keywords)
        decorators = tuple(express(one) for one in node.decorator_list)
        body = self.block(node.body, name + ".", name)
        spelled = [base.value if isinstance(base, ast.Subscript) else base for base in node.bases]
        bases = tuple(dotted(base) for base in spelled)
        computed = tuple(express(base) for base in spelled if not dotted(base))
        self._classes[name, node.lineno] = Class(name, node.lineno, bases, keywords, decorators, tuple(body), computed)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, prefix: str, owner: str) -> None:
        name = prefix + node.name
        decorators = tuple(express(one) for one in node.decorator_list)
        start = min([node.lineno, *(one.lineno for one in node.decorator_list)])
        kept: tuple[Statement, ...] = ()
        registers = not owner and any(_registers(stmt) for stmt in node.body)
        if registers or self._declares(node, owner):
            kept = tuple(self.block(node.body, name + ".")[:_MOST_STATEMENTS])
        self.functions.append(
            Function(
                name,
                node.lineno,
                start,
                isinstance(node, ast.AsyncFunctionDef),
                tuple(_params(node.args)),
                express_annotation(node.returns),
                decorators,
                owner,
                kept,
                registers,
                _answers(node) if not owner else (),
            )
        )

    def _declares(self, node: ast.FunctionDef | ast.AsyncFunctionDef, owner: str) -> bool:
        """Whether a function may make or fill an app, a router, a list of URLs, or answer a framework."""
        if owner:
            if node.name in _HOOKS or (node.name == "__init__" and any(_sets_slash(stmt) for stmt in node.body)):
                return True
            # SQLAlchemy asks these for a column, a relationship or a table's name.
            return any("declared_attr" in dotted(one).split(".") for one in node.decorator_list)
        if node.decorator_list or not isinstance(node, ast.FunctionDef):
            return False
        return self._frameworks or any(_makes_urls(stmt) for stmt in node.body)


def _blocks(stmt: ast.AST) -> list[list[ast.stmt]]:
    parts: list[Any] = [stmt, *getattr(stmt, "handlers", ()), *getattr(stmt, "cases", ())]
    found: list[list[ast.stmt]] = []
    while parts:
        part = parts.pop(0)
        for field in ("body", "orelse", "finalbody"):
            block = getattr(part, field, None)
            if not isinstance(block, list) or not block:
                continue
            # A chain of 3,000 `elif` must not be 3,000 calls deep.
            if field == "orelse" and isinstance(part, ast.If) and len(block) == 1 and isinstance(block[0], ast.If):
                parts.insert(0, block[0])
            else:
                found.append(block)
    return found


def _chained(stmt: ast.Assign, maybe: bool) -> Iterable[Statement]:
    value = express(stmt.value)
    for target in stmt.targets:
        yield from _assigned(target, value, stmt.lineno, maybe)
        # `a = b = make()` makes one thing.
        if isinstance(value, Call) and isinstance(target, ast.Name):
            value = Ref(target.id)


def _assigned(target: ast.expr, value: Expr, line: int, maybe: bool) -> Iterable[Statement]:
    if name := dotted(target):
        yield Assigned(name, value, line, None, "", maybe)
    elif isinstance(target, (ast.Tuple, ast.List)) and isinstance(value, Many) and value.kind != "set":
        if len(target.elts) != len(value.items) or any(isinstance(one, Spread) for one in value.items):
            return
        for one, part in zip(target.elts, value.items, strict=True):
            yield from _assigned(one, part, line, maybe)


def _registers(stmt: ast.stmt) -> bool:
    if isinstance(stmt, (ast.For, ast.If, ast.With, ast.Try)):
        return any(_registers(inner) for block in _blocks(stmt) for inner in block)
    if isinstance(stmt, _FUNCTIONS):
        return bool(stmt.decorator_list)
    value = stmt.value if isinstance(stmt, ast.Expr) else None
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr in _REGISTERING


def _sets_slash(stmt: ast.stmt) -> bool:
    """Whether a statement says how a router's routes end."""
    if isinstance(stmt, ast.Assign):
        return any(isinstance(one, ast.Attribute) and one.attr == "trailing_slash" for one in stmt.targets)
    call = stmt.value if isinstance(stmt, ast.Expr) else None
    return isinstance(call, ast.Call) and any(one.arg == "trailing_slash" for one in call.keywords)


def _makes_urls(stmt: ast.stmt) -> bool:
    """Whether a statement returns URL patterns, assigns them or adds them to a list."""
    if isinstance(stmt, (ast.For, ast.If, ast.With)):
        return any(_makes_urls(inner) for block in _blocks(stmt) for inner in block)
    value = stmt.value if isinstance(stmt, (ast.Return, ast.Expr, ast.Assign, ast.AugAssign)) else None
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "append":
        value = value.args[0] if value.args else None
    elif isinstance(value, (ast.List, ast.Tuple)):
        value = value.elts[0] if value.elts else None
    elif isinstance(value, ast.ListComp):
        value = value.elt
    return isinstance(value, ast.Call) and dotted(value.func).rpartition(".")[2] in _PATTERNS


def _params(args: ast.arguments) -> Iterable[Param]:
    plain = [*args.posonlyargs, *args.args]
    defaults: list[ast.expr | None] = [None] * (len(plain) - len(args.defaults)) + list(args.defaults)
    for index, (one, default) in enumerate(zip(plain, defaults, strict=True)):
        kind = "positional" if index < len(args.posonlyargs) else "normal"
        yield _param(one, kind, default)
    if args.vararg is not None:
        yield _param(args.vararg, "*", None)
    for one, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        yield _param(one, "keyword", default)
    if args.kwarg is not None:
        yield _param(args.kwarg, "**", None)


def _param(node: ast.arg, kind: str, default: ast.expr | None) -> Param:
    return Param(node.arg, kind, express_annotation(node.annotation), express(default) if default is not None else None)


def _answers(node: ast.FunctionDef | ast.AsyncFunctionDef) -> tuple[str, ...]:
    """What a function with a request calls to make what it returns; nothing where it returns anything else."""
    first = [*node.args.posonlyargs, *node.args.args][:1]
    if not first or first[0].arg != "request":
        return ()
    names: set[str] = set()
    waiting: list[ast.AST] = list(node.body)
    while waiting:
        part = waiting.pop()
        if isinstance(part, ast.Return):
            name = dotted(part.value.func) if isinstance(part.value, ast.Call) else ""
            if not name:
                return ()
            names.add(name)
        elif isinstance(part, (ast.stmt, ast.ExceptHandler, ast.match_case)) and not isinstance(
            part, (*_FUNCTIONS, ast.ClassDef)
        ):
            waiting += [child for block in _blocks(part) for child in block]
    return tuple(sorted(names))


def declares_in_functions(modules: Iterable[str]) -> bool:
    """Whether a file that imports these modules may make apps and routers in functions."""
    return any(module.partition(".")[0] in _FRAMEWORKS for module in modules)
