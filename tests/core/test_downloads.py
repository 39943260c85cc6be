"""Every table as a file: what is in it, who gets it, and that it holds what its page shows."""

from __future__ import annotations

import csv
import datetime as dt
import html
import io
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest
import python_calamine
from django.urls import reverse
from django.utils import translation

from apps.accounts.choices import Role
from apps.core.phrases import Phrase
from apps.demand.models import ImportRowError
from apps.forecasts.models import ForecastVersion
from apps.jobs.models import Job
from apps.schedules.models import RuleViolation
from apps.staffing.models import RequirementVersion
from benchmarks.pages_data import make_month
from tests.factories import make_absence, make_department, make_import_batch, make_user

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django import DjangoAssertNumQueries

    from benchmarks.pages_data import MonthOfPeople

pytestmark = pytest.mark.django_db
MONTH = dt.date(2027, 2, 1)
PLACE = ["bank", "2027-02"]
PEOPLE = 6


@pytest.fixture
def made(client: Client) -> MonthOfPeople:
    translation.activate("en")
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    client.force_login(make_user("planner"))
    return make_month("bank", people=PEOPLE, month=MONTH)


def sheet(client: Client, name: str, args: list[Any], /, **query: str) -> list[list[Any]]:
    answer = client.get(reverse(name, args=args), query)
    assert answer.status_code == 200, answer.content[:300]
    assert "attachment" in answer["Content-Disposition"]
    return python_calamine.load_workbook(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()


def under(rows: list[list[Any]], heading: str) -> list[dict[str, Any]]:
    """Give the rows below the line of headings that begins with `heading`."""
    at = next(index for index, row in enumerate(rows) if row[0] == heading)
    return [dict(zip(rows[at], row, strict=True)) for row in rows[at + 1 :]]


def violation(made: MonthOfPeople) -> None:
    RuleViolation.objects.create(
        variant=made.variant, employee=made.employees[0], code="daily_rest", mode="warn", key="short_rest",
        start=made.variant.shifts.first().start, end=made.variant.shifts.first().end, measured=1, limit=2,
    )  # fmt: skip


def test_the_month_has_people_days_and_totals(client: Client, made: MonthOfPeople) -> None:
    person = made.employees[0]
    made.variant.shifts.filter(employee=person, local_date=dt.date(2027, 2, 3)).delete()
    make_absence(person, dt.date(2027, 2, 3), dt.date(2027, 2, 3))
    rows = under(sheet(client, "schedules:month-download", PLACE), "Person")
    people, totals = rows[:PEOPLE], rows[PEOPLE:]
    first = next(row for row in people if row["Personnel number"] == person.personnel_number)
    assert first["3 Wed"] == "V"
    second = next(row for row in people if row["Personnel number"] == made.employees[1].personnel_number)
    assert "09:00–18:00" in second.values()
    assert [row["Person"] for row in totals][:2] == ["People shown at work", "Required, agent-hours"]
    assert totals[0]["Paid, h"] == pytest.approx(sum(row["Paid, h"] for row in people))
    worked = [row for row in people if "–" in str(row["2 Tue"])]
    assert totals[0]["2 Tue"] == len(worked)


def test_the_month_keeps_the_filters_of_its_page(client: Client, made: MonthOfPeople) -> None:
    number = made.employees[3].personnel_number
    rows = under(sheet(client, "schedules:month-download", PLACE, name=number), "Person")
    assert [row["Personnel number"] for row in rows if row["Personnel number"]] == [number]


@pytest.mark.usefixtures("made")
def test_the_day_has_quarters_of_an_hour(client: Client) -> None:
    rows = under(sheet(client, "schedules:day-download", [*PLACE, "2027-02-02"]), "Person")
    ten = "10:00 UTC+3"
    at_ten = [row[ten] for row in rows[:-3]]
    assert set(at_ten) <= {"", "W", "L", "B"}
    assert rows[-2][ten] >= sum(code == "W" for code in at_ten) - 1
    assert [row["Person"] for row in rows[-3:]] == ["Required, agents", "At work, agents", "Difference"]
    assert client.get(reverse("schedules:day-download", args=[*PLACE, "2027-03-02"])).status_code == 404


@pytest.mark.usefixtures("made")
def test_the_grids_say_whose_clock_their_times_are_on(client: Client) -> None:
    for name, args, query in (
        ("schedules:day-download", [*PLACE, "2027-02-02"], {"clock": "Asia/Novosibirsk"}),
        ("schedules:month-download", PLACE, {"clock": "Asia/Novosibirsk"}),
        ("schedules:month-download", PLACE, {}),
    ):
        answer = client.get(reverse(name, args=args), {"format": "csv", **query})
        rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
        people = [row for row in rows if row["Personnel number"]]
        assert people
        for row in people:
            told = query.get("clock", row["Own time zone"])
            assert row["Times here on the clock of"] == told, name
        if "day" in name:
            assert "00:00 UTC+7" in rows[0]


def test_shifts_are_told_on_both_clocks(client: Client, made: MonthOfPeople) -> None:
    rows = under(sheet(client, "schedules:shifts-download", PLACE), "Personnel number")
    assert len(rows) == made.variant.shifts.count()
    zone = made.group.time_zone
    assert all(isinstance(row[f"From, {zone}"], dt.datetime) for row in rows)
    assert {row["Own time zone"] for row in rows} == set(
        made.variant.people.values_list("time_zone", flat=True)
    )


def test_violations_people_requirement_and_forecast(client: Client, made: MonthOfPeople) -> None:
    violation(made)
    (found,) = under(sheet(client, "schedules:violations-download", PLACE), "Person")
    assert found["Strictness"] == "Warn"
    assert len(under(sheet(client, "schedules:people-download", PLACE), "Personnel number")) == PEOPLE
    requirement = RequirementVersion.objects.get()
    points = sheet(client, "staffing:points-download", [requirement.pk])
    heading = f"Interval start, {made.queue.time_zone}"
    assert str(under(points, heading)[0][heading]) == "2027-02-01", "midnight on the queue's clock"
    version = ForecastVersion.objects.get()
    forecast = under(sheet(client, "forecasts:points-download", [version.pk]), heading)
    assert len(forecast) == len(under(points, heading))
    assert (
        under(sheet(client, "forecasts:versions-download", [made.queue.code]), "Version")[0]["Version"] == 1
    )
    assert sheet(client, "forecasts:accuracy-download", [version.pk])


def test_people_keep_their_leading_zeros_and_queues_their_hours(client: Client, made: MonthOfPeople) -> None:
    person = made.employees[0]
    person.personnel_number = "000042"
    person.last_name = "=1+1"
    person.save()
    rows = under(sheet(client, "organization:employees-download", []), "Personnel number")
    assert {"000042"} < {row["Personnel number"] for row in rows}
    assert any(row["Full name"].startswith("=1+1") for row in rows)
    answer = client.get(reverse("organization:employees-download"), {"format": "csv"})
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert any(cell.startswith("'=1+1") for line in lines for cell in line)
    assert under(sheet(client, "organization:queues-download", []), "Code")[0]["Code"] == made.queue.code


def test_jobs_imports_and_refused_rows(client: Client, made: MonthOfPeople) -> None:
    Job.objects.create(kind="demand.import", title=Phrase.plain("=HYPERLINK()"), queue="bulk")
    assert under(sheet(client, "jobs:list-download", []), "Job")[0]["Job"] == "=HYPERLINK()"
    batch = make_import_batch(made.queue, file_name="h.xlsx", details={"sheet": "Лист1"})
    ImportRowError.objects.create(
        batch=batch, line=7, column="B: Calls", reason=Phrase.plain("Bad"), value="-5"
    )
    (error,) = under(sheet(client, "demand:import-errors-download", [batch.pk]), "Sheet")
    assert error == {
        "Sheet": "Лист1",
        "Line": 7,
        "Column": "B: Calls",
        "Reason": "Bad",
        "What stood there": "-5",
    }
    assert under(sheet(client, "demand:imports-download", [made.queue.code]), "File")[0]["File"] == "h.xlsx"


@pytest.mark.usefixtures("made")
def test_the_file_is_named_in_the_reader_s_language(client: Client) -> None:
    answer = client.get(reverse("schedules:month-download", args=PLACE), HTTP_ACCEPT_LANGUAGE="ru")
    assert "График" in unquote(answer["Content-Disposition"])
    assert answer["Cache-Control"] == "no-store, private"


@pytest.mark.usefixtures("made")
def test_a_format_that_is_not_known_is_refused(client: Client) -> None:
    answer = client.get(reverse("jobs:list-download"), {"format": "exe"})
    assert answer.status_code == 400


DOORS = [
    ("schedules:month-download", PLACE),
    ("schedules:day-download", [*PLACE, "2027-02-02"]),
    ("schedules:shifts-download", PLACE),
    ("schedules:violations-download", PLACE),
    ("schedules:people-download", PLACE),
    ("organization:employees-download", []),
    ("organization:queues-download", []),
]


@pytest.mark.usefixtures("made")
@pytest.mark.parametrize(("name", "args"), DOORS)
def test_an_employee_gets_none_of_the_plan(client: Client, name: str, args: list[str]) -> None:
    client.force_login(make_user(Role.EMPLOYEE))
    assert client.get(reverse(name, args=args)).status_code == 403
    client.logout()
    assert client.get(reverse(name, args=args)).status_code == 302


def test_a_supervisor_gets_own_people_only(client: Client, made: MonthOfPeople) -> None:
    client.force_login(make_user(Role.SUPERVISOR, department=made.departments[0]))
    numbers = {
        row["Personnel number"]
        for row in under(sheet(client, "schedules:shifts-download", PLACE), "Personnel number")
    }
    own = made.variant.people.filter(department=made.departments[0])
    assert numbers == set(own.values_list("employee__personnel_number", flat=True))
    assert numbers
    people = under(sheet(client, "organization:employees-download", []), "Personnel number")
    assert {row["Personnel number"] for row in people} == numbers
    other = make_department()
    client.force_login(make_user(Role.SUPERVISOR, department=other))
    assert not under(sheet(client, "schedules:shifts-download", PLACE), "Personnel number")


def test_what_only_planners_see_is_not_for_supervisors(client: Client, made: MonthOfPeople) -> None:
    client.force_login(make_user(Role.SUPERVISOR, department=made.departments[0]))
    version, requirement = ForecastVersion.objects.get(), RequirementVersion.objects.get()
    batch = make_import_batch(made.queue)
    for name, args in (
        ("demand:history-download", [made.queue.code]),
        ("demand:history-template", [made.queue.code]),
        ("demand:imports-download", [made.queue.code]),
        ("demand:import-errors-download", [batch.pk]),
        ("forecasts:versions-download", [made.queue.code]),
        ("forecasts:points-download", [version.pk]),
        ("forecasts:accuracy-download", [version.pk]),
        ("staffing:points-download", [requirement.pk]),
    ):
        assert client.get(reverse(name, args=args)).status_code == 403, name


@pytest.mark.usefixtures("made")
def test_the_number_of_queries_does_not_grow_with_people(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for name, args in DOORS:
        with django_assert_max_num_queries(26):
            sheet(client, name, args)


def test_every_link_to_a_file_on_a_page_leads_to_one(client: Client, made: MonthOfPeople) -> None:
    batch = make_import_batch(made.queue)
    ImportRowError.objects.create(batch=batch, line=7, reason=Phrase.plain("Bad"))
    code = made.queue.code
    violation(made)
    place = "/planning/bank/2027-02/"
    pages = {
        f"{place}schedule/?name=0": 8, f"{place}schedule/2027-02-02/": 6, f"{place}requirement/": 2,
        f"/queues/{code}/forecast/": 4, f"/queues/{code}/history/": 4, f"/history-imports/{batch.pk}/": 2,
        "/jobs/": 2,
    }  # fmt: skip
    for address, least in pages.items():
        page = client.get(address).content.decode()
        links = {
            html.unescape(link) for link in re.findall(r'href="([^"]*(?:download|template)/[^"]*)"', page)
        }
        assert len(links) >= least, address
        for link in links:
            answer = client.get(link)
            assert answer.status_code == 200, link
            assert "attachment" in answer["Content-Disposition"], link


@pytest.mark.usefixtures("made")
@pytest.mark.parametrize(("model", "name"), [("employee", "employees"), ("queue", "queues")])
def test_the_lists_of_master_data_lead_to_their_files(client: Client, model: str, name: str) -> None:
    client.force_login(make_user("admin", is_staff=True, is_superuser=True))
    page = client.get(f"/admin/organization/{model}/").content.decode()
    assert f'href="/{name}/download/?format=xlsx"' in page
