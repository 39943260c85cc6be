"""Connections, people and operations of the scenarios, through the product's own services."""

from __future__ import annotations

import datetime as dt
import itertools
import time
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

import httpx
from django.db import transaction
from django.db.models.functions import Now

from apps.integrations.choices import FailureClass, OperationState
from apps.integrations.models import Attempt, Connection, Operation, WebhookEndpoint
from apps.integrations.services.fact_sends import send_facts
from apps.integrations.services.operations import add_operations
from apps.integrations.types import NewOperation, WorkedTime
from tests.force.site import wait_for
from tests.integrations.onec_people import make_agent, make_onec

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.integrations.simulated import Simulated

MOSCOW = ZoneInfo("Europe/Moscow")
HOUR_MS = 3_600_000
SCHEDULE = "onec.send_schedule"
FACT = "onec.send_fact"
ENDED = (
    OperationState.COMPLETED,
    OperationState.FAILED,
    OperationState.UNKNOWN,
    OperationState.CANCELLED,
)
_crews = itertools.count()
DOCUMENTS = ("schedule_created", "schedule_updated", "schedule_repeated")


class Sendings(NamedTuple):
    """How often operations were begun, and how many of these beginnings were lost with their lease."""

    begun: int
    lost: int


def this_month() -> dt.date:
    today = dt.datetime.fromtimestamp(time.time(), MOSCOW).date()
    return today.replace(day=1)


def hire(onec: Simulated, count: int, prefix: str = "") -> list[int]:
    """Make people whom both sides know, `<prefix>-0` and on; give their keys."""
    crew = next(_crews)
    prefix = prefix or f"agent{crew}"
    return [
        make_agent(onec, f"{prefix}-{number}", personnel_number=f"9{crew:04}{number:04}").pk
        for number in range(count)
    ]


def invented(count: int) -> list[str]:
    """Give the options of a simulated 1C whose people no other one has."""
    crew = next(_crews) + 1
    return ["--people", str(count), "--seed", str(crew), "--numbers-from", str(crew * 20_000)]


def connect(onec: Simulated | None, **facts: Any) -> Connection:
    return make_onec(onec, **facts)


def retire_connections() -> None:
    """Let nobody work on what an earlier scenario left behind."""
    Connection.objects.update(is_active=False)
    WebhookEndpoint.objects.update(paused_at=Now())


def months_from_now(count: int) -> list[dt.date]:
    """Give the first days of the current month and of those after it."""
    found = [this_month()]
    while len(found) < count:
        found.append((found[-1] + dt.timedelta(days=32)).replace(day=1))
    return found


def send_months(
    connection: Connection, people: Sequence[int], *, months: int = 1, priority: int = 3
) -> list[int]:
    """Queue one operation per person and month, with hours told; give their keys."""
    new = [
        NewOperation(
            connection.pk,
            SCHEDULE,
            {
                "employees": [person],
                "first": month.isoformat(),
                "last": month.isoformat(),
                "given": [[person, month.isoformat(), [[month.replace(day=5).isoformat(), 8 * HOUR_MS, 0]]]],
                "again": True,
            },
            priority=priority,
            key=f"{person}:{month}",
        )
        for month in months_from_now(months)
        for person in people
    ]
    with transaction.atomic():
        return [operation.pk for operation in add_operations(new)]


def send_batch(connection: Connection, people: Sequence[int]) -> int:
    """Queue one operation of the gateway for all of them; give its key."""
    month = this_month()
    shift = {
        "date": month.replace(day=5).isoformat(),
        "start_time": "09:00",
        "end_time": "18:00",
        "break_minutes": 60,
        "shift_type": "",
        "location_code": "",
    }
    payload = {
        "employees": list(people),
        "first": month.isoformat(),
        "last": month.isoformat(),
        "given": [[person, month.isoformat(), [shift]] for person in people],
        "again": True,
    }
    with transaction.atomic():
        return add_operations([NewOperation(connection.pk, SCHEDULE, payload)])[0].pk


def send_fact(connection: Connection, person: int) -> list[int]:
    """Queue eight hours of work of the first of the month, for which there is no plan; give the key."""
    day = this_month()
    start = dt.datetime.combine(day, dt.time(9), MOSCOW)
    worked = WorkedTime(person, day, ((start, start + dt.timedelta(hours=8)),))
    (row,) = send_facts(connection, [worked], initiator="faults", actor=None)
    return [row.operation_id] if row.operation_id is not None else []


def states(keys: Sequence[int]) -> Counter[str]:
    return Counter(Operation.objects.filter(pk__in=keys).values_list("state", flat=True))


def ended(keys: Sequence[int]) -> int:
    return Operation.objects.filter(pk__in=keys, state__in=ENDED, settle_at__isnull=True).count()


def is_told(keys: Sequence[int]) -> bool:
    """Tell whether each is over or unknown: seen as such by people, though 1C may still be asked about it."""
    return Operation.objects.filter(pk__in=keys, state__in=ENDED).count() == len(keys)


def wait_for_end(keys: Sequence[int], *, seconds: float) -> float | None:
    """Wait until every operation is final; give how long that took, nothing when it did not happen."""
    begun = time.monotonic()
    return None if _never(lambda: ended(keys) == len(keys), seconds) else time.monotonic() - begun


def happens(condition: Callable[[], object], *, seconds: float) -> bool:
    return not _never(condition, seconds)


def _never(condition: Callable[[], object], seconds: float) -> bool:
    try:
        wait_for(condition, seconds=seconds)
    except TimeoutError:
        return True
    return False


def documents(onec: Simulated) -> Counter[str]:
    """Count how often each schedule document was made: once, whatever was repeated."""
    return Counter(entry["key"] for entry in onec.ledger("schedule_created"))


def touches(onec: Simulated) -> Counter[str]:
    """Count how often each schedule document was written in any way."""
    return Counter(entry["key"] for kind in DOCUMENTS for entry in onec.ledger(kind))


def sendings(keys: Sequence[int]) -> Sendings:
    """Count how often operations were begun, and how often that was because a lease had been lost."""
    attempts = Attempt.objects.filter(operation__in=keys, is_settling=False)
    return Sendings(attempts.count(), attempts.filter(outcome=FailureClass.LOST).count())


def facts_held(onec: Simulated, keys: Sequence[int]) -> dict[str, bool]:
    """Give the checks of facts, which must not be sent twice: one document each at most."""
    made = Counter(entry["key"] for entry in onec.ledger("fact_document"))
    done = states(keys)["completed"]
    return {
        "of a fact one document at most": set(made.values()) <= {1} and len(made) <= len(keys),
        f"a fact that is done has one (done {done}, made {len(made)})": done <= len(made),
    }


def status_of(address: str) -> int:
    """Give the status that a page answers with; 0 when nothing answers within 30 s."""
    try:
        return httpx.get(address, timeout=30, trust_env=False).status_code
    except httpx.TransportError:
        return 0
