from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    ADMIN = "admin", _("Administrator")
    PLANNER = "planner", _("Planner")
    SUPERVISOR = "supervisor", _("Supervisor")
    EMPLOYEE = "employee", _("Employee")
    INTEGRATION = "integration", _("Integration")


class Theme(models.TextChoices):
    SYSTEM = "system", _("As the device")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class Density(models.TextChoices):
    COMFORTABLE = "comfortable", _("Comfortable")
    COMPACT = "compact", _("Compact")


class Area(models.TextChoices):
    """Parts of the API that a key is let into, to read or to write."""

    PEOPLE = "people", _("People and structure")
    QUEUES = "queues", _("Queues")
    HISTORY = "history", _("History")
    FORECASTS = "forecasts", _("Forecasts")
    REQUIREMENTS = "requirements", _("Requirements")
    SCHEDULES = "schedules", _("Schedules")
    SHIFTS = "shifts", _("Shifts")
    JOBS = "jobs", _("Jobs")
    PLANNING = "planning", _("Calculators")
    INTEGRATIONS = "integrations", _("Integrations")
    WEBHOOKS = "webhooks", _("Webhooks")


CAPABILITY_TITLES = {
    "view_planning": _("see the planning"),
    "import_history": _("import history"),
    "correct_history": _("correct history"),
    "run_forecast": _("make forecasts"),
    "derive_requirement": _("derive requirements"),
    "plan_schedule": _("plan schedules"),
    "publish_schedule": _("publish schedules"),
    "view_schedule": _("see the schedule of others"),
    "view_own_schedule": _("see one's own schedule"),
    "edit_schedule": _("edit schedules"),
    "edit_master_data": _("edit master data"),
    "view_personal_limits": _("see personal limits"),
    "view_integrations": _("see the exchange with other systems"),
    "operate_integrations": _("steer the exchange with other systems"),
    "manage_integrations": _("set up the exchange with other systems"),
}
"""What a capability lets a person do, as a refusal says it."""
