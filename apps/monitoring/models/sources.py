from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core import clock
from apps.monitoring.choices import FeedState, Transport


class Source(models.Model):
    """A contact centre that tells of agents and queues; its code is that of its connection.

    `clock_offset_ms` is how far its clock is believed to be ahead of ours since `clock_offset_since`: times
    of its events are corrected by it. The two lists are the last readings (see `services.clocks`).
    """

    code = models.SlugField(_("code"), max_length=40, unique=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default="Europe/Moscow")
    clock_offset_ms = models.BigIntegerField(_("its clock is ahead by, ms"), default=0)
    clock_offset_since = models.DateTimeField(_("corrected since"), null=True, blank=True)
    clock_leads_ms = ArrayField(
        models.BigIntegerField(), verbose_name=_("lead of the last events, ms"), default=list, blank=True
    )
    clock_readings_ms = ArrayField(
        models.BigIntegerField(), verbose_name=_("last readings of its clock, ms"), default=list, blank=True
    )
    created_at = models.DateTimeField(_("created at"), default=clock.now, editable=False)

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        ordering = ("code",)

    def __str__(self) -> str:
        return self.code


class Feed(models.Model):
    """When a source was last heard of by one transport, and how that transport is doing."""

    source = models.ForeignKey(Source, models.CASCADE, related_name="feeds", verbose_name=_("source"))
    transport = models.CharField(_("transport"), max_length=10, choices=Transport)
    state = models.CharField(_("state"), max_length=10, choices=FeedState, default=FeedState.LIVE)
    state_since = models.DateTimeField(_("since"), default=clock.now)
    heard_at = models.DateTimeField(_("last heard of"), null=True, blank=True)
    data_at = models.DateTimeField(_("last data"), null=True, blank=True)
    next_at = models.DateTimeField(
        _("next turn"), null=True, blank=True, help_text=_("Of polling: nobody else asks before it.")
    )

    class Meta:
        verbose_name = _("feed")
        verbose_name_plural = _("feeds")
        ordering = ("source", "transport")
        constraints = (models.UniqueConstraint(fields=["source", "transport"], name="feed_once_per_source"),)

    def __str__(self) -> str:
        return f"{self.source} {self.transport}"
