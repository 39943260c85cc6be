"""Sealing: AES-256-GCM with a random nonce, the place of the value being authenticated with it."""

from __future__ import annotations

import base64
import binascii
import json
import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag

from apps.core.encryption.errors import BrokenSealError, MissingKeyError
from apps.core.encryption.keys import key_ring

VERSION = "1"
NONCE_BYTES = 12  # 96 bits, as GCM wants them; random, so one key serves for 2^32 values
PARTS = 3


@dataclass(frozen=True)
class Place:
    """Where a value belongs: it opens nowhere else."""

    table: str
    row: str
    field: str

    def bound_to(self, key: str) -> bytes:
        return json.dumps([VERSION, self.table, self.row, self.field, key]).encode()

    def __str__(self) -> str:
        return f"{self.table}.{self.field} of row {self.row}"


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed value as it is stored: `version:key name:base64 of nonce and cipher text`."""

    text: str

    @property
    def key(self) -> str:
        """Give the name of the key that it was written with."""
        parts = self.text.split(":")
        return parts[1] if len(parts) == PARTS else ""

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"Sealed({self.key})"


def seal(plain: str, place: Place) -> Sealed:
    """Seal `plain` for its place under the newest key; raises `WrongKeysError`."""
    name, cipher = next(iter(key_ring().items()))
    nonce = secrets.token_bytes(NONCE_BYTES)
    made = nonce + cipher.encrypt(nonce, plain.encode(), place.bound_to(name))
    return Sealed(f"{VERSION}:{name}:{base64.b64encode(made).decode()}")


def open_sealed(sealed: Sealed, place: Place) -> str:
    """Give the plain text; raises `MissingKeyError` and `BrokenSealError`."""
    version, _, rest = sealed.text.partition(":")
    name, _, text = rest.partition(":")
    if version != VERSION:
        raise BrokenSealError(f"{place} holds nothing that was sealed here.")
    cipher = key_ring().get(name)
    if cipher is None:
        raise MissingKeyError(f"{place} was written with the key {name}, which is not among ours.")
    try:
        made = base64.b64decode(text, validate=True)
        plain = cipher.decrypt(made[:NONCE_BYTES], made[NONCE_BYTES:], place.bound_to(name))
    except (InvalidTag, binascii.Error, ValueError):
        raise BrokenSealError(
            f"{place} was changed or belongs elsewhere: it does not open with the key {name}."
        ) from None
    return plain.decode()
