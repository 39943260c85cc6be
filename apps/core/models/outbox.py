from __future__ import annotations

import uuid

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core import clock


class DeliveryState(models.TextChoices):
    PENDING = "pending", _("Pending")
    DELIVERED = "delivered", _("Delivered")
    FAILED = "failed", _("Failed")


class OutboxEvent(models.Model):
    """Something that happened, as the world outside its transaction is told."""

    id = models.UUIDField(_("id"), primary_key=True, default=uuid.uuid4, editable=False)
    type = models.CharField(_("type"), max_length=100)
    occurred_at = models.DateTimeField(_("occurred at"), default=clock.now)
    aggregate = models.CharField(_("aggregate"), max_length=100)
    aggregate_id = models.CharField(_("aggregate id"), max_length=100)
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    actor = models.CharField(_("actor"), max_length=100, null=True, blank=True)  # noqa: DJ001 - no actor is not ""
    data = models.JSONField(_("data"), default=dict, encoder=DjangoJSONEncoder)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [
            models.Index(fields=["aggregate", "aggregate_id", "occurred_at"], name="outbox_event_aggregate"),
            models.Index(fields=["occurred_at"], name="outbox_event_oldest"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.aggregate_id}"


class OutboxDelivery(models.Model):
    """One event on its way to one receiver; a claim moves `run_at` to the end of its lease."""

    event = models.ForeignKey(OutboxEvent, models.CASCADE, related_name="deliveries", verbose_name=_("event"))
    receiver = models.CharField(_("receiver"), max_length=100)
    state = models.CharField(_("state"), max_length=10, choices=DeliveryState, default=DeliveryState.PENDING)
    run_at = models.DateTimeField(_("due at"), default=clock.now)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    error = models.TextField(_("error"), blank=True, default="")
    delivered_at = models.DateTimeField(_("delivered at"), null=True, blank=True)

    class Meta:
        verbose_name = _("delivery of an event")
        verbose_name_plural = _("deliveries of events")
        constraints = [models.UniqueConstraint(fields=["event", "receiver"], name="outbox_delivery_once")]
        indexes = [
            models.Index(fields=["run_at"], condition=models.Q(state="pending"), name="outbox_delivery_due"),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} → {self.receiver}"
