"""A call that blocks, made in a coroutine, stops every other request on the event loop.

Why it matters: an event loop runs one thing at a time. While a coroutine sleeps in `time.sleep` or waits for a response
in `requests.get`, no other request of that worker moves, however many are open.

Bad::

    import time

    async def poll(job):
        while not job.done:
            time.sleep(1)  # want DFA301

Good::

    import asyncio

    async def poll(job):
        while not job.done:
            await asyncio.sleep(1)

Reported: sleeping, synchronous HTTP, sockets, subprocesses, `os.system`, reading and writing files (as `info`: short
unless the disk or the file is slow), databases, caches, brokers, clouds and other services through their synchronous
clients, mail, key derivation, waiting for locks, queues, threads and futures, `input`, and `asyncio.run` (which
raises). A client may be made or annotated in the function, be an attribute, stand in a module or be injected.

Not reported: a call handed to a thread (`asyncio.to_thread(time.sleep, 1)`, a lambda, a nested function), calls that
return at once (`time.sleep(0)`, `queue.get(block=False)`, a non-blocking socket), plain functions, tests, migrations,
scripts: a file with a `__main__` guard or a command line framework and no web framework, a `cli` folder, management
commands; acquiring a lock that was just made in the same function; a file that is opened and only passed on;
files where something begins or ends as a whole (`__aenter__`, `lifespan`, `main`); a coroutine that only an app's
lifespan or start-up awaits.

Fix (unsafe): `await asyncio.sleep(...)` for a sleep; a plain `def` for a FastAPI route or dependency that awaits
nothing, which FastAPI then runs in a thread; `await asyncio.to_thread(...)` for other calls whose result is not used as
a context manager, not in a `finally`.
"""

from djfa_lint.sdk import BlockingCall, Context, Findings, Option, Rule, Severity, mend, shortened
from djfa_rules.concurrency import SKIPS, WHAT, is_edge, trail

rule = Rule(
    __name__,
    __doc__,
    code="DFA301",
    since="0.1",
    category="performance",
    skips=SKIPS,
    same_as=(
        "ASYNC210",
        "ASYNC212",
        "ASYNC220",
        "ASYNC221",
        "ASYNC222",
        "ASYNC230",
        "ASYNC240",
        "ASYNC250",
        "ASYNC251",
    ),
    options=(Option("ignore-calls", [], "dotted names that are not reported, for example `builtins.open`"),),
)


@rule.each(BlockingCall)
def check(call: BlockingCall, ctx: Context) -> Findings:
    """Report a blocking call with the coroutine it stands in."""
    entry = call.entry
    if call.way or entry.kind == "orm":
        return
    if entry.name in ctx.option("ignore-calls") or is_edge(call):
        return
    shown = shortened(call.text)
    if entry.effect == "raises":
        message = f"`{shown}` raises `RuntimeError` inside a running event loop; use `{entry.instead}`"
        yield rule.at(call.callee, message, evidence=list(trail(call)), severity=Severity.ERROR)
        return
    use = f"do the whole of it in `{entry.instead}`" if entry.opens else f"use `{entry.instead}`"
    yield rule.at(
        call.callee,
        f"`{shown}` {WHAT[entry.kind]}, and everything else on the event loop waits with it; {use}",
        evidence=list(trail(call)),
        fix=mend(call, ctx),
        severity=Severity.INFO if entry.weight == "low" else None,
    )
