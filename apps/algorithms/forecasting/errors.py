"""What can be wrong with a history or a request; errors carry the numbers a door needs for its own words."""

from __future__ import annotations


class ForecastError(ValueError):
    """A forecast that cannot be made."""


class SeriesError(ForecastError):
    """One row of the history is unusable.

    Attributes
    ----------
    row
        Zero-based position in the given arrays.
    reason
        What is wrong with it.

    """

    def __init__(self, row: int, reason: str) -> None:
        super().__init__(f"row {row}: {reason}")
        self.row = row
        self.reason = reason


class NotEnoughHistoryError(ForecastError):
    """The history is too short.

    Attributes
    ----------
    have_days, need_days
        Days with calls in the history, and how many are needed.

    """

    def __init__(self, have_days: int, need_days: int) -> None:
        missing = need_days - have_days
        super().__init__(
            f"not enough history: {have_days} days with calls, {need_days} are needed ({missing} more)"
        )
        self.have_days = have_days
        self.need_days = need_days


class HorizonError(ForecastError):
    """The asked span is empty or too far from the history."""


class ForecastCancelledError(ForecastError):
    """The caller asked to stop."""
