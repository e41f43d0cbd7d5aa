"""The table of calls that reach outside: sound rows, real names where their library is installed."""

from __future__ import annotations

import importlib

import pytest

from djfa_lint.knowledge.outside import outside

KINDS = {"http", "mail", "task", "file", "subprocess"}
INSTALLED = ("asyncio", "django", "fastapi", "httpx", "requests", "starlette", "subprocess", "urllib")


def _real(name: str) -> bool:
    """Whether a dotted name leads to something that is there."""
    parts = name.split(".")
    for count in range(len(parts), 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:count]))
        except ImportError:
            continue
        for part in parts[count:]:
            if not hasattr(found, part):
                return False
            found = getattr(found, part)
        return True
    return False


def _installed(name: str) -> bool:
    # A default storage is made from settings.
    return name.partition(".")[0] in INSTALLED and "default_storage" not in name


def test_kinds() -> None:
    table = outside()
    kinds = {*table.functions.values(), *table.packages.values()}
    assert kinds | {kind for methods in table.methods.values() for kind in methods.values()} == KINDS


@pytest.mark.parametrize("name", sorted(filter(_installed, outside().functions)))
def test_functions_are_real(name: str) -> None:
    assert _real(name)


@pytest.mark.parametrize("owner", sorted(filter(_installed, outside().methods)))
def test_methods_are_real(owner: str) -> None:
    missing = [name for name in outside().methods[owner] if name != "*" and not _real(f"{owner}.{name}")]
    assert not missing


def test_lookups() -> None:
    table = outside()
    assert table.function("stripe.Charge.create") == "http"
    assert table.function("stripes") == ""
    assert table.method("boto3.client", "put_object") == "http"
    assert table.method("httpx.AsyncClient", "aclose") == ""
    assert table.types["boto3.resource"] == "boto3.client"
