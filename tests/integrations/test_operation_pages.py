"""The pages, the admin, the API and the figures of the operation queue."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.choices import Role
from apps.core import clock
from apps.core.phrases import Phrase
from apps.integrations.metrics import operations as operation_metrics
from apps.integrations.metrics import outgoing_calls
from apps.integrations.models import Attempt, Breaker, Call, Operation
from apps.integrations.registry import operation_handler
from apps.integrations.types import Done
from tests.factories.accounts import make_user
from tests.factories.integrations import make_connection

if TYPE_CHECKING:
    from apps.integrations.models import Connection
    from apps.integrations.types import OperationInHand

pytestmark = pytest.mark.django_db
API = "/api/v1/integrations/operations/"


@operation_handler("tests.shown", label="Shown")
def shown(_in_hand: OperationInHand) -> Done:
    return Done()


@operation_handler("tests.shown_once", label="Shown once", repeatable=False)
def shown_once(_in_hand: OperationInHand) -> Done:
    return Done()


@pytest.fixture
def planner() -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(make_user(Role.PLANNER))
    return client


@pytest.fixture
def target() -> Connection:
    return make_connection(code="zup-1", name="ZUP One")


def write(target: Connection, **facts: Any) -> Operation:
    return Operation.objects.create(**{"connection": target, "kind": "tests.shown"} | facts)


def listed(client: Client, query: str = "") -> list[int]:
    page = client.get(f"/integrations/operations/{query}")
    assert page.status_code == 200
    return [row.pk for row in page.context["operations"]]


def test_filtered_by_connection_kind_state_failure_and_priority(planner: Client, target: Connection) -> None:
    failed = write(target, state="failed", failure="refused", priority=1)
    other = write(make_connection(), kind="tests.shown_once", priority=5)
    assert listed(planner) == [other.pk, failed.pk]
    for query in ("connection=zup-1", "kind=tests.shown", "state=failed", "failure=refused", "priority=1"):
        assert listed(planner, f"?{query}") == [failed.pk]
    assert listed(planner, "?age=hour") == []
    assert listed(planner, "?state=nonsense&priority=x") == [other.pk, failed.pk]


def test_the_list_costs_the_same_for_one_and_for_many(
    planner: Client, target: Connection, django_assert_max_num_queries: Any
) -> None:
    for _ in range(60):
        write(target, reason=Phrase.plain("no"))
    with django_assert_max_num_queries(14):
        assert len(listed(planner)) == 50


def test_the_history_shows_each_attempt_masked(planner: Client, target: Connection) -> None:
    row = write(target, state="failed", failure="refused", payload={"lastname": "Иванов", "month": "2026-11"})
    Attempt.objects.create(operation=row, number=1, outcome="lost", node="host:1")
    Attempt.objects.create(operation=row, number=2, outcome="refused", request="<b>asked</b>", answer="said")
    text = planner.get(f"/integrations/operations/{row.pk}/").content.decode()
    assert "&lt;b&gt;asked&lt;/b&gt;" in text
    assert "2026-11" in text
    assert "Иванов" not in text


def steer(client: Client, **data: Any) -> Any:
    return client.post("/integrations/operations/steer/", data, follow=True)


def test_ticked_ones_are_tried_again_with_a_reason(planner: Client, target: Connection) -> None:
    rows = [write(target, state="failed") for _ in range(3)]
    page = steer(planner, action="retry", operation=[rows[0].pk, rows[1].pk], reason="")
    assert "Say why." in page.content.decode()
    page = steer(planner, action="retry", operation=[rows[0].pk, rows[1].pk], reason="1C is back")
    assert "2 operations wait again." in page.content.decode()
    assert sorted(Operation.objects.values_list("state", flat=True)) == ["failed", "pending", "pending"]


def test_all_that_fit_the_filters_are_cancelled(planner: Client, target: Connection) -> None:
    for state in ("pending", "pending", "completed"):
        write(target, state=state)
    other = write(make_connection())
    planner.post(
        "/integrations/operations/steer/?connection=zup-1",
        {"action": "cancel", "all": "on", "reason": "wrong month"},
    )
    assert Operation.objects.filter(state="cancelled").count() == 2
    other.refresh_from_db()
    assert other.state == "pending"


def test_sent_again_only_when_confirmed_and_shown_then(planner: Client, target: Connection) -> None:
    row = write(target, kind="tests.shown_once", state="unknown")
    asked = {
        "action": "replay",
        "operation": row.pk,
        "reason": "looked",
        "next": f"/integrations/operations/{row.pk}/",
    }
    assert "may take effect twice" in steer(planner, **asked).content.decode()
    page = steer(planner, **asked, confirmed="on")
    again = Operation.objects.get(replay_of=row)
    assert page.redirect_chain[-1][0] == f"/integrations/operations/{again.pk}/"


@pytest.mark.parametrize(
    "data", [{}, {"action": "explode"}, {"action": "retry"}, {"action": "retry", "operation": "x"}]
)
def test_nonsense_is_a_message(planner: Client, data: dict[str, str]) -> None:
    page = steer(planner, **data, next="//elsewhere.example/")
    assert page.status_code == 200
    assert page.redirect_chain == [("/integrations/operations/", 302)]


def test_who_may_not_see_sees_nothing() -> None:
    client = Client()
    client.force_login(make_user(Role.EMPLOYEE))
    assert client.get("/integrations/operations/").status_code == 403
    assert client.get(API).status_code == 403


def test_downloads_hold_what_the_page_shows(planner: Client, target: Connection) -> None:
    row = write(target, state="failed", reason=Phrase.plain("no such person"))
    Attempt.objects.create(operation=row, number=1, outcome="refused", answer="said")
    write(target)
    text = planner.get("/integrations/operations/download/?state=failed&format=csv").content.decode(
        "utf-8-sig"
    )
    assert text.count("ZUP One") == 1
    assert "no such person" in text
    text = planner.get(f"/integrations/operations/{row.pk}/attempts/download/?format=csv").content.decode()
    assert "said" in text


def test_in_the_admin_many_are_steered_at_once(target: Connection) -> None:
    client = Client(headers={"accept-language": "en"})
    client.force_login(make_user(Role.ADMIN))
    rows = [write(target, state="failed") for _ in range(2)]
    address = reverse("admin:integrations_operation_changelist")
    asked = {"action": "try_again", "_selected_action": [row.pk for row in rows]}
    assert "Say why." in client.post(address, asked, follow=True).content.decode()
    client.post(address, asked | {"reason": "1C is back"})
    assert set(Operation.objects.values_list("state", flat=True)) == {"pending"}
    Attempt.objects.create(operation=rows[0], number=1)
    assert client.get(reverse("admin:integrations_operation_change", args=[rows[0].pk])).status_code == 200


def test_other_programs_list_look_and_steer(planner: Client, target: Connection) -> None:
    row = write(target, state="unknown", kind="tests.shown_once")
    Attempt.objects.create(operation=row, number=1, outcome="unclear")
    write(target)
    found = planner.get(f"{API}?state=unknown").json()["results"]
    assert [(each["id"], each["kind"]) for each in found] == [(row.pk, "tests.shown_once")]
    assert planner.get(f"{API}{row.pk}/").json()["attempts"][0]["outcome"] == "unclear"
    post = {"content_type": "application/json"}
    assert planner.post(f"{API}{row.pk}/retry/", {"reason": "hope"}, **post).status_code == 409
    answer = planner.post(f"{API}{row.pk}/retry/", {"reason": "looked", "confirmed": True}, **post)
    assert (answer.status_code, answer.json()["state"]) == (200, "pending")
    assert planner.post(f"{API}{row.pk}/replay/", {"reason": "why"}, **post).status_code == 409
    assert planner.post(f"{API}{row.pk}/cancel/", {"reason": "why"}, **post).json()["state"] == "cancelled"
    again = planner.post(
        f"{API}{row.pk}/replay/",
        {"reason": "why", "confirmed": True},
        headers={"Idempotency-Key": "a"},
        **post,
    )
    same = planner.post(
        f"{API}{row.pk}/replay/",
        {"reason": "why", "confirmed": True},
        headers={"Idempotency-Key": "a"},
        **post,
    )
    assert (again.status_code, same.json()["id"]) == (201, again.json()["id"])
    assert planner.post(f"{API}{row.pk}/cancel/", {}, **post).status_code == 400
    assert planner.post(f"{API}999999/cancel/", {"reason": "why"}, **post).status_code == 404


def test_figures_for_a_monitor(target: Connection) -> None:
    write(target)
    write(target, state="failed")
    write(target, state="completed")
    figures = {
        metric.name: {tuple(s.labels.values()): s.value for s in metric.samples}
        for metric in operation_metrics()
    }
    assert figures["wfm_operations"] == {("tests.shown", "pending"): 1, ("tests.shown", "failed"): 1}
    assert figures["wfm_operations_waiting"] == {("zup-1",): 1}
    assert figures["wfm_operation_oldest_seconds"].keys() == {("zup-1",)}


def test_figures_of_calls_for_a_monitor(target: Connection) -> None:
    facts = {"connection": target, "method": "GET", "path": "/agents"}
    ids = {"session_id": uuid.uuid4(), "request_id": uuid.uuid4()}
    for duration_ms, failure in ((100, ""), (200, ""), (300, "retry"), (400, "refused")):
        Call.objects.create(endpoint="agents", duration_ms=duration_ms, failure=failure, **facts, **ids)
    long_ago = clock.now() - dt.timedelta(minutes=6)
    Call.objects.create(endpoint="agents", duration_ms=9_000, began_at=long_ago, **facts, **ids)
    Breaker.objects.create(connection=target, failures=5, open_until=clock.now())
    figures = {
        metric.name: {tuple(s.labels.values()): s.value for s in metric.samples}
        for metric in outgoing_calls()
    }
    assert figures["wfm_calls_lately"] == {("zup-1", "agents"): 4}
    assert figures["wfm_call_errors_lately"] == {("zup-1", "agents"): 1}
    assert figures["wfm_call_seconds_lately"] == {
        ("zup-1", "agents", "0.5"): 0.2,
        ("zup-1", "agents", "0.95"): 0.4,
        ("zup-1", "agents", "0.99"): 0.4,
    }
    assert figures["wfm_breaker_open"] == {("zup-1",): 1}
