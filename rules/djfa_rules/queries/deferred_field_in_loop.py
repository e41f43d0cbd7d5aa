"""A column that `only()` or `defer()` left out is read in a loop, with one query for every row.

Why it matters: a deferred column is fetched when it is first read, each on its own. A queryset that was narrowed to be
fast is slower than a plain one as soon as somebody reads one column more.

Bad::

    from django.db import models

    class Product(models.Model):
        name = models.CharField(max_length=50)
        price = models.IntegerField()

    def labels() -> list[str]:
        products = Product.objects.only("name")
        return [f"{product.name}: {product.price}" for product in products]  # want DFA208

Good::

    from django.db import models

    class Product(models.Model):
        name = models.CharField(max_length=50)
        price = models.IntegerField()

    def labels() -> list[str]:
        products = Product.objects.only("name", "price")
        return [f"{product.name}: {product.price}" for product in products]

Reported: columns that the last `only()` does not name or a `defer()` does, read for each row, also through properties,
methods and `__str__` of the model and functions of the project; the columns of foreign keys (`order.customer_id`).

Not reported: the primary key; columns that one way to the loop loads; one object outside any loop; columns that are
assigned before they are read; tests, migrations, generated code, scripts and management commands.

Off by default: it is rare, and of the few findings on real projects some were narrowed like that on purpose.

Fix (unsafe): the column added to `only()`, or taken out of `defer()`.
"""

from djfa_lint.sdk import Context, DeferredRead, Findings, Fix, Role, Rule, only_edits
from djfa_rules.queries import reading, rows_of, standing, trail

rule = Rule(
    __name__,
    __doc__,
    code="DFA208",
    since="0.1",
    category="performance",
    default=False,
    skips=(Role.TEST, Role.MIGRATION, Role.GENERATED, Role.SCRIPT),
)


@rule.each(DeferredRead)
def check(read: DeferredRead, ctx: Context) -> Findings:
    """Report columns that are read per row and that the rows' queryset left out."""
    quoted = ", ".join(f'"{column}"' for column in read.columns)
    advice = f"add `{quoted}` to it" if read.operation == "only" else f"take `{quoted}` out of it"
    place, calls = standing(ctx, read.path, read.callee, read.text, read.calls)
    rows = rows_of(read.producer, read.loop)
    names = " and ".join(f"`{column}`" for column in read.columns)
    message = f"{reading(place, calls)} runs one query for {rows}: `{read.operation}()` leaves {names} out; {advice}"
    evidence = trail(read.loop, calls, read.others, read.producer, made=f"these rows are made here without {names}")
    yield rule.at(place.span, message, evidence=evidence, fix=_fix(read, ctx))


def _fix(read: DeferredRead, ctx: Context) -> Fix | None:
    # One column a fix: the next round finds the next one.
    edits = only_edits(ctx, read.producer, read.columns[0]) if read.producer is not None else None
    return Fix.unsafe(f'load "{read.columns[0]}" with the rows', *edits) if edits else None
