"""When two dotted names, or two routes, written differently mean the same thing."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

PATH_PLACEHOLDER = re.compile(r"<(?:[^<>:]+:)?\s*(\w+)\s*>|\{(\w+)(?::[^{}]*)?\}")
NAMED_GROUP = re.compile(r"\(\?P<(\w+)>")
ANCHORS = ("\\Z", "\\A", "^", "$")


def same_name(one: str, other: str) -> bool:
    """Whether one dotted name ends with the other; its class and the module's last part have to agree."""
    short, long = sorted((one.split("."), other.split(".")), key=len)
    return one == other or (len(short) > 1 and long[-len(short) :] == short)


def pair(truth: Iterable[str], ours: Iterable[str]) -> dict[str, str]:
    """The names of the truth with ours of the same thing, each used once, the closest pairs first."""
    by_tail: defaultdict[str, list[str]] = defaultdict(list)
    for name in ours:
        by_tail[_tail(name)].append(name)
    pairs = [(one, other) for one in truth for other in by_tail[_tail(one)] if same_name(one, other)]
    pairs.sort(key=lambda both: (both[0] != both[1], -min(both[0].count("."), both[1].count(".")), both))
    found: dict[str, str] = {}
    used: set[str] = set()
    for one, other in pairs:
        if one not in found and other not in used:
            found[one] = other
            used.add(other)
    return found


def _tail(name: str) -> str:
    return ".".join(name.split(".")[-2:])


def normal_route(route: str) -> str:
    """A route with its literal text and the names of its placeholders, whatever syntax it is written in."""
    parts: list[str] = []
    at = 0
    while at < len(route):
        text, at = _token(route, at)
        parts.append(text)
    plain = PATH_PLACEHOLDER.sub(lambda found: f"{{{found[1] or found[2]}}}", "".join(parts))
    return plain.lstrip("/")


def _token(route: str, at: int) -> tuple[str, int]:
    """The text that stands for what begins at a position, and where the next begins."""
    anchor = next((mark for mark in ANCHORS if route.startswith(mark, at)), None)
    if anchor:
        return "", at + len(anchor)
    if route[at] == "\\" and at + 1 < len(route):
        letter = route[at + 1]
        # Only an escaped sign is literal text; `\d` and its like stay what they are.
        return (route[at : at + 2] if letter.isalnum() else letter), at + 2
    if route[at] == "[":
        end = _class_end(route, at)
        return route[at:end], end
    if route[at] == "(":
        return _group(route, at)
    return route[at], at + 1


def _group(route: str, at: int) -> tuple[str, int]:
    end = _group_end(route, at)
    named = NAMED_GROUP.match(route, at)
    if named:
        return f"{{{named[1]}}}", end
    return (route[at:end] if route.startswith("(?", at) else "{}"), end


def _group_end(route: str, at: int) -> int:
    depth = 0
    while at < len(route):
        if route[at] == "[":
            at = _class_end(route, at)
            continue
        depth += {"(": 1, ")": -1}.get(route[at], 0)
        at += 2 if route[at] == "\\" else 1
        if not depth:
            return at
    return len(route)


def _class_end(route: str, at: int) -> int:
    """Where a character class ends; a bracket right at its beginning is one of its characters."""
    at += 2 if route.startswith("^", at + 1) else 1
    at += 1
    while at < len(route) and route[at] != "]":
        at += 2 if route[at] == "\\" else 1
    return min(at + 1, len(route))
