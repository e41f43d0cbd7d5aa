"""The evaluator: bodies by what they are called with, evaluated once for each such call and remembered.

A group of bodies that call each other is gone over until nothing changes. What rests on an answer that was still open
is not remembered, so that no answer depends on what was asked first; neither is what a bound cut off.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeVar

from djfa_lint.facts.records import Import
from djfa_lint.flow.bodies import Bodies
from djfa_lint.flow.evaluate import attributes, calls, definitions, entering, expressions, statements
from djfa_lint.flow.evaluate.effects import Dropped, Effect, Shared, Stall
from djfa_lint.flow.evaluate.frame import Frame
from djfa_lint.flow.evaluate.handing import Handed, hand_in, hand_out, without_details, without_texts
from djfa_lint.flow.evaluate.loads import Loads
from djfa_lint.flow.evaluate.querysets import Given
from djfa_lint.flow.evaluate.stalls import strongest
from djfa_lint.flow.evaluate.texts import Code, Texts
from djfa_lint.flow.evaluate.values import (
    NOTHING,
    Cls,
    Const,
    Func,
    Many,
    Nothing,
    Obj,
    Rows,
    Site,
    Value,
)
from djfa_lint.knowledge.blocking import table, table_with
from djfa_lint.project.definition import Definition
from djfa_lint.project.names import Known
from djfa_lint.project.project import Project
from djfa_lint.source.nodes import Memo

# Statements and calls, in a body that nothing calls and in one that is called, with all that they lead to. Of a body
# that needs more nothing is known.
MAX_STEPS = 30_000
_MAX_CALLED = 3_000
# What it costs to ask for a body that needs more.
_GIVEN_UP = 20
_MAX_DEPTH = 12
_ROUNDS = 3
# How often a body may be inside itself, each time with other arguments.
_MAX_AGAIN = 2
ValueT = TypeVar("ValueT")


class GaveUpError(Exception):
    """A bound was reached: nothing is known of the body that was asked for."""


class Summary(NamedTuple):
    """What a body gives and does, for what it was called with; `steps` is what it took to find out."""

    value: Value
    effects: tuple[Effect, ...]
    steps: int


class Evaluator:
    """Evaluates the bodies of one project."""

    def __init__(self, project: Project, bodies: Bodies, blocking: Mapping[str, str]) -> None:
        """`blocking` are calls that block besides those of the table, each with what to write instead."""
        self.project = project
        # Where nothing runs on an event loop, nothing that would block one is worth noting, or reading the table for.
        self.stalling = project.has_coroutines()
        # Without rows only what blocks is looked for, which depends little on what a body is handed.
        self._has_rows = project.has_rows()
        self._names_relations = project.has_rows("django")
        self.blocking = table_with(blocking) if self.stalling else table(())
        self.texts = Texts(project, bodies)
        self.memo = Memo()
        self._definitions = definitions.Definitions(self)
        self._attributes = attributes.Attributes(self)
        self._kept: dict[object, Summary] = {}
        self._open: dict[object, Summary] = {}
        self._leaned_on: set[object] = set()
        self.steps = 0
        self._most = MAX_STEPS

    def begin(self) -> None:
        """Begin with a body that nothing calls."""
        self.steps, self._most = 0, MAX_STEPS

    def spend(self, steps: int = 1) -> None:
        """Count steps; raises GaveUpError where there have been too many for one body."""
        self.steps += steps
        if self.steps > self._most:
            raise GaveUpError

    def apart(self, work: Callable[[], ValueT], otherwise: ValueT) -> ValueT:
        """Do some work that is remembered for everybody: with steps of its own, resting on nothing that is open.

        Where it needs too many steps the answer is `otherwise`.
        """
        before = self.steps, self._most, self._open, self._leaned_on
        self.steps, self._most, self._open, self._leaned_on = 0, _MAX_CALLED, {}, set()
        try:
            return work()
        except GaveUpError:
            return otherwise
        finally:
            self.steps, self._most, self._open, self._leaned_on = before

    def frame(self, path: str, shift: int, imports: Mapping[str, Import] | None = None) -> Frame:
        """A frame for a body of a file."""
        return Frame(self, expressions.evaluate, statements.run, calls.apply, path, shift, imports or {})

    def summary(
        self, func: Func, given: Given, depth: int, level: int, call: Site | None = None
    ) -> tuple[Value, tuple[Effect, ...]]:
        """What a call of a project function, at `call`, gives and does in the words of the caller."""
        definition = func.definition
        if depth > _MAX_DEPTH or self._is_cached(definition):
            return None, ()
        if definition.declared.coroutine and not self._has_rows:
            # What it waits for is told where it stands; what it gives, it says.
            return None, ()
        handed = hand_in(func, self._shared(given))
        found = self._summary(func, handed, depth)
        effects = (hand_out(one, handed, level, call) for one in found.effects)
        return hand_out(found.value, handed, level), tuple(one for one in effects if one is not None)

    def _shared(self, given: Given) -> Given:
        """The arguments without what could tell two calls apart and change nothing here."""
        if not self._has_rows:
            return without_details(given)
        return given if self._names_relations else without_texts(given)

    def _summary(self, func: Func, handed: Handed, depth: int, *, making: bool = False) -> Summary:
        """A body's summary; with `making` its value is the object that it is a constructor of."""
        key = (func.definition.known, func.definition.declared.line, handed.key, making)
        if key in self._kept:
            self.spend(self._kept[key].steps)
            return self._kept[key]
        if key in self._open:
            self._leaned_on.add(key)
            return self._open[key]
        again = [one for one in self._open if isinstance(one, tuple) and one[:2] == key[:2]]
        if len(again) >= _MAX_AGAIN:
            # It calls itself with something else each time, as what walks a tree does.
            self._leaned_on.update(again)
            return Summary(None, (), 0)
        self._open[key] = Summary(NOTHING, (), 0)
        before, outer = (self.steps, self._most), self._leaned_on
        self._leaned_on, self.steps, self._most = set(), 0, _MAX_CALLED
        try:
            found = self._settled(key, func, handed, depth, making)
        except GaveUpError:
            found = Summary(None, (), _GIVEN_UP)
        finally:
            del self._open[key]
            open_still = self._leaned_on - {key}
            self._leaned_on = outer | open_still
            spent = self.steps
            self.steps, self._most = before
        if open_still or not handed.whole:
            # It will be asked for again, and cost the same again.
            self.spend(spent)
            return found
        self._kept[key] = found
        self.spend(found.steps)
        return found

    def _settled(self, key: object, func: Func, handed: Handed, depth: int, making: bool) -> Summary:
        """A summary that rests on nothing but itself, gone over until it does not change."""
        for _ in range(_ROUNDS):
            found = self._evaluate(func, handed, depth, making)
            settled = key not in self._leaned_on or found[:2] == self._open[key][:2]
            self._open[key] = found
            if settled:
                break
        value = None if isinstance(found.value, Nothing) else found.value
        return Summary(value, found.effects, self.steps)

    def _evaluate(self, func: Func, handed: Handed, depth: int, making: bool) -> Summary:
        code = self.texts.function(func.definition.known.path, func.definition.declared)
        if code is None:
            return Summary(None, (), 0)
        self.project.text(func.definition.known.path)
        frame = self.entered(func.definition, code, handed.self, handed.given, depth)
        frame.run(frame, code.node.body)
        value = entering.made(frame, handed.self) if making else frame.returned
        if not isinstance(frame.yielded, Nothing):
            value = frame.yielded if isinstance(frame.yielded, (Rows, Many)) else Many(frame.yielded)
        effects = strongest(frame.effects.values())
        if isinstance(code.node, ast.AsyncFunctionDef):
            # It is told there itself.
            effects = tuple(one for one in effects if not isinstance(one, Stall))
        # These are told where they stand, once.
        effects = tuple(one for one in effects if not isinstance(one, (Dropped, Shared)))
        return Summary(value, effects, 0)

    def entered(self, definition: Definition, code: Code, bound: Value, given: Given, depth: int) -> Frame:
        """The frame of a body, its parameters bound to what is handed in."""
        frame = self.frame(definition.known.path, code.shift)
        frame.depth, frame.owner, frame.bound = depth, definition.owner, bound
        frame.root, frame.definition = code.node, definition
        entering.bind_parameters(frame, code, given, "builtins.staticmethod" in self.decorators(definition))
        return frame

    def constructed(
        self, cls: Cls, init: Definition, given: Given, depth: int, level: int, call: Site
    ) -> tuple[Value, tuple[Effect, ...]]:
        """An instance of a class, with what its constructor keeps of what it is given, and what that does.

        Of one that is told nothing its methods say as much, when they are asked.
        """
        made = Obj(cls.known, exact=True)
        if depth > _MAX_DEPTH:
            return made, ()
        given = self._shared(given)
        told = any(not isinstance(one, (Const, type(None))) for one in (*given.args, *given.keywords.values()))
        handed = hand_in(Func(init, made, True), given)
        found = self._summary(Func(init, made, True), handed, depth, making=told)
        effects = (hand_out(one, handed, level, call) for one in found.effects)
        value = hand_out(found.value, handed, level) if told and found.value is not None else made
        return value, tuple(one for one in effects if one is not None)

    def _is_cached(self, definition: Definition) -> bool:
        return any(
            "cache" in one.rpartition(".")[2].lower() and "property" not in one for one in self.decorators(definition)
        )

    # --- what definitions tell, under one name each for those below

    def named(self, path: str, name: str, local: Mapping[str, Import]) -> Value:
        """What a name of a module holds."""
        return self._definitions.named(path, name, local)

    def defined(self, path: str, name: str, local: Mapping[str, Import]) -> Value:
        """What a dotted name that leads through modules to a definition holds; None for any other."""
        return self._definitions.defined(path, name, local)

    def alias(self, path: str, name: str) -> tuple[str, ast.expr] | None:
        """The expression that a module-level name is assigned, with its file."""
        return self._definitions.alias(path, name)

    def decorators(self, definition: Definition) -> tuple[str, ...]:
        """The canonical names of a function's decorators, called or not."""
        return self._definitions.decorators(definition)

    def manager(self, model: Known, name: str) -> Rows | None:
        """A manager of a model by its name, "" for the default one; None where it has none of the name."""
        return self._definitions.manager(model, name)

    def base_loads(self, model: Known) -> Loads:
        """What a single relation's row has loaded: what its base manager joins."""
        return self._definitions.base_loads(model)

    def class_value(self, cls: Known, name: str, receiver: Value) -> Value:
        """What an attribute assigned in a class's body holds."""
        return self._attributes.class_value(cls, name)

    def instance_value(self, value: Obj, name: str) -> Value:
        """What the methods of a class let an attribute of ``self`` hold."""
        return self._attributes.instance_value(value, name)

    def inherited(self, value: Obj, method: str, level: int) -> Value:
        """What a method that a library's class gives a project's class returns, where its attributes tell."""
        return self._attributes.inherited(value, method, level)

    def is_overridden(self, cls: Known, name: str) -> bool:
        """Whether a derived class may answer in another way."""
        return self.project.is_overridden(cls, name)

    def answering(self, cls: Known, name: str) -> tuple[Definition, ...]:
        """The methods of this name that may answer for a class: its own and those of what stands in for it."""
        return self._definitions.answering(cls, name)

    def keeps(self, definition: Definition) -> bool:
        """Whether calling a function runs its body there and then, and may block."""
        return self._definitions.keeps(definition)

    def is_abstract(self, definition: Definition) -> bool:
        """Whether a method only says that others do something."""
        return self._definitions.is_abstract(definition)

    def is_generator(self, definition: Definition) -> bool:
        """Whether a function's body runs when somebody goes over what it gives."""
        return self._definitions.is_generator(definition)

    def declared(self, definition: Definition) -> Value:
        """The object that a function says it returns."""
        return self._definitions.declared(definition)

    def assigned_at(self, path: str, line: int, name: str) -> Value:
        """What the statement on a line of a module or class assigns to a name."""
        return self._definitions.assigned_at(path, line, name)

    def user_model(self) -> Value:
        """The class of users."""
        return self._definitions.user_model()

    def model_by_label(self, label: str) -> Value:
        """The model of a label such as ``shop.Order``."""
        known = self.project.model_by_label(label)
        return Cls(known) if known is not None else None

    def hooks(self, model: Known, operation: str) -> tuple[str, ...]:
        """What a bulk operation in the place of this one would leave out."""
        return self._definitions.hooks(model, operation)
