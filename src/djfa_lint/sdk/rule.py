"""How a rule is declared: one module-level `Rule`, and functions that it is triggered to call."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from djfa_lint.errors import RuleError
from djfa_lint.facts.kinds import Shape, mask_of
from djfa_lint.project.roles import Role
from djfa_lint.sdk.finding import Draft, Evidence, Findings, Fix, Severity
from djfa_lint.source.lines import Span

if TYPE_CHECKING:
    import libcst as cst

    from djfa_lint.sdk.context import Context

_CODE = re.compile(r"[A-Z]{1,3}[0-9]{3}")
CheckT = TypeVar("CheckT", bound=Callable[..., Findings])


@dataclass(frozen=True)
class Option:
    """A setting of one rule, ``[tool.djfa-lint.rules.<rule name>]``. Its type is that of its default."""

    name: str
    default: bool | int | str | list[str]
    help: str


@dataclass(frozen=True)
class NodeCheck:
    """A check to call for nodes of some libcst types, in units whose facts allow one.

    `mask` are the kinds of which a unit must hold at least one; `names`, if not empty, are dotted names of which the
    unit must use at least one, with `in_defaults` call it in a default.
    """

    types: tuple[type[cst.CSTNode], ...]
    mask: int
    names: frozenset[str]
    in_defaults: bool
    function: Callable[[Any, Context], Findings]


@dataclass(frozen=True)
class EventCheck:
    """A check to call for each entity or event of one type."""

    event: type
    function: Callable[[Any, Context], Findings]


class Rule:
    """One rule. Its name is its module's, its family the folder's, its page its docstring."""

    def __init__(
        self,
        module: str,
        doc: str | None,
        *,
        code: str,
        since: str,
        category: str,
        severity: Severity | str = Severity.WARNING,
        default: bool = True,
        skips: Collection[Role] = (),
        options: Sequence[Option] = (),
        same_as: Sequence[str] = (),
    ) -> None:
        """Declare a rule; `module` and `doc` are the module's ``__name__`` and ``__doc__``.

        `since` is the first version that has it, `default` whether it is on unless deselected, `skips` the roles of
        files it does not judge, `same_as` codes of other linters for the same defect: a ``noqa`` for one of them was
        written about this finding too. Raises RuleError where the declaration is incomplete.
        """
        self.module = module
        self.doc = inspect.cleandoc(doc or "")
        self.code = code
        self.since = since
        self.category = category
        self.severity = Severity(severity)
        self.default = default
        self.skips = frozenset(skips)
        self.options = tuple(options)
        self.same_as = tuple(same_as)
        self.name = module.rpartition(".")[2].replace("_", "-")
        self.node_checks: list[NodeCheck] = []
        self.event_checks: list[EventCheck] = []
        if not _CODE.fullmatch(code):
            raise RuleError(f"{module}: `{code}` is not a code: up to three letters and three digits")
        if not self.doc:
            raise RuleError(f"{module}: a rule's documentation is its module's docstring, and there is none")

    @property
    def summary(self) -> str:
        """The first line of the documentation."""
        return self.doc.partition("\n")[0]

    @property
    def family(self) -> str:
        """The folder the rule's module stands in."""
        return self.module.split(".")[-2] if "." in self.module else ""

    def on(
        self,
        *types: type[cst.CSTNode],
        only: Shape | None = None,
        names: Collection[str] = (),
        in_defaults: bool = False,
    ) -> Callable[[CheckT], CheckT]:
        """Call the decorated check for each node of these libcst types.

        `only` and `names` spare the linter parsing units that cannot matter: a finer kind of node, or absolute dotted
        names of which the unit must use one (through whatever imports and aliases), with `in_defaults` call one in a
        default of a parameter, a ``default=`` argument or an annotated class attribute. The check must still test
        all of these. Decorate it more than once for conditions of which any one will do.
        """
        mask = only.value if only is not None else _any(mask_of(one.__name__) for one in types)

        def register(function: CheckT) -> CheckT:
            self.node_checks.append(NodeCheck(types, mask, frozenset(names), in_defaults, function))
            return function

        return register

    def each(self, event: type) -> Callable[[CheckT], CheckT]:
        """Call the decorated check for each entity or event of this type."""

        def register(function: CheckT) -> CheckT:
            self.event_checks.append(EventCheck(event, function))
            return function

        return register

    def at(
        self,
        place: cst.CSTNode | Span,
        message: str,
        *,
        evidence: Sequence[Evidence] = (),
        fix: Fix | None = None,
        severity: Severity | None = None,
    ) -> Draft:
        """A finding of this rule at a node or span.

        The message names the user's expression in backticks, says what happens, then what to do; no full stop.
        """
        # One line, whatever a rule quotes: formats with a line a finding rely on it.
        message = " ".join(message.split())
        return Draft(place, self.code, self.name, message, severity or self.severity, tuple(evidence), fix)


def _any(masks: Any) -> int:
    total = 0
    for mask in masks:
        total |= mask
    return total
