"""The API of 1C inbound, and what a test of a connection says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from rest_framework.test import APIClient

from apps.integrations.models import Run
from apps.integrations.registry import find_connection_test
from apps.integrations.services.access import access_of
from apps.integrations.services.personnel import PERSONNEL
from apps.integrations.services.timetypes import MONTH, TIMETYPES
from tests.factories import make_user
from tests.integrations.onec_people import make_onec
from tests.integrations.simulated import Simulated, simulated_thread

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.integrations.models import Connection

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def server() -> Iterator[Simulated]:
    with simulated_thread("onec", "--people", "5", "--untidy") as simulated:
        yield simulated


@pytest.fixture
def onec(server: Simulated) -> Simulated:
    server.reset()
    return server


@pytest.fixture
def client() -> APIClient:
    client = APIClient()
    client.force_authenticate(make_user("planner"))
    return client


def findings(connection: Connection) -> list[tuple[bool, str]]:
    test = find_connection_test("onec")
    assert test is not None
    return test(access_of(connection.pk))


@pytest.mark.parametrize(
    ("door", "purpose", "body"),
    [
        ("employees", PERSONNEL, {"apply": "ask"}),
        ("timecodes", TIMETYPES, {"month": "2026-10"}),
        ("payroll", MONTH, {}),
    ],
)
def test_a_run_is_started_over_the_api(
    client: APIClient, door: str, purpose: str, body: dict[str, str]
) -> None:
    make_onec()
    answer = client.post(f"/api/v1/integrations/onec/sync/{door}", body, format="json")
    assert answer.status_code == 202, answer.content
    run = Run.objects.get()
    assert (run.purpose, run.options, str(run.job_id)) == (purpose, body, answer.json()["job"]["id"])
    second = client.post(f"/api/v1/integrations/onec/sync/{door}/", body, format="json")
    assert second.status_code == 409


def test_which_connection_is_meant_has_to_be_clear(client: APIClient) -> None:
    address = "/api/v1/integrations/onec/sync/employees/"
    assert client.post(address, {}, format="json").status_code == 404
    make_onec(code="one")
    make_onec(code="two")
    assert client.post(address, {}, format="json").status_code == 409
    assert client.post(address, {"connection": "two"}, format="json").status_code == 202
    assert client.post(address, {"connection": "two", "more": 1}, format="json").status_code == 400


@pytest.mark.parametrize("dialect", ["zup", "gateway"])
def test_people_are_given_in_the_words_of_the_gateway(
    onec: Simulated, client: APIClient, dialect: str
) -> None:
    make_onec(onec, dialect)
    answer = client.get("/api/v1/integrations/1c/agents", {"start": "2026-11-01", "end": "2026-11-30"})
    assert answer.status_code == 200, answer.content
    rows = answer.json()
    assert len(rows) == onec.state()["people_told"]
    assert {"agent_id", "tab_number", "lastname", "employment_rate", "login_sso"} <= set(rows[0])
    assert all(len(row["start_work"]) == 10 for row in rows)


def test_what_1c_does_not_do_is_a_502_in_words(onec: Simulated, client: APIClient) -> None:
    make_onec(onec)
    onec.fault("status", "/agents/", status=500)
    answer = client.get("/api/v1/integrations/1c/agents/")
    assert (answer.status_code, answer.json()["code"]) == (502, "other_system")
    assert answer.json()["detail"]


@pytest.mark.parametrize("dialect", ["zup", "gateway"])
def test_a_connection_that_is_well_says_whom_it_sees(onec: Simulated, dialect: str) -> None:
    found = findings(make_onec(onec, dialect))
    assert all(well for well, _text in found)
    assert "5" in found[-1][1]


@pytest.mark.parametrize(("dialect", "path"), [("gateway", "/zup/hs/wfm"), ("zup", "/services/personnel")])
def test_a_wrong_dialect_is_told(onec: Simulated, dialect: str, path: str) -> None:
    ((well, text),) = findings(make_onec(onec, dialect, base_url=f"{onec.url}{path}"))
    assert not well
    assert "gateway" in text
    assert "zup" in text


def test_a_gateway_that_cannot_say_whether_it_is_well_is_not(onec: Simulated) -> None:
    onec.post("/_faults", {"match": "/services/personnel/health", "kind": "status", "status": 404})
    (health, said), (people, _text) = findings(make_onec(onec, "gateway"))
    assert not health
    assert "404" in said
    assert people


def test_rows_that_cannot_be_read_are_told_by_the_test(onec: Simulated) -> None:
    (first, *_more) = onec.get("/zup/hs/wfm/agents/2026-01-01/2026-01-31")[0]["AR_agents"]
    agent = first.get("agentId") or first.get("agentID")
    onec.post("/_people", {"action": "spoil", "agentId": agent, "fields": {"startwork": "когда-то"}})
    found = findings(make_onec(onec))
    assert any(not well and agent in text for well, text in found)
