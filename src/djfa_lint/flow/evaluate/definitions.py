"""What definitions tell the evaluator: names of modules, managers, attributes of classes and of instances."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from djfa_lint.facts.records import Import
from djfa_lint.flow.evaluate import decorating
from djfa_lint.flow.evaluate.asking import Evaluating
from djfa_lint.flow.evaluate.loads import NONE, OPEN, Loads
from djfa_lint.flow.evaluate.parameters import annotated
from djfa_lint.flow.evaluate.querysets import Given
from djfa_lint.flow.evaluate.values import Cls, Func, Lib, Made, Obj, Rows, Value
from djfa_lint.project.definition import Definition
from djfa_lint.project.entities import Manager
from djfa_lint.project.names import Known

_USER = "django.contrib.auth.models.User"
# More classes than these are a framework's own.
_MOST_ANSWERS = 12
_GET_USER_MODEL = "django.contrib.auth.get_user_model"


class Definitions:
    """Answers that do not depend on a call; kept."""

    def __init__(self, evaluator: Evaluating) -> None:
        self._evaluator, self._project = evaluator, evaluator.project
        self._managers: dict[tuple[Known, str], Rows | None] = {}
        self._decorators: dict[tuple[Known, int], tuple[str, ...]] = {}
        self._assigned: dict[tuple[str, int, str], Value] = {}
        self._named: dict[tuple[str, str], Value] = {}
        self._defined: dict[tuple[str, str], Value] = {}
        self._user: Cls | None = None
        self._returns: dict[tuple[Known, int], Value] = {}
        self._kept: dict[tuple[Known, int], bool] = {}
        self._answers: dict[tuple[Known, str], tuple[Definition, ...]] = {}

    # --- names

    def named(self, path: str, name: str, local: Mapping[str, Import]) -> Value:
        """What a single name that is no variable holds."""
        if not local and (path, name) in self._named:
            return self._named[path, name]
        known = self._project.resolve(path, name, local)
        value = self._definition(known) if known is not None else self._either(path, name)
        if value is None and (known is None or known.made):
            value = self._module_level(path, name, local)
        if not local:
            self._named[path, name] = value
        return value

    def _either(self, path: str, name: str) -> Value:
        """What a name holds that several libraries' imports bind to the same thing: ``select``."""
        values = [self._definition(one) for one in self._project.meanings(path, name)]
        names = {one.name.rpartition(".")[2] if isinstance(one, Lib) else "" for one in values}
        return values[0] if len(names) == 1 and "" not in names else None

    def defined(self, path: str, name: str, local: Mapping[str, Import]) -> Value:
        """What a dotted name that modules lead to is defined as."""
        if not local and (path, name) in self._defined:
            return self._defined[path, name]
        known = self._project.resolve(path, name, local)
        value = self._definition(known) if known is not None and not known.made else None
        if value is None:
            value = self._of_module(path, name, local)
        if not local:
            self._defined[path, name] = value
        return value

    def _of_module(self, path: str, name: str, local: Mapping[str, Import]) -> Value:
        """What an attribute of a module of the project holds: ``services.mailer``."""
        owner, _, attribute = name.rpartition(".")
        module = self._project.resolve(path, owner, local) if owner else None
        if module is None or module.made or not module.path or self._project.module_name(module.path) != module.name:
            return None
        return self._module_level(module.path, attribute, {})

    def _definition(self, known: Known) -> Value:
        if known.made:
            return self.user_model() if known.name == _GET_USER_MODEL and not known.attributes else None
        if known.path:
            if self._project.is_class(known):
                return Cls(known)
            declared = self._project.function(known)
            # A method is bound by what it is read from.
            return Func(Definition(known, declared, None)) if declared is not None and not declared.owner else None
        name = self._project.canonical(known.name)
        if self._project.row_model(Known(name)) is not None:
            return Cls(Known(name))
        return None if self._is_of_model(known.name) else Lib(name)

    def _is_of_model(self, name: str) -> bool:
        """Whether a library's dotted name goes on behind one of its models: ``User.objects``."""
        owner = name.rpartition(".")[0]
        while "." in owner:
            if self._project.row_model(Known(self._project.canonical(owner))) is not None:
                return True
            owner = owner.rpartition(".")[0]
        return False

    def _module_level(self, path: str, name: str, local: Mapping[str, Import]) -> Value:
        home = self._project.home(path, name, local)
        if home is None:
            return None
        lines = [one.line for one in self._project.files[home[0]].bindings.get(home[1], ())]
        self._project.text(home[0])
        return self.assigned_at(home[0], lines[0], home[1]) if len(lines) == 1 else None

    def alias(self, path: str, name: str) -> tuple[str, ast.expr] | None:
        """The expression that a module-level name is assigned, and the file it stands in; None where there are more."""
        home = self._project.home(path, name)
        if home is None:
            return None
        lines = [one.line for one in self._project.files[home[0]].bindings.get(home[1], ())]
        self._project.text(home[0])
        found = self._evaluator.texts.assigned(home[0], lines[0], home[1]) if len(lines) == 1 else None
        return (home[0], found[0]) if found is not None else None

    def assigned_at(self, path: str, line: int, name: str) -> Value:
        """What the statement on a line assigns to a name; a circle of them holds nothing."""
        key = (path, line, name)
        if key not in self._assigned:
            self._assigned[key] = None
            found = self._evaluator.texts.assigned(path, line, name)
            if found is not None:
                frame = self._evaluator.frame(path, found[1])
                self._assigned[key] = self._evaluator.apart(lambda: frame.value(found[0]), None)
        return self._assigned[key]

    def decorators(self, definition: Definition) -> tuple[str, ...]:
        """Canonical names; "" for what is not known."""
        # Of one name there may be several: a property and its setter.
        key = (definition.known, definition.declared.line)
        if key not in self._decorators:
            found = []
            for one in definition.declared.decorators:
                name = getattr(getattr(one, "callee", one), "name", "")
                known = self._project.resolve(definition.known.path, name) if name else None
                found.append(self._project.canonical(known.name) if known is not None else name)
            self._decorators[key] = tuple(found)
        return self._decorators[key]

    # --- functions

    def declared(self, definition: Definition) -> Value:
        """The object that a function says it returns."""
        key = (definition.known, definition.declared.line)
        if key not in self._returns:
            self._returns[key] = None
            code = self._evaluator.texts.function(definition.known.path, definition.declared)
            if code is not None and code.node.returns is not None:
                frame = self._evaluator.frame(definition.known.path, code.shift)
                typed = annotated(frame, code.node.returns)
                self._returns[key] = typed if isinstance(typed, Obj) else None
        return self._returns[key]

    def keeps(self, definition: Definition) -> bool:
        """Whether a call runs a function's body there and then, and nobody said that it does not block."""
        key = (definition.known, definition.declared.line)
        if key not in self._kept:
            self._project.text(definition.known.path)
            # What is read like an attribute and kept is waited for once.
            once = any(one.endswith("cached_property") for one in self.decorators(definition))
            self._kept[key] = not definition.declared.coroutine and not once and not self._is_excused(definition)
            self._kept[key] = self._kept[key] and all(
                decorating.keeps(self._evaluator, definition.known.path, one) for one in definition.declared.decorators
            )
        return self._kept[key]

    def _is_excused(self, definition: Definition) -> bool:
        """Whether ``# djfa: nonblocking`` stands at a function's head."""
        path, declared = definition.known.path, definition.declared
        code = self._evaluator.texts.function(path, declared)
        if code is None or not self._project.files[path].directives:
            return False
        # A head may go over several lines, and what a comment above it speaks for begins with the decorators.
        end = max(declared.line, code.node.body[0].lineno + code.shift - 1)
        excused = self._evaluator.texts.excused(path)
        return any(first <= end and last >= declared.start for first, last in excused)

    def answering(self, cls: Known, name: str) -> tuple[Definition, ...]:
        """The methods that may answer, those left out that only say that others do; none where there are too many."""
        key = (cls, name)
        if key not in self._answers:
            found = tuple(one for one in self._project.answering(cls, name) if not self.is_abstract(one))
            self._answers[key] = found if len(found) <= _MOST_ANSWERS else ()
        return self._answers[key]

    def is_abstract(self, definition: Definition) -> bool:
        """Whether a method only says that others do something."""
        code = self._evaluator.texts.function(definition.known.path, definition.declared)
        return code is not None and self._evaluator.memo(decorating.is_abstract, code.node)

    def is_generator(self, definition: Definition) -> bool:
        """Whether a function's body runs when somebody goes over what it gives."""
        code = self._evaluator.texts.function(definition.known.path, definition.declared)
        return code is not None and self._evaluator.memo(decorating.yields, code.node)

    # --- models

    def user_model(self) -> Value:
        """The class that ``AUTH_USER_MODEL`` names, Django's own where it is not set."""
        if self._user is None:
            self._user = self._user_class()
        return self._user

    def _user_class(self) -> Cls:
        label = self._project.setting("AUTH_USER_MODEL")
        known = self._project.model_by_label(label) if isinstance(label, str) else None
        return Cls(known or Known(_USER))

    def manager(self, model: Known, name: str) -> Rows | None:
        """A manager with what its own `get_queryset` loads."""
        key = (model, name)
        if key not in self._managers:
            self._managers[key] = None
            self._managers[key] = self._evaluator.apart(lambda: self._manager(model, name), None)
        return self._managers[key]

    def _manager(self, model: Known, name: str) -> Rows | None:
        found = self._project.row_model(model)
        if found is None or found.framework != "django" or found.abstract:
            return None
        managers = {one.name: one for one in found.managers}
        default = next(iter(found.managers), None)
        manager = default if name in {"", "_default_manager"} else managers.get(name)
        if name == "_base_manager":
            manager = managers.get(found.base_manager)
        if manager is None and name not in {"", "_default_manager", "_base_manager"}:
            return None
        made = Made(None, model.name.rpartition(".")[2])
        rows = Rows("manager", model, NONE, made, ordered=found.ordered)
        return self._loaded(rows, manager) if manager is not None else rows

    def _loaded(self, rows: Rows, manager: Manager) -> Rows:
        rows = rows._replace(manager=manager.manager, queryset=manager.queryset)
        cls = manager.manager
        own = self._project.method(cls, "get_queryset") if cls is not None else None
        if cls is None:
            return rows._replace(loads=OPEN)
        if own is None:
            return rows
        value, _ = self._evaluator.summary(Func(own, rows, True), Given(), 1, 0)
        if not isinstance(value, Rows) or value.model != rows.model:
            return rows._replace(loads=OPEN)
        return rows._replace(loads=value.loads, ordered=value.ordered, queryset=value.queryset)

    def base_loads(self, model: Known) -> Loads:
        """Django reads a single relation with its plain manager, unless the model names another."""
        found = self._project.row_model(model)
        if found is None or not found.base_manager:
            return NONE
        manager = self.manager(model, found.base_manager)
        return manager.loads if manager is not None else NONE

    def hooks(self, model: Known, operation: str) -> tuple[str, ...]:
        """What bulk operations leave out that the project relies on, in words."""
        found = self._project.row_model(model)
        if found is None:
            return ()
        name = found.label.rpartition(".")[2]
        deletes = operation == "delete"
        methods = ("delete",) if deletes else ("save", "full_clean")
        hooks = [f"{one}() of {name}" for one in methods if self._project.method(model, one) is not None]
        if self._project.is_watched(model, "delete" if deletes else "save"):
            hooks.append(f"signals of {name}")
        if operation in {"save", "update"}:
            hooks += [f"auto_now of {one.name}" for one in found.fields if one.says("auto_now")]
        if operation in {"create", "save"} and any(one.kind == "parent" and not one.reverse for one in found.relations):
            hooks.append("several tables")
        return tuple(hooks)
