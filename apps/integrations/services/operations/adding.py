"""Writing operations, in the transaction of what causes them."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction

from apps.audit.services import record_about
from apps.core import clock
from apps.core.dispatch import enqueue
from apps.integrations.models import Operation

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser

    from apps.integrations.types import NewOperation

WORK_TASK = "integrations.work"
ADDED_AT_ONCE = 1000

# A waiting operation of the same key takes the newer payload. One that failed before keeps its pace.
UPSERT = """
INSERT INTO integrations_operation AS old (
    connection_id, kind, key, priority, state, payload, result, run_id, requested_by_id, session_id,
    run_at, node, doubted, attempt, failures, failure, reason, detail, created_at)
SELECT connection_id, kind, key, priority, 'pending', payload, '{}', run_id, requested_by_id, session_id,
    run_at, '', false, 0, 0, '', '{"message": "", "parameters": {}}', '', created_at
FROM jsonb_to_recordset(%s::jsonb) AS new(
    connection_id bigint, kind text, key text, priority smallint, payload jsonb, run_id bigint,
    requested_by_id bigint, session_id uuid, run_at timestamptz, created_at timestamptz)
ORDER BY connection_id, kind, key
ON CONFLICT (connection_id, kind, key) WHERE state = 'pending' AND NOT key = '' DO UPDATE SET
    payload = excluded.payload, priority = least(old.priority, excluded.priority),
    run_id = excluded.run_id, requested_by_id = excluded.requested_by_id, session_id = excluded.session_id,
    run_at = CASE WHEN old.failures = 0 THEN excluded.run_at ELSE old.run_at END
RETURNING id
"""


def add_operations(
    new: Sequence[NewOperation],
    *,
    actor: AbstractBaseUser | AnonymousUser | None = None,
    run_id: int | None = None,
    session_id: uuid.UUID | None = None,
) -> list[Operation]:
    """Write operations in the caller's transaction and give them in the order of `new`.

    They are done once it commits. Of an equal key that is not empty a waiting operation gets the newer
    payload instead of a second row; one that is in work stays as it is, and the newer one waits behind it.
    What the actor may do is checked by the caller. Raises `RuntimeError` outside a transaction.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("An operation belongs to the transaction of its cause: use transaction.atomic.")
    if not new:
        return []
    actor_id = None if actor is None else actor.pk
    now = clock.now()
    rows = [
        Operation(
            connection_id=one.connection_id,
            kind=one.kind,
            key=one.key,
            priority=one.priority,
            payload=dict(one.payload),
            run_at=one.run_at or now,
            run_id=run_id,
            requested_by_id=actor_id,
            session_id=session_id or uuid.uuid4(),
            created_at=now,
        )
        for one in new
    ]
    plain = [row for row in rows if not row.key]
    Operation.objects.bulk_create(plain, batch_size=ADDED_AT_ONCE)
    keyed = {(row.connection_id, row.kind, row.key): row for row in rows if row.key}  # the last one counts
    written = _write_keyed(list(keyed.values()))
    if actor is not None:
        _tell_audit(rows, actor)
    wake_worker()
    return [written[(row.connection_id, row.kind, row.key)] if row.key else row for row in rows]


def wake_worker() -> None:
    """Wake a worker of the queue when the transaction commits: once, however often a transaction asks."""
    asked = [entry[1] for entry in connection.run_on_commit]
    if _wake not in asked:
        transaction.on_commit(_wake)


def _wake() -> None:
    enqueue(WORK_TASK, queue="operations")


def _write_keyed(rows: Sequence[Operation]) -> dict[tuple[int, str, str], Operation]:
    ids: list[int] = []
    for start in range(0, len(rows), ADDED_AT_ONCE):
        data = [_columns(row) for row in rows[start : start + ADDED_AT_ONCE]]
        with connection.cursor() as cursor:
            cursor.execute(UPSERT, [json.dumps(data, cls=DjangoJSONEncoder)])
            ids.extend(key for (key,) in cursor.fetchall())
    found = Operation.objects.filter(pk__in=ids) if ids else []
    return {(row.connection_id, row.kind, row.key): row for row in found}


def _columns(row: Operation) -> dict[str, Any]:
    return {
        "connection_id": row.connection_id,
        "kind": row.kind,
        "key": row.key,
        "priority": row.priority,
        "payload": row.payload,
        "run_id": row.run_id,
        "requested_by_id": row.requested_by_id,
        "session_id": row.session_id,
        # In full: the encoder would cut microseconds.
        "run_at": row.run_at.isoformat(),
        "created_at": row.created_at.isoformat(),
    }


def _tell_audit(rows: Iterable[Operation], actor: AbstractBaseUser | AnonymousUser) -> None:
    counts: dict[int, dict[str, int]] = {}
    for row in rows:
        kinds = counts.setdefault(row.connection_id, {})
        kinds[row.kind] = kinds.get(row.kind, 0) + 1
    for connection_id, kinds in sorted(counts.items()):
        record_about(
            action="operation.added",
            object_type="integrations.connection",
            object_id=str(connection_id),
            actor=actor,
            after=kinds,
        )
