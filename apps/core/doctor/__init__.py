"""Examines a set-up: each line says what was found, how good it is, and what to do about it."""

from apps.core.doctor.examining import examine, worst
from apps.core.doctor.lines import Level, Line

__all__ = ["Level", "Line", "examine", "worst"]
