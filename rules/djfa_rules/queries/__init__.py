"""DFA2xx: what a request asks of the database, and how often."""

from collections.abc import Iterable, Sequence

from djfa_lint.sdk import Context, Evidence, Loop, Place, Producer, Span, Via, shortened


def standing(ctx: Context, path: str, callee: Span, text: str, calls: Sequence[Via]) -> tuple[Via, tuple[Via, ...]]:
    """Where a cost per row is reported, and the way from there to what costs.

    It stands in the loop: there it is mended, and there it can be left as it is without hiding it from other loops.
    What it costs may be in a function or property that the loop reaches.
    """
    end = Via(path, callee, text)
    if calls and calls[0].path == ctx.path:
        return calls[0], (*calls[1:], end)
    return end, ()


def trail(
    loop: Loop,
    calls: Sequence[Via],
    others: Iterable[Place],
    producer: Producer | None = None,
    *,
    made: str = "these rows are made here",
    end: str = "read here",
    again: str = "read again here",
) -> list[Evidence]:
    """The places that make a cost per row true, in the order in which a reader follows them.

    `made` is said of the rows' producer, `end` of the last of the calls, `again` of each further place.
    """
    told = [] if producer is None else [Evidence(producer.path, producer.span, made)]
    told.append(Evidence(loop.path, loop.span, "once a row of this loop"))
    told += [Evidence(via.path, via.span, f"reached through `{shortened(via.text)}`") for via in calls[:-1]]
    told += [Evidence(via.path, via.span, f"`{shortened(via.text)}` is {end}") for via in calls[-1:]]
    return [*told, *(Evidence(place.path, place.span, again) for place in others)]


def rows_of(producer: Producer | None, loop: Loop) -> str:
    """How a message names the rows: by what makes them, or else by the loop's head."""
    if producer is None:
        return f"every pass of `{shortened(loop.text, 60)}`"
    return f"every row of `{shortened(producer.text, 60)}`"


def reading(place: Via, calls: Sequence[Via]) -> str:
    """The beginning of a message: what stands in the loop and, where that is a call, what it reads."""
    shown = f"`{shortened(place.text, 60)}`"
    return f"{shown} reads `{shortened(calls[-1].text)}`, which" if calls else shown
