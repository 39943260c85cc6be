"""Leases and pauses that are shorter than in production, so that a run takes seconds instead of minutes."""

from __future__ import annotations

import dataclasses

from apps.integrations import registry
from apps.integrations.services import breaker
from apps.integrations.services.queue import beating, claiming, gate, hands, judging, leases

CONSTANTS = (
    (claiming, "LEASE_S"),
    (claiming, "SURE_S"),
    (gate, "SPREAD_S"),
    (leases, "LEASE_S"),
    (beating, "LEASE_S"),
    (hands, "BEAT_EVERY_S"),
    (leases, "DOUBT_S"),
    (judging, "SETTLE_AFTER_S"),
    (breaker, "OPEN_S"),
)


def quicken(factor: float) -> None:
    """Divide what waits by `factor`; what it does in the end stays as it is."""
    for module, name in CONSTANTS:
        setattr(module, name, getattr(module, name) / factor)
    for name, kind in list(registry._kinds.items()):  # noqa: SLF001 - nobody else changes a kind
        delays = tuple(delay / factor for delay in kind.retry_delays_s)
        registry._kinds[name] = dataclasses.replace(kind, retry_delays_s=delays)  # noqa: SLF001
