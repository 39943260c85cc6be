from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core import clock
from apps.monitoring.models.sources import Source


class AgentStatus(models.Model):
    """A status of a source and what time in it counts as; one never seen before waits to be classified."""

    source = models.ForeignKey(Source, models.PROTECT, related_name="statuses", verbose_name=_("source"))
    code = models.CharField(_("code"), max_length=120)
    name = models.CharField(_("name"), max_length=200, blank=True)
    is_classified = models.BooleanField(_("classified"), default=False)
    is_present = models.BooleanField(_("present"), default=False, help_text=_("Counts as online."))
    is_productive = models.BooleanField(_("productive"), default=False, help_text=_("Counts as ready."))
    is_clean_load = models.BooleanField(
        _("clean load"), default=False, help_text=_("Nothing but contact time.")
    )
    is_actual_time = models.BooleanField(
        _("time worked"), default=False, help_text=_("Goes to the timesheet.")
    )
    is_talk = models.BooleanField(_("talk"), default=False)
    is_wrap_up = models.BooleanField(_("wrap-up"), default=False)
    is_break = models.BooleanField(_("break"), default=False)
    first_seen_at = models.DateTimeField(_("first seen"), default=clock.now, editable=False)

    class Meta:
        verbose_name = _("agent status")
        verbose_name_plural = _("agent statuses")
        ordering = ("source", "code")
        constraints = (models.UniqueConstraint(fields=["source", "code"], name="status_once_per_source"),)

    def __str__(self) -> str:
        return self.name or self.code


class AgentLink(models.Model):
    """An agent as a source calls them, and who that is with us; unknown until somebody or a rule says so.

    States hang on the link, so that linking later holds for everything that was ever received.
    """

    source = models.ForeignKey(Source, models.PROTECT, related_name="agents", verbose_name=_("source"))
    external_id = models.CharField(_("id in the source"), max_length=120)
    name = models.CharField(_("name in the source"), max_length=200, blank=True)
    number = models.CharField(_("agent number"), max_length=60, blank=True)
    login = models.CharField(_("login"), max_length=120, blank=True)
    employee = models.ForeignKey(
        "organization.Employee",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("employee"),
    )
    is_by_hand = models.BooleanField(
        _("linked by hand"), default=False, help_text=_("A synchronisation leaves it alone.")
    )
    is_listed = models.BooleanField(_("listed by the source"), default=False)
    first_seen_at = models.DateTimeField(_("first seen"), default=clock.now, editable=False)

    class Meta:
        verbose_name = _("agent of a source")
        verbose_name_plural = _("agents of sources")
        ordering = ("source", "external_id")
        constraints = (
            models.UniqueConstraint(fields=["source", "external_id"], name="agent_once_per_source"),
        )

    def __str__(self) -> str:
        return self.name or self.external_id


class QueueLink(models.Model):
    """A group as a source calls it, and which queue of ours that is."""

    source = models.ForeignKey(Source, models.PROTECT, related_name="groups", verbose_name=_("source"))
    external_id = models.CharField(_("id in the source"), max_length=120)
    name = models.CharField(_("name in the source"), max_length=200, blank=True)
    service_id_there = models.CharField(_("service id in the source"), max_length=120, blank=True)
    service_name = models.CharField(_("service in the source"), max_length=200, blank=True)
    channel = models.CharField(_("channel in the source"), max_length=30, blank=True)
    queue = models.ForeignKey(
        "organization.Queue",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("queue"),
    )
    is_by_hand = models.BooleanField(
        _("linked by hand"), default=False, help_text=_("A synchronisation leaves it alone.")
    )
    is_history_due = models.BooleanField(
        _("history to be taken over"),
        default=False,
        help_text=_("It was linked; what is kept of it follows."),
    )
    is_listed = models.BooleanField(_("listed by the source"), default=False)
    first_seen_at = models.DateTimeField(_("first seen"), default=clock.now, editable=False)

    class Meta:
        verbose_name = _("group of a source")
        verbose_name_plural = _("groups of sources")
        ordering = ("source", "external_id")
        constraints = (
            models.UniqueConstraint(fields=["source", "external_id"], name="group_once_per_source"),
        )

    def __str__(self) -> str:
        return self.name or self.external_id
