"""A coroutine that is called and thrown away does nothing at all.

Why it matters: calling an `async def` function only makes a coroutine. Without `await` its body never runs: the mail is
not sent, the row is not written, and all that is seen is a warning in a log.

Bad::

    async def notify(user):
        await user.send("shipped")

    async def ship(order):
        notify(order.user)  # want DFA304

Good::

    async def notify(user):
        await user.send("shipped")

    async def ship(order):
        await notify(order.user)

Reported: a statement that calls a coroutine of the project: a function, a method of `self`, of a class or of an object
whose class is known.

Not reported: coroutines that are stored, returned, passed on, gathered or made a task; functions with a decorator that
makes something else of them (a task, a command); asynchronous generators; methods that a derived class has as plain
ones; tests.

Fix (unsafe): `await`, in a coroutine.
"""

from djfa_lint.sdk import Context, DroppedCoroutine, Evidence, Findings, Fix, Rule, shortened
from djfa_rules.concurrency import SKIPS

rule = Rule(__name__, __doc__, code="DFA304", since="0.1", category="correctness", skips=SKIPS)


@rule.each(DroppedCoroutine)
def check(call: DroppedCoroutine, ctx: Context) -> Findings:
    """Report a coroutine that nothing awaits."""
    where = Evidence(call.defined.path, call.defined.span, "a coroutine: calling it runs nothing")
    fix = Fix.unsafe("await it", ctx.insert(call.start.line, call.start.column, "await ")) if call.within else None
    use = "await it" if call.within else "run it with `asyncio.run`, or from a coroutine"
    message = f"`{shortened(call.text)}` makes a coroutine that nothing awaits, so it never runs; {use}"
    yield rule.at(call.callee, message, evidence=[where], fix=fix)
