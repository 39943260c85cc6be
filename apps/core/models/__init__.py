"""The outbox (domain events and their delivery to each receiver), and the keys of repeatable requests."""

from apps.core.models.idempotency import RepeatKey
from apps.core.models.outbox import DeliveryState, OutboxDelivery, OutboxEvent

__all__ = ["DeliveryState", "OutboxDelivery", "OutboxEvent", "RepeatKey"]
