"""Checks and unpacks source archives without trusting what is in them."""

from __future__ import annotations

import hashlib
import shutil
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

import click

KEPT_SUFFIXES = frozenset(".py .pyi .html .htm .txt .jinja .jinja2 .j2 .toml .cfg .ini .yaml .yml .sql".split())
MAX_FILE_BYTES = 2_000_000
_CHUNK = 1 << 20


def sha256_of(path: Path) -> str:
    """The digest of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _safe(name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\0" in name:
        raise click.ClickException(f"unsafe path in the archive: {name!r}")
    return path


def _kept(path: PurePosixPath, size: int) -> bool:
    return path.suffix.lower() in KEPT_SUFFIXES and size <= MAX_FILE_BYTES


def _tar_members(archive: Path) -> Iterator[tuple[PurePosixPath, IO[bytes]]]:
    with tarfile.open(archive) as tar:
        for member in tar:
            path = _safe(member.name)
            # Links and devices are left out: what a link points to cannot be trusted.
            if member.isreg() and _kept(path, member.size):
                stream = tar.extractfile(member)
                if stream is not None:
                    yield path, stream


def _zip_members(archive: Path) -> Iterator[tuple[PurePosixPath, IO[bytes]]]:
    with zipfile.ZipFile(archive) as bundle:
        for info in bundle.infolist():
            path = _safe(info.filename)
            # A zip keeps a link as a file holding its target; unpacked here it stays a plain file.
            if not info.is_dir() and _kept(path, info.file_size):
                with bundle.open(info) as stream:
                    yield path, stream


def _write_all(archive: Path, folder: Path) -> None:
    members = _zip_members(archive) if zipfile.is_zipfile(archive) else _tar_members(archive)
    for path, stream in members:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as out:
            shutil.copyfileobj(stream, out, _CHUNK)


def extract(archive: Path, target: Path) -> None:
    """Unpack the files useful to a linter into the target, which appears only when complete.

    The single top folder that source distributions have is left out.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".unpack-") as scratch:
        unpacked = Path(scratch) / "all"
        unpacked.mkdir()
        try:
            _write_all(archive, unpacked)
        except (tarfile.TarError, zipfile.BadZipFile, OSError, EOFError) as error:
            raise click.ClickException(f"cannot unpack {archive.name}: {error}") from error
        entries = list(unpacked.iterdir())
        single = len(entries) == 1 and entries[0].is_dir()
        (entries[0] if single else unpacked).rename(target)


def python_size(folder: Path) -> tuple[int, int]:
    """The number of Python files in the folder, and of their lines."""
    files = lines = 0
    for path in folder.rglob("*.py"):
        if path.is_file():
            files += 1
            lines += path.read_bytes().count(b"\n")
    return files, lines
