"""A picture of a project's models and their relations, in the languages of Mermaid and Graphviz."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from djfa_lint.commands.project_view import ModelView, ProjectView, RelationView

# https://mermaid.js.org/syntax/entityRelationshipDiagram.html
_MERMAID = {
    "fk": "}o--||",
    "one_to_one": "|o--||",
    "parent": "|o--||",
    "m2m": "}o--o{",
    "tags": "}o--o{",
    "generic": "||--o{",
    "generic_fk": "}o--||",
}


def mermaid(view: ProjectView) -> str:
    """The models as a Mermaid entity relationship diagram."""
    lines = ["erDiagram"]
    names = _names(view)
    lines += [f'    {identifier}["{model.label}"]' for model, identifier in _drawn(view, names)]
    for model, relation in _relations(view, names):
        link = _MERMAID.get(relation.kind) or ("||--o{" if relation.many else "}o--||")
        lines.append(f'    {names[model.name]} {link} {names[relation.to or ""]} : "{relation.name}"')
    return "\n".join(lines)


def dot(view: ProjectView) -> str:
    """The models as a Graphviz digraph; an open arrow is a relation to many."""
    lines = ["digraph models {", "  rankdir=LR; node [shape=box];"]
    names = _names(view)
    lines += [f'  {identifier} [label="{model.label}"];' for model, identifier in _drawn(view, names)]
    for model, relation in _relations(view, names):
        head = "crow" if relation.many else "normal"
        arrow = f'[label="{relation.name}", arrowhead={head}]'
        lines.append(f"  {names[model.name]} -> {names[relation.to or '']} {arrow};")
    return "\n".join([*lines, "}"])


def _names(view: ProjectView) -> Mapping[str, str]:
    """An identifier for each model that is drawn, readable and unique."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for model in view.models:
        if model.abstract:
            continue
        short = model.name.rpartition(".")[2]
        identifier, number = short, 2
        while identifier.lower() in taken:
            identifier, number = f"{short}{number}", number + 1
        taken.add(identifier.lower())
        names[model.name] = identifier
    return names


def _drawn(view: ProjectView, names: Mapping[str, str]) -> Iterator[tuple[ModelView, str]]:
    return ((model, names[model.name]) for model in view.models if model.name in names)


def _relations(view: ProjectView, names: Mapping[str, str]) -> Iterator[tuple[ModelView, RelationView]]:
    """The declared relations between two models that are drawn; the ways back would only double them."""
    for model in view.models:
        for relation in model.relations:
            if model.name in names and relation.to in names and not relation.reverse:
                yield model, relation


GRAPHS: Mapping[str, Callable[[ProjectView], str]] = {"mermaid": mermaid, "dot": dot}
