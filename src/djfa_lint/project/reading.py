"""What the names that a unit reads lead to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from djfa_lint.facts.records import FileFacts, Unit
from djfa_lint.project.names import Known


def read_in(
    resolve: Callable[..., Known | None], facts: FileFacts, unit: Unit, refs: Iterable[str]
) -> Iterator[tuple[str, Known | None]]:
    """Each of a unit's names with what it means, None where that is not known; twice where it may mean two things.

    Generous: a local variable may hide one of them.
    """
    local = {one.name: one for one in unit.imports}
    for ref in refs:
        root = ref.partition(".")[0]
        # The name may mean the function's import in one place and the module's in another.
        if root in local:
            yield ref, resolve(facts.path, ref, local)
        if root not in local or root in facts.bindings:
            yield ref, resolve(facts.path, ref)
