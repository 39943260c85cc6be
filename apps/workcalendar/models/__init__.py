"""Production calendars, the kinds of work and absence with their time codes, what was received of people."""

from apps.workcalendar.models.calendar import CalendarDay, CalendarOverride, CalendarYear, ProductionCalendar
from apps.workcalendar.models.kinds import AbsenceKind, ActivityKind, TimeCode
from apps.workcalendar.models.received import (
    PersonNorm,
    ReceivedTimeCode,
    ReceivedTimeSummary,
    VacationBalance,
)

__all__ = [
    "AbsenceKind",
    "ActivityKind",
    "CalendarDay",
    "CalendarOverride",
    "CalendarYear",
    "PersonNorm",
    "ProductionCalendar",
    "ReceivedTimeCode",
    "ReceivedTimeSummary",
    "TimeCode",
    "VacationBalance",
]
