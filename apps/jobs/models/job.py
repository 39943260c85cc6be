from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import replace
from itertools import pairwise
from zlib import crc32

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core import clock
from apps.core.phrases import Phrase, PhraseField
from apps.jobs.choices import ACTIVE_STATES, REPEATABLE_STATES, JobState
from apps.jobs.registry import find_kind, kind_label
from apps.jobs.types import PassedStage

EVIDENCE_S = 5.0  # no estimate of the end before this much time and this share of the work
EVIDENCE_SHARE = 0.05
SILENT_AFTER_S = 12.0  # two signs of life are missing


class Job(models.Model):
    """One piece of long work; the row is the truth, the queue's message only wakes a worker."""

    id = models.UUIDField(_("id"), primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=100)
    title = PhraseField(_("title"))
    queue = models.CharField(_("worker queue"), max_length=20)
    state = models.CharField(_("state"), max_length=10, choices=JobState, default=JobState.QUEUED)
    stage = PhraseField(_("stage"), blank=True, default=Phrase)
    language = models.CharField(_("language of its messages"), max_length=10, blank=True, default="")
    stages = models.JSONField(
        _("stages"), default=list, blank=True
    )  # [{"stage": phrase, "began_at": ISO 8601, "attempt": its number}]
    progress = models.FloatField(_("progress"), default=0.0)
    progress_at = models.DateTimeField(_("progress told at"), null=True, blank=True)
    log = models.JSONField(_("log"), default=list, blank=True)
    params = models.JSONField(_("parameters"), default=dict, encoder=DjangoJSONEncoder)
    result = models.JSONField(_("result"), default=dict, encoder=DjangoJSONEncoder)
    result_url = models.CharField(_("result's address"), max_length=300, blank=True, default="")
    reason = PhraseField(_("reason"), blank=True, default=Phrase)
    dedupe_key = models.CharField(_("one at a time"), max_length=200, blank=True, default="")
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    deaths = models.PositiveSmallIntegerField(_("attempts whose worker died"), default=0)
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
    seen_at = models.DateTimeField(_("end seen by its starter at"), null=True, blank=True)
    repeat_of = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="repeats", verbose_name=_("repeat of")
    )

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
            models.Index(fields=["created_by", "-created_at"], name="job_newest_of_person"),
            models.Index(
                fields=["finished_at"],
                condition=~models.Q(state__in=ACTIVE_STATES),
                name="job_oldest_finished",
            ),
            models.Index(fields=["state"], condition=models.Q(state__in=ACTIVE_STATES), name="job_active"),
        ]

    def __str__(self) -> str:
        return str(self.title)

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE_STATES

    @property
    def kind_label(self) -> str:
        """Give the name of its kind in the reader's language."""
        return kind_label(self.kind)

    @property
    def can_be_repeated(self) -> bool:
        """Tell whether its work came to nothing and its app can start it again."""
        kind = find_kind(self.kind)
        if self.state not in REPEATABLE_STATES or kind is None or kind.repeat is None:
            return False
        return kind.repeatable(self)

    @property
    def history_mark(self) -> str:
        """Give a short text that changes with what a page shows beside the progress."""
        shown = [str(self.state), self.attempts, len(self.stages), len(self.log), *self.log[-1:]]
        return f"{crc32(repr(shown).encode()):08x}"

    @property
    def passed_stages(self) -> list[PassedStage]:
        """Give the stages of all attempts in their order; the last one lasts until the job ends.

        One that an attempt left with its worker is broken off: nobody saw its end.
        """
        told = [
            PassedStage(
                Phrase.from_json(row["stage"]),
                dt.datetime.fromisoformat(row["began_at"]),
                attempt=row.get("attempt", self.attempts),
            )
            for row in self.stages
        ]
        passed = [
            replace(stage, ended_at=next_.began_at)
            if stage.attempt == next_.attempt
            else replace(stage, is_broken_off=True)
            for stage, next_ in pairwise(told)
        ]
        if told:
            left = told[-1].attempt < self.attempts or self.state == JobState.QUEUED
            ended_at = None if self.is_active or left else self.finished_at
            passed.append(replace(told[-1], ended_at=ended_at, is_broken_off=left))
        return passed

    @property
    def remaining_s(self) -> float | None:
        """Give the seconds left at the pace so far; nothing without evidence, nor when that is overdue."""
        if self.state != JobState.RUNNING or self.started_at is None or self.progress_at is None:
            return None
        if self.silent_s is not None:
            return None
        worked_s = (self.progress_at - self.started_at).total_seconds()
        if worked_s < EVIDENCE_S or self.progress < EVIDENCE_SHARE:
            return None
        left_s = worked_s / self.progress - (clock.now() - self.started_at).total_seconds()
        return left_s if left_s > 0 else None

    @property
    def silent_s(self) -> float | None:
        """Give for how long the worker of a running job gave no sign of life, when that is too long."""
        if self.state != JobState.RUNNING or self.heartbeat_at is None:
            return None
        silent_s = (clock.now() - self.heartbeat_at).total_seconds()
        return silent_s if silent_s > SILENT_AFTER_S else None

    @property
    def ends_at(self) -> dt.datetime | None:
        """Give the instant at which the job should end, as `remaining_s` has it."""
        left_s = self.remaining_s
        return None if left_s is None else clock.now() + dt.timedelta(seconds=left_s)

    @property
    def seconds(self) -> float | None:
        """Give how long the last attempt took, or has taken so far."""
        if self.started_at is None:
            return None
        return ((self.finished_at or clock.now()) - self.started_at).total_seconds()
