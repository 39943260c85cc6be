"""Time codes of days and halves of months as 1C sent them: kept word for word, never recomputed."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction

from apps.core import clock
from apps.workcalendar.models import ReceivedTimeCode, ReceivedTimeSummary

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Mapping, Sequence

    Code = tuple[dt.date, str, int]

SUMMARY = ("last", "half1_days", "half1_seconds", "half2_days", "half2_seconds", "absences", "source")
CENT = Decimal("0.01")


@dataclass(frozen=True)
class MonthFacts:
    """What 1C shows of a person in a span of one month: codes (day, code, seconds) in its order."""

    codes: Sequence[Code]
    absences: Sequence[tuple[str, str]]
    half1_days: Decimal
    half1_seconds: int
    half2_days: Decimal
    half2_seconds: int


@transaction.atomic
def store_time_codes(people: Mapping[int, MonthFacts], *, days: tuple[dt.date, dt.date], source: str) -> int:
    """Let people have these codes from the first of `days` to the last, in place of what was there.

    Gives how many people's codes or halves were other than known; the same again writes nothing. At most six
    queries.
    """
    changed = _changed(people, days)
    ReceivedTimeCode.objects.filter(employee__in=changed, date__range=days).delete()
    ReceivedTimeCode.objects.bulk_create(
        ReceivedTimeCode(
            employee_id=employee_id, date=date, number=number, code=code, seconds=seconds, source=source
        )
        for employee_id in changed
        for number, (date, code, seconds) in enumerate(people[employee_id].codes)
    )
    summaries = _changed_summaries(people, days, source)
    ReceivedTimeSummary.objects.bulk_create(
        summaries,
        update_conflicts=True,
        unique_fields=["employee", "first"],
        update_fields=[*SUMMARY, "received_at"],
    )
    return len({*changed, *(row.employee_id for row in summaries)})


def _changed(people: Mapping[int, MonthFacts], days: tuple[dt.date, dt.date]) -> Collection[int]:
    known: dict[int, list[Code]] = {}
    rows = ReceivedTimeCode.objects.filter(employee__in=people, date__range=days).order_by("number")
    for employee_id, date, code, seconds in rows.values_list("employee_id", "date", "code", "seconds"):
        known.setdefault(employee_id, []).append((date, code, seconds))
    return [pk for pk, facts in people.items() if known.get(pk, []) != list(facts.codes)]


def _changed_summaries(
    people: Mapping[int, MonthFacts], days: tuple[dt.date, dt.date], source: str
) -> list[ReceivedTimeSummary]:
    first, last = days
    known = {
        row.employee_id: row for row in ReceivedTimeSummary.objects.filter(employee__in=people, first=first)
    }
    now = clock.now()
    rows = [
        ReceivedTimeSummary(
            employee_id=employee_id,
            first=first,
            last=last,
            half1_days=facts.half1_days.quantize(CENT),
            half1_seconds=facts.half1_seconds,
            half2_days=facts.half2_days.quantize(CENT),
            half2_seconds=facts.half2_seconds,
            absences=[list(pair) for pair in facts.absences],
            source=source,
            received_at=now,
        )
        for employee_id, facts in people.items()
    ]
    return [
        row
        for row in rows
        if (before := known.get(row.employee_id)) is None
        or any(getattr(before, name) != getattr(row, name) for name in SUMMARY)
    ]
