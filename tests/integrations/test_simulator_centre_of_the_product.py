"""A simulated centre that lives the published schedule of the product."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from apps.algorithms.simulation import WORK, Deviations
from apps.core.errors import NotFoundError
from apps.integrations.selectors.centre_for_simulator import centre_for_simulator
from apps.integrations.simulators.contact_centre.centre import Centre, Clock
from apps.schedules.choices import VariantState
from tests.factories import make_employee, make_forecast, make_group, make_queue, make_shift, make_variant

if TYPE_CHECKING:
    from collections.abc import Callable

    from apps.organization.models import Queue

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Europe/Moscow")
MONTH = dt.date(2027, 2, 1)
TODAY = dt.date(2026, 11, 20)
PARTS = (("work", 240), ("lunch", 60), ("work", 240))


def at(day: dt.date, hour: int) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour), ZONE)


@pytest.fixture
def queue() -> Queue:
    """Two people: one from 9 on all weekdays of February, one on the nights from Sunday to Monday."""
    queue = make_queue(code="cards", step_minutes=60)
    group = make_group(queue, code="cards")
    variant = make_variant(group, month=MONTH, state=VariantState.PUBLISHED)
    early, night = (make_employee(personnel_number=number) for number in ("000007", "000008"))
    for number in range(28):
        day = MONTH + dt.timedelta(days=number)
        if day.weekday() < 5:
            make_shift(variant, early, at(day, 9), parts=PARTS, queue=queue)
        if day.weekday() == 6:
            make_shift(variant, night, at(day, 20), parts=PARTS, queue=queue)
    calls = [10.0 if 9 <= hour % 24 < 18 else 0.0 for hour in range(28 * 24)]
    make_forecast(queue, at(MONTH, 0), calls, step_s=3600)
    return queue


def test_today_is_lived_as_the_same_weekday_of_the_published_month(
    queue: Queue, django_assert_max_num_queries: Callable[..., object]
) -> None:
    with django_assert_max_num_queries(10):
        plan = centre_for_simulator(TODAY, days_back=10, days_ahead=20)
    (group,) = plan.groups
    assert (group.plan.key, group.service_id, group.channel) == (
        queue.code,
        queue.service.code,
        "INCOMING_CALLS",
    )
    assert {person.key for person in plan.people} == {"000007", "000008"}
    early, night = plan.people
    assert early.groups == ("cards",)
    starts = {dt.datetime.fromtimestamp(duty.start_s, ZONE) for duty in early.duties if duty.kind == WORK}
    days = [TODAY + dt.timedelta(days=number) for number in range(-10, 20)]
    assert {at(day, 9) for day in days if day.weekday() < 5} <= starts
    assert {start.date() for start in starts} == {day for day in days if day.weekday() < 5}
    assert {duty.kind for duty in early.duties} == {WORK, "lunch"}
    assert {dt.datetime.fromtimestamp(duty.start_s, ZONE).weekday() for duty in night.duties} == {6, 0}
    arrivals = group.plan.arrivals
    by_hour = {
        dt.datetime.fromtimestamp(arrivals.start_s + row * arrivals.step_s, ZONE).hour
        for row, value in enumerate(arrivals.expected)
        if value
    }
    assert by_hour == set(range(9, 18))


@pytest.mark.usefixtures("queue")
def test_days_of_the_published_month_are_lived_as_published() -> None:
    plan = centre_for_simulator(dt.date(2027, 2, 3), days_back=2, days_ahead=3, group_codes=["cards"])
    (early, *_others) = plan.people
    starts = sorted({dt.datetime.fromtimestamp(duty.start_s, ZONE).date() for duty in early.duties})
    assert starts == [dt.date(2027, 2, day) for day in range(1, 6)]
    now_s = at(dt.date(2027, 2, 3), 15).timestamp()
    centre = Centre(plan, Clock(now_s, 0), history_days=1, seed=1, deviations=Deviations())
    contacts = centre.simulation.contacts()
    assert 100 < len(contacts.group) < 200
    assert (contacts.agent >= -1).all()


def test_nothing_published_is_said() -> None:
    make_variant(make_group(make_queue()), month=MONTH)
    with pytest.raises(NotFoundError, match="Не опубликован"):
        centre_for_simulator(TODAY, days_back=1, days_ahead=1)
