"""What the evaluator found in bodies, in the form rules are triggered by."""

from __future__ import annotations

from dataclasses import dataclass

from djfa_lint.knowledge.blocking import Entry
from djfa_lint.project.serving import Served
from djfa_lint.source.lines import Span


@dataclass(frozen=True)
class BlockingCall:
    """A call that blocks, made directly in a coroutine.

    `call` spans the whole call, `callee` what is called; `text` and `arguments` are their texts, the latter with its
    parentheses. `coroutine` names the function, `header` spans its ``async def`` with the name. `awaitable` says
    whether an awaited call could stand in its place, `cleaning_up` whether it is in a ``finally`` or an ``__aexit__``,
    where a new ``await`` may itself be cancelled, `chained` whether something is read from or called on its result.
    """

    path: str
    entry: Entry
    call: Span
    callee: Span
    text: str
    arguments: str
    coroutine: str
    header: Span
    awaitable: bool
    cleaning_up: bool
    chained: bool


@dataclass(frozen=True)
class Deed:
    """One thing that a function does itself.

    `kind` is ``query`` or ``write`` (`what` is the model's name), ``transaction``, ``loop`` (one with logic), ``http``,
    ``mail``, ``task``, ``file`` or ``subprocess``.
    """

    kind: str
    what: str
    span: Span


@dataclass(frozen=True)
class EndpointWork:
    """What a function that answers requests does itself, and how hard it is to follow.

    `name` spans the function's name, `lines` counts those of its body, `complexity` is its cognitive complexity.
    `deeds` are in the order written.
    """

    path: str
    served: Served
    name: Span
    lines: int
    complexity: int
    deeds: tuple[Deed, ...]
