"""A call that blocks, reached from a coroutine through plain functions, stops every other request on the event loop.

Why it matters: whether code runs on the event loop depends on who calls it, not on how it is written. A plain function
that sleeps or waits for a response holds the loop up as soon as a coroutine calls it, and neither of the two shows it.

Bad::

    import requests

    def fetch_rates():
        return requests.get("https://rates.example.com", timeout=5).json()

    async def convert(amount):
        return amount * fetch_rates()["EUR"]  # want DFA302

Good::

    import asyncio
    import requests

    def fetch_rates():
        return requests.get("https://rates.example.com", timeout=5).json()

    async def convert(amount):
        return amount * (await asyncio.to_thread(fetch_rates))["EUR"]

Reported: the call in the coroutine, with the way to what blocks: through functions, methods (of `self`, of what is
made, of module-level objects, of annotated parameters and attributes, of injected objects), properties, constructors,
context managers, generators that are gone over. Where several classes may answer, all of them must block. What blocks
is what `blocking-call-in-async` knows, and `blocking-calls` of the configuration. Files are `info`.

Not reported: functions handed to a thread (`asyncio.to_thread`, `run_in_executor`, `run_in_threadpool`,
`anyio.to_thread.run_sync`, `sync_to_async`, `submit`) and the project's own wrappers around these; plain `def` routes
and dependencies, which FastAPI runs in a thread; Django's synchronous views; coroutines that are called, which are
reported themselves; functions with a cache, or with a decorator that cannot be seen through; a function with
`# djfa: nonblocking reason` at its head; what is more than three calls away; a coroutine that only an app's lifespan or
start-up awaits, or that has an event loop for itself (a plain function runs it, and it begins no task); a coroutine
that nothing names, in a project that names four of five; tests, migrations, scripts.

Fix (unsafe): a plain `def` for a FastAPI route or dependency that awaits nothing; else the coroutine that stands beside
the function (`afetch`, `fetch_async`); else `await asyncio.to_thread(...)`.
"""

from djfa_lint.sdk import BlockingCall, Context, Findings, Option, Rule, Severity, mend, shortened
from djfa_rules.concurrency import SKIPS, WHAT, is_edge, trail

rule = Rule(
    __name__,
    __doc__,
    code="DFA302",
    since="0.1",
    category="performance",
    skips=SKIPS,
    options=(
        Option("ignore-calls", [], "dotted names that are not reported, for example `builtins.open`"),
        Option("some-implementations", False, "also report where only some of the classes that may answer block"),
    ),
)


@rule.each(BlockingCall)
def check(call: BlockingCall, ctx: Context) -> Findings:
    """Report the call in the coroutine that leads to a blocking one."""
    entry = call.entry
    if not call.way or entry.kind == "orm" or entry.name in ctx.option("ignore-calls"):
        return
    if is_edge(call) or call.coroutine.standing:
        return
    if call.some and not ctx.option("some-implementations"):
        return
    shown, last = shortened(call.text), shortened(call.way[-1].text)
    away = "" if len(call.way) == 1 else f", {len(call.way)} calls away,"
    use = f"await `{call.twin}`" if call.twin else "hand it to `asyncio.to_thread`"
    if not call.awaitable:
        use = "do it in a function that is handed to `asyncio.to_thread`"
    if call.coroutine.keyword is not None:
        use = "make this a plain `def`, or hand it to `asyncio.to_thread`"
    yield rule.at(
        call.callee,
        f"`{shown}` leads to `{last}`{away} which {WHAT[entry.kind]}, and everything else on the event loop waits with "
        f"it; {use}",
        evidence=list(trail(call)),
        fix=mend(call, ctx),
        severity=Severity.INFO if entry.weight == "low" else None,
    )
