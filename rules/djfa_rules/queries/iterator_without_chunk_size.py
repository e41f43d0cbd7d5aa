"""`iterator()` after `prefetch_related()` needs a `chunk_size`.

Why it matters: an iterator prefetches chunk by chunk and must know how long a chunk is. From Django 5 it raises
`ValueError` without; Django 4.2 prefetches nothing, and each row queries.

Bad::

    from django.db import models

    class Tag(models.Model):
        name = models.CharField(max_length=20)

    class Product(models.Model):
        tags = models.ManyToManyField(Tag)

    def export() -> list[str]:
        found = []
        for product in Product.objects.prefetch_related("tags").iterator():  # want DFA213
            found += [tag.name for tag in product.tags.all()]
        return found

Good::

    from django.db import models

    class Tag(models.Model):
        name = models.CharField(max_length=20)

    class Product(models.Model):
        tags = models.ManyToManyField(Tag)

    def export() -> list[str]:
        found = []
        for product in Product.objects.prefetch_related("tags").iterator(chunk_size=500):
            found += [tag.name for tag in product.tags.all()]
        return found

Reported: `iterator()` and `iterator(chunk_size=None)` of a queryset that prefetches, also where the prefetch is in a
manager, a method of a queryset, another function or a variable.

Not reported: a chunk size by name or as the first argument; `aiterator()`, which has one; `prefetch_related(None)`
before it; a prefetch that only one way to the call adds; tests, migrations, generated code.

Fix (safe): `chunk_size=2000` where there is no argument; it is what `aiterator()` uses.
"""

from djfa_lint.sdk import Context, Findings, Fix, Role, Rule, Severity, UnchunkedIterator, shortened

rule = Rule(
    __name__,
    __doc__,
    code="DFA213",
    since="0.1",
    category="performance",
    severity=Severity.ERROR,
    skips=(Role.TEST, Role.MIGRATION, Role.GENERATED),
)


@rule.each(UnchunkedIterator)
def check(made: UnchunkedIterator, ctx: Context) -> Findings:
    """Report an iterator over rows with a prefetch that says no chunk size."""
    path = "__".join(made.relation)
    # Its only argument is the size: one that is there is None, and a second would be an error.
    edit = None if made.arguments else ctx.replace(made.inside, "chunk_size=2000")
    yield rule.at(
        made.callee,
        f"`{shortened(made.text, 60)}` prefetches `{path}` without a chunk size, which raises `ValueError` from "
        "Django 5 and prefetches nothing before; pass `chunk_size=2000`",
        fix=Fix.safe("pass `chunk_size=2000`", edit) if edit is not None else None,
    )
