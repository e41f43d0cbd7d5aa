"""The endpoints of a Django project: every pattern that its root URLconfs lead to, with the view and who answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from djfa_lint.project.declared import Value
from djfa_lint.project.django.answering import Answer, Answering
from djfa_lint.project.django.routers import Routers
from djfa_lint.project.django.spelling import Spelling
from djfa_lint.project.django.targets import Target
from djfa_lint.project.django.urlconf import URLPATTERNS, Leaf, Walk
from djfa_lint.project.entities import Endpoint, Handler
from djfa_lint.project.linked import Linked
from djfa_lint.project.roles import Role


def endpoints(linked: Linked, roots: Sequence[str] | None = None) -> tuple[Endpoint, ...]:
    """The endpoints that lead to the project's own views, in the order of the resolver.

    `roots` are the files of root URLconfs; where none are given, those of the settings, else those no other includes.
    """
    walk = _walked(linked, roots)
    answering = Answering(linked)
    # Two roots that include the same give the same route once.
    distinct = {(leaf.route, leaf.target, leaf.path, leaf.line): leaf for leaf in reversed(walk.leaves)}
    return tuple(_endpoint(answering, leaf) for leaf in reversed(distinct.values()))


def mounts(linked: Linked) -> tuple[tuple[str, Value], ...]:
    """What is mounted as ``something.urls`` and is no DRF router, with its route: ``path("api/", api.urls)``."""
    return tuple(dict.fromkeys(_walked(linked, None).mounts))


def handlers(answers: Iterable[Answer]) -> tuple[Handler, ...]:
    """The records of those who answer."""
    return tuple(Handler(one.function, tuple(verb.upper() for verb in one.verbs), one.action) for one in answers)


def _walked(linked: Linked, roots: Sequence[str] | None) -> Walk:
    routers, spelling = Routers(linked), Spelling(linked)
    walk = Walk(linked, routers, spelling)
    for path in roots if roots is not None else _roots(linked, routers, spelling):
        walk.module(path)
    return walk


def _roots(linked: Linked, routers: Routers, spelling: Spelling) -> list[str]:
    """The root URLconfs that settings name; where there are none, the URLconfs that no other one includes."""
    named: dict[str, None] = {}
    for scope in spelling.settings:
        text = spelling.text(linked.linker.lookup(scope, "ROOT_URLCONF"))
        found = linked.modules.find(scope.path, text) if text else None
        if found is not None:
            named[found] = None
    if named:
        return list(named)
    urlconfs = [path for path in sorted(linked.files) if URLPATTERNS in linked.files[path].bindings]
    urlconfs = [path for path in urlconfs if Role.TEST not in linked.roles(path)]
    included: set[str] = set()
    for path in urlconfs:
        walk = Walk(linked, routers, spelling, shallow=True)
        walk.module(path)
        included |= walk.included - {path}
    return [path for path in urlconfs if path not in included]


def _endpoint(answering: Answering, leaf: Leaf) -> Endpoint:
    target = leaf.target
    methods, answers = _answers(answering, target)
    framework = "django" if answering.kind(target.known) in {"function", "class"} else "drf"
    return Endpoint(
        framework,
        leaf.route,
        methods,
        target.known,
        leaf.path,
        leaf.line,
        name=leaf.name,
        handlers=handlers(answers),
        actions=target.actions,
        maybe=leaf.maybe,
        decorators=target.decorators,
    )


def _answers(answering: Answering, target: Target) -> tuple[tuple[str, ...], tuple[Answer, ...]]:
    if target.actions:
        return answering.verbs(target.known, target.actions), answering.of_actions(target.known, target.actions)
    if answering.kind(target.known) in {"function", "api_view"}:
        methods = answering.of_function(target.known, target.decorators)
        return methods, (Answer(target.known, tuple(verb.lower() for verb in methods)),)
    return answering.of_class(target.known)
