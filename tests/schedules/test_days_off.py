from __future__ import annotations

import datetime as dt

import pytest

from apps.schedules.selectors.days_off import group_days_off, own_days_off
from apps.workcalendar.services.loading import load_bundled_calendars
from tests.factories import make_employee, make_group, make_queue, make_site

pytestmark = pytest.mark.django_db
NEW_YEAR = [dt.date(2027, 1, day) for day in range(1, 13)]
FREE = [True] * 10 + [False] * 2  # 1 to 8 January are holidays, 9 and 10 a weekend


def test_a_month_shows_the_holidays_of_the_calendar() -> None:
    load_bundled_calendars()
    group = make_group(make_queue(calendar_code="ru"))
    assert group_days_off(group, NEW_YEAR) == FREE
    person = make_employee(site=make_site(calendar_code="ru"), valid_from=dt.date(2026, 1, 1))
    assert own_days_off(person, NEW_YEAR) == FREE


def test_without_a_filled_calendar_the_weekends_stand_for_it() -> None:
    group = make_group(make_queue(calendar_code="ru"))
    assert group_days_off(group, NEW_YEAR) == [day.weekday() >= 5 for day in NEW_YEAR]
    assert group_days_off(make_group(), NEW_YEAR) == [day.weekday() >= 5 for day in NEW_YEAR]
