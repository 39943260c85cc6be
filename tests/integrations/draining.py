"""The operation queue worked by hand: what its worker does, synchronously and inside a test's transaction."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from apps.core import clock
from apps.integrations.choices import OperationState
from apps.integrations.models import Operation
from apps.integrations.services.queue.claiming import claim
from apps.integrations.services.queue.doing import attempt
from apps.integrations.services.queue.finishing import finish
from apps.integrations.services.queue.gate import pass_gate, report
from apps.integrations.services.queue.leases import DOUBT_S, LEASE_S, reap

if TYPE_CHECKING:
    from django.db.models import QuerySet

NODE = "tests:0"


def drain(limit: int = 1000) -> list[Operation]:
    """Do what is due, one after the other, until nothing is; give the operations that were worked."""
    worked: list[int] = []
    while len(worked) < limit and (claimed := claim(NODE, limit=limit - len(worked))):
        let_through, verdicts = pass_gate(claimed)
        verdicts += [attempt(one, {}) for one in let_through]
        finish(verdicts)
        report(verdicts)
        worked += [one.operation_id for one in claimed]
    return list(Operation.objects.filter(pk__in=worked).order_by("pk"))


def make_due(rows: QuerySet[Operation] | None = None) -> None:
    """Let what waits for a retry or for settling be due now."""
    past = clock.now() - dt.timedelta(seconds=1)
    rows = Operation.objects.all() if rows is None else rows
    rows.filter(state=OperationState.PENDING).update(run_at=past)
    rows.filter(state=OperationState.UNKNOWN, settle_at__isnull=False).update(settle_at=past)


def expire_leases() -> int:
    """Let what is in work be found abandoned, as if nobody had spoken for it; give how many that were."""
    past = clock.now() - dt.timedelta(seconds=LEASE_S + DOUBT_S)
    held = Operation.objects.filter(state=OperationState.PROCESSING)
    held.update(lease_until=past)
    reap()
    held.update(lease_until=past)
    return reap()
