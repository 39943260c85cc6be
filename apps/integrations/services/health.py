"""Looking at every active connection once a minute, as a call or, where calls were made anyway, by those."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import transaction

from apps.audit.services import record
from apps.core import clock
from apps.core.errors import NotFoundError
from apps.core.locks import lock_rows
from apps.core.phrases import Phrase
from apps.integrations.choices import FailureClass, System
from apps.integrations.errors import ExchangeError, TemporaryError
from apps.integrations.models import Call, Connection, ConnectionHealth, RunSchedule
from apps.integrations.policies import require_operating
from apps.integrations.registry import find_connection_check
from apps.integrations.services.access import access_to
from apps.integrations.services.breaker import admit_many, report_many
from apps.integrations.services.calls import collecting, keep
from apps.integrations.services.schedules import set_next
from apps.integrations.services.testing import GONE
from apps.integrations.wire.reaching import reach

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apps.accounts.models import User
    from apps.integrations.types import Access

EVIDENCE_S = 50  # less than the minute between two looks, whose own calls are no evidence
AGAIN_AFTER_S = 45  # so that two sweeps at a time do not look twice
AT_ONCE = 16
NOT_ASKED = {System.WEBHOOK}  # their calls are deliveries; nothing else is known to be harmless there
SERVER_ERROR = 500
EVIDENCE = ("connection_id", "began_at", "failure", "reason")


@dataclass
class Look:
    """What one look found; `report` is what the breaker is told, if anything."""

    connection_id: int
    is_well: bool = True
    failure: str = ""
    reason: Phrase = field(default_factory=Phrase)
    detail: str = ""
    report: bool | None = None
    calls: Sequence[Call] = ()


def look_at_all() -> int:
    """Look at the active connections whose look is due, write what was found, and give how many."""
    due = _claim()
    by_calls = _by_calls(due)
    asked = _ask([one for one in due if one.pk not in by_calls and one.system not in NOT_ASKED])
    looks = [*by_calls.values(), *asked]
    keep([call for look in asked for call in look.calls])
    report_many([(look.connection_id, look.report) for look in asked if look.report is not None])
    _write(looks)
    return len(looks)


@transaction.atomic
def _claim() -> list[Connection]:
    """Take the connections whose look is due; another sweep at the same time takes the others."""
    now = clock.now()
    active = Connection.objects.filter(is_active=True)
    new = active.filter(health=None).values_list("pk", flat=True)
    long_ago = now - dt.timedelta(days=1)
    ConnectionHealth.objects.bulk_create(
        [ConnectionHealth(connection_id=key, checked_at=long_ago) for key in new], ignore_conflicts=True
    )
    due = ConnectionHealth.objects.filter(
        connection__is_active=True, checked_at__lt=now - dt.timedelta(seconds=AGAIN_AFTER_S)
    )
    keys = list(
        due.select_for_update(of=("self",), skip_locked=True).order_by("pk").values_list("pk", flat=True)
    )
    ConnectionHealth.objects.filter(pk__in=keys).update(checked_at=now)
    return list(Connection.objects.filter(pk__in=keys).prefetch_related("credentials"))


def _by_calls(connections: Sequence[Connection]) -> dict[int, Look]:
    """Give what the newest call of the last minute says of those that had one."""
    since = clock.now() - dt.timedelta(seconds=EVIDENCE_S)
    newest = (
        Call.objects.filter(connection__in=connections, began_at__gte=since)
        .order_by("connection_id", "-began_at")
        .distinct("connection_id")
        .only(*EVIDENCE)
    )
    ill = {FailureClass.RETRY, FailureClass.AUTHENTICATION, FailureClass.CONFIGURATION, FailureClass.UNCLEAR}
    return {
        call.connection_id: Look(
            call.connection_id, is_well=call.failure not in ill, failure=call.failure, reason=call.reason
        )
        for call in newest
    }


def _ask(connections: Sequence[Connection]) -> list[Look]:
    """Call those that the breaker lets through, several at once; the threads touch no database."""
    admitted = admit_many([one.pk for one in connections])
    accesses: list[Access] = []
    looks: list[Look] = []
    for one in connections:
        if admitted[one.pk] is not None or not one.base_url:
            continue
        try:
            accesses.append(access_to(one))
        except ExchangeError as error:
            looks.append(_failed(one.pk, error))
    if accesses:
        with ThreadPoolExecutor(min(AT_ONCE, len(accesses)), thread_name_prefix="look") as pool:
            looks.extend(pool.map(_look, accesses))
    return looks


def _look(access: Access) -> Look:
    check = find_connection_check(access.system)
    with collecting() as calls:
        try:
            status = reach(access) if check is None else check(access)
        except ExchangeError as error:
            look = _failed(access.connection_id, error)
        else:
            look = Look(access.connection_id, report=True)
            if status is not None and status >= SERVER_ERROR:
                look.report = None  # it answers, if not under this address: neither good nor bad
    look.calls = calls
    return look


def _failed(connection_id: int, error: ExchangeError) -> Look:
    return Look(
        connection_id,
        is_well=False,
        failure=error.failure,
        reason=error.reason,
        detail=error.detail,
        report=False if isinstance(error, TemporaryError) else None,
    )


@transaction.atomic
def _write(looks: Sequence[Look]) -> None:
    now = clock.now()
    rows = ConnectionHealth.objects.select_for_update(of=("self",)).in_bulk(
        [look.connection_id for look in looks]
    )
    for look in looks:
        row = rows.get(look.connection_id)
        if row is None:
            continue
        if row.is_well != look.is_well:
            row.since = now
        if look.is_well:
            row.last_success_at = now
        row.is_well, row.failure, row.reason = look.is_well, look.failure, look.reason
        row.detail = look.detail[:1000]
    fields = ["is_well", "since", "last_success_at", "failure", "reason", "detail"]
    ConnectionHealth.objects.bulk_update(rows.values(), fields, batch_size=500)


@transaction.atomic
def set_active(connection_id: int, *, active: bool, actor: User | None) -> Connection:
    """Pause a connection (nothing is sent, nothing started) or let it go on; what waited then goes out.

    Its schedules go on with their next time: what fell into the pause is not made up for.
    """
    require_operating(actor)
    found = lock_rows(Connection.objects.filter(pk=connection_id))
    if not found:
        raise NotFoundError(Phrase(GONE))
    connection = found[0]
    if connection.is_active == active:
        return connection
    connection.is_active = active
    connection.save(update_fields=["is_active"])
    if active:
        schedules = list(RunSchedule.objects.select_for_update(of=("self",)).filter(connection=connection))
        for schedule in schedules:
            set_next(schedule)
        RunSchedule.objects.bulk_update(schedules, ["next_at", "failures"])
    action = "connection.resumed" if active else "connection.paused"
    record(action=action, obj=connection, actor=actor, after={"is_active": active})
    return connection
