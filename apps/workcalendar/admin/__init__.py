from apps.workcalendar.admin.calendars import (
    CalendarDayAdmin,
    CalendarOverrideAdmin,
    CalendarYearAdmin,
    ProductionCalendarAdmin,
)
from apps.workcalendar.admin.received import (
    PersonNormAdmin,
    ReceivedTimeCodeAdmin,
    ReceivedTimeSummaryAdmin,
    VacationBalanceAdmin,
)

__all__ = [
    "CalendarDayAdmin",
    "CalendarOverrideAdmin",
    "CalendarYearAdmin",
    "PersonNormAdmin",
    "ProductionCalendarAdmin",
    "ReceivedTimeCodeAdmin",
    "ReceivedTimeSummaryAdmin",
    "VacationBalanceAdmin",
]
