"""What wakes the queue's worker, and crash points outside of tests."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from celery import current_app
from django.conf import settings
from django.db import transaction

from apps.core import clock
from apps.integrations import tasks
from apps.integrations.models import Operation
from apps.integrations.services.operations import add_operations
from apps.integrations.services.queue.claiming import claim
from apps.integrations.types import NewOperation
from tests.conftest import REPOSITORY
from tests.factories.integrations import make_connection

if TYPE_CHECKING:
    from pytest_django import DjangoCaptureOnCommitCallbacks

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Give the messages that are sent: task and queue."""
    messages: list[tuple[str, str]] = []

    def send_task(name: str, *, queue: str, **_options: object) -> None:
        messages.append((name, queue))

    monkeypatch.setattr(current_app, "send_task", send_task)
    return messages


WAKE_UP = ("integrations.work", "operations")


@pytest.mark.django_db
def test_a_worker_is_woken_when_operations_are_committed_and_not_before(
    sent: list[tuple[str, str]], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    target = make_connection().pk
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        add_operations([NewOperation(target, "tests.any", {}) for _ in range(3)])
        assert sent == []
    assert sent == [WAKE_UP]


@pytest.mark.django_db(transaction=True)
def test_operations_added_one_by_one_wake_a_worker_once(sent: list[tuple[str, str]]) -> None:
    target = make_connection().pk
    with transaction.atomic():
        with pytest.raises(RuntimeError, match="taken back"), transaction.atomic():
            add_operations([NewOperation(target, "tests.any", {})])
            raise RuntimeError("taken back")
        for _number in range(3):
            add_operations([NewOperation(target, "tests.any", {})])
    assert sent == [WAKE_UP]
    with transaction.atomic():
        add_operations([NewOperation(target, "tests.any", {})])
    assert sent == [WAKE_UP] * 2
    assert Operation.objects.count() == 4


@pytest.mark.django_db
def test_the_sweep_wakes_a_worker_for_what_is_due_and_gives_back_what_a_dead_one_held(
    sent: list[tuple[str, str]], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with transaction.atomic():
        add_operations([NewOperation(make_connection().pk, "tests.any", {}, run_at=clock.now() + HOUR)])
    with django_capture_on_commit_callbacks(execute=True):
        assert tasks.sweep() == 0
    assert sent == []
    Operation.objects.update(run_at=clock.now() - HOUR)
    assert len(claim("node:1", limit=1)) == 1
    Operation.objects.update(lease_until=clock.now() - HOUR, doubted=True)
    with django_capture_on_commit_callbacks(execute=True):
        assert tasks.sweep() == 1
    assert sent == [WAKE_UP]


def test_beat_sweeps_every_five_seconds() -> None:
    sweep = settings.CELERY_BEAT_SCHEDULE["integrations.sweep"]
    assert (sweep["task"], sweep["schedule"]) == (tasks.sweep.name, 5.0)


def test_crash_points_are_refused_outside_of_tests() -> None:
    environment = {**os.environ, "WFM_CRASH_AT": "after_claim", "DJANGO_SETTINGS_MODULE": "wfm.settings.dev"}
    ended = subprocess.run(
        [sys.executable, "-c", "import django; django.setup()"],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ended.returncode == 1
    assert "WFM_CRASH_AT kills processes on purpose" in ended.stderr
