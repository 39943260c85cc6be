"""A stranger's checker: judges an exported schedule by its JSON alone, and shares no code with the product.

Times are minutes since 1970; every rule is written down again from the Labour Code, none is taken over.
"""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

HOUR = 60
DAY = 24 * HOUR


def minute(text: str) -> int:
    return int(dt.datetime.fromisoformat(text).timestamp() // 60)


def findings(exported: dict[str, Any]) -> list[str]:
    """Give what is wrong with the schedule, a line each."""
    first = dt.date.fromisoformat(exported["variant"]["first_day"])
    last = dt.date.fromisoformat(exported["variant"]["last_day"])
    wrong: list[str] = []
    by_person: dict[int, list[dict[str, Any]]] = {person["id"]: [] for person in exported["people"]}
    for shift in exported["shifts"]:
        by_person[shift["employee"]].append(shift)
        wrong += _shift(shift)
    for person in exported["people"]:
        shifts = sorted(by_person[person["id"]], key=lambda shift: minute(shift["start"]))
        wrong += [f"person {person['id']}: {text}" for text in _person(person, shifts, first, last)]
    return wrong


def _shift(shift: dict[str, Any]) -> list[str]:
    name = f"shift of {shift['employee']} on {shift['day']}"
    parts = shift["activities"]
    edges = [minute(shift["start"]), *(minute(part["end"]) for part in parts)]
    wrong = []
    if edges[:-1] != [minute(part["start"]) for part in parts] or edges[-1] != minute(shift["end"]):
        wrong.append(f"{name}: the activities do not follow each other")
    if not shift["start"].startswith(shift["day"]):
        wrong.append(f"{name}: begins on another day")
    lengths = [(part["kind"], minute(part["end"]) - minute(part["start"])) for part in parts]
    paid = sum(length for kind, length in lengths if kind != "lunch")
    if paid * 60 != shift["paid_s"]:
        wrong.append(f"{name}: paid {shift['paid_s']} s, activities say {paid} min")
    if paid > 12 * HOUR:
        wrong.append(f"{name}: {paid} min paid")
    lunches = [length for kind, length in lengths if kind == "lunch"]
    if paid > 4 * HOUR and not (len(lunches) == 1 and 30 <= lunches[0] <= 120):
        wrong.append(f"{name}: lunches of {lunches} min")
    if any(kind == "work" and length > 3 * HOUR for kind, length in lengths):
        wrong.append(f"{name}: more than 3 h of work without a break")
    return wrong


def _person(person: dict[str, Any], shifts: list[dict[str, Any]], first: dt.date, last: dt.date) -> list[str]:
    wrong = []
    spans = [(minute(shift["start"]), minute(shift["end"])) for shift in shifts]
    for (_start, end), (following, _end) in pairwise(spans):
        if following - end < 12 * HOUR:
            wrong.append(f"{following - end} min of rest after {end}")
    for absence in person["absences"]:
        for start, end in spans:
            if start < minute(absence["end"]) and minute(absence["start"]) < end:
                wrong.append(f"works at {start} during an absence")
    paid_s = sum(shift["paid_s"] for shift in shifts)
    least_s = person["norm_s"] - 8 * 3600
    if person["reachable_s"] is not None:
        least_s = min(least_s, person["reachable_s"])
    if not least_s <= paid_s <= person["norm_s"]:
        wrong.append(f"{paid_s / 3600} h paid, norm {person['norm_s'] / 3600} h")
    return wrong + _weeks(person, spans, first, last) + _days_in_a_row(shifts)


def _weeks(person: dict[str, Any], spans: list[tuple[int, int]], first: dt.date, last: dt.date) -> list[str]:
    """42 hours of rest inside each calendar week, by the person's own clock (no summer time here)."""
    midnight = dt.datetime.combine(first, dt.time(), ZoneInfo(person["time_zone"]))
    month_begins = int(midnight.timestamp() // 60)
    monday = first - dt.timedelta(days=first.weekday())
    wrong = []
    while monday <= last:
        begin = month_begins + (monday - first).days * DAY
        end = begin + 7 * DAY
        rests, free = [], begin
        for start, stop in spans:
            if stop > begin and start < end:
                rests.append(start - free)
                free = max(free, stop)
        rests.append(end - free)
        if max(rests) < 42 * HOUR:
            wrong.append(f"only {max(rests) / HOUR} h of rest in the week of {monday}")
        monday += dt.timedelta(days=7)
    return wrong


def _days_in_a_row(shifts: list[dict[str, Any]]) -> list[str]:
    days = {dt.date.fromisoformat(shift["day"]) for shift in shifts}
    if len(days) != len(shifts):
        return ["two shifts on one day"]
    for day in days:
        if all(day + dt.timedelta(days=step) in days for step in range(7)):
            return [f"seven days in a row from {day}"]
    return []


def cover(exported: dict[str, Any]) -> dict[str, tuple[int, int]]:
    """Give agent-slots of 15 minutes by queue: required, and missing of them, counted from the activities."""
    counted = {}
    for requirement in exported["requirement"]:
        queue, step = requirement["queue"], requirement["step_s"] // 60
        at_work: dict[int, int] = {}
        for shift in exported["shifts"]:
            for part in shift["activities"]:
                if part["queue"] == queue:
                    for slot in range(minute(part["start"]), minute(part["end"]), 15):
                        at_work[slot] = at_work.get(slot, 0) + 1
        required = missing = 0
        for interval in requirement["intervals"]:
            begin = minute(interval["start"])
            for slot in range(begin, begin + step, 15):
                required += interval["required"]
                missing += max(interval["required"] - at_work.get(slot, 0), 0)
        counted[queue] = (required, missing)
    return counted
