"""Days on which the clock is set: 25 and 23 hours of Berlin, at the times that its clocks show."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from apps.core.zones import midnight
from apps.schedules.views.day_clock import day_clock
from tests.factories.accounts import make_user
from tests.factories.organization import make_site
from tests.factories.schedules import make_absence, make_shift, make_variant
from tests.factories.staffing import make_requirement
from tests.schedules.scenes import make_scene, plan_person

if TYPE_CHECKING:
    from django.test import Client

    from apps.schedules.views.day_clock import DayClock

BERLIN = "Europe/Berlin"
LONG, SHORT = dt.date(2026, 10, 25), dt.date(2027, 3, 28)
"""Directive 2000/84/EC: the last Sundays of October and March, at 01:00 UTC."""
TURN = {
    LONG: dt.datetime(2026, 10, 25, 1, tzinfo=dt.UTC),
    SHORT: dt.datetime(2027, 3, 28, 1, tzinfo=dt.UTC),
}


def hands_of(day: dt.date, zone: str = BERLIN) -> DayClock:
    return day_clock(midnight(day, zone), midnight(day + dt.timedelta(days=1), zone), zone)


def test_a_day_set_back_has_an_hour_twice() -> None:
    hands = hands_of(LONG)
    assert hands.slots == 100
    assert [hour.name for hour in hands.hours[:5]] == ["00", "01", "02", "02", "03"]
    assert [hour.told for hour in hands.hours[2:4]] == ["02:00 UTC+2", "02:00 UTC+1"]
    assert [hands.marks[slot] for slot in (7, 8, 12, 16, 99, 100)] == [
        "01:45",
        "02:00 UTC+2",
        "02:00 UTC+1",
        "03:00",
        "23:45",
        "24:00",
    ]
    assert hands.distances == ("UTC+2", "UTC+1")


def test_a_day_set_forward_leaves_an_hour_out() -> None:
    hands = hands_of(SHORT)
    assert hands.slots == 92
    assert [hour.name for hour in hands.hours] == [f"{hour:02d}" for hour in range(24) if hour != 2]
    assert (hands.marks[7], hands.marks[8], hands.marks[-1]) == ("01:45", "03:00", "24:00")


def test_a_usual_day_and_one_set_by_half_an_hour() -> None:
    usual = hands_of(dt.date(2026, 10, 26))
    assert (usual.slots, len(usual.hours), usual.is_usual) == (96, 24, True)
    assert usual.marks[37] == "09:15"
    assert {hour.slots for hour in usual.hours} == {4}
    half = hands_of(dt.date(2026, 10, 4), "Australia/Lord_Howe")
    assert half.slots == 94
    assert [(hour.name, hour.slots) for hour in half.hours[1:4]] == [("01", 4), ("02", 2), ("03", 4)]


@pytest.mark.django_db
@pytest.mark.parametrize(("day", "slots"), [(LONG, 100), (SHORT, 92)])
def test_the_day_page_shows_the_whole_day_at_its_times(client: Client, day: dt.date, slots: int) -> None:
    """One from 08:00 to 20:00, one all night until 04:00: the cover of the last hour counts, labels fit."""
    scene = make_scene()
    scene.group.time_zone = BERLIN
    scene.group.save()
    late, night, away = scene.add_people(3, site=make_site(time_zone=BERLIN))
    start = midnight(day.replace(day=1), BERLIN)
    n_slots = int((midnight(day + dt.timedelta(days=1), BERLIN) - start).total_seconds()) // 900
    scene.requirement = make_requirement(scene.queue, start, [2] * n_slots)
    variant = make_variant(scene.group, day.replace(day=1))
    variant.requirements.set([scene.requirement])
    for person in (late, night, away):
        plan_person(variant, scene, person)
    end = midnight(day + dt.timedelta(days=1), BERLIN)
    make_shift(variant, late, end - dt.timedelta(hours=8), (("work", 480),), scene.queue, local_date=day)
    make_shift(
        variant, night, TURN[day] - dt.timedelta(hours=1), (("work", 180),), scene.queue, local_date=day
    )
    make_absence(away, day, day, zone=BERLIN)
    client.force_login(make_user("planner"))
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    page = client.get(f"/planning/{scene.group.code}/{day:%Y-%m}/schedule/{day}/")
    text = page.content.decode()
    assert f"day-grid slots-{slots}" in text
    assert page.context["strip"].count("<span") == slots
    hours = page.context["hours"]
    assert len(hours) == slots // 4
    assert [(hours[-1].required, hours[-1].scheduled), (hours[0].required, hours[0].scheduled)] == [
        (2, 1),
        (2, 0),
    ]
    lanes = {row.employee_id: lane for row, _head, lane in page.context["rows"]}
    assert f'class="seg work c{slots - 32} w32" aria-label="W 16:00–24:00"' in lanes[late.pk]
    told = {LONG: "02:00 UTC+2–04:00", SHORT: "01:00–05:00"}[day]
    assert f'class="seg work c{8 if day == LONG else 4} w12" aria-label="W {told}"' in lanes[night.pk]
    assert f"absence c0 w{slots}" in lanes[away.pk]
    spoken = {LONG: "Europe/Berlin (UTC+2 / UTC+1)", SHORT: "Europe/Berlin (UTC+1 / UTC+2)"}[day]
    assert spoken in text
