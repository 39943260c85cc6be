"""Doors at which contact centres drop what they have to say, and at which others read it."""

from __future__ import annotations

import base64
import datetime as dt
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from rest_framework.test import APIClient

from apps.accounts.choices import Role
from apps.accounts.services.api_keys import issue_key
from apps.demand.selectors import history_series
from apps.integrations.services.access import set_secret
from apps.monitoring.models import AgentContact, AgentEvent, QueueLink, QueueSnapshot
from apps.monitoring.services import intake
from apps.monitoring.services.taking_history import take_intervals
from apps.monitoring.types import GroupInterval, StateSpan
from tests.factories import make_user
from tests.factories.integrations import make_connection
from tests.factories.organization import make_queue
from tests.monitoring.centre import START, at, current, history, new_source

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django import DjangoAssertNumQueries

    from apps.integrations.models import Connection

pytestmark = pytest.mark.django_db(transaction=True)
DOOR = "/ccwfm/api/rest/status"
DAY = dt.datetime(2026, 11, 16, 21, tzinfo=dt.UTC)  # midnight in Moscow


def open_door(**options: Any) -> Connection:
    options = {"push_addresses": ["127.0.0.0/8"]} | options
    return make_connection(code=new_source(), system="contact_centre", username="cc", options=options)


def message(second: int, action: int, code: str = "ready", **more: Any) -> dict[str, Any]:
    moment = int((START + dt.timedelta(seconds=second)).timestamp())
    return {
        "workerId": 7,
        "stateName": code.title(),
        "stateCode": code,
        "systemId": "cc-1",
        "actionTime": moment,
        "action": action,
    } | more


def drop(client: Client, content: Any, path: str = DOOR, **headers: str) -> Any:
    body = content if isinstance(content, str | bytes) else json.dumps(content)
    return client.post(path, body, content_type="application/json", headers=headers)


class TestStatusDoor:
    def test_a_message_is_answered_with_nothing_and_becomes_history(self, client: Client) -> None:
        connection = open_door()
        for sent in (message(0, 1), message(60, 0), message(60, 1, "talk")):
            answer = drop(client, sent)
            assert (answer.status_code, answer.content) == (200, b"")
        assert history(connection.code) == [("ready", 0, 60), ("talk", 60, None)]
        assert current(connection.code) == ("talk", 60)
        assert AgentEvent.objects.filter(payload__systemId="cc-1").count() == 3

    @pytest.mark.parametrize(
        ("content", "field"),
        [
            ("{", ""),
            ("[]", ""),
            ("<html>", ""),
            (b"\xff\xfe", ""),
            (message(0, 2), "action"),
            (message(0, 1, workerId=""), "workerId"),
            (message(0, 1, actionTime="soon"), "actionTime"),
            ({}, "action"),
        ],
    )
    def test_what_cannot_be_read_is_answered_in_the_shape_of_the_contract(
        self, client: Client, content: Any, field: str
    ) -> None:
        open_door()
        answer = drop(client, content)
        assert answer.status_code == 400
        assert answer.json()["field"] == field
        assert set(answer.json()) == {"field", "message", "description"}

    def test_a_message_is_bounded(self, client: Client) -> None:
        open_door()
        assert drop(client, message(0, 1, stateName="x" * 20_000)).status_code == 413

    def test_no_csrf_token_is_asked_for(self) -> None:
        open_door()
        assert APIClient(enforce_csrf_checks=True).post(DOOR, message(0, 1), format="json").status_code == 200

    def test_a_connection_without_any_proof_lets_nobody_in(self, client: Client) -> None:
        open_door(push_addresses=[])
        assert drop(client, message(0, 1)).status_code == 403
        assert not AgentEvent.objects.exists()

    def test_addresses_that_are_not_listed_stay_out(self, client: Client) -> None:
        open_door(push_addresses=["10.1.0.0/16"])
        assert drop(client, message(0, 1)).status_code == 403

    def test_a_listed_address_is_known_in_its_form_of_ipv6_too(self, client: Client) -> None:
        open_door(push_addresses=["10.1.0.0/16"])
        body = json.dumps(message(0, 1))
        for address, status in (("::ffff:10.1.2.3", 200), ("::ffff:10.2.2.3", 403), ("2001:db8::1", 403)):
            answer = client.post(DOOR, body, content_type="application/json", REMOTE_ADDR=address)
            assert answer.status_code == status, address

    def test_an_address_that_a_proxy_hides_proves_nothing(self, client: Client) -> None:
        open_door()
        assert drop(client, message(0, 1), **{"X-Forwarded-For": "127.0.0.1"}).status_code == 403

    def test_basic_sign_in(self, client: Client) -> None:
        connection = open_door(push_addresses=[], push_sign_in="basic")
        set_secret(connection, "secret", "пароль", actor=None)
        refused = drop(client, message(0, 1))
        assert (refused.status_code, refused["WWW-Authenticate"]) == (401, 'Basic realm="ccwfm"')

        def signed(pair: str) -> int:
            token = base64.b64encode(pair.encode()).decode()
            return int(drop(client, message(0, 1), Authorization=f"Basic {token}").status_code)

        assert signed("cc:пароль") == 200
        assert signed("cc:") == 401
        assert drop(client, message(0, 1), Authorization="Basic %%%").status_code == 401

    def test_a_secret_path(self, client: Client) -> None:
        connection = open_door(push_addresses=[], push_sign_in="path")
        set_secret(connection, "token", "s3cret-path", actor=None)
        assert drop(client, message(0, 1), "/ccwfm/s3cret-path/api/rest/status").status_code == 200
        assert drop(client, message(0, 1), "/ccwfm/other/api/rest/status").status_code == 404
        assert drop(client, message(0, 1)).status_code == 404

    def test_of_several_centres_the_system_id_tells_which(self, client: Client) -> None:
        one, other = open_door(), open_door(system_id="cc-1")
        assert drop(client, message(0, 1)).status_code == 200
        assert drop(client, message(5, 1, systemId=one.code)).status_code == 200
        assert drop(client, message(9, 1, systemId="third")).status_code == 404
        assert history(other.code) == [("ready", 0, None)]
        assert history(one.code) == [("ready", 5, None)]

    def test_it_takes_a_bounded_number_of_queries(
        self, client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        open_door()
        for second in range(3):
            drop(client, message(second, 1, f"s{second}"))
        with django_assert_max_num_queries(32):
            drop(client, message(60, 1, "s0"))


def key_client(*scopes: str) -> APIClient:
    issued = issue_key(name=f"Centre {scopes[0]}", scopes=list(scopes), actor=None)
    return APIClient(headers={"X-API-Key": issued.secret})


class TestBatchDoors:
    def test_statuses_come_in_batches(self) -> None:
        connection = open_door()
        row = {"agentId": "7", "stateCode": "ready", "startDate": at(0).isoformat()}
        body = {
            "centre": connection.code,
            "agents": [row, row | {"action": 0, "startDate": at(60).isoformat()}],
        }
        client = key_client("integrations:write")
        path = "/api/v1/integrations/contact-center/realtime/agents"
        answer = client.post(path, body, format="json")
        assert (answer.status_code, answer.json()) == (200, {"appended": 2, "repeated": 0, "refused": []})
        assert history(connection.code) == [("ready", 0, 60)]
        assert client.post(path, body, format="json").json()["repeated"] == 2

    def test_what_is_unknown_or_missing_is_refused_by_name(self) -> None:
        client = key_client("integrations:write")
        path = "/api/v1/integrations/contact-center/realtime/agents/"
        body = {
            "centre": "nobody",
            "agents": [{"agentId": "7", "stateCode": "x", "startDate": "2026-11-20T10:00:00Z"}],
        }
        assert "centre" in client.post(path, body, format="json").json()["fields"]
        body["agents"][0] |= {"startDate": "2026-11-20T10:00:00", "mood": "good"}  # type: ignore[index,operator]
        told = client.post(path, body, format="json")
        assert told.status_code == 400
        assert "mood" in json.dumps(told.json()["fields"])
        assert key_client("integrations:read").post(path, body, format="json").status_code == 403

    def test_calls_and_groups_of_now(self) -> None:
        connection = open_door()
        call = {"agentId": "7", "groupId": "g", "startCall": at(0).isoformat(), "endCall": at(60).isoformat()}
        group = {"groupId": "g", "callNumber": 3, "operatorNumber": 5, "acd": 93.5}
        body = {"centre": connection.code, "calls": [call], "groups": [group]}
        client = key_client("integrations:write")
        path = "/api/v1/integrations/contact-center/realtime/calls/"
        assert client.post(path, body, format="json").json()["appended"] == 2
        assert AgentContact.objects.count() == QueueSnapshot.objects.count() == 1
        assert client.post(path, {"centre": connection.code}, format="json").status_code == 400

    def test_intervals_go_into_the_history_of_a_linked_queue(self) -> None:
        connection, queue = open_door(), make_queue()
        path = "/api/v1/integrations/contact-center/historical/metrics/"
        interval = {
            "startInterval": DAY.isoformat(),
            "endInterval": (DAY + dt.timedelta(minutes=15)).isoformat(),
            "notUniqueReceived": 4,
            "notUniqueTreated": 3,
            "notUniqueMissed": 1,
            "aht": 100_000,
            "postProcessing": 20_000,
        }
        body = {"centre": connection.code, "metrics": [{"groupId": "g", "historicData": [interval]}]}
        client = key_client("integrations:write")
        assert client.post(path, body, format="json").json()["appended"] == 1
        QueueLink.objects.update(queue=queue)
        assert client.post(path, body, format="json").json() == {"appended": 0, "repeated": 1, "refused": []}
        series = history_series(queue.pk, DAY, DAY + dt.timedelta(minutes=15), 900)
        assert (series.offered.tolist(), series.handle_s.tolist()) == ([4], [360])


class TestReadingDoors:
    def test_contacts_by_interval_in_the_shape_of_the_contract(self) -> None:
        source, queue = new_source(), make_queue(external_id="101")
        told = [
            GroupInterval(
                "101", "s", DAY + dt.timedelta(minutes=m), DAY + dt.timedelta(minutes=m + 15), *counts
            )
            for m, counts in ((0, (4, 3, 1, 100_000, 20_000, 3, 2, 1)), (15, (2, 1, 1, 40_000, 0, 1, 1, 0)))
        ]
        intake.receive_group_intervals(source, told)
        link = QueueLink.objects.get()
        intake_link(link, queue)
        client = key_client("integrations:read")
        query = {"startDate": "2026-11-17T00:00:00+03:00", "endDate": "2026-11-18T00:00:00+03:00"}
        path = "/api/v1/integrations/cc/historic/serviceGroupData"
        (group,) = client.get(path, query | {"step": 900_000, "groupId": "101,nobody"}).json()
        assert (group["groupId"], group["serviceId"]) == ("101", queue.service.code)
        assert group["historicData"][0] == {
            "startInterval": "2026-11-16T21:00:00Z",
            "endInterval": "2026-11-16T21:15:00Z",
            "notUniqueReceived": 4,
            "notUniqueTreated": 3,
            "notUniqueMissed": 1,
            "receivedCalls": 3,
            "treatedCalls": 2,
            "missCalls": 1,
            "aht": 100_000,
            "postProcessing": 20_000,
        }
        (half_hour,) = client.get(path, query | {"step": 1_800_000}).json()[0]["historicData"]
        assert (half_hour["notUniqueReceived"], half_hour["receivedCalls"]) == (6, 4)
        assert half_hour["aht"] == (300_000 + 40_000) // 4
        nothing = client.get(path, query | {"step": 900_000, "groupId": "nobody"})
        assert nothing.status_code == 404
        assert set(nothing.json()) == {"field", "message", "description"}
        for wrong in ({"step": "60000"}, {"step": "x"}, {}):
            refused = client.get(path, {**query, **wrong})
            assert (refused.status_code, refused.json()["field"]) == (400, "step")
        many = ",".join(map(str, range(101)))
        assert client.get(path, query | {"step": 900_000, "groupId": many}).json()["field"] == "groupId"

    def test_statuses_that_begin_or_end_in_the_window(self) -> None:
        source = new_source()
        spans = [(0, 100, "ready"), (100, 200, "talk"), (200, 300, "lunch")]
        intake.receive_spans(source, [StateSpan("7", code, code, at(a), at(b)) for a, b, code in spans])
        client = make_client(Role.PLANNER)
        query = urlencode({"startDate": at(150).isoformat(), "endDate": at(250).isoformat(), "agentId": "7"})
        path = "/api/v1/integrations/cc/historic/agentStatusData"
        (agent,) = client.get(f"{path}?{query.replace('%2B', '+')}").json()
        assert [state["stateCode"] for state in agent["states"]] == ["talk", "lunch"]
        assert agent["agentId"] == "7"
        assert make_client(Role.EMPLOYEE).get(f"{path}?{query}").status_code == 403

    def test_a_window_holds_its_begin_and_not_its_end(self) -> None:
        """`[startDate, endDate)` for ends as for begins."""
        intake.receive_spans(
            new_source(),
            [StateSpan("7", name, name, at(a), at(a + 100)) for a, name in ((0, "a"), (150, "b"))],
        )
        path = "/api/v1/integrations/cc/historic/agentStatusData"
        client = make_client(Role.PLANNER)

        def told(start: int, end: int) -> list[str]:
            query = {"startDate": at(start).isoformat(), "endDate": at(end).isoformat()}
            answer = client.get(path, query)
            rows = answer.json() if answer.status_code == 200 else []
            return [state["stateCode"] for row in rows for state in row["states"]]

        assert told(100, 120) == ["a"], "an end at the beginning of the window is inside"
        assert told(50, 100) == [], "one at its end is not"
        assert told(50, 150) == ["a"]
        assert told(200, 250) == []

    def test_groups_with_spaces_and_uneven_steps(self) -> None:
        queue = make_queue(external_id="Group 1")
        intake.receive_group_intervals(
            new_source(),
            [GroupInterval("Group 1", "s", DAY, DAY + dt.timedelta(minutes=30), 4, 3, 1, 1000, 0)],
        )
        QueueLink.objects.update(queue=queue)
        linked = list(QueueLink.objects.select_related("source"))
        assert take_intervals(links=linked, starts=[DAY], actor=None) == (1, [])
        client = make_client(Role.PLANNER)
        path = "/api/v1/integrations/cc/historic/serviceGroupData"
        query = {
            "startDate": "2026-11-17T00:00:00+03:00",
            "endDate": "2026-11-18T00:00:00+03:00",
            "groupId": "Group 1",
        }
        assert client.get(path, query | {"step": 3_600_000}).json()[0]["groupId"] == "Group 1"
        refused = client.get(path, query | {"step": 2_700_000})
        assert (refused.status_code, refused.json()["field"]) == (400, "step")


def make_client(role: Role) -> APIClient:
    client = APIClient()
    client.force_login(make_user(role))
    return client


def intake_link(link: QueueLink, queue: Any) -> None:
    QueueLink.objects.filter(pk=link.pk).update(queue=queue)
    linked = QueueLink.objects.select_related("source").get(pk=link.pk)
    starts = [DAY, DAY + dt.timedelta(minutes=15)]
    assert take_intervals(links=[linked], starts=starts, actor=None) == (2, [])
