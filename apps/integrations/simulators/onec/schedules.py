"""sendSchedule: the rules by which a month's document comes to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.integrations.simulators.onec import refusals
from apps.integrations.simulators.onec.dates import month_end, month_key, months
from apps.integrations.simulators.onec.refusals import RefusalError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from apps.integrations.simulators.onec.books import Books, Hours
    from apps.integrations.simulators.onec.people import Person
    from apps.integrations.simulators.serving.messages import Request

    Row = tuple[dt.date, Hours]

MS_A_DAY = 24 * 3_600_000


def take_schedule(
    books: Books,
    agent_id: str,
    span: tuple[dt.date, dt.date],
    rows: Sequence[Row],
    today: dt.date,
    request: Request,
) -> int:
    """Write the documents of the months of `span` that have shifts; give how many.

    Raises `RefusalError` with what the user is told; nothing is written then.
    """
    person = books.people.get(agent_id)
    if person is None:
        raise RefusalError(refusals.UNKNOWN_PERSON.format(agent=agent_id))
    if agent_id in books.refused:
        raise RefusalError(books.refused[agent_id])
    _check_span(books, span, today)
    if not rows:
        raise _no_shifts(span)
    _check_rows(span, rows)
    wanted = _documents(person, span, rows, today)
    if not wanted:
        raise _no_shifts(span)
    for month in wanted:
        if (agent_id, month) in books.part_months:
            raise RefusalError(refusals.PART_MONTH.format(month=month))
    for month, shifts in wanted.items():
        books.write_schedule(agent_id, month, shifts, request)
    return len(wanted)


def _no_shifts(span: tuple[dt.date, dt.date]) -> RefusalError:
    return RefusalError(refusals.NO_SHIFTS.format(since=span[0], until=span[1]))


def _check_span(books: Books, span: tuple[dt.date, dt.date], today: dt.date) -> None:
    first, last = span
    this_month = today.replace(day=1)
    if first.day != 1 or last != month_end(last) or last < first:
        raise RefusalError(refusals.NOT_WHOLE_MONTHS.format(since=first, until=last))
    if last < this_month:
        raise RefusalError(refusals.PAST_PERIOD.format(until=last))
    year = books.calendar.missing(max(first, this_month), last)
    if year is not None:
        raise RefusalError(refusals.NO_CALENDAR.format(year=year))


def _check_rows(span: tuple[dt.date, dt.date], rows: Sequence[Row]) -> None:
    seen = set()
    for day, hours in rows:
        if not span[0] <= day <= span[1]:
            raise RefusalError(refusals.OUTSIDE_PERIOD.format(date=day, since=span[0], until=span[1]))
        if day in seen:
            raise RefusalError(refusals.TWICE.format(date=day))
        if hours[0] + hours[1] > MS_A_DAY:
            raise RefusalError(refusals.TOO_LONG.format(date=day))
        seen.add(day)


def _documents(
    person: Person, span: tuple[dt.date, dt.date], rows: Sequence[Row], today: dt.date
) -> dict[str, dict[dt.date, Hours]]:
    """Give the shifts by month: not of months before the current one, not of days outside employment.

    A month in which nothing is left makes no document and leaves the one that is there.
    """
    first = max(span[0], today.replace(day=1))
    found: dict[str, dict[dt.date, Hours]] = {}
    for begin, _end in months(first, span[1]):
        shifts = {
            day: hours
            for day, hours in rows
            if month_key(day) == month_key(begin) and any(hours) and person.works_on(day)
        }
        if shifts:
            found[month_key(begin)] = shifts
    return found
