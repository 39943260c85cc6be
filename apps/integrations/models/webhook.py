from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core import clock
from apps.core.phrases import Phrase, PhraseField


class WebhookEndpoint(models.Model):
    """Where events are sent: a connection of the system `webhook`, and which events it gets."""

    connection = models.OneToOneField(
        "integrations.Connection", models.PROTECT, related_name="webhook", verbose_name=_("connection")
    )
    events = ArrayField(models.CharField(max_length=100), verbose_name=_("events"))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("owner"),
    )
    old_secret_until = models.DateTimeField(_("earlier secret signs until"), null=True, blank=True)
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True)
    paused_at = models.DateTimeField(_("paused at"), null=True, blank=True)
    pause_reason = PhraseField(_("why it is paused"), default=Phrase, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering = ("connection__name", "pk")

    def __str__(self) -> str:
        return str(self.connection)

    @property
    def state(self) -> str:
        """Give `closed`, `paused`, `failing` or `active`."""
        if self.closed_at:
            return "closed"
        if self.paused_at:
            return "paused"
        return "failing" if self.failing_since else "active"


class WebhookMessage(models.Model):
    """One event for one endpoint: written once, however often the event is handed over."""

    endpoint = models.ForeignKey(
        WebhookEndpoint, models.CASCADE, related_name="messages", verbose_name=_("webhook")
    )
    event_id = models.UUIDField(_("event"))
    event_type = models.CharField(_("type"), max_length=100)
    created_at = models.DateTimeField(_("created at"), default=clock.now)
    operation = models.OneToOneField(
        "integrations.Operation",
        models.CASCADE,
        null=True,
        related_name="webhook_message",
        verbose_name=_("operation"),
    )

    class Meta:
        verbose_name = _("webhook message")
        verbose_name_plural = _("webhook messages")
        constraints = (
            models.UniqueConstraint(fields=["endpoint", "event_id"], name="event_once_per_webhook"),
        )

    def __str__(self) -> str:
        return f"{self.event_type} {self.event_id}"
