"""What a person does with operations, each time with a reason: cancel, retry, send again as another one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.audit.services import Change, record_many
from apps.core import clock
from apps.core.errors import ConflictError, DomainError, NotFoundError
from apps.core.locks import lock_rows
from apps.core.phrases import Phrase
from apps.integrations.choices import OperationState
from apps.integrations.models import Operation
from apps.integrations.policies import require_operating
from apps.integrations.registry import find_operation_kind
from apps.integrations.services.operations.adding import wake_worker

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from apps.accounts.models import User

MOST_AT_ONCE = 1000
LONGEST_REASON = 500
CANCELLABLE = (OperationState.PENDING, OperationState.UNKNOWN)
RETRIABLE = (OperationState.FAILED, OperationState.UNKNOWN, OperationState.CANCELLED)
REPLAYABLE = (*RETRIABLE, OperationState.COMPLETED)


@transaction.atomic
def cancel(operation_ids: Collection[int], *, actor: User | None, reason: str) -> list[Operation]:
    """Cancel operations that wait or whose outcome is not known.

    Raises `NotAllowedError`, `NotFoundError`, and `ConflictError` when one is in work or has ended: then none
    is cancelled.
    """
    rows, reason = _taken(operation_ids, actor, reason)
    _refuse_states(rows, CANCELLABLE, _("Operation %(id)s does not wait any more: it is %(state)s."))
    changes = _changes("operation.cancelled", rows, OperationState.CANCELLED, reason)
    for row in rows:
        row.state, row.settle_at, row.finished_at = OperationState.CANCELLED, None, clock.now()
    Operation.objects.bulk_update(rows, ["state", "settle_at", "finished_at"])
    record_many(changes, actor=actor)
    return rows


@transaction.atomic
def retry(
    operation_ids: Collection[int], *, actor: User | None, reason: str, confirmed: bool = False
) -> list[Operation]:
    """Let operations that failed, were cancelled or are unknown wait again, with all their retries.

    One that may take effect twice (its outcome is unknown and its kind is not repeatable) needs `confirmed`.
    Raises as `cancel`; `ConflictError` also when a newer operation of its key waits already.
    """
    rows, reason = _taken(operation_ids, actor, reason)
    _refuse_states(rows, RETRIABLE, _("Operation %(id)s cannot be tried again: it is %(state)s."))
    if not confirmed:
        _refuse_doubling([row for row in rows if row.state != OperationState.FAILED])
    changes = _changes("operation.retried", rows, OperationState.PENDING, reason)
    for row in rows:
        row.state, row.run_at, row.finished_at, row.settle_at = (
            OperationState.PENDING,
            clock.now(),
            None,
            None,
        )
        row.failures, row.failure, row.reason, row.detail = 0, "", Phrase(), ""
    try:
        with transaction.atomic():
            Operation.objects.bulk_update(
                rows,
                ["state", "run_at", "finished_at", "settle_at", "failures", "failure", "reason", "detail"],
            )
    except IntegrityError as error:
        raise ConflictError(_("A newer operation with the same key waits already.")) from error
    record_many(changes, actor=actor)
    wake_worker()
    return rows


@transaction.atomic
def replay(
    operation_ids: Collection[int], *, actor: User | None, reason: str, confirmed: bool = False
) -> list[Operation]:
    """Do operations that ended again, as new ones, and give these.

    Kinds that are not repeatable need `confirmed`: the effect may come twice. Raises as `retry`.
    """
    rows, reason = _taken(operation_ids, actor, reason)
    _refuse_states(rows, REPLAYABLE, _("Operation %(id)s has not ended: it is %(state)s."))
    if not confirmed:
        _refuse_doubling(rows)
    made = [
        Operation(
            connection_id=row.connection_id,
            kind=row.kind,
            key=row.key,
            priority=row.priority,
            payload=row.payload,
            run_id=row.run_id,
            replay_of=row,
            requested_by_id=None if actor is None else actor.pk,
        )
        for row in rows
    ]
    try:
        with transaction.atomic():
            Operation.objects.bulk_create(made)
    except IntegrityError as error:
        raise ConflictError(_("An operation with the same key waits already.")) from error
    changes = [
        Change("operation.replayed", row, None, {"replay": again.pk, "reason": reason})
        for row, again in zip(rows, made, strict=True)
    ]
    record_many(changes, actor=actor)
    wake_worker()
    return made


def _taken(ids: Collection[int], actor: User | None, reason: str) -> tuple[list[Operation], str]:
    """Check who asks and why, lock the rows and give them by id, and the reason as it is kept."""
    require_operating(actor)
    reason = reason.strip()[:LONGEST_REASON]
    if not reason:
        raise DomainError(_("Say why."), fields={"reason": [_("This field is required.")]})
    wanted = set(ids)
    if len(wanted) > MOST_AT_ONCE:
        raise DomainError(_("At most %(count)s operations at once.") % {"count": MOST_AT_ONCE})
    rows = lock_rows(Operation.objects.filter(pk__in=wanted))
    if not rows or len(rows) < len(wanted):
        raise NotFoundError(_("There is no such operation."))
    return rows, reason


def _refuse_states(rows: Sequence[Operation], allowed: Collection[str], text: str) -> None:
    for row in rows:
        if row.state not in allowed:
            raise ConflictError(text % {"id": row.pk, "state": row.get_state_display()})


def _refuse_doubling(rows: Sequence[Operation]) -> None:
    for row in rows:
        kind = find_operation_kind(row.kind)
        if kind is not None and not kind.repeatable:
            raise ConflictError(
                _("Operation %(id)s may take effect twice: look into the other system, then confirm.")
                % {"id": row.pk},
                fields={"confirmed": [_("Confirm that it may be sent again.")]},
            )


def _changes(action: str, rows: Sequence[Operation], state: str, reason: str) -> list[Change]:
    after: dict[str, Any] = {"state": state, "reason": reason}
    return [Change(action, row, {"state": row.state}, after) for row in rows]
