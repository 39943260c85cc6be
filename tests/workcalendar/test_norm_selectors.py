import datetime as dt
from fractions import Fraction

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.algorithms.norms import NormPeriod
from apps.organization.models import Employee
from apps.workcalendar.errors import CalendarMissingError
from apps.workcalendar.selectors import day_kinds, employee_norms, norm_minutes, working_days
from apps.workcalendar.services.loading import load_bundled_calendars
from tests.factories import make_calendar, make_employee, make_site, make_terms

pytestmark = pytest.mark.django_db
JANUARY, DECEMBER = dt.date(2026, 1, 1), dt.date(2026, 12, 31)


def hired(first: dt.date = dt.date(2020, 1, 1), last: dt.date | None = None, **terms: object) -> Employee:
    person = make_employee(hired_on=first, dismissed_on=last)
    person.terms.all().delete()
    make_terms(person, **({"valid_from": first} | terms))
    return person


@pytest.fixture(autouse=True)
def _calendars() -> None:
    load_bundled_calendars()


def test_a_full_year_of_forty_hours() -> None:
    assert norm_minutes(hired().pk, JANUARY, DECEMBER) == 1972 * 60


def test_quarters_of_a_reduced_week() -> None:
    person = hired(weekly_norm_minutes=36 * 60)
    rows = employee_norms([person.pk], JANUARY, DECEMBER, NormPeriod.QUARTER)[person.pk]
    assert [(row.first.month, row.last.month) for row in rows] == [(1, 3), (4, 6), (7, 9), (10, 12)]
    assert sum((row.minutes for row in rows), Fraction(0)) == Fraction("1774.4") * 60


def test_a_rate_is_already_in_the_weekly_norm() -> None:
    person = hired(weekly_norm_minutes=20 * 60, rate="0.5")
    assert norm_minutes(person.pk, dt.date(2026, 11, 1), dt.date(2026, 11, 30)) == 20 * 240 - 60


def test_hire_and_dismissal_cut_the_norm() -> None:
    person = hired(dt.date(2026, 1, 19), dt.date(2026, 2, 6))
    rows = employee_norms([person.pk], JANUARY, DECEMBER)[person.pk]
    assert [(row.first, row.last, row.minutes) for row in rows] == [
        (dt.date(2026, 1, 19), dt.date(2026, 1, 31), Fraction(10 * 480)),
        (dt.date(2026, 2, 1), dt.date(2026, 2, 6), Fraction(5 * 480)),
    ]


def test_terms_that_outlive_the_employment_count_to_its_last_day() -> None:
    person = hired(valid_to=dt.date(2026, 1, 16))
    Employee.objects.filter(pk=person.pk).update(dismissed_on=dt.date(2026, 1, 13))
    make_terms(person, valid_from=dt.date(2026, 1, 17))
    assert norm_minutes(person.pk, JANUARY, DECEMBER) == 2 * 480


def test_a_change_of_the_week_and_of_the_site_counts_from_its_day() -> None:
    make_calendar("plain", years=(2026,))
    person = hired(valid_to=dt.date(2026, 2, 15))
    moved = make_site(calendar_code="plain")
    make_terms(person, valid_from=dt.date(2026, 2, 16), site=moved, weekly_norm_minutes=30 * 60)
    # 23 February is a holiday in the first calendar only: 10 working days of 6 hours in the second.
    february = norm_minutes(person.pk, dt.date(2026, 2, 1), dt.date(2026, 2, 28))
    assert february == 10 * 480 + 10 * 360


def test_nobody_owes_anything_outside_employment() -> None:
    person = hired(dt.date(2026, 6, 1))
    assert employee_norms([person.pk], JANUARY, dt.date(2026, 1, 31)) == {person.pk: []}
    assert norm_minutes(person.pk, JANUARY, dt.date(2026, 1, 31)) == 0


def test_the_number_of_queries_does_not_grow_with_people() -> None:
    few = [hired().pk]
    many = few + [hired().pk for _ in range(8)]
    with CaptureQueriesContext(connection) as one:
        employee_norms(few, JANUARY, DECEMBER)
    with CaptureQueriesContext(connection) as nine:
        employee_norms(many, JANUARY, DECEMBER)
    assert len(one) == len(nine) == 4


def test_a_year_that_is_not_filled_is_named_not_guessed() -> None:
    with pytest.raises(CalendarMissingError, match="2028"):
        day_kinds("ru", dt.date(2027, 12, 1), dt.date(2031, 1, 1))
    with pytest.raises(CalendarMissingError, match="nowhere"):
        working_days(["ru", "nowhere"], JANUARY, DECEMBER)
    with pytest.raises(CalendarMissingError):
        norm_minutes(hired().pk, dt.date(2030, 1, 1), dt.date(2030, 1, 31))


def test_a_leave_is_extended_by_holidays_only() -> None:
    """25 April and 14 days: 1 and 9 May extend it, 11 May (moved) does not: the last day is 10 May."""
    days = day_kinds("ru", dt.date(2026, 4, 25), dt.date(2026, 5, 31))
    charged = [day.date for day in days.values() if day.kind != "holiday"][:14]
    assert charged[-1] == dt.date(2026, 5, 10)
    back = next(day.date for day in days.values() if day.date > charged[-1] and day.is_working)
    assert back == dt.date(2026, 5, 12)
