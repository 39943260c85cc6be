"""The file: the dump, the manifest as JSON, and a footer of length, SHA-256 of the manifest and a mark."""

from __future__ import annotations

import fcntl
import glob
import hashlib
import json
import os
import struct
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

from apps.core.errors import DomainError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

MARK = b"WFMBKUP1"
FOOTER = struct.Struct(">Q32s8s")
CHUNK = 1 << 20
SUFFIX = ".backup"
PARTIAL = ".partial"
LARGEST_MANIFEST = 64 << 20


class BackupError(DomainError):
    """A backup cannot be made or used; the message says why and what to do."""

    code = "backup"


@contextmanager
def replaced_when_whole(path: Path) -> Iterator[Path]:
    """Give the path of a file to write; it takes the place of `path` when the block ends well.

    Until then what was at `path` stays as it was, also through a loss of power. What a killed attempt left
    behind is removed by the next one.
    """
    _remove_leftovers(path)
    partial = path.with_name(f".{path.name}.{os.getpid()}{PARTIAL}")
    handle = os.open(partial, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield partial
        os.fsync(handle)
        partial.replace(path)
        _sync_folder(path.parent)
    finally:
        os.close(handle)
        partial.unlink(missing_ok=True)


def _remove_leftovers(path: Path) -> None:
    own = path.parent.glob(f".{glob.escape(path.name)}.*{PARTIAL}")
    of_folder = path.parent.glob(f".wfm-*{SUFFIX}.*{PARTIAL}")  # there each backup has another name
    for leftover in {*own, *of_folder}:
        handle = os.open(leftover, os.O_RDWR)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)  # a living backup holds its own
            leftover.unlink()
        except BlockingIOError:
            continue
        finally:
            os.close(handle)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def append_manifest(path: Path, manifest: Mapping[str, Any]) -> None:
    """Write the manifest, completed by size and SHA-256 of the dump, behind the dump in `path`."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        whole = {**manifest, "dump_bytes": size, "dump_sha256": _sha256(file, size)}
        text = json.dumps(whole, ensure_ascii=False, indent=1).encode()
        file.seek(size)
        file.write(text)
        file.write(FOOTER.pack(len(text), hashlib.sha256(text).digest(), MARK))


def read_manifest(path: Path) -> dict[str, Any]:
    """Read the manifest; `BackupError` for what is no whole backup."""
    try:
        with path.open("rb") as file:
            end = file.seek(0, os.SEEK_END)
            if end < FOOTER.size:
                raise BackupError(f"{path} is no backup of this product, or it was cut short.")
            file.seek(end - FOOTER.size)
            length, digest, mark = FOOTER.unpack(file.read(FOOTER.size))
            if mark != MARK or length > min(end - FOOTER.size, LARGEST_MANIFEST):
                raise BackupError(f"{path} is no backup of this product, or it was cut short.")
            file.seek(end - FOOTER.size - length)
            text = file.read(length)
    except OSError as error:
        raise BackupError(f"{path} cannot be read: {error.strerror}.") from error
    if hashlib.sha256(text).digest() != digest:
        raise BackupError(f"{path} is damaged: its manifest does not match its checksum. Use another backup.")
    manifest: dict[str, Any] = json.loads(text)
    return manifest


def verify_dump(path: Path, manifest: Mapping[str, Any]) -> None:
    """Raise `BackupError` when one bit of the dump differs from what was written."""
    with path.open("rb") as file:
        if _sha256(file, manifest["dump_bytes"]) != manifest["dump_sha256"]:
            raise BackupError(f"{path} is damaged: the dump does not match its checksum. Use another backup.")


def _sha256(file: IO[bytes], size: int) -> str:
    digest = hashlib.sha256()
    file.seek(0)
    left = size
    while left and (chunk := file.read(min(CHUNK, left))):
        digest.update(chunk)
        left -= len(chunk)
    return digest.hexdigest()
