"""What a person decides about a fact: it is in 1C, it is to be sent, or it is not to be sent."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from apps.audit.services import record
from apps.core import clock
from apps.core.errors import ConflictError, DomainError, NotFoundError
from apps.core.locks import advisory_lock, lock_rows
from apps.core.phrases import Phrase
from apps.integrations.choices import FactState, OperationState
from apps.integrations.models import FactSend, Operation
from apps.integrations.policies import require_operating
from apps.integrations.services.fact_sends.asking import LIVE, lock_name, queue_facts
from apps.integrations.services.operations import cancel, retry

if TYPE_CHECKING:
    from apps.accounts.models import User

LONGEST_REASON = 300
OVER = (OperationState.FAILED, OperationState.UNKNOWN, OperationState.CANCELLED)


class Decision(Enum):
    """It is in 1C (`done`), send it (`again`), do not send it (`discard`)."""

    DONE = "done"
    AGAIN = "again"
    DISCARD = "discard"


@transaction.atomic
def decide(fact_id: int, *, decision: Decision, reason: str, actor: User | None) -> FactSend:
    """Do what a person decided about a fact, and keep who, why and when.

    Raises `NotAllowedError`, `NotFoundError`, `DomainError` without a reason, and `ConflictError` while the
    fact is on its way or where there is nothing to decide.
    """
    require_operating(actor)
    reason = reason.strip()[:LONGEST_REASON]
    if not reason:
        raise DomainError(_("Say why."), fields={"reason": [_("This field is required.")]})
    found = FactSend.objects.filter(pk=fact_id).first()
    if found is None:
        raise NotFoundError(_("There is no such fact."))
    advisory_lock(lock_name(found.connection_id))
    lock_rows(
        Operation.objects.filter(pk__in=[found.operation_id or 0])
    )  # before the fact, as when its end is written
    fact = lock_rows(FactSend.objects.filter(pk=fact_id))[0]
    _refuse_under_way(fact)
    before = _told(fact)
    {Decision.DONE: _done, Decision.AGAIN: _again, Decision.DISCARD: _discard}[decision](fact, reason, actor)
    fact.decided_by, fact.decided_at, fact.decision = actor, clock.now(), reason
    fact.save()
    after = {
        "state": fact.state,
        "operation": fact.operation_id,
        "decision": decision.value,
        "reason": reason,
    }
    record(action="fact.decided", obj=fact, actor=actor, before=before, after=after)
    return fact


def _told(fact: FactSend) -> dict[str, Any]:
    return {"state": fact.state, "operation": fact.operation_id}


def _refuse_under_way(fact: FactSend) -> None:
    if fact.state == FactState.SENT:
        raise ConflictError(_("It was sent: 1C takes no document back."))
    operation = fact.operation
    if fact.state == FactState.WAITING and operation is not None and operation.state not in OVER:
        raise ConflictError(_("It is on its way just now; wait for its outcome."))


def _done(fact: FactSend, reason: str, actor: User | None) -> None:
    _take_place(fact)
    fact.state, fact.reason, fact.sent_at = FactState.SENT, Phrase(), fact.begun_at or clock.now()
    _drop_operation(fact, reason, actor)


def _again(fact: FactSend, reason: str, actor: User | None) -> None:
    _take_place(fact)
    fact.state, fact.message, fact.reason, fact.begun_at = FactState.WAITING, "", Phrase(), None
    fact.save()
    if fact.operation is not None and fact.operation.state in OVER:
        retry([fact.operation.pk], actor=actor, reason=reason, confirmed=True)
    else:
        queue_facts(fact.connection_id, [fact], actor=actor)


def _discard(fact: FactSend, reason: str, actor: User | None) -> None:
    fact.state, fact.reason = FactState.DISCARDED, Phrase()
    _drop_operation(fact, reason, actor)


def _drop_operation(fact: FactSend, reason: str, actor: User | None) -> None:
    """End an operation whose outcome nobody asks for any more."""
    operation: Operation | None = fact.operation
    if operation is not None and operation.state == OperationState.UNKNOWN:
        cancel([operation.pk], actor=actor, reason=reason)


def _take_place(fact: FactSend) -> None:
    """Let another live fact of the day give way; not while it is on its way, or may have been."""
    others = FactSend.objects.filter(
        connection=fact.connection_id, employee=fact.employee_id, shift_date=fact.shift_date, state__in=LIVE
    ).exclude(pk=fact.pk)
    for other in lock_rows(others):
        if other.state == FactState.WAITING and other.begun_at is not None:
            raise ConflictError(_("Decide about the other fact of this day first: it may have been sent."))
        other.state = FactState.REPLACED
        other.save(update_fields=["state"])
