"""A queryset is asked for more than the question needs: all rows are counted or loaded to learn whether there is one.

Why it matters: `exists()` stops at the first row, `count()` walks all of them, and `if queryset:` brings all of them
here. The other way round, `exists()` before a loop over the same rows is a second query for what the loop finds out.

Bad::

    from django.db import models

    class Order(models.Model):
        paid = models.BooleanField(default=False)

    def has_unpaid() -> bool:
        return Order.objects.filter(paid=False).count() > 0  # want DFA211

    def numbers() -> list[int]:
        orders = Order.objects.filter(paid=False)
        if not orders.exists():  # want DFA211
            return []
        return [order.pk for order in orders]

Good::

    from django.db import models

    class Order(models.Model):
        paid = models.BooleanField(default=False)

    def has_unpaid() -> bool:
        return Order.objects.filter(paid=False).exists()

    def numbers() -> list[int]:
        orders = Order.objects.filter(paid=False)
        if not orders:
            return []
        return [order.pk for order in orders]

Reported: `count()` compared with nought or one or used as a truth test; `len(queryset)` and a queryset itself as a test
where its rows are not used; `exists()` and then the rows of the same queryset; `count()` of a queryset whose rows were
loaded before.

Not reported: a count that is used for more than the test; a queryset whose rows are used after the test; relations that
were prefetched, which answer by themselves; rows that may or may not be loaded; tests, migrations, generated code.

Fix (safe): `exists()`, the queryset itself or `len()`, where it says the same.
"""

from djfa_lint.sdk import Context, Evidence, Findings, Fix, QuerysetCheck, Role, Rule, shortened

rule = Rule(
    __name__,
    __doc__,
    code="DFA211",
    since="0.1",
    category="performance",
    skips=(Role.TEST, Role.MIGRATION, Role.GENERATED),
)

_COSTS = {
    "count": "counts every row{of} to learn whether there is one",
    "len": "loads every row{of} to learn whether there is one",
    "truth": "is a test that loads every row{of} to learn whether there is one",
    "exists": "asks whether there are rows{of}, and then they are loaded all the same",
    "list": "counts in the database what is loaded already",
}
_INSTEAD = {
    "count": "use `{queryset}.exists()`",
    "len": "use `{queryset}.exists()`",
    "truth": "use `{queryset}.exists()`",
    "exists": "test `{queryset}` itself, which loads them once",
    "list": "use `len({queryset})`",
}
_AGAIN = {"exists": "the rows are loaded here", "list": "the rows were loaded here"}


@rule.each(QuerysetCheck)
def check(asked: QuerysetCheck, ctx: Context) -> Findings:
    """Report a queryset that is asked for more than is needed, or for what is known."""
    cost = _COSTS[asked.kind].format(of=f" of `{asked.model}`" if asked.model else "")
    if asked.replacement and asked.kind != "exists":
        instead = f"use `{shortened(asked.replacement, 60)}`"
    else:
        instead = _INSTEAD[asked.kind].format(queryset=shortened(asked.queryset, 60))
    evidence = []
    if asked.again is not None:
        evidence = [Evidence(asked.again.path, asked.again.span, _AGAIN.get(asked.kind, "asked again here"))]
    fix = None
    if asked.replacement:
        fix = Fix.safe(instead, ctx.replace(asked.callee, asked.replacement))
    yield rule.at(asked.callee, f"`{shortened(asked.text, 60)}` {cost}; {instead}", evidence=evidence, fix=fix)
