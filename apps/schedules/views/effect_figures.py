"""The effect of an edit as the dialog shows it: runs of intervals, hours, findings by what they mean."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from apps.schedules.types import command_data

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence
    from zoneinfo import ZoneInfo

    from apps.schedules.types import Broken, Command, CoverChange, Effect

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
    """Give the context of `schedules/edit_effect.html`; of several queues each interval names its own."""
    runs = cover_runs(effect.cover, zone)
    return {
        "effect": effect,
        "zone": zone,
        "refusals": effect.refusals,
        "warnings": warnings_of(effect),
        "stays": [item for item in effect.broken if not (item.is_new or item.is_worse)],
        "mended": effect.mended,
        "runs": runs,
        "names_queues": len({run.queue for run in runs}) > 1,
        "under_before_h": effect.under_before_s / HOUR_S,
        "under_after_h": effect.under_after_s / HOUR_S,
        "hours": effect.hours,
    }


def warnings_of(effect: Effect) -> list[Broken]:
    """Give what saving would let pass in the person's name."""
    fresh = [item for item in effect.broken if item.is_new or item.is_worse]
    return [item for item in fresh if not item.refuses]


def shown_text(commands: Sequence[Command], effect: Effect) -> str:
    """Give a digest of an edit and its warnings: equal only when exactly these were shown for exactly it."""
    told = [
        [item.employee_id, item.code, item.start.isoformat(), item.end.isoformat(), item.text]
        for item in warnings_of(effect)
    ]
    text = json.dumps([[command_data(command) for command in commands], sorted(told)])
    return hashlib.sha256(text.encode()).hexdigest()


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
