"""The outbox: domain events and their delivery to each receiver."""

from apps.core.models.outbox import DeliveryState, OutboxDelivery, OutboxEvent

__all__ = ["DeliveryState", "OutboxDelivery", "OutboxEvent"]
