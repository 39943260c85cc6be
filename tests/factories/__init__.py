"""Plain functions that make one row of a model with sensible facts; everything can be given by keyword."""

from tests.factories.accounts import make_grant, make_user
from tests.factories.demand import make_history, make_import_batch
from tests.factories.forecasts import make_forecast
from tests.factories.organization import (
    make_department,
    make_deputy,
    make_employee,
    make_limit,
    make_member,
    make_opening_hours,
    make_position,
    make_queue,
    make_service,
    make_site,
    make_skill,
    make_terms,
)
from tests.factories.schedules import (
    make_absence,
    make_activity,
    make_break_policy,
    make_group,
    make_shift,
    make_variant,
    make_work_rule,
)
from tests.factories.staffing import make_requirement, make_target
from tests.factories.workcalendar import make_absence_kind, make_activity_kind, make_calendar, make_time_code

__all__ = [
    "make_absence",
    "make_absence_kind",
    "make_activity",
    "make_activity_kind",
    "make_break_policy",
    "make_calendar",
    "make_department",
    "make_deputy",
    "make_employee",
    "make_forecast",
    "make_grant",
    "make_group",
    "make_history",
    "make_import_batch",
    "make_limit",
    "make_member",
    "make_opening_hours",
    "make_position",
    "make_queue",
    "make_requirement",
    "make_service",
    "make_shift",
    "make_site",
    "make_skill",
    "make_target",
    "make_terms",
    "make_time_code",
    "make_user",
    "make_variant",
    "make_work_rule",
]
