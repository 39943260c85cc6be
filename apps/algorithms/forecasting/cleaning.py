"""From a raw history to ordinary days: what is special, what is an outlier, what is ordinary."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from apps.algorithms.forecasting.opening import fill_unlisted, forget_old_hours, infer_opening
from apps.algorithms.forecasting.past import Past, weekday_profile
from apps.algorithms.forecasting.special_days import SpecialDays, expected_shares

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date

    from apps.algorithms.forecasting.types import Series
    from apps.algorithms.intervals import BoolArray, FloatArray

_WINDOW_DAYS = 21
_DAY_SPREADS = 4.5
_LEAST_DAY_LOG = 0.3
_LONGEST_RUN = 4
_SLOT_SPREADS = 7.0


@dataclass(frozen=True, slots=True)
class DayRatios:
    """Each history day against its neighbours of the same weekday.

    Attributes
    ----------
    ratio
        Total / expected total, shape (D,); 0 for an open weekday without calls, NaN where unknown.
    spread
        Robust standard deviation of the log ratio of ordinary days.

    """

    ratio: FloatArray
    spread: float

    def outlying(self, spreads: float, least_log: float) -> BoolArray:
        """Return the days whose ratio leaves `exp(+-max(spreads * spread, least_log))`."""
        limit = max(spreads * self.spread, least_log)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(np.abs(np.log(self.ratio)) > limit)


def prepare(
    series: Series, *, days_ahead: int, holidays: Mapping[date, str], opening: BoolArray | None = None
) -> tuple[Past, SpecialDays]:
    """Clean a history and lay its calendar out to `days_ahead` days after its last row.

    Returns
    -------
    tuple
        The past of ordinary days, and what was learned of special days.

    """
    calls = fill_unlisted(series.calls)
    days = calls.shape[0]
    ordinal = series.first_day.toordinal() + np.arange(days + days_ahead)
    weekday = (ordinal + 6) % 7
    opening = infer_opening(calls, weekday[:days]) if opening is None else opening
    ones = np.ones(days + days_ahead)
    raw = np.where(opening[weekday[:days]], forget_old_hours(calls, weekday[:days]), 0.0)
    past = Past(raw, ordinal, weekday, opening, ones, np.zeros(ones.size, dtype=np.bool_))
    first = series.first_day.toordinal()
    named = {day.toordinal() - first: name for day, name in holidays.items()}
    ratios = day_ratios(past, skip=np.array([index in named or index + 1 in named for index in range(days)]))
    special = expected_shares(ratios.ratio, named, ratios.outlying(2.0, 0.1), total_days=ones.size)
    kept = _ordinary_days(past, ratios, special)
    cleaned = np.where(kept[:, None], raw, np.nan)
    closed_day = ~opening[weekday].any(axis=1) | (special.share == 0)
    past = replace(past, calls=cleaned, share=special.share, reopens=np.r_[False, closed_day[:-1]])
    return _without_outlying_slots(past), special


def day_ratios(past: Past, *, skip: BoolArray) -> DayRatios:
    """Compare each day with the median of its weekday within three weeks; days in `skip` are no yardstick."""
    total, seen_share = past.totals()
    open_day = past.usually_open[: past.days]
    empty = open_day & (np.nansum(past.calls, axis=1) == 0)
    log_total = np.log(np.where(np.isfinite(total) & (total > 0), total, np.nan))
    expected = np.full(past.days, np.nan)
    for day in np.flatnonzero(open_day):
        near = np.arange(day % 7, past.days, 7)
        near = near[(np.abs(near - day) <= _WINDOW_DAYS) & (near != day) & ~skip[near]]
        near = near[np.isfinite(log_total[near])]
        if near.size >= 2:  # noqa: PLR2004 - a spread needs two
            expected[day] = np.median(log_total[near])
    log_ratio = log_total - expected
    known = log_ratio[np.isfinite(log_ratio) & ~skip]
    spread = 1.4826 * float(np.median(np.abs(known))) if known.size else 0.1
    ratio = np.where(empty & np.isfinite(expected), 0.0, np.exp(log_ratio))
    return DayRatios(np.where(seen_share > 0, ratio, np.where(empty, 0.0, np.nan)), max(spread, 0.03))


def low_days(series: Series, *, below: float = 0.7) -> tuple[BoolArray, BoolArray]:
    """Return which days were closed or low against their neighbours, and which can be judged, both (D,)."""
    calls = fill_unlisted(series.calls)
    days = calls.shape[0]
    ordinal = series.first_day.toordinal() + np.arange(days)
    weekday = (ordinal + 6) % 7
    opening = infer_opening(calls, weekday)
    raw = np.where(opening[weekday], calls, 0.0)
    nothing = np.zeros(days, dtype=np.bool_)
    ratio = day_ratios(Past(raw, ordinal, weekday, opening, np.ones(days), nothing), skip=nothing).ratio
    usable = np.isfinite(ratio)
    return usable & (ratio < below), usable


def day_shares(series: Series, special: Collection[date]) -> dict[date, float]:
    """Return the share of an ordinary day that each special day of the history saw.

    Ordinary is the median of the same weekday within three weeks, special days left out. Days that cannot be
    judged are not in the answer.
    """
    calls = fill_unlisted(series.calls)
    days = calls.shape[0]
    ordinal = series.first_day.toordinal() + np.arange(days)
    weekday = (ordinal + 6) % 7
    opening = infer_opening(calls, weekday)
    raw = np.where(opening[weekday], calls, 0.0)
    skip = np.isin(ordinal, [day.toordinal() for day in special])
    past = Past(raw, ordinal, weekday, opening, np.ones(days), np.zeros(days, dtype=np.bool_))
    ratio = day_ratios(past, skip=skip).ratio
    index = {day: day.toordinal() - series.first_day.toordinal() for day in special}
    return {
        day: float(ratio[place])
        for day, place in index.items()
        if 0 <= place < days and np.isfinite(ratio[place])
    }


def _ordinary_days(past: Past, ratios: DayRatios, special: SpecialDays) -> BoolArray:
    """Return the days to learn from: not special, not empty, not outlying (a lasting shift is no outlier)."""
    outlying = ratios.outlying(_DAY_SPREADS, _LEAST_DAY_LOG)
    open_days = np.flatnonzero(past.usually_open[: past.days])
    runs = np.split(open_days, np.flatnonzero(np.diff(outlying[open_days].astype(np.int8))) + 1)
    for run in runs:
        if run.size > _LONGEST_RUN and outlying[run].all() and (ratios.ratio[run] > 0).all():
            outlying[run] = False
    return np.asarray(~(outlying | special.excluded[: past.days] | (ratios.ratio == 0)))


def _without_outlying_slots(past: Past) -> Past:
    """Forget single intervals far from their day's total times its weekday's profile."""
    total, _ = past.totals()
    mean = total[:, None] * weekday_profile(past)[past.weekday[: past.days]]
    with np.errstate(invalid="ignore"):
        distance = np.abs(past.calls - mean) / np.sqrt(mean + (0.15 * mean) ** 2 + 1.0)
        return replace(past, calls=np.where(distance > _SLOT_SPREADS, np.nan, past.calls))
