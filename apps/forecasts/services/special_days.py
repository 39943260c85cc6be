"""Special days of a forecast: those that its history saw, and those that its horizon will see.

They need not be of one country. A history moved by whole weeks saw the holidays of its own country on its own
dates; moved with it they teach what a holiday does. The horizon has the holidays of the queue's production
calendar. The model meets both by name and by kind.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from django.utils.translation import gettext as _

from apps.algorithms.forecasting import ENGLISH, Series, country_holidays, infer_country
from apps.core.errors import DomainError
from apps.demand.selectors import coefficients
from apps.forecasts.types import SpecialDays
from apps.workcalendar.choices import DayKind
from apps.workcalendar.errors import CalendarMissingError
from apps.workcalendar.selectors import day_kinds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apps.demand.models import SpecialDay
    from apps.demand.types import LocalHistory, ShiftedSpan
    from apps.organization.models import Queue
    from apps.workcalendar.types import DayFacts

Names = dict[dt.date, str]
_DAY = dt.timedelta(days=1)
_SATURDAY = 5
_DAY_OFF = "Day off"  # never translated: models pool days by name, and versions keep it


def find_special_days(
    queue: Queue,
    history: LocalHistory,
    shifted: list[ShiftedSpan],
    horizon: tuple[dt.date, dt.date],
    country: str | None,
) -> SpecialDays:
    """Name the special days of the history and of the horizon (its first and last day).

    `country` is whose holidays the history saw. Without it: the queue's production calendar where rows have
    their own dates, the country inferred from the original dates where they were moved.

    Raises
    ------
    DomainError
        There is no calendar of that country.
    CalendarMissingError
        The queue's calendar is not filled for a year of the horizon.

    """
    names, sources = _history_names(queue, history, shifted, country)
    first, last = horizon
    closed: frozenset[dt.date] = frozenset()
    if queue.calendar_code:
        # the days between the history and the horizon are forecast too, so they are named as well
        begin = min(first, history.first_day + len(history.calls) * _DAY)
        facts = day_kinds(queue.calendar_code, begin, last)
        names |= _holidays(facts)
        if queue.closed_on_holidays:
            closed = frozenset(day for day, fact in facts.items() if _is_closed(fact))
    return SpecialDays(names, closed, sources)


def find_names(
    queue: Queue, history: LocalHistory, shifted: list[ShiftedSpan], language: str = ENGLISH
) -> Names:
    """Name the special days of a history by the queue's calendar, or the country it was moved from.

    The names of a country are in `language` where its calendar has them in it.
    """
    return _history_names(queue, history, shifted, None, language)[0]


def _history_names(
    queue: Queue,
    history: LocalHistory,
    shifted: list[ShiftedSpan],
    country: str | None,
    language: str = ENGLISH,
) -> tuple[Names, tuple[str, ...]]:
    first = history.first_day
    last = first + (len(history.calls) - 1) * _DAY
    names: Names = {}
    sources: list[str] = []
    if country:
        names |= _of_country(country, first, last, weeks=0)
    elif queue.calendar_code:
        names |= _of_calendar(queue.calendar_code, first, last)
    for span in shifted:
        seen = country or _inferred(history, span)
        for day in [day for day in names if span.first <= day <= span.last]:
            del names[day]
        if seen:
            names |= _of_country(seen, span.first, span.last, weeks=span.weeks, language=language)
        sources.append(f"{seen or '-'} {span.weeks:+d} w")
    return names, tuple(sources) or (country or queue.calendar_code or "-",)


def without_events(history: LocalHistory, events: Sequence[SpecialDay]) -> LocalHistory:
    """Give the history as it would have been on ordinary days: contacts over the coefficients given for them.

    Where these say that nobody called, nothing is known of an ordinary day.
    """
    if not events:
        return history
    factor = coefficients(events, history.first_day, len(history.calls), history.step_s)
    ordinary = np.divide(history.calls, factor, out=np.full(factor.shape, np.nan), where=factor > 0)
    return replace(history, calls=ordinary)


def without_told_days(found: SpecialDays, told: frozenset[dt.date]) -> SpecialDays:
    """Take the names off the days of which a person told the whole effect: the coefficient does it."""
    names = {day: name for day, name in found.names.items() if day not in told}
    return replace(found, names=names, told=told)


def known_country(country: str, year: int) -> None:
    """Refuse a country that has no holiday calendar."""
    _of_country(country, dt.date(year, 1, 1), dt.date(year, 1, 1), weeks=0)


def _of_country(country: str, first: dt.date, last: dt.date, *, weeks: int, language: str = ENGLISH) -> Names:
    """Holidays of a country from `first` to `last` for rows that stand `weeks` after their own dates."""
    shift = dt.timedelta(weeks=weeks)
    years = range((first - shift).year, (last - shift).year + 1)
    try:
        days = country_holidays(country, years, language)
    except KeyError as error:
        raise DomainError(
            _("There is no holiday calendar of the country %(country)s.") % {"country": country},
            fields={"holidays_country": [_("Use a two-letter country code.")]},
        ) from error
    return {day + shift: name for day, name in days.items() if first <= day + shift <= last}


def _of_calendar(code: str, first: dt.date, last: dt.date) -> Names:
    """Holidays of a production calendar in those years of the history for which it is filled."""
    names: Names = {}
    for year in range(first.year, last.year + 1):
        begin, end = max(first, dt.date(year, 1, 1)), min(last, dt.date(year, 12, 31))
        try:
            names |= _holidays(day_kinds(code, begin, end))
        except CalendarMissingError:
            continue  # what is not known of the past only teaches less
    return names


def _holidays(facts: dict[dt.date, DayFacts]) -> Names:
    """Public holidays, and weekdays off by transfer (they are as quiet), by name."""
    return {
        day: fact.holiday_name or _DAY_OFF
        for day, fact in facts.items()
        if fact.kind == DayKind.HOLIDAY or _is_moved_day_off(fact)
    }


def _is_moved_day_off(fact: DayFacts) -> bool:
    return fact.kind == DayKind.OFF and fact.date.weekday() < _SATURDAY


def _is_closed(fact: DayFacts) -> bool:
    """Tell whether the calendar closes the day: weekends are days off too, whatever the opening hours say."""
    return not fact.is_working


def _inferred(history: LocalHistory, span: ShiftedSpan) -> str | None:
    begin = (span.first - history.first_day).days
    rows = history.calls[begin : (span.last - history.first_day).days + 1]
    return infer_country(Series(span.first - dt.timedelta(weeks=span.weeks), history.step_s, rows))
