"""sendFactWorkTime: time that was worked out in slices, and what 1C shows of it afterwards."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from apps.integrations.choices import Dialect
from apps.integrations.errors import PoisonError
from apps.integrations.wire.client import call
from apps.integrations.wire.onec.fields import FieldError, Row
from apps.integrations.wire.onec.sends import Verdict, read_verdict
from apps.integrations.wire.onec.split import Hours, split_shift

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID
    from zoneinfo import ZoneInfo

    from apps.integrations.types import Access

    Stretch = tuple[dt.datetime, dt.datetime]

SLICE_MS = 900_000
MILLISECOND = dt.timedelta(milliseconds=1)
NAMES = {
    Dialect.ZUP.value: ("agentId", "initiator_name", "date_start", "loginfo"),
    Dialect.GATEWAY.value: ("agent_id", "initiator_name", "date_start", "loginfo"),
}
DAY_OFF, NIGHT_OF_DAY_OFF, MISSED, OVERTIME = "РВ", "РВН", "НН", "С"
DEVIATIONS = frozenset({DAY_OFF, NIGHT_OF_DAY_OFF, MISSED, OVERTIME})
PLAIN = frozenset({"Я", "Н", "В"})
TOLERANCE_MS = 60_000
"""1C shows hours with two decimals, which is half a minute."""


@dataclass(frozen=True)
class FactVerdict(Verdict):
    """Also names the document that 1C made: "Weekend Work", "Overtime", "Failure to appear", or none."""

    document: str = ""


class Finding(Enum):
    """What a look at 1C says of a fact whose answer was not read."""

    DONE = "done"
    NOT_DONE = "not_done"
    CANNOT_TELL = "cannot_tell"


def slices(periods: Sequence[Stretch], zone: ZoneInfo) -> list[dict[str, Any]]:
    """Cut worked stretches into slices of 900 000 ms, the last one of each continuous stretch shorter.

    `start` is the site's local time with its offset, `time` whole milliseconds. Stretches that touch are one;
    they are in order and do not overlap.
    """
    found = []
    for start, end in joined(periods):
        at_ms, length_ms = 0, (end - start) // MILLISECOND
        while at_ms < length_ms:
            time_ms = min(SLICE_MS, length_ms - at_ms)
            moment = (start + at_ms * MILLISECOND).astimezone(zone)
            found.append({"start": _iso(moment), "time": time_ms})
            at_ms += time_ms
    return found


def joined(periods: Sequence[Stretch]) -> list[Stretch]:
    """Give the stretches in UTC with those that touch made one."""
    found: list[Stretch] = []
    for start, end in sorted((left.astimezone(dt.UTC), right.astimezone(dt.UTC)) for left, right in periods):
        if found and found[-1][1] == start:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found


def send_fact(
    access: Access,
    agent_id: str,
    initiator_name: str,
    shift_date: dt.date,
    loginfo: Sequence[Mapping[str, Any]],
    *,
    session_id: UUID,
    request_id: UUID | None = None,
) -> FactVerdict:
    """Send what somebody worked on a day. 1C makes a document of it and takes none back: send it once.

    Raises the family of `ExchangeError`; whatever is raised after something was sent leaves the outcome open.
    """
    values = (agent_id, initiator_name, shift_date.isoformat(), list(loginfo))
    answer = call(
        access,
        "POST",
        "/sendFactWorkTime",
        endpoint="sendFactWorkTime",
        json=dict(zip(NAMES[access.dialect], values, strict=True)),
        reads_json=True,
        session_id=session_id,
        request_id=request_id,
    )
    verdict = read_verdict(answer)
    try:
        document = Row(answer.data).text("doc")
    except FieldError as error:
        raise PoisonError(error.reason, detail=error.field, status=answer.status) from error
    return FactVerdict(verdict.is_taken, verdict.message, document)


def hours_of(periods: Sequence[Stretch], zone: ZoneInfo) -> Hours:
    """Give what was worked by day and by night of the site's clock."""
    return sum((split_shift(start, end, (), zone) for start, end in periods), Hours())


def expected_codes(plan_ms: int, fact: Hours) -> dict[str, int]:
    """Give the codes that 1C adds to a day for a fact against its plan, in milliseconds.

    Without a plan it is work on a day off, by day and by night; less than the plan is unexplained absence,
    more is overtime; as planned adds nothing.
    """
    if not plan_ms:
        found = {DAY_OFF: fact.day_ms, NIGHT_OF_DAY_OFF: fact.night_ms}
    else:
        difference_ms = fact.total_ms - plan_ms
        found = {MISSED: -difference_ms, OVERTIME: difference_ms}
    return {code: length_ms for code, length_ms in found.items() if length_ms > 0}


def judge(plan_ms: int, fact: Hours, shown: Mapping[str, int] | None) -> Finding:
    """Say whether a fact reached 1C by the codes that it shows for the day, in milliseconds.

    It did when every expected code is there with its hours. It did not when the day shows nothing but its
    plan; where nothing was to be expected of it, that day is as it should be. Any other code may have
    displaced ours (1C decides which wins), so nothing can be told; nor of a person whom 1C does not know
    (`shown` is None).
    """
    if shown is None:
        return Finding.CANNOT_TELL
    expected = expected_codes(plan_ms, fact)
    told = {code: length_ms for code, length_ms in shown.items() if code in DEVIATIONS and length_ms}
    if expected and told.keys() == expected.keys():
        is_same = all(_are_near(told[code], length_ms) for code, length_ms in expected.items())
        return Finding.DONE if is_same else Finding.CANNOT_TELL
    plain_ms = sum(length_ms for code, length_ms in shown.items() if code in PLAIN)
    if told or not shown.keys() <= PLAIN | DEVIATIONS or not _are_near(plain_ms, plan_ms):
        return Finding.CANNOT_TELL
    return Finding.NOT_DONE if expected else Finding.DONE


def _are_near(left_ms: int, right_ms: int) -> bool:
    return abs(left_ms - right_ms) <= TOLERANCE_MS


def _iso(moment: dt.datetime) -> str:
    return moment.isoformat(timespec="milliseconds" if moment.microsecond else "seconds")
