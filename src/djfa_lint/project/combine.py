"""Puts declared values together: lists added, dicts merged, texts joined, items picked. Nothing is looked up here."""

from __future__ import annotations

from collections.abc import Iterable

from djfa_lint.project.declared import (
    UNKNOWN,
    Attribute,
    Choice,
    Listed,
    Lit,
    Made,
    Mapped,
    Several,
    Symbol,
    Value,
    choice,
    options,
)

# A value that doubles itself (`a += a`) is not followed to its end.
_MOST_ITEMS = 20_000
_LONGEST_TEXT = 4_000
_MOST_PAIRS = 16


def added(left: Value, right: Value) -> Value:
    """``left + right`` of texts or lists, and ``left | right`` of dicts."""
    sides = (left, right)
    if not any(isinstance(one, Lit) for side in sides for one in options(side)):
        return joined(left, right)
    pairs = [(one, other) for one in options(left) for other in options(right)]
    return choice([_together(one, other) for one, other in pairs[:_MOST_PAIRS]])


def _together(left: Value, right: Value) -> Value:
    if (
        isinstance(left, Lit)
        and isinstance(right, Lit)
        and isinstance(left.value, str)
        and isinstance(right.value, str)
    ):
        return text_of((left, right)) or UNKNOWN
    return UNKNOWN if isinstance(left, Lit) or isinstance(right, Lit) else joined(left, right)


def sum_of(left: Value, right: Value) -> Value | None:
    """``left + right`` where that can be told: of texts, or with a list on one side."""
    both = (*options(left), *options(right))
    if all(isinstance(one, Lit) for one in both) or any(isinstance(one, Listed) for one in both):
        return added(left, right)
    return None


def joined(left: Value, right: Value) -> Value:
    """Two lists put together, or two dicts; what is neither leaves the other open."""
    if isinstance(left, Mapped):
        return merged(left, right)
    if isinstance(right, Mapped) and not isinstance(left, (Listed, Choice)):
        return merged(Mapped(((UNKNOWN, UNKNOWN),)), right)
    if isinstance(left, Listed) and isinstance(right, Listed):
        both = left.items + right.items
        return Listed(both[:_MOST_ITEMS], left.whole and right.whole and len(both) <= _MOST_ITEMS)
    items: list[Value] = []
    whole = True
    for side in (left, right):
        lists = [one for one in options(side) if isinstance(one, Listed)]
        items += [item for one in lists for item in one.items]
        whole = whole and len(lists) == 1 and lists[0].whole
        # A call that gives a list, `i18n_patterns(...)`, is kept as one open item.
        items += [Several(one) for one in options(side) if isinstance(one, (Made, Attribute))]
    return Listed(tuple(items[:_MOST_ITEMS]), whole and len(items) <= _MOST_ITEMS)


def merged(left: Mapped, right: Value) -> Mapped:
    """A dict with what another adds to it."""
    more = right.items if isinstance(right, Mapped) else ((UNKNOWN, UNKNOWN),)
    return Mapped((*left.items, *more)[:_MOST_ITEMS])


def text_of(parts: Iterable[Value]) -> Value | None:
    """The parts of a text as one; None where one of them is not known, UNKNOWN where it is too long."""
    texts: list[str] = []
    for one in parts:
        if not isinstance(one, Lit):
            return None
        texts.append(str(one.value))
    whole = "".join(texts)
    return Lit(whole) if len(whole) <= _LONGEST_TEXT else UNKNOWN


def item_of(value: Value, index: Value) -> Value | None:
    """``value[index]`` of a dict or list; None where it is neither, or the index is not known."""
    if isinstance(value, Mapped) and isinstance(index, (Lit, Symbol)):
        # The last one counts, and a key that is not known may be any.
        near = next(((key, one) for key, one in reversed(value.items) if key == index or not _is_plain(key)), None)
        return near[1] if near is not None and near[0] == index else UNKNOWN
    if isinstance(value, Listed) and isinstance(index, Lit) and isinstance(index.value, int):
        certain = value.whole and not any(isinstance(one, Several) for one in value.items)
        fits = -len(value.items) <= index.value < len(value.items)
        return value.items[index.value] if certain and fits else UNKNOWN
    return None


def _is_plain(key: Value) -> bool:
    return isinstance(key, (Lit, Symbol))


def items_of(value: Value | None) -> tuple[Value, ...]:
    """The items of a list or the keys of a dict, over all options of a choice; none where it is neither."""
    if value is None:
        return ()
    found: dict[int, Value] = {}
    for one in options(value):
        if isinstance(one, Listed):
            found.update((id(item), item) for item in one.items)
        elif isinstance(one, Mapped):
            found.update((id(key), key) for key, _ in one.items)
        elif isinstance(one, Made) and isinstance(one.callee, Attribute) and isinstance(one.callee.of, Mapped):
            parts = _parts_of(one.callee.of, one.callee.name)
            found.update((id(part), part) for part in parts)
    return tuple(found.values())


def pairs_of(value: Made, first: Value, second: Value | None) -> Value:
    """What ``enumerate(first)`` gives and, with a second, ``zip(first, second)``; else what was made."""
    if not isinstance(first, Listed) or (second is not None and not isinstance(second, Listed)):
        return value
    counts = tuple(Lit(number) for number in range(len(first.items)))
    both = zip(counts, first.items, strict=True) if second is None else zip(first.items, second.items, strict=False)
    return Listed(tuple(Listed(pair) for pair in both), first.whole and (second is None or second.whole))


def _parts_of(value: Mapped, method: str) -> list[Value]:
    """What ``items()``, ``keys()`` or ``values()`` of a dict gives."""
    if method == "items":
        return [Listed(pair) for pair in value.items]
    if method in {"keys", "values"}:
        return [pair[method == "values"] for pair in value.items]
    return []
