"""Whether a file that is opened in a function is also read or written there.

Opening is quick; the wait is in what follows. A handle that is only passed on may be read in a thread.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from djfa_lint.flow.values import Scope
from djfa_lint.source.nodes import children

_WAITING = frozenset("read readline readlines readall readinto write writelines truncate flush extractall".split())
# Calls that read or write a handle they are given, on the spot.
_LOADERS = frozenset(
    "json.load json.dump pickle.load pickle.dump yaml.load yaml.safe_load yaml.dump yaml.safe_dump tomllib.load "
    "tomli.load toml.load csv.reader csv.DictReader marshal.load plistlib.load shutil.copyfileobj builtins.list "
    "builtins.sorted builtins.sum builtins.max builtins.min builtins.any builtins.all pandas.read_csv "
    "pandas.read_json pandas.read_excel ast.parse".split()
)


def used_on_the_spot(scope: Scope, opening: ast.Call, nodes: Sequence[ast.AST]) -> bool:
    """Whether what `opening` gives is read or written in the same function; `nodes` are all of the function's own."""
    parents = {id(child): parent for parent in nodes for child in children(parent)}
    if _is_used(scope, opening, parents):
        return True
    names = _names_of(opening, nodes)
    return any(
        _is_used(scope, node, parents)
        for node in nodes
        if isinstance(node, ast.Name) and node.id in names and isinstance(node.ctx, ast.Load)
    )


def _names_of(opening: ast.Call, nodes: Sequence[ast.AST]) -> set[str]:
    """The variables the handle is bound to, by assignment or by ``with``."""
    targets: list[ast.expr] = []
    for node in nodes:
        if isinstance(node, ast.withitem) and node.context_expr is opening and node.optional_vars is not None:
            targets.append(node.optional_vars)
        elif isinstance(node, ast.Assign) and node.value is opening:
            targets += node.targets
        elif isinstance(node, ast.NamedExpr) and node.value is opening:
            targets.append(node.target)
    return {target.id for target in targets if isinstance(target, ast.Name)}


def _is_used(scope: Scope, handle: ast.expr, parents: dict[int, ast.AST]) -> bool:
    parent = parents.get(id(handle))
    if isinstance(parent, ast.Attribute) and parent.attr in _WAITING:
        call = parents.get(id(parent))
        return isinstance(call, ast.Call) and call.func is parent
    if isinstance(parent, (ast.For, ast.comprehension)):
        return parent.iter is handle
    if isinstance(parent, ast.Call) and handle in parent.args:
        known = scope.known(parent.func)
        return known is not None and not known.made and known.name in _LOADERS
    return False
