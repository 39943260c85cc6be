"""What others are told of operations that ended without success: the event `operation.failed`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.core.events import emit
from apps.integrations.models import Operation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apps.integrations.services.queue.judging import Verdict


def tell_of_faults(verdicts: Sequence[Verdict]) -> None:
    """Write the events of operations that failed, or whose outcome nobody but a person can find out."""
    if not verdicts:
        return
    rows = Operation.objects.in_bulk([verdict.claimed.operation_id for verdict in verdicts])
    for _key, row in sorted(rows.items()):
        tell_of_fault(row)


def tell_of_fault(row: Operation) -> None:
    emit(
        "operation.failed",
        aggregate="integrations.operation",
        aggregate_id=row.pk,
        data={
            "connection_id": row.connection_id,
            "kind": row.kind,
            "key": row.key,
            "state": row.state,
            "failure": row.failure,
            "reason": row.reason.as_json(),
            "attempt": row.attempt,
        },
    )
