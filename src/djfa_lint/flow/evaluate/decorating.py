"""What becomes of a function that is decorated, and what its own form says: whether a call runs its body at once."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from djfa_lint.facts.values import Expr
from djfa_lint.flow.evaluate.asking import Evaluating
from djfa_lint.project.names import Known
from djfa_lint.source.nodes import FunctionNode, own_nodes, walk

# Decorators of libraries that run the function they are given in their place, or only register it.
_KEEPING = frozenset(
    "builtins.staticmethod builtins.classmethod builtins.property functools.wraps functools.cached_property "
    "functools.singledispatch contextlib.contextmanager abc.abstractmethod abc.abstractproperty typing.overload "
    "typing.override typing_extensions.override typing.no_type_check typing.final tenacity.retry backoff.on_exception "
    "backoff.on_predicate retry.retry django.utils.functional.cached_property django.db.transaction.atomic "
    "pydantic.validate_call pydantic.validate_arguments pydantic.field_validator pydantic.model_validator "
    "pydantic.computed_field pydantic.validator pydantic.root_validator typing_extensions.deprecated "
    "warnings.deprecated opentelemetry.trace.use_span sentry_sdk.trace sentry_sdk.tracing.trace".split()
)
# Those of frameworks that put a function under a route, a signal or a task leave the function as it is.
_FRAMEWORKS = tuple("fastapi. starlette. django. rest_framework. ninja. celery. typer. click. flask.".split())
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def keeps(evaluator: Evaluating, path: str, decorator: Expr) -> bool:
    """Whether what a decorator makes of a function runs it there and then when it is called."""
    known = _known(evaluator, path, decorator)
    if known is None:
        return False
    if known.path:
        return _of_project(evaluator, known, _calls_its_function)
    canonical = evaluator.project.canonical(known.name)
    return canonical in _KEEPING or (canonical.startswith(_FRAMEWORKS) and "async" not in canonical)


def stays_coroutine(evaluator: Evaluating, path: str, decorator: Expr) -> bool:
    """Whether what a decorator makes of a coroutine is one: calling it runs nothing."""
    known = _known(evaluator, path, decorator)
    if known is not None and known.path:
        return _of_project(evaluator, known, _gives_coroutine)
    return keeps(evaluator, path, decorator)


def _known(evaluator: Evaluating, path: str, decorator: Expr) -> Known | None:
    name = getattr(getattr(decorator, "callee", decorator), "name", "")
    return evaluator.project.resolve(path, name) if name else None


def _of_project(evaluator: Evaluating, known: Known, says: Callable[[FunctionNode], bool]) -> bool:
    declared = evaluator.project.function(known)
    code = evaluator.texts.function(known.path, declared) if declared is not None and not known.made else None
    return code is not None and evaluator.memo(says, code.node)


def _gives_coroutine(decorator: FunctionNode) -> bool:
    """Whether a decorator gives back what it is given, calls it in a coroutine, or returns what that gives."""
    inner = [part for part in walk(decorator) if isinstance(part, _DEFINITIONS)]
    given = {arg.arg for one in inner for arg in one.args.args[:1]}
    for function in inner:
        for node in own_nodes(function):
            value = node.value if isinstance(node, (ast.Return, ast.Await)) else None
            called = value.func if isinstance(value, ast.Call) else value
            if isinstance(called, ast.Name) and called.id in given:
                return True
    return False


def _calls_its_function(decorator: FunctionNode) -> bool:
    """Whether a decorator calls what it is given, in a plain function, or gives it back."""
    inner = [part for part in walk(decorator) if isinstance(part, _DEFINITIONS)]
    if any(isinstance(one, ast.AsyncFunctionDef) for one in inner):
        return False
    given = {arg.arg for one in inner for arg in one.args.args[:1]}
    return any(_is_used(one, given) for one in inner)


def _is_used(function: FunctionNode, given: set[str]) -> bool:
    for node in own_nodes(function):
        called = node.func if isinstance(node, ast.Call) else node.value if isinstance(node, ast.Return) else None
        if isinstance(called, ast.Name) and called.id in given:
            return True
    return False


def is_abstract(function: FunctionNode) -> bool:
    """Whether a method only says that others do something: no body, or one that raises."""
    for statement in function.body:
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            continue
        if isinstance(statement, ast.Raise):
            return any("NotImplemented" in name for name in _names(statement))
        return isinstance(statement, ast.Pass)
    return True


def _names(node: ast.AST) -> Iterator[str]:
    return (part.id for part in walk(node) if isinstance(part, ast.Name))


def yields(function: FunctionNode | ast.Lambda) -> bool:
    """Whether a function is a generator."""
    return any(isinstance(node, (ast.Yield, ast.YieldFrom)) for node in own_nodes(function))
