"""Fixes for what holds an event loop up: another call that can be awaited, a thread, a plain function."""

from __future__ import annotations

from djfa_lint.flow.events import BlockingCall
from djfa_lint.sdk.context import Context
from djfa_lint.sdk.finding import Fix


def mend(call: BlockingCall, ctx: Context) -> Fix | None:
    """What people do first: ``asyncio.sleep``, a plain ``def`` route, the coroutine beside it, a thread."""
    if call.entry.kind == "sleep" and not call.way:
        return sleeping(call, ctx)
    return plain_route(call, ctx) or beside(call, ctx) or in_thread(call, ctx)


def sleeping(call: BlockingCall, ctx: Context) -> Fix | None:
    """``await asyncio.sleep(...)`` in the place of ``time.sleep(...)``."""
    if not call.awaitable:
        return None
    sleep = ctx.importing("asyncio")
    edit = ctx.replace(call.callee, f"{'' if call.awaited else 'await '}{sleep.text}.sleep")
    return Fix.unsafe(f"use `await {sleep.text}.sleep`", edit, *sleep.edits)


def plain_route(call: BlockingCall, ctx: Context) -> Fix | None:
    """The route or dependency without ``async``: FastAPI runs it in a thread then."""
    keyword = call.coroutine.keyword
    if keyword is None:
        return None
    return Fix.unsafe("make it a plain `def`: FastAPI then runs it in a thread", ctx.replace(keyword, ""))


def beside(call: BlockingCall, ctx: Context) -> Fix | None:
    """The coroutine that stands beside what is called, awaited."""
    if not call.awaitable or not call.twin:
        return None
    return renamed(call, ctx, call.twin)


def renamed(call: BlockingCall, ctx: Context, name: str) -> Fix:
    """The call with another method or function, awaited."""
    owner = call.text.rpartition(".")[0]
    whole = f"{owner}.{name}{call.arguments}" if owner else f"{name}{call.arguments}"
    text = whole if call.awaited else f"await {whole}"
    if call.chained:
        text = f"({text})"
    return Fix.unsafe(f"await `{name}`", ctx.replace(call.call, text))


def in_thread(call: BlockingCall, ctx: Context) -> Fix | None:
    """``await asyncio.to_thread(f, ...)`` in the place of ``f(...)``."""
    unfit = call.entry.opens and not call.way
    if not call.arguments or not call.awaitable or not call.entry.offload or unfit or call.cleaning_up:
        return None
    threads = ctx.importing("asyncio")
    given = call.arguments.strip().removeprefix("(")
    comma = "" if given.strip() == ")" else "," if given[:1].isspace() else ", "
    whole = f"{threads.text}.to_thread({call.text}{comma}{given}"
    text = whole if call.awaited else f"await {whole}"
    if call.chained:
        text = f"({text})"
    shown = f"{threads.text}.to_thread"
    return Fix.unsafe(f"run it in a thread with `{shown}`", ctx.replace(call.call, text), *threads.edits)


def sync_to_async(call: BlockingCall, ctx: Context) -> Fix | None:
    """``await sync_to_async(f)(...)``, which keeps Django's connection and transaction."""
    if not call.awaitable or call.cleaning_up:
        return None
    wrapper = ctx.importing("asgiref.sync", "sync_to_async")
    whole = f"{wrapper.text}({call.text}){call.arguments}"
    text = whole if call.awaited else f"await {whole}"
    if call.chained:
        text = f"({text})"
    return Fix.unsafe("run it in Django's thread with `sync_to_async`", ctx.replace(call.call, text), *wrapper.edits)


def going_over(call: BlockingCall, ctx: Context) -> Fix | None:
    """``async for`` in the place of ``for``."""
    if call.looped is None:
        return None
    return Fix.unsafe("use `async for`", ctx.insert(call.looped.line, call.looped.column, "async "))
