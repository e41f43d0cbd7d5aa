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

Reported: sleeping, synchronous HTTP (functions, and clients and sessions made or annotated in the function), sockets,
subprocesses, `os.system`, reading and writing files (as `info`: short unless the disk or the file is slow), `sqlite3`,
mail, key derivation, waiting for locks, queues, threads and futures, `input`, and `asyncio.run` (which raises).

Not reported: a call handed to a thread (`asyncio.to_thread(time.sleep, 1)`, a lambda, a nested function), calls that
return at once (`time.sleep(0)`, `queue.get(block=False)`, a non-blocking socket), plain functions, tests, migrations,
scripts: a file with a `__main__` guard or a command line framework and no web framework, a `cli` folder, management
commands; acquiring a lock that was just made in the same function; a file that is opened and only passed on;
files in `__aenter__` and `__aexit__`.

Fix (unsafe): `await asyncio.sleep(...)` for a sleep, `await asyncio.to_thread(...)` for other calls whose result is not
used as a context manager, not in a `finally`.
"""

from djfa_lint.sdk import BlockingCall, Context, Evidence, Findings, Fix, Option, Role, Rule, Severity, shortened

rule = Rule(
    __name__,
    __doc__,
    code="DFA301",
    since="0.1",
    category="performance",
    skips=(Role.TEST, Role.MIGRATION, Role.GENERATED, Role.SCRIPT),
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

# Where something begins or ends as a whole, a file is not worth a word.
_EDGES = frozenset({"__aenter__", "__aexit__"})
_WHAT = {
    "sleep": "sleeps",
    "http": "waits for a response",
    "socket": "waits for the network",
    "subprocess": "waits for a process",
    "file": "reads or writes a file",
    "db": "waits for the database",
    "mail": "waits for the mail server",
    "lock": "waits for another thread",
    "queue": "waits for another thread",
    "future": "waits for another thread",
    "cpu": "computes for long",
    "input": "waits for a person",
}


@rule.each(BlockingCall)
def check(call: BlockingCall, ctx: Context) -> Findings:
    """Report a blocking call with the coroutine it stands in."""
    entry = call.entry
    low = entry.weight == "low"
    if entry.name in ctx.option("ignore-calls") or (low and call.coroutine in _EDGES):
        return
    shown = shortened(call.text)
    where = Evidence(ctx.path, call.header, f"`{call.coroutine}` is a coroutine: it runs on the event loop")
    if entry.effect == "raises":
        message = f"`{shown}` raises `RuntimeError` inside a running event loop; use `{entry.instead}`"
        yield rule.at(call.callee, message, evidence=[where], severity=Severity.ERROR)
        return
    use = f"do the whole of it in `{entry.instead}`" if entry.opens else f"use `{entry.instead}`"
    yield rule.at(
        call.callee,
        f"`{shown}` {_WHAT[entry.kind]}, and everything else on the event loop waits with it; {use}",
        evidence=[where],
        fix=_fix(call, ctx),
        severity=Severity.INFO if low else None,
    )


def _fix(call: BlockingCall, ctx: Context) -> Fix | None:
    """Await the asynchronous twin, or hand the call to a thread."""
    if not call.awaitable:
        return None
    if call.entry.kind == "sleep":
        sleep = ctx.importing("asyncio")
        edit = ctx.replace(call.callee, f"await {sleep.text}.sleep")
        return Fix.unsafe(f"use `await {sleep.text}.sleep`", edit, *sleep.edits)
    if not call.entry.offload or call.entry.opens or call.cleaning_up:
        return None
    threads = ctx.importing("asyncio")
    given = call.arguments.strip().removeprefix("(")
    comma = "" if given.strip() == ")" else "," if given[:1].isspace() else ", "
    text = f"await {threads.text}.to_thread({call.text}{comma}{given}"
    if call.chained:
        text = f"({text})"
    return Fix.unsafe(
        f"run it in a thread with `{threads.text}.to_thread`", ctx.replace(call.call, text), *threads.edits
    )
