"""A relation that is read in a loop runs one query for every row.

Why it matters: `order.customer` looks like an attribute and is a query, unless the rows' queryset loaded it. Ten orders
in development make eleven queries that nobody notices; the thousand orders of a real customer make a thousand and one.

Bad::

    from django.db import models

    class Customer(models.Model):
        name = models.CharField(max_length=50)

    class Order(models.Model):
        customer = models.ForeignKey(Customer, models.CASCADE, related_name="orders")

    def names() -> list[str]:
        return [order.customer.name for order in Order.objects.all()]  # want DFA201

    def labels() -> list[str]:
        found = []
        for customer in Customer.objects.all():
            numbers = [str(order.pk) for order in customer.orders.all()]  # want DFA201
            found.append(f"{customer.name}: {', '.join(numbers)}")
        return found

Good::

    from django.db import models

    class Customer(models.Model):
        name = models.CharField(max_length=50)

    class Order(models.Model):
        customer = models.ForeignKey(Customer, models.CASCADE, related_name="orders")

    def names() -> list[str]:
        return [order.customer.name for order in Order.objects.select_related("customer")]

    def labels() -> list[str]:
        found = []
        for customer in Customer.objects.prefetch_related("orders"):
            numbers = [str(order.pk) for order in customer.orders.all()]
            found.append(f"{customer.name}: {', '.join(numbers)}")
        return found

Reported: foreign keys, one-to-one, many-to-many and generic relations and their other sides, `.count()`, `.filter()`
and the like included, read for each row of a `for`, a comprehension, a generator that is consumed, `map`, `filter`, or
the `key` of `sorted`, `min` and `max`; through variables, functions and parameters of the project, managers and methods
of querysets, `get_queryset`, properties, methods and `__str__` of models.

Where a loop reaches the read through a call or a property, the finding stands at the call, in the loop, and shows the
read, the calls between and the queryset with it.

Not reported: what the queryset loads on every way to the loop, or on one of them; what was put there by hand
(`order.customer = ...`) or by the other side (`customer.orders.all()` knows its customer); rows of `values()` and
`values_list()`; loops that end in their first pass or run over at most one row; loops over what belongs to one object
(`order.items.all()` of the order at hand), which is mostly a handful, unless the option `of-one-object` is set; loops
that delete each row; `raise` and `except`; a relation filtered by something that each row has for itself, which no
prefetch brings; relations of an object that the loop does not bind; other queries in loops, which are `query-in-loop`,
and prefetched relations that are asked for something else, which are `defeated-prefetch`; tests, migrations, generated
code, scripts and management commands.

Off by default: on large, well-kept projects 24 of 30 findings were worth a person's time, not nine of ten; most of the
others are loops over a handful, which a text seldom tells. Select it to look at a project, with a baseline to keep it.

Fix (unsafe): `select_related` or `prefetch_related` where the rows are made, joined to one that is there already.

Fix (safe): `order.customer_id` for `order.customer.pk`, which needs no query.
"""

from djfa_lint.sdk import (
    Context,
    Edit,
    Findings,
    Fix,
    Option,
    RelationRead,
    Role,
    Rule,
    call_text,
    load_edits,
    shortened,
)
from djfa_rules.queries import reading, rows_of, standing, trail

rule = Rule(
    __name__,
    __doc__,
    code="DFA201",
    since="0.1",
    category="performance",
    default=False,
    skips=(Role.TEST, Role.MIGRATION, Role.GENERATED, Role.SCRIPT),
    options=(Option("of-one-object", False, "also report loops over what belongs to one object: `order.items.all()`"),),
)

# A prefetch answers the others too, but brings all of the related rows for it.
_WHOLE = frozenset({"", "all", "get_queryset"})
_COUNTED = {
    "count": 'annotate them with `Count("{path}")`',
    "exists": "annotate them with `Exists(...)`",
    "contains": "prefetch `{path}` and look among its rows",
    "aggregate": "annotate them instead",
}


@rule.each(RelationRead)
def check(read: RelationRead, ctx: Context) -> Findings:
    """Report a relation that is read per row and that the rows' queryset did not load."""
    if read.one and not ctx.option("of-one-object"):
        return
    path = "__".join(read.relation)
    place, calls = standing(ctx, read.path, read.callee, read.text, read.calls)
    rows = rows_of(None if read.below else read.producer, read.loop)
    message = f"{reading(place, calls)} runs one query for {rows}; {_advice(read, path)}"
    made = f"these rows are made here, `{path}` is not loaded"
    evidence = trail(read.loop, calls, read.others, read.producer, made=made)
    yield rule.at(place.span, message, evidence=evidence, fix=_fix(read, ctx))


def _advice(read: RelationRead, path: str) -> str:
    if read.key:
        return f"`{read.key}` is the same key without a query"
    if read.operation in _COUNTED:
        return _COUNTED[read.operation].format(path=path)
    if read.operation not in _WHOLE:
        return f'load them at once with `Prefetch("{path}", queryset=..., to_attr=...)`'
    if not read.remedy:
        return "read what is needed with one query before the loop"
    where = "where its rows are made"
    if read.producer is not None:
        where = f"to `{shortened(read.producer.text)}`" if read.below else "to it"
    return f"add `{call_text(read.remedy, read.relation)}` {where}"


def _fix(read: RelationRead, ctx: Context) -> Fix | None:
    """The key in place of the row, or a loader where the rows are made."""
    if read.key and read.key_span is not None:
        return Fix.safe(f"use `{read.key}`", Edit(read.path, read.key_span, read.key))
    if read.producer is None or not read.remedy or read.operation not in _WHOLE:
        return None
    edits = load_edits(ctx, read.producer, read.remedy, read.relation)
    return Fix.unsafe(f"add {call_text(read.remedy, read.relation).removeprefix('.')}", *edits) if edits else None
