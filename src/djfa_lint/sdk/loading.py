"""Edits at the expression that makes rows: load a relation with them, or a column that they leave out.

The expression often stands in another file than the one at hand. Where it cannot be told what an edit would do, there
is none.
"""

from __future__ import annotations

from djfa_lint.flow.events import Producer
from djfa_lint.knowledge.querysets import SCALARS, VALUES, WRITES
from djfa_lint.sdk.chains import Chain, Method, chain_of, given, is_default_managed, is_reset, made_of, names_in
from djfa_lint.sdk.context import Context
from djfa_lint.sdk.expressions import Expression, opened
from djfa_lint.sdk.finding import Edit

_CALLS = {"select": "select_related", "prefetch": "prefetch_related"}
# Django refuses a loader after these, or they give no rows.
_CLOSED = VALUES | SCALARS | WRITES | {"union", "intersection", "difference", "iterator"}


def call_text(remedy: str, relation: tuple[str, ...]) -> str:
    """The call that loads a relation, for messages: ``.select_related("customer__country")``."""
    return _call(remedy, relation, '"')


def load_edits(ctx: Context, producer: Producer, remedy: str, relation: tuple[str, ...]) -> tuple[Edit, ...] | None:
    """The edits after which a producer's rows come with a relation; None where that cannot be done well.

    `remedy` is ``select`` or ``prefetch``, `relation` the path from the rows. A call of the same loader that the
    expression has is given one more path; else the loader's call is added at the end of its chain. A ``.only(...)``
    that would make Django refuse the join is given the relation's column.
    """
    expression = opened(ctx, producer.path, producer.span)
    if expression is None or remedy not in _CALLS or not relation:
        return None
    node, is_argument = made_of(expression.node, producer.path, ctx.project)
    call = _call(remedy, relation, expression.quote)
    if is_argument and is_default_managed(node, producer.path, ctx.project):
        return (expression.added(node, None, f".objects{call}"),)
    chain = chain_of(node, producer.path, ctx.project) if producer.editable else None
    if chain is None or not _takes(chain, remedy):
        return None
    loaders = _live([one for one in chain.methods if one.name == _CALLS[remedy]], remedy)
    columns = _columns(expression, chain, relation) if remedy == "select" else ()
    if loaders is None or columns is None:
        return None
    edit = _merged(expression, loaders, "__".join(relation)) if loaders else _added(expression, chain, call)
    return (edit, *columns) if edit is not None else None


def only_edits(ctx: Context, producer: Producer, column: str) -> tuple[Edit, ...] | None:
    """The edits after which a producer's rows come with a column that its `only` or `defer` leaves out, or None."""
    expression = opened(ctx, producer.path, producer.span)
    if expression is None or not producer.editable:
        return None
    chain = chain_of(made_of(expression.node, producer.path, ctx.project)[0], producer.path, ctx.project)
    if chain is None:
        return None
    methods = _since_reset(chain.methods)
    deferring = [one for one in methods if one.name == "defer" and names_in(one) & _spellings(column)]
    edits = [_undeferred(expression, chain, one, column) for one in deferring[:1]]
    only = next((one for one in reversed(methods) if one.name == "only"), None)
    if only is not None and only.call.args and not names_in(only) & _spellings(column):
        if any(arg.keyword is not None or arg.star == "**" for arg in only.call.args):
            return None
        edits.append(expression.appended(only.call, column))
    made = tuple(one for one in edits if one is not None)
    return made if made and len(made) == len(edits) and len(deferring) < 2 else None


def _call(remedy: str, relation: tuple[str, ...], quote: str) -> str:
    return f".{_CALLS[remedy]}({quote}{'__'.join(relation)}{quote})"


def _spellings(column: str) -> set[str]:
    """A foreign key's column goes by two names."""
    return {column, column.removesuffix("_id"), f"{column}_id"}


def _takes(chain: Chain, remedy: str) -> bool:
    """Whether a chain can be given a loader's call without an error, or a lock that was not there."""
    names = {one.name for one in chain.methods}
    if names & _CLOSED or (remedy == "select" and "raw" in names):
        return False
    if remedy == "select":
        # The joined rows would be locked too, and PostgreSQL refuses to lock those of an outer join.
        locks = [one.call for one in chain.methods if one.name == "select_for_update"]
        return all(any(arg.keyword and arg.keyword.value == "of" for arg in one.args) for one in locks)
    # Without a chunk size Django 5 refuses prefetches, and before that they were left out.
    return all(one.call.args or one.func.attr.value != "iterator" for one in chain.ends)


def _live(calls: list[Method], remedy: str) -> list[Method] | None:
    """Of a loader's calls in a chain the last ones that are written out; None where one more would undo the last."""
    found: list[Method] = []
    for one in reversed(calls):
        if any(each is not None for each in given(one.call)):
            found.insert(0, one)
            continue
        # A star may bring no names at all, and then everything is joined.
        stars = remedy == "select" and any(arg.star for arg in one.call.args)
        if not found and (not one.call.args or is_reset(one.call) or stars):
            return None
        break
    return found


def _merged(expression: Expression, loaders: list[Method], path: str) -> Edit | None:
    """The edit that puts a path into one of a chain's calls; None where one has it."""
    found = [one for method in loaders for one in given(method.call) if one is not None]
    if any(f"{one.path}__".startswith(f"{path}__") for one in found):
        return None
    # A `Prefetch` has to come before what goes through it.
    root = path.partition("__")[0]
    behind = any(one.literal is None and one.path.partition("__")[0] == root for one in found)
    shorter = [one for one in found if one.literal is not None and path.startswith(f"{one.path}__")]
    literal = max(shorter, key=lambda one: len(one.path)).literal if shorter else None
    if behind or literal is None:
        return expression.appended(loaders[-1].call, path)
    start, end = expression.place(literal)
    return expression.edit(start, end, f"{literal.prefix}{literal.quote}{path}{literal.quote}")


def _added(expression: Expression, chain: Chain, call: str) -> Edit:
    """The edit that puts a loader's call at the end of a chain, in place of a last ``.all()``."""
    last = chain.methods[-1] if chain.methods else None
    if last is not None and last.func.attr.value == "all" and not last.call.args and not chain.own_all:
        return expression.edit(expression.dot(last.func), expression.place(last.call)[1], call)
    return expression.added(chain.node, chain.follower, call)


def _columns(expression: Expression, chain: Chain, relation: tuple[str, ...]) -> tuple[Edit, ...] | None:
    """What a join needs besides, as Django refuses one over a deferred column; None where that cannot be given."""
    methods, path = _since_reset(chain.methods), "__".join(relation)
    deferred = {name.removesuffix("_id") for one in methods if one.name == "defer" for name in names_in(one)}
    if any(f"{path}__".startswith(f"{name}__") for name in deferred):
        return None
    only = next((one for one in reversed(methods) if one.name == "only"), None)
    if only is None or not only.call.args:
        return ()
    if None in given(only.call) or any(name.startswith(f"{relation[0]}__") for name in names_in(only)):
        return None
    has_it = names_in(only) & {relation[0], f"{relation[0]}_id"}
    return () if has_it else (expression.appended(only.call, relation[0]),)


def _since_reset(methods: tuple[Method, ...]) -> tuple[Method, ...]:
    """The calls after the last ``defer(None)``."""
    resets = [index for index, one in enumerate(methods) if one.name == "defer" and is_reset(one.call)]
    return methods[resets[-1] + 1 :] if resets else methods


def _undeferred(expression: Expression, chain: Chain, method: Method, column: str) -> Edit | None:
    """The edit that takes a column out of a ``.defer(...)``; None where that cannot be done well."""
    names = [one.path if one is not None else "" for one in given(method.call)]
    exact = [index for index, name in enumerate(names) if name == column]
    found = exact or [index for index, name in enumerate(names) if name in _spellings(column)]
    if len(found) != 1:
        return None
    if len(names) > 1:
        return expression.without_argument(method.call, found[0])
    if len(chain.methods) > 1 or chain.follower is not None:
        return expression.without_call(method.func, method.call)
    # What is left may be a manager, which has no rows itself.
    start, end = expression.dot(method.func), expression.place(method.call)[1]
    return None if chain.own_all else expression.edit(start, end, ".all()")
