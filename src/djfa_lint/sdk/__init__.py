"""The only room a rule may enter: how it is declared, what it is told, what it may ask and say."""

from djfa_lint.facts.kinds import Shape
from djfa_lint.facts.values import Function, Param
from djfa_lint.flow.events import (
    BlockingCall,
    Coroutine,
    Deed,
    DefeatedPrefetch,
    DeferredRead,
    DroppedCoroutine,
    EndpointWork,
    Loop,
    Place,
    Producer,
    QueryPerRow,
    QuerysetCheck,
    RelationRead,
    SharedSession,
    UnchunkedIterator,
    Via,
)
from djfa_lint.project.definition import Definition
from djfa_lint.project.entities import Endpoint, Field, Model, Relation, Serializer, SerializerField
from djfa_lint.project.names import Known
from djfa_lint.project.roles import Role
from djfa_lint.project.serving import Served
from djfa_lint.sdk.classbody import assignment_in, inner_class, texts_in, value_in
from djfa_lint.sdk.context import Context, shortened
from djfa_lint.sdk.defaults import none_and_guard
from djfa_lint.sdk.finding import (
    Applicability,
    Draft,
    Edit,
    Evidence,
    Finding,
    Findings,
    Fix,
    Severity,
)
from djfa_lint.sdk.hoisting import hoist_edits
from djfa_lint.sdk.imports import Importing
from djfa_lint.sdk.loading import call_text, load_edits, only_edits
from djfa_lint.sdk.offloading import going_over, mend, plain_route, renamed, sync_to_async
from djfa_lint.sdk.payloads import carried
from djfa_lint.sdk.responses import MadeResponse, response_hint, responses
from djfa_lint.sdk.rule import Option, Rule
from djfa_lint.sdk.scopes import dotted
from djfa_lint.sdk.signatures import (
    Outcome,
    Unhinted,
    arguments,
    decorators_of,
    hint_edit,
    is_said_elsewhere,
    naming,
    outcome,
    overridden,
    place_of_name,
    return_edit,
    unhinted,
)
from djfa_lint.sdk.uses import Use, use_of
from djfa_lint.source.cst import children, walk
from djfa_lint.source.lines import Span

__all__ = [
    "Applicability",
    "BlockingCall",
    "Context",
    "Coroutine",
    "Deed",
    "DefeatedPrefetch",
    "DeferredRead",
    "Definition",
    "Draft",
    "DroppedCoroutine",
    "Edit",
    "Endpoint",
    "EndpointWork",
    "Evidence",
    "Field",
    "Finding",
    "Findings",
    "Fix",
    "Function",
    "Importing",
    "Known",
    "Loop",
    "MadeResponse",
    "Model",
    "Option",
    "Outcome",
    "Param",
    "Place",
    "Producer",
    "QueryPerRow",
    "QuerysetCheck",
    "Relation",
    "RelationRead",
    "Role",
    "Rule",
    "Serializer",
    "SerializerField",
    "Served",
    "Severity",
    "Shape",
    "SharedSession",
    "Span",
    "UnchunkedIterator",
    "Unhinted",
    "Use",
    "Via",
    "arguments",
    "assignment_in",
    "call_text",
    "carried",
    "children",
    "decorators_of",
    "dotted",
    "going_over",
    "hint_edit",
    "hoist_edits",
    "inner_class",
    "is_said_elsewhere",
    "load_edits",
    "mend",
    "naming",
    "none_and_guard",
    "only_edits",
    "outcome",
    "overridden",
    "place_of_name",
    "plain_route",
    "renamed",
    "response_hint",
    "responses",
    "return_edit",
    "shortened",
    "sync_to_async",
    "texts_in",
    "unhinted",
    "use_of",
    "value_in",
    "walk",
]
