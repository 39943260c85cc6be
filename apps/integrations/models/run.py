from __future__ import annotations

import uuid

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.core import clock
from apps.core.phrases import Phrase, PhraseField
from apps.integrations.choices import FailureClass, RunState


class Run(models.Model):
    """One exchange with a system for one purpose: what it counted, what it refused, what it waits for.

    The work is a job; `plan` is what the run would change, kept while a person decides.
    """

    connection = models.ForeignKey(
        "integrations.Connection", models.PROTECT, related_name="runs", verbose_name=_("connection")
    )
    purpose = models.CharField(_("purpose"), max_length=64)
    state = models.CharField(_("state"), max_length=10, choices=RunState, default=RunState.RUNNING)
    options = models.JSONField(_("options"), default=dict, encoder=DjangoJSONEncoder)
    schedule = models.ForeignKey(
        "integrations.RunSchedule",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="runs",
        verbose_name=_("schedule"),
    )
    session_id = models.UUIDField(_("session id"), default=uuid.uuid4)
    job_id = models.UUIDField(_("job"), null=True, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("started by"),
    )
    began_at = models.DateTimeField(_("began at"), default=clock.now)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    counts = models.JSONField(_("counts"), default=dict, encoder=DjangoJSONEncoder)
    problems = models.JSONField(_("problems"), default=list, encoder=DjangoJSONEncoder)
    plan = models.JSONField(_("plan"), default=dict, blank=True, encoder=DjangoJSONEncoder)
    failure = models.CharField(_("kind of failure"), max_length=16, choices=FailureClass, blank=True)
    reason = PhraseField(_("reason"), default=Phrase, blank=True)

    class Meta:
        verbose_name = pgettext_lazy("exchange", "run")
        verbose_name_plural = pgettext_lazy("exchange", "runs")
        ordering = ("-began_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=["connection", "purpose"],
                condition=models.Q(state=RunState.RUNNING),
                name="run_once_at_a_time",
            ),
        )
        indexes = (
            models.Index(fields=["connection", "purpose", "-began_at"], name="run_newest_of_connection"),
        )

    def __str__(self) -> str:
        return f"{self.purpose} {self.pk}"
