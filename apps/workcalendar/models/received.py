"""What the personnel system told of a person: norms, balances of leave, time codes. Kept as it was said."""

from __future__ import annotations

from django.db import models
from django.utils.formats import localize
from django.utils.translation import gettext_lazy as _

from apps.core import clock
from apps.workcalendar.choices import NormMode


class PersonNorm(models.Model):
    """How much a person owes for a month, quarter or year, cut to hire and dismissal.

    `own_seconds` is what we compute from the production calendar and the terms; nothing where a calendar is
    missing.
    """

    employee = models.ForeignKey(
        "organization.Employee", models.CASCADE, related_name="norms", verbose_name=_("employee")
    )
    mode = models.CharField(_("accounting period"), max_length=8, choices=NormMode)
    first = models.DateField(_("first day"))
    last = models.DateField(_("last day"))
    seconds = models.PositiveIntegerField(_("norm, seconds"))
    own_seconds = models.PositiveIntegerField(_("our own norm, seconds"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=40)
    received_at = models.DateTimeField(_("received at"), default=clock.now)

    class Meta:
        verbose_name = _("received norm")
        verbose_name_plural = _("received norms")
        ordering = ("-first", "employee", "mode")
        constraints = (
            models.UniqueConstraint(fields=["employee", "mode", "first"], name="person_norm_once"),
            models.CheckConstraint(
                condition=models.Q(last__gte=models.F("first")), name="person_norm_days_in_order"
            ),
        )
        indexes = (models.Index(fields=["first", "mode"], name="person_norm_of_period"),)

    def __str__(self) -> str:
        return f"{self.employee}: {localize(self.first)}"


class VacationBalance(models.Model):
    """How many days of leave a person has on a day of accrual; the personnel system counts them."""

    employee = models.ForeignKey(
        "organization.Employee", models.CASCADE, related_name="vacation_balances", verbose_name=_("employee")
    )
    date = models.DateField(_("date"))
    days = models.DecimalField(_("days"), max_digits=8, decimal_places=2)
    source = models.CharField(_("source"), max_length=40)
    received_at = models.DateTimeField(_("received at"), default=clock.now)

    class Meta:
        verbose_name = _("vacation balance")
        verbose_name_plural = _("vacation balances")
        ordering = ("-date", "employee")
        constraints = (models.UniqueConstraint(fields=["employee", "date"], name="balance_once_a_day"),)

    def __str__(self) -> str:
        return f"{self.employee}: {localize(self.date)}"


class ReceivedTimeCode(models.Model):
    """A code of a day as 1C sent it; several may share a date, and 1C has decided which win."""

    employee = models.ForeignKey(
        "organization.Employee", models.CASCADE, related_name="received_codes", verbose_name=_("employee")
    )
    date = models.DateField(_("date"))
    number = models.PositiveSmallIntegerField(_("place in the day"))
    code = models.CharField(_("code"), max_length=8)
    seconds = models.PositiveIntegerField(_("seconds"), default=0)
    source = models.CharField(_("source"), max_length=40)

    class Meta:
        verbose_name = _("received time code")
        verbose_name_plural = _("received time codes")
        ordering = ("-date", "employee", "number")
        constraints = (
            models.UniqueConstraint(fields=["employee", "date", "number"], name="received_code_once"),
        )
        indexes = (models.Index(fields=["date", "code"], name="received_code_of_day"),)

    def __str__(self) -> str:
        return f"{self.employee}: {localize(self.date)} {self.code}"


class ReceivedTimeSummary(models.Model):
    """The halves of a month and the codes of absence as 1C sent them: `absences` are pairs, word for word."""

    employee = models.ForeignKey(
        "organization.Employee", models.CASCADE, related_name="received_summaries", verbose_name=_("employee")
    )
    first = models.DateField(_("first day"))
    last = models.DateField(_("last day"))
    half1_days = models.DecimalField(_("days of the first half"), max_digits=5, decimal_places=2)
    half1_seconds = models.PositiveIntegerField(_("seconds of the first half"))
    half2_days = models.DecimalField(_("days of the second half"), max_digits=5, decimal_places=2)
    half2_seconds = models.PositiveIntegerField(_("seconds of the second half"))
    absences = models.JSONField(_("absences"), default=list)
    source = models.CharField(_("source"), max_length=40)
    received_at = models.DateTimeField(_("received at"), default=clock.now)

    class Meta:
        verbose_name = _("received month")
        verbose_name_plural = _("received months")
        ordering = ("-first", "employee")
        constraints = (models.UniqueConstraint(fields=["employee", "first"], name="received_month_once"),)

    def __str__(self) -> str:
        return f"{self.employee}: {localize(self.first)}"
