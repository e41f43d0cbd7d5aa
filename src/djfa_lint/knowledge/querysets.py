"""What the methods of Django's querysets and managers do: which give a queryset, which send a query, which write.

Each name stands for its asynchronous twin too. Measured on Django 4.2 to 6.1.
"""

from __future__ import annotations

# Give a new queryset whose rows load what the old one's did.
CLONES = frozenset(
    "all filter exclude annotate order_by reverse distinct extra complex_filter using select_for_update defer only "
    "select_related prefetch_related none get_queryset union intersection difference fetch_mode".split()
)
# Give dicts, tuples or dates: nothing can be read from them any more.
VALUES = frozenset("values values_list dates datetimes".split())
# Fetch one row.
ROW = frozenset("get first last latest earliest".split())
# Fetch something else than rows.
SCALARS = frozenset("count exists aggregate contains explain".split())
WRITES = frozenset(
    "create get_or_create update_or_create bulk_create bulk_update update delete add remove set clear".split()
)
# Write, and give the row: alone, or with whether it is new.
MADE_ROW = frozenset({"create"})
MADE_PAIR = frozenset({"get_or_create", "update_or_create"})
# On a relation that was prefetched these are answered from it.
SERVED = frozenset("all get_queryset none count exists contains".split())
# On a queryset whose rows are there already these send no query.
READY = frozenset("count exists contains".split())
# What a row does by itself.
ROW_WRITES = frozenset("save delete".split())
ROW_READS = frozenset("refresh_from_db full_clean".split())
LOADERS = {"select_related": "select", "prefetch_related": "prefetch"}
# What belongs to managers alone.
RELATED_WRITES = frozenset("add remove set clear".split())
KNOWN = (
    CLONES
    | VALUES
    | ROW
    | SCALARS
    | WRITES
    | frozenset({"iterator", "in_bulk", "raw", "alias", "db_manager", "resolve_expression", "as_manager"})
)


def synchronous(name: str) -> str:
    """The synchronous twin of a method's name, the name itself where there is none."""
    return name[1:] if name.startswith("a") and name[1:] in _TWINS else name


_TWINS = ROW | SCALARS | WRITES | ROW_WRITES | ROW_READS | {"iterator", "in_bulk"}
