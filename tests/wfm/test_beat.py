"""Any number of beats: each tick once, none lost to a broker or a database that is away for a while."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from celery import current_app
from celery.beat import SchedulingError
from django.db import OperationalError
from django_celery_beat.models import PeriodicTask
from kombu.exceptions import OperationalError as BrokerAwayError

from apps.core import clock
from wfm.beat import RETRY_AFTER_S, OnceScheduler

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.django_db(transaction=True)
TASK = "jobs.sweep"
TURNS = 30


class Sender:
    """Stands where the messages leave: notes what was sent, or fails as told."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.fault: Exception | None = None

    def send(self, entry: Any) -> None:
        if self.fault is not None:
            try:
                raise self.fault
            except type(self.fault) as error:
                raise SchedulingError("not sent") from error
        self.sent.append(entry.task)


@pytest.fixture
def sender(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sender]:
    made = Sender()
    monkeypatch.setattr(OnceScheduler, "apply_async", lambda _beat, entry, **_options: made.send(entry))
    yield made
    PeriodicTask.objects.all().delete()


def beats(count: int) -> list[OnceScheduler]:
    """Give that many beats that read the same rows, in which one task is due."""
    OnceScheduler(app=current_app)
    now = clock.now()
    PeriodicTask.objects.update(last_run_at=now)
    PeriodicTask.objects.filter(name=TASK).update(last_run_at=now - dt.timedelta(hours=1))
    return [OnceScheduler(app=current_app) for _ in range(count)]


def turn(*schedulers: OnceScheduler) -> list[float]:
    return [scheduler.tick() for _ in range(TURNS) for scheduler in schedulers]


def test_two_beats_send_a_tick_once(sender: Sender) -> None:
    turn(*beats(2))
    assert sender.sent.count(TASK) == 1
    assert PeriodicTask.objects.get(name=TASK).total_run_count == 1


def test_a_tick_that_the_broker_did_not_take_stays_due(sender: Sender) -> None:
    (scheduler,) = beats(1)
    sender.fault = BrokerAwayError("nobody there")
    assert RETRY_AFTER_S in turn(scheduler)
    assert PeriodicTask.objects.get(name=TASK).total_run_count == 0
    sender.fault = None
    turn(scheduler)
    assert sender.sent.count(TASK) == 1


def test_a_task_that_cannot_be_sent_is_not_in_the_way_of_others(sender: Sender) -> None:
    (scheduler,) = beats(1)
    sender.fault = TypeError("no such argument")
    turn(scheduler)
    assert PeriodicTask.objects.get(name=TASK).total_run_count == 1  # it counts as sent: not tried at once


def test_a_beat_outlives_a_database_that_is_away(sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    (scheduler,) = beats(1)

    def away(*_args: object, **_options: object) -> None:
        raise OperationalError

    with monkeypatch.context() as patch:
        patch.setattr(OnceScheduler, "apply_entry", away)
        assert RETRY_AFTER_S in turn(scheduler)
    turn(scheduler)
    assert sender.sent.count(TASK) == 1


def test_a_disabled_task_is_not_sent_by_a_beat_that_has_not_read_so_yet(sender: Sender) -> None:
    (scheduler,) = beats(1)
    assert scheduler.schedule[TASK].model.enabled
    PeriodicTask.objects.filter(name=TASK).update(enabled=False)
    turn(scheduler)
    assert TASK not in sender.sent
