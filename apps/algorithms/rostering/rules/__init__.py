"""Labour rules as a registry: one file per rule, found by code, used alike by the solver and every check."""

from __future__ import annotations

from apps.algorithms.rostering.rules.absence import Absence
from apps.algorithms.rostering.rules.base import (
    REGISTRY,
    LabourRule,
    Limits,
    Mode,
    RuleContext,
    Unit,
    Violation,
    register,
)
from apps.algorithms.rostering.rules.daily_rest import DailyRest
from apps.algorithms.rostering.rules.lunch_and_breaks import LunchAndBreaks
from apps.algorithms.rostering.rules.max_consecutive_days import MaxConsecutiveDays
from apps.algorithms.rostering.rules.max_shift import MaxShift
from apps.algorithms.rostering.rules.month_norm import MonthNorm
from apps.algorithms.rostering.rules.night_ban import NightBan
from apps.algorithms.rostering.rules.no_overlap import NoOverlap
from apps.algorithms.rostering.rules.no_two_shifts_in_row import NoTwoShiftsInRow
from apps.algorithms.rostering.rules.weekly_rest import WeeklyRest

__all__ = [
    "REGISTRY",
    "Absence",
    "DailyRest",
    "LabourRule",
    "Limits",
    "LunchAndBreaks",
    "MaxConsecutiveDays",
    "MaxShift",
    "Mode",
    "MonthNorm",
    "NightBan",
    "NoOverlap",
    "NoTwoShiftsInRow",
    "RuleContext",
    "Unit",
    "Violation",
    "WeeklyRest",
    "default_rules",
    "register",
]


def default_rules() -> tuple[LabourRule, ...]:
    """Every registered rule with the parameters of the Labour Code, all hard."""
    return tuple(REGISTRY[code]() for code in sorted(REGISTRY))
