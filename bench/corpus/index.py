"""Finds and downloads source distributions through pip's own index client.

pip's configuration decides which index is asked and how (address, certificates, proxies,
credentials). `pip download` itself is not used, since it runs the build of what it downloads.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pip._internal.index.package_finder import PackageFinder
    from pip._internal.models.candidate import InstallationCandidate
    from pip._internal.network.session import PipSession


@dataclass(frozen=True)
class Release:
    """One source distribution on the index."""

    name: str
    version: str
    filename: str
    url: str
    sha256: str | None


@contextmanager
def _client() -> Iterator[tuple[PipSession, PackageFinder]]:
    # Imported late: most verbs need no index, and pip is slow to import.
    from pip._internal.commands.download import DownloadCommand
    from pip._internal.exceptions import PipError

    command = DownloadCommand("download", "source distributions of the corpus")
    # Nothing is installed or built, so the Python a project asks for does not matter.
    options, _ = command.parse_args(["--no-binary=:all:", "--ignore-requires-python", "--no-cache-dir"])
    try:
        with command.main_context():
            session = command.get_default_session(options)
            yield session, command._build_package_finder(options, session, ignore_requires_python=True)
    except (PipError, OSError) as error:
        raise click.ClickException(f"the index or a file of it cannot be read: {error}") from error


def _release(candidate: InstallationCandidate) -> Release:
    link = candidate.link
    sha256 = link.hash if link.hash_name == "sha256" else None
    return Release(candidate.name, str(candidate.version), link.filename, link.url_without_fragment, sha256)


def find_release(name: str, version: str | None = None) -> Release:
    """The source distribution of that version, else of the newest final version."""
    with _client() as (_, finder):
        found = [one for one in finder.find_all_candidates(name) if not one.link.is_wheel]
    if version is not None:
        found = [one for one in found if str(one.version) == version]
    else:
        found = [one for one in found if not one.version.is_prerelease and not one.link.is_yanked]
    if not found:
        raise click.ClickException(f"no source distribution of {name} {version or ''} on the index".rstrip())
    return _release(max(found, key=lambda one: one.version))


def download(release: Release, target: Path) -> None:
    """Write the archive to the target, whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    # Imported late, as in _client().
    from pip._internal.network.utils import HEADERS, raise_for_status, response_chunks

    partial = target.with_name(target.name + ".part")
    with _client() as (session, _), partial.open("wb") as out:
        # pip's headers ask for the bytes as they are: an unpacked .gz would not match its hash.
        response = session.get(release.url, headers=HEADERS, stream=True)
        raise_for_status(response)
        for chunk in response_chunks(response):
            out.write(chunk)
    partial.replace(target)
