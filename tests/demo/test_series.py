import csv
import datetime as dt
import io

import numpy as np
import pytest

from apps.demo.blueprint import LARGE, QUEUES, SMALL, QueuePlan
from apps.demo.callrecords import LONGEST_CALL_S, read_call_facts
from apps.demo.series import as_csv, planned_month, shifted_series

MONTHS = [dt.date(2027, month, 1) for month in range(1, 7)]


@pytest.mark.parametrize(
    ("today", "month"),
    [
        ("2026-11-20", "2027-01-01"),
        ("2026-11-01", "2026-12-01"),
        ("2026-11-02", "2027-01-01"),
        ("2026-12-31", "2027-02-01"),
        ("2027-01-31", "2027-03-01"),
        ("2027-01-01", "2027-02-01"),
    ],
)
def test_the_planned_month_begins_a_month_from_today_or_later(today: str, month: str) -> None:
    assert planned_month(dt.date.fromisoformat(today)) == dt.date.fromisoformat(month)


@pytest.mark.parametrize("month", MONTHS)
@pytest.mark.parametrize("plan", QUEUES, ids=lambda plan: plan.key)
def test_the_last_full_week_precedes_the_month_and_weekdays_stay(plan: QueuePlan, month: dt.date) -> None:
    series = shifted_series(plan, month)
    last = series.starts[-1] + dt.timedelta(weeks=series.weeks_shifted)
    assert last.weekday() == series.starts[-1].weekday()
    assert last.date() < month
    assert (month - last.date()).days < 7 + plan.step_minutes


def test_what_falls_into_the_month_is_cut() -> None:
    series = shifted_series(SMALL, dt.date(2027, 1, 1))
    assert series.original == "1999-01-01..1999-12-30"
    assert series.shifted == "2026-01-02..2026-12-31"
    assert len(series.starts) == 364 * 48


def test_call_facts_are_those_of_the_file() -> None:
    facts = read_call_facts()
    assert facts.aht_s == pytest.approx(184.4, abs=0.1)
    assert facts.patience_s == pytest.approx(409, abs=1)
    assert facts.handle_times_s.mean() == pytest.approx(facts.aht_s)
    assert facts.handle_times_s.max() <= LONGEST_CALL_S * facts.aht_s / 177


def test_the_file_holds_every_call_with_handle_times_of_the_right_mean() -> None:
    facts, series = read_call_facts(), shifted_series(LARGE, dt.date(2027, 1, 1))
    rows = list(csv.DictReader(io.TextIOWrapper(as_csv(series, facts, seed=1), encoding="utf-8")))
    calls = np.array([int(row["calls"]) for row in rows])
    handle_s = np.array([int(row["handle_s"]) for row in rows])
    assert (calls == series.calls).all()
    assert handle_s.sum() / calls.sum() == pytest.approx(facts.aht_s, rel=0.005)
    assert (handle_s[calls == 0] == 0).all()
    assert as_csv(series, facts, seed=1).getvalue() == as_csv(series, facts, seed=1).getvalue()
