"""Fills the years of production calendars, from the bundled data or from a file."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.policies import Capability, require
from apps.audit.services import record
from apps.core.locks import advisory_lock
from apps.workcalendar.errors import CalendarFileError
from apps.workcalendar.models import CalendarDay, CalendarYear, ProductionCalendar
from apps.workcalendar.services.xmlcalendar import parse_xmlcalendar
from apps.workcalendar.types import SpecialDay, SpecialYear

if TYPE_CHECKING:
    from apps.accounts.models import User

DATA = Path(__file__).resolve().parents[1] / "data"
IMPORTED = "xmlcalendar: "
SOURCE_LENGTH = 300


def load_bundled_calendars() -> list[CalendarYear]:
    """Fill the years that come with the product and give those that changed; a second run changes nothing.

    A year that somebody imported stays as imported, and overrides stay as they are.
    """
    changed = []
    for path in sorted(DATA.glob("*.json")):
        year = _load_bundled_year(json.loads(path.read_text(encoding="utf-8")))
        if year is not None:
            changed.append(year)
    return changed


def import_xmlcalendar(
    *, calendar_code: str, content: bytes, file_name: str, actor: User | None, calendar_name: str = ""
) -> CalendarYear:
    """Replace a year of a calendar by the file, creating the calendar if need be; overrides stay.

    Raises `CalendarFileError` for a file that cannot be read, `NotAllowedError` without the right.
    """
    require(actor, Capability.EDIT_MASTER_DATA)
    if not calendar_code:
        raise CalendarFileError(_("The calendar needs a code."), fields={"calendar_code": [_("Required.")]})
    special = parse_xmlcalendar(content)
    with transaction.atomic():
        calendar = _lock_calendar(calendar_code, calendar_name)
        year, _changed = _store(calendar, special, source=f"{IMPORTED}{file_name}", actor=actor)
    return year


@transaction.atomic
def _load_bundled_year(facts: dict[str, Any]) -> CalendarYear | None:
    calendar = _lock_calendar(facts["calendar"], facts["name"])
    known = calendar.years.filter(year=facts["year"]).first()
    if known is not None and known.source.startswith(IMPORTED):
        return None
    year, changed = _store(calendar, _special_year(facts), source=facts["source"], actor=None)
    return year if changed else None


def _special_year(facts: dict[str, Any]) -> SpecialYear:
    days = (
        SpecialDay(
            date=dt.date.fromisoformat(row["date"]),
            kind=row["kind"],
            is_short=row.get("short", False),
            holiday_name=row.get("holiday", ""),
            moved_from=dt.date.fromisoformat(row["moved_from"]) if "moved_from" in row else None,
        )
        for row in facts["days"]
    )
    return SpecialYear(facts["year"], tuple(days))


def _lock_calendar(code: str, name: str) -> ProductionCalendar:
    advisory_lock(f"workcalendar:{code}")
    calendar, _created = ProductionCalendar.objects.get_or_create(code=code, defaults={"name": name or code})
    return calendar


def _store(
    calendar: ProductionCalendar, special: SpecialYear, *, source: str, actor: User | None
) -> tuple[CalendarYear, bool]:
    """Make the stored year equal to `special`; tell whether anything changed."""
    source = source[:SOURCE_LENGTH]
    stored = calendar.days.filter(date__year=special.year)
    before = {day.date: day for day in (_special_day(row) for row in stored)}
    after = {day.date: day for day in special.days}
    year, created = CalendarYear.objects.get_or_create(
        calendar=calendar, year=special.year, defaults={"source": source}
    )
    if before == after and year.source == source:
        return year, created
    CalendarYear.objects.filter(pk=year.pk).update(source=source)
    year.source = source
    stored.delete()
    CalendarDay.objects.bulk_create(
        CalendarDay(
            calendar=calendar,
            date=day.date,
            kind=day.kind,
            is_short=day.is_short,
            holiday_name=day.holiday_name,
            moved_from=day.moved_from,
        )
        for day in special.days
    )
    changed = [date for date in sorted(before.keys() | after.keys()) if before.get(date) != after.get(date)]
    record(
        action="calendar.year_filled",
        obj=year,
        actor=actor,
        before={date.isoformat(): _said(before.get(date)) for date in changed},
        after={date.isoformat(): _said(after.get(date)) for date in changed} | {"source": source},
    )
    return year, True


def _special_day(row: CalendarDay) -> SpecialDay:
    return SpecialDay(row.date, row.kind, row.is_short, row.holiday_name, row.moved_from)


def _said(day: SpecialDay | None) -> str | None:
    if day is None:
        return None
    return f"{day.kind}, short" if day.is_short else day.kind
