"""Calendars and kinds; for the full official data load the reference data instead."""

from __future__ import annotations

from typing import Any

from apps.workcalendar.choices import TimeCodeCategory
from apps.workcalendar.models import AbsenceKind, ActivityKind, CalendarYear, ProductionCalendar, TimeCode


def make_calendar(code: str = "ru", years: tuple[int, ...] = ()) -> ProductionCalendar:
    """Make a calendar whose given years are plain weeks without any holiday."""
    calendar, _created = ProductionCalendar.objects.get_or_create(code=code, defaults={"name": code})
    for year in years:
        CalendarYear.objects.get_or_create(calendar=calendar, year=year, defaults={"source": "test"})
    return calendar


def make_time_code(letter: str = "ОТ", **facts: Any) -> TimeCode:
    facts = {"name": letter, "category": TimeCodeCategory.ABSENCE} | facts
    return TimeCode.objects.get_or_create(letter=letter, defaults=facts)[0]


def make_activity_kind(code: str = "work", **facts: Any) -> ActivityKind:
    facts = {
        "name_ru": code,
        "name_en": code,
        "abbreviation": code[:1].upper(),
        "is_paid": code != "lunch",
        "is_productive": code == "work",
    } | facts
    return ActivityKind.objects.get_or_create(code=code, defaults=facts)[0]


def make_absence_kind(code: str = "vacation", **facts: Any) -> AbsenceKind:
    if "time_code" not in facts:
        facts["time_code"] = make_time_code()
    facts = {"name_ru": code, "name_en": code} | facts
    return AbsenceKind.objects.get_or_create(code=code, defaults=facts)[0]
