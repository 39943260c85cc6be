from __future__ import annotations

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core import clock
from apps.core.phrases import Phrase, PhraseField
from apps.integrations.choices import FactState, SendState


class ScheduleSend(models.Model):
    """What is known of one person's month in 1C: whether the published one was sent, and what 1C holds.

    `content` is what 1C took last, as it was sent, and `content_hash` its mark; both stay while a newer one
    waits or is refused. The month is out of date when the schedule changed (`changed_at`) after `built_at`,
    the moment at which what was sent had been read. `message` is what 1C said, word for word, `reason` why
    we did not send.
    """

    connection = models.ForeignKey(
        "integrations.Connection", models.CASCADE, related_name="+", verbose_name=_("connection")
    )
    employee = models.ForeignKey(
        "organization.Employee", models.CASCADE, related_name="+", verbose_name=_("employee")
    )
    month = models.DateField(_("month, its first day"))
    state = models.CharField(_("state"), max_length=8, choices=SendState)
    content_hash = models.CharField(_("mark of what 1C holds"), max_length=64, blank=True)
    content = models.JSONField(_("what 1C holds"), default=list, encoder=DjangoJSONEncoder)
    message = models.TextField(_("what 1C said"), blank=True)
    reason = PhraseField(_("reason"), default=Phrase, blank=True)
    operation = models.ForeignKey(
        "integrations.Operation",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("operation"),
    )
    asked_at = models.DateTimeField(_("asked for at"), default=clock.now)
    built_at = models.DateTimeField(_("read at"), null=True)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    changed_at = models.DateTimeField(_("schedule changed at"), null=True)

    class Meta:
        verbose_name = _("schedule sent to 1C")
        verbose_name_plural = _("schedules sent to 1C")
        ordering = ("month", "employee")
        constraints = (
            models.UniqueConstraint(
                fields=["connection", "employee", "month"], name="month_of_a_person_sent_once"
            ),
            models.CheckConstraint(condition=models.Q(month__day=1), name="month_sent_is_first_day"),
        )
        indexes = (models.Index(fields=["connection", "month", "state"], name="months_sent_by_state"),)

    def __str__(self) -> str:
        return f"{self.employee_id}, {self.month:%Y-%m}"


class FactSend(models.Model):
    """What somebody worked on a day, to be told to 1C at most once: 1C makes documents and takes none back.

    One row for each content (`content_hash`), so that the same fact never goes twice. Of a person and day one
    row at most is live - waits or was sent; another fact for that day waits for a person's decision. With
    `begun_at` it may have left us: nobody but a person sends it again.
    """

    connection = models.ForeignKey(
        "integrations.Connection", models.PROTECT, related_name="+", verbose_name=_("connection")
    )
    employee = models.ForeignKey(
        "organization.Employee", models.PROTECT, related_name="+", verbose_name=_("employee")
    )
    shift_date = models.DateField(_("day of the shift"))
    content_hash = models.CharField(_("mark of the fact"), max_length=64)
    initiator_name = models.CharField(_("initiator"), max_length=200)
    time_zone = models.CharField(_("time zone"), max_length=64)
    periods = models.JSONField(_("worked"), default=list, encoder=DjangoJSONEncoder)
    day_ms = models.PositiveIntegerField(_("by day, ms"), default=0)
    night_ms = models.PositiveIntegerField(_("by night, ms"), default=0)
    state = models.CharField(_("state"), max_length=9, choices=FactState, default=FactState.WAITING)
    document = models.CharField(_("document in 1C"), max_length=100, blank=True)
    message = models.TextField(_("what 1C said"), blank=True)
    reason = PhraseField(_("reason"), default=Phrase, blank=True)
    operation = models.ForeignKey(
        "integrations.Operation",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("operation"),
    )
    asked_at = models.DateTimeField(_("asked for at"), default=clock.now)
    begun_at = models.DateTimeField(_("sending began at"), null=True)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)
    decision = models.CharField(_("why decided so"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("worked time for 1C")
        verbose_name_plural = _("worked times for 1C")
        ordering = ("-shift_date", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=["connection", "employee", "shift_date", "content_hash"], name="fact_kept_once"
            ),
            models.UniqueConstraint(
                fields=["connection", "employee", "shift_date"],
                condition=models.Q(state__in=("waiting", "sent")),
                name="one_live_fact_of_a_day",
            ),
        )
        indexes = (models.Index(fields=["connection", "-shift_date", "-id"], name="facts_newest_day"),)

    def __str__(self) -> str:
        return f"{self.employee_id}, {self.shift_date}"
