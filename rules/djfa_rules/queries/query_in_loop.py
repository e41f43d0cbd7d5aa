"""A query in the body of a loop runs once for every pass.

Why it matters: each query is a round trip. A hundred of a millisecond each are a tenth of a second that one query would
have spared, and the number grows with the data.

Bad::

    from django.db import models

    class Product(models.Model):
        sku = models.CharField(max_length=20)

    def products(skus: list[str]) -> list[Product]:
        return [Product.objects.get(sku=sku) for sku in skus]  # want DFA205

Good::

    from django.db import models

    class Product(models.Model):
        sku = models.CharField(max_length=20)

    def products(skus: list[str]) -> list[Product]:
        by_sku = {product.sku: product for product in Product.objects.filter(sku__in=skus)}
        return [by_sku[sku] for sku in skus]

Reported: a query of Django's ORM or of an SQLAlchemy session that is sent in a loop, a comprehension or a function that
runs once an element, there or in a function of the project that is called there; with what the loop binds in it, or
without, where it can be run once before the loop.

Not reported: querysets that are built and not evaluated; a queryset that was evaluated before and is only read; loops
over a few written-out values; batches (`range(0, len(ids), 500)`, `batched(ids, 500)`), pages, `while` loops that fetch
until nothing is left, and retries; a query under `if key not in cache`, where `cache` then keeps the answer; relations
of the loop's own rows, which are `n-plus-one-loop`; writes, which are `write-in-loop`; tests, migrations, generated
code, management commands and other scripts.

Fix (unsafe): a query that is the same in every pass, moved before the loop, where it is a statement of its own.

Off by default: whether a loop goes over a handful or over thousands is seldom in the text; select it to look at a
project once.
"""

from djfa_lint.sdk import Context, Findings, Fix, QueryPerRow, Role, Rule, hoist_edits, shortened
from djfa_rules.queries import trail

rule = Rule(
    __name__,
    __doc__,
    code="DFA205",
    since="0.1",
    category="performance",
    default=False,
    skips=(Role.TEST, Role.MIGRATION, Role.GENERATED, Role.SCRIPT),
)

_ONE = "fetch {rows} with one query before the loop, by `in_bulk()` or an `__in` filter"
_IN = "select {rows} with one `in_()` before the loop"
_ADVICE = {
    "exists": "collect with one `__in` query before the loop which of them there are",
    "contains": "collect with one `__in` query before the loop which of them there are",
    "count": "count all of them with one query: `values(...).annotate(Count(...))`",
    "aggregate": "let one query group them: `values(...).annotate(...)`",
}


@rule.each(QueryPerRow)
def check(query: QueryPerRow, ctx: Context) -> Findings:
    """Report a read that runs once per iteration."""
    if query.writes:
        return
    shown, head = shortened(query.text, 60), shortened(query.loop.text, 60)
    asked = f"`{query.model}`" if query.model else "the database"
    if query.varies:
        rows = f"the `{query.model}` rows" if query.model else "the rows"
        one = _ONE if query.framework == "django" else _IN
        advice = _ADVICE.get(query.operation, one).format(rows=rows)
        message = f"`{shown}` queries {asked} in every pass of `{head}`; {advice}"
    else:
        message = f"`{shown}` runs the same query on {asked} in every pass of `{head}`; run it once before"
    evidence = trail(query.loop, query.calls, query.others, end=f"the query on {asked}", again="queried again here")
    yield rule.at(query.callee, message, evidence=evidence, fix=_fix(query, ctx))


def _fix(query: QueryPerRow, ctx: Context) -> Fix | None:
    """The query before the loop, where it is the same each time."""
    if query.varies or query.path != ctx.path:
        return None
    edits = hoist_edits(ctx, query.path, query.loop.span, query.callee)
    return Fix.unsafe("run it once before the loop", *edits) if edits else None
