"""The overview of a group and month, and its buttons."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from apps.forecasts.services.running import request_forecast
from apps.jobs.choices import JobState
from apps.jobs.models import Job
from apps.schedules.choices import VariantState
from apps.schedules.services.reference import load_default_rules
from apps.workcalendar.services.kinds import load_kinds
from tests.factories import (
    make_calendar,
    make_forecast,
    make_group,
    make_history,
    make_member,
    make_queue,
    make_requirement,
    make_user,
    make_variant,
    make_work_rule,
)

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django import DjangoAssertNumQueries

    from apps.organization.models import Queue
    from apps.schedules.models import PlanningGroup

pytestmark = pytest.mark.django_db
START = dt.datetime(2027, 1, 31, 21, tzinfo=dt.UTC)
MONTH_STEPS = 28 * 96
PLACE = "/planning/bank/2027-02/"


@pytest.fixture
def queue(client: Client) -> Queue:
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    client.force_login(make_user("planner"))
    return make_queue(code="calls", name="Calls")


@pytest.fixture
def group(queue: Queue) -> PlanningGroup:
    return make_group(queue, code="bank")


@pytest.mark.usefixtures("group")
def test_each_stage_waits_for_the_one_before(client: Client, queue: Queue) -> None:
    def ready() -> tuple[bool, bool, bool]:
        state = client.get(PLACE).context["ready"]
        return state.forecast, state.requirement, state.plan

    assert ready() == (False, False, False)
    make_history(queue, START - dt.timedelta(days=1), [1])
    assert ready() == (True, False, False)
    forecast = make_forecast(queue, START, [1.0] * MONTH_STEPS)
    assert ready() == (True, True, False)
    make_requirement(queue, START, [1] * MONTH_STEPS, forecast=forecast)
    assert ready() == (True, True, True)


@pytest.mark.usefixtures("group")
def test_running_the_forecast_shows_its_job(client: Client, queue: Queue) -> None:
    make_history(queue, START - dt.timedelta(weeks=3), [1] * (21 * 48))
    answer = client.post(f"{PLACE}forecast/run/", follow=True)
    job = Job.objects.get(kind="forecasts.run")
    assert answer.redirect_chain[-1][0] == PLACE
    assert f'id="job-{job.pk}"' in answer.content.decode()


def test_one_queue_that_refuses_does_not_hide_the_others(
    client: Client, queue: Queue, group: PlanningGroup
) -> None:
    """The first queue is being forecast already: the second starts, and both are told of."""
    second = make_queue(code="chats", name="Chats")
    group.queues.add(second)
    for each in (queue, second):
        make_history(each, START - dt.timedelta(days=60), [10] * 96 * 60, step_s=900)
    running = request_forecast(
        queue_id=queue.pk, start=dt.date(2027, 2, 1), end=dt.date(2027, 3, 1), actor=None
    )
    answer = client.post(f"{PLACE}forecast/run/", follow=True)
    told = [str(message) for message in answer.context["messages"]]
    assert len(told) == 2
    assert told[0].startswith("Calls: ")
    assert told[1] == "The forecast has started."
    assert Job.objects.exclude(pk=running.pk).get().dedupe_key == f"forecast:{second.pk}"
    again = [
        str(message) for message in client.post(f"{PLACE}forecast/run/", follow=True).context["messages"]
    ]
    assert len(again) == 1
    assert "Calls: " in again[0]
    assert "Chats: " in again[0]
    assert Job.objects.count() == 2


@pytest.mark.usefixtures("group")
def test_requirement_without_a_forecast_is_refused_by_name(client: Client) -> None:
    answer = client.post(f"{PLACE}requirement/run/", follow=True)
    assert "There is no active forecast of Calls" in answer.content.decode()
    assert Job.objects.count() == 0


def test_planning_twice_leads_to_the_job_that_runs(
    client: Client, queue: Queue, group: PlanningGroup
) -> None:
    load_kinds()
    load_default_rules()
    make_calendar("ru", (2027,))
    person = make_member(queue).employee
    make_work_rule(person)
    make_requirement(queue, START, [1] * MONTH_STEPS)
    client.post(f"{PLACE}schedule/run/", {"time_limit_s": "30"})
    job = Job.objects.get(kind="schedules.optimise")
    assert job.params["time_limit_s"] == 30
    assert job.params["group_id"] == group.pk
    again = client.post(f"{PLACE}schedule/run/", {"time_limit_s": "30"}, follow=True)
    assert again.redirect_chain[-1][0] == f"/jobs/{job.pk}/"
    client.post(f"/jobs/{job.pk}/stop/")
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED


@pytest.mark.usefixtures("group")
@pytest.mark.parametrize("limit", ["", "7", "soon"])
def test_a_time_limit_of_nobodys_choice_is_refused(client: Client, limit: str) -> None:
    client.post(f"{PLACE}schedule/run/", {"time_limit_s": limit})
    assert Job.objects.count() == 0


def test_publishing_from_the_overview(client: Client, queue: Queue, group: PlanningGroup) -> None:
    variant = make_variant(group, number=1)
    variant.requirements.set([make_requirement(queue, START, [1] * MONTH_STEPS)])
    answer = client.post(f"{PLACE}publish/", {"variant": variant.pk}, follow=True)
    variant.refresh_from_db()
    assert variant.state == VariantState.PUBLISHED
    assert "Variant 1 is published" in answer.content.decode()
    assert answer.context["published"] == variant


def test_only_a_variant_of_this_place_is_published(client: Client, group: PlanningGroup) -> None:
    other = make_variant()
    assert client.post(f"/planning/{group.code}/2027-02/publish/", {"variant": other.pk}).status_code == 404
    client.post(f"/planning/{group.code}/2027-02/publish/", {"variant": "x"})
    other.refresh_from_db()
    assert other.state == VariantState.DRAFT


def test_a_newer_requirement_is_pointed_out(client: Client, queue: Queue, group: PlanningGroup) -> None:
    old = make_requirement(queue, START, [1] * MONTH_STEPS, state="archived")
    variant = make_variant(group)
    variant.requirements.set([old])
    make_requirement(queue, START, [2] * MONTH_STEPS, forecast=old.forecast)
    assert client.get(PLACE).context["is_stale"]


def test_reasons_are_told_in_words(client: Client, group: PlanningGroup) -> None:
    make_variant(group, reasons=[{"kind": "nobody", "queue": "calls"}])
    assert "calls: nobody is a main member." in client.get(PLACE).content.decode()


def test_queries_do_not_grow_with_variants(
    client: Client, group: PlanningGroup, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(1, 9):
        make_variant(group, number=number)
    client.get(PLACE)
    with django_assert_max_num_queries(20):
        client.get(PLACE)


@pytest.mark.usefixtures("group")
def test_the_start_page_leads_everybody_to_their_work(client: Client) -> None:
    assert client.get("/")["Location"] == "/admin/"
    assert client.get("/planning/")["Location"].startswith("/planning/bank/")
    client.force_login(make_user("employee"))
    assert client.get("/")["Location"] == "/my-schedule/"


def test_without_groups_the_page_says_what_to_do(client: Client, queue: Queue) -> None:
    assert queue.pk
    assert "There are no planning groups yet" in client.get("/planning/").content.decode()


@pytest.mark.usefixtures("group")
def test_what_is_not_there_is_not_found(client: Client) -> None:
    assert client.get("/planning/nowhere/2027-02/").status_code == 404
    assert client.get("/planning/bank/2027-13/").status_code == 404
    assert client.get("/planning/bank/2027-02/schedule/2027-03-01/").status_code == 404


@pytest.mark.usefixtures("group")
@pytest.mark.parametrize("path", ["", "stages/", "requirement/", "requirement/data/", "schedule/"])
def test_employees_see_no_planning(client: Client, path: str) -> None:
    client.force_login(make_user("employee"))
    assert client.get(f"{PLACE}{path}").status_code == 403


@pytest.mark.usefixtures("group")
@pytest.mark.parametrize("action", ["forecast/run/", "requirement/run/", "schedule/run/", "publish/"])
def test_a_supervisor_starts_nothing(client: Client, queue: Queue, action: str) -> None:
    variant = make_variant()
    make_forecast(queue, START, [1.0] * MONTH_STEPS)
    client.force_login(make_user("supervisor", department=make_member(queue).employee.terms.get().department))
    client.post(f"{PLACE}{action}", {"time_limit_s": "30", "variant": variant.pk})
    assert Job.objects.count() == 0
