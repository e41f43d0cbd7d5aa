"""What a rule may ask while it judges a node or an event: names, places, text, edits."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import libcst as cst

from djfa_lint.facts.kinds import Shape
from djfa_lint.facts.records import Unit
from djfa_lint.flow.bodies import Bodies
from djfa_lint.project.names import Known
from djfa_lint.project.project import Project
from djfa_lint.project.roles import Role
from djfa_lint.sdk.finding import Edit, Evidence
from djfa_lint.sdk.imports import Importing, import_edit
from djfa_lint.sdk.scopes import Bound, dotted
from djfa_lint.source.cst import MAX_DEPTH, Tree, nodes
from djfa_lint.source.lines import Lines, Span
from djfa_lint.source.nodes import FunctionNode, children


def shortened(text: str, most: int = 40) -> str:
    """A text for a message: on one line, cut to `most` characters."""
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 3].rstrip() + "..."


class Written(NamedTuple):
    """A function as `ast` has it, and the functions around it in its unit, outermost first.

    The file's line is the node's line plus `shift`; `kinds` are those of the unit.
    """

    node: FunctionNode
    around: tuple[FunctionNode, ...]
    shift: int
    kinds: int


class Context:
    """The file at hand, and the door to the project.

    `path` is project-relative with ``/``. While a node is judged, `ancestors` are the nodes around it in its unit,
    outermost first.
    """

    def __init__(self, project: Project, path: str, bodies: Bodies, options: Mapping[str, Any]) -> None:
        self.project = project
        self.path = path
        self.bodies = bodies
        self._source = bodies.source(path)
        self._options = options
        self.ancestors: list[cst.CSTNode] = []
        self._tree: Tree | None = None
        self._bound: dict[cst.CSTNode, Bound] = {}
        self._written: tuple[int, Written | None] = (0, None)

    def enter(self, tree: Tree | None) -> None:
        """Called by the engine before it walks a tree."""
        self._tree = tree
        self.ancestors = []

    @property
    def roles(self) -> frozenset[Role]:
        """What the file is for, besides being part of the application."""
        return self.project.roles(self.path)

    @property
    def lines(self) -> Lines:
        """The file's text by lines."""
        return self._source.lines

    @property
    def newline(self) -> str:
        """The file's line end, for edits that add lines."""
        return self._source.newline

    def option(self, name: str) -> Any:
        """The value of one of the rule's own options, the default where none is configured."""
        return self._options[name]

    @property
    def parent(self) -> cst.CSTNode | None:
        """The node around the one being judged."""
        return self.ancestors[-1] if self.ancestors else None

    def resolve(self, node: cst.CSTNode) -> Known | None:
        """What a name or dotted name means where it stands, through scopes, imports, aliases and re-exports.

        None for a local variable, for anything that is not a dotted name, and wherever the answer cannot be known.
        """
        name = dotted(node)
        if not name:
            return None
        root = name.partition(".")[0]
        for scope in self._scopes():
            bound = self._bound.get(scope)
            if bound is None:
                bound = self._bound[scope] = Bound(scope)
            if root in bound.variables:
                return None
            if root in bound.imports:
                return self.project.resolve(self.path, name, bound.imports)
        return self.project.resolve(self.path, name)

    def _scopes(self) -> list[cst.CSTNode]:
        """The scopes whose names the judged node sees, innermost first.

        A default, a decorator or an annotation is outside the function it belongs to, and a method does not see the
        names of its class.
        """
        found: list[cst.CSTNode] = []
        for index, node in enumerate(self.ancestors):
            if not isinstance(node, (cst.FunctionDef, cst.Lambda, cst.ClassDef)):
                continue
            inside = self.ancestors[index + 1] if index + 1 < len(self.ancestors) else None
            if inside is not None and inside is not node.body:
                continue
            found.append(node)
        innermost = found[-1:]
        return [node for node in reversed(found) if not isinstance(node, cst.ClassDef) or node in innermost]

    def definition(self, line: int, only: Shape | None = None) -> cst.FunctionDef | cst.ClassDef | None:
        """The function or class of this file whose name stands on a line (1-based), with the tree around it entered.

        The `ancestors` are then the nodes around it in its unit. None where its lines cannot be read alone. With `only`
        it is None, and nothing is parsed, where the unit does not hold that finer kind of node.
        """
        unit = self._unit_on(line)
        if unit is None or (only is not None and not unit.kinds & only.value):
            return None
        tree = self.bodies.tree(self.path, unit)
        if tree is None:
            return None
        self.enter(tree)
        name = self._name_on(line)
        if name == unit.name and isinstance(tree.own, (cst.FunctionDef, cst.ClassDef)):
            self.ancestors = [tree.root] if tree.root is not tree.own else []
            return tree.own
        found = [
            (node, around)
            for node, around in nodes(tree.root)
            if isinstance(node, (cst.FunctionDef, cst.ClassDef)) and node.name.value == name.rpartition(".")[2]
        ]
        # Working out places costs as much as parsing: only where the name alone does not tell.
        for node, around in found:
            if len(found) == 1 or self.span(node.name).line == line:
                self.ancestors = around
                return node
        return None

    def body(self, line: int) -> Written | None:
        """The function of this file whose name stands on a line (1-based), as `ast`: ten times cheaper than libcst.

        None where there is none, or where it is nested too deeply to be read. The last one asked for is kept.
        """
        if self._written[0] != line:
            self._written = (line, self._body(line))
        return self._written[1]

    def _body(self, line: int) -> Written | None:
        unit = self._unit_on(line)
        if unit is None or unit.depth > MAX_DEPTH:
            return None
        body = self.bodies.body(self.path, unit)
        if body is None:
            return None
        waiting: list[tuple[ast.AST, tuple[FunctionNode, ...]]] = [(body.node, ())]
        while waiting:
            node, around = waiting.pop()
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                if node.lineno + body.shift == line:
                    return Written(node, around, body.shift, unit.kinds)
                around = (*around, node)
            waiting += [(one, around) for one in children(node) if not isinstance(one, ast.expr)]
        return None

    def _unit_on(self, line: int) -> Unit | None:
        """The unit that a line of code belongs to."""
        for unit in self.project.files[self.path].units:
            if unit.start <= line <= unit.end and not any(start <= line <= end for start, end in unit.holes):
                return unit
        return None

    def _name_on(self, line: int) -> str:
        """The dotted name of the function or class that is defined on a line."""
        facts = self.project.files[self.path]
        names = [one.name for one in facts.functions if one.line == line]
        names += [one.name for one in facts.classes if one.line == line]
        return names[0] if names else ""

    def inside(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """Every node below one that `definition` gave, with `ancestors` set for each."""
        around = self.ancestors
        for part, above in nodes(node):
            self.ancestors = [*around, *above]
            yield part
        self.ancestors = around

    def span(self, node: cst.CSTNode) -> Span:
        """Where a node of the current tree stands: an expression with its parentheses, without whitespace around it."""
        assert self._tree is not None, "a node has a place only while its tree is walked"
        place = self._tree.place(node)
        return place.outer if getattr(node, "lpar", None) else place.inner

    def header(self, node: cst.BaseCompoundStatement | cst.ExceptHandler) -> Span:
        """The head of a compound statement: from its keyword to its colon."""
        assert self._tree is not None, "a node has a place only while its tree is walked"
        return self._tree.header(node)

    def code(self, node: cst.CSTNode) -> str:
        """The source text of a node."""
        return self.lines.text_of(self.span(node))

    def short(self, node: cst.CSTNode, most: int = 40) -> str:
        """The source text of a node for a message: on one line, cut to `most` characters."""
        return shortened(self.code(node), most)

    def evidence(self, node: cst.CSTNode, message: str) -> Evidence:
        """Another place in this file that makes the finding true."""
        return Evidence(self.path, self.span(node), message)

    def replace(self, place: cst.CSTNode | Span, content: str) -> Edit:
        """An edit that puts `content` where the node or span stands."""
        return Edit(self.path, place if isinstance(place, Span) else self.span(place), content)

    def insert(self, line: int, column: int, content: str) -> Edit:
        """An edit that inserts `content` before the given place (1-based)."""
        return Edit(self.path, Span(line, column, line, column), content)

    def importing(self, module: str, name: str = "") -> Importing:
        """How to name a module, or a name in it, in this file, and the edit that imports it where it is not yet."""
        return import_edit(self.project, self.path, self.lines, self.newline, module, name)
