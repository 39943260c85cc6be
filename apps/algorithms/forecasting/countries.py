"""National holidays, and which country's holidays explain the closed and low days of a history."""

from __future__ import annotations

import warnings
from datetime import date, timedelta
from typing import TYPE_CHECKING

import holidays as holidays_library
import numpy as np

from apps.algorithms.forecasting.cleaning import low_days
from apps.algorithms.forecasting.special_days import MINOR

if TYPE_CHECKING:
    from collections.abc import Iterable

    from apps.algorithms.forecasting.types import Series
    from apps.algorithms.intervals import BoolArray

ENGLISH = "en_US"
CANDIDATES = (
    "US", "CA", "GB", "IE", "AU", "NZ", "DE", "AT", "CH", "FR", "BE", "NL", "LU", "ES", "PT", "IT", "GR",
    "SE", "NO", "DK", "FI", "IS", "PL", "CZ", "SK", "HU", "RO", "BG", "HR", "SI", "RS", "EE", "LV", "LT",
    "RU", "BY", "KZ", "UA", "GE", "AM", "AZ", "UZ", "TR", "IL", "AE", "SA", "EG", "ZA", "NG", "KE", "MA",
    "IN", "PK", "BD", "LK", "PH", "ID", "MY", "SG", "TH", "VN", "CN", "HK", "TW", "JP", "KR",
    "MX", "BR", "AR", "CL", "CO", "PE",
)  # fmt: skip


def country_holidays(country: str, years: Iterable[int], language: str = ENGLISH) -> dict[date, str]:
    """Return the holidays of a country by date; half-holidays and working ones end in "(minor)".

    Parameters
    ----------
    country
        ISO 3166 alpha-2 code.
    years
        Calendar years.
    language
        Of the names, where the library has them in it; else they are English.

    Raises
    ------
    KeyError
        If there is no calendar for the country.

    """
    try:
        public = _calendar(country, years, language=language)
    except NotImplementedError as missing:
        raise KeyError(country) from missing
    found = {
        day: name + MINOR
        for day, name in _minor(country, years, public.supported_categories, language).items()
    }
    return found | {day: public[day] for day in public}


def _minor(country: str, years: Iterable[int], categories: tuple[str, ...], language: str) -> dict[date, str]:
    kinds = tuple(kind for kind in ("optional", "half_day") if kind in categories)
    if not kinds:
        return {}
    minor = _calendar(country, years, kinds, language)
    return {day: minor[day] for day in minor}


def _calendar(
    country: str, years: Iterable[int], categories: tuple[str, ...] = ("public",), language: str = ENGLISH
) -> holidays_library.HolidayBase:
    """Return the library's calendar; that it knows some years only in part is no news to the caller."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        found = holidays_library.country_holidays(
            country, years=years, categories=categories, language=ENGLISH
        )
        if language == ENGLISH or language not in found.supported_languages:
            return found
        return holidays_library.country_holidays(
            country, years=years, categories=categories, language=language
        )


def infer_country(series: Series) -> str | None:
    """Return the country whose public holidays explain the closed and low days; None if none does.

    Each candidate's holidays that fall on open weekdays are compared with the days that were closed or below
    70 % of their neighbours: log-likelihood of "a holiday is low with probability 0.85, another day with the
    history's own rate" against "one rate for all". The best country must win by more than 4 (about the log of
    the number of candidates) and have two low holidays.

    The whole history decides, days that a back-test will forecast among them: which country a queue serves is
    calendar knowledge, as its holidays are, and no knowledge of demand. Half a year seldom shows enough
    holidays to leave any out.
    """
    low, usable = low_days(series)
    years = {(series.first_day + timedelta(days=index)).year for index in range(low.size)}
    best_gain, best = 4.0, None
    for country in CANDIDATES:
        gain = _likelihood_gain(low, usable, _holiday_mask(series, country, years, low.size))
        if gain > best_gain:
            best_gain, best = gain, country
    return best


def _holiday_mask(series: Series, country: str, years: Iterable[int], days: int) -> BoolArray:
    public = _calendar(country, years)
    return np.array([(series.first_day + timedelta(days=index)) in public for index in range(days)])


def _likelihood_gain(low: BoolArray, usable: BoolArray, holiday: BoolArray) -> float:
    hits, held = int((low & holiday & usable).sum()), int((holiday & usable).sum())
    lows, days = int((low & usable).sum()), int(usable.sum())
    if hits < 2:  # noqa: PLR2004 - once is chance
        return 0.0
    base = min(max(lows / days, 0.5 / days), 0.5)
    rest = min(max((lows - hits) / max(days - held, 1), 0.5 / days), 0.5)
    with_holidays = hits * np.log(0.85) + (held - hits) * np.log(0.15)
    others = (lows - hits) * np.log(rest) + (days - held - lows + hits) * np.log1p(-rest)
    return float(with_holidays + others - lows * np.log(base) - (days - lows) * np.log1p(-base))
