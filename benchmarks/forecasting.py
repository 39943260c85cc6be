"""Two-week forecasts over four rolling origins on both real series, against peers in the same run."""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from apps.algorithms.forecasting import Series, accuracy, country_holidays, forecast, infer_country
from benchmarks.forecasting_peers import PEERS, PeerMissingError
from benchmarks.interval_file import read_series
from benchmarks.report import print_table, write_json

if TYPE_CHECKING:
    from apps.algorithms.intervals import BoolArray, FloatArray

_DATA = Path(__file__).parent.parent / "apps" / "demo" / "data"
_HORIZON_DAYS = 14
_ORIGINS = 4
_LEVEL = 0.8
_OURS = "ours"


@dataclass(frozen=True, slots=True)
class Case:
    """One real series and the step it is forecast at."""

    name: str
    file: str
    step_s: int


CASES = (
    Case("bank 2003, 15 min", "bank_calls_2003_5min.csv.gz", 900),
    Case("bank 1999, 30 min", "anonymous_bank_1999_30min.csv.gz", 1800),
)


def main(argv: list[str]) -> int:
    """Print WAPE by model and origin, coverage and seconds; 1 where a peer is not installed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks forecasting", description=__doc__)
    parser.add_argument("--json", type=Path, help="write the figures as JSON")
    options = parser.parse_args(argv)
    payload: dict[str, Any] = {}
    try:
        for case in CASES:
            payload[case.name] = _run_case(case)
    except PeerMissingError as missing:
        print(f"forecasting: {missing}")
        return 1
    write_json(options.json, payload)
    return 0


def _run_case(case: Case) -> dict[str, Any]:
    series = read_series(_DATA / case.file, step_s=case.step_s)
    days = series.calls.shape[0]
    errors: dict[str, list[float]] = {}
    seconds: dict[str, list[float]] = {}
    covered: list[float] = []
    reasons: list[str] = []
    for back in range(_ORIGINS, 0, -1):
        origin = days - _HORIZON_DAYS * back
        known = Series(series.first_day, series.step_s, series.calls[:origin])
        actual = series.calls[origin : origin + _HORIZON_DAYS]
        begin = time.perf_counter()
        said, held, reason = _ours(known, actual)
        seconds.setdefault(_OURS, []).append(time.perf_counter() - begin)
        errors.setdefault(_OURS, []).append(accuracy(actual, said).wape)
        covered.append(held)
        reasons.append(reason)
        asked = _asked(known, actual)
        for name, peer in PEERS.items():
            begin = time.perf_counter()
            errors.setdefault(name, []).append(accuracy(actual, peer(known, asked)).wape)
            seconds.setdefault(name, []).append(time.perf_counter() - begin)
    rows = [_row(name, errors[name], seconds[name]) for name in errors]
    print_table(f"{case.name}: WAPE of two-week forecasts, {_ORIGINS} rolling origins", rows)
    coverage = float(np.mean(covered))
    print(
        f"  80 % bands held {coverage:.1%} of open intervals ({', '.join(f'{held:.0%}' for held in covered)})"
    )
    print(f"  last origin: {reasons[-1]}")
    return {"models": rows, "coverage_80": coverage, "coverage_80_by_origin": covered, "reasons": reasons}


def _row(name: str, wapes: list[float], seconds: list[float]) -> dict[str, Any]:
    by_origin = {f"origin_{index + 1}_pct": 100 * wape for index, wape in enumerate(wapes)}
    return {
        "model": name,
        "wape_pct": 100 * float(np.mean(wapes)),
        **by_origin,
        "fit_s": float(np.mean(seconds)),
    }


def _ours(known: Series, actual: FloatArray) -> tuple[FloatArray, float, str]:
    """Return the forecast on whole days, the share of open intervals held by its band, and the choice."""
    last = datetime.combine(known.first_day, datetime.min.time()) + timedelta(
        days=known.calls.shape[0] + actual.shape[0], seconds=-known.step_s
    )
    country = infer_country(known)
    holidays = country_holidays(country, {known.first_day.year, last.year}) if country else {}
    result = forecast(known, horizon_end=last, holidays=holidays, levels=(_LEVEL,))
    size = actual.size
    fact, band = actual.ravel(), result.bands[_LEVEL]
    lower, upper, closed = band.lower[-size:], band.upper[-size:], result.closed[-size:]
    judged = np.isfinite(fact) & ~closed
    held = float(((fact >= lower) & (fact <= upper))[judged].mean())
    return result.calls[-size:].reshape(actual.shape), held, result.reason


def _asked(known: Series, actual: FloatArray) -> BoolArray:
    """Return the slots a peer has to forecast: those of the week with any calls in the history."""
    weekday = (known.first_day.weekday() + np.arange(known.calls.shape[0] + actual.shape[0])) % 7
    seen = np.nan_to_num(known.calls) > 0
    opening = np.stack([seen[weekday[: len(seen)] == day].any(axis=0) for day in range(7)])
    return np.asarray(opening[weekday[len(seen) :]])
