"""DFA3xx: coroutines and the event loop."""

from collections.abc import Iterator

from djfa_lint.sdk import BlockingCall, Evidence, Role, shortened

# What runs by itself, or before anybody asks, holds nobody up.
SKIPS = (Role.TEST, Role.MIGRATION, Role.GENERATED, Role.SCRIPT)
# What the loop waits for, by the kind of a row of the table.
WHAT = {
    "sleep": "sleeps",
    "http": "waits for a response",
    "sdk": "waits for a response",
    "socket": "waits for the network",
    "subprocess": "waits for a process",
    "file": "reads or writes a file",
    "db": "waits for the database",
    "cache": "waits for the cache",
    "orm": "waits for the database",
    "mail": "waits for the mail server",
    "lock": "waits for another thread",
    "queue": "waits for another thread",
    "future": "waits for another thread",
    "cpu": "computes for long",
    "loop": "runs an event loop",
    "input": "waits for a person",
    "listed": "blocks",
}


# Where something begins or ends as a whole, a file is not worth a word.
EDGES = frozenset({"__aenter__", "__aexit__", "lifespan", "startup", "shutdown", "main"})


def is_edge(call: BlockingCall) -> bool:
    """Whether no request waits: the coroutine runs before the first or after the last of them."""
    coroutine = call.coroutine
    by_name = coroutine.name in EDGES or "shutdown" in coroutine.name or "startup" in coroutine.name
    return coroutine.standing == "edge" or (call.entry.weight == "low" and by_name)


def trail(call: BlockingCall) -> Iterator[Evidence]:
    """The way from the coroutine to what it waits for."""
    where = f"`{call.coroutine.name}` is a coroutine: it runs on the event loop"
    yield Evidence(call.path, call.coroutine.header, where)
    for step in call.way[:-1]:
        yield Evidence(step.path, step.span, f"which calls `{shortened(step.text, 60)}`")
    what = "asks the database" if call.entry.effect == "raises" else WHAT[call.entry.kind]
    for last in call.way[-1:]:
        yield Evidence(last.path, last.span, f"where `{shortened(last.text, 60)}` {what}")
