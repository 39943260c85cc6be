"""The past and the present of a simulated contact centre, asked for over a real socket."""

from __future__ import annotations

import datetime as dt
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import pytest

from apps.core import clock
from apps.demand.models import IntervalHistory
from apps.integrations.choices import RunState
from apps.integrations.models import Connection, Run
from apps.integrations.registry import find_connection_test
from apps.integrations.services.access import access_to
from apps.integrations.services.centre import polling
from apps.integrations.services.runs import start_run
from apps.integrations.wire.centre.histories import read_group_intervals, read_states
from apps.jobs.services import run as run_job
from apps.monitoring.models import (
    AgentContact,
    AgentLink,
    AgentLogin,
    AgentStateInterval,
    CurrentState,
    Feed,
    GroupInterval,
    QueueLink,
    QueueSnapshot,
    Source,
)
from apps.organization.models import Queue
from tests.concurrency import at_once
from tests.factories.integrations import make_connection
from tests.factories.organization import make_employee
from tests.integrations.peer import answering, peer
from tests.integrations.simulated_centre import contact_centre

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.integrations.simulated import Simulated

pytestmark = pytest.mark.django_db(transaction=True)
DAY = {"start": "2026-11-17", "end": "2026-11-18"}


@pytest.fixture(scope="module")
def centre() -> Iterator[Simulated]:
    with contact_centre() as simulated:
        yield simulated


@pytest.fixture
def connection(centre: Simulated) -> Connection:
    centre.clear_faults()
    return make_connection(
        system="contact_centre",
        base_url=centre.url,
        authentication="none",
        options={"create_queues": True, "ignore_case": True},
    )


def instant(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def run(connection: Connection, purpose: str, **options: Any) -> Run:
    started = start_run(connection, purpose, actor=None, options=options)
    assert started.job_id
    run_job(started.job_id)
    return Run.objects.get(pk=started.pk)


def test_groups_become_queues_and_agents_are_linked_by_number(connection: Connection) -> None:
    done = run(connection, "centre.personnel")
    assert done.state == RunState.DONE, done.reason
    assert done.counts["groups"] == QueueLink.objects.count()
    assert done.counts["queues_created"] == Queue.objects.count() > 0
    link = AgentLink.objects.exclude(number="").first()
    assert link is not None
    assert done.counts["agents_linked"] == 0
    assert {problem["field"] for problem in done.problems} == {"agentNumber"}
    person = make_employee(personnel_number=link.number.lower())
    again = run(connection, "centre.personnel")
    assert (again.counts["queues_created"], again.counts["agents_linked"]) == (0, 1)
    link.refresh_from_db()
    assert link.employee == person
    assert not any(problem["subject"] == link.external_id for problem in again.problems)


def test_history_is_taken_over_once_and_asked_again_changes_nothing(connection: Connection) -> None:
    run(connection, "centre.personnel")
    done = run(connection, "centre.history", **DAY)
    assert done.state == RunState.DONE, done.reason
    queues = Queue.objects.count()
    assert IntervalHistory.objects.count() == 96 * queues, "an interval without contacts is there, with none"
    told = GroupInterval.objects.exclude(received=0).first()
    assert told is not None
    link = QueueLink.objects.get(pk=told.group_id)
    kept = IntervalHistory.objects.get(queue=link.queue, start=told.start)
    assert (kept.offered, kept.handled) == (told.received, told.treated)
    assert kept.handle_s == pytest.approx((told.aht_ms + told.wrap_ms) * told.treated / 1000, abs=1)
    again = run(connection, "centre.history", **DAY)
    assert (again.counts["written"], again.counts["intervals"]) == (0, 0)
    assert again.counts["unchanged"] == done.counts["written"]


def test_statuses_logins_and_contacts_are_asked_for_by_day(connection: Connection) -> None:
    run(connection, "centre.personnel")
    for purpose, model in (
        ("centre.states", AgentStateInterval),
        ("centre.logins", AgentLogin),
        ("centre.calls", AgentContact),
    ):
        done = run(connection, purpose, **DAY)
        assert done.state == RunState.DONE, done.reason
        rows = model.objects.count()
        assert rows > 0
        assert done.problems == []
        assert run(connection, purpose, **DAY).counts["written"] == 0
        assert model.objects.count() == rows
    assert run(connection, "centre.chats", **DAY).state == RunState.DONE


def test_the_history_of_statuses_is_what_the_centre_says(connection: Connection, centre: Simulated) -> None:
    run(connection, "centre.states", **DAY)
    window = "startDate=2026-11-17T00:00:00%2B03:00&endDate=2026-11-18T00:00:00%2B03:00"
    answer = centre.get(f"/historic/agentStatusData?{window}")
    told = {
        (row["agentId"], dt.datetime.fromisoformat(state["startDate"])): dt.datetime.fromisoformat(
            state["endDate"]
        )
        for row in answer
        for state in row["states"]
        if state["endDate"] and state["endDate"] != state["startDate"]
    }
    kept = {
        (row.agent.external_id, row.start): row.end
        for row in AgentStateInterval.objects.select_related("agent")
    }
    assert told
    assert {key: kept.get(key) for key in told} == told


def test_a_run_that_was_killed_goes_on_where_it_was(connection: Connection, centre: Simulated) -> None:
    run(connection, "centre.personnel")
    started = start_run(
        connection, "centre.states", actor=None, options={"start": "2026-11-16", "end": "2026-11-18"}
    )
    done_until = dt.datetime.fromisoformat("2026-11-18T00:00:00+03:00")
    Run.objects.filter(pk=started.pk).update(
        plan={"done_until": done_until.isoformat()}, counts={"written": 7}
    )
    before = len(centre.ledger("agentStatusData")) if centre.counts() else len(centre.requests())
    assert started.job_id
    run_job(started.job_id)
    after = len(centre.ledger("agentStatusData")) if centre.counts() else len(centre.requests())
    ended = Run.objects.get(pk=started.pk)
    assert ended.state == RunState.DONE
    assert ended.counts["written"] >= 7
    assert after - before <= 1, "the days before were not asked for again"


def test_a_404_is_no_data_only_with_an_error_object(connection: Connection, centre: Simulated) -> None:
    centre.fault("status", "/historic/agentLoginData", status=404, times=1)
    done = run(connection, "centre.logins", **DAY)
    assert (done.state, done.failure) == (RunState.FAILED, "configuration")


def test_a_broken_row_is_named_and_the_others_are_taken() -> None:
    good = {"startInterval": "2026-11-17T10:00:00+03:00", "endInterval": "2026-11-17T10:15:00+0300"}
    counts = {"notUniqueReceived": 3, "notUniqueTreated": "2", "notUniqueMissed": 1, "aht": 90500.4}
    told = read_group_intervals(
        [
            {
                "serviceId": 1,
                "groupId": 101,
                "historicData": [
                    good | counts,
                    good | counts | {"startInterval": "2026-11-17T10:00:00"},
                    good | {"notUniqueReceived": 1},
                    good | counts | {"aht": -1},
                    "nonsense",
                ],
            },
            {"historicData": []},
        ]
    )
    (row,) = told.rows
    assert (row.group, row.service, row.treated, row.aht_ms, row.wrap_ms) == ("101", "1", 2, 90500, 0)
    assert row.unique_received is None
    assert [problem.field for problem in told.problems] == [
        "startInterval",
        "notUniqueTreated",
        "aht",
        "historicData[4]",
        "groupId",
    ]
    state = {"startDate": "2026-11-17T10:00:00Z", "endDate": None, "stateCode": "4_1", "stateName": "x_y"}
    repeated = [{"agentId": "7", "groupId": group, "states": [state]} for group in ("1", "2")]
    assert len(read_states(repeated).rows) == 1


def test_the_present_is_polled(connection: Connection) -> None:
    run(connection, "centre.personnel")
    assert polling.due_connections() == [connection.pk]
    assert polling.poll(connection.pk)
    assert CurrentState.objects.filter(status__isnull=False).exists()
    assert (
        QueueSnapshot.objects.values("group").distinct().count()
        == QueueLink.objects.filter(is_listed=True).count()
    )
    assert polling.due_connections() == [], "its period has begun"
    feed = Feed.objects.get(source__code=connection.code, transport="poll")
    assert feed.next_at is not None
    assert feed.next_at > clock.now()


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        (["Date: {date}"], 90),
        (["Date: {date}", "Age: 1"], 0),  # kept by a cache, who knows since when
        (["Date: a minute ago"], 0),
        ([], 0),
    ],
)
def test_a_clock_behind_shows_in_the_dates_of_answers(headers: list[str], seconds: int) -> None:
    behind = format_datetime(clock.now() - dt.timedelta(seconds=90), usegmt=True)
    lines = [line.format(date=behind) for line in headers]
    with peer(answering(b"[]", "200 OK", *lines)) as centre:
        base_url = f"http://127.0.0.1:{centre.port}"
        polled = make_connection(
            system="contact_centre", base_url=base_url, authentication="none", options={"poll": ["states"]}
        )
        for _turn in range(3):
            Feed.objects.update(next_at=None)
            assert polling.poll(polled.pk)
    offset_ms = Source.objects.get(code=polled.code).clock_offset_ms
    assert -offset_ms / 1000 == pytest.approx(seconds, abs=20)


def test_two_workers_poll_once(connection: Connection, centre: Simulated) -> None:
    before = len(centre.requests())
    results = at_once(*[lambda: polling.poll(connection.pk)] * 2)
    assert sorted(map(bool, results)) == [False, True]
    assert len(centre.requests()) - before <= 2


def test_a_poll_that_fails_shows_on_the_feed_and_the_next_goes_on(
    connection: Connection, centre: Simulated
) -> None:
    centre.fault("status", "/online/agentStatus", status=503, times=1)
    assert not polling.poll(connection.pk)
    assert Feed.objects.get(source__code=connection.code, transport="poll").state == "down"
    Feed.objects.update(next_at=None)
    assert polling.poll(connection.pk)
    assert Feed.objects.get(source__code=connection.code, transport="poll").state == "live"


@pytest.mark.usefixtures("in_english")
@pytest.mark.usefixtures("in_english")
def test_the_test_of_a_connection_says_what_each_method_answers(connection: Connection) -> None:
    look_at = find_connection_test("contact_centre")
    assert look_at is not None
    findings = look_at(access_to(connection))
    assert [well for well, _text in findings] == [True] * 5
    connection.base_url += "/nowhere/personnel/"
    connection.options = {"poll_s": "often"}
    assert look_at(access_to(connection)) == [(False, "The option poll_s cannot be often.")]
