"""The figures of a variant as the pages show them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apps.schedules.models import ScheduleVariant


@dataclass(frozen=True)
class PlanFigures:
    """What the optimiser reached; None where the variant does not say.

    Shares are of the required agent-intervals.
    """

    under_share: float | None
    over_share: float | None
    service_level: float | None
    people: int | None
    shifts: int | None
    paid_h: float | None
    norm_h: float | None
    hard_violations: int | None
    gap: float | None
    objective: float | None
    bound: float | None
    seconds: float | None

    @classmethod
    def of(cls, variant: ScheduleVariant) -> PlanFigures:
        metrics = variant.metrics
        laps = metrics.get("seconds") or {}
        return cls(
            under_share=metrics.get("under_share"),
            over_share=metrics.get("over_share"),
            service_level=(metrics.get("expected") or {}).get("service_level"),
            people=metrics.get("people"),
            shifts=metrics.get("shifts"),
            paid_h=metrics.get("paid_h"),
            norm_h=metrics.get("norm_h"),
            hard_violations=metrics.get("hard_violations"),
            gap=metrics.get("gap"),
            objective=metrics.get("objective"),
            bound=metrics.get("bound"),
            seconds=sum(laps.values()) if laps else None,
        )
