"""The names SQLAlchemy's and SQLModel's constructs go by, and how to tell that a value is one of them."""

from __future__ import annotations

from functools import cache

from djfa_lint.knowledge.library import library
from djfa_lint.project.classes import Classes
from djfa_lint.project.declared import Made, Mapped, Symbol, Value, options
from djfa_lint.project.linker import Linker

# A file of a project that maps classes imports one of these.
PACKAGES = frozenset({"sqlalchemy", "sqlmodel", "flask_sqlalchemy", "advanced_alchemy", "fastapi_users_db_sqlalchemy"})
_ORM = ("sqlalchemy.orm.", "sqlalchemy.ext.declarative.", "sqlalchemy.")


@cache
def names(*plain: str) -> frozenset[str]:
    """The canonical names of these constructs, under every path SQLAlchemy and SQLModel offer them."""
    found = {prefix + one for one in plain for prefix in (*_ORM, "sqlmodel.")}
    return frozenset(found | {library().canonical(one) for one in found})


def is_construct(value: Value, *plain: str) -> bool:
    """Whether a value is one of these constructs of a library (``relationship``, ``Column``)."""
    return isinstance(value, Symbol) and not value.known.path and value.known.name in names(*plain)


def made_by(value: Value, *plain: str) -> Made | None:
    """What one of these constructs made, or None; of several options the first."""
    for one in options(value):
        if not isinstance(one, Made):
            continue
        if is_construct(one.callee, *plain):
            return one
        owner = getattr(one.callee, "name", "")
        # `db = SQLAlchemy()` offers the constructs as its attributes: `db.Column(...)`.
        if owner in plain and is_extension(getattr(one.callee, "of", one)):
            return one
    return None


def is_extension(value: Value) -> bool:
    """Whether a value is Flask-SQLAlchemy's ``db``."""
    return any(
        isinstance(one, Made)
        and isinstance(one.callee, Symbol)
        and one.callee.known.name.rpartition(".")[2] == "SQLAlchemy"
        and (one.callee.known.name.startswith("flask_sqlalchemy.") or bool(one.callee.known.path))
        for one in options(value)
    )


def is_column(classes: Classes, value: Value) -> Made | None:
    """A column that is made: by ``Column``, a class derived from it, or ``mapped_column``."""
    made = made_by(value, "Column", "mapped_column")
    if made is not None:
        return made
    for one in options(value):
        callee = one.callee if isinstance(one, Made) else None
        if isinstance(callee, Symbol) and callee.known.path and classes.is_a(callee.known, "sqlalchemy.Column"):
            return one if isinstance(one, Made) else None
    return None


def option(linker: Linker, made: Made, name: str) -> Value | None:
    """A keyword of a relationship, also from what SQLModel hands on to SQLAlchemy; None where it is not given."""
    value = linker.argument(made, -1, name)
    if value is not None:
        return value
    for holder in ("sa_relationship_kwargs", "sa_column_kwargs", ""):
        given = linker.argument(made, -1, holder) if holder else _spread(linker, made)
        for one in options(given) if given is not None else ():
            for key, item in one.items if isinstance(one, Mapped) else ():
                if linker.text(key) == name:
                    return item
    return None


def _spread(linker: Linker, made: Made) -> Value | None:
    expr = next((value for keyword, value in made.call.keywords if not keyword), None)
    return linker.value(made.scope, expr) if expr is not None else None
