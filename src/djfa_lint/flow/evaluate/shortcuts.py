"""Django's functions that matter here: shortcuts, prefetching, models by name, and what hands on a function."""

from __future__ import annotations

import ast

from djfa_lint.flow.evaluate import stalls
from djfa_lint.flow.evaluate.called import Called, Handler
from djfa_lint.flow.evaluate.loads import of_paths
from djfa_lint.flow.evaluate.querysets import one_of
from djfa_lint.flow.evaluate.reading import fetch
from djfa_lint.flow.evaluate.values import Cls, Const, Elsewhere, Prefetching, Row, Rows, Value


def _rows_of(at: Called, value: Value) -> Rows | None:
    """What the shortcuts take: a model, a manager or a queryset."""
    if isinstance(value, Rows):
        return value
    manager = at.frame.evaluator.manager(value.known, "") if isinstance(value, Cls) else None
    if manager is None or manager.made is None:
        return None
    return manager._replace(made=manager.made._replace(site=at.frame.site(at.node.args[0])), level=at.frame.level)


def _get_object(at: Called) -> Value:
    rows = _rows_of(at, at.given.argument(0)) if at.node.args else None
    if rows is None:
        return None
    fetch(at.frame, rows, "get", at.frame.site(at.node), callee=at.frame.site(at.node.func), asks="get_object_or_404")
    return one_of(rows)


def _get_list(at: Called) -> Value:
    rows = _rows_of(at, at.given.argument(0)) if at.node.args else None
    if rows is None:
        return None
    fetch(at.frame, rows, "", at.frame.site(at.node), callee=at.frame.site(at.node.func), asks="get_list_or_404")
    return rows._replace(kind="list", ready=True)


def _awaited(handler: Handler) -> Handler:
    """The same by a coroutine."""

    def handle(at: Called) -> Value:
        with at.frame.elsewhere():
            return handler(at)

    return handle


def _prefetch(at: Called) -> Value:
    path, rows, to_attr = (
        at.given.argument(0, "lookup"),
        at.given.argument(1, "queryset"),
        at.given.argument(2, "to_attr"),
    )
    text = path.value if isinstance(path, Const) and isinstance(path.value, str) else ""
    name = to_attr.value if isinstance(to_attr, Const) and isinstance(to_attr.value, str) else ""
    unknown = at.given.rest or (
        ("queryset" in at.given.keywords or len(at.given.args) > 1) and not isinstance(rows, Rows)
    )
    return Prefetching("" if unknown else text, rows if isinstance(rows, Rows) else None, name)


def _prefetch_objects(at: Called) -> Value:
    rows = at.given.argument(0)
    if not at.node.args or not isinstance(rows, Rows):
        return None
    texts = [one.value for one in at.given.args[1:] if isinstance(one, Const) and isinstance(one.value, str)]
    loads = of_paths(texts, "prefetch", rows.loads)
    if len(texts) != len(at.given.args) - 1:
        loads = loads._replace(open=True)
    for name, held in at.frame.env.items():
        if isinstance(held, (Rows, Row)) and held.made == rows.made and held.path == rows.path:
            at.frame.env[name] = held._replace(loads=loads)
    return None


def _user_model(at: Called) -> Value:
    return at.frame.evaluator.user_model()


def _model_by_label(at: Called) -> Value:
    parts = [one.value for one in at.given.args if isinstance(one, Const) and isinstance(one.value, str)]
    return at.frame.evaluator.model_by_label(".".join(parts)) if len(parts) == len(at.given.args) else None


def _paginator(at: Called) -> Value:
    rows = at.given.argument(0)
    return rows._replace(kind="queryset") if isinstance(rows, Rows) and rows.kind != "values" else None


def _render(at: Called) -> Value:
    """A template goes over the querysets that its context holds, where it is rendered at once."""
    named = [one.value for one in at.node.keywords if one.arg == "context"]
    for node in (*named, *at.node.args):
        for key, value in zip(node.keys, node.values, strict=True) if isinstance(node, ast.Dict) else ():
            name = str(key.value) if isinstance(key, ast.Constant) else ""
            stalls.rendered(at.frame, at.frame.quietly(value), name, at.node)
    return None


def _in_thread(at: Called) -> Value:
    func = at.given.argument(0)
    return Elsewhere(func, "thread") if func is not None else None


def _on_loop(at: Called) -> Value:
    return Elsewhere(at.given.argument(0), "loop")


DJANGO: dict[str, Handler] = {
    "django.shortcuts.get_object_or_404": _get_object,
    "django.shortcuts.aget_object_or_404": _awaited(_get_object),
    "rest_framework.generics.get_object_or_404": _get_object,
    "django.shortcuts.get_list_or_404": _get_list,
    "django.shortcuts.aget_list_or_404": _awaited(_get_list),
    "django.db.models.Prefetch": _prefetch,
    "django.db.models.query.Prefetch": _prefetch,
    "django.db.models.prefetch_related_objects": _prefetch_objects,
    "django.db.models.aprefetch_related_objects": _prefetch_objects,
    "django.db.models.query.aprefetch_related_objects": _prefetch_objects,
    "django.shortcuts.render": _render,
    "django.template.loader.render_to_string": _render,
    "django.db.models.query.prefetch_related_objects": _prefetch_objects,
    "django.contrib.auth.get_user_model": _user_model,
    "django.apps.apps.get_model": _model_by_label,
    "django.core.paginator.Paginator": _paginator,
    "asgiref.sync.sync_to_async": _in_thread,
    "asgiref.sync.async_to_sync": _on_loop,
    "channels.db.database_sync_to_async": _in_thread,
}
