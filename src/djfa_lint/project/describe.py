"""What the project holds about a class or function, in the words of a fixture's ``# fact``."""

from __future__ import annotations

from collections.abc import Iterator

from djfa_lint.project.entities import Model, Relation, Serializer
from djfa_lint.project.frameworks import Frameworks
from djfa_lint.project.linked import Linked
from djfa_lint.project.names import Known


def describe(linked: Linked, frameworks: Frameworks, known: Known) -> Iterator[str]:
    """All facts about a definition.

    ``is <class>`` for each base, ``<name> -> <Model>`` and ``<name> ->> <Model>`` for relations to one and to many
    (``?`` where the model is not known), ``manager <name> <QuerySet>`` (a model's own ``objects``
    left out), ``shows <field>`` for what a serializer has,
    ``serves <verbs> <route>`` for what answers requests.
    """
    if known in linked.classes.declared:
        for one in linked.classes.mro(known).classes[1:]:
            yield f"is {one.name}"
    model = frameworks.models.get(known)
    if model is not None:
        yield from _model(model)
    serializer = frameworks.serializers.get(known) or frameworks.forms.get(known)
    if serializer is not None:
        yield from _serializer(serializer)
    for endpoint in frameworks.endpoints:
        if known in {endpoint.view, *(handler.function for handler in endpoint.handlers)}:
            verbs = ",".join(endpoint.methods) or "ANY"
            yield f"serves {verbs} {endpoint.route}"


def _model(model: Model) -> Iterator[str]:
    yield from (relation_text(one) for one in model.relations)
    for manager in model.managers:
        if manager.owner != model.known or manager.name != "objects":
            yield f"manager {manager.name} {_short(manager.queryset)}"


def relation_text(one: Relation) -> str:
    """A relation as ``name -> Model``, to many ``name ->> Model``."""
    return f"{one.name} {'->>' if one.many else '->'} {_short(one.to)}"


def _short(known: Known | None) -> str:
    return known.name.rpartition(".")[2] if known is not None else "?"


def _serializer(serializer: Serializer) -> Iterator[str]:
    if serializer.everything:
        yield "shows everything"
    for field in serializer.fields:
        yield f"shows {field.name}"
