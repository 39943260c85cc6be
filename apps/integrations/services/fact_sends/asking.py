"""Ask for worked time to be sent to 1C: the same fact never twice, another one of a day by a person only."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext_noop

from apps.core.locks import advisory_lock
from apps.core.phrases import Phrase
from apps.integrations.choices import FactState, OperationState
from apps.integrations.models import FactSend
from apps.integrations.policies import require_operating
from apps.integrations.selectors.schedule_sends import zones_on
from apps.integrations.services.fact_sends.checking import refuse_faults
from apps.integrations.services.operations import add_operations
from apps.integrations.types import NewOperation
from apps.integrations.wire.onec.facts import hours_of, joined

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence
    from uuid import UUID

    from apps.accounts.models import User
    from apps.integrations.models import Connection
    from apps.integrations.types import WorkedTime

    OfDay = dict[str, FactSend]  # by the mark of the fact

KIND = "onec.send_fact"
PRIORITY = 2
LIVE = (FactState.WAITING, FactState.SENT)
OVER = (OperationState.FAILED, OperationState.CANCELLED)
OTHER_FACT = gettext_noop("Another fact of this day has been sent or may have been: somebody has to decide.")
REPLACED = gettext_noop("A later fact took its place before it was sent.")
CHANGED = ["state", "message", "reason", "operation", "initiator_name"]


@transaction.atomic
def send_facts(
    connection: Connection,
    facts: Sequence[WorkedTime],
    *,
    initiator: str,
    actor: User | None,
    run_id: int | None = None,
    session_id: UUID | None = None,
) -> list[FactSend]:
    """Queue facts that 1C has not been told yet, and give their rows in the order of `facts`.

    A fact that is known already is given as it is. Another fact for a day whose fact may have left us waits
    for a person; one that surely has not is replaced. Raises `NotAllowedError`, and `DomainError` for a
    person without an id of 1C, and for stretches that overlap or do not belong to their day.
    """
    require_operating(actor)
    advisory_lock(lock_name(connection.pk))
    zones = zones_on({(fact.employee_id, fact.shift_date) for fact in facts})
    refuse_faults(connection.pk, facts, zones)
    known = _known(connection, facts)
    rows = []
    for fact in facts:
        place = (fact.employee_id, fact.shift_date)
        of_day = known.setdefault(place, {})
        rows.append(_sorted_in(of_day, _row(connection, fact, initiator, zones[place])))
    _write([row for of_day in known.values() for row in of_day.values()])
    new = {row.pk: row for row in rows if row.state == FactState.WAITING and row.operation is None}
    queue_facts(connection.pk, list(new.values()), actor=actor, run_id=run_id, session_id=session_id)
    return rows


def lock_name(connection_id: int) -> str:
    """Give the lock under which it is decided what becomes of the facts of a connection."""
    return f"onec facts {connection_id}"


def queue_facts(
    connection_id: int,
    rows: Sequence[FactSend],
    *,
    actor: User | None,
    run_id: int | None = None,
    session_id: UUID | None = None,
) -> None:
    """Write the operations that send these facts, in the caller's transaction."""
    made = add_operations(
        [
            NewOperation(
                connection_id=connection_id,
                kind=KIND,
                payload={"fact": row.pk, "employee": row.employee_id, "day": row.shift_date.isoformat()},
                key=f"fact:{row.pk}",
                priority=PRIORITY,
            )
            for row in rows
        ],
        actor=actor,
        run_id=run_id,
        session_id=session_id,
    )
    for row, operation in zip(rows, made, strict=True):
        row.operation, row.begun_at = operation, None
    FactSend.objects.bulk_update(rows, ["operation", "begun_at"])


def mark_of(periods: Sequence[tuple[dt.datetime, dt.datetime]]) -> str:
    """Give the mark of a fact: equal ones worked the same stretches."""
    told = [[start.isoformat(), end.isoformat()] for start, end in joined(periods)]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _known(connection: Connection, facts: Sequence[WorkedTime]) -> dict[tuple[int, dt.date], OfDay]:
    rows = FactSend.objects.filter(
        connection=connection,
        employee__in={fact.employee_id for fact in facts},
        shift_date__in={fact.shift_date for fact in facts},
    )
    found: dict[tuple[int, dt.date], OfDay] = {}
    for row in rows.select_for_update(of=("self",)).select_related("operation").order_by("pk"):
        found.setdefault((row.employee_id, row.shift_date), {})[row.content_hash] = row
    return found


def _sorted_in(of_day: OfDay, row: FactSend) -> FactSend:
    """Give the row that stands for this fact: known already, or new with the state that its day allows."""
    same = of_day.get(row.content_hash)
    if same is not None and not _may_go_again(same):
        return same
    if same is not None:
        same.initiator_name, same.operation = row.initiator_name, None
    row = of_day[row.content_hash] = same or row
    others = [other for other in of_day.values() if other is not row and other.state in LIVE]
    if any(other.state == FactState.SENT or other.begun_at is not None for other in others):
        row.state, row.reason = FactState.HELD, Phrase(OTHER_FACT)
        return row
    for other in others:
        other.state, other.reason = FactState.REPLACED, Phrase(REPLACED)
    row.state, row.message, row.reason = FactState.WAITING, "", Phrase()
    return row


def _may_go_again(row: FactSend) -> bool:
    """Tell whether a fact that is known may be queued anew: 1C surely made nothing of it."""
    if row.state == FactState.WAITING:
        is_over = row.operation is None or row.operation.state in OVER
        return row.pk is not None and is_over and row.begun_at is None
    return row.state in {FactState.REFUSED, FactState.REPLACED}


def _write(rows: Sequence[FactSend]) -> None:
    """Write the rows; those that give way first, for a day has one live fact at most."""
    known = [row for row in rows if row.pk is not None]
    FactSend.objects.bulk_update([row for row in known if row.state not in LIVE], CHANGED)
    FactSend.objects.bulk_update([row for row in known if row.state in LIVE], CHANGED)
    FactSend.objects.bulk_create(row for row in rows if row.pk is None)


def _row(connection: Connection, fact: WorkedTime, initiator: str, zone: str) -> FactSend:
    periods = joined(fact.periods)
    hours = hours_of(periods, ZoneInfo(zone))
    return FactSend(
        connection=connection,
        employee_id=fact.employee_id,
        shift_date=fact.shift_date,
        content_hash=mark_of(fact.periods),
        initiator_name=initiator,
        time_zone=zone,
        periods=[[start.isoformat(), end.isoformat()] for start, end in periods],
        day_ms=hours.day_ms,
        night_ms=hours.night_ms,
    )
