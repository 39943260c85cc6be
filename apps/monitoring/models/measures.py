"""What groups and agents did, as sources report it afterwards or by snapshots."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core import clock
from apps.monitoring.choices import Transport
from apps.monitoring.models.directory import AgentLink, QueueLink


def _agent() -> models.ForeignKey[AgentLink, AgentLink]:
    return models.ForeignKey(
        AgentLink,
        models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name=_("agent"),
    )


def _group() -> models.ForeignKey[QueueLink, QueueLink]:
    return models.ForeignKey(
        QueueLink,
        models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name=_("group"),
    )


class QueueSnapshot(models.Model):
    """A group at one moment; counters are since the start of its day. Partitioned by month of `start`."""

    pk = models.CompositePrimaryKey("group_id", "start")
    group = _group()
    start = models.DateTimeField(_("at"))
    transport = models.CharField(_("transport"), max_length=10, choices=Transport)
    waiting = models.PositiveIntegerField(_("waiting"))
    operators = models.PositiveIntegerField(_("operators"))
    received = models.PositiveIntegerField(_("received"), null=True)
    answered = models.PositiveIntegerField(_("answered"), null=True)
    answered_in_target = models.PositiveIntegerField(_("answered within the target"), null=True)
    in_progress = models.PositiveIntegerField(_("being handled"), null=True)
    aht_ms = models.PositiveBigIntegerField(_("AHT, ms"), null=True)
    wait_ms = models.PositiveBigIntegerField(_("mean wait, ms"), null=True)
    acd_percent = models.FloatField(_("ACD, %"), null=True)

    class Meta:
        verbose_name = _("queue snapshot")
        verbose_name_plural = _("queue snapshots")

    def __str__(self) -> str:
        return f"{self.group_id} {self.start:%Y-%m-%d %H:%M:%S}"


class GroupInterval(models.Model):
    """Contacts of a group by the interval in which they began, in the source's own terms (milliseconds)."""

    pk = models.CompositePrimaryKey("group_id", "start")
    group = _group()
    start = models.DateTimeField(_("from"))
    end = models.DateTimeField(_("to"))
    received = models.PositiveIntegerField(_("received"))
    treated = models.PositiveIntegerField(_("treated"))
    missed = models.PositiveIntegerField(_("missed"))
    unique_received = models.PositiveIntegerField(_("received, unique"), null=True)
    unique_treated = models.PositiveIntegerField(_("treated, unique"), null=True)
    unique_missed = models.PositiveIntegerField(_("missed, unique"), null=True)
    aht_ms = models.PositiveBigIntegerField(_("AHT, ms"))
    wrap_ms = models.PositiveBigIntegerField(_("wrap-up, ms"))
    received_at = models.DateTimeField(_("received at"), default=clock.now)

    class Meta:
        verbose_name = _("interval of a group")
        verbose_name_plural = _("intervals of groups")

    def __str__(self) -> str:
        return f"{self.group_id} {self.start:%Y-%m-%d %H:%M}"


class AgentLogin(models.Model):
    """When an agent was signed in; open while they are. Partitioned by month of `start`."""

    pk = models.CompositePrimaryKey("agent_id", "start")
    agent = _agent()
    start = models.DateTimeField(_("login"))
    end = models.DateTimeField(_("logout"), null=True)

    class Meta:
        verbose_name = _("agent login")
        verbose_name_plural = _("agent logins")

    def __str__(self) -> str:
        return f"{self.agent_id} {self.start:%Y-%m-%d %H:%M:%S}"


class AgentContact(models.Model):
    """A contact that an agent handled; `ordinal` tells those apart that began together (parallel chats)."""

    pk = models.CompositePrimaryKey("agent_id", "group_id", "start", "ordinal")
    agent = _agent()
    group = _group()
    start = models.DateTimeField(_("from"))
    ordinal = models.PositiveSmallIntegerField(_("ordinal"))
    end = models.DateTimeField(_("to"))

    class Meta:
        verbose_name = _("agent contact")
        verbose_name_plural = _("agent contacts")

    def __str__(self) -> str:
        return f"{self.agent_id} {self.start:%Y-%m-%d %H:%M:%S}"


class ChatWork(models.Model):
    """Time in chats on one day of the source: a union, clipped to the day."""

    agent = models.ForeignKey(AgentLink, models.PROTECT, related_name="chat_work", verbose_name=_("agent"))
    day = models.DateField(_("day"))
    worked_ms = models.PositiveBigIntegerField(_("time in chats, ms"))

    class Meta:
        verbose_name = _("time in chats")
        verbose_name_plural = _("time in chats")
        ordering = ("agent", "day")
        constraints = (models.UniqueConstraint(fields=["agent", "day"], name="chat_work_once_per_day"),)

    def __str__(self) -> str:
        return f"{self.agent_id} {self.day}"
