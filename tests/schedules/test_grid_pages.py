"""The grids of a month and a day, the requirement, and one's own schedule."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.schedules.choices import VariantState
from apps.schedules.models import PlannedPerson, ScheduleVariant
from apps.staffing.models import RequirementPoint
from benchmarks.pages_data import make_month
from tests.factories import make_absence, make_user

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django import DjangoAssertNumQueries

    from benchmarks.pages_data import MonthOfPeople

pytestmark = pytest.mark.django_db
MONTH = dt.date(2027, 2, 1)
PLACE = "/planning/bank/2027-02/"
PEOPLE = 12


@pytest.fixture
def made(client: Client) -> MonthOfPeople:
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    client.force_login(make_user("planner"))
    return make_month("bank", people=PEOPLE, month=MONTH)


def test_month_shows_everybody_with_times_on_their_own_clock(client: Client, made: MonthOfPeople) -> None:
    page = client.get(f"{PLACE}schedule/")
    rows = page.context["rows"]
    assert len(rows) == PEOPLE
    first = next(cells for row, _head, cells, _balance in rows if row.employee_id == made.employees[1].pk)
    assert "<b>09:00</b><i>18:00</i>" in first
    night = next(cells for row, _head, cells, _balance in rows if row.employee_id == made.employees[4].pk)
    assert 'class="c s night' in night
    assert "<b>20:00</b><i>05:00</i>" in night


def test_each_row_of_a_month_names_its_clock(client: Client, made: MonthOfPeople) -> None:
    page = client.get(f"{PLACE}schedule/")
    heads = {row.zone: head for row, head, _cells, _balance in page.context["rows"]}
    assert '<span class="zone">UTC+5</span>' in heads["Asia/Yekaterinburg"]
    assert "each on the own clock" in page.content.decode()
    one = client.get(f"{PLACE}schedule/", {"clock": "Asia/Yekaterinburg"})
    assert all('class="zone"' not in head for _row, head, _cells, _balance in one.context["rows"])
    assert "each on the own clock" not in one.content.decode()
    assert made.variant == page.context["variant"]


def test_absences_stand_in_the_grid_with_a_legend(client: Client, made: MonthOfPeople) -> None:
    person = made.employees[0]
    made.variant.shifts.filter(employee=person).delete()
    make_absence(person, dt.date(2027, 2, 3), dt.date(2027, 2, 4))
    page = client.get(f"{PLACE}schedule/")
    cells = next(
        cells for row, _head, cells, _balance in page.context["rows"] if row.employee_id == person.pk
    )
    assert cells.count(">V</span>") == 2
    assert [code for code, _name in page.context["absences"]] == ["V"]


def test_filters_narrow_the_rows_and_can_be_cleared(client: Client, made: MonthOfPeople) -> None:
    department = made.departments[0]
    page = client.get(f"{PLACE}schedule/", {"department": department.pk})
    assert {row.department for row, *_cells in page.context["rows"]} == {department.name}
    assert "Clear" in page.content.decode()
    nobody = client.get(f"{PLACE}schedule/", {"name": "nobody of this name"})
    assert "Nobody fits the filters" in nobody.content.decode()
    number = made.employees[3].personnel_number
    assert len(client.get(f"{PLACE}schedule/", {"name": number}).context["rows"]) == 1


@pytest.mark.usefixtures("made")
@pytest.mark.parametrize("query", [{"department": "999999"}, {"order": "height"}, {"variant": "x"}])
def test_filters_of_nonsense_are_told(client: Client, query: dict[str, str]) -> None:
    assert client.get(f"{PLACE}schedule/", query).status_code == 400


def test_names_are_escaped(client: Client, made: MonthOfPeople) -> None:
    made.employees[0].last_name = "<script>alert(1)</script>"
    made.employees[0].save()
    for path in ("schedule/", "schedule/2027-02-03/"):
        text = client.get(f"{PLACE}{path}").content.decode()
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert" in text


def test_a_supervisor_sees_only_the_own_department_and_what_is_published(
    client: Client, made: MonthOfPeople
) -> None:
    client.force_login(make_user("supervisor", department=made.departments[1]))
    for path in ("schedule/", "schedule/2027-02-03/"):
        rows = client.get(f"{PLACE}{path}").context["rows"]
        assert {row.department for row, *_cells in rows} == {made.departments[1].name}
    ScheduleVariant.objects.update(state=VariantState.DRAFT, published_at=None)
    page = client.get(f"{PLACE}schedule/")
    assert page.context["variant"] is None
    assert "The planner has not published it yet" in page.content.decode()
    assert client.get(f"{PLACE}schedule/", {"variant": made.variant.pk}).status_code == 400
    assert client.get(f"{PLACE}").status_code == 403


def test_day_lays_the_parts_on_quarters_of_the_groups_clock(client: Client, made: MonthOfPeople) -> None:
    page = client.get(f"{PLACE}schedule/2027-02-02/")
    lanes = {row.employee_id: lane for row, _head, lane in page.context["rows"]}
    own = lanes[made.employees[1].pk]  # 09:00 in Yekaterinburg is 07:00 in Moscow
    assert 'class="seg work c28 w8"' in own
    assert 'class="seg break c36 w1"' in own
    assert 'title="09:00–09:15">B</span>' in own
    assert 'class="seg lunch c44 w4"' in own


def test_day_compares_the_cover_hour_by_hour(client: Client, made: MonthOfPeople) -> None:
    page = client.get(f"{PLACE}schedule/2027-02-02/")
    hours = page.context["hours"]
    assert len(hours) == 24
    slots = page.context["grid"].cover
    assert hours[12].scheduled == slots.scheduled[48:52].mean()
    assert hours[12].difference == slots.scheduled[48:52].mean() - slots.required[48:52].mean()
    assert page.context["strip"].count("<span") == 96
    assert made.variant == page.context["variant"]


def test_days_lead_on_within_the_month(client: Client, made: MonthOfPeople) -> None:
    assert made.month == MONTH
    first = client.get(f"{PLACE}schedule/2027-02-01/").context
    last = client.get(f"{PLACE}schedule/2027-02-28/").context
    assert (first["previous_day"], first["next_day"]) == (None, dt.date(2027, 2, 2))
    assert (last["previous_day"], last["next_day"]) == (dt.date(2027, 2, 27), None)


def test_requirement_adds_up_by_day(client: Client, made: MonthOfPeople) -> None:
    page = client.get(f"{PLACE}requirement/")
    days = page.context["days"]
    assert [day for day, _row in days][:: len(days) - 1] == [MONTH, dt.date(2027, 2, 28)]
    data = client.get(f"{PLACE}requirement/data/?from=2027-02-03&days=1").json()
    series = {item["kind"]: item["values"] for item in data["series"]}
    third = days[2][1]
    assert third.required == pytest.approx(sum(series["required"]) / 4)
    assert third.scheduled == pytest.approx(sum(series["scheduled"]) / 4)
    assert third.scheduled - third.required == pytest.approx(third.over - third.under)
    assert made.variant == page.context["variant"]


def test_requirement_before_a_plan_has_no_scheduled(client: Client, made: MonthOfPeople) -> None:
    planned = client.get(f"{PLACE}requirement/").context["days"]
    PlannedPerson.objects.all().delete()
    made.variant.shifts.all().delete()
    made.variant.requirements.clear()
    made.variant.delete()
    page = client.get(f"{PLACE}requirement/")
    assert [row.required for _day, row in page.context["days"]] == [row.required for _day, row in planned]
    assert page.context["days"][0][1].scheduled is None
    data = client.get(f"{PLACE}requirement/data/?days=28").json()
    assert [item["kind"] for item in data["series"]] == ["required"]


def test_chart_of_days_beyond_the_month_ends_with_it(client: Client, made: MonthOfPeople) -> None:
    data = client.get(f"{PLACE}requirement/data/?from=2027-02-27&days=7").json()
    assert len(data["labels"]) == 2 * 96
    assert data["labels"][-1] == "28.02 23:45"
    assert made.month == MONTH


def test_requirement_opens_on_the_first_day_that_asks_for_anybody(
    client: Client, made: MonthOfPeople
) -> None:
    second_week = dt.datetime(2027, 2, 8, 21, tzinfo=dt.UTC)
    points = RequirementPoint.objects.filter(version__in=made.variant.requirements.all())
    points.filter(start__lt=second_week).update(positions=0, required=0)
    page = client.get(f"{PLACE}requirement/")
    assert page.context["span"].first == dt.date(2027, 2, 9)
    assert page.context["intervals"]


@pytest.fixture
def employee(client: Client, made: MonthOfPeople) -> Client:
    user = make_user("employee")
    made.employees[1].user = user
    made.employees[1].save()
    client.force_login(user)
    return client


def test_my_schedule_shows_my_shifts_on_my_clock(employee: Client) -> None:
    page = employee.get("/my-schedule/?month=2027-02")
    day = next(day for day in page.context["schedule"].days if day.shifts)
    assert day.shifts[0].start == dt.datetime.combine(day.date, dt.time(9), ZoneInfo("Asia/Yekaterinburg"))
    text = page.content.decode()
    assert "09:00 – 18:00" in text
    assert "Asia/Yekaterinburg" in text


def test_a_month_that_is_not_published_says_so(employee: Client) -> None:
    text = employee.get("/my-schedule/?month=2027-06").content.decode()
    assert "Not published yet" in text
    assert employee.get("/my-schedule/?month=soon").status_code == 400


def test_someone_without_a_card_is_told(client: Client) -> None:
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    client.force_login(make_user("employee"))
    assert "not tied to an employee card" in client.get("/my-schedule/").content.decode()


@pytest.mark.usefixtures("made")
@pytest.mark.parametrize("path", ["schedule/", "schedule/2027-02-03/", "requirement/", ""])
def test_queries_do_not_grow_with_people(
    client: Client, path: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_month("more", people=3 * PEOPLE, month=MONTH)
    client.get(f"{PLACE}{path}")
    with CaptureQueriesContext(connection) as few:
        client.get(f"{PLACE}{path}")
    count = len(few)  # now: the next request clears the log
    client.get(f"/planning/more/2027-02/{path}")
    with django_assert_num_queries(count):
        client.get(f"/planning/more/2027-02/{path}")
