"""One's own shifts: the one that runs or comes next, and the month that opens."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from apps.schedules.choices import VariantState
from apps.schedules.selectors.my_schedule import my_schedule, next_shift
from tests.factories.accounts import make_user
from tests.factories.schedules import make_shift, make_variant
from tests.schedules.scenes import MONTH, MOSCOW, Scene, make_plan, make_scene

if TYPE_CHECKING:
    from django.test import Client
    from time_machine import TimeMachineFixture

    from apps.organization.models import Employee
    from apps.schedules.models import ScheduleVariant, Shift

pytestmark = pytest.mark.django_db
NIGHT = (("work", 240), ("lunch", 60), ("work", 240))
LAST_EVENING = dt.datetime(2027, 2, 28, 20, tzinfo=MOSCOW)


@dataclass
class Mine:
    """A person with a published, still empty February, and the page as that person sees it."""

    client: Client
    scene: Scene
    person: Employee
    variant: ScheduleVariant

    def work(self, start: dt.datetime, parts: tuple[tuple[str, int], ...] = NIGHT) -> Shift:
        return make_shift(self.variant, self.person, start, parts, self.scene.queue, is_published=True)

    def page(self, query: str = "") -> Any:
        assert self.person.user is not None
        self.client.force_login(self.person.user)
        return self.client.get(f"/my-schedule/{query}")


@pytest.fixture
def mine(client: Client) -> Mine:
    scene = make_scene(people=1)
    (person,) = scene.people
    variant = make_plan(scene, days=range(0))
    variant.state, variant.published_at = VariantState.PUBLISHED, dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
    variant.save()
    person.user = make_user("employee")
    person.save()
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return Mine(client, scene, person, variant)


@pytest.mark.parametrize("hour", [22, 28])
def test_a_night_runs_until_its_end_past_the_turn_of_the_month(
    mine: Mine, time_machine: TimeMachineFixture, hour: int
) -> None:
    night = mine.work(LAST_EVENING)
    mine.work(LAST_EVENING + dt.timedelta(days=2))
    time_machine.move_to(LAST_EVENING.replace(hour=0) + dt.timedelta(hours=hour), tick=False)
    page = mine.page()
    assert page.context["next_shift"].start == night.start
    assert page.context["next_shift"].date == dt.date(2027, 2, 28)
    assert "On shift now" in page.content.decode()


def test_a_night_of_yesterday_runs_today(mine: Mine, time_machine: TimeMachineFixture) -> None:
    night = mine.work(dt.datetime(2027, 2, 10, 20, tzinfo=MOSCOW))
    time_machine.move_to(night.end - dt.timedelta(minutes=1), tick=False)
    assert mine.page().context["next_shift"].start == night.start
    time_machine.move_to(night.end, tick=False)
    assert mine.page().context["next_shift"] is None


def test_the_next_shift_is_the_soonest_and_published(mine: Mine) -> None:
    later = mine.work(dt.datetime(2027, 2, 12, 9, tzinfo=MOSCOW))
    sooner = mine.work(dt.datetime(2027, 2, 11, 9, tzinfo=MOSCOW))
    draft = make_variant(mine.scene.group, MONTH)
    make_shift(draft, mine.person, dt.datetime(2027, 2, 10, 9, tzinfo=MOSCOW))
    make_shift(mine.variant, None, dt.datetime(2027, 2, 10, 9, tzinfo=MOSCOW), is_published=True)
    found = next_shift(mine.person, dt.datetime(2027, 2, 9, tzinfo=MOSCOW))
    assert found is not None
    assert found.start == sooner.start
    assert [part.kind for part in found.segments] == ["work", "lunch", "work"]
    after = next_shift(mine.person, sooner.end)
    assert after is not None
    assert after.start == later.start


def test_a_split_day_keeps_both_shifts(mine: Mine) -> None:
    morning = mine.work(dt.datetime(2027, 2, 3, 8, tzinfo=MOSCOW), (("work", 180),))
    evening = mine.work(dt.datetime(2027, 2, 3, 17, tzinfo=MOSCOW), (("work", 240),))
    schedule = my_schedule(mine.person, MONTH)
    assert [shift.start for shift in schedule.days[2].shifts] == [morning.start, evening.start]
    assert schedule.paid_s == 7 * 3600
    text = mine.page("?month=2027-02").content.decode()
    assert "08:00 – 11:00" in text
    assert "17:00 – 21:00" in text


def test_an_empty_month_opens_at_the_next_published_shift(
    mine: Mine, time_machine: TimeMachineFixture
) -> None:
    shift = mine.work(dt.datetime(2027, 2, 1, 9, tzinfo=MOSCOW))
    time_machine.move_to(dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC), tick=False)
    page = mine.page()
    assert page.context["month"] == MONTH
    assert page.context["next_shift"].start == shift.start
    assert mine.page("?month=2026-11").context["month"] == dt.date(2026, 11, 1)


def test_a_month_of_vacation_that_is_published_stays_open(
    mine: Mine, time_machine: TimeMachineFixture
) -> None:
    march = make_variant(mine.scene.group, dt.date(2027, 3, 1))
    make_shift(march, mine.person, dt.datetime(2027, 3, 1, 9, tzinfo=MOSCOW), is_published=True)
    time_machine.move_to(dt.datetime(2027, 2, 5, 12, tzinfo=dt.UTC), tick=False)
    assert mine.page().context["month"] == MONTH


def test_today_is_that_of_the_own_clock(mine: Mine, time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(dt.datetime(2027, 1, 31, 22, 30, tzinfo=dt.UTC), tick=False)
    page = mine.page()
    assert page.context["today"] == MONTH
    assert page.context["month"] == MONTH
    assert ZoneInfo(page.context["schedule"].zone) == MOSCOW


def test_without_any_shift_ahead_this_month_opens(mine: Mine, time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC), tick=False)
    assert mine.page().context["month"] == dt.date(2026, 11, 1)
