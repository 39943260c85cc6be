"""Taking operations: a few connections are locked, their free places counted, operations put into work.

All of a batch is one transaction, and with it the attempts are written before anything is sent.
"""

from __future__ import annotations

import itertools
import json
import math
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction

from apps.integrations.types import OperationInHand

if TYPE_CHECKING:
    from collections.abc import Sequence

LEASE_S = 30.0
SURE_S = 15.0  # no longer than a doubt lasts: whatever clocks did, nobody has taken it within that time
CONNECTIONS_AT_ONCE = 8  # of a claim: others are left to another worker that claims at the same moment
BY_AGE_EVERY = 5  # of so many claims one takes the oldest whatever their priority, so that nothing starves

# What may be claimed of a connection `c`; the count is of the past and asked again under the lock.
CLAIMABLE = """
c.is_active AND (
    EXISTS (SELECT FROM integrations_operation o
            WHERE o.connection_id = c.id AND o.state = 'pending' AND o.run_at <= statement_timestamp())
    OR EXISTS (SELECT FROM integrations_operation o
               WHERE o.connection_id = c.id AND o.state = 'unknown' AND o.settle_at <= statement_timestamp()))
AND (SELECT count(*) FROM integrations_operation o
     WHERE o.connection_id = c.id AND o.state = 'processing') < c.max_parallel
"""
LOCK = f"""
SELECT c.id FROM integrations_connection c WHERE {CLAIMABLE}
ORDER BY random() LIMIT %(connections)s FOR NO KEY UPDATE OF c SKIP LOCKED
"""  # noqa: S608 - our own text
ANY_LEFT = f"SELECT EXISTS (SELECT FROM integrations_connection c WHERE {CLAIMABLE})"  # noqa: S608

# One statement: it sees every claim that was committed before the connections were locked.
CLAIM = """
WITH room AS MATERIALIZED (
    SELECT c.id, greatest(c.max_parallel - count(o.id), 0) AS places
    FROM integrations_connection c
    LEFT JOIN integrations_operation o ON o.connection_id = c.id AND o.state = 'processing'
    WHERE c.id = ANY(%(connections)s)
    GROUP BY c.id
), due AS (
    SELECT found.*
    FROM room CROSS JOIN LATERAL (
        SELECT id, connection_id, priority, run_at, settle_at FROM integrations_operation
        WHERE connection_id = room.id AND {condition}
        ORDER BY {order}
        LIMIT room.places FOR UPDATE SKIP LOCKED
    ) found
), placed AS (
    SELECT *, row_number() OVER (PARTITION BY connection_id ORDER BY {order}) AS place FROM due
), picked AS (
    SELECT id FROM placed ORDER BY place, {order} LIMIT %(limit)s
), taken AS (
    UPDATE integrations_operation o
    SET state = 'processing', node = %(node)s, attempt = o.attempt + 1, doubted = false, settle_at = NULL,
        lease_until = clock_timestamp() + make_interval(secs => %(lease_s)s)
    FROM picked WHERE o.id = picked.id
    RETURNING o.id, o.kind, o.connection_id, o.payload, o.attempt, o.session_id, o.run_id, o.failures, o.key
), written AS (
    INSERT INTO integrations_attempt (
        operation_id, number, is_settling, request_id, node, began_at, outcome, reason, request, answer)
    SELECT id, attempt, %(settling)s, gen_random_uuid(), %(node)s, clock_timestamp(), '',
        '{{"message": "", "parameters": {{}}}}', '', ''
    FROM taken
    RETURNING operation_id, request_id
)
SELECT taken.*, written.request_id
FROM taken JOIN written ON written.operation_id = taken.id ORDER BY taken.id
"""
TO_SETTLE = CLAIM.format(
    condition="state = 'unknown' AND settle_at <= statement_timestamp()", order="settle_at, id"
)
_DUE = "state = 'pending' AND run_at <= statement_timestamp()"
BY_PRIORITY = CLAIM.format(condition=_DUE, order="priority, run_at, id")
BY_AGE = CLAIM.format(condition=_DUE, order="run_at, id")

_turns = itertools.count(1)


class Hold:
    """What this node knows by itself of an operation in its hands.

    `has_sent`: bytes of it may have left.
    """

    has_sent = False

    def __init__(self, asked_at: float = -math.inf) -> None:
        self._asked_at = asked_at

    def renew(self, asked_at: float) -> None:
        """Note that the database, asked at that moment since boot, called it ours."""
        self._asked_at = asked_at

    @property
    def is_sure(self) -> bool:
        """Tell whether it is ours without asking the database."""
        return since_boot_s() < self._asked_at + SURE_S


def since_boot_s() -> float:
    """Give the seconds since this machine started, those that it slept included."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


@dataclass(frozen=True)
class Claimed:
    """An operation that is ours for the length of its lease; `settling` asks for the outcome only."""

    in_hand: OperationInHand
    failures: int
    key: str
    settling: bool
    hold: Hold = field(default_factory=Hold, compare=False, repr=False)

    @property
    def operation_id(self) -> int:
        return self.in_hand.operation_id

    @property
    def attempt(self) -> int:
        return self.in_hand.attempt


@transaction.atomic
def claim(node: str, *, limit: int) -> list[Claimed]:
    """Take up to `limit` operations that are due and give them; their attempts are written.

    Of no connection are more than its `max_parallel` in work, whoever claims. Priority 1 goes first, and
    connections take turns; every fifth claim goes by age.
    """
    with connection.cursor() as cursor:
        cursor.execute(LOCK, {"connections": CONNECTIONS_AT_ONCE})
        connections = [key for (key,) in cursor.fetchall()]
    if not connections:
        return []
    claimed = _claim(TO_SETTLE, connections, node, limit, settling=True)
    by_age = next(_turns) % BY_AGE_EVERY == 0
    if len(claimed) < limit:
        statement = BY_AGE if by_age else BY_PRIORITY
        claimed += _claim(statement, connections, node, limit - len(claimed), settling=False)
    return claimed


def any_claimable() -> bool:
    """Tell whether something is due on a connection that has a free place."""
    with connection.cursor() as cursor:
        cursor.execute(ANY_LEFT)
        return bool(cursor.fetchone()[0])


def _claim(
    statement: str, connections: Sequence[int], node: str, limit: int, *, settling: bool
) -> list[Claimed]:
    asked_at = since_boot_s()
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            {
                "connections": list(connections),
                "limit": limit,
                "node": node,
                "lease_s": LEASE_S,
                "settling": settling,
            },
        )
        return [_claimed(row, Hold(asked_at), settling=settling) for row in cursor.fetchall()]


def _claimed(row: tuple[Any, ...], hold: Hold, *, settling: bool) -> Claimed:
    key, kind, connection_id, payload, attempt, session_id, run_id, failures, unique_key, request_id = row
    in_hand = OperationInHand(
        operation_id=key,
        kind=kind,
        connection_id=connection_id,
        payload=json.loads(payload),
        attempt=attempt,
        session_id=session_id,
        request_id=request_id,
        run_id=run_id,
    )
    return Claimed(in_hand, failures, unique_key, settling, hold)
