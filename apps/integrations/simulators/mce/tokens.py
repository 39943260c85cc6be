"""Bearer tokens: given for a user name and password, good for so long."""

from __future__ import annotations

import base64
import itertools
import time


class Tokens:
    """Tokens of equal life; time is the machine's, whatever the centre's clock does."""

    def __init__(self, life_s: float) -> None:
        self.life_s = life_s
        self._ends: dict[str, float] = {}
        self._numbers = itertools.count(1)

    def give(self) -> str:
        token = f"mce-{next(self._numbers)}-{time.monotonic_ns():x}"
        self._ends[token] = time.monotonic() + self.life_s
        return token

    def is_good(self, token: str) -> bool:
        return self._ends.get(token, 0.0) > time.monotonic()

    def end_all(self) -> None:
        self._ends.clear()

    @property
    def good(self) -> int:
        return sum(self.is_good(token) for token in self._ends)


def bearer_of(authorization: str) -> str:
    """Give the token of an `Authorization` header; empty when there is none."""
    scheme, _space, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def has_basic(authorization: str) -> bool:
    """Tell whether the header brings a user name and a password."""
    scheme, _space, text = authorization.partition(" ")
    try:
        return scheme.lower() == "basic" and b":" in base64.b64decode(text, validate=True)
    except ValueError:
        return False
