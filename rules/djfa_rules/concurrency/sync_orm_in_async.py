"""The database is asked synchronously on the event loop: Django refuses, SQLAlchemy holds everything up.

Why it matters: Django's ORM raises `SynchronousOnlyOperation` as soon as a queryset is evaluated, a row saved or a
relation loaded on an event loop, in production and not in the test that never came this way. A synchronous session of
SQLAlchemy or SQLModel does not refuse: while it waits for the database, no other request of that worker moves.

Bad::

    from django.db import models

    class Order(models.Model):
        number = models.CharField(max_length=20)

    async def latest(request):
        return Order.objects.last()  # want DFA303

Good::

    from django.db import models

    class Order(models.Model):
        number = models.CharField(max_length=20)

    async def latest(request):
        return await Order.objects.alast()

Reported, in a coroutine or in a plain function that one calls: querysets that are asked (`get`, `count`, `create`,
`update` ...), gone over, tested, indexed, made a list of; rows that are saved, deleted or refreshed; relations and
columns that were not loaded; `transaction.atomic`, `connection.cursor`; attributes of `request.user`; a template that
is rendered with an unevaluated queryset; synchronous sessions of SQLAlchemy and SQLModel that send something.

Not reported: querysets that are only built; what `select_related` or `prefetch_related` brought, and rows that `async
for` fetched; the asynchronous methods (`aget`, `acount`, `async for`); what runs in `sync_to_async` or in a thread;
asynchronous sessions; rows of which it is not known what they hold; a coroutine that nothing names, in a
project that names four of five; tests, migrations, scripts.

Fix (unsafe): the asynchronous method or `async for` where the coroutine asks itself; a plain `def` for a FastAPI route
or dependency that awaits nothing; `sync_to_async` around a function that asks Django's ORM.
"""

from djfa_lint.sdk import (
    BlockingCall,
    Context,
    Findings,
    Fix,
    Option,
    Rule,
    going_over,
    mend,
    plain_route,
    renamed,
    shortened,
    sync_to_async,
)
from djfa_rules.concurrency import SKIPS, trail

rule = Rule(
    __name__,
    __doc__,
    code="DFA303",
    since="0.1",
    category="correctness",
    skips=SKIPS,
    options=(Option("some-implementations", False, "also report where only some of the classes that may answer ask"),),
)

# The first version with these methods; the others have been there since Django 4.1.
_LATER = (4, 2)
_OF_ROWS = frozenset("save delete refresh_from_db full_clean add remove set clear".split())
# A longer name is not written out.
_LONG = 50
_NO_TWIN = frozenset({"full_clean", "", ".", "user", "render"})


@rule.each(BlockingCall)
def check(call: BlockingCall, ctx: Context) -> Findings:
    """Report what asks a database synchronously."""
    if call.entry.kind != "orm" or (call.some and not ctx.option("some-implementations")):
        return
    raises = call.entry.effect == "raises"
    if call.coroutine.standing == "left over" or (call.coroutine.standing and not raises):
        return
    shown = shortened(call.text, 60)
    way = f" leads to `{shortened(call.way[-1].text)}`, which" if call.way else ""
    if raises:
        message = f"`{shown}`{way} {_asks(call)} on the event loop: Django raises `SynchronousOnlyOperation`; "
        yield rule.at(call.callee, message + _advice(call, ctx), evidence=list(trail(call)), fix=_fix(call, ctx))
        return
    use = "make this a plain `def`" if call.coroutine.keyword is not None else "use an `AsyncSession`"
    message = f"`{shown}`{way} waits for the database, and everything else on the event loop waits with it; {use}"
    yield rule.at(call.callee, message, evidence=list(trail(call)), fix=mend(call, ctx))


def _asks(call: BlockingCall) -> str:
    name = call.entry.name
    if name == "user":
        return "fetches the request's user"
    if name == ".":
        return f"loads `{call.model}`"
    if name == "render":
        return f"goes over the queryset `{call.model}`" if call.model else "goes over a queryset"
    return f"asks for `{call.model}`" if call.model else "asks the database"


def _twin(call: BlockingCall, ctx: Context) -> str:
    """The asynchronous method or function that could be called instead, "" where there is none."""
    name = call.entry.name
    if not call.model:
        told = call.entry.instead.removeprefix("await ").partition("(")[0]
        return told if told.startswith("a") and "." not in told else ""
    version = ctx.project.version("django")
    early = version is not None and bool(version.lowest) and version.lowest < _LATER
    if call.way or name in _NO_TWIN or (name in _OF_ROWS and early):
        return ""
    return f"a{name}"


def _advice(call: BlockingCall, ctx: Context) -> str:
    twin = "" if call.way else _twin(call, ctx)
    if twin:
        return f"await `{twin}()`"
    if call.way and call.twin:
        return f"await `{call.twin}`"
    if call.way and call.awaitable:
        return (
            f"wrap it: `await sync_to_async({call.text})(...)`"
            if len(call.text) < _LONG
            else "wrap it in `sync_to_async`"
        )
    if call.entry.name == "user":
        return "await `request.auser()`"
    if call.entry.name == "render":
        return "hand it a list: `[one async for one in ...]`"
    if call.entry.name == "." and call.model:
        return f"load `{call.model}` with the row: `select_related` or `prefetch_related`"
    return "use `async for`" if call.looped is not None else "ask in `sync_to_async`, or with an asynchronous method"


def _fix(call: BlockingCall, ctx: Context) -> Fix | None:
    if call.coroutine.keyword is not None:
        return plain_route(call, ctx)
    twin = _twin(call, ctx)
    if not call.way and call.looped is not None:
        return going_over(call, ctx)
    if not call.way and twin and call.awaitable and call.text.endswith(f".{call.entry.name}"):
        return renamed(call, ctx, twin)
    if call.way and call.twin and call.awaitable:
        return renamed(call, ctx, call.twin)
    return sync_to_async(call, ctx) if call.way and call.arguments else None
