"""The keys of encrypted fields: from `FIELD_KEYS`, else from the file `FIELD_KEYS_FILE`; the first writes.

An entry is `name:key`, the key being 32 random bytes in base64. The file has one entry a line; it is read
anew when it changed, so that a key put in front of it is used by running processes at once.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import os
import re
import secrets
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from apps.core import clock
from apps.core.encryption.errors import WrongKeysError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

KEY_BYTES = 32
NAME = re.compile(r"[A-Za-z0-9_-]{1,32}")


def key_ring() -> Mapping[str, AESGCM]:
    """Give the ciphers by the name of their key, the one that writes first; raises `WrongKeysError`."""
    if settings.FIELD_KEYS:
        return _ring(tuple(settings.FIELD_KEYS))
    if not settings.FIELD_KEYS_FILE:
        raise WrongKeysError("No key for stored secrets: set FIELD_KEYS or FIELD_KEYS_FILE.")
    return _ring_of_file(str(settings.FIELD_KEYS_FILE), _stamp(Path(settings.FIELD_KEYS_FILE)))


def new_entry() -> str:
    """Give an entry with a new random key, named by the day and four random characters."""
    name = f"{clock.now():%Y%m%d}{secrets.token_hex(2)}"
    return f"{name}:{base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()}"


def put_new_key_first(path: Path) -> str:
    """Put a new key in front of those of the file, at one stroke, and give its name."""
    entry = new_entry()
    old = path.read_text() if path.exists() else ""
    _write_whole(path, f"{entry}\n{old}", replacing=True)
    return entry.partition(":")[0]


def _stamp(path: Path) -> tuple[int, int]:
    try:
        facts = path.stat()
    except FileNotFoundError:
        if not settings.FIELD_KEYS_MADE:
            raise WrongKeysError(f"The file of keys {path} is not there.") from None
        _write_whole(path, f"{new_entry()}\n", replacing=False)
        facts = path.stat()
    return facts.st_mtime_ns, facts.st_ino


def _write_whole(path: Path, text: str, *, replacing: bool) -> None:
    """Write a file that its owner only may read, whole or not at all; the first one wins unless replacing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    own = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    own.touch(mode=0o600)
    own.write_text(text)
    if replacing:
        own.replace(path)
        return
    with contextlib.suppress(FileExistsError):
        os.link(own, path)
    own.unlink()


@lru_cache(8)
def _ring_of_file(path: str, _stamp: tuple[int, int]) -> Mapping[str, AESGCM]:
    lines = [line.strip() for line in Path(path).read_text().splitlines()]
    return _ring(tuple(line for line in lines if line and not line.startswith("#")))


@lru_cache(8)
def _ring(entries: Sequence[str]) -> Mapping[str, AESGCM]:
    ring: dict[str, AESGCM] = {}
    for number, entry in enumerate(entries, start=1):
        name, _colon, text = entry.strip().partition(":")
        if not NAME.fullmatch(name):
            raise WrongKeysError(f"Key {number} of stored secrets has no name: write name:key.")
        if name in ring:
            raise WrongKeysError(f"Two keys of stored secrets are called {name}.")
        ring[name] = AESGCM(_key(name, text))
    if not ring:
        raise WrongKeysError("No key for stored secrets: the list is empty.")
    return MappingProxyType(ring)


def _key(name: str, text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise WrongKeysError(f"The key {name} is not base64.") from None
    if len(key) != KEY_BYTES:
        raise WrongKeysError(f"The key {name} has {len(key)} bytes, not {KEY_BYTES}.")
    return key
