from django.db import models
from django.utils.translation import gettext_lazy as _


class DayKind(models.TextChoices):
    WORKING = "working", _("Working day")
    OFF = "off", _("Day off")
    HOLIDAY = "holiday", _("Public holiday")


class TimeCodeCategory(models.TextChoices):
    WORK = "work", _("Work")
    ABSENCE = "absence", _("Absence")
    DAY_OFF = "day_off", _("Day off")


class NormMode(models.TextChoices):
    """The accounting period of a norm, as `apps.algorithms.norms.NormPeriod`."""

    MONTH = "month", _("Month")
    QUARTER = "quarter", _("Quarter")
    YEAR = "year", _("Year")
