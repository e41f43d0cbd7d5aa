"""A write in the body of a loop sends one statement for every pass.

Why it matters: each statement is a round trip and, outside a transaction, a commit that waits for the disk. One
statement for all rows takes hardly longer than one for the first of them.

Bad::

    from django.db import models

    class Product(models.Model):
        sku = models.CharField(max_length=20)
        price = models.IntegerField()

    def raise_prices(percent: int) -> None:
        for product in Product.objects.all():
            product.price += product.price * percent // 100
            product.save()  # want DFA206

    def load(skus: list[str]) -> None:
        for sku in skus:
            Product.objects.create(sku=sku, price=0)  # want DFA206

Good::

    from django.db import models

    class Product(models.Model):
        sku = models.CharField(max_length=20)
        price = models.IntegerField()

    def raise_prices(percent: int) -> None:
        products = list(Product.objects.all())
        for product in products:
            product.price += product.price * percent // 100
        Product.objects.bulk_update(products, ["price"], batch_size=500)

    def load(skus: list[str]) -> None:
        Product.objects.bulk_create([Product(sku=sku, price=0) for sku in skus])

Reported: `save`, `delete`, `create`, `get_or_create`, `update_or_create` and `update` of Django's ORM, `add`, `remove`,
`clear` and `set` of its relations, and an SQLAlchemy session's `commit`, `flush` and statements, in a loop or in a
function nested around it; inside one transaction too, which spares the commits and not the statements.

Not reported: where a bulk operation would leave out what a single one does: a model with its own `save()` or
`delete()`, receivers of its signals, `auto_now` fields on `save()`, models with a parent table; `session.add()` with
one commit after the loop; what a function that is called in the loop writes, a commit under a condition, a write under
`try` (what fails for one must not undo the others); loops over a few written-out values, batches, retries; tests,
migrations, generated code, management commands and other scripts.

Off by default: a loop over a handful of rows, or a commit that is meant for each, looks like any other; select it to
look at a project once.
"""

from djfa_lint.sdk import Context, Findings, QueryPerRow, Role, Rule, shortened
from djfa_rules.queries import trail

rule = Rule(
    __name__,
    __doc__,
    code="DFA206",
    since="0.1",
    category="performance",
    default=False,
    skips=(Role.TEST, Role.MIGRATION, Role.GENERATED, Role.SCRIPT),
)

_BY_BULK_UPDATE = (
    "collect the objects and write them after the loop with one `bulk_update()`, new ones by `bulk_create()`"
)
_BY_BULK = "collect the objects and write them after the loop with one `bulk_create()`"
_THROUGH = "write the rows of the table between at once, with `through.objects`"
_ADVICE = {
    "create": _BY_BULK,
    "acreate": _BY_BULK,
    "save": _BY_BULK_UPDATE,
    "asave": _BY_BULK_UPDATE,
    "update": "write them after the loop with one `bulk_update()`, or with one `update()` where the value is the same",
    "delete": "delete them with one `filter(...).delete()`",
    "get_or_create": "write them with one `bulk_create(..., ignore_conflicts=True)`",
    "update_or_create": "write them with one `bulk_create(..., update_conflicts=True)`",
    "bulk_create": "collect the objects of all passes and call it once",
    "bulk_update": "collect the objects of all passes and call it once",
    "add": _THROUGH,
    "remove": _THROUGH,
    "clear": _THROUGH,
    "set": _THROUGH,
    "commit": "commit once after the loop",
    "flush": "flush once after the loop",
    "execute": "send the rows with one statement",
}


@rule.each(QueryPerRow)
def check(write: QueryPerRow, _ctx: Context) -> Findings:
    """Report a write that runs once per iteration, unless a bulk one would skip what the model does on a write."""
    if not write.writes or write.hooks:
        return
    shown, head = shortened(write.text, 60), shortened(write.loop.text, 60)
    advice = _ADVICE.get(write.operation, "write all of them with one statement after the loop")
    what = f"`{write.model}`" if write.model else "to the database"
    evidence = trail(write.loop, write.calls, write.others, end=f"what writes {what}", again="written again here")
    message = f"`{shown}` writes {what} in every pass of `{head}`; {advice}"
    yield rule.at(write.callee, message, evidence=evidence)
