"""getNormHours: the norm of hours of a person by month, quarter or year."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from apps.integrations.simulators.onec.dates import ONE_DAY, months
from apps.integrations.simulators.onec.refusals import NO_CALENDAR, FaultyRequestError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence

    from apps.integrations.simulators.onec.people import Person
    from apps.integrations.simulators.onec.production import ProductionCalendar

MODES = {"month": 1, "quarter": 3, "year": 12}
DAYS_A_WEEK = 5
HUNDREDTH = Decimal("0.01")


def norm_hours(week: Decimal, worked: int, short: int) -> Decimal:
    """Give the norm: a fifth of the weekly one for each day worked, less an hour for each shortened day."""
    return (week / DAYS_A_WEEK * worked - short).quantize(HUNDREDTH, ROUND_HALF_UP)


def norm_rows(
    person: Person,
    norms: Sequence[tuple[dt.date, Decimal]],
    span: tuple[dt.date, dt.date],
    mode: str,
    calendar: ProductionCalendar,
) -> Iterator[dict[str, Any]]:
    """Give a row per span of `mode` in which the person was employed; `norms` are (change date, week).

    Raises `FaultyRequestError` when a year of the span is not filled in the production calendar.
    """
    first = max(span[0], person.hired)
    last = min(span[1], person.dismissed or span[1])
    year = calendar.missing(*span)
    if year is not None:
        raise FaultyRequestError(NO_CALENDAR.format(year=year))
    if first > last:
        return
    for begin, end in months(first, last, MODES[mode]):
        row_first, row_last = max(begin, first), min(end, last)
        hours = sum(
            (norm_hours(week, *calendar.count(*part)) for part, week in _parts(norms, row_first, row_last)),
            Decimal(0),
        )
        yield {"agentId": person.agent_id, "hours": hours, "first": row_first, "last": row_last}


def _parts(
    norms: Sequence[tuple[dt.date, Decimal]], first: dt.date, last: dt.date
) -> Iterator[tuple[tuple[dt.date, dt.date], Decimal]]:
    """Cut the span where the weekly norm changes; what comes before the first change has the first norm."""
    for number, (since, week) in enumerate(norms):
        begin = first if number == 0 else max(first, since)
        end = last if number + 1 == len(norms) else min(last, norms[number + 1][0] - ONE_DAY)
        if begin <= end:
            yield (begin, end), week
