"""The project as a page of text: one section a kind of thing, one line a thing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from djfa_lint.commands.project_view import EndpointView, ModelView, ProjectView, SerializerView


def as_text(view: ProjectView) -> str:
    """The view for a person. Sections that would be empty are left out."""
    lines = [f"{view.root}: {view.files} Python file{'s' if view.files != 1 else ''}"]
    lines += [f"  could not be read: {one}" for one in view.unreadable]
    lines += _section("Source roots", view.roots)
    lines += _section("Frameworks", (f"{name} {version}" for name, version in view.frameworks.items()))
    lines += _section("Settings", view.settings)
    lines += _section("Models", (line for one in view.models for line in _model(one)), len(view.models))
    lines += _section("Endpoints", map(_endpoint, view.endpoints))
    lines += _section("Serializers", map(_serializer, view.serializers))
    lines += _section("Model forms", map(_serializer, view.forms))
    for title, named in (
        ("Pydantic models", view.schemas),
        ("Admin classes", view.admins),
        ("Tasks", view.tasks),
        ("Signal receivers", view.receivers),
    ):
        lines += _section(title, (f"{one.name}  {one.path}:{one.line}" for one in named))
    lines += _section("Templates", (f"{one.name}  {one.path}" for one in view.templates))
    return "\n".join(lines)


def _section(title: str, lines: Iterable[str], count: int | None = None) -> list[str]:
    found = list(lines)
    if not found:
        return []
    return ["", f"{title} ({len(found) if count is None else count})", *(f"  {one}" for one in found)]


def _model(model: ModelView) -> Iterator[str]:
    kind = "".join(f" {word}" for word, true in (("abstract", model.abstract), ("proxy", model.proxy)) if true)
    yield f"{model.name}  {model.label}{kind}  {model.path}:{model.line}"
    for one in model.relations:
        arrow = "->>" if one.many else "->"
        to = one.to.rpartition(".")[2] if one.to else "?"
        yield f"  {one.name} {arrow} {to}{'  (from the other side)' if one.reverse else ''}"


def _endpoint(endpoint: EndpointView) -> str:
    if endpoint.websocket:
        verbs = "WEBSOCKET"
    elif endpoint.actions:
        verbs = ",".join(f"{verb.upper()}={action}" for verb, action in endpoint.actions.items())
    else:
        verbs = ",".join(endpoint.methods) or "ANY"
    condition = "  (under a condition)" if endpoint.maybe else ""
    return f"{verbs} {endpoint.route or '(empty)'}  {endpoint.view}  {endpoint.path}:{endpoint.line}{condition}"


def _serializer(serializer: SerializerView) -> str:
    fields = "every field" if serializer.everything else ", ".join(serializer.fields)
    if serializer.excluded:
        fields = f"every field but {', '.join(serializer.excluded)}"
    model = f" of {serializer.model.rpartition('.')[2]}" if serializer.model else ""
    return f"{serializer.name}{model}: {fields}  {serializer.path}:{serializer.line}"
