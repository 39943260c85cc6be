from __future__ import annotations

import uuid

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core import clock
from apps.core.phrases import Phrase, PhraseField
from apps.integrations.choices import FailureClass, OperationState

HIGHEST, LOWEST = 1, 5


class Operation(models.Model):
    """Something to be done in another system: written with the change that causes it, done later, once.

    `run_at` is when it is due, `lease_until` until when the `node` that does it is believed alive (the
    database's clock); then it is `doubted`, and a living node has a moment to contradict. `attempt` numbers
    the claims, so that a node that lost one changes nothing; `failures` counts what was spent of the retries
    (an open breaker spends none). `settle_at` is when the other system is asked what became of an unknown
    one.
    """

    connection = models.ForeignKey(
        "integrations.Connection", models.PROTECT, related_name="operations", verbose_name=_("connection")
    )
    kind = models.CharField(_("kind"), max_length=64)
    key = models.CharField(
        _("key"), max_length=200, blank=True, help_text=_("Of one key only one operation waits at a time.")
    )
    priority = models.PositiveSmallIntegerField(_("priority"), default=3, help_text=_("1 is the first."))
    state = models.CharField(
        _("state"), max_length=10, choices=OperationState, default=OperationState.PENDING
    )
    payload = models.JSONField(_("payload"), default=dict, encoder=DjangoJSONEncoder)
    result = models.JSONField(_("result"), default=dict, encoder=DjangoJSONEncoder)
    run = models.ForeignKey(
        "integrations.Run",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="operations",
        verbose_name=_("run"),
    )
    replay_of = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="replays", verbose_name=_("replay of")
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("requested by"),
    )
    session_id = models.UUIDField(_("session id"), default=uuid.uuid4)
    run_at = models.DateTimeField(_("due at"), default=clock.now)
    lease_until = models.DateTimeField(_("lease until"), null=True, blank=True)
    doubted = models.BooleanField(_("lease doubted"), default=False)
    node = models.CharField(_("node"), max_length=120, blank=True)
    attempt = models.PositiveIntegerField(_("attempt"), default=0)
    settle_at = models.DateTimeField(_("outcome asked for at"), null=True, blank=True)
    failures = models.PositiveSmallIntegerField(_("failures"), default=0)
    failure = models.CharField(_("kind of failure"), max_length=16, choices=FailureClass, blank=True)
    reason = PhraseField(_("reason"), default=Phrase, blank=True)
    detail = models.TextField(_("what the other system said"), blank=True)
    created_at = models.DateTimeField(_("created at"), default=clock.now, editable=False)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    class Meta:
        verbose_name = _("operation")
        verbose_name_plural = _("operations")
        ordering = ("-created_at", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(priority__range=(HIGHEST, LOWEST)), name="operation_priority_in_range"
            ),
            models.UniqueConstraint(
                fields=["connection", "kind", "key"],
                condition=models.Q(state="pending") & ~models.Q(key=""),
                name="operation_waits_once",
            ),
        )
        indexes = (
            models.Index(
                fields=["connection", "priority", "run_at", "id"],
                condition=models.Q(state="pending"),
                name="operation_due",
            ),
            models.Index(
                fields=["connection", "run_at", "id"],
                condition=models.Q(state="pending"),
                name="operation_oldest",
            ),
            models.Index(
                fields=["connection"], condition=models.Q(state="processing"), name="operation_in_work"
            ),
            models.Index(
                fields=["connection", "settle_at"],
                condition=models.Q(state="unknown", settle_at__isnull=False),
                name="operation_to_settle",
            ),
            models.Index(
                fields=["finished_at"],
                condition=models.Q(finished_at__isnull=False),
                name="operation_finished",
            ),
            models.Index(fields=["-created_at", "-id"], name="operation_newest"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Attempt(models.Model):
    """One try of an operation; the row is there before anything is sent. Request and answer are masked.

    One that `is_settling` only asks what became of an earlier one. Numbers have gaps: an attempt that the
    breaker did not let through leaves no row.
    """

    operation = models.ForeignKey(
        Operation, models.CASCADE, related_name="attempts", verbose_name=_("operation")
    )
    number = models.PositiveIntegerField(_("number"))
    is_settling = models.BooleanField(_("asks for the outcome"), default=False)
    request_id = models.UUIDField(_("request id"), default=uuid.uuid4)
    node = models.CharField(_("node"), max_length=120, blank=True)
    began_at = models.DateTimeField(_("began at"), default=clock.now)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=16, blank=True)
    reason = PhraseField(_("reason"), default=Phrase, blank=True)
    status = models.PositiveSmallIntegerField(_("HTTP status"), null=True, blank=True)
    request = models.TextField(_("request"), blank=True)
    answer = models.TextField(_("answer"), blank=True)

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering = ("operation", "number")
        constraints = (models.UniqueConstraint(fields=["operation", "number"], name="attempt_number_once"),)

    def __str__(self) -> str:
        return f"{self.operation_id}/{self.number}"
