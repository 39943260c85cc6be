from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID


@dataclass(frozen=True)
class Answer:
    """What came back; header names are in lower case, `data` is there when it was asked for as JSON."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    request_id: UUID
    duration_s: float
    data: Any = field(default=None, repr=False)
