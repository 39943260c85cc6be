"""Whether what is in hand is still ours: the heart's beat, and the question before anything leaves."""

from __future__ import annotations

import dataclasses
import threading
from typing import TYPE_CHECKING

import pytest
from django.db import OperationalError, connection, transaction

from apps.core import clock
from apps.integrations.models import Attempt, Operation
from apps.integrations.registry import operation_handler
from apps.integrations.services.operations import add_operations
from apps.integrations.services.queue import beating
from apps.integrations.services.queue.beating import beat
from apps.integrations.services.queue.claiming import SURE_S, Claimed, Hold, claim
from apps.integrations.services.queue.doing import attempt
from apps.integrations.services.queue.finishing import finish
from apps.integrations.services.queue.leases import DOUBT_S
from apps.integrations.types import Done, NewOperation
from apps.integrations.wire.permits import ask_leave
from tests.concurrency import at_once
from tests.factories.integrations import make_connection

if TYPE_CHECKING:
    from apps.integrations.types import OperationInHand

pytestmark = pytest.mark.django_db
left: list[str] = []


@operation_handler("tests.leaving", label="Sends twice")
def leave_twice(_in_hand: OperationInHand) -> Done:
    for name in ("first", "second"):
        ask_leave()
        left.append(name)
    return Done()


@operation_handler("tests.leaving_once", label="Sends twice, must not be repeated", repeatable=False)
def leave_twice_once(in_hand: OperationInHand) -> Done:
    return leave_twice(in_hand)


@pytest.fixture(autouse=True)
def _nothing_left() -> None:
    left.clear()


def in_hand(kind: str = "tests.leaving", count: int = 1) -> list[Claimed]:
    """Give operations that were claimed so long ago that nobody knows whether they are still ours."""
    target = make_connection().pk
    with transaction.atomic():
        add_operations([NewOperation(target, kind, {}) for _ in range(count)])
    return [dataclasses.replace(one, hold=Hold()) for one in claim("node:1", limit=count)]


def test_what_is_sure_for_a_node_is_taken_by_nobody_else() -> None:
    assert SURE_S <= DOUBT_S


def test_one_that_is_still_ours_is_asked_for_once_and_leaves() -> None:
    (claimed,) = in_hand()
    finish([attempt(claimed, {})])
    assert left == ["first", "second"]
    assert claimed.hold.is_sure
    assert Operation.objects.get().state == "completed"


def test_one_that_another_took_does_not_leave(caplog: pytest.LogCaptureFixture) -> None:
    (claimed,) = in_hand()
    Operation.objects.update(state="unknown", lease_until=None)
    finish([attempt(claimed, {})])
    assert left == []
    assert Operation.objects.get().state == "unknown"
    assert "operation_lost" in caplog.text


def test_with_the_database_away_nothing_leaves_and_no_retry_is_spent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beating, "beat", away)
    (claimed,) = in_hand("tests.leaving_once")
    finish([attempt(claimed, {})])
    row = Operation.objects.get()
    assert (left, row.state, row.failures) == ([], "pending", 0)
    assert not Attempt.objects.exists()


@pytest.mark.parametrize(("kind", "state"), [("tests.leaving", "pending"), ("tests.leaving_once", "unknown")])
def test_what_had_begun_to_leave_is_judged_as_sent(
    monkeypatch: pytest.MonkeyPatch, kind: str, state: str
) -> None:
    monkeypatch.setattr(beating, "beat", away)
    (claimed,) = in_hand(kind)
    claimed.hold.has_sent = True
    finish([attempt(claimed, {})])
    row = Operation.objects.get()
    assert (left, row.state) == ([], state)
    assert Attempt.objects.get().outcome == "retry"


def away(_held: object) -> None:
    raise OperationalError("the database is away")


@pytest.mark.django_db(transaction=True)
def test_a_row_that_is_being_written_keeps_no_other_waiting_for_its_beat() -> None:
    first, second = in_hand(count=2)
    Operation.objects.update(lease_until=clock.now())
    locked, beaten = threading.Event(), threading.Event()

    @transaction.atomic
    def write_long() -> None:
        Operation.objects.select_for_update().get(pk=first.operation_id)
        locked.set()
        assert beaten.wait(30)

    def beat_both() -> None:
        assert locked.wait(30)
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '5s'")
        try:
            beat([first, second])
        finally:
            beaten.set()

    assert at_once(write_long, beat_both) == [None, None]
    assert (first.hold.is_sure, second.hold.is_sure) == (False, True)
