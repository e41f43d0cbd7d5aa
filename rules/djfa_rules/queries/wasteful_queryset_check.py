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
where its rows are not used; `exists()` or a count and then, whenever there are some, the rows of the same queryset.

Not reported: a count that is used for more than the test, or taken again; a queryset of which one row is taken after
the test; filters on a unique key, which let one row through at most; relations that were prefetched, which answer by
themselves; rows that may or may not be loaded; tests, migrations, generated code, scripts and management commands.

Fix (safe): `exists()`, the queryset itself or `len()`, where it says the same.
"""

import re

from djfa_lint.sdk import Context, Evidence, Findings, Fix, QuerysetCheck, Role, Rule

rule = Rule(
    __name__,
    __doc__,
    code="DFA211",
    since="0.1",
    category="performance",
    skips=(Role.TEST, Role.MIGRATION, Role.GENERATED, Role.SCRIPT),
)

_COSTS = {
    "count": "counts every matching row to learn whether there is one",
    "len": "loads every matching row to learn whether there is one",
    "truth": "is a test that loads every matching row to learn whether there is one",
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
_MOST = 60
_ARGUMENTS = re.compile(r"\((?!\.\.\.\))[^()]+\)")


@rule.each(QuerysetCheck)
def check(asked: QuerysetCheck, ctx: Context) -> Findings:
    """Report a queryset that is asked for more than is needed, or for what is known."""
    cost = _COSTS[asked.kind].format(of=f" of `{asked.model}`" if asked.model else "")
    evidence = []
    if asked.again is not None:
        evidence = [Evidence(asked.again.path, asked.again.span, _AGAIN.get(asked.kind, "asked again here"))]
    fix = None
    if asked.replacement:
        fix = Fix.safe(_instead(asked), ctx.replace(asked.callee, asked.replacement))
    yield rule.at(asked.callee, f"`{_brief(asked.text)}` {cost}; {_instead(asked)}", evidence=evidence, fix=fix)


def _instead(asked: QuerysetCheck) -> str:
    if asked.replacement:
        return f"use `{_brief(asked.replacement)}`"
    if asked.kind == "exists" and not asked.queryset.isidentifier():
        # An expression makes other rows each time that it is written.
        return "keep the rows in a variable and test that, which loads them once"
    return _INSTEAD[asked.kind].format(queryset=_brief(asked.queryset))


def _brief(text: str) -> str:
    """A text short enough for a message, with both its ends: what is passed goes first, then the middle."""
    text = " ".join(text.split())
    while len(text) > _MOST:
        inner = max(_ARGUMENTS.finditer(text), key=lambda one: len(one.group()), default=None)
        if inner is None or len(inner.group()) <= len("(...)"):
            break
        text = text[: inner.start()] + "(...)" + text[inner.end() :]
    if len(text) <= _MOST:
        return text
    tail = text[-_MOST // 2 :]
    return f"{text[: _MOST - 3 - len(tail)].rstrip()}...{tail.lstrip()}"
