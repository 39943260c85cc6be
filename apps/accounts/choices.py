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
