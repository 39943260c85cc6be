"""Two made-up groups shaped like real centres: a large weekday queue and a small one around the clock.

Demand follows a smooth two-peak day with seeded noise; people are generated with mixed contracts in four
zones.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from apps.algorithms.rostering.problem import (
    BreakRule,
    RosterProblem,
    Rotation,
    RotationKind,
    ShiftWindow,
    Span,
    Worker,
    WorkRule,
)
from apps.algorithms.rostering.rules import default_rules

DAY: Final = 96
HOUR: Final = 4
N_DAYS: Final = 30
FIRST_WEEKDAY: Final = 6
"""Sunday: November 2026."""
NORM_H: Final = 159
WORKDAYS: Final = 20
OPEN_MSK: Final = (28, 85)
MSK_H: Final = 3
MAX_ZONE_H: Final = 7
SATURDAY: Final = 5
ABSENT_SHARE: Final = 0.12
NIGHT_BAN_SHARE: Final = 0.04

BREAKS: Final = (
    BreakRule(4, 16, 0, 0, 0, 1, 1, 4, 10),
    BreakRule(17, 24, 2, 8, 14, 1, 1, 4, 10),
    BreakRule(25, 36, 3, 12, 20, 3, 1, 4, 10),
    BreakRule(37, 48, 4, 16, 26, 4, 1, 4, 12),
)
FLEXIBLE: Final = Rotation(RotationKind.FLEXIBLE, days_per_week=5)
OFFICE: Final = Rotation(RotationKind.WEEKDAYS, pattern=(True,) * 5 + (False,) * 2)
TWO_BY_TWO: Final = Rotation(RotationKind.CYCLE, pattern=(True, True, False, False))

FULL_TIME: Final = WorkRule("flexible 5/2", FLEXIBLE, (ShiftWindow(28, 56, 2, 28, 40, 2),), BREAKS)
FIXED_WEEK: Final = WorkRule("5/2", OFFICE, (ShiftWindow(28, 48, 2, 28, 36, 2),), BREAKS)
PART_TIME: Final = WorkRule("part-time", FLEXIBLE, (ShiftWindow(28, 68, 2, 16, 24, 2),), BREAKS)
LONG_DAYS: Final = WorkRule("long days", FLEXIBLE, (ShiftWindow(28, 48, 2, 36, 44, 2),), BREAKS)
ROUND_CLOCK: Final = WorkRule(
    "2/2",
    TWO_BY_TWO,
    (ShiftWindow(28, 40, 4, 40, 44, 2), ShiftWindow(76, 84, 4, 40, 44, 2)),
    BREAKS,
)
FLEXIBLE_WEEK: Final = WorkRule("flexible 24/7", FLEXIBLE, (ShiftWindow(24, 60, 4, 28, 40, 4),), BREAKS)


def day_starts(zone_h: int) -> tuple[int, ...]:
    """Local midnights when slot 0 is the midnight of the easternmost zone."""
    return tuple((MAX_ZONE_H - zone_h) * HOUR + day * DAY for day in range(N_DAYS + 1))


def large_group(seed: int = 1, people: int = 315) -> RosterProblem:
    """Weekday queue, 07:00-21:15 Moscow time, about 190 agents at the peak for 315 people."""
    rng = np.random.default_rng(seed)
    n_slots = N_DAYS * DAY + (MAX_ZONE_H - 2) * HOUR
    load_erl = np.zeros(n_slots)
    open_slots = np.zeros(n_slots, dtype=bool)
    clock = (np.arange(OPEN_MSK[0], OPEN_MSK[1]) + 0.5) / HOUR
    shape = 0.62 * np.exp(-(((clock - 10.5) / 2.6) ** 2)) + 0.55 * np.exp(-(((clock - 15.0) / 3.0) ** 2))
    shape = 0.12 + shape + 0.15 * np.exp(-(((clock - 19.0) / 1.8) ** 2))
    for day in range(N_DAYS):
        if (FIRST_WEEKDAY + day) % 7 >= SATURDAY:
            continue
        monday = 1.12 if (FIRST_WEEKDAY + day) % 7 == 0 else 1.0
        scale = 178.0 * monday * rng.normal(1.0, 0.06) / shape.max()
        begin = (MAX_ZONE_H - MSK_H) * HOUR + day * DAY
        span = slice(begin + OPEN_MSK[0], begin + OPEN_MSK[1])
        load_erl[span] = shape * scale * rng.normal(1.0, 0.02, len(clock)) * people / 315
        open_slots[span] = True
    demand = np.ceil(load_erl + 0.8 * np.sqrt(load_erl)).astype(np.int64)
    contracts = (
        (FULL_TIME, 1.0, 0.5),
        (FIXED_WEEK, 1.0, 0.15),
        (LONG_DAYS, 1.0, 0.15),
        (PART_TIME, 0.5, 0.2),
    )
    workers = _people(rng, people, contracts, zones=((3, 0.55), (2, 0.15), (5, 0.2), (7, 0.1)))
    return RosterProblem(demand, workers, default_rules(), FIRST_WEEKDAY, N_DAYS, open_slots=open_slots)


def small_group(seed: int = 2, people: int = 48) -> RosterProblem:
    """Queue around the clock with nights and weekends, up to about 15 agents."""
    rng = np.random.default_rng(seed)
    n_slots = N_DAYS * DAY + (MAX_ZONE_H - 2) * HOUR
    clock = (np.arange(n_slots) / HOUR - (MAX_ZONE_H - MSK_H)) % 24
    shape = 0.18 + 0.8 * np.exp(-(((clock - 12.0) / 3.2) ** 2)) + 0.5 * np.exp(-(((clock - 18.5) / 2.5) ** 2))
    day = (np.arange(n_slots) - (MAX_ZONE_H - MSK_H) * HOUR) // DAY
    weekend = (FIRST_WEEKDAY + day) % 7 >= SATURDAY
    load_erl = shape * np.where(weekend, 7.5, 10.5) * rng.normal(1.0, 0.05, n_slots)
    demand = np.ceil(load_erl + 0.8 * np.sqrt(load_erl)).astype(np.int64)
    contracts = ((ROUND_CLOCK, 1.0, 0.5), (FLEXIBLE_WEEK, 1.0, 0.35), (PART_TIME, 0.5, 0.15))
    workers = _people(rng, people, contracts, zones=((3, 0.6), (2, 0.1), (5, 0.2), (7, 0.1)))
    return RosterProblem(demand, workers, default_rules(), FIRST_WEEKDAY, N_DAYS)


def _people(
    rng: np.random.Generator,
    people: int,
    contracts: tuple[tuple[WorkRule, float, float], ...],
    zones: tuple[tuple[int, float], ...],
) -> tuple[Worker, ...]:
    workers = []
    for number in range(people):
        rule, rate, _ = contracts[rng.choice(len(contracts), p=[share for *_, share in contracts])]
        starts = day_starts(zones[rng.choice(len(zones), p=[share for _, share in zones])][0])
        norm_h = NORM_H * rate
        absent: tuple[Span, ...] = ()
        if rng.random() < ABSENT_SHARE:
            first, length = int(rng.integers(0, N_DAYS - 1)), int(rng.integers(3, 15))
            last = min(first + length, N_DAYS)
            absent = (Span(starts[first], starts[last]),)
            gone = sum((FIRST_WEEKDAY + day) % 7 < SATURDAY for day in range(first, last))
            norm_h = max(norm_h * (WORKDAYS - gone) / WORKDAYS, 0.0)
        workers.append(
            Worker(
                worker_id=number + 1,
                work_rule=rule,
                day_starts=starts,
                norm_s=int(norm_h * HOUR) * 900,
                phase=int(rng.integers(0, 4)) if rule.rotation.kind is RotationKind.CYCLE else None,
                unavailable=absent,
                night_ban=bool(rng.random() < NIGHT_BAN_SHARE) and rule is not ROUND_CLOCK,
            )
        )
    return tuple(workers)
