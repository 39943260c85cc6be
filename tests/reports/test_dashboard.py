"""The chain at a glance: what it counts, who sees it, and that it asks the database no more for more data."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from apps.accounts.choices import Role
from apps.core import clock
from apps.core.errors import NotAllowedError
from apps.core.phrases import Phrase
from apps.core.services.partition_upkeep import keep_partitions
from apps.demand.choices import ImportState
from apps.forecasts.choices import VersionState
from apps.forecasts.models import ForecastVersion
from apps.jobs.choices import JobState
from apps.jobs.models import Job
from apps.reports.selectors import coverage, dashboard
from apps.schedules.choices import RuleMode, VariantState
from apps.schedules.models import RuleViolation, ScheduleVariant
from apps.staffing.models import RequirementPoint, RequirementVersion
from benchmarks.pages_data import make_month
from tests.factories import make_department, make_import_batch, make_queue, make_user

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.test import Client

    from apps.accounts.models import User
    from benchmarks.pages_data import MonthOfPeople

pytestmark = pytest.mark.django_db
MONTH = dt.date(2027, 2, 1)
NOW = dt.datetime(2027, 2, 1, 9, tzinfo=dt.UTC)
QUERIES = 21
"""Of a whole page, with session, rights and frame."""


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    cache.clear()
    with time_machine.travel(NOW, tick=False):
        yield
    cache.clear()


@pytest.fixture
def planner() -> User:
    return make_user(Role.PLANNER, username="planner")


def _kinds(user: User) -> dict[str, list[str]]:
    with override("en"):
        return {kind.items[0].kind: [item.about for item in kind.items] for kind in dashboard(user).waiting}


def _fail(key: str = "", **facts: object) -> Job:
    title, reason = Phrase.plain("Import"), Phrase.plain("No rows")
    common = {"kind": "x", "queue": "bulk", "dedupe_key": key, "title": title}
    outcome = {"state": JobState.FAILED, "reason": reason, "created_at": clock.now()}
    return Job.objects.create(**common | outcome | facts)


def test_nothing_waits_in_an_empty_house(planner: User) -> None:
    shown = dashboard(planner)
    assert shown.waiting == []
    assert (shown.imports, shown.accuracy, shown.jobs) == ([], [], [])
    assert not coverage().is_known


@pytest.mark.parametrize("role", [Role.EMPLOYEE, Role.SUPERVISOR])
def test_only_who_sees_planning_sees_it(role: Role, client: Client) -> None:
    department = make_department() if role == Role.SUPERVISOR else None
    user = make_user(role, department=department)
    with pytest.raises(NotAllowedError):
        dashboard(user)
    client.force_login(user)
    addresses = ("/admin/", "/dashboard/coverage/", "/dashboard/coverage/data/")
    assert [client.get(address, follow=True).status_code for address in addresses] == [403, 403, 403]


@pytest.mark.parametrize("role", [Role.PLANNER, Role.ADMIN])
def test_planners_and_administrators_see_it(role: Role, client: Client) -> None:
    client.force_login(make_user(role))
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    assert b"Waits for a person" in client.get("/admin/").content
    assert client.get("/dashboard/coverage/").status_code == 200


def test_the_newest_import_of_each_queue_is_told(planner: User) -> None:
    first, second, bare = (make_queue(name=name) for name in ("A", "B", "C"))
    make_import_batch(first, state=ImportState.APPLIED)
    newest = make_import_batch(first, state=ImportState.REFUSED)
    make_import_batch(first, state=ImportState.CHECKED)
    other = make_import_batch(second, state=ImportState.APPLIED)
    rows = dashboard(planner).imports
    assert [(row.queue, row.batch) for row in rows] == [(second, other), (first, newest), (bare, None)]


def test_an_aggregated_queue_takes_no_imports(planner: User) -> None:
    whole, part = make_queue(name="Whole"), make_queue(name="Part")
    whole.members.add(part)
    assert [row.queue for row in dashboard(planner).imports] == [part]


def test_failures_wait_until_the_work_is_done(planner: User) -> None:
    _fail("import:1")
    again = _fail("import:2")
    _fail(created_at=clock.now() - dt.timedelta(days=15))
    facts = {"kind": "x", "queue": "bulk", "dedupe_key": "import:1", "title": Phrase.plain("Import")}
    made_good = {"state": JobState.SUCCEEDED, "created_at": clock.now() + dt.timedelta(seconds=1)}
    Job.objects.create(**facts, **made_good)
    (kind,) = dashboard(planner).waiting
    assert [item.url for item in kind.items] == [f"/jobs/{again.pk}/"]


def test_what_is_stale_unpublished_or_broken_waits(planner: User) -> None:
    made = make_month("bank", people=3, month=MONTH)
    assert _kinds(planner) == {"month": ["Group bank, March 2027", "Group bank, April 2027"]}
    batch = make_import_batch(made.queue, state=ImportState.APPLIED, rows_loaded=5, rows_refused=2)
    type(batch).objects.filter(pk=batch.pk).update(created_at=NOW + dt.timedelta(hours=1))
    ScheduleVariant.objects.create(
        group=made.group, month=MONTH, number=2, start=made.variant.start, end=made.variant.end
    )
    RuleViolation.objects.create(
        variant=made.variant,
        employee=made.employees[0],
        code="daily_rest",
        key="short",
        mode=RuleMode.HARD,
        start=NOW,
        end=NOW,
        measured=1,
        limit=2,
        unit="h",
    )
    waits = _kinds(planner)
    assert set(waits) == {"import", "forecast", "month", "draft", "violation"}
    ForecastVersion.objects.update(state=VersionState.ARCHIVED)
    assert _kinds(planner)["requirement"] == ["Queue bank"]
    ScheduleVariant.objects.filter(number=2).update(state=VariantState.ARCHIVED)
    assert "draft" not in _kinds(planner)


def test_long_lists_are_cut_and_counted(planner: User) -> None:
    for _round in range(5):
        _fail()
    (kind,) = dashboard(planner).waiting
    assert (len(kind.items), kind.total, kind.more) == (3, 5, 2)


def test_cover_counts_what_is_published_against_what_is_required() -> None:
    """By hand: people of four zones work 9 hours with an hour of lunch and a quarter of a break."""
    made = make_month("bank", people=8, month=MONTH)
    found = coverage()
    assert (found.zone, len(found.days)) == ("Europe/Moscow", 28)
    required, scheduled = _by_hand(made)
    assert sum(day.required_s for day in found.days) == required
    assert sum(day.scheduled_s for day in found.days) == pytest.approx(scheduled, rel=0.02)
    assert sum(week.under_s for week in found.weeks) == sum(day.under_s for day in found.days)
    for day in found.days:
        assert day.scheduled_s - day.required_s == day.over_s - day.under_s


def test_weeks_that_hold_nothing_give_way_to_the_first_planned_ones(client: Client, planner: User) -> None:
    client.force_login(planner)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    made = make_month("bank", people=3, month=MONTH)
    with time_machine.travel(NOW - dt.timedelta(days=60), tick=False):
        cache.clear()
        found = coverage()
        page = client.get("/dashboard/coverage/").content.decode()
    assert made.variant.month == found.days[0].date == MONTH
    assert found.is_later
    assert sum(day.required_s for day in found.days) > 0
    assert "the weeks from 01.02.2027, the first planned day" in page


def test_days_off_before_the_first_planned_day_are_left_out() -> None:
    made = make_month("bank", people=3, month=MONTH)
    early = dt.datetime(2027, 2, 4, tzinfo=dt.UTC)
    RequirementPoint.objects.filter(start__lt=early).delete()
    made.variant.shifts.filter(local_date__lt=early.date()).delete()
    with time_machine.travel(NOW - dt.timedelta(days=60), tick=False):
        cache.clear()
        assert coverage().days[0].date == early.date()


def test_months_before_a_group_begins_lack_nothing(planner: User) -> None:
    make_month("bank", people=2, month=MONTH)
    with time_machine.travel(NOW - dt.timedelta(days=40), tick=False):
        assert "month" not in _kinds(planner)
    RequirementVersion.objects.all().delete()
    with time_machine.travel(NOW - dt.timedelta(days=40), tick=False):
        assert len(_kinds(planner)["month"]) == 3


def _by_hand(made: MonthOfPeople) -> tuple[int, int]:
    required = sum(RequirementPoint.objects.values_list("required", flat=True)) * 900
    worked = int(np.prod([made.variant.shifts.count(), 9 * 3600 - 3600 - 900]))
    return required, worked


def test_cover_is_kept_until_something_is_published_or_edited() -> None:
    made = make_month("bank", people=2, month=MONTH)
    before = coverage()
    made.variant.shifts.all().delete()
    assert coverage() == before
    ScheduleVariant.objects.update(edits=1)
    assert sum(day.scheduled_s for day in coverage().days) == 0


def test_more_data_asks_no_more_of_the_database(planner: User, client: Client) -> None:
    client.force_login(planner)
    make_month("one", people=2, month=MONTH)
    _fail("first")
    client.get("/admin/")
    with CaptureQueriesContext(connection) as few:
        client.get("/admin/")
    for code in ("two", "three"):
        make_month(code, people=4, month=MONTH)
        make_queue(name=code)
        _fail(code)
    with CaptureQueriesContext(connection) as many:
        assert client.get("/admin/").status_code == 200
    assert len(many) == len(few)
    assert len(many) <= QUERIES


def test_administrators_are_told_of_tables_that_lack_a_month(planner: User) -> None:
    admin = make_user(Role.ADMIN, username="admin")
    (kind,) = dashboard(admin).waiting
    assert (kind.level, kind.items[0].kind) == ("bad", "partitions")
    assert "demand_intervalhistory" in [item.about for item in kind.items]
    assert dashboard(planner).waiting == [], "nobody else can do anything about it"
    keep_partitions()
    assert dashboard(admin).waiting == []


def test_days_without_plan_are_gaps_of_the_chart(planner: User, client: Client) -> None:
    with time_machine.travel(NOW + dt.timedelta(days=21), tick=False):
        client.force_login(planner)
        made = make_month("bank", people=8, month=MONTH)
        values = {
            row["kind"]: row["values"] for row in client.get("/dashboard/coverage/data/").json()["series"]
        }
    assert made.variant.month == MONTH
    assert all(value is not None for value in values["required"][:7])
    assert set(values["required"][9:]) == {None}
    assert min(values["under"][:7]) <= 0
