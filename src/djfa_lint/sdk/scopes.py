"""Which names a function binds, on libcst: so that a local variable is not taken for the import it hides."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from djfa_lint.facts.records import Import
from djfa_lint.source.cst import children

_SCOPES = (cst.FunctionDef, cst.Lambda, cst.ClassDef)


class Bound:
    """The names a scope binds; those bound by an import alone are in `imports`, all others in `variables`."""

    def __init__(self, scope: cst.CSTNode) -> None:
        self.imports: dict[str, Import] = {}
        self.variables: set[str] = set()
        self.outside: set[str] = set()
        if isinstance(scope, (cst.FunctionDef, cst.Lambda)):
            for param in _params(scope.params):
                self.variables.add(param.name.value)
        for node in _own(scope):
            self._read(node)
        self.variables -= self.outside

    def _read(self, node: cst.CSTNode) -> None:
        if isinstance(node, (cst.Import, cst.ImportFrom)):
            for imported in imports_of(node):
                self.imports[imported.name] = imported
        elif isinstance(node, (cst.FunctionDef, cst.ClassDef)):
            self.variables.add(node.name.value)
        elif isinstance(node, (cst.AssignTarget, cst.AnnAssign, cst.AugAssign, cst.For, cst.NamedExpr, cst.CompFor)):
            self._target(node.target)
        elif isinstance(node, cst.AsName):
            self._target(node.name)
        elif isinstance(node, (cst.MatchAs, cst.MatchStar)) and node.name is not None:
            self.variables.add(node.name.value)
        elif isinstance(node, (cst.Global, cst.Nonlocal)):
            self.outside.update(item.name.value for item in node.names)

    def _target(self, target: cst.CSTNode) -> None:
        if isinstance(target, cst.Name):
            self.variables.add(target.value)
        elif isinstance(target, (cst.Tuple, cst.List)):
            for element in target.elements:
                self._target(element.value)


def imports_of(node: cst.Import | cst.ImportFrom) -> list[Import]:
    """The names one import statement binds; a star import binds none that are known."""
    if isinstance(node.names, cst.ImportStar):
        return []
    found: list[Import] = []
    for alias in node.names:
        spelled = dotted(alias.name)
        name = alias.asname.name.value if alias.asname and isinstance(alias.asname.name, cst.Name) else ""
        if isinstance(node, cst.ImportFrom):
            module = dotted(node.module) if node.module else ""
            found.append(Import(name or spelled, module, spelled, len(node.relative)))
        elif name:
            found.append(Import(name, spelled))
        else:
            root = spelled.partition(".")[0]
            found.append(Import(root, root))
    return found


def dotted(node: cst.CSTNode | None) -> str:
    """The dotted name an expression spells, or "" where it is anything but names and dots."""
    chain: list[str] = []
    while isinstance(node, cst.Attribute):
        chain.append(node.attr.value)
        node = node.value
    if not isinstance(node, cst.Name):
        return ""
    chain.append(node.value)
    return ".".join(reversed(chain))


def _params(params: cst.Parameters) -> Iterator[cst.Param]:
    yield from (*params.posonly_params, *params.params, *params.kwonly_params)
    for star in (params.star_arg, params.star_kwarg):
        if isinstance(star, cst.Param):
            yield star


def _own(scope: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The nodes of a scope's body; scopes inside are given but not entered."""
    body = getattr(scope, "body", None)
    waiting = [body] if isinstance(body, cst.CSTNode) else []
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, _SCOPES):
            waiting.extend(children(node))
