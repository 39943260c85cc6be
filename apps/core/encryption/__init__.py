"""Secrets at rest: AES-256-GCM, bound to their place (table, row, field), under a ring of keys.

`EncryptedField` keeps them; `docs/decisions/0014-connections.md` tells how and why.
"""

from apps.core.encryption.errors import BrokenSealError, MissingKeyError, SealError, WrongKeysError
from apps.core.encryption.fields import EncryptedField
from apps.core.encryption.sealing import Place, Sealed

__all__ = [
    "BrokenSealError",
    "EncryptedField",
    "MissingKeyError",
    "Place",
    "SealError",
    "Sealed",
    "WrongKeysError",
]
