"""One pass over the nodes of a unit: which kinds, which names, how deep.

The pass goes level by level, with a list in place of recursion: it cannot overflow on a chain of 20,000 attributes,
the number of levels is the depth, and the order in which names are met does not matter to a set. It is the linter's
hottest loop, hence the inlined cases for the commonest nodes.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from operator import attrgetter
from typing import Any

from djfa_lint.facts.kinds import BITS, FIELDS, Shape
from djfa_lint.facts.records import Import
from djfa_lint.source.nodes import walk

_NESTED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_DISPLAYS = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
_PLAIN = (ast.Constant, ast.Name, ast.Attribute)
_CALL, _ATTRIBUTE = BITS["Call"], BITS["Attribute"]


def _getter(node_type: type[ast.AST]) -> tuple[int, bool, Any]:
    bit, fields = FIELDS[node_type]
    return bit, len(fields) == 1, attrgetter(*fields) if fields else None


_NOTHING = (0, False, None)
_TABLE: dict[type[ast.AST], tuple[int, bool, Any]] = {node_type: _getter(node_type) for node_type in FIELDS}


class Scan:
    """What has been met so far in one unit; `add` takes more of its nodes.

    `refs` are the dotted names that are read, with an empty root where they are read of something computed; those of
    finished scopes end up in `members`.
    """

    def __init__(self) -> None:
        self.kinds = 0
        self.depth = 0
        self.refs: set[str] = set()
        self.stores: set[str] = set()
        self.globals: set[str] = set()
        self.default_calls: set[str] = set()
        self.members: set[str] = set()
        self.awaited: set[str] = set()
        self.imports: list[Import] = []

    def add(  # noqa: C901 - the hot loop: a call a node would double its time
        self, nodes: Iterable[ast.AST], depth: int = 0, outermost: bool = True
    ) -> None:
        """Scan these nodes and all below them.

        `stores` grows only by what the outermost scope binds: a nested function's variables say nothing about the
        names of the function around it.
        """
        nested: list[tuple[ast.AST, int]] = []
        level: list[Any] = list(nodes)
        refs, stores = self.refs, self.stores if outermost else set()
        kinds = self.kinds
        while level:
            depth += 1
            below: list[Any] = []
            for node in level:
                cls = node.__class__
                if cls is ast.Name:
                    if node.ctx.__class__ is ast.Load:
                        refs.add(node.id)
                    else:
                        stores.add(node.id)
                elif cls is ast.Constant or node is None:
                    continue
                elif cls is ast.Attribute:
                    kinds |= _ATTRIBUTE
                    chain, value = [node.attr], node.value
                    while value.__class__ is ast.Attribute:
                        chain.append(value.attr)
                        value = value.value
                    if value.__class__ is ast.Name:
                        chain.append(value.id)
                    else:
                        chain.append("")
                        below.append(value)
                    chain.reverse()
                    refs.add(".".join(chain))
                    if len(chain) > 50 and depth + len(chain) > self.depth:
                        self.depth = depth + len(chain)
                elif cls is ast.Call:
                    kinds |= _CALL
                    below.append(node.func)
                    below += node.args
                    for keyword in node.keywords:
                        value = keyword.value
                        below.append(value)
                        if keyword.arg == "default" and not isinstance(value, _PLAIN):
                            kinds |= Shape.COMPUTED_KEYWORD_DEFAULT.value
                            self.default(value)
                        elif keyword.arg is None and isinstance(value, (ast.Call, ast.Attribute)):
                            kinds |= Shape.SPREAD_CALL.value
                elif cls in _SCOPES:
                    nested.append((node, depth))
                    if outermost and cls in _NAMED:
                        stores.add(node.name)
                else:
                    bit, single, get = _TABLE.get(cls, _NOTHING)
                    kinds |= bit
                    special = _SPECIAL.get(cls)
                    if special is not None:
                        kinds |= special(self, node)
                    if get is None:
                        continue
                    for part in (get(node),) if single else get(node):
                        if part.__class__ is list:
                            below += part
                        elif part is not None:
                            below.append(part)
            level = below
        self.kinds |= kinds
        self.depth = max(self.depth, depth)
        for node, at in nested:
            self._scope(node, at)

    def leave(self) -> None:
        """Forget the variables of the scope that ends: what is read of them is known by its last names only."""
        own = {*self.stores, ""} - self.globals
        inner = {ref for ref in self.refs if ref.partition(".")[0] in own}
        self.members.update(part for ref in inner for part in ref.split(".")[1:])
        self.refs -= inner
        self.stores = set()
        self.awaited.discard("")

    def _scope(self, node: Any, depth: int) -> None:
        """Scan a function, lambda, class or comprehension that stands inside this unit."""
        self.kinds |= BITS[type(node).__name__]
        if isinstance(node, _COMPREHENSIONS):
            parts: list[ast.AST] = [*node.generators]
            parts += [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
            # A walrus in a comprehension binds in the scope around it; treating it as unbound only keeps more names.
            self.add(parts, depth, outermost=False)
        elif isinstance(node, ast.ClassDef):
            for stmt in node.body:
                self.attribute(stmt)
            self.add([*node.decorator_list, *node.bases, *node.keywords, *node.body], depth, outermost=False)
        else:
            self.arguments(node.args, depth)
            body = [node.body] if isinstance(node, ast.Lambda) else node.body
            if not isinstance(node, ast.Lambda):
                self.add([*node.decorator_list, *([node.returns] if node.returns else [])], depth, outermost=False)
            self.add(body, depth, outermost=False)

    def default(self, value: ast.expr | None) -> None:
        """Note what is called to compute a default."""
        if value is not None and not isinstance(value, _PLAIN):
            called = (dotted(part.func) for part in walk(value) if isinstance(part, ast.Call))
            self.default_calls.update(name for name in called if name)

    def attribute(self, stmt: ast.stmt) -> None:
        """Note what a statement in a class body calls, if it is an annotated attribute with a value."""
        if isinstance(stmt, ast.AnnAssign):
            self.default(stmt.value)

    def arguments(self, args: ast.arguments, depth: int = 0) -> None:
        """Scan defaults and annotations, which are evaluated outside the function."""
        defaults = [*args.defaults, *(d for d in args.kw_defaults if d is not None)]
        for default in defaults:
            self.default(default)
            if isinstance(default, _DISPLAYS):
                self.kinds |= Shape.DISPLAY_DEFAULT.value
        every = [*args.posonlyargs, *args.args, *args.kwonlyargs]
        every += [one for one in (args.vararg, args.kwarg) if one is not None]
        self.add(
            [*defaults, *(one.annotation for one in every if one.annotation is not None)],
            depth,
            outermost=False,
        )


_SCOPES = frozenset((*_NESTED, *_COMPREHENSIONS))
_NAMED = frozenset((ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))


def _imports(scan: Scan, node: ast.Import) -> int:
    scan.imports += imports_of(node)
    return 0


def _import_from(scan: Scan, node: ast.ImportFrom) -> int:
    scan.imports += imports_of(node)
    return 0


def _handler(scan: Scan, node: ast.ExceptHandler) -> int:
    if node.name:
        scan.stores.add(node.name)
    return Shape.BARE_EXCEPT.value if node.type is None else 0


def _global(scan: Scan, node: ast.Global) -> int:
    scan.globals.update(node.names)
    return 0


def _await(scan: Scan, node: ast.Await) -> int:
    if isinstance(node.value, ast.Call):
        func = node.value.func
        scan.awaited.add(func.id if isinstance(func, ast.Name) else getattr(func, "attr", ""))
    return 0


def _entered(scan: Scan, node: ast.AsyncWith) -> int:
    for item in node.items:
        if isinstance(item.context_expr, ast.Call):
            scan.awaited.add(dotted(item.context_expr.func).rpartition(".")[2])
    return 0


def _capture(scan: Scan, node: Any) -> int:
    name = node.rest if isinstance(node, ast.MatchMapping) else node.name
    if name:
        scan.stores.add(name)
    return 0


_SPECIAL: dict[type[ast.AST], Any] = {
    ast.Import: _imports,
    ast.ImportFrom: _import_from,
    ast.ExceptHandler: _handler,
    ast.Global: _global,
    ast.Await: _await,
    ast.AsyncWith: _entered,
    ast.MatchAs: _capture,
    ast.MatchStar: _capture,
    ast.MatchMapping: _capture,
}


def imports_of(node: ast.Import | ast.ImportFrom) -> list[Import]:
    """The names one import statement binds, in the order written."""
    if isinstance(node, ast.Import):
        return [
            Import(alias.asname, alias.name) if alias.asname else Import(root, root)
            for alias in node.names
            for root in (alias.name.split(".")[0],)
        ]
    module = node.module or ""
    return [Import(alias.asname or alias.name, module, alias.name, node.level) for alias in node.names]


def dotted(node: ast.AST | None) -> str:
    """The dotted name an expression spells, or "" where it is anything but names and dots."""
    chain: list[str] = []
    while isinstance(node, ast.Attribute):
        chain.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    chain.append(node.id)
    return ".".join(reversed(chain))
