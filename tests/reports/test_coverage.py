"""The cover by days: what begins the day before, ends in another zone's day, or is required by the hour."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
import time_machine
from django.core.cache import cache

from apps.reports.selectors import coverage
from apps.schedules.choices import VariantState
from tests.factories import make_employee, make_queue
from tests.factories.schedules import make_group, make_shift, make_variant
from tests.factories.staffing import make_requirement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.organization.models import Queue
    from apps.reports.types import Day
    from apps.schedules.models import ScheduleVariant

pytestmark = pytest.mark.django_db
FIRST = dt.date(2027, 2, 1)
MIDNIGHT = dt.datetime(2027, 1, 31, 21, tzinfo=dt.UTC)
"""In Moscow, whose clock the group has."""
HOUR = dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    cache.clear()
    with time_machine.travel(MIDNIGHT + 12 * HOUR, tick=False):
        yield
    cache.clear()


@pytest.fixture
def queue() -> Queue:
    return make_queue(time_zone="Europe/Moscow")


@pytest.fixture
def variant(queue: Queue) -> ScheduleVariant:
    group = make_group(queue, time_zone="Europe/Moscow")
    return make_variant(group, FIRST, state=VariantState.PUBLISHED)


def shift(variant: ScheduleVariant, queue: Queue, start: dt.datetime, hours: int, day: dt.date) -> None:
    parts = [("work", hours * 60)]
    make_shift(variant, make_employee(), start, parts, queue, local_date=day, is_published=True)


def days(weeks: int = 1) -> list[Day]:
    return list(coverage(weeks).days)


def test_a_night_that_began_the_day_before_counts_where_it_lies(
    variant: ScheduleVariant, queue: Queue
) -> None:
    shift(variant, queue, MIDNIGHT - 2 * HOUR, 8, FIRST - dt.timedelta(days=1))
    assert [day.scheduled_s for day in days()] == [6 * 3600, 0, 0, 0, 0, 0, 0]


def test_a_shift_of_a_zone_whose_day_has_begun_counts_on_the_last_day(
    variant: ScheduleVariant, queue: Queue
) -> None:
    """By the clock of Vladivostok it is the eighth already."""
    start = MIDNIGHT + (6 * 24 + 18) * HOUR
    shift(variant, queue, start, 8, FIRST + dt.timedelta(days=7))
    assert [day.scheduled_s for day in days()] == [0, 0, 0, 0, 0, 0, 6 * 3600]


def test_what_is_required_by_the_hour_is_required_in_each_of_its_quarters(
    variant: ScheduleVariant, queue: Queue
) -> None:
    make_requirement(queue, MIDNIGHT, [3] * 24 * 7, step_s=3600)
    shift(variant, queue, MIDNIGHT, 1, FIRST)
    first, *others = days()
    assert (first.required_s, first.under_s) == (3 * 86_400, 3 * 86_400 - 3600)
    assert {(day.required_s, day.under_s) for day in others} == {(3 * 86_400, 3 * 86_400)}


def test_one_queue_with_too_many_does_not_help_another(variant: ScheduleVariant, queue: Queue) -> None:
    other = make_queue(time_zone="Europe/Moscow")
    make_requirement(queue, MIDNIGHT, [1] * 24, step_s=3600)
    for _person in range(2):
        shift(variant, other, MIDNIGHT, 24, FIRST)
    first = days()[0]
    assert (first.under_s, first.over_s) == (86_400, 2 * 86_400)
