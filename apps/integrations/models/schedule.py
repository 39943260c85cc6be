from __future__ import annotations

from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.integrations.choices import Recurrence, Weekday

LAST = -1
NTH = (
    (1, pgettext_lazy("of the month", "first")),
    (2, pgettext_lazy("of the month", "second")),
    (3, pgettext_lazy("of the month", "third")),
    (4, pgettext_lazy("of the month", "fourth")),
    (LAST, pgettext_lazy("of the month", "last")),
)


class RunSchedule(models.Model):
    """When a connection is run for a purpose by itself: at a time of the zone's clock, once each due day.

    Daily, on a weekday, or on the n-th or last weekday of the month. `next_at` is what a sweep looks for; a
    time that passed while nothing ran is made up for once.
    """

    connection = models.ForeignKey(
        "integrations.Connection", models.CASCADE, related_name="schedules", verbose_name=_("connection")
    )
    purpose = models.CharField(_("purpose"), max_length=64)
    recurrence = models.CharField(_("repeats"), max_length=8, choices=Recurrence, default=Recurrence.DAILY)
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=Weekday, null=True, blank=True)
    nth = models.SmallIntegerField(
        _("which of the month"),
        choices=NTH,
        null=True,
        blank=True,
        validators=[MinValueValidator(LAST), MaxValueValidator(4)],
    )
    at = models.TimeField(_("at"))
    time_zone = models.CharField(_("time zone"), max_length=64, default="Europe/Moscow")
    options = models.JSONField(_("options"), default=dict, blank=True, encoder=DjangoJSONEncoder)
    is_enabled = models.BooleanField(_("enabled"), default=True)
    next_at = models.DateTimeField(_("next at"), null=True, blank=True, editable=False)
    failures = models.PositiveSmallIntegerField(_("failures in a row"), default=0, editable=False)
    last_at = models.DateTimeField(_("last at"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("schedule of runs")
        verbose_name_plural = _("schedules of runs")
        ordering = ("connection", "purpose", "pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(recurrence=Recurrence.DAILY, weekday=None, nth=None)
                | Q(recurrence=Recurrence.WEEKLY, weekday__range=(0, 6), nth=None)
                | Q(recurrence=Recurrence.MONTHLY, weekday__range=(0, 6), nth__in=(1, 2, 3, 4, LAST)),
                name="run_schedule_days_fit_recurrence",
            ),
        )
        indexes = (models.Index(fields=["next_at"], condition=Q(is_enabled=True), name="run_schedule_due"),)

    def __str__(self) -> str:
        return f"{self.purpose} {self.at:%H:%M} {self.time_zone}"
