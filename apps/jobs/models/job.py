from __future__ import annotations

import uuid

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core import clock
from apps.core.phrases import Phrase, PhraseField
from apps.jobs.choices import ACTIVE_STATES, JobState


class Job(models.Model):
    """One piece of long work; the row is the truth, the queue's message only wakes a worker."""

    id = models.UUIDField(_("id"), primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=100)
    title = PhraseField(_("title"))
    queue = models.CharField(_("worker queue"), max_length=20)
    state = models.CharField(_("state"), max_length=10, choices=JobState, default=JobState.QUEUED)
    stage = PhraseField(_("stage"), blank=True, default=Phrase)
    language = models.CharField(_("language of its messages"), max_length=10, blank=True, default="")
    progress = models.FloatField(_("progress"), default=0.0)
    log = models.JSONField(_("log"), default=list, blank=True)
    params = models.JSONField(_("parameters"), default=dict, encoder=DjangoJSONEncoder)
    result = models.JSONField(_("result"), default=dict, encoder=DjangoJSONEncoder)
    result_url = models.CharField(_("result's address"), max_length=300, blank=True, default="")
    reason = models.TextField(_("reason"), blank=True, default="")
    dedupe_key = models.CharField(_("one at a time"), max_length=200, blank=True, default="")
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    cancel_requested = models.BooleanField(_("asked to stop"), default=False)
    worker = models.CharField(_("worker"), max_length=200, blank=True, default="")
    heartbeat_at = models.DateTimeField(_("last sign of life"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent to the queue at"), default=clock.now)
    sends = models.PositiveSmallIntegerField(_("times sent"), default=1)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("started by"),
    )
    # Whose actor is deleted has no `created_by` either; only what the system started may act as the system.
    as_system = models.BooleanField(_("started by the system"), default=False)
    created_at = models.DateTimeField(_("created at"), default=clock.now)
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["dedupe_key"],
                condition=models.Q(state__in=ACTIVE_STATES) & ~models.Q(dedupe_key=""),
                name="job_one_active_per_key",
            ),
            models.CheckConstraint(
                condition=models.Q(progress__gte=0.0, progress__lte=1.0), name="job_progress_is_a_fraction"
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at"], name="job_newest"),
            models.Index(fields=["dedupe_key", "-created_at"], name="job_newest_of_key"),
            models.Index(fields=["state"], condition=models.Q(state__in=ACTIVE_STATES), name="job_active"),
        ]

    def __str__(self) -> str:
        return str(self.title)

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE_STATES
