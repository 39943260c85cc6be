from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core import clock
from apps.core.phrases import Phrase, PhraseField
from apps.integrations.choices import FailureClass


class Breaker(models.Model):
    """Whether a connection is spared for a while; the row is there once it has failed.

    Closed while `open_until` is empty. After `open_until` one call at a time may try; `probe_until` is until
    when the one that tries is waited for.
    """

    connection = models.OneToOneField(
        "integrations.Connection",
        models.CASCADE,
        primary_key=True,
        related_name="breaker",
        verbose_name=_("connection"),
    )
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    opened_at = models.DateTimeField(_("opened at"), null=True, blank=True)
    open_until = models.DateTimeField(_("open until"), null=True, blank=True)
    probe_until = models.DateTimeField(_("probe until"), null=True, blank=True)

    class Meta:
        verbose_name = _("breaker")
        verbose_name_plural = _("breakers")

    def __str__(self) -> str:
        return f"{self.connection_id}: {self.failures}"


class ConnectionHealth(models.Model):
    """What the newest look at a connection found; looked at every minute while it is active."""

    connection = models.OneToOneField(
        "integrations.Connection",
        models.CASCADE,
        primary_key=True,
        related_name="health",
        verbose_name=_("connection"),
    )
    checked_at = models.DateTimeField(_("checked at"), default=clock.now)
    is_well = models.BooleanField(_("well"), default=True)
    since = models.DateTimeField(_("since"), default=clock.now)
    last_success_at = models.DateTimeField(_("last success"), null=True, blank=True)
    failure = models.CharField(_("kind of failure"), max_length=16, choices=FailureClass, blank=True)
    reason = PhraseField(_("reason"), default=Phrase, blank=True)
    detail = models.TextField(_("what the other system said"), blank=True)

    class Meta:
        verbose_name = _("health of a connection")
        verbose_name_plural = _("health of connections")

    def __str__(self) -> str:
        return f"{self.connection_id}: {self.is_well}"
