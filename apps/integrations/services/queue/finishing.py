"""Writing how attempts ended: those that ended together in one transaction, each only while it is ours."""

from __future__ import annotations

import dataclasses
import json
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils.translation import gettext_noop

from apps.core.outlasting import DATABASE_AWAY
from apps.core.phrases import Phrase
from apps.integrations.choices import FailureClass, OperationState
from apps.integrations.crash import crash_point
from apps.integrations.models import Attempt
from apps.integrations.registry import find_operation_kind
from apps.integrations.services.calls import keep
from apps.integrations.services.queue.alerting import tell_of_faults
from apps.integrations.services.queue.catching import Catching
from apps.integrations.services.queue.doing import judge_fault
from apps.integrations.services.queue.judging import Then, Verdict
from apps.integrations.services.queue.texts import as_json, clean

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

NEWER = gettext_noop("A newer operation of the same kind and key waits; this one is not needed any more.")
UNWRITABLE = gettext_noop("What came of it could not be kept; the log of the server says more.")
STATES = {
    Then.DONE: OperationState.COMPLETED,
    Then.FAILED: OperationState.FAILED,
    Then.AGAIN: OperationState.PENDING,
    Then.SETTLE: OperationState.UNKNOWN,
    Then.UNKNOWN: OperationState.UNKNOWN,
}
OURS = """
SELECT id, attempt FROM integrations_operation
WHERE id = ANY(%s) AND state = 'processing' ORDER BY id FOR UPDATE
"""
END = """
UPDATE integrations_operation o
SET state = new.state, failures = new.failures, failure = new.failure, reason = new.reason,
    detail = new.detail, result = coalesce(new.result, o.result), lease_until = NULL, doubted = false,
    run_at = CASE WHEN new.state = 'pending'
        THEN clock_timestamp() + make_interval(secs => new.wait_s) ELSE o.run_at END,
    settle_at = CASE WHEN new.settles THEN clock_timestamp() + make_interval(secs => new.wait_s) END,
    finished_at = CASE WHEN new.state IN ('completed', 'failed', 'cancelled') THEN clock_timestamp() END
FROM jsonb_to_recordset(%s::jsonb) AS new(
    id bigint, state text, failures smallint, failure text, reason jsonb, detail text, result jsonb,
    wait_s double precision, settles boolean)
WHERE o.id = new.id
"""
END_ATTEMPTS = """
UPDATE integrations_attempt a
SET ended_at = clock_timestamp(), outcome = new.outcome, reason = new.reason, status = new.status,
    request = new.request, answer = new.answer
FROM jsonb_to_recordset(%s::jsonb) AS new(
    id bigint, number integer, outcome text, reason jsonb, status smallint, request text, answer text)
WHERE a.operation_id = new.id AND a.number = new.number AND a.ended_at IS NULL
"""
GIVE_BACK = """
UPDATE integrations_operation SET state = %(state)s, lease_until = NULL, doubted = false,
    run_at = CASE WHEN %(state)s = 'pending'
        THEN greatest(%(until)s, clock_timestamp() + interval '1 second') ELSE run_at END,
    settle_at = CASE WHEN %(state)s = 'unknown'
        THEN greatest(%(until)s, clock_timestamp() + interval '1 second') END
WHERE id = %(id)s
"""
log = structlog.get_logger(__name__)


def finish(verdicts: Sequence[Verdict]) -> None:
    """Write what came of attempts, and run the `store` of those that are done, in one transaction.

    Whoever lost the operation meanwhile changes nothing but its own attempt. What cannot be written together
    is written one by one; what cannot be written at all fails.
    """
    try:
        _write(verdicts)
    except DATABASE_AWAY:
        raise
    except DatabaseError:
        if len(verdicts) > 1:
            for verdict in verdicts:
                finish([verdict])
            return
        log.exception("operation_unwritable", operation=verdicts[0].claimed.operation_id)
        _write([_unwritable(verdicts[0])])
    crash_point("before_ack")


@transaction.atomic
def _write(verdicts: Sequence[Verdict]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(OURS, [[verdict.claimed.operation_id for verdict in verdicts]])
        held = set(cursor.fetchall())
    ours = [_stored(verdict) for verdict in verdicts if _claim_of(verdict) in held]
    lost = [verdict for verdict in verdicts if _claim_of(verdict) not in held]
    for verdict in lost:
        log.warning("operation_lost", operation=verdict.claimed.operation_id, attempt=verdict.claimed.attempt)
    for verdict in ours:
        if verdict.then is Then.DEFERRED:
            _give_back(verdict)
    ended = [verdict for verdict in ours if verdict.then is not Then.DEFERRED]
    _end_all(ended)
    _end_attempts([*ended, *lost])
    keep([call for verdict in verdicts for call in verdict.calls])
    tell_of_faults([verdict for verdict in ended if verdict.is_final_fault])
    for verdict in ended:
        _tell_log(verdict)


def _claim_of(verdict: Verdict) -> tuple[int, int]:
    return verdict.claimed.operation_id, verdict.claimed.attempt


def _stored(verdict: Verdict) -> Verdict:
    """Run the store of what is done, in a savepoint; give what follows when it raises."""
    if verdict.done is None or verdict.done.store is None:
        return verdict
    with Catching() as caught, transaction.atomic():
        verdict.done.store()
    kind = find_operation_kind(verdict.claimed.in_hand.kind)
    if caught.error is None or kind is None:
        return verdict
    if isinstance(caught.error, DATABASE_AWAY):
        raise caught.error
    return dataclasses.replace(judge_fault(verdict.claimed, kind, caught.error), calls=verdict.calls)


def _end_all(verdicts: Sequence[Verdict]) -> None:
    may_clash = [verdict for verdict in verdicts if verdict.then is Then.AGAIN and verdict.claimed.key]
    _end([_row(verdict) for verdict in verdicts if verdict not in may_clash])
    for verdict in may_clash:
        _let_wait(verdict, partial(_end, [_row(verdict)]))


def _let_wait(verdict: Verdict, write: Callable[[], None]) -> None:
    """Put an operation back; when a newer one of its key waits already, it is not needed any more."""
    try:
        with transaction.atomic():
            write()
    except IntegrityError:
        newer = {"state": OperationState.CANCELLED, "reason": Phrase(NEWER).as_json()}
        _end([_row(verdict) | newer])


def _end(rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(END, [json.dumps(rows)])


def _row(verdict: Verdict) -> dict[str, Any]:
    return {
        "id": verdict.claimed.operation_id,
        "state": STATES.get(verdict.then, OperationState.PENDING),
        "failures": verdict.failures,
        "failure": verdict.failure,
        "reason": _reason(verdict),
        "detail": clean(verdict.detail),
        "result": None if verdict.result is None else json.loads(verdict.result),
        "wait_s": verdict.wait_s,
        "settles": verdict.then is Then.SETTLE,
    }


def _reason(verdict: Verdict) -> Any:
    return json.loads(as_json(verdict.reason.as_json()))


def _give_back(verdict: Verdict) -> None:
    """Undo a claim of which nothing was sent: the operation waits until then, its attempt was none."""
    claimed = verdict.claimed
    state = OperationState.UNKNOWN if claimed.settling else OperationState.PENDING
    Attempt.objects.filter(operation_id=claimed.operation_id, number=claimed.attempt).delete()

    def write() -> None:
        with connection.cursor() as cursor:
            values: dict[str, Any] = {"id": claimed.operation_id, "state": state, "until": verdict.until}
            cursor.execute(GIVE_BACK, values)

    _let_wait(verdict, write)


def _end_attempts(verdicts: Sequence[Verdict]) -> None:
    rows = [
        {
            "id": verdict.claimed.operation_id,
            "number": verdict.claimed.attempt,
            "outcome": verdict.failure or verdict.then.value,
            "reason": _reason(verdict),
            "status": verdict.status or (verdict.calls[-1].status if verdict.calls else None),
            "request": clean(verdict.calls[-1].request) if verdict.calls else "",
            "answer": clean(verdict.calls[-1].answer) if verdict.calls else "",
        }
        for verdict in verdicts
    ]
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(END_ATTEMPTS, [json.dumps(rows)])


def _unwritable(verdict: Verdict) -> Verdict:
    """Give what follows when the database refuses to keep what an attempt brought."""
    kind = find_operation_kind(verdict.claimed.in_hand.kind)
    may_have_taken_effect = kind is not None and not kind.repeatable
    return Verdict(
        verdict.claimed,
        Then.UNKNOWN if may_have_taken_effect else Then.FAILED,
        failure=FailureClass.INTERNAL,
        reason=Phrase(UNWRITABLE),
        failures=verdict.failures,
    )


def _tell_log(verdict: Verdict) -> None:
    level = log.info if verdict.then is Then.DONE else log.warning
    level(
        "operation_ended",
        operation=verdict.claimed.operation_id,
        kind=verdict.claimed.in_hand.kind,
        attempt=verdict.claimed.attempt,
        then=verdict.then.value,
        failure=str(verdict.failure),
        reason=str(verdict.reason),
    )
