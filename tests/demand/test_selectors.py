from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from django.db.models import ProtectedError
from django.utils import translation

from apps.demand.models import IntervalHistory
from apps.demand.selectors import (
    history_digest,
    history_series,
    history_span,
    local_history,
    member_ids,
    shifted_spans,
)
from tests.demand.files import load
from tests.factories.demand import make_history
from tests.factories.organization import make_queue

pytestmark = pytest.mark.django_db
MARCH = dt.datetime(2025, 3, 3, 4, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def _english() -> None:
    translation.activate("en")


def test_finer_rows_are_summed_and_coarser_ones_spread() -> None:
    queue = make_queue()
    make_history(queue, MARCH, [10, 20, 30, 40], step_s=1800, aht_s=100)
    hourly = history_series(queue.pk, MARCH, MARCH + 3 * HOUR, 3600)
    assert hourly.offered[:2].tolist() == [30, 70]
    assert np.isnan(hourly.offered[2])
    assert hourly.observed.tolist() == [True, True, False]
    assert hourly.handle_s[:2].tolist() == [3000, 7000]
    quarters = history_series(queue.pk, MARCH, MARCH + HOUR, 900)
    assert quarters.offered.tolist() == [5, 5, 10, 10]
    assert (quarters.handle_s / quarters.answered).tolist() == [100] * 4


def test_ten_minutes_fall_into_quarters_by_their_minutes() -> None:
    queue = make_queue()
    make_history(queue, MARCH, [10, 20, 30], step_s=600)
    assert history_series(queue.pk, MARCH, MARCH + HOUR / 2, 900).offered.tolist() == [20, 40]


def test_the_total_of_a_span_does_not_depend_on_the_step() -> None:
    queue = make_queue()
    make_history(queue, MARCH, list(range(48)), step_s=300)
    totals = {
        step_s: np.nansum(history_series(queue.pk, MARCH, MARCH + 4 * HOUR, step_s).offered)
        for step_s in (300, 900, 1800, 3600)
    }
    assert set(totals.values()) == {sum(range(48))}


def test_an_aggregated_queue_is_the_sum_of_its_members_at_any_depth() -> None:
    whole, middle, one, two = (make_queue() for _ in range(4))
    whole.members.add(middle, one)
    middle.members.add(one, two)
    make_history(one, MARCH, [1, 2], aht_s=100)
    make_history(two, MARCH + HOUR / 2, [30, 40], aht_s=300)
    series = history_series(whole.pk, MARCH, MARCH + 1.5 * HOUR, 1800)
    assert series.offered.tolist() == [1, 32, 40], "each plain queue counts once"
    assert (series.handle_s[1] / series.answered[1]) == (2 * 100 + 30 * 300) / 32
    assert member_ids(whole.pk) == sorted([one.pk, two.pk])
    middle.members.add(whole)
    assert member_ids(whole.pk) == sorted([one.pk, two.pk]), "a circle does no harm"
    assert history_span(whole.pk) == (MARCH, MARCH + HOUR, 4)


def test_what_is_not_known_is_not_zero() -> None:
    queue = make_queue()
    load(queue, "03.03.2025 07:00;10\n03.03.2025 07:15;12\n")
    series = history_series(queue.pk, MARCH, MARCH + HOUR / 2, 900)
    assert series.offered.tolist() == [10, 12]
    assert np.isnan(series.handled).all()
    assert np.isnan(series.handle_s).all()
    assert history_span(make_queue().pk) is None


def test_local_history_sums_the_repeated_hour_and_leaves_the_missing_one_out() -> None:
    queue = make_queue(time_zone="Europe/Berlin")
    spring = "".join(f"30.03.2025 {hour:02d}:00;1\n" for hour in range(24) if hour != 2)
    autumn = "".join(f"26.10.2025 {hour:02d}:00;1\n" for hour in [0, 1, 2, *range(2, 24)])
    assert load(queue, spring + autumn).rows_loaded == 23 + 25
    history = local_history(queue.pk, queue.time_zone, dt.date(2025, 3, 1), dt.date(2025, 11, 1), 3600)
    assert history is not None
    assert history.first_day == dt.date(2025, 3, 30)
    assert np.isnan(history.calls[0, 2])
    assert np.nansum(history.calls[0]) == 23
    assert history.calls[-1, 2] == 2
    assert np.nansum(history.calls[-1]) == 25


def test_local_history_takes_the_step_that_the_rows_allow() -> None:
    queue = make_queue()
    make_history(queue, MARCH, [10, 20, 30, 40], step_s=1800)
    history = local_history(queue.pk, queue.time_zone, dt.date(2025, 3, 1), dt.date(2025, 4, 1), 900)
    assert history is not None
    assert (history.step_s, history.rows) == (1800, 4)
    assert history.calls[0, 14:18].tolist() == [10, 20, 30, 40]


def test_the_digest_changes_with_any_number() -> None:
    queue = make_queue()
    days = (dt.date(2025, 3, 1), dt.date(2025, 4, 1))
    load(queue, "03.03.2025 07:00;10;100\n03.03.2025 07:15;12;100\n")
    before = history_digest(queue.pk, queue.time_zone, *days)
    assert before == local_history(queue.pk, queue.time_zone, *days, 900).digest  # type: ignore[union-attr]
    load(queue, "03.03.2025 07:00;10;101\n03.03.2025 07:15;12;100\n")
    assert history_digest(queue.pk, queue.time_zone, *days) != before


def test_shifted_spans_are_told_in_local_days() -> None:
    queue = make_queue()
    load(queue, "02.06.2003 00:00;1\n02.06.2003 00:15;1\n02.06.2003 23:45;1\n", weeks_shifted=1000)
    load(queue, "02.06.2025 00:00;1\n")
    (span,) = shifted_spans(queue.pk, queue.time_zone, dt.date(2000, 1, 1), dt.date(2030, 1, 1))
    day = dt.date(2003, 6, 2) + dt.timedelta(weeks=1000)
    assert (span.first, span.last, span.weeks) == (day, day, 1000)


def test_a_queue_with_history_is_not_deleted() -> None:
    queue = make_queue()
    batch = make_history(queue, MARCH, [1])
    IntervalHistory.objects.get(queue=queue)
    with pytest.raises(ProtectedError):
        queue.delete()
    with pytest.raises(ProtectedError):
        batch.delete()
