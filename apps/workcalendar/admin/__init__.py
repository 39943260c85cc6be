from apps.workcalendar.admin.calendars import (
    CalendarDayAdmin,
    CalendarOverrideAdmin,
    CalendarYearAdmin,
    ProductionCalendarAdmin,
)

__all__ = ["CalendarDayAdmin", "CalendarOverrideAdmin", "CalendarYearAdmin", "ProductionCalendarAdmin"]
