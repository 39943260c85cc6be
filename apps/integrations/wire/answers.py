from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from apps.core import clock

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


PROMPT_S = 2.0
_HALF_A_SECOND = dt.timedelta(milliseconds=500)  # the header tells whole seconds


def clock_reading(answer: Answer) -> tuple[dt.datetime, dt.datetime] | None:
    """Give what the other clock showed (`Date`) and ours then; call it as soon as the answer is there.

    None without the header, for one that cannot be read, and for an answer that was slow or kept by a cache.
    """
    if answer.duration_s > PROMPT_S or "age" in answer.headers:
        return None
    try:
        told = parsedate_to_datetime(answer.headers.get("date", ""))
    except ValueError:
        return None
    if told.tzinfo is None:  # `-0000`, which HTTP does not know
        return None
    return told + _HALF_A_SECOND, clock.now() - dt.timedelta(seconds=answer.duration_s / 2)
