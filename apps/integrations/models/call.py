from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core import clock
from apps.core.phrases import Phrase, PhraseField
from apps.integrations.choices import FailureClass


class Call(models.Model):
    """One call to another system: what went out and came back, masked and cut; kept for some days."""

    connection = models.ForeignKey(
        "integrations.Connection", models.CASCADE, related_name="calls", verbose_name=_("connection")
    )
    endpoint = models.CharField(_("endpoint"), max_length=64)
    method = models.CharField(_("method"), max_length=8)
    path = models.CharField(_("path"), max_length=300)
    session_id = models.UUIDField(_("session id"))
    request_id = models.UUIDField(_("request id"))
    operation_id = models.BigIntegerField(_("operation"), null=True, blank=True)  # may outlive it: no key
    run_id = models.BigIntegerField(_("run"), null=True, blank=True)
    began_at = models.DateTimeField(_("began at"), default=clock.now)
    duration_ms = models.PositiveIntegerField(_("duration, ms"), default=0)
    status = models.PositiveSmallIntegerField(_("HTTP status"), null=True, blank=True)
    failure = models.CharField(_("kind of failure"), max_length=16, choices=FailureClass, blank=True)
    reason = PhraseField(_("reason"), default=Phrase, blank=True)
    request_bytes = models.PositiveBigIntegerField(_("size of the request, bytes"), default=0)
    answer_bytes = models.PositiveBigIntegerField(_("size of the answer, bytes"), default=0)
    request = models.TextField(_("request"), blank=True)
    answer = models.TextField(_("answer"), blank=True)

    class Meta:
        verbose_name = _("call")
        verbose_name_plural = _("calls")
        ordering = ("-began_at", "-pk")
        indexes = (
            models.Index(fields=["connection", "-began_at"], name="call_newest_of_connection"),
            models.Index(fields=["began_at"], name="call_oldest"),
            models.Index(fields=["run_id"], condition=models.Q(run_id__isnull=False), name="call_of_run"),
        )

    def __str__(self) -> str:
        return f"{self.endpoint} {self.request_id}"


class CallHour(models.Model):
    """The calls of one endpoint in one hour, summed up: what figures are made of."""

    connection = models.ForeignKey(
        "integrations.Connection", models.CASCADE, related_name="call_hours", verbose_name=_("connection")
    )
    endpoint = models.CharField(_("endpoint"), max_length=64)
    hour = models.DateTimeField(_("hour"))
    calls = models.PositiveIntegerField(_("calls"), default=0)
    errors = models.PositiveIntegerField(_("errors"), default=0)
    p50_ms = models.PositiveIntegerField(_("median, ms"), default=0)
    p95_ms = models.PositiveIntegerField(_("95 % within, ms"), default=0)
    p99_ms = models.PositiveIntegerField(_("99 % within, ms"), default=0)

    class Meta:
        verbose_name = _("calls of an hour")
        verbose_name_plural = _("calls by the hour")
        ordering = ("-hour", "connection", "endpoint")
        constraints = (
            models.UniqueConstraint(fields=["connection", "endpoint", "hour"], name="call_hour_once"),
        )
        indexes = (models.Index(fields=["hour"], name="call_hour_oldest"),)

    def __str__(self) -> str:
        return f"{self.endpoint} {self.hour:%Y-%m-%d %H}"
