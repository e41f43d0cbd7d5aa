"""The bytes of one file and the text they mean: encoding, byte order mark, newlines, size."""

from __future__ import annotations

import codecs
import hashlib
import io
import os
import stat
import tokenize
from functools import cached_property
from pathlib import Path

from djfa_lint.errors import SourceError
from djfa_lint.source.lines import Lines


class Source:
    """One file's text with what is needed to write it back as it was.

    `encoding` names the codec the bytes were read with; `bom` says whether a UTF-8 byte order mark stood before
    the text (it is not part of `text`).
    """

    def __init__(self, path: Path, data: bytes, text: str, encoding: str = "utf-8", bom: bool = False) -> None:
        self.path = path
        self.data = data
        self.text = text
        self.encoding = encoding
        self.bom = bom

    @property
    def digest(self) -> str:
        """A short content hash, the key under which facts about these bytes may be kept."""
        return hashlib.blake2b(self.data, digest_size=16).hexdigest()

    @cached_property
    def lines(self) -> Lines:
        """The line table of the text."""
        return Lines(self.text)

    @cached_property
    def newline(self) -> str:
        """The line end this file uses: that of its first line, ``\\n`` where it has none."""
        for index, char in enumerate(self.text):
            if char == "\n":
                return "\n"
            if char == "\r":
                return "\r\n" if self.text[index + 1 : index + 2] == "\n" else "\r"
        return "\n"

    def encode(self, text: str) -> bytes:
        """Bytes for `text` in this file's own encoding, byte order mark included.

        Raises SourceError where the encoding cannot write it.
        """
        try:
            data = text.encode(self.encoding)
        except UnicodeEncodeError as error:
            raise SourceError(f"`{self.encoding}` cannot write {error.object[error.start]!r}") from error
        return codecs.BOM_UTF8 + data if self.bom else data


def read_bytes(path: Path) -> bytes:
    """The bytes of a regular file; raises SourceError with the reason where there are none to be had."""
    try:
        # O_NONBLOCK: opening a FIFO that nobody writes to would wait for ever.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except (OSError, ValueError) as error:
        raise SourceError(f"cannot be read: {_reason(error)}") from error
    with os.fdopen(handle, "rb") as stream:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise SourceError("cannot be read: not a regular file")
        try:
            return stream.read()
        except OSError as error:
            raise SourceError(f"cannot be read: {_reason(error)}") from error


def decode_python(path: Path, data: bytes) -> Source:
    """Python source as PEP 263 reads it: a byte order mark, a coding line, else UTF-8."""
    bom = data.startswith(codecs.BOM_UTF8)
    encoding = "utf-8"
    if bom or b"coding" in data[:400]:
        try:
            encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        except SyntaxError as error:
            raise SourceError(f"cannot be decoded: {error.msg or error}") from error
    return _decode(path, data, "utf-8" if bom else encoding, bom)


def decode_template(path: Path, data: bytes) -> Source:
    """A template: UTF-8, as Django and Jinja2 read it by default."""
    return _decode(path, data, "utf-8", data.startswith(codecs.BOM_UTF8))


def _decode(path: Path, data: bytes, encoding: str, bom: bool) -> Source:
    body = data[len(codecs.BOM_UTF8) :] if bom else data
    try:
        return Source(path, data, body.decode(encoding), encoding, bom)
    except UnicodeDecodeError as error:
        before = body[: error.start]
        line = before.count(b"\n") + 1
        column = len(before) - before.rfind(b"\n")
        byte = f"byte 0x{body[error.start]:02x}"
        raise SourceError(f"cannot be decoded as {encoding}: {byte} does not fit", line, column) from error
    except (LookupError, ValueError) as error:
        raise SourceError(f"cannot be decoded: {error}") from error


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error)).lower()
