"""What services of access hand out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apps.accounts.models import ApiKey


@dataclass(frozen=True)
class IssuedKey:
    """A new key and its secret, which is told now and never again."""

    key: ApiKey
    secret: str
