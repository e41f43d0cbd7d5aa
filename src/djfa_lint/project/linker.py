"""Works out declared values: names through imports and assignments, calls of factories, loops over written-out lists.

Names are looked up in `lookups`, calls worked out in `calls`; circles of both are broken in `questions`.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterator, Mapping

from djfa_lint.facts.records import Class, FileFacts
from djfa_lint.facts.values import (
    Assigned,
    Binary,
    Call,
    Const,
    Each,
    Either,
    Expr,
    Function,
    Item,
    Many,
    Member,
    Pairs,
    Ref,
    Spread,
    Statement,
    Text,
)
from djfa_lint.knowledge.library import library
from djfa_lint.project.calls import Calls
from djfa_lint.project.classes import Classes
from djfa_lint.project.combine import item_of, items_of, merged, sum_of, text_of
from djfa_lint.project.declared import (
    UNKNOWN,
    Attribute,
    Choice,
    Held,
    Listed,
    Lit,
    Made,
    Mapped,
    Scope,
    Several,
    Symbol,
    Value,
    choice,
    options,
)
from djfa_lint.project.lookups import Lookups
from djfa_lint.project.modules import Modules
from djfa_lint.project.names import Known, Names
from djfa_lint.project.questions import Questions

_DEEPEST = 40
_MOST_PARTS = 30


class Linker:
    """Gives the value of declared expressions; answers are kept as long as the project."""

    def __init__(self, files: Mapping[str, FileFacts], modules: Modules, names: Names, classes: Classes) -> None:
        self.files, self.modules, self.names, self.classes = files, modules, names, classes
        self.questions = Questions()
        self._lookups = Lookups(self)
        self._calls = Calls(self)
        self._modules: dict[str, Scope] = {}
        self._functions: dict[str, dict[str, Function]] = {}
        self._class_scopes: dict[Known, Scope] = {}
        self._asked: dict[int, Assigned] = {}

    @property
    def runs(self) -> list[Scope]:
        """The runs of factories so far; more are added as more is asked."""
        return self._calls.runs

    def module(self, path: str) -> Scope:
        """The scope of a file's module level."""
        found = self._modules.get(path)
        if found is None:
            found = self._modules[path] = Scope(path, self.files[path].declared)
        return found

    def function(self, known: Known) -> Function | None:
        """A project function or method by its absolute name."""
        if not known.path or known.path not in self.files:
            return None
        table = self._functions.get(known.path)
        if table is None:
            table = self._functions[known.path] = {one.name: one for one in self.files[known.path].functions}
        prefix = self.modules.name(known.path)
        return table.get(known.name[len(prefix) + 1 :]) if known.name.startswith(prefix + ".") else None

    def lookup(self, scope: Scope, name: str) -> Value:
        """The value of a name in a scope."""
        return self._lookups.lookup(scope, name)

    def unrolled(self, statement: Statement, scope: Scope) -> Iterator[tuple[Statement, Scope]]:
        """A statement with the scope to read it in; a loop's body once for each item of a written-out list."""
        return self._lookups.unrolled(statement, scope)

    # --- expressions

    def value(self, scope: Scope, expr: Expr | None) -> Value:
        """What an expression is in a scope."""
        if scope.depth > _DEEPEST or expr is None:
            return UNKNOWN
        if isinstance(expr, Const):
            return Lit(expr.value)
        if isinstance(expr, Ref):
            return self._dotted(scope, expr.name)
        if isinstance(expr, Call):
            return self.called(scope, expr)
        if isinstance(expr, Member):
            return self.attribute(self.value(scope, expr.of), expr.name)
        if isinstance(expr, (Many, Pairs, Each)):
            return self._display(scope, expr)
        if isinstance(expr, Either):
            return choice([self.value(scope, one) for one in expr.options])
        return self._computed(scope, expr)

    def _dotted(self, scope: Scope, dotted: str) -> Value:
        root, *rest = dotted.split(".", _MOST_PARTS)
        if len(rest) == _MOST_PARTS:
            return UNKNOWN
        value = self.lookup(scope, root)
        for name in rest:
            value = self.attribute(value, name)
        return value

    def _display(self, scope: Scope, expr: Many | Pairs | Each) -> Value:
        if isinstance(expr, Each):
            found = tuple(self.value(one, expr.element) for one in self._lookups.rounds(scope, expr))
            return Listed(found, bool(found))
        if isinstance(expr, Many):
            return self._listed(scope, expr)
        pairs: list[tuple[Value, Value]] = []
        for key, part in expr.items:
            value = self.value(scope, part)
            if key is not None:
                pairs.append((self.value(scope, key), value))
            else:
                pairs += value.items if isinstance(value, Mapped) else [(UNKNOWN, UNKNOWN)]
        return Mapped(tuple(pairs))

    def _listed(self, scope: Scope, expr: Many) -> Value:
        items: list[Value] = []
        whole = True
        for one in expr.items:
            if isinstance(one, Spread):
                spread = self.value(scope, one.value)
                items += self.items(spread)
                # `*router.urls`: what is spread cannot be told here, but the one who asks may know.
                items += [Several(one) for one in options(spread) if isinstance(one, (Made, Attribute))]
                whole = whole and isinstance(spread, Listed) and spread.whole
            else:
                items.append(self.value(scope, one))
        return Listed(tuple(items), whole)

    def _computed(self, scope: Scope, expr: Expr) -> Value:
        found: Value | None = None
        if isinstance(expr, Binary):
            found = self._binary(scope, expr)
        elif isinstance(expr, Text):
            found = text_of([self.value(scope, one) for one in expr.parts])
        elif isinstance(expr, Item):
            found = item_of(self.value(scope, expr.of), self.value(scope, expr.index))
        return found if found is not None else Held(expr, scope)

    def _binary(self, scope: Scope, expr: Binary) -> Value | None:
        left, right = self.value(scope, expr.left), self.value(scope, expr.right)
        if expr.op == "+":
            return sum_of(left, right)
        return merged(left, right) if expr.op == "|" and isinstance(left, Mapped) else None

    def attribute(self, value: Value, name: str) -> Value:
        """An attribute of a value."""
        if isinstance(value, Choice):
            return choice([self.attribute(one, name) for one in value.options])
        if isinstance(value, Symbol):
            return self._member(value.known, name)
        if isinstance(value, Made) and isinstance(value.callee, Symbol) and value.callee.known.path:
            found = self._of_class(value.callee.known, name)
            return found if found is not None and not isinstance(found, Symbol) else Attribute(value, name)
        return Attribute(value, name)

    def _member(self, known: Known, name: str) -> Value:
        if not known.path:
            listed = _library_list(known.name, name)
            return listed if listed is not None else Symbol(Known(library().canonical(f"{known.name}.{name}")))
        if known.name == self.modules.name(known.path):
            inside = self.modules.find(known.path, f"{known.name}.{name}")
            if inside is not None and name not in self.files[known.path].bindings:
                return Symbol(Known(self.modules.name(inside), path=inside))
            return self.lookup(self.module(known.path), name)
        found = self._of_class(known, name)
        return found if found is not None else Symbol(Known(f"{known.name}.{name}", path=known.path))

    def _of_class(self, cls: Known, name: str) -> Value | None:
        """An attribute of a project class, read in the file of the class that has it."""
        if cls not in self.classes.declared:
            return None
        found = self.classes.attribute(cls, name)
        if found is None or found.what is None:
            return None
        if isinstance(found.what, (Function, Class)):
            return Symbol(Known(f"{found.owner.name}.{name}", path=found.owner.path))
        return self.class_value(found.owner, found.what)

    def class_value(self, owner: Known, statement: Assigned) -> Value:
        """The value of an assignment in a class body; for the last one about a name with what was there before it."""
        scope = self.class_scope(owner)
        if statement.op or (not statement.maybe and self._lookups.is_last(scope, statement)):
            return self.lookup(scope, statement.target)
        self._asked[id(statement)] = statement
        return self.questions.answer(
            (scope, f"={id(statement)}"), lambda: self._lookups.in_turn(scope, statement.target, statement.value, [])
        )

    def class_scope(self, owner: Known) -> Scope:
        """The scope in which a class body is read: its own names, then its module's."""
        found = self._class_scopes.get(owner)
        if found is None:
            body = self.classes.declared[owner].body
            # A method may be named in the body: `list_display = (title,)`. What the module binds is meant first.
            bound = self.files[owner.path].bindings
            methods: dict[str, Value] = {
                name: Symbol(Known(f"{owner.name}.{name}", path=owner.path))
                for name, one in self.classes.members(owner).items()
                if isinstance(one, Function) and name not in bound and not hasattr(builtins, name)
            }
            found = self._class_scopes[owner] = Scope(owner.path, body, methods, self.module(owner.path))
        return found

    # --- calls

    def called(self, scope: Scope, call: Call) -> Value:
        """What a call gives: what a factory of the project returns, else something made."""
        return self._calls.result(self.made(scope, call))

    def made(self, scope: Scope, call: Call) -> Made:
        """What a call makes itself, whatever is returned; its scope is that in which its arguments are read."""
        return self._calls.made(scope, call)

    def ran(self, scope: Scope, call: Call) -> Scope | None:
        """The run of a project function that a call makes, for what its inner functions are to read."""
        made = self.made(scope, call)
        return self.run(made.callee.known, made) if isinstance(made.callee, Symbol) else None

    def run(self, known: Known, made: Made) -> Scope | None:
        """One run of a project function with the arguments of a call; None where its body declares nothing."""
        return self._calls.run(known, made)

    def argument(self, made: Made, position: int, name: str = "") -> Value | None:
        """An argument of something made, by keyword or 0-based position; None where it is not given."""
        expr = made.call.argument(position, name)
        return self.value(made.scope, expr) if expr is not None else None

    def items(self, value: Value | None) -> tuple[Value, ...]:
        """The items of a list, over all options of a choice; none where it is no list."""
        return items_of(value)

    def text(self, value: Value | None) -> str | None:
        """A value's text, where it is a string; of a choice the first that is."""
        for one in options(value) if value is not None else ():
            if isinstance(one, Lit) and isinstance(one.value, str):
                return one.value
        return None

    def symbols(self, value: Value | None) -> tuple[Known, ...]:
        """The definitions a value may be."""
        return tuple(one.known for one in options(value) if isinstance(one, Symbol)) if value is not None else ()


def _library_list(cls: str, name: str) -> Listed | None:
    """A list that a library's class has, to be put together with one's own: ``UserAdmin.list_display + (...)``."""
    for one in library().mro(cls) if library().knows(cls) else ():
        constant = library().attributes(one).get(name)
        if isinstance(constant, (tuple, list)):
            return Listed(tuple(Lit(item) for item in constant if not isinstance(item, (tuple, list))))
    return None
