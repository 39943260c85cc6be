from __future__ import annotations

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Func, Value
from django.utils.translation import gettext_lazy as _

from apps.core import clock
from apps.monitoring.choices import EventKind, Transport
from apps.monitoring.models.directory import AgentLink, AgentStatus
from apps.monitoring.models.sources import Source


class AgentEvent(models.Model):
    """What a source told of an agent, as it came: only added; partitioned by month of `start`.

    `start` is the source's own time and part of the key, so that what comes twice is one event; `at` and
    `until` are corrected by the source's clock. `number` is the order of arrival. History is always made of
    all events of an agent (see `services.folding`); one that is not in it yet `is_pending`.
    """

    pk = models.CompositePrimaryKey("agent_id", "start", "kind", "status_id")
    agent = models.ForeignKey(
        AgentLink,
        models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name=_("agent"),
    )
    start = models.DateTimeField(_("time told"))
    kind = models.CharField(_("kind"), max_length=6, choices=EventKind)
    status = models.ForeignKey(
        AgentStatus,
        models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name=_("status"),
    )
    source = models.ForeignKey(
        Source,
        models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name=_("source"),
    )
    at = models.DateTimeField(_("time corrected"))
    until = models.DateTimeField(_("end, corrected"), null=True)
    number = models.BigIntegerField(
        _("order of arrival"), db_default=Func(Value("monitoring_arrival"), function="nextval")
    )
    transport = models.CharField(_("transport"), max_length=10, choices=Transport)
    received_at = models.DateTimeField(_("received at"), default=clock.now)
    payload = models.JSONField(_("message"), default=dict, encoder=DjangoJSONEncoder)
    is_pending = models.BooleanField(_("pending"), default=True)

    class Meta:
        verbose_name = _("agent event")
        verbose_name_plural = _("agent events")
        indexes = (
            models.Index(fields=["agent", "at"], name="event_by_agent_and_time"),
            models.Index(
                fields=["agent", "until"], condition=models.Q(kind="span"), name="event_span_by_end"
            ),
            models.Index(
                fields=["source", "number"], condition=models.Q(is_pending=True), name="event_pending"
            ),
        )

    def __str__(self) -> str:
        return f"{self.agent_id} {self.kind} {self.start:%Y-%m-%d %H:%M:%S}"


class AgentStateInterval(models.Model):
    """An agent's status from `start` to `end`, open while it lasts; of one agent no two overlap.

    Written by the intake alone, from the agent's events. Partitioned by month of `start`.
    """

    pk = models.CompositePrimaryKey("agent_id", "start")
    agent = models.ForeignKey(
        AgentLink,
        models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name=_("agent"),
    )
    start = models.DateTimeField(_("from"))
    end = models.DateTimeField(_("to"), null=True)
    status = models.ForeignKey(
        AgentStatus,
        models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name=_("status"),
    )

    class Meta:
        verbose_name = _("agent state interval")
        verbose_name_plural = _("agent state intervals")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(end__isnull=True) | models.Q(end__gt=models.F("start")),
                name="state_interval_in_order",
            ),
        )

    def __str__(self) -> str:
        return f"{self.agent_id} {self.start:%Y-%m-%d %H:%M:%S}"


class CurrentState(models.Model):
    """What an agent of a source does now; no status once they have left."""

    agent = models.OneToOneField(
        AgentLink, models.CASCADE, primary_key=True, related_name="current", verbose_name=_("agent")
    )
    status = models.ForeignKey(
        AgentStatus, models.PROTECT, null=True, related_name="+", verbose_name=_("status")
    )
    since = models.DateTimeField(_("since"))
    changed_at = models.DateTimeField(_("changed at"), default=clock.now)

    class Meta:
        verbose_name = _("current state")
        verbose_name_plural = _("current states")

    def __str__(self) -> str:
        return f"{self.agent_id}"
