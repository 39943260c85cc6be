from __future__ import annotations


class SealError(Exception):
    """A stored secret cannot be read; the message names the place and the key, never the value."""


class MissingKeyError(SealError):
    """The key that a secret was written with is not among those of this process."""


class BrokenSealError(SealError):
    """A stored secret was changed, or stands in another row or field than it was written for."""


class WrongKeysError(Exception):
    """The keys of the settings cannot be used; the message says which and why, never a key."""
