"""Sparing a system that is ill: shared by all processes, and not a single write while all is well.

Five failures in a row open it for a minute; then one call at a time may try. A success closes it. Refusals
are answers of a healthy system and count for nothing. See `docs/integrations.md`.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q

from apps.core import clock
from apps.core.events import emit
from apps.integrations.models import Breaker, Connection

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

MOST_FAILURES = 5
OPEN_S = 60
PROBE_SPARE_S = 5  # beyond the time-out of the call that tries


def admit(connection_id: int) -> dt.datetime | None:
    """Say whether a call may be made now: None, or the instant at which to ask again.

    Whoever is let through an open breaker is the one that tries, and has to `report`.
    """
    return admit_many([connection_id])[connection_id]


def admit_many(connection_ids: Collection[int]) -> dict[int, dt.datetime | None]:
    """Say the same of several, in one query while all is well."""
    answers: dict[int, dt.datetime | None] = dict.fromkeys(connection_ids)
    open_ones = Breaker.objects.filter(connection__in=connection_ids, open_until__isnull=False)
    for connection_id, open_until, timeout_s in open_ones.values_list(
        "connection_id", "open_until", "connection__timeout_s"
    ):
        if open_until is not None:
            answers[connection_id] = _admit_to_open(connection_id, open_until, timeout_s)
    return answers


def _admit_to_open(connection_id: int, open_until: dt.datetime, timeout_s: int) -> dt.datetime | None:
    now = clock.now()
    if open_until > now:
        return open_until
    patience = now + dt.timedelta(seconds=timeout_s + PROBE_SPARE_S)
    # One statement decides who tries: of several at once the others find the row changed.
    tries = Breaker.objects.filter(
        Q(probe_until__isnull=True) | Q(probe_until__lte=now),
        connection=connection_id,
        open_until__lte=now,
    ).update(probe_until=patience)
    if tries:
        return None
    row = Breaker.objects.filter(connection=connection_id).values_list("open_until", "probe_until").first()
    if row is None or row[0] is None:
        return None
    # Whoever waits for one that tries asks no later than it may try again: else it would be the same again.
    return min(max(filter(None, row)), now + dt.timedelta(seconds=OPEN_S))


def report(connection_id: int, well: bool) -> None:  # noqa: FBT001 - the one fact of a report
    """Tell how a call ended: `well` when the other system answered, be it with a refusal."""
    report_many([(connection_id, well)])


def report_many(outcomes: Iterable[tuple[int, bool]]) -> None:
    """Tell how calls ended, in their order; one query when all is well and was so before."""
    by_connection: dict[int, list[bool]] = {}
    for connection_id, well in outcomes:
        by_connection.setdefault(connection_id, []).append(well)
    if not by_connection:
        return
    troubled = set(
        Breaker.objects.filter(connection__in=by_connection)
        .exclude(failures=0, open_until__isnull=True)
        .values_list("connection_id", flat=True)
    )
    for connection_id in sorted(by_connection):
        ends = by_connection[connection_id]
        if connection_id in troubled or not all(ends):
            _write(connection_id, ends)


@transaction.atomic
def _write(connection_id: int, ends: list[bool]) -> None:
    Breaker.objects.bulk_create([Breaker(connection_id=connection_id)], ignore_conflicts=True)
    breaker = Breaker.objects.select_for_update(of=("self",)).get(connection=connection_id)
    for well in ends:
        if well:
            _close(breaker)
        else:
            _count(breaker)
    breaker.save()


def _close(breaker: Breaker) -> None:
    if breaker.open_until is not None:
        _tell(breaker, "connection.up", {"opened_at": breaker.opened_at})
    breaker.failures = 0
    breaker.opened_at = breaker.open_until = breaker.probe_until = None


def _count(breaker: Breaker) -> None:
    """Count a failure; those that come in while it is open anyway do not prolong it."""
    now = clock.now()
    breaker.failures += 1
    if breaker.open_until is None:
        if breaker.failures < MOST_FAILURES:
            return
        breaker.opened_at = now
        _tell(breaker, "connection.down", {"failures": breaker.failures})
    elif breaker.open_until > now:
        return
    breaker.open_until = now + dt.timedelta(seconds=OPEN_S)
    breaker.probe_until = None


def _tell(breaker: Breaker, event_type: str, data: dict[str, object]) -> None:
    connection = Connection.objects.get(pk=breaker.connection_id)
    emit(
        event_type,
        aggregate="integrations.connection",
        aggregate_id=connection.pk,
        data={"code": connection.code, "system": connection.system, **data},
    )
