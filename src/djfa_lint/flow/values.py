"""What type the value of an expression inside one function has, where a table or an annotation tells.

The first form of the evaluator: it sees the function's own scope, its imports and module-level names, not the bodies
of other functions. A name has a type only if everything bound to it agrees.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

from djfa_lint.facts.records import Import
from djfa_lint.facts.scan import dotted, imports_of
from djfa_lint.project.names import Known
from djfa_lint.project.project import Project
from djfa_lint.source.nodes import FunctionNode, own_nodes

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_OPTIONAL = {"typing.Optional", "typing.Annotated", "typing_extensions.Annotated"}


class Scope:
    """The names one function binds, and through `outer` those of the functions around it."""

    def __init__(
        self,
        project: Project,
        path: str,
        function: FunctionNode,
        types: Mapping[str, str],
        outer: Scope | None = None,
    ) -> None:
        """`types` says what type a call of a dotted name gives, or the reading of ``Type.attribute``."""
        self._project = project
        self._path = path
        self._types = types
        self._outer = outer
        self._imports: dict[str, Import] = {}
        self._bound: dict[str, list[ast.expr | _Annotated | _Entered | None]] = {}
        self._asking: set[str] = set()
        self._read(function)

    def known(self, node: ast.expr) -> Known | None:
        """What a dotted name means here: not a local variable, but an import, a module-level or a builtin name."""
        name = dotted(node)
        return self._known(name) if name else None

    def type_of(self, node: ast.expr | None) -> str | None:
        """The dotted type of an expression's value, or None where it is not known."""
        if isinstance(node, ast.Name):
            return self._name(node)
        if isinstance(node, ast.Attribute):
            return self._attribute(node)
        if isinstance(node, ast.Call):
            return self._call(node)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            left = self.type_of(node.left)
            return self._types.get(f"{left}.__truediv__") if left else None
        if isinstance(node, ast.NamedExpr):
            return self.type_of(node.value)
        if isinstance(node, ast.IfExp):
            return self._agreed([node.body, node.orelse])
        return None

    def makes(self, node: ast.expr) -> bool:
        """Whether an expression is a variable of this function, not of one around it, that only calls are bound to."""
        bound = self._bound.get(node.id, []) if isinstance(node, ast.Name) else []
        return bool(bound) and all(isinstance(one, ast.Call) for one in bound)

    def _known(self, name: str) -> Known | None:
        root = name.partition(".")[0]
        if root in self._imports:
            return None if root in self._bound else self._project.resolve(self._path, name, self._imports)
        if root in self._bound:
            return None
        if self._outer is not None:
            return self._outer._known(name)
        return self._project.resolve(self._path, name)

    def _name(self, node: ast.Name) -> str | None:
        name = node.id
        if name in self._bound:
            if name in self._imports or name in self._asking:
                return None
            self._asking.add(name)
            try:
                return self._agreed(self._bound[name])
            finally:
                self._asking.discard(name)
        if self._outer is not None and name not in self._imports:
            return self._outer._name(node)
        known = self._known(name)
        return self._types.get(known.name) if known is not None and known.made and not known.attributes else None

    def _attribute(self, node: ast.Attribute) -> str | None:
        owner = self.type_of(node.value)
        if owner is not None:
            return self._types.get(f"{owner}.{node.attr}")
        known = self.known(node)
        if known is not None and known.made and not known.attributes:
            return self._types.get(known.name)
        return None

    def _call(self, node: ast.Call) -> str | None:
        known = self.known(node.func)
        if known is not None and not known.made:
            return self._types.get(known.name)
        if isinstance(node.func, ast.Attribute):
            owner = self.type_of(node.func.value)
            return self._types.get(f"{owner}.{node.func.attr}") if owner else None
        return None

    def _agreed(self, bound: Sequence[ast.expr | _Annotated | _Entered | None]) -> str | None:
        found = {self._bound_type(one) for one in bound}
        return found.pop() if len(found) == 1 else None

    def _bound_type(self, bound: ast.expr | _Annotated | _Entered | None) -> str | None:
        if isinstance(bound, _Annotated):
            return self._annotation(bound.node)
        if isinstance(bound, _Entered):
            manager = self.type_of(bound.node)
            return self._types.get(f"{manager}.__enter__", manager) if manager else None
        return self.type_of(bound)

    def _annotation(self, node: ast.expr | None) -> str | None:
        """The type an annotation names; ``X | None``, ``Optional[X]`` and ``Annotated[X, ...]`` are X."""
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            sides = [side for side in (node.left, node.right) if not _is_none(side)]
            return self._annotation(sides[0]) if len(sides) == 1 else None
        outer = self._outer if self._outer is not None else self
        if isinstance(node, ast.Subscript):
            known = outer.known(node.value)
            if known is not None and known.name in _OPTIONAL:
                inner = node.slice.elts[0] if isinstance(node.slice, ast.Tuple) and node.slice.elts else node.slice
                return self._annotation(inner)
            return None
        name = dotted(node)
        known = self._project.resolve(self._path, name, self._imports) if name else None
        return self._types.get(known.name) if known is not None and not known.made else None

    def _read(self, function: FunctionNode) -> None:
        args = function.args
        for one in (*args.posonlyargs, *args.args, *args.kwonlyargs):
            self._bind(one.arg, _Annotated(one.annotation))
        for star in (args.vararg, args.kwarg):
            if star is not None:
                self._bind(star.arg, None)
        for node in own_nodes(function):
            self._read_node(node)

    def _read_node(self, node: ast.AST) -> None:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                self._target(target, node.value)
        elif isinstance(node, ast.AnnAssign):
            self._target(node.target, _Annotated(node.annotation))
        elif isinstance(node, (ast.AugAssign, ast.For, ast.AsyncFor, ast.comprehension)):
            self._target(node.target, None)
        elif isinstance(node, ast.NamedExpr):
            self._target(node.target, node.value)
        elif isinstance(node, ast.withitem) and node.optional_vars is not None:
            self._target(node.optional_vars, _Entered(node.context_expr))
        else:
            self._read_other(node)

    def _read_other(self, node: ast.AST) -> None:
        """Statements and patterns that bind a name to something that has no type here."""
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            self._imports.update((one.name, one) for one in imports_of(node))
        elif isinstance(node, (*_FUNCTIONS, ast.ClassDef)) or (isinstance(node, ast.ExceptHandler) and node.name):
            self._bind(node.name or "", None)
        elif isinstance(node, (ast.MatchAs, ast.MatchStar)) and node.name:
            self._bind(node.name, None)
        elif isinstance(node, ast.Delete):
            for target in node.targets:
                self._target(target, None)

    def _target(self, target: ast.expr, value: ast.expr | _Annotated | _Entered | None) -> None:
        if isinstance(target, ast.Name):
            self._bind(target.id, value)
        elif isinstance(target, (ast.Tuple, ast.List)):
            for one in target.elts:
                self._target(one.value if isinstance(one, ast.Starred) else one, None)

    def _bind(self, name: str, value: ast.expr | _Annotated | _Entered | None) -> None:
        # `x = None` before a branch that makes the client says nothing about its type.
        if not (isinstance(value, ast.Constant) and value.value is None):
            self._bound.setdefault(name, []).append(value)


class _Annotated:
    """A name bound with this annotation."""

    def __init__(self, node: ast.expr | None) -> None:
        self.node = node


class _Entered:
    """A name bound by ``with <node> as name``."""

    def __init__(self, node: ast.expr) -> None:
        self.node = node


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None
