"""Other systems send schedules and worked time to 1C through our doors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.utils import translation
from rest_framework.test import APIClient

from apps.integrations.models import FactSend, Operation, PersonLink, Run, ScheduleSend
from apps.jobs.models import Job
from apps.jobs.services import run_now
from tests.factories import make_user
from tests.integrations.draining import drain, make_due
from tests.integrations.onec_people import make_agent, make_onec, publish
from tests.integrations.simulated import Simulated, simulated_thread

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.django_db
API = "/api/v1/integrations/1c/"
TODAY = "2026-09-12"


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


@pytest.fixture
def client() -> APIClient:
    client = APIClient(HTTP_ACCEPT_LANGUAGE="en")
    client.force_authenticate(make_user("planner"))
    return client


def shift(**more: Any) -> dict[str, Any]:
    return {"date": "2026-09-15", "start_time": "09:00", "end_time": "18:00", "break_minutes": 60, **more}


def body(*people: tuple[str, list[dict[str, Any]]], **more: Any) -> dict[str, Any]:
    rows = [{"employee_id": agent_id, "shifts": shifts} for agent_id, shifts in people]
    return {"period_start": "2026-09-01", "period_end": "2026-09-30", "schedules": rows, **more}


def post(client: APIClient, path: str, data: Any, **more: Any) -> Any:
    return client.post(f"{API}{path}", data, format="json", **more)


def test_schedules_of_another_system_reach_1c_and_the_result_is_read_by_person(
    onec: Simulated, client: APIClient
) -> None:
    make_onec(onec)
    for agent_id in ("a-1", "a-2"):
        make_agent(onec, agent_id)
    onec.post("/_refusals", {"agentId": "a-2", "message": "Нет договора"})
    answer = post(client, "sendSchedule", body(("a-1", [shift()]), ("a-2", [shift()]), ("nobody", [shift()])))
    assert answer.status_code == 202
    assert answer.data["accepted"] == ["a-1", "a-2"]
    assert answer.data["refused"] == [
        {"employee_id": "nobody", "message": "There is no employee with this id."}
    ]
    assert len(answer.data["operations"]) == 2
    assert client.get(answer.headers["Location"]).data["result"] is None
    drain()
    told = client.get(answer.headers["Location"]).data
    assert told["result"] is False
    assert {row["employee_id"]: (row["result"], row["message"]) for row in told["schedules"]} == {
        "a-1": (True, "Документов графика записано: 1."),
        "a-2": (False, "Нет договора"),
        "nobody": (False, "There is no employee with this id."),
    }
    (made,) = onec.ledger("schedule_created")
    assert made["shifts"] == {"2026-09-15": [8 * 3_600_000, 0]}


def test_the_same_key_queues_once(onec: Simulated, client: APIClient) -> None:
    make_onec(onec)
    make_agent(onec, "a-1")
    first = post(client, "sendSchedule", body(("a-1", [shift()])), HTTP_IDEMPOTENCY_KEY="k-1")
    second = post(client, "sendSchedule", body(("a-1", [shift()])), HTTP_IDEMPOTENCY_KEY="k-1")
    assert first.json()["run"] == second.json()["run"]
    assert (Run.objects.count(), Operation.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"period_end": "2026-09-31"}, "period_end"),
        ({"period_end": "2026-09-29"}, "period_end"),
        ({"period_start": "2025-01-01", "period_end": "2025-01-31"}, "last"),
        ({"schedules": []}, "schedules"),
        ({"schedules": [{"employee_id": "a-1", "shifts": [shift(start_time="9:00")]}]}, "schedules"),
        ({"schedules": [{"employee_id": "a-1", "shifts": [shift(end_time="24:00")]}]}, "schedules"),
        ({"schedules": [{"employee_id": "a-1", "shifts": [shift(break_minutes=-1)]}]}, "schedules"),
        ({"schedules": [{"employee_id": "a-1", "shifts": [shift(colour="red")]}]}, "schedules"),
        ({"unknown": 1}, "unknown"),
    ],
)
def test_bodies_are_read_strictly(
    onec: Simulated, client: APIClient, wrong: dict[str, Any], field: str
) -> None:
    make_onec(onec)
    make_agent(onec, "a-1")
    answer = post(client, "sendSchedule", body(("a-1", [shift()])) | wrong)
    assert answer.status_code == 400
    assert [name for name in answer.data["fields"] if name.startswith(field)]
    assert not Operation.objects.exists()


def test_which_1c_is_meant_is_said_where_there_are_two(onec: Simulated, client: APIClient) -> None:
    first, _second = make_onec(onec), make_onec(onec)
    make_agent(onec, "a-1")
    assert post(client, "sendSchedule", body(("a-1", [shift()]))).status_code == 409
    assert post(client, f"sendSchedule/?connection={first.code}", body(("a-1", [shift()]))).status_code == 202


def fact(**more: Any) -> dict[str, Any]:
    return {
        "agent_id": "a-1",
        "initiator_name": "Петрова А. А.",
        "date_start": "2026-09-10",
        "loginfo": [
            {"start": "2026-09-10T09:00:00+03:00", "time": 900_000},
            {"start": "2026-09-10T09:15:00+03:00", "time": 300_000},
        ],
        **more,
    }


def test_worked_time_of_another_system_reaches_1c_once(onec: Simulated, client: APIClient) -> None:
    make_onec(onec)
    make_agent(onec, "a-1")
    answer = post(client, "sendFactWorkTime", fact())
    again = post(client, "sendFactWorkTime", fact())
    assert (answer.status_code, answer.data["state"], answer.data["result"]) == (202, "waiting", None)
    assert again.data["id"] == answer.data["id"]
    drain()
    told = client.get(answer.headers["Location"]).data
    assert (told["state"], told["result"], told["doc"]) == ("sent", True, "Weekend Work")
    (made,) = onec.ledger("fact_document")
    assert made["worked"] == [1_200_000, 0]


def test_another_fact_of_that_day_waits_for_a_person(onec: Simulated, client: APIClient) -> None:
    make_onec(onec)
    make_agent(onec, "a-1")
    post(client, "sendFactWorkTime", fact())
    drain()
    answer = post(client, "sendFactWorkTime", fact(loginfo=[]))
    assert (answer.status_code, answer.data["state"]) == (202, "held")
    assert not drain()


def test_a_fact_that_1c_refuses_and_one_nobody_knows_of(onec: Simulated, client: APIClient) -> None:
    make_onec(onec)
    make_agent(onec, "a-1")
    onec.post("/_refusals", {"agentId": "a-1", "message": "нет"})
    refused = post(client, "sendFactWorkTime", fact())
    drain()
    told = client.get(refused.headers["Location"]).data
    assert (told["state"], told["result"]) == ("refused", False)
    onec.post("/_refusals", {"agentId": "a-1", "message": ""})
    unknown = post(client, "sendFactWorkTime", fact(date_start="2026-09-11", loginfo=[]))
    onec.fault("cut", "sendFactWorkTime", times=1)
    drain()
    told = client.get(unknown.headers["Location"]).data
    assert (told["state"], told["result"]) == ("unknown", None)


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"agent_id": "nobody"}, 404),
        ({"loginfo": [{"start": "2026-09-10T09:00:00", "time": 900_000}]}, 400),
        ({"loginfo": [{"start": "2026-09-10T09:00:00+03:00", "time": 900_001}]}, 400),
        ({"loginfo": [{"start": "2026-09-10T09:00:00+03:00", "time": 0}]}, 400),
        ({"loginfo": [{"start": "2026-09-10T09:00:00+03:00", "time": 900_000}] * 2}, 400),
        ({"date_start": "2026-09-12"}, 400),
        ({"date_start": "10.09.2026"}, 400),
        ({"agentId": "a-1"}, 400),
    ],
)
def test_impossible_facts_are_refused(
    onec: Simulated, client: APIClient, wrong: dict[str, Any], status: int
) -> None:
    make_onec(onec)
    make_agent(onec, "a-1")
    assert post(client, "sendFactWorkTime", fact(**wrong)).status_code == status
    assert not FactSend.objects.exists()


def test_published_schedules_are_sent_on_demand_and_people_are_found_in_the_result(
    onec: Simulated, client: APIClient
) -> None:
    make_onec(onec)
    publish(make_agent(onec, "a-1"), "2026-09-15 09:00")
    publish(make_agent(None, "a-2"), "2026-09-15 09:00")
    answer = client.post("/api/v1/integrations/onec/sync/schedules/", {"months": 1}, format="json")
    assert answer.status_code == 202
    run_now(Job.objects.get(pk=answer.data["job"]["id"]))
    run = Run.objects.get()
    assert (run.counts["people"], run.counts["queued"]) == (2, 2)
    onec.fault("status", "sendSchedule", status=503, times=1)
    drain()
    told = client.get(f"{API}sendSchedule/{run.pk}/").data
    states = {row["employee_id"]: row["state"] for row in told["schedules"]}
    assert (told["result"], sorted(states.values())) == (None, ["refused", "waiting"])
    make_due()
    drain()
    assert ScheduleSend.objects.get(employee__external_id="a-1").state == "sent"
    assert client.get(f"{API}sendSchedule/{run.pk}/").data["counts"] == {"sent": 1, "refused": 1}


def test_who_may_not_operate_is_refused(onec: Simulated) -> None:
    make_onec(onec)
    client = APIClient()
    client.force_authenticate(make_user("employee"))
    assert post(client, "sendSchedule", body(("a-1", [shift()]))).status_code == 403
    assert post(client, "sendFactWorkTime", fact()).status_code == 403


def test_who_has_shifts_of_past_months_only_is_refused_by_name(onec: Simulated, client: APIClient) -> None:
    make_onec(onec)
    for agent_id in ("a-1", "a-2"):
        make_agent(onec, agent_id)
    people = body(("a-1", [shift(date="2026-08-15")]), ("a-2", [shift()]), period_start="2026-08-01")
    answer = post(client, "sendSchedule", people)
    assert answer.data["accepted"] == ["a-2"]
    (refused,) = answer.data["refused"]
    assert refused["employee_id"] == "a-1"
    assert "past periods" in refused["message"]
    drain()
    assert client.get(answer.headers["Location"]).data["result"] is False
    (made,) = onec.ledger("schedule_created")
    assert list(made["shifts"]) == ["2026-09-15"]


def test_people_of_another_1c_cannot_be_told_of_to_this_one(onec: Simulated, client: APIClient) -> None:
    here, there = make_onec(onec), make_onec()
    own, foreign = make_agent(onec, "a-1"), make_agent(onec, "b-1")
    PersonLink.objects.create(connection=here, employee=own, external_id="a-1")
    PersonLink.objects.create(connection=there, employee=foreign, external_id="b-1")
    path = f"sendSchedule?connection={here.code}"
    answer = post(client, path, body(("a-1", [shift()]), ("b-1", [shift()])))
    assert answer.data["accepted"] == ["a-1"]
    assert [row["employee_id"] for row in answer.data["refused"]] == ["b-1"]
    fact = {"agent_id": "b-1", "initiator_name": "P", "date_start": "2026-09-10", "loginfo": []}
    assert post(client, f"sendFactWorkTime?connection={here.code}", fact).status_code == 404
