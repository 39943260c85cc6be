"""Events: written with their cause, handed over at least once to each receiver on its own."""

from __future__ import annotations

import datetime as dt
import os
import signal
import threading
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.db import transaction

from apps.core import clock, events
from apps.core.models import DeliveryState, OutboxDelivery, OutboxEvent
from apps.core.services import outbox
from tests.concurrency import at_once
from tests.conftest import child_process, wait_until, worker_process
from tests.factories import make_user

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.core.events import Event

RECEIVED: list[Event] = []


class ReceiverBrokeError(Exception):
    pass


@pytest.fixture(autouse=True)
def receivers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(events, "_receivers", {})
    RECEIVED.clear()
    yield
    RECEIVED.clear()


def register_good(name: str = "good") -> None:
    events.receiver("month.planned", name=name)(RECEIVED.append)


def register_broken() -> None:
    @events.receiver("month.planned", name="broken")
    def broken(_event: Event) -> None:
        raise ReceiverBrokeError("printer on fire")


@transaction.atomic
def emit() -> OutboxEvent:
    return events.emit("month.planned", aggregate="variant", aggregate_id=7, data={"people": 3})


@pytest.mark.django_db(transaction=True)
def test_an_event_needs_the_transaction_of_its_change() -> None:
    with pytest.raises(RuntimeError, match=r"transaction\.atomic"):
        events.emit("month.planned", aggregate="variant", aggregate_id=7, data={})


@pytest.mark.django_db(transaction=True)
def test_nothing_leaves_a_transaction_that_fails() -> None:
    register_good()
    with pytest.raises(ReceiverBrokeError), transaction.atomic():
        emit()
        raise ReceiverBrokeError
    outbox.deliver_due()
    assert not RECEIVED
    assert not OutboxEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_receiver_gets_the_event_once_and_whole() -> None:
    register_good()
    user = make_user()
    with transaction.atomic():
        row = events.emit(
            "month.planned", aggregate="variant", aggregate_id=7, data={"people": 3}, actor=user, version=2
        )
    assert outbox.deliver_due() == 1
    assert outbox.deliver_due() == 0
    (event,) = RECEIVED
    assert (event.id, event.type, event.version) == (row.id, "month.planned", 2)
    assert (event.aggregate, event.aggregate_id, event.actor) == ("variant", "7", str(user.pk))
    assert event.data == {"people": 3}


@pytest.mark.django_db(transaction=True)
def test_one_broken_receiver_is_not_in_the_way_of_another() -> None:
    register_broken()
    register_good()
    emit()
    with pytest.raises(ReceiverBrokeError):
        outbox.deliver_due()
    assert outbox.deliver_due() == 1
    broken = OutboxDelivery.objects.get(receiver="broken")
    assert (broken.state, broken.attempts) == (DeliveryState.PENDING, 1)
    assert broken.error == "ReceiverBrokeError: printer on fire"
    assert len(RECEIVED) == 1


@pytest.mark.django_db(transaction=True)
def test_retries_keep_their_distance_and_end() -> None:
    register_broken()
    start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    with time_machine.travel(start, tick=False) as hands:
        emit()
        at = 0
        for pause in outbox.BACKOFF_S:
            with pytest.raises(ReceiverBrokeError):
                outbox.deliver_due()
            hands.move_to(start + dt.timedelta(seconds=at + pause - 1))
            assert outbox.deliver_due() == 0
            at += pause
            hands.move_to(start + dt.timedelta(seconds=at))
        with pytest.raises(ReceiverBrokeError):
            outbox.deliver_due()
        hands.move_to(start + dt.timedelta(days=30))
        assert outbox.deliver_due() == 0
    delivery = OutboxDelivery.objects.get()
    assert (delivery.state, delivery.attempts) == (DeliveryState.FAILED, len(outbox.BACKOFF_S) + 1)
    assert "printer on fire" in delivery.error


@pytest.mark.django_db(transaction=True)
def test_dispatchers_at_once_share_the_work() -> None:
    register_good()
    for _ in range(40):
        emit()
    counts = at_once(*[outbox.deliver_due] * 4)
    assert sum(counts) == 40
    assert len({event.id for event in RECEIVED}) == len(RECEIVED) == 40
    assert set(OutboxDelivery.objects.values_list("attempts", flat=True)) == {1}


@pytest.mark.django_db(transaction=True)
def test_two_receivers_of_one_name_are_a_mistake() -> None:
    register_good("same")
    with pytest.raises(ValueError, match="same"):
        events.receiver("month.planned", name="same")(lambda _event: None)


@pytest.mark.django_db(transaction=True)
def test_a_receiver_that_is_gone_is_reported() -> None:
    register_good()
    emit()
    events._receivers.clear()
    with pytest.raises(LookupError, match="good"):
        outbox.deliver_due()


@pytest.mark.django_db(transaction=True)
def test_what_a_killed_dispatcher_held_is_delivered_after_its_lease() -> None:
    register_good("stuck")
    emit()
    with child_process("-m", "tests.core.stuck_dispatcher") as dispatcher:
        wait_until(lambda: OutboxDelivery.objects.filter(attempts=1).exists(), what="the claim")
        os.kill(dispatcher.pid, signal.SIGKILL)
    assert outbox.deliver_due() == 0
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=outbox.LEASE_S + 1)):
        assert outbox.deliver_due() == 1
    assert OutboxDelivery.objects.get().attempts == 2


@pytest.mark.django_db(transaction=True)
def test_a_receiver_that_takes_its_process_down_is_not_tried_for_ever() -> None:
    register_good("deadly")
    emit()
    begin, attempts = dt.datetime.now(dt.UTC), 0
    with time_machine.travel(begin, tick=False) as hands:
        for lease in range(1, 20):
            attempts += outbox._claim_next() is not None  # and no outcome: killed before it could tell one
            hands.move_to(begin + dt.timedelta(seconds=lease * (outbox.LEASE_S + 1)))
        assert outbox.deliver_due() == 0
    assert attempts == outbox.MAX_ATTEMPTS == 7
    delivery = OutboxDelivery.objects.get()
    assert (delivery.state, delivery.error) == (DeliveryState.FAILED, outbox.NO_OUTCOME)


@pytest.mark.django_db(transaction=True)
def test_an_outcome_that_comes_after_the_lease_changes_nothing() -> None:
    register_good()
    emit()
    late = outbox._claim_next()
    assert late is not None
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=outbox.LEASE_S + 1)):
        other = outbox._claim_next()
        assert other is not None
        outbox._write_outcome(late, None)
        assert OutboxDelivery.objects.get().state == DeliveryState.PENDING
        outbox._write_outcome(other, None)
        outbox._write_outcome(other, ReceiverBrokeError())
    delivery = OutboxDelivery.objects.get()
    assert (delivery.state, delivery.attempts, delivery.error) == (DeliveryState.DELIVERED, 2, "")


@pytest.mark.django_db(transaction=True)
def test_a_delivery_that_somebody_is_claiming_is_passed_by() -> None:
    register_good()
    emit()
    emit()
    first, second = OutboxDelivery.objects.order_by("run_at", "pk")
    locked, claimed = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            OutboxDelivery.objects.select_for_update().get(pk=first.pk)
            locked.set()
            claimed.wait(20)

    def claim() -> int | None:
        locked.wait(20)
        found = outbox._claim_next()
        claimed.set()
        return None if found is None else found.pk

    assert at_once(hold, claim) == [None, second.pk]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("empty_queues")
def test_a_worker_is_woken_by_the_commit() -> None:
    register_good("remote")
    with worker_process("interactive", "tests.core.remote_receiver"):
        emit()
        delivered = OutboxDelivery.objects.filter(state=DeliveryState.DELIVERED)
        wait_until(delivered.exists, seconds=30, what="the delivery")


@pytest.mark.django_db(transaction=True)
def test_old_events_are_forgotten_unless_somebody_waits_for_them(settings: Any) -> None:
    settings.EVENTS_KEPT_DAYS = 10
    register_good()
    long_ago = clock.now() - dt.timedelta(days=11)
    states = {emit().pk: state for state in DeliveryState.values}
    for key, state in states.items():
        OutboxDelivery.objects.filter(event_id=key).update(state=state)
    OutboxEvent.objects.update(occurred_at=long_ago)
    fresh = emit()
    assert outbox.prune() == 1
    left = {DeliveryState.PENDING, DeliveryState.FAILED}
    expected = {key for key, state in states.items() if state in left} | {fresh.pk}
    assert set(OutboxEvent.objects.values_list("pk", flat=True)) == expected
