"""Frames of the socket: a status, a heartbeat with the source's time, or something to leave alone."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from apps.integrations.errors import ExchangeError
from apps.integrations.wire.centre.online import read_change
from apps.integrations.wire.centre.rows import instant
from apps.integrations.wire.onec.fields import FieldError, Row
from apps.integrations.wire.reading import json_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from apps.monitoring.types import StateChange


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
    value = row.raw("time")
    if isinstance(value, int | float) and not isinstance(value, bool):
        return dt.datetime.fromtimestamp(value, dt.UTC)
    return instant(row, "time")
