"""How connections do: looks of every minute, figures, the page, the API, /health."""

from __future__ import annotations

import datetime as dt
import html
import re
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from apps.accounts.choices import Role
from apps.core import clock
from apps.core.phrases import Phrase
from apps.integrations import registry
from apps.integrations.choices import FailureClass, OperationState, RunState
from apps.integrations.errors import TemporaryError
from apps.integrations.models import (
    Breaker,
    Call,
    CallHour,
    Connection,
    ConnectionHealth,
    Operation,
    Run,
    RunSchedule,
)
from apps.integrations.selectors.health import Standing, connection_states, endpoint_figures
from apps.integrations.services.breaker import report
from apps.integrations.services.call_figures import prune_calls, sum_up
from apps.integrations.services.health import look_at_all, set_active
from apps.monitoring.services import intake
from apps.monitoring.services.intake import FeedState, Transport
from tests.concurrency import at_once
from tests.factories import make_user
from tests.factories.integrations import make_connection
from tests.integrations.peer import answering, peer

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django import DjangoAssertNumQueries
    from pytest_django.fixtures import SettingsWrapper

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("in_english")]


def make_call(connected: Connection, **facts: Any) -> Call:
    run = Run()
    facts.setdefault("endpoint", "agents")
    return Call.objects.create(
        connection=connected,
        method="GET",
        path="/",
        session_id=run.session_id,
        request_id=run.session_id,
        **facts,
    )


def later() -> None:
    """Let the next look be due."""
    ConnectionHealth.objects.update(checked_at=clock.now() - dt.timedelta(minutes=1))
    Call.objects.update(began_at=clock.now() - dt.timedelta(minutes=1))


class TestLooking:
    def test_each_is_called_and_what_is_found_is_kept(self) -> None:
        with peer(answering(b"", "404 Not Found")) as other:
            well = make_connection(base_url=f"http://127.0.0.1:{other.port}/x")
            ill = make_connection(base_url="http://127.0.0.1:9")
            make_connection(base_url="http://127.0.0.1:9", is_active=False)
            make_connection(base_url="http://127.0.0.1:9", system="webhook")
            assert look_at_all() == 2
            assert look_at_all() == 0, "it is not due"
            assert len(other.requests) == 1
            later()
            assert look_at_all() == 2
        good, bad = (ConnectionHealth.objects.get(connection=one) for one in (well, ill))
        assert (good.is_well, good.last_success_at is not None) == (True, True)
        assert (bad.is_well, bad.failure, bad.last_success_at) == (False, FailureClass.RETRY, None)
        assert "refuses connections" in str(bad.reason)
        assert Call.objects.filter(connection=ill, endpoint="reach").count() == 2
        assert Breaker.objects.get().failures == 2

    def test_a_call_that_was_made_anyway_is_look_enough(self) -> None:
        with peer(answering(b"[]")) as other:
            connected = make_connection(base_url=f"http://127.0.0.1:{other.port}/x")
            make_call(connected, failure=FailureClass.AUTHENTICATION, reason=Phrase.plain("no"))
            assert look_at_all() == 1
            assert not other.requests
            assert ConnectionHealth.objects.get().failure == FailureClass.AUTHENTICATION
            make_call(connected, failure=FailureClass.REFUSED)
            ConnectionHealth.objects.update(checked_at=clock.now() - dt.timedelta(minutes=1))
            look_at_all()
            assert ConnectionHealth.objects.get().is_well, "a refusal is an answer"

    def test_an_open_breaker_lets_one_look_try(self) -> None:
        with peer(answering(b"[]")) as other:
            connected = make_connection(base_url=f"http://127.0.0.1:{other.port}/x")
            for _time in range(5):
                report(connected.pk, well=False)
            look_at_all()
            assert not other.requests, "it is spared"
            Breaker.objects.update(open_until=clock.now())
            later()
            look_at_all()
            assert len(other.requests) == 1
            assert Breaker.objects.get().open_until is None

    def test_a_page_of_errors_under_the_bare_address_is_neither_good_nor_bad(self) -> None:
        with peer(answering(b"", "500 Internal Server Error")) as other:
            connected = make_connection(base_url=f"http://127.0.0.1:{other.port}/x")
            report(connected.pk, well=False)
            look_at_all()
        assert ConnectionHealth.objects.get().is_well
        assert Breaker.objects.get().failures == 1

    def test_two_sweeps_at_once_look_once(self) -> None:
        with peer(answering(b"[]")) as other:
            for _one in range(6):
                make_connection(base_url=f"http://127.0.0.1:{other.port}/x")
            look_at_all()
            later()
            assert sum(at_once(*[look_at_all] * 3)) == 6  # type: ignore[arg-type]
            assert len(other.requests) == 12

    def test_a_systems_own_light_call_is_used(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def check(_access: object) -> None:
            raise TemporaryError(Phrase.plain("its socket is silent"))

        monkeypatch.setitem(registry._checks, "mce", check)
        make_connection(system="mce")
        look_at_all()
        assert str(ConnectionHealth.objects.get().reason) == "its socket is silent"


class TestFigures:
    def test_calls_are_summed_up_by_endpoint_and_hour(self) -> None:
        connected = make_connection()
        for number in range(1, 101):
            make_call(connected, duration_ms=number, failure="retry" if number > 90 else "")
        make_call(connected, failure=FailureClass.REFUSED, endpoint="send")
        sum_up()
        sum_up()
        agents, send = CallHour.objects.order_by("endpoint")
        assert (agents.calls, agents.errors) == (100, 10)
        assert (agents.p50_ms, agents.p95_ms, agents.p99_ms) == (50, 95, 99)
        assert (send.calls, send.errors) == (1, 0), "a refusal is no error of the exchange"
        (state,) = connection_states()
        assert state.success_day == state.success_week == pytest.approx(91 / 101)
        assert state.error_share == pytest.approx(10 / 101)
        assert (state.p95_ms, state.is_under_target) == (95, True)
        assert [row["failed_share"] for row in endpoint_figures(connected.pk)] == pytest.approx([0.1, 0])

    def test_old_calls_and_sums_are_forgotten(self, settings: SettingsWrapper) -> None:
        connected = make_connection()
        old = clock.now() - dt.timedelta(days=7, hours=2)
        make_call(connected, began_at=old)
        make_call(connected)
        CallHour.objects.create(connection=connected, endpoint="x", hour=old)
        assert prune_calls() == 1
        assert (Call.objects.count(), CallHour.objects.count()) == (1, 0)
        settings.CALLS_KEPT_DAYS = 0
        assert prune_calls() == 0


class TestStanding:
    def test_each_standing_has_its_cause(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def standing(connected: Connection) -> Standing:
            return connection_states(code=connected.code)[0].standing

        connected = make_connection(system="contact_centre")
        assert standing(connected) == Standing.NEW
        health = ConnectionHealth.objects.create(connection=connected, last_success_at=clock.now())
        assert standing(connected) == Standing.WELL
        newest = {connected.pk: clock.now() - dt.timedelta(minutes=6)}
        monkeypatch.setitem(registry._feed_ages, "contact_centre", lambda _keys: newest)
        assert standing(connected) == Standing.TROUBLED
        assert connection_states()[0].feed_age_s == pytest.approx(360, abs=5)
        newest[connected.pk] = clock.now()
        Operation.objects.create(connection=connected, kind="x", state=OperationState.FAILED)
        assert standing(connected) == Standing.TROUBLED
        health.is_well = False
        health.save()
        assert standing(connected) == Standing.DOWN
        set_active(connected.pk, active=False, actor=None)
        assert standing(connected) == Standing.PAUSED

    def test_going_on_after_a_pause_makes_up_for_nothing(self) -> None:
        connected = make_connection(is_active=False)
        RunSchedule.objects.create(
            connection=connected,
            purpose="x",
            recurrence="daily",
            at=dt.time(3),
            next_at=clock.now() - dt.timedelta(days=3),
        )
        set_active(connected.pk, active=True, actor=None)
        next_at = RunSchedule.objects.get().next_at
        assert next_at is not None
        assert next_at > clock.now()


class TestPages:
    @pytest.fixture
    def planner(self, client: Client) -> Client:
        client.force_login(make_user(role=Role.PLANNER))
        client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
        return client

    def test_fifty_connections_and_ten_thousand_operations_cost_as_little_as_two(
        self, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        def fill(connections: int, operations: int) -> None:
            made = [make_connection() for _one in range(connections)]
            Operation.objects.bulk_create(
                Operation(connection=made[number % connections], kind="x", state="pending")
                for number in range(operations)
            )

        fill(2, 10)
        with django_assert_num_queries(3) as counted:
            connection_states()
        fill(48, 9_990)
        with django_assert_num_queries(len(counted)):
            states = connection_states()
        assert sum(state.waiting for state in states) == 10_000

    @pytest.mark.parametrize(
        ("state", "words", "standing"),
        [
            ("live", "heard by its socket", "new"),
            ("fallback", "the socket is lost: its list is asked for", "troubled"),
            ("down", "heard neither by socket nor by list", "troubled"),
        ],
    )
    def test_whether_a_live_centre_is_heard_by_its_socket(
        self, planner: Client, state: str, words: str, standing: str
    ) -> None:
        connected = make_connection(system="mce")
        intake.heard(connected.code, transport=Transport.SOCKET)
        intake.set_feed_state(connected.code, transport=Transport.SOCKET, state=FeedState(state))
        for address in (
            reverse("integrations:health-page"),
            reverse("integrations:connection-page", args=[connected.code]),
        ):
            assert words in planner.get(address).content.decode()
        told = planner.get(reverse("integrations:api-health")).json()["connections"][0]
        assert (told["socket_state"], told["status"]) == (state, standing)

    def test_the_page_its_part_and_its_file(self, planner: Client) -> None:
        connected = make_connection(name="1C of the plant")
        ConnectionHealth.objects.create(
            connection=connected, is_well=False, reason=Phrase.plain("<b>away</b>"), failure="retry"
        )
        Operation.objects.create(connection=connected, kind="x", state=OperationState.UNKNOWN)
        for name in ("health-page", "health-part"):
            page = planner.get(reverse(f"integrations:{name}")).content.decode()
            assert "1C of the plant" in page
            assert "&lt;b&gt;away" in page
        download = planner.get(reverse("integrations:health-download"), {"format": "csv"})
        assert "1C of the plant" in b"".join(download).decode("utf-8-sig")

    def test_its_numbers_lead_to_the_operations_that_they_count(self, planner: Client) -> None:
        connected = make_connection()
        for state in (OperationState.PENDING, OperationState.FAILED):
            Operation.objects.create(connection=connected, kind="x", state=state)
        page = planner.get(reverse("integrations:health-page")).content.decode()
        links = set(re.findall(r'href="([^"]*/operations/\?connection=[^"]*)"', page))
        assert len(links) == 2
        assert '<table class="plain wrapping">' in page  # heads of one line push the actions off the page
        for link in links:
            shown = planner.get(html.unescape(link)).context["operations"]
            assert len(shown) == (1 if "state=failed" in link else 2)

    def test_the_page_of_a_connection_its_calls_and_its_actions(self, planner: Client) -> None:
        connected = make_connection()
        call = make_call(connected, failure="retry", request='{"x": 1}', answer="<script>1</script>")
        sum_up()
        address = reverse("integrations:connection-page", args=[connected.code])
        page = planner.get(address, {"failed": ""}).content.decode()
        assert str(call.request_id) in page
        assert "<script>1" not in page
        for name in ("calls-download", "endpoints-download"):
            assert planner.get(reverse(f"integrations:{name}", args=[connected.code])).status_code == 200
        pause = reverse("integrations:connection-pause", args=[connected.code])
        planner.post(pause, {"active": "0"})
        assert not Connection.objects.get().is_active
        run = reverse("integrations:connection-run", args=[connected.code])
        refused = planner.post(run, {"purpose": "onec.personnel"}, follow=True)
        assert "is paused" in refused.content.decode()
        planner.post(pause, {"active": "1"})
        answer = planner.post(run, {"purpose": "onec.personnel"})
        assert answer.headers["Location"] == reverse("integrations:run-page", args=[Run.objects.get().pk])

    def test_who_may_not_see_is_told(self, client: Client) -> None:
        client.force_login(make_user())
        make_connection(code="zup")
        assert client.get(reverse("integrations:health-page")).status_code == 403
        assert client.get(reverse("integrations:connection-page", args=["zup"])).status_code == 403

    def test_the_pages_of_runs(self, planner: Client) -> None:
        connected = make_connection()
        problems = [{"subject": f"{n}", "field": "rate", "reason": "none"} for n in range(150)]
        run = Run.objects.create(
            connection=connected, purpose="x", state=RunState.DONE, problems=problems, counts={"created": 7}
        )
        listed = planner.get(reverse("integrations:runs-page"), {"connection": connected.code})
        assert connected.name in listed.content.decode()
        page = planner.get(reverse("integrations:run-page", args=[run.pk]), {"page": "2"}).content.decode()
        assert ">149<" in page
        assert ">99<" not in page
        for address in (
            reverse("integrations:runs-download"),
            reverse("integrations:run-problems-download", args=[run.pk]),
        ):
            assert planner.get(address, {"format": "csv"}).status_code == 200


class TestDoors:
    def test_health_tells_of_others_without_failing_itself(self, client: Client) -> None:
        connected = make_connection()
        make_connection(is_active=False)
        assert client.get("/health").json()["checks"]["external_api"]["status"] == "healthy"
        for _time in range(5):
            report(connected.pk, well=False)
        answer = client.get("/health")
        checks = answer.json()["checks"]
        assert answer.status_code == 200
        found = {name: checks["external_api"][name] for name in ("status", "configured", "down")}
        assert found == {"status": "degraded", "configured": 1, "down": 1}

    @pytest.mark.parametrize(
        ("state", "count", "status"),
        [
            ("failed", 9, "healthy"),
            ("failed", 10, "degraded"),
            ("pending", 999, "healthy"),
            ("pending", 1000, "degraded"),
        ],
    )
    def test_the_queue_is_well_up_to_its_limits(
        self, client: Client, state: str, count: int, status: str
    ) -> None:
        connected = make_connection()
        Operation.objects.bulk_create(
            Operation(connection=connected, kind="x", state=state) for _one in range(count)
        )
        queue = client.get("/health").json()["checks"]["queue"]
        assert (queue["status"], queue[state]) == (status, count)

    def test_the_api_gives_the_same_and_starts_runs(self, client: Client) -> None:
        client.force_login(make_user(role=Role.PLANNER))
        connected = make_connection()
        body = client.get("/api/v1/integrations/health/").json()
        assert body["status"] == "healthy"
        assert body["connections"][0]["code"] == connected.code
        address = f"/api/v1/integrations/connections/{connected.code}/runs/"
        started = client.post(
            address,
            {"purpose": "onec.personnel"},
            content_type="application/json",
            headers={"Idempotency-Key": "k1"},
        )
        assert started.status_code == 202
        listed = client.get("/api/v1/integrations/runs/", {"connection": connected.code}).json()["results"]
        assert [row["purpose"] for row in listed] == ["onec.personnel"]
        detail = client.get(f"/api/v1/integrations/runs/{listed[0]['id']}/").json()
        assert detail["problems"] == []
        tested = client.post(
            f"/api/v1/integrations/connections/{connected.code}/test/", headers={"Idempotency-Key": "k2"}
        )
        assert tested.status_code == 202
