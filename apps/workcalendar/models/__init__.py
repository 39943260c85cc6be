"""Production calendars, and the kinds of work and absence with their time codes."""

from apps.workcalendar.models.calendar import CalendarDay, CalendarOverride, CalendarYear, ProductionCalendar
from apps.workcalendar.models.kinds import AbsenceKind, ActivityKind, TimeCode

__all__ = [
    "AbsenceKind",
    "ActivityKind",
    "CalendarDay",
    "CalendarOverride",
    "CalendarYear",
    "ProductionCalendar",
    "TimeCode",
]
