"""The ledger of months in 1C, written for many people at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_noop

from apps.core import clock
from apps.core.phrases import Phrase
from apps.integrations.choices import SendState
from apps.integrations.models import ScheduleSend

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterable

    from apps.integrations.models import Operation
    from apps.integrations.selectors.month_contents import MonthContent
    from apps.integrations.wire.onec.sends import Verdict

    Place = tuple[int, dt.date]

NOTHING_SAID = gettext_noop("1C refused it without a word.")
ROW = ["connection", "employee", "month"]
AT_ONCE = 1000


def known_sends(
    connection_id: int, employee_ids: Collection[int], months: Collection[dt.date]
) -> dict[Place, ScheduleSend]:
    """Give what is known of these people's months, by person and month."""
    rows = ScheduleSend.objects.filter(connection=connection_id, employee__in=employee_ids, month__in=months)
    return {(row.employee_id, row.month): row for row in rows}


def keep_waiting(connection_id: int, operations: dict[Place, Operation]) -> None:
    """Note that months wait for these operations."""
    _write(
        [_row(connection_id, place, SendState.WAITING, operation=one) for place, one in operations.items()],
        ["state", "message", "reason", "operation", "asked_at"],
    )


def keep_stopped(connection_id: int, stopped: dict[Place, tuple[SendState, Phrase]]) -> None:
    """Note why months are not sent."""
    _write(
        [_row(connection_id, place, state, reason=reason) for place, (state, reason) in stopped.items()],
        ["state", "message", "reason", "asked_at"],
    )


def keep_unchanged(rows: Iterable[ScheduleSend], built_at: dt.datetime) -> None:
    """Note that 1C holds these months as they were read at `built_at`."""
    keys = [row.pk for row in rows]
    ScheduleSend.objects.filter(pk__in=keys).update(
        state=SendState.SENT, message="", reason=Phrase(), built_at=built_at
    )


def keep_verdicts(
    connection_id: int,
    verdicts: dict[Place, Verdict],
    contents: dict[Place, MonthContent],
    built_at: dt.datetime,
) -> None:
    """Note what 1C said of the months that were sent."""
    now = clock.now()
    taken, refused = [], []
    for place, verdict in verdicts.items():
        if verdict.is_taken:
            row = _row(connection_id, place, SendState.SENT, message=verdict.message)
            row.content, row.content_hash = list(contents[place].rows), contents[place].mark
            row.built_at, row.sent_at = built_at, now
            taken.append(row)
        else:
            reason = None if verdict.message else Phrase(NOTHING_SAID)
            refused.append(
                _row(connection_id, place, SendState.REFUSED, message=verdict.message, reason=reason)
            )
    _write(taken, ["state", "message", "reason", "content", "content_hash", "built_at", "sent_at"])
    _write(refused, ["state", "message", "reason"])


def _row(
    connection_id: int,
    place: Place,
    state: SendState,
    *,
    message: str = "",
    reason: Phrase | None = None,
    operation: Operation | None = None,
) -> ScheduleSend:
    employee_id, month = place
    return ScheduleSend(
        connection_id=connection_id,
        employee_id=employee_id,
        month=month,
        state=state,
        message=message,
        reason=reason or Phrase(),
        operation=operation,
    )


def _write(rows: list[ScheduleSend], fields: list[str]) -> None:
    rows.sort(
        key=lambda row: (row.month, row.employee_id)
    )  # whoever writes the same rows takes them in one order
    ScheduleSend.objects.bulk_create(
        rows, batch_size=AT_ONCE, update_conflicts=True, unique_fields=ROW, update_fields=fields
    )
