"""Leases: who holds an operation says so every few seconds; what nobody speaks for is given back.

Leases are in the clock of the database. When that steps forward they all expire at once, when it steps back
they never would: so a lease that is over, or lasts longer than leases do, is doubted first. A living node
contradicts within seconds; of a dead one the operation is taken when the doubt has lasted.
"""

from __future__ import annotations

from django.db import connection, transaction
from django.utils.translation import gettext_noop

from apps.core.phrases import Phrase
from apps.integrations.choices import FailureClass
from apps.integrations.crash import crash_point
from apps.integrations.models import Attempt, Operation
from apps.integrations.registry import find_operation_kind
from apps.integrations.services.queue.claiming import LEASE_S, Claimed
from apps.integrations.services.queue.finishing import finish
from apps.integrations.services.queue.judging import Then, Verdict, lost
from apps.integrations.types import OperationInHand

DOUBT_S = 15.0
MOST_DEATHS = 10
REAPED_AT_ONCE = 500
DIED = gettext_noop("Its program died while this was in work.")
DIED_OFTEN = gettext_noop("Its program died %(count)s times while doing this; it was not tried again.")
DOUBT = """
UPDATE integrations_operation
SET doubted = true, lease_until = clock_timestamp() + make_interval(secs => %(doubt_s)s)
WHERE id IN (
    SELECT id FROM integrations_operation
    WHERE state = 'processing' AND NOT doubted
      AND lease_until NOT BETWEEN clock_timestamp()
          AND clock_timestamp() + make_interval(secs => %(longest_s)s)
    ORDER BY id FOR UPDATE SKIP LOCKED)
"""
DEAD = """
SELECT id FROM integrations_operation
WHERE state = 'processing' AND doubted
  AND lease_until NOT BETWEEN clock_timestamp()
      AND clock_timestamp() + make_interval(secs => %(doubt_s)s)
ORDER BY id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
"""


def reap() -> int:
    """Doubt leases that are over, give back what dead nodes held; give how many operations that were."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(DOUBT, {"doubt_s": DOUBT_S, "longest_s": LEASE_S + DOUBT_S})
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(DEAD, {"doubt_s": DOUBT_S, "limit": REAPED_AT_ONCE})
            ids = [key for (key,) in cursor.fetchall()]
        crash_point("in_reaper")
        if ids:
            finish([_verdict(row) for row in Operation.objects.filter(pk__in=ids).order_by("pk")])
    return len(ids)


def _verdict(row: Operation) -> Verdict:
    attempts = Attempt.objects.filter(operation_id=row.pk)
    last = attempts.get(number=row.attempt)
    claimed = Claimed(
        OperationInHand(
            operation_id=row.pk,
            kind=row.kind,
            connection_id=row.connection_id,
            payload=row.payload,
            attempt=row.attempt,
            session_id=row.session_id,
            request_id=last.request_id,
            run_id=row.run_id,
        ),
        failures=row.failures,
        key=row.key,
        settling=last.is_settling,
    )
    then = lost(claimed, find_operation_kind(row.kind))
    deaths = attempts.filter(outcome=FailureClass.LOST).count() + 1
    reason = Phrase(DIED)
    if deaths >= MOST_DEATHS:
        reason = Phrase(DIED_OFTEN, {"count": deaths})
        then = Then.FAILED if then is Then.AGAIN else Then.UNKNOWN
    return Verdict(claimed, then, failure=FailureClass.LOST, reason=reason, failures=row.failures)
