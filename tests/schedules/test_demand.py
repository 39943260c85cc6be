"""Requirements of any step in slots of 15 minutes."""

from __future__ import annotations

import datetime as dt

import pytest

from apps.schedules.selectors.demand import queue_demand, required_in_slots
from apps.schedules.types import Month
from tests.factories.organization import make_queue
from tests.factories.staffing import make_requirement

pytestmark = pytest.mark.django_db
START = dt.datetime(2027, 1, 31, 21, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


@pytest.mark.parametrize(
    ("step_s", "required", "slots"),
    [
        (300, [1, 5, 2, 0, 0, 1, 4, 4, 4, 0, 0, 0], [5, 1, 4, 0]),
        (900, [3, 1, 0, 7], [3, 1, 0, 7]),
        (1800, [3, 6], [3, 3, 6, 6]),
        (3600, [9], [9, 9, 9, 9]),
    ],
)
def test_any_step_becomes_quarters(step_s: int, required: list[int], slots: list[int]) -> None:
    version = make_requirement(make_queue(), START, required, step_s=step_s)
    assert required_in_slots(version.pk, step_s, START, START + HOUR).tolist() == slots


def test_only_the_asked_span_counts() -> None:
    version = make_requirement(make_queue(), START - HOUR, [9, 9, 9, 9, 1, 2, 3, 4, 8, 8])
    assert required_in_slots(version.pk, 900, START, START + HOUR).tolist() == [1, 2, 3, 4]


def test_a_requirement_of_a_part_of_the_month_is_none() -> None:
    queue = make_queue()
    make_requirement(queue, START, [1] * 96)
    assert queue_demand(queue.pk, Month(dt.date(2027, 2, 1), "Europe/Moscow")) is None
