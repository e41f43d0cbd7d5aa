"""One `AsyncSession` shared by several tasks breaks as soon as two of them use it at once.

Why it matters: a session is one connection and one transaction. SQLAlchemy raises where two tasks run a statement on it
at the same time, or worse, one task's rollback undoes what another has written.

Bad::

    import asyncio
    from sqlalchemy.ext.asyncio import AsyncSession

    async def load(session: AsyncSession, number: int) -> None:
        await session.get(object, number)

    async def both(session: AsyncSession) -> None:
        await asyncio.gather(load(session, 1), load(session, 2))  # want DFA305

Good::

    from sqlalchemy.ext.asyncio import AsyncSession

    async def load(session: AsyncSession, number: int) -> None:
        await session.get(object, number)

    async def both(session: AsyncSession) -> None:
        await load(session, 1)
        await load(session, 2)

Reported: the same session in two coroutines of `asyncio.gather`, in those of a comprehension, in tasks of
`asyncio.create_task`, a `TaskGroup` or FastAPI's `BackgroundTasks`.

Not reported: tasks that make a session each; coroutines that are awaited one after another.

Off by default: a task that begins when the session is done with it is fine, and that cannot be told from the text.
"""

from djfa_lint.sdk import Context, Findings, Rule, SharedSession, shortened
from djfa_rules.concurrency import SKIPS

rule = Rule(__name__, __doc__, code="DFA305", since="0.1", category="correctness", default=False, skips=SKIPS)


@rule.each(SharedSession)
def check(call: SharedSession, _ctx: Context) -> Findings:
    """Report a session that more than one task uses."""
    message = (
        f"`{shortened(call.text)}` runs on its own with `{call.session}`, which other code uses at the same time "
        f"(`{call.how}`); let each task make a session"
    )
    yield rule.at(call.callee, message)
