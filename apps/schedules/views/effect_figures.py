"""The effect of an edit as the dialog shows it: runs of intervals, hours, findings by what they mean."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable
    from zoneinfo import ZoneInfo

    from apps.schedules.types import CoverChange, Effect

HOUR_S = 3600


@dataclass(frozen=True)
class CoverRun:
    """Intervals in a row with the same figures; instants on the clock of the dialog."""

    queue: str
    start: dt.datetime
    end: dt.datetime
    required: int
    before: int
    after: int

    @property
    def day(self) -> dt.date:
        return self.start.date()

    @property
    def text(self) -> str:
        return f"{self.start:%H:%M}\u2013{self.end:%H:%M}"

    @property
    def missing(self) -> int:
        """Agents short after the edit, as a number below zero."""
        return min(self.after - self.required, 0)

    @property
    def spare(self) -> int:
        return max(self.after - self.required, 0)


def effect_context(effect: Effect, zone: ZoneInfo) -> dict[str, Any]:
    """Give the context of `schedules/edit_effect.html`."""
    fresh = [item for item in effect.broken if item.is_new or item.is_worse]
    return {
        "effect": effect,
        "zone": zone,
        "refusals": effect.refusals,
        "warnings": [item for item in fresh if not item.refuses],
        "stays": [item for item in effect.broken if not (item.is_new or item.is_worse)],
        "mended": effect.mended,
        "runs": cover_runs(effect.cover, zone),
        "under_before_h": effect.under_before_s / HOUR_S,
        "under_after_h": effect.under_after_s / HOUR_S,
        "hours": effect.hours,
    }


def cover_runs(slots: Iterable[CoverChange], zone: ZoneInfo) -> list[CoverRun]:
    """Join intervals that follow each other with the same figures; those that stay are left out."""
    runs: list[CoverRun] = []
    for slot in sorted(slots, key=lambda item: (item.queue_code, item.start)):
        if slot.before == slot.after:
            continue
        run = CoverRun(
            slot.queue_code,
            slot.start.astimezone(zone),
            slot.end.astimezone(zone),
            slot.required,
            slot.before,
            slot.after,
        )
        last = runs[-1] if runs else None
        if last is not None and _continues(last, run):
            runs[-1] = replace(last, end=run.end)
        else:
            runs.append(run)
    return runs


def _continues(last: CoverRun, run: CoverRun) -> bool:
    return last.end == run.start and replace(last, start=run.start, end=run.end) == run
