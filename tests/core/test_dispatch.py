from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from celery import current_app

from apps.core.dispatch import enqueue
from tests.conftest import child_process

if TYPE_CHECKING:
    from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks


@pytest.mark.django_db
def test_a_task_is_sent_by_name_and_only_on_commit(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[str, object, object]] = []
    monkeypatch.setattr(
        current_app, "send_task", lambda name, **facts: sent.append((name, facts["args"], facts["queue"]))
    )
    with django_capture_on_commit_callbacks(execute=True):
        enqueue("schedules.optimise", 7, queue="optimise")
        assert not sent
    assert sent == [("schedules.optimise", (7,), "optimise")]


SENDER = """
import django
django.setup()
from django.db import transaction
from apps.core.dispatch import enqueue
import time
started = time.monotonic()
for _ in range(3):
    with transaction.atomic():
        enqueue("schedules.optimise", 7, queue="optimise")
assert time.monotonic() - started < 2
"""


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_away_costs_a_warning_and_no_time() -> None:
    with child_process("-c", SENDER, stderr=subprocess.PIPE, REDIS_URL="redis://127.0.0.1:1/0") as sender:
        _, said = sender.communicate(timeout=30)
    assert sender.returncode == 0, said.decode()
    assert said.decode().count("broker_unreachable") == 3
