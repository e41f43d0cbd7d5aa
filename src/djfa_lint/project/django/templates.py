"""The names that template files are loaded by."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from djfa_lint.facts.values import Binary, Expr
from djfa_lint.project.declared import Attribute, Held, Lit, Made, Mapped, Scope, Symbol, Value, options
from djfa_lint.project.django.settings import setting
from djfa_lint.project.entities import Template
from djfa_lint.project.linked import Linked

_FOLDERS = ("templates", "jinja2")
_JOINS = frozenset({"os.path.join", "pathlib.Path", "builtins.str", "os.path.normpath", "os.path.abspath"})
_DEEPEST = 20


def templates(linked: Linked) -> tuple[Template, ...]:
    """Every template file under every name it can be loaded by, sorted.

    A name is the path below a folder of `TEMPLATES`, or below the folder called ``templates`` or ``jinja2`` of an app.
    """
    folders = {str(parent) for path in linked.others for parent in PurePosixPath(path).parents}
    roots = {root for wanted in _wanted(linked) for root in _existing(wanted, folders)}
    found = set()
    for path in linked.others:
        own = _app_root(linked, path)
        parents = {str(one) for one in PurePosixPath(path).parents}
        for root in {*(roots & parents), *([own] if own is not None else [])}:
            found.add(Template(path[len(root) + 1 :], path))
    return tuple(sorted(found))


def _app_root(linked: Linked, path: str) -> str | None:
    """The outermost folder of templates a file lies in; one of an app where there are several."""
    parts = path.split("/")[:-1]
    roots = ["/".join(parts[: index + 1]) for index, part in enumerate(parts) if part in _FOLDERS]
    of_apps = [one for one in roots if f"{one.rpartition('/')[0]}/__init__.py" in linked.files]
    return next(iter(of_apps or roots), None)


# --- TEMPLATES


def _wanted(linked: Linked) -> Iterator[tuple[str, ...]]:
    """The last folders of what `DIRS` names."""
    value = setting(linked, "TEMPLATES")
    for engine in linked.linker.items(value):
        for key, folders in engine.items if isinstance(engine, Mapped) else ():
            if key == Lit("DIRS"):
                for one in linked.linker.items(folders):
                    tail = _tail(linked, one)
                    if tail:
                        yield tail


def _existing(tail: tuple[str, ...], folders: set[str]) -> Iterator[str]:
    text = "/".join(tail)
    matching = sorted(one for one in folders if one == text or one.endswith("/" + text))
    # The folder that lies highest is the project's, not one of an app that is built alike.
    highest = min((one.count("/") for one in matching), default=0)
    yield from (one for one in matching if one.count("/") == highest)


def _tail(linked: Linked, value: Value, depth: int = 0) -> tuple[str, ...]:
    """The folders a path ends with: ``BASE_DIR / "templates"`` is ``templates``."""
    if depth > _DEEPEST:
        return ()
    for one in options(value):
        if isinstance(one, Lit) and isinstance(one.value, str):
            return _joined([tuple(part for part in one.value.split("/") if part not in {"", "."})])
        if isinstance(one, Held):
            return _of_expr(linked, one.scope, one.expr, depth)
        if isinstance(one, Made):
            return _of_call(linked, one, depth)
        if isinstance(one, Attribute) and one.name == "parent":
            return _tail(linked, one.of, depth + 1)[:-1]
    return ()


def _of_expr(linked: Linked, scope: Scope, expr: Expr, depth: int) -> tuple[str, ...]:
    if isinstance(expr, Binary) and expr.op == "/":
        parts = [_tail(linked, linked.linker.value(scope, one), depth + 1) for one in (expr.left, expr.right)]
        return _joined(parts)
    return ()


def _of_call(linked: Linked, made: Made, depth: int) -> tuple[str, ...]:
    given = [_tail(linked, linked.linker.value(made.scope, one), depth + 1) for one in made.call.args]
    name = made.callee.known.name if isinstance(made.callee, Symbol) else ""
    if name in _JOINS:
        return _joined(given)
    if name == "os.path.dirname":
        return _joined(given)[:-1]
    if isinstance(made.callee, Attribute) and made.callee.name in {"joinpath", "resolve", "absolute"}:
        return _joined([_tail(linked, made.callee.of, depth + 1), *given])
    return ()


def _joined(parts: list[tuple[str, ...]]) -> tuple[str, ...]:
    found: list[str] = []
    for one in (name for part in parts for name in part):
        if one != "..":
            found.append(one)
        elif found:
            found.pop()
    return tuple(found)
