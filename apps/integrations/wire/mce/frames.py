"""Frames of the socket: a status, a heartbeat with the source's time, or something to leave alone."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from apps.core.phrases import Phrase
from apps.integrations.errors import ExchangeError
from apps.integrations.wire.centre.online import FIRST_S, LAST_S, read_change
from apps.integrations.wire.centre.rows import OUT_OF_REACH, instant
from apps.integrations.wire.onec.fields import FieldError, Row
from apps.integrations.wire.reading import json_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from apps.monitoring.types import StateChange

_SHOWN_CHARS = 60


@dataclass
class Frames:
    """What came in a row: changes in order of arrival, the time of the last heartbeat, frames left alone."""

    changes: list[StateChange] = field(default_factory=list)
    time: dt.datetime | None = None
    unread: list[str] = field(default_factory=list)


def read_frames(texts: Iterable[str | bytes]) -> Frames:
    """Read text frames; one that cannot be read is named and holds nobody up."""
    frames = Frames()
    for text in texts:
        try:
            data = json_of(text.encode() if isinstance(text, str) else text)
        except ExchangeError as error:
            frames.unread.append(str(error.reason))
            continue
        if not isinstance(data, dict):
            frames.unread.append("")
            continue
        try:
            if data.get("type") == "heartbeat":
                frames.time = _time(Row(data))
            elif data.get("type") == "agent-status":
                frames.changes.append(read_change(data))
        except FieldError as error:
            frames.unread.append(f"{error.field}: {error.reason}")
    return frames


def _time(row: Row) -> dt.datetime | None:
    """Read the time of a heartbeat: ISO 8601, or seconds or milliseconds since 1970."""
    value = row.raw("time")
    if not isinstance(value, int | float) or isinstance(value, bool):
        return instant(row, "time")
    since_s = value / 1000 if value > LAST_S else value
    if not FIRST_S <= since_s <= LAST_S:
        raise FieldError("time", Phrase(OUT_OF_REACH, {"text": str(value)[:_SHOWN_CHARS]}))
    return dt.datetime.fromtimestamp(since_s, dt.UTC)
