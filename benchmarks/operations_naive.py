"""The kind of operations that the benchmark does, and the naive way of working it: three commits for each."""

from __future__ import annotations

import threading

from django.db import connection, transaction
from django.db.models import F

from apps.core import clock
from apps.integrations.models import Attempt, Operation
from apps.integrations.registry import operation_handler
from apps.integrations.services.access import access_of
from apps.integrations.services.calls import collecting, keep
from apps.integrations.services.queue.draining import THREADS
from apps.integrations.types import Done, OperationInHand
from apps.integrations.wire.client import call
from benchmarks.operations import KIND


@operation_handler(KIND, label="Benchmark")
def do_call(in_hand: OperationInHand) -> Done:
    answer = call(
        access_of(in_hand.connection_id),
        "POST",
        "/call",
        endpoint="call",
        json=dict(in_hand.payload),
        session_id=in_hand.session_id,
        request_id=in_hand.request_id,
        reads_json=True,
    )
    return Done(answer.data)


def drain_naively() -> None:
    """Work the queue with as many threads, each operation claimed, attempted and ended by itself."""
    threads = [threading.Thread(target=_work) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _work() -> None:
    try:
        while (row := _claim()) is not None:
            _do(row)
    finally:
        connection.close()


@transaction.atomic
def _claim() -> Operation | None:
    due = Operation.objects.filter(state="pending", run_at__lte=clock.now(), connection__is_active=True)
    row = due.select_for_update(skip_locked=True, of=("self",)).order_by("priority", "run_at", "pk").first()
    if row is not None:
        row.state, row.attempt = "processing", row.attempt + 1
        row.save(update_fields=["state", "attempt"])
    return row


def _do(row: Operation) -> None:
    attempt = Attempt.objects.create(operation=row, number=row.attempt)
    in_hand = OperationInHand(
        operation_id=row.pk,
        kind=row.kind,
        connection_id=row.connection_id,
        payload=row.payload,
        attempt=row.attempt,
        session_id=row.session_id,
        request_id=attempt.request_id,
        run_id=row.run_id,
    )
    with collecting(operation_id=row.pk) as calls:
        done = do_call(in_hand)
    with transaction.atomic():
        Operation.objects.filter(pk=row.pk, attempt=F("attempt")).update(
            state="completed", result=done.result, finished_at=clock.now()
        )
        Attempt.objects.filter(pk=attempt.pk).update(outcome="done", ended_at=clock.now())
        keep(calls)
