"""Published months on their way to 1C: what is sent, what is left alone, what is kept of it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import translation

from apps.core.errors import DomainError, NotAllowedError
from apps.integrations.choices import OperationState, SendState
from apps.integrations.models import Operation, PersonLink, ScheduleSend
from apps.integrations.services.schedule_sends import notice_change, noticing, request_schedules
from apps.integrations.services.schedule_sends.holding import holding
from apps.jobs.models import Job
from apps.jobs.services import run as run_job
from tests.concurrency import at_once
from tests.factories import make_employee, make_position, make_site, make_terms, make_user
from tests.integrations.draining import drain, make_due
from tests.integrations.onec_people import make_agent, make_onec, publish
from tests.integrations.simulated import Simulated, simulated_thread

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.integrations.models import Connection

pytestmark = pytest.mark.django_db
HOUR_MS = 3_600_000
TODAY = "2026-09-12"
SEPTEMBER, OCTOBER, NOVEMBER, DECEMBER = (dt.date(2026, month, 1) for month in (9, 10, 11, 12))


@pytest.fixture(scope="module")
def server() -> Iterator[Simulated]:
    with simulated_thread("onec", "--people", "0", "--today", TODAY) as simulated:
        yield simulated


@pytest.fixture
def onec(server: Simulated) -> Simulated:
    server.reset()
    return server


@pytest.fixture(autouse=True)
def _in_september() -> Iterator[None]:
    with time_machine.travel(f"{TODAY}T09:00:00Z"), translation.override("en"):
        yield


def ask(connection: Connection, first: dt.date = SEPTEMBER, last: dt.date = DECEMBER, **more: Any) -> Any:
    return request_schedules(connection, first=first, last=last, actor=None, **more).counts


def held(onec: Simulated, agent_id: str = "a-1", month: str = "2026-09") -> dict[str, list[float]]:
    """Give the hours by day and night that 1C holds now, by day of the month."""
    entries = [
        entry
        for kind in ("schedule_created", "schedule_updated", "schedule_repeated")
        for entry in onec.ledger(kind, f"{agent_id}/{month}")
    ]
    newest = max(entries, key=lambda entry: entry["number"])
    return {day[8:]: [part / HOUR_MS for part in hours] for day, hours in newest["shifts"].items()}


def state_of(person: Any, month: dt.date = SEPTEMBER) -> ScheduleSend:
    return ScheduleSend.objects.get(employee=person, month=month)


def test_a_year_asked_for_in_september_is_sent_from_september_on(onec: Simulated) -> None:
    person = make_agent(onec, "a-1")
    publish(person, *(f"2026-{month:02d}-15 09:00" for month in range(1, 13)))
    ask(make_onec(onec), dt.date(2026, 1, 1), dt.date(2026, 12, 31))
    (operation,) = drain()
    assert operation.state == OperationState.COMPLETED
    assert operation.attempts.count() == 1
    made = [entry["key"] for entry in onec.ledger("schedule_created")]
    assert made == [f"a-1/2026-{month:02d}" for month in range(9, 13)]
    assert len({entry["request_id"] for entry in onec.ledger("schedule_created")}) == 1  # in one call
    assert state_of(person).state == SendState.SENT


def test_the_hours_are_those_of_the_contract(onec: Simulated) -> None:
    person = make_agent(onec, "a-1")
    night = [("work", 60), ("lunch", 30), ("work", 270), ("lunch", 30), ("work", 330)]
    publish(person, "2026-09-14 19:00", parts=night)
    publish(person, "2026-09-17 22:00", parts=[("work", 180)])
    publish(person, "2026-09-20 05:00", "2026-09-20 20:00", parts=[("work", 180)])
    publish(person, "2026-09-22 09:00", parts=[("work", 225), ("break", 15), ("lunch", 60), ("work", 240)])
    ask(make_onec(onec))
    drain()
    assert held(onec) == {"14": [3.5, 7.5], "17": [0, 3], "20": [4, 2], "22": [8, 0]}


def test_the_clock_of_the_site_decides_day_and_night(onec: Simulated) -> None:
    person = make_agent(onec, "a-1", site=make_site(time_zone="Asia/Vladivostok"))
    publish(person, "2026-09-14 21:00", parts=[("work", 120)], zone=ZoneInfo("Asia/Vladivostok"))
    ask(make_onec(onec))
    drain()
    assert held(onec) == {"14": [1, 1]}


def test_drafts_are_not_sent(onec: Simulated) -> None:
    person = make_agent(onec, "a-1")
    (shift,) = publish(person, "2026-09-14 09:00")
    shift.is_published = False
    shift.save()
    assert ask(make_onec(onec))["people"] == 0


def test_a_past_period_is_refused_before_anything_is_sent(onec: Simulated) -> None:
    publish(make_agent(onec, "a-1"), "2026-08-10 09:00")
    with pytest.raises(DomainError, match="past periods may not be changed; nothing was created"):
        ask(make_onec(onec), dt.date(2026, 1, 1), dt.date(2026, 8, 31))
    assert not Operation.objects.exists()


def test_an_operation_that_waited_into_the_next_month_sends_nothing_of_the_past(onec: Simulated) -> None:
    publish(make_agent(onec, "a-1"), "2026-09-15 09:00")
    ask(make_onec(onec), SEPTEMBER, SEPTEMBER)
    with time_machine.travel("2026-09-30T21:30:00Z"):  # October in Moscow
        (operation,) = drain()
    assert (operation.state, operation.failure) == (OperationState.FAILED, "refused")
    assert "past periods" in str(operation.reason)
    assert onec.counts() == {"person_changed": 1}


def test_days_outside_employment_are_blank_and_such_months_are_not_made(onec: Simulated) -> None:
    person = make_agent(onec, "a-1", hired_on=dt.date(2026, 10, 5), dismissed_on=dt.date(2026, 11, 20))
    publish(person, "2026-09-15 09:00", "2026-10-02 09:00", "2026-10-05 09:00")
    publish(person, "2026-11-20 09:00", "2026-11-23 09:00", "2026-12-07 09:00")
    counts = ask(make_onec(onec))
    drain()
    assert (counts["queued"], counts["outside"]) == (2, 2)
    made = {entry["key"][-2:]: list(entry["shifts"]) for entry in onec.ledger("schedule_created")}
    assert made == {"10": ["2026-10-05"], "11": ["2026-11-20"]}


def test_positions_that_are_not_planned_are_not_sent(onec: Simulated) -> None:
    chief = make_agent(onec, "a-1", position=make_position(is_planned=False))
    publish(chief, "2026-09-15 09:00")
    moved = make_agent(onec, "a-2", valid_to=dt.date(2026, 9, 19))
    make_terms(moved, valid_from=dt.date(2026, 9, 20), position=make_position(is_planned=False))
    publish(moved, "2026-09-15 09:00", "2026-09-25 09:00")
    assert ask(make_onec(onec), SEPTEMBER, SEPTEMBER)["not_planned"] == 1
    drain()
    assert [list(entry["shifts"]) for entry in onec.ledger("schedule_created")] == [["2026-09-15"]]


def test_who_has_no_id_of_1c_is_named(onec: Simulated) -> None:
    person = make_employee()
    publish(person, "2026-09-15 09:00")
    requested = request_schedules(make_onec(onec), first=SEPTEMBER, last=SEPTEMBER, actor=None)
    (problem,) = requested.problems
    assert (problem["subject"], problem["field"]) == (person.personnel_number, "2026-09")
    assert "no id" in problem["reason"]
    assert state_of(person).state == SendState.REFUSED


def test_the_id_that_the_reconciliation_found_counts(onec: Simulated) -> None:
    person, connection = make_agent(onec, "a-1"), make_onec(onec)
    person.external_id = ""
    person.save()
    PersonLink.objects.create(connection=connection, employee=person, external_id="a-1")
    publish(person, "2026-09-15 09:00")
    ask(connection)
    drain()
    assert held(onec) == {"15": [8, 0]}


def test_an_unchanged_month_is_not_sent_again(onec: Simulated) -> None:
    person, connection = make_agent(onec, "a-1"), make_onec(onec)
    publish(person, "2026-09-15 09:00", "2026-10-15 09:00")
    ask(connection)
    drain()
    assert ask(connection)["unchanged"] == 2
    assert not drain()
    publish(person, "2026-10-20 09:00")
    assert ask(connection) == {"people": 1, "unchanged": 1, "queued": 1, "empty": 2}
    drain()
    assert [entry["key"] for entry in onec.ledger("schedule_updated")] == ["a-1/2026-10"]
    assert not onec.ledger("schedule_repeated")


def test_again_means_again(onec: Simulated) -> None:
    person, connection = make_agent(onec, "a-1"), make_onec(onec)
    publish(person, "2026-09-15 09:00")
    ask(connection)
    drain()
    ask(connection, again=True)
    drain()
    assert len(onec.ledger("schedule_repeated")) == 1


def test_what_is_published_when_it_is_sent_is_sent_once(onec: Simulated) -> None:
    person, connection = make_agent(onec, "a-1"), make_onec(onec)
    publish(person, "2026-09-15 09:00")
    ask(connection, SEPTEMBER, SEPTEMBER)
    publish(person, "2026-09-16 09:00")
    ask(connection, SEPTEMBER, SEPTEMBER)
    assert Operation.objects.count() == 1  # the newer took the place of the one that waited
    drain()
    assert list(held(onec)) == ["15", "16"]
    assert len(onec.ledger("schedule_created")) == 1


def test_an_emptied_month_sends_nothing_and_warns(onec: Simulated) -> None:
    person, connection = make_agent(onec, "a-1"), make_onec(onec)
    (shift,) = publish(person, "2026-09-15 09:00")
    ask(connection)
    drain()
    shift.delete()
    requested = request_schedules(connection, first=SEPTEMBER, last=SEPTEMBER, actor=None)
    assert requested.counts["held"] == 1
    assert "1C still holds the earlier month" in requested.problems[0]["reason"]
    assert state_of(person).state == SendState.HELD
    assert list(held(onec)) == ["15"]


def test_a_refusal_is_kept_word_for_word_and_the_other_months_go(onec: Simulated) -> None:
    person = make_agent(onec, "a-1")
    onec.post("/_part_month", {"agentId": "a-1", "month": "2026-10"})
    publish(person, "2026-09-15 09:00", "2026-10-15 09:00", "2026-11-16 09:00")
    ask(make_onec(onec))
    (operation,) = drain()
    said = "За 2026-10 уже введён график на неполный месяц. Удалите его в 1С:ЗУП и отправьте график ещё раз."
    assert (operation.state, operation.failure, operation.detail) == ("failed", "refused", said)
    assert (state_of(person, OCTOBER).state, state_of(person, OCTOBER).message) == (SendState.REFUSED, said)
    assert {state_of(person, month).state for month in (SEPTEMBER, NOVEMBER)} == {SendState.SENT}


@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        (("/_calendar", {"missing": [2026]}), "не заполнен"),
        (("/_refusals", {"agentId": "a-1", "message": "Нет прав: «изменение графика»"}), "Нет прав"),
    ],
)
def test_business_refusals_are_shown(onec: Simulated, prepare: tuple[str, Any], words: str) -> None:
    person = make_agent(onec, "a-1")
    onec.post(*prepare)
    publish(person, "2026-09-15 09:00")
    ask(make_onec(onec))
    drain()
    assert words in state_of(person).message


def test_a_result_of_false_as_a_word_of_json_is_a_refusal_too(onec: Simulated) -> None:
    person = make_agent(onec, "a-1")
    publish(person, "2026-09-15 09:00")
    ask(make_onec(onec))
    onec.fault("status", "sendSchedule", status=200, body='{"result": false, "message": "нет"}', times=1)
    (operation,) = drain()
    assert (operation.failure, state_of(person).message) == ("refused", "нет")


@pytest.mark.parametrize(
    ("fault", "state", "failure"),
    [
        ({"kind": "status", "status": 503}, "pending", "retry"),
        ({"kind": "status", "status": 500, "content": "html"}, "pending", "retry"),
        ({"kind": "empty"}, "pending", "retry"),
        ({"kind": "cut"}, "pending", "retry"),
        ({"kind": "truncated"}, "pending", "retry"),
        ({"kind": "status", "status": 401}, "failed", "authentication"),
        ({"kind": "status", "status": 404}, "failed", "configuration"),
        ({"kind": "redirect"}, "failed", "configuration"),
        ({"kind": "cp1251"}, "failed", "poison"),
        ({"kind": "nan"}, "failed", "poison"),
        ({"kind": "bom"}, "completed", ""),
        ({"kind": "status", "status": 200, "body": "{}"}, "failed", "poison"),
        ({"kind": "status", "status": 200, "body": "[]"}, "failed", "poison"),
        ({"kind": "status", "status": 200, "body": '{"result": "maybe"}'}, "failed", "poison"),
    ],
)
def test_each_fault_lands_in_its_class(
    onec: Simulated, fault: dict[str, Any], state: str, failure: str
) -> None:
    publish(make_agent(onec, "a-1"), "2026-09-15 09:00")
    ask(make_onec(onec))
    onec.fault(**fault, match="sendSchedule", times=1)
    (operation,) = drain()
    assert (operation.state, operation.failure) == (state, failure)
    make_due()
    drain()
    effects = [entry for entry in onec.ledger() if entry["kind"].startswith("schedule_")]
    assert len([entry for entry in effects if entry["kind"] == "schedule_created"]) <= 1
    assert all(entry["kind"] in {"schedule_created", "schedule_repeated"} for entry in effects)


def test_a_repetition_sends_only_what_was_not_answered(onec: Simulated) -> None:
    person = make_agent(onec, "a-1")
    publish(person, "2026-09-15 09:00", "2026-11-16 09:00")  # October is empty: two calls
    ask(make_onec(onec))
    onec.fault("status", "sendSchedule", status=503, times=1, skip=1)
    worked = drain()
    assert {operation.state for operation in worked} == {"completed", "pending"}
    make_due()
    drain()
    assert {entry["kind"] for entry in onec.ledger() if "schedule" in entry["kind"]} == {"schedule_created"}
    assert state_of(person, NOVEMBER).state == SendState.SENT


def test_a_changed_month_is_out_of_date_until_it_is_sent(onec: Simulated) -> None:
    person, connection = make_agent(onec, "a-1"), make_onec(onec)
    publish(person, "2026-09-15 09:00")
    ask(connection)
    drain()
    with time_machine.travel(f"{TODAY}T10:00:00Z"):
        notice_change(SEPTEMBER, [person.pk])
        row = state_of(person)
        assert row.changed_at > row.built_at
        assert not Operation.objects.filter(state="pending").exists()  # not by itself unless asked to
        assert ask(connection, SEPTEMBER, SEPTEMBER)["unchanged"] == 1
        row = state_of(person)
        assert row.built_at >= row.changed_at


def test_a_series_of_edits_is_one_send_a_while_later(onec: Simulated) -> None:
    person = make_agent(onec, "a-1")
    make_onec(onec, options={"send_schedules_on_change": True, "send_delay_s": 90})
    publish(person, "2026-09-15 09:00")
    notice_change(SEPTEMBER, [person.pk])
    with time_machine.travel(f"{TODAY}T09:01:00Z"):
        notice_change(SEPTEMBER, [person.pk])
        publish(person, "2026-09-16 09:00")
    operation = Operation.objects.get()
    assert operation.run_at.isoformat()[:19] == f"{TODAY}T09:01:30"  # not put off by the second edit
    make_due()
    drain()
    assert list(held(onec)) == ["15", "16"]


def test_a_change_of_many_people_is_queued_by_a_job(
    monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    monkeypatch.setattr(noticing, "PEOPLE_AT_ONCE", 2)
    connection = make_onec(options={"send_schedules_on_change": True, "send_delay_s": 90})
    make_onec()  # one that is not told by itself
    people = [make_agent(None, f"a-{number}") for number in range(3)]
    for person in people:
        publish(person, "2026-09-15 09:00")
    with django_assert_max_num_queries(6):
        notice_change(SEPTEMBER, [person.pk for person in people])
    assert not Operation.objects.exists()
    job = Job.objects.get()
    assert (job.kind, job.queue) == (noticing.CHANGE_KIND, "integrate")
    run_job(job.pk)
    job.refresh_from_db()
    assert job.state == "succeeded", job.reason
    waiting = Operation.objects.filter(connection=connection, state="pending")
    assert [row.run_at.isoformat()[:19] for row in waiting] == [f"{TODAY}T09:01:30"] * 3
    again = noticing.repeat_changed(job, make_user("planner"))
    run_job(again.pk)
    assert Operation.objects.count() == 3
    with pytest.raises(NotAllowedError):
        noticing.repeat_changed(job, make_user("employee"))


def test_many_people_of_whom_nobody_wants_to_know_start_no_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(noticing, "PEOPLE_AT_ONCE", 0)
    make_onec()
    notice_change(SEPTEMBER, [make_agent(None, "a-1").pk])
    assert not Job.objects.exists()


def test_edits_of_past_months_are_not_sent(onec: Simulated) -> None:
    person = make_agent(onec, "a-1")
    make_onec(onec, options={"send_schedules_on_change": True})
    publish(person, "2026-08-15 09:00")
    notice_change(dt.date(2026, 8, 1), [person.pk])
    assert not Operation.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_sends_of_one_person_never_cross() -> None:
    person = make_agent(None, "a-1")
    connection = make_onec()
    publish(person, "2026-09-15 09:00")
    ask(connection)
    with holding(connection.pk, [person.pk]):
        (operation,) = at_once(lambda: drain()[0])
    assert isinstance(operation, Operation)
    assert (operation.state, operation.failures) == (OperationState.PENDING, 0)  # a little later, at no cost


def test_only_who_operates_may_ask(onec: Simulated) -> None:
    with pytest.raises(NotAllowedError):
        request_schedules(make_onec(onec), first=SEPTEMBER, last=SEPTEMBER, actor=make_user("employee"))


def test_ten_times_the_people_take_as_many_queries(
    onec: Simulated, django_assert_max_num_queries: Any
) -> None:
    connection = make_onec(onec)
    for number in range(30):
        publish(make_employee(external_id=f"many-{number}"), "2026-09-15 09:00")
    with django_assert_max_num_queries(22):
        assert ask(connection)["queued"] == 30
    assert Operation.objects.count() == 30
