"""sendSchedule in both dialects of 1C: whole months of planned hours out, a verdict for each person back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_noop

from apps.core.phrases import Phrase
from apps.integrations.errors import PoisonError
from apps.integrations.wire.client import call
from apps.integrations.wire.onec.fields import FieldError, Row

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from apps.integrations.types import Access
    from apps.integrations.wire.answers import Answer
    from apps.integrations.wire.onec.split import Hours

NO_RESULT = gettext_noop("1C answered, but did not say whether it took what was sent.")


@dataclass(frozen=True)
class Verdict:
    """Whether 1C took something, and what it said of it, word for word."""

    is_taken: bool
    message: str = ""


@dataclass(frozen=True)
class ClockShift:
    """A shift as the gateway is told of it: readings of the site's clock.

    An end at or before the start is of the next day; `shift_type` and `location_code` are free text.
    """

    date: dt.date
    start_time: str
    end_time: str
    break_minutes: int
    shift_type: str = ""
    location_code: str = ""


def send_schedule(
    access: Access,
    agent_id: str,
    period: tuple[dt.date, dt.date],
    days: Mapping[dt.date, Hours],
    *,
    session_id: UUID,
    request_id: UUID | None = None,
) -> Verdict:
    """Send the hours of one person for whole months, from the first day of `period` to its last.

    Days without a shift are not among `days`. Raises the family of `ExchangeError`.
    """
    first, last = period
    body = {
        "agentId": agent_id,
        "period1": first.isoformat(),
        "period2": last.isoformat(),
        "shift": [
            {"date_start": day.isoformat(), "daily_hours": hours.day_ms, "night_hours": hours.night_ms}
            for day, hours in sorted(days.items())
        ],
    }
    return read_verdict(_post(access, body, session_id, request_id))


def send_schedules(
    access: Access,
    period: tuple[dt.date, dt.date],
    schedules: Mapping[str, Sequence[ClockShift]],
    *,
    session_id: UUID,
    request_id: UUID | None = None,
) -> dict[str, Verdict]:
    """Send a batch of people (shifts by their id in 1C) to the gateway, and give the verdict of each.

    Whom the answer does not name is taken when it says so of the whole batch, else not. Raises the family of
    `ExchangeError`.
    """
    first, last = period
    body = {
        "period_start": first.isoformat(),
        "period_end": last.isoformat(),
        "schedules": [
            {"employee_id": agent_id, "shifts": [_told(shift) for shift in shifts]}
            for agent_id, shifts in schedules.items()
        ],
    }
    answer = _post(access, body, session_id, request_id)
    whole = read_verdict(answer)
    try:
        rows = list(Row(answer.data).rows("schedules"))
        named = {row.text("employee_id"): _verdict(row) for row in rows}
    except FieldError as error:
        raise PoisonError(error.reason, detail=error.field) from error
    unnamed = whole if whole.is_taken else Verdict(is_taken=False, message=whole.message if not rows else "")
    return {agent_id: named.get(agent_id, unnamed) for agent_id in schedules}


def read_verdict(answer: Answer) -> Verdict:
    """Read `{result, message}`; the result may be text. Raises `PoisonError` where there is none."""
    if not isinstance(answer.data, dict):
        raise PoisonError(Phrase(NO_RESULT), status=answer.status)
    try:
        return _verdict(Row(answer.data))
    except FieldError as error:
        raise PoisonError(Phrase(NO_RESULT), detail=error.field, status=answer.status) from error


def _verdict(row: Row) -> Verdict:
    if row.raw("result") in (None, ""):
        raise FieldError("result", Phrase(NO_RESULT))
    message = row.raw("message")
    return Verdict(row.flag("result"), "" if message is None else str(message))


def _told(shift: ClockShift) -> dict[str, Any]:
    return {
        "date": shift.date.isoformat(),
        "start_time": shift.start_time,
        "end_time": shift.end_time,
        "break_minutes": shift.break_minutes,
        "shift_type": shift.shift_type,
        "location_code": shift.location_code,
    }


def _post(access: Access, body: dict[str, Any], session_id: UUID, request_id: UUID | None) -> Answer:
    return call(
        access,
        "POST",
        "/sendSchedule",
        endpoint="sendSchedule",
        json=body,
        reads_json=True,
        session_id=session_id,
        request_id=request_id,
    )
