"""Reads of production calendars and norms; overrides are honoured everywhere."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Q
from django.utils.translation import gettext as _

from apps.algorithms.norms import NormPeriod, NormRow, NormSpan, norm_rows
from apps.organization.models import EmploymentTerms
from apps.workcalendar.choices import DayKind
from apps.workcalendar.errors import CalendarMissingError
from apps.workcalendar.models import CalendarDay, CalendarOverride, CalendarYear, VacationBalance
from apps.workcalendar.types import DayFacts, NormTable

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


WorkingDays = dict[dt.date, bool]
"""Working dates, with True where the day is an hour shorter."""

SATURDAY = 5


class _Terms(NamedTuple):
    first: dt.date
    last: dt.date | None
    weekly_norm_minutes: int
    calendar_code: str


def day_kinds(calendar_code: str, start: dt.date, end: dt.date) -> dict[dt.date, DayFacts]:
    """Give what each day from `start` to `end` (both included) is, in order. Three queries.

    Raises `CalendarMissingError` if a year of the span is not filled.
    """
    return _resolve([calendar_code], start, end)[calendar_code]


def working_days(calendar_codes: Collection[str], start: dt.date, end: dt.date) -> dict[str, WorkingDays]:
    """Give the working days of several calendars from `start` to `end` (both included). Three queries.

    Raises `CalendarMissingError` if a year of the span is not filled in one of them.
    """
    return {
        code: {day.date: day.is_short for day in days.values() if day.is_working}
        for code, days in _resolve(calendar_codes, start, end).items()
    }


def holidays(calendar_code: str, start: dt.date, end: dt.date) -> list[DayFacts]:
    """Give the public holidays, which extend a leave (days off by transfer do not)."""
    return [day for day in day_kinds(calendar_code, start, end).values() if day.kind == DayKind.HOLIDAY]


def norm_table(calendar_code: str, year: int, weekly_norm_minutes: int = 2400) -> NormTable:
    """Give the exact norms of a calendar year for one weekly norm, in minutes."""
    first, last = dt.date(year, 1, 1), dt.date(year, 12, 31)
    days = working_days([calendar_code], first, last)[calendar_code]
    spans = [NormSpan(first, last, weekly_norm_minutes, days)]

    def minutes(period: NormPeriod) -> tuple[Fraction, ...]:
        return tuple(row.minutes for row in norm_rows(first, last, period, spans))

    return NormTable(
        year=year,
        working_days=len(days),
        months=minutes(NormPeriod.MONTH),
        quarters=minutes(NormPeriod.QUARTER),
        total=minutes(NormPeriod.YEAR)[0],
    )


def employee_norms(
    employee_ids: Collection[int], start: dt.date, end: dt.date, period: NormPeriod = NormPeriod.MONTH
) -> dict[int, list[NormRow]]:
    """Give the norm of each person by period from `start` to `end` (both included).

    Cut to hire and dismissal; a change of the weekly norm or of the site's calendar counts from its day. A
    person without terms in the span has no rows. Four queries for any number of people.

    Raises `CalendarMissingError` if a year of the span is not filled in a calendar that somebody's site has.
    """
    rows = (
        EmploymentTerms.objects.filter(
            Q(valid_to__isnull=True) | Q(valid_to__gte=start), employee__in=employee_ids, valid_from__lte=end
        )
        .order_by("employee_id", "valid_from")
        .values_list(
            "employee_id",
            "valid_from",
            "valid_to",
            "weekly_norm_minutes",
            "site__calendar_code",
            "employee__hired_on",
            "employee__dismissed_on",
        )
    )
    terms: defaultdict[int, list[_Terms]] = defaultdict(list)
    for employee_id, first, last, weekly, code, hired_on, dismissed_on in rows:
        terms[employee_id].append(_Terms(max(first, hired_on), _earlier(last, dismissed_on), weekly, code))
    return _norms({pk: terms[pk] for pk in employee_ids}, start, end, period)


def weekly_norms(
    employee_ids: Collection[int], first: dt.date, last: dt.date
) -> dict[int, list[tuple[dt.date, int]]]:
    """Give the weekly norms of people from `first` to `last` as (since, minutes), in order. One query.

    The first one is that in force on `first`, with the day since when, or that of a later hire; a person
    without terms in the span is not there.
    """
    rows = (
        EmploymentTerms.objects.filter(
            Q(valid_to__isnull=True) | Q(valid_to__gte=first), employee__in=employee_ids, valid_from__lte=last
        )
        .order_by("employee_id", "valid_from")
        .values_list("employee_id", "valid_from", "weekly_norm_minutes")
    )
    found: defaultdict[int, list[tuple[dt.date, int]]] = defaultdict(list)
    for employee_id, since, minutes in rows:
        known = found[employee_id]
        if not known or known[-1][1] != minutes:
            known.append((since, minutes))
    return dict(found)


def vacation_balance(employee_id: int, on: dt.date) -> VacationBalance | None:
    """Give the newest balance of leave that was counted for a day up to `on`, if there is one."""
    return VacationBalance.objects.filter(employee=employee_id, date__lte=on).order_by("-date").first()


def norm_minutes(employee_id: int, start: dt.date, end: dt.date) -> Fraction:
    """Give the exact minutes that one person owes from `start` to `end`, both included."""
    rows = employee_norms([employee_id], start, end)[employee_id]
    return sum((row.minutes for row in rows), Fraction(0))


def _norms(
    terms: Mapping[int, list[_Terms]], start: dt.date, end: dt.date, period: NormPeriod
) -> dict[int, list[NormRow]]:
    codes = {term.calendar_code for facts in terms.values() for term in facts}
    calendars = working_days(codes, start, end)
    return {
        employee_id: norm_rows(
            start,
            end,
            period,
            [
                NormSpan(term.first, term.last, term.weekly_norm_minutes, calendars[term.calendar_code])
                for term in facts
                if term.last is None or term.first <= term.last
            ],
        )
        for employee_id, facts in terms.items()
    }


def _earlier(one: dt.date | None, other: dt.date | None) -> dt.date | None:
    if one is None or other is None:
        return one or other
    return min(one, other)


def _resolve(
    calendar_codes: Collection[str], start: dt.date, end: dt.date
) -> dict[str, dict[dt.date, DayFacts]]:
    if not calendar_codes:
        return {}
    _check_filled(calendar_codes, start, end)
    span = Q(calendar__code__in=calendar_codes, date__gte=start, date__lte=end)
    special = {
        (code, date): DayFacts(date, kind, is_short, holiday_name, note="")
        for code, date, kind, is_short, holiday_name in CalendarDay.objects.filter(span).values_list(
            "calendar__code", "date", "kind", "is_short", "holiday_name"
        )
    }
    overrides = CalendarOverride.objects.filter(span)
    for code, date, kind, is_short, note in overrides.values_list(
        "calendar__code", "date", "kind", "is_short", "note"
    ):
        known = special.get((code, date))
        name = known.holiday_name if known and kind == DayKind.HOLIDAY else ""
        special[code, date] = DayFacts(date, kind, is_short, name, note)
    dates = [start + dt.timedelta(days=offset) for offset in range((end - start).days + 1)]
    return {
        code: {date: special.get((code, date)) or _plain(date) for date in dates} for code in calendar_codes
    }


def _plain(date: dt.date) -> DayFacts:
    kind = DayKind.OFF if date.weekday() >= SATURDAY else DayKind.WORKING
    return DayFacts(date, kind.value, is_short=False, holiday_name="", note="")


def _check_filled(calendar_codes: Collection[str], start: dt.date, end: dt.date) -> None:
    years = range(start.year, end.year + 1)
    filled = set(
        CalendarYear.objects.filter(calendar__code__in=calendar_codes, year__in=years).values_list(
            "calendar__code", "year"
        )
    )
    for code in sorted(calendar_codes):
        for year in years:
            if (code, year) not in filled:
                raise CalendarMissingError(
                    _("The calendar %(code)s is not filled for %(year)s.") % {"code": code, "year": year}
                )
