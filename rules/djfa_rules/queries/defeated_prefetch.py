"""A prefetched relation is asked for what the prefetch cannot answer, so each row queries again.

Why it matters: `prefetch_related("items")` keeps the rows of `order.items.all()`. `order.items.filter(...)` is another
queryset: it runs for every row, and what was prefetched is thrown away. The code looks as if it had been cared for.

Bad::

    from django.db import models

    class Order(models.Model):
        number = models.CharField(max_length=20)

    class Item(models.Model):
        order = models.ForeignKey(Order, models.CASCADE, related_name="items")
        paid = models.BooleanField(default=False)

    def unpaid() -> dict[int, int]:
        orders = Order.objects.prefetch_related("items")
        return {order.pk: order.items.filter(paid=False).count() for order in orders}  # want DFA207

Good::

    from django.db import models
    from django.db.models import Prefetch

    class Order(models.Model):
        number = models.CharField(max_length=20)

    class Item(models.Model):
        order = models.ForeignKey(Order, models.CASCADE, related_name="items")
        paid = models.BooleanField(default=False)

    def unpaid() -> dict[int, int]:
        unpaid = Prefetch("items", queryset=Item.objects.filter(paid=False), to_attr="unpaid")
        return {order.pk: len(order.unpaid) for order in Order.objects.prefetch_related(unpaid)}

Reported: `filter`, `exclude`, `get`, `order_by`, `values`, `values_list`, `annotate`, `aggregate`, `distinct`,
`latest`, `earliest`, `iterator`, `only`, `defer`, `select_related`, `prefetch_related`, `last`, a second `.all()` and
the like on a relation that the rows' queryset prefetched; `first` where nothing orders the relation.

Not reported: what the prefetched rows answer: `.all()`, its iteration, index, slice and length, `.count()`,
`.exists()`, `.contains()`, `.first()` of an ordered relation; lists of `to_attr`; one object outside any loop; tests,
migrations, generated code.
"""

from djfa_lint.sdk import Context, DefeatedPrefetch, Findings, Role, Rule
from djfa_rules.queries import reading, rows_of, standing, trail

rule = Rule(
    __name__,
    __doc__,
    code="DFA207",
    since="0.1",
    category="performance",
    skips=(Role.TEST, Role.MIGRATION, Role.GENERATED, Role.SCRIPT),
)

_PREFETCH = 'move it into `Prefetch("{path}", queryset=..., to_attr=...)`'
_READ = "read it from the rows of `.all()`"
_ADVICE = {
    "filter": f"{_PREFETCH}, or choose among the rows of `.all()`",
    "exclude": f"{_PREFETCH}, or choose among the rows of `.all()`",
    "order_by": f"{_PREFETCH}, or sort the rows of `.all()`",
    "get": "look for it among the rows of `.all()`",
    "first": "use `next(iter(...all()), None)`",
    "last": "take it from `list(...all())`",
    "latest": "use `max()` over the rows of `.all()`",
    "earliest": "use `min()` over the rows of `.all()`",
    "values": _READ,
    "values_list": _READ,
    "in_bulk": _READ,
    "aggregate": "annotate the rows, or compute it from the rows of `.all()`",
    "iterator": "use `.all()`",
    "all": "`.all()` of a manager keeps what was prefetched, a second one copies it: call it once",
}


@rule.each(DefeatedPrefetch)
def check(read: DefeatedPrefetch, ctx: Context) -> Findings:
    """Report a query per row on a relation that was prefetched for these rows."""
    path = "__".join(read.relation)
    advice = _ADVICE.get(read.operation, _PREFETCH).format(path=path)
    place, calls = standing(ctx, read.path, read.callee, read.text, read.calls)
    message = (
        f"{reading(place, calls)} runs one query for {rows_of(read.producer, read.loop)} although `{path}` is "
        f"prefetched: `{read.operation}()` does not use it; {advice}"
    )
    made = f"these rows are made here, `{path}` is prefetched"
    yield rule.at(place.span, message, evidence=trail(read.loop, calls, read.others, read.producer, made=made))
