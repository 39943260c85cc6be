"""Forecast any `interval_start,calls` file by the engine of the product."""

from __future__ import annotations

import argparse
import csv
import sys
from datetime import datetime
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from apps.algorithms.forecasting import ForecastError, country_holidays, forecast, infer_country
from benchmarks.interval_file import IntervalFileError, read_series
from benchmarks.report import print_table, write_json

if TYPE_CHECKING:
    from datetime import date

    from apps.algorithms.forecasting import ForecastResult, Series

_LEVEL = 0.8


def main(argv: list[str]) -> int:
    """Return 0, or 2 after one line about what is wrong with the input."""
    options = _parser().parse_args(argv)
    try:
        step_s = None if options.step is None else _step_s(options.step)
        series = read_series(options.history, step_s=step_s)
        country = options.country or infer_country(series)
        days = _holidays(country, series, options.until)
        result = forecast(
            series, horizon_end=options.until, holidays=days, levels=(_LEVEL,), seed=options.seed
        )
        _write(options.out, result)
        _report(result, country, options.json)
    except (IntervalFileError, ForecastError, OSError) as failure:
        print(f"forecast-file: {failure}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks forecast-file", description=__doc__)
    add = parser.add_argument
    add("history", type=Path, help="CSV or CSV.gz with interval_start (local time) and calls")
    add("--until", type=_moment, required=True, help="local start of the last interval to forecast")
    add("--step", type=float, help="minutes of an interval (default: as in the file)")
    add("--out", type=Path, required=True, help="CSV to write: interval_start,calls,lower,upper")
    add(
        "--country", type=str.upper, help="ISO code whose holidays count (default: inferred from the history)"
    )
    add("--seed", type=int, default=0)
    add("--json", type=Path, help="write the figures as JSON")
    return parser


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is not None:
        raise argparse.ArgumentTypeError("local time without an offset is expected")
    return moment


def _step_s(minutes: float) -> int:
    step_s = round(minutes * 60) if isfinite(minutes) else 0
    if step_s <= 0 or 86_400 % step_s or abs(step_s - minutes * 60) > 1e-6:  # noqa: PLR2004 - a day; a rounding error of minutes
        raise ForecastError(f"a step of {minutes:g} minutes does not divide a day")
    return step_s


def _holidays(country: str | None, series: Series, until: datetime) -> dict[date, str]:
    if country is None:
        return {}
    try:
        return country_holidays(
            country, range(series.first_day.year, min(until.year, series.end.year + 2) + 1)
        )
    except KeyError as failure:
        raise ForecastError(f"there is no holiday calendar for the country {country!r}") from failure


def _write(path: Path, result: ForecastResult) -> None:
    band = result.bands[_LEVEL]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["interval_start", "calls", "lower", "upper"])
        for row in zip(result.starts(), result.calls, band.lower, band.upper, strict=True):
            writer.writerow([row[0].isoformat(sep=" "), *(f"{value:.4f}" for value in row[1:])])


def _report(result: ForecastResult, country: str | None, json_path: Path | None) -> None:
    rows = [
        {
            "model": score.model,
            "wape_pct": 100 * score.accuracy.wape,
            "bias_pct": 100 * score.accuracy.bias,
            "mase": score.accuracy.mase,
            "fit_s": score.fit_s,
        }
        for score in result.scores
    ]
    print_table(f"Back-test; chosen {result.reason}", rows)
    shares = {day.isoformat(): f"{name}: {share:.0%}" for day, (name, share) in result.day_labels.items()}
    print(f"\nholidays: {country or 'none inferred'}; special days ahead: {shares or 'none'}")
    coverage = result.bands[_LEVEL].backtest_coverage
    held = "could not be checked" if np.isnan(coverage) else f"held {coverage:.1%}"
    print(f"{result.calls.size} intervals from {result.start}; 80 % bands {held} in the back-test")
    write_json(
        json_path,
        {
            "model": result.model,
            "reason": result.reason,
            "country": country,
            "special_days": shares,
            "backtest_coverage_80": coverage,
            "backtest": rows,
        },
    )
