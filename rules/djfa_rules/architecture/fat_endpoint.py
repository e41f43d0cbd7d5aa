"""A view or route does what a service should: it decides, queries, writes and calls out in one body.

Why it matters: what an endpoint does itself can be reached through HTTP alone. A task, a command or a second endpoint
that needs it copies it, and a test of it has to build a request. Whoever changes how a request is read walks through
the business, and whoever changes the business through status codes.

Bad::

    from django.core.mail import send_mail
    from django.db import models, transaction
    from django.http import HttpRequest, HttpResponse
    from django.shortcuts import get_object_or_404, redirect, render

    class Order(models.Model):
        email = models.EmailField()
        paid = models.BooleanField(default=False)

    class Product(models.Model):
        stock = models.IntegerField()

    class Line(models.Model):
        order = models.ForeignKey(Order, models.CASCADE, related_name="lines")
        product = models.ForeignKey(Product, models.CASCADE)
        quantity = models.IntegerField()

    class Shipment(models.Model):
        order = models.OneToOneField(Order, models.CASCADE)
        parcels = models.IntegerField()

    def pay(request: HttpRequest, pk: int) -> HttpResponse:  # want DFA501
        order = get_object_or_404(Order, pk=pk)
        if order.paid:
            return render(request, "orders/paid.html", {"order": order})
        with transaction.atomic():
            sold = []
            for line in order.lines.select_related("product"):
                if line.product.stock < line.quantity:
                    return render(request, "orders/sold_out.html", {"line": line})
                line.product.stock -= line.quantity
                sold.append(line.product)
            Product.objects.bulk_update(sold, ["stock"])
            Shipment.objects.create(order=order, parcels=len(sold))
            order.paid = True
            order.save()
        send_mail("Paid", "Thank you", None, [order.email])
        return redirect("orders")

Good::

    from django.http import HttpRequest, HttpResponse
    from django.shortcuts import get_object_or_404, redirect, render

    from orders import services
    from orders.models import Order

    def pay(request: HttpRequest, pk: int) -> HttpResponse:
        order = get_object_or_404(Order, pk=pk)
        try:
            services.pay(order)
        except services.AlreadyPaid:
            return render(request, "orders/paid.html", {"order": order})
        return redirect("orders")

Reported: views, methods of class-based views, viewset actions, routes and websockets that query, write or call out and
whose score is over `max-score`, and any whose cognitive complexity is over `max-complexity`. The score is the cognitive
complexity, and

- 1 for each query, 3 for each write, 5 for each further model that is written, 1 for each model past the second
- 3 for a transaction around several writes
- 1 for each HTTP request, mail, task, file or process, and 3 for each of these kinds where something is written too
- 1 for each loop that branches or writes

Only what stands in the endpoint's own body counts: a call of a service, of a method of a model, a form or a serializer
counts nothing, and nor does anything that cannot be traced.

Not reported: a long body that parses, calls services and responds; bodies under 12 lines; dependencies; hooks of
generic views such as `form_valid`; saving what a form's `save(commit=False)` gave; tests, migrations, scripts.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from djfa_lint.sdk import Context, Deed, EndpointWork, Evidence, Findings, Option, Role, Rule

rule = Rule(
    __name__,
    __doc__,
    code="DFA501",
    since="0.1",
    category="architecture",
    skips=(Role.TEST, Role.MIGRATION, Role.GENERATED, Role.SCRIPT),
    options=(
        Option("max-score", 30, "the highest score that is not reported"),
        Option("max-complexity", 35, "the highest cognitive complexity that is not reported, whatever else is done"),
    ),
)

_DATA = ("query", "write")
# How a kind of call that reaches outside is counted: one, several.
_OUTSIDE = {
    "http": ("HTTP request", "HTTP requests"),
    "mail": ("mail", "mails"),
    "task": ("task", "tasks"),
    "file": ("file access", "file accesses"),
    "subprocess": ("process", "processes"),
}
_ALSO = {"transaction": ("transaction", "transactions"), "loop": ("loop with logic", "loops with logic")}
_MOST_EVIDENCE = 6


@rule.each(EndpointWork)
def check(work: EndpointWork, ctx: Context) -> Findings:
    """Report an endpoint whose score or complexity is over its bound."""
    complex_ = work.complexity > ctx.option("max-complexity")
    works = any(deed.kind in _DATA or deed.kind in _OUTSIDE for deed in work.deeds)
    if complex_ or (works and _score(work) > ctx.option("max-score")):
        declared = work.served.declared
        name = ".".join(declared.name.split(".")[-2 if declared.owner else -1 :])
        what = ", ".join(_parts(work))
        does = "does what a service should" if works else "holds more logic than what answers a request should"
        message = f"`{name}` {does}: {what}; move it into functions that `{name}` calls"
        yield rule.at(work.name, message, evidence=list(_evidence(work, ctx))[:_MOST_EVIDENCE])


def _score(work: EndpointWork) -> int:
    """How much there is to move; the weights are in the documentation."""
    count = Counter(deed.kind for deed in work.deeds)
    written = len({deed.what for deed in work.deeds if deed.kind == "write"})
    models = len({deed.what for deed in work.deeds if deed.kind in _DATA})
    kinds = [kind for kind in _OUTSIDE if count[kind]]
    return (
        work.complexity
        + count["query"]
        + 3 * count["write"]
        + 5 * max(0, written - 1)
        + max(0, models - 2)
        + (3 if count["transaction"] and count["write"] > 1 else 0)
        + sum(count[kind] for kind in kinds)
        + (3 * len(kinds) if written else 0)
        + count["loop"]
    )


def _parts(work: EndpointWork) -> Iterator[str]:
    """The parts of the message: ``7 queries and 2 writes on 4 models``, ``2 mails``, ``complexity 18``."""
    count = Counter(deed.kind for deed in work.deeds)
    models = len({deed.what for deed in work.deeds if deed.kind in _DATA})
    said = [
        _many(count[kind], *words)
        for kind, words in (("query", ("query", "queries")), ("write", ("write", "writes")))
        if count[kind]
    ]
    if said:
        yield f"{' and '.join(said)} on {models} models" if models > 1 else " and ".join(said)
    for kind, words in {**_OUTSIDE, **_ALSO}.items():
        if count[kind]:
            yield _many(count[kind], *words)
    if work.complexity:
        yield f"complexity {work.complexity}"


def _many(count: int, one: str, several: str) -> str:
    return f"{count} {one if count == 1 else several}"


def _evidence(work: EndpointWork, ctx: Context) -> Iterator[Evidence]:
    """Where the work is: writes by model, then calls that reach outside, transactions, queries and loops."""
    groups: dict[tuple[str, str], list[Deed]] = {}
    for kind in ("write", *_OUTSIDE, "transaction", "query", "loop"):
        for deed in work.deeds:
            if deed.kind == kind:
                groups.setdefault((kind, deed.what if kind == "write" else ""), []).append(deed)
    for (kind, model), deeds in groups.items():
        yield Evidence(ctx.path, deeds[0].span, f"{_told(kind, model, deeds)}{_lines(deeds)}")


def _told(kind: str, model: str, deeds: Sequence[Deed]) -> str:
    if kind == "write":
        return f"writes `{model}`"
    if kind == "query":
        return "queries " + ", ".join(f"`{one}`" for one in dict.fromkeys(deed.what for deed in deeds))
    return _many(len(deeds), *{**_OUTSIDE, **_ALSO}[kind])


def _lines(deeds: Sequence[Deed]) -> str:
    """The lines of all of them, where there are several."""
    lines = list(dict.fromkeys(deed.span.line for deed in deeds))
    return f" (lines {', '.join(map(str, lines))})" if len(lines) > 1 else ""
