"""sendFactWorkTime: what was worked against what was planned, and the document that comes of it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from apps.integrations.simulators.onec.books import Fact
from apps.integrations.simulators.onec.refusals import FaultyRequestError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apps.integrations.simulators.onec.books import Books, Hours

    Slice = tuple[dt.datetime, int]  # its local start, its length in milliseconds

SLICE_MS = 900_000
NIGHT_ENDS_H, NIGHT_BEGINS_H = 6, 22
WEEKEND_WORK, OVERTIME, ABSENCE = "Weekend Work", "Overtime", "Failure to appear"


def split_hours(slices: Sequence[Slice]) -> Hours:
    """Give the milliseconds by day and by night (22:00–06:00 by the clock of each slice)."""
    day = night = 0
    for start, length in slices:
        at_night = _night_part(start, length)
        night += at_night
        day += length - at_night
    return day, night


def _night_part(start: dt.datetime, length: int) -> int:
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
    begin = (start - midnight) // dt.timedelta(milliseconds=1)
    hour = 3_600_000
    windows = [(0, NIGHT_ENDS_H * hour), (NIGHT_BEGINS_H * hour, (24 + NIGHT_ENDS_H) * hour)]
    return sum(max(0, min(begin + length, end) - max(begin, first)) for first, end in windows)


def check_slices(slices: Sequence[Slice]) -> None:
    """Refuse slices over a quarter of an hour, and a shorter one that another follows without a gap."""
    for number, (start, length) in enumerate(slices):
        if not 0 < length <= SLICE_MS:
            raise FaultyRequestError(f"loginfo[{number}].time: {length} не в пределах 1–{SLICE_MS} мс.")
        follows = slices[number + 1][0] if number + 1 < len(slices) else None
        end = start + dt.timedelta(milliseconds=length)
        if follows is not None and follows < end:
            raise FaultyRequestError(f"loginfo[{number + 1}].start: отрезки пересекаются.")
        if length < SLICE_MS and follows == end:
            raise FaultyRequestError(f"loginfo[{number}].time: короче только последний отрезок подряд.")


def make_fact(books: Books, agent_id: str, day: dt.date, slices: Sequence[Slice]) -> Fact:
    """Compare the fact with the plan of the day; without a schedule the plan is nothing."""
    worked = split_hours(slices)
    plan = sum(books.plan_of(agent_id, day) or (0, 0))
    codes, document = compare(plan, worked)
    return Fact(agent_id, day, worked, codes, document)


def compare(plan_ms: int, worked: Hours) -> tuple[dict[str, int], str | None]:
    """Give the codes that deviate, in milliseconds, and the kind of document; nothing when they agree."""
    fact_ms = sum(worked)
    if fact_ms == plan_ms:
        return {}, None
    if plan_ms == 0:
        codes = {"РВ": worked[0], "РВН": worked[1]}
        return {code: length for code, length in codes.items() if length}, WEEKEND_WORK
    if fact_ms < plan_ms:
        return {"НН": plan_ms - fact_ms}, ABSENCE
    return {"С": fact_ms - plan_ms}, OVERTIME
