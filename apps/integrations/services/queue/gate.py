"""The breaker before what was claimed: what it does not let through waits, and no retry is spent."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from typing import TYPE_CHECKING

from django.db import connection

from apps.integrations.services import breaker
from apps.integrations.services.queue.judging import Then, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apps.integrations.services.queue.claiming import Claimed

# What waits comes back in any order within so many seconds: were it always the same that tries, it would soon
# have spent its retries for all the others.
SPREAD_S = 5.0
# All that is due of a connection waits, so that it is not claimed one by one to be turned away.
POSTPONE = """
UPDATE integrations_operation
SET run_at = CASE WHEN state = 'pending'
        THEN %(until)s + random() * make_interval(secs => %(spread_s)s) ELSE run_at END,
    settle_at = CASE WHEN state = 'unknown'
        THEN %(until)s + random() * make_interval(secs => %(spread_s)s) END
WHERE id IN (
    SELECT id FROM integrations_operation
    WHERE connection_id = %(connection)s
      AND ((state = 'pending' AND run_at < %(until)s AND run_at <= statement_timestamp())
        OR (state = 'unknown' AND settle_at < %(until)s AND settle_at <= statement_timestamp()))
    ORDER BY id FOR UPDATE SKIP LOCKED)
"""


def pass_gate(claimed: Sequence[Claimed]) -> tuple[list[Claimed], list[Verdict]]:
    """Ask the breakers: give what may be sent, and the verdicts of what has to wait.

    An open breaker lets one through, the one that tries: of several operations that which failed least; the
    others ask again.
    """
    counts = Counter(one.in_hand.connection_id for one in claimed)
    first = breaker.admit_many(sorted(counts))
    several = sorted(key for key, count in counts.items() if count > 1 and first[key] is None)
    others = breaker.admit_many(several) if several else {}
    let_through: list[Claimed] = []
    turned_away: list[Verdict] = []
    seen: set[int] = set()
    for one in sorted(claimed, key=lambda one: one.failures):
        key = one.in_hand.connection_id
        until = (others if key in seen and key in others else first)[key]
        seen.add(key)
        if until is None:
            let_through.append(one)
        else:
            spread = dt.timedelta(seconds=SPREAD_S * random.random())  # noqa: S311 - no secret
            turned_away.append(Verdict(one, Then.DEFERRED, until=until + spread, failures=one.failures))
    for key, until in {**first, **others}.items():
        if until is not None:
            _postpone(key, until)
    return let_through, turned_away


def report(verdicts: Sequence[Verdict]) -> None:
    """Tell the breakers how calls ended; what broke on our side says nothing of the other system."""
    breaker.report_many(
        (verdict.claimed.in_hand.connection_id, verdict.well)
        for verdict in verdicts
        if verdict.well is not None
    )


def _postpone(connection_id: int, until: dt.datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(POSTPONE, {"connection": connection_id, "until": until, "spread_s": SPREAD_S})
