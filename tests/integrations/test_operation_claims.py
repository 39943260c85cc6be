"""Who claims what: due, admitted, in order, within the limit of each connection, by several at once."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from apps.core import clock
from apps.core.phrases import Phrase
from apps.integrations.errors import RefusedError, TemporaryError
from apps.integrations.models import Attempt, Breaker, Operation
from apps.integrations.registry import operation_handler
from apps.integrations.services import breaker
from apps.integrations.services.operations import add_operations
from apps.integrations.services.queue.beating import beat
from apps.integrations.services.queue.claiming import any_claimable, claim
from apps.integrations.services.queue.finishing import finish
from apps.integrations.services.queue.gate import SPREAD_S
from apps.integrations.services.queue.judging import well_done
from apps.integrations.services.queue.leases import DOUBT_S, LEASE_S, reap
from apps.integrations.types import Done, NewOperation
from tests.concurrency import at_once
from tests.factories.integrations import make_connection
from tests.integrations.draining import drain, make_due

if TYPE_CHECKING:
    from apps.integrations.services.queue.claiming import Claimed
    from apps.integrations.types import OperationInHand

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


@operation_handler("tests.answering", label="Answers as its payload says")
def answering(in_hand: OperationInHand) -> Done:
    if in_hand.payload.get("ill"):
        raise TemporaryError(Phrase.plain("ill"))
    if in_hand.payload.get("refused"):
        raise RefusedError(Phrase.plain("refused"))
    return Done()


def write(count: int, connection_id: int, **facts: Any) -> list[Operation]:
    payload = facts.pop("payload", {})
    with transaction.atomic():
        new = [NewOperation(connection_id, "tests.answering", payload, **facts) for _ in range(count)]
        return add_operations(new)


def end(claimed: list[Claimed]) -> None:
    finish([well_done(one, Done(), result="{}") for one in claimed])


def priorities(claimed: list[Claimed]) -> list[int]:
    keys = [one.operation_id for one in claimed]
    return sorted(Operation.objects.filter(pk__in=keys).values_list("priority", flat=True))


def test_an_attempt_is_written_with_the_claim() -> None:
    row = write(1, make_connection().pk)[0]
    (claimed,) = claim("node:1", limit=5)
    written = Attempt.objects.get(operation=row)
    assert (written.number, written.node, written.ended_at) == (1, "node:1", None)
    assert written.request_id == claimed.in_hand.request_id
    row.refresh_from_db()
    assert (row.state, row.node, row.attempt) == ("processing", "node:1", 1)
    assert row.lease_until is not None
    assert 25 < (row.lease_until - clock.now()).total_seconds() <= LEASE_S


def test_what_is_not_due_and_what_belongs_to_a_connection_at_rest_stays() -> None:
    write(1, make_connection().pk, run_at=clock.now() + HOUR)
    write(1, make_connection(is_active=False).pk)
    assert claim("node:1", limit=5) == []
    assert not any_claimable()


def test_at_most_five_of_a_connection_however_many_claim() -> None:
    write(20, make_connection().pk)
    assert [len(claim("node:1", limit=3)), len(claim("node:2", limit=9))] == [3, 2]
    assert claim("node:3", limit=9) == []
    assert not any_claimable()


def test_connections_take_turns() -> None:
    slow, quick = make_connection(max_parallel=50).pk, make_connection(max_parallel=50).pk
    write(40, slow, run_at=clock.now() - HOUR)
    write(2, quick)
    claimed = claim("node:1", limit=4)
    assert sorted(one.in_hand.connection_id for one in claimed) == sorted([slow, slow, quick, quick])


def test_priority_1_goes_before_two_thousand_of_priority_5() -> None:
    connection_id = make_connection().pk
    write(2000, connection_id, priority=5)
    end(claim("node:1", limit=5))
    write(10, connection_id, priority=1)
    begun: list[int] = []
    for _claim in range(4):
        claimed = claim("node:1", limit=5)
        begun += priorities(claimed)
        end(claimed)
    assert begun.count(1) == 10


def test_the_least_urgent_is_not_starved_by_a_stream_of_urgent_ones() -> None:
    connection_id = make_connection().pk
    (last,) = write(1, connection_id, priority=5, run_at=clock.now() - HOUR)
    for _claim in range(5):
        write(5, connection_id, priority=1)
        end(claim("node:1", limit=5))
    last.refresh_from_db()
    assert last.state == "completed"


def test_a_claim_and_an_end_cost_the_same_for_one_and_for_many() -> None:
    connections = [make_connection().pk for _ in range(4)]
    costs = []
    for count in (1, 5):
        for connection_id in connections:
            write(count, connection_id)
        with CaptureQueriesContext(
            connection,
        ) as claiming:
            claimed = claim("node:1", limit=20)
        assert len(claimed) == 4 * count
        with CaptureQueriesContext(connection) as ending:
            end(claimed)
        costs.append((len(claiming), len(ending)))
    assert costs[0] == costs[1]


def test_an_open_breaker_postpones_all_of_its_connection_and_spends_no_retry() -> None:
    ill, well = make_connection().pk, make_connection().pk
    write(5, ill, payload={"ill": True})
    drain()
    opened = Breaker.objects.get(connection=ill)
    assert opened.open_until is not None
    write(40, ill)
    (other,) = write(1, well)
    drain()
    waiting = Operation.objects.filter(connection=ill, failures=0)
    assert {row.state for row in waiting} == {"pending"}
    assert waiting.count() == 40
    latest = opened.open_until + dt.timedelta(seconds=SPREAD_S)
    assert all(opened.open_until <= row.run_at <= latest for row in waiting)
    assert len({row.run_at for row in waiting}) == 40, "not always the same one tries"
    assert not Attempt.objects.filter(operation__in=waiting).exists()
    other.refresh_from_db()
    assert other.state == "completed"


def test_one_tries_whether_the_other_system_is_well_again_and_then_all_go() -> None:
    ill = make_connection().pk
    for _ in range(5):
        breaker.report(ill, well=False)
    write(12, ill)
    Breaker.objects.filter(connection=ill).update(open_until=clock.now() - HOUR)
    assert [row.state for row in drain()].count("completed") == 1
    make_due()
    assert [row.state for row in drain()].count("completed") == 11


def test_in_a_long_failure_those_that_try_take_turns() -> None:
    ill = make_connection().pk
    write(30, ill, payload={"ill": True})
    drain()
    rows = Operation.objects.filter(connection=ill)
    for _minute in range(25):
        Breaker.objects.filter(connection=ill).update(open_until=clock.now() - HOUR, probe_until=None)
        rows.update(run_at=F("run_at") - HOUR)
        drain()
    assert sum(row.failures for row in rows) == 5 + 25
    assert {row.state for row in rows} == {"pending"}


def test_refusals_open_no_breaker() -> None:
    connection_id = make_connection().pk
    write(10, connection_id, payload={"refused": True})
    drain()
    assert Operation.objects.filter(state="failed").count() == 10


def test_a_living_node_contradicts_the_doubt_of_its_lease() -> None:
    write(2, make_connection().pk)
    mine, lost = claim("node:1", limit=2)
    Operation.objects.update(lease_until=clock.now() - HOUR)  # as after a step of the clock
    assert reap() == 0
    beat([mine])
    Operation.objects.filter(doubted=True).update(lease_until=clock.now() - HOUR)
    assert reap() == 1
    states = dict(Operation.objects.values_list("pk", "state"))
    assert states == {mine.operation_id: "processing", lost.operation_id: "pending"}


def test_a_lease_that_lasts_longer_than_leases_do_is_doubted_too() -> None:
    write(1, make_connection().pk)
    claim("node:1", limit=1)
    Operation.objects.update(lease_until=clock.now() + HOUR)  # the clock has stepped back since
    reap()
    row = Operation.objects.get()
    assert row.doubted
    assert row.lease_until is not None
    assert (row.lease_until - clock.now()).total_seconds() <= DOUBT_S


def test_whoever_lost_an_operation_changes_nothing_any_more() -> None:
    write(1, make_connection().pk)
    (first,) = claim("node:1", limit=1)
    Operation.objects.update(lease_until=clock.now() - HOUR, doubted=True)
    assert reap() == 1
    (second,) = claim("node:1", limit=1)
    stored: list[str] = []
    finish([well_done(first, Done(store=lambda: stored.append("first")), result="{}")])
    beat([first])
    assert Operation.objects.get().state == "processing"
    finish([well_done(second, Done(store=lambda: stored.append("second")), result="{}")])
    assert (Operation.objects.get().state, stored) == ("completed", ["second"])


@pytest.mark.django_db(transaction=True)
def test_eight_that_claim_at_once_take_each_operation_once_and_five_of_a_connection() -> None:
    connections = [make_connection().pk for _ in range(3)]
    for connection_id in connections:
        write(30, connection_id)
    for _round in range(6):
        taken = at_once(*[partial(claim, f"node:{number}", limit=24) for number in range(8)])
        claimed = [one for batch in taken if isinstance(batch, list) for one in batch]
        assert [error for error in taken if isinstance(error, Exception)] == []
        assert len({one.operation_id for one in claimed}) == len(claimed)
        for connection_id in connections:
            assert Operation.objects.filter(connection=connection_id, state="processing").count() <= 5
        end(claimed)
    assert Attempt.objects.count() == Operation.objects.exclude(attempt=0).count()


@pytest.mark.django_db(transaction=True)
def test_two_reapers_at_once_give_back_each_operation_once() -> None:
    write(10, make_connection(max_parallel=10).pk)
    claim("node:1", limit=10)
    Operation.objects.update(lease_until=clock.now() - HOUR, doubted=True)
    given_back = at_once(reap, reap)
    assert sum(count for count in given_back if isinstance(count, int)) == 10
    assert set(Attempt.objects.values_list("number", "outcome")) == {(1, "lost")}
