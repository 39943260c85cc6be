"""Server time and queries of the desk: three years of quarters of an hour, a month and a year of forecast."""

from __future__ import annotations

import argparse
import datetime as dt
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import django
import numpy as np

from benchmarks.report import print_table, write_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.forecasts.models import ForecastVersion
    from apps.organization.models import Queue

START = dt.datetime(2027, 1, 31, 21, tzinfo=dt.UTC)
STEP_S = 900
DAY_STEPS = 96
HISTORY_DAYS = 1096
TARGET_MS = 300.0


@dataclass(frozen=True)
class Timing:
    """One address: median and worst server time of five requests, milliseconds, and its queries."""

    page: str
    median_ms: float
    worst_ms: float
    queries: int


def main(argv: list[str]) -> int:
    """Return 0 when the effect on a month's requirement is within its target, else 1."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks desk", description=__doc__)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wfm.settings.test")
    django.setup()
    rows = _measure()
    print_table("The desk of history and forecast", [asdict(row) for row in rows])
    within = all(row.median_ms <= TARGET_MS for row in rows if row.page.startswith("effect"))
    print(f"effect on a month's requirement within {TARGET_MS:.0f} ms: {within}")
    figures = {"target_ms": TARGET_MS, "within": within}
    write_json(options.json, figures | {"pages": [asdict(row) for row in rows]})
    return 0 if within else 1


def _measure() -> list[Timing]:
    """Measure on a database of its own, which is dropped afterwards."""
    from django.test.utils import (  # noqa: PLC0415 - after django.setup()
        setup_databases,
        setup_test_environment,
        teardown_databases,
        teardown_test_environment,
    )

    setup_test_environment(debug=False)
    old = setup_databases(verbosity=0, interactive=False)
    try:
        return list(_pages())
    finally:
        teardown_databases(old, verbosity=0)
        teardown_test_environment()


def _pages() -> Iterator[Timing]:
    from django.test import Client  # noqa: PLC0415 - after Django is set up

    from apps.accounts.models import User  # noqa: PLC0415 - after Django is set up
    from benchmarks.pages import _time as time_page  # noqa: PLC0415

    client = Client()
    client.force_login(User.objects.create_superuser("planner"))
    for name, address in _addresses(_queue()).items():
        run = time_page(client, address)
        yield Timing(name, median(run.wall_ms), max(run.wall_ms), run.queries)


def _queue() -> Queue:
    from apps.organization.models import Queue, Service  # noqa: PLC0415 - after Django is set up
    from apps.staffing.models import StaffingTarget  # noqa: PLC0415 - after Django is set up

    service = Service.objects.create(code="calls", name="Calls")
    queue = Queue.objects.create(service=service, code="calls", name="Calls", calendar_code="")
    StaffingTarget.objects.create(queue=queue, valid_from=dt.date(2020, 1, 1))
    _history(queue)
    return queue


def _history(queue: Queue) -> None:
    """Load three years, one interval in a thousand wild, and correct a hundred of them."""
    from apps.demand.models import ImportBatch  # noqa: PLC0415 - after Django is set up
    from apps.demand.services.correcting import correct_history  # noqa: PLC0415
    from apps.demand.services.loading import load_intervals  # noqa: PLC0415
    from apps.demand.types import HistoryRows, InstantSpan  # noqa: PLC0415

    draw = np.random.default_rng(3)
    size = HISTORY_DAYS * DAY_STEPS
    calls = draw.poisson(_curve(size))
    wild = np.flatnonzero(draw.random(size) < 0.001)  # noqa: PLR2004 - one in a thousand
    calls[wild] *= 6
    first = START - dt.timedelta(days=HISTORY_DAYS)
    starts = np.datetime64(first.replace(tzinfo=None), "s") + np.arange(size) * STEP_S
    unknown = np.full(size, -1)
    rows = HistoryRows(STEP_S, starts, calls, calls, unknown, calls * 240, unknown, unknown)
    batch = ImportBatch.objects.create(queue=queue, file_name="made", sha256="0" * 64, state="applied")
    load_intervals(queue_id=queue.pk, rows=rows, batch_id=batch.pk)
    step = dt.timedelta(seconds=STEP_S)
    begins = [first + int(index) * step for index in wild[:100]]
    spans = [InstantSpan(begin, begin + step) for begin in begins]
    correct_history(queue_id=queue.pk, spans=spans, action="exclude", reason="made", actor=None)


def _curve(size: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    hours = np.arange(size) % DAY_STEPS / 4
    return np.asarray(2 + 38 * np.exp(-(((hours - 13) / 4) ** 2)))


def _version(queue: Queue, days: int, number: int, *, state: str) -> ForecastVersion:
    from apps.forecasts.models import ForecastVersion  # noqa: PLC0415 - after Django is set up
    from apps.forecasts.services.storing import write_points  # noqa: PLC0415
    from apps.forecasts.types import ForecastArrays  # noqa: PLC0415

    size = days * DAY_STEPS
    made = ForecastVersion.objects.create(
        queue=queue,
        number=number,
        state=state,
        start=START,
        end=START + dt.timedelta(days=days),
        step_s=STEP_S,
        model="made",
        level="0.8",
        code_version="made",
    )
    starts = np.datetime64(START.replace(tzinfo=None), "s") + np.arange(size) * STEP_S
    calls = _curve(size) * (1 + number / 10)
    write_points(made, ForecastArrays(starts, STEP_S, calls, calls * 0.8, calls * 1.2, np.full(size, 240.0)))
    return made


def _addresses(queue: Queue) -> dict[str, str]:
    active = _version(queue, 28, 1, state="active")
    draft = _version(queue, 28, 2, state="draft")
    year, other = (_version(queue, 365, number, state="draft") for number in (3, 4))
    change = "first_day=2027-02-01&last_day=2027-02-28&measure=calls&operation=multiply&value=1.2"
    compare = f"/queues/{queue.code}/forecast/compare"
    pair = f"a={year.pk}&b={other.pk}"
    return {
        "effect of a growth factor, a month": f"/forecasts/{active.pk}/adjust/effect/?{change}",
        "effect of an activation, a month": f"/forecasts/{draft.pk}/activate/effect/",
        "outliers, 28 days": f"/queues/{queue.code}/history/outliers/",
        "outliers, 56 days, inner fence": f"/queues/{queue.code}/history/outliers/?days=56&level=inner",
        "forecast": f"/queues/{queue.code}/forecast/",
        "comparison, a year by day": f"{compare}/?{pair}",
        "comparison chart, a year": f"{compare}/data/?{pair}",
        "proposals from three years": f"/queues/{queue.code}/special-days/proposals/",
    }
