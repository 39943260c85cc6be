"""Operations that send months: one person each for 1C itself, a hundred people of a month for the gateway."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any

from apps.integrations.choices import Dialect, OperationState
from apps.integrations.models import Operation
from apps.integrations.selectors.month_contents import next_month
from apps.integrations.services.operations import add_operations
from apps.integrations.services.schedule_sends.keeping import keep_waiting
from apps.integrations.types import NewOperation

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Sequence
    from uuid import UUID

    from apps.accounts.models import User
    from apps.integrations.selectors.month_contents import Peer

    Place = tuple[int, dt.date]

KIND = "onec.send_schedule"
PURPOSE = "onec.schedules"
PEOPLE_IN_A_BATCH = 100


@dataclass(frozen=True)
class Asked:
    """Who asks for what: `given` holds rows by person and month that another system told us to send."""

    peer: Peer
    actor: User | None
    run_id: int | None = None
    session_id: UUID | None = None
    again: bool = False
    run_at: dt.datetime | None = None
    given: dict[Place, list[Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Parcel:
    """What one operation sends: some people for months that follow each other."""

    employee_ids: tuple[int, ...]
    months: tuple[dt.date, ...]

    @property
    def places(self) -> Iterator[Place]:
        return ((employee_id, month) for employee_id in self.employee_ids for month in self.months)

    @property
    def key(self) -> str:
        ids = ",".join(map(str, self.employee_ids))
        people = ids if len(self.employee_ids) == 1 else hashlib.sha256(ids.encode()).hexdigest()[:32]
        return f"{people}:{self.months[0]:%Y-%m}:{self.months[-1]:%Y-%m}"


def queue_sends(asked: Asked, places: Iterable[Place]) -> list[Operation]:
    """Write the operations for these months, in the caller's transaction, and note that the months wait.

    A wish for later (`run_at`) leaves an operation that waits already for the same as it is: what it sends is
    read when it is sent, and constant changes do not put it off for ever.
    """
    parcels = list(_parcels(asked.peer, places))
    waiting = _waiting(asked, parcels)
    new = [parcel for parcel in parcels if parcel.key not in waiting]
    made = add_operations(
        [_operation(asked, parcel) for parcel in new],
        actor=asked.actor,
        run_id=asked.run_id,
        session_id=asked.session_id,
    )
    operations = waiting | dict(zip((parcel.key for parcel in new), made, strict=True))
    keep_waiting(
        asked.peer.connection_id,
        {place: operations[parcel.key] for parcel in parcels for place in parcel.places},
    )
    return made


def _waiting(asked: Asked, parcels: Sequence[_Parcel]) -> dict[str, Operation]:
    if asked.run_at is None or asked.given:
        return {}
    found = Operation.objects.filter(
        connection=asked.peer.connection_id,
        kind=KIND,
        state=OperationState.PENDING,
        key__in=[parcel.key for parcel in parcels],
    )
    return {operation.key: operation for operation in found if "given" not in operation.payload}


def _parcels(peer: Peer, places: Iterable[Place]) -> Iterator[_Parcel]:
    if peer.dialect != Dialect.GATEWAY:
        for employee_id, own in groupby(sorted(places), key=lambda place: place[0]):
            for months in runs_of(month for _employee_id, month in own):
                yield _Parcel((employee_id,), tuple(months))
        return
    people: defaultdict[dt.date, list[int]] = defaultdict(list)
    for employee_id, month in sorted(places):
        people[month].append(employee_id)
    for month, ids in sorted(people.items()):
        for start in range(0, len(ids), PEOPLE_IN_A_BATCH):
            yield _Parcel(tuple(ids[start : start + PEOPLE_IN_A_BATCH]), (month,))


def runs_of(months: Iterable[dt.date]) -> list[list[dt.date]]:
    """Give months in order as runs in which each follows the one before."""
    runs: list[list[dt.date]] = []
    for month in months:
        if runs and next_month(runs[-1][-1]) == month:
            runs[-1].append(month)
        else:
            runs.append([month])
    return runs


def _operation(asked: Asked, parcel: _Parcel) -> NewOperation:
    payload: dict[str, Any] = {
        "employees": list(parcel.employee_ids),
        "first": parcel.months[0].isoformat(),
        "last": parcel.months[-1].isoformat(),
    }
    if asked.again:
        payload["again"] = True
    if asked.given:
        payload["given"] = [
            [employee_id, month.isoformat(), asked.given[employee_id, month]]
            for employee_id, month in parcel.places
        ]
    return NewOperation(
        connection_id=asked.peer.connection_id,
        kind=KIND,
        payload=payload,
        key=parcel.key,
        run_at=asked.run_at,
    )
