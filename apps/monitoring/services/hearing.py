"""When a source was last heard of, by which transport, and how that transport is doing."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q

from apps.core import clock
from apps.monitoring.choices import FeedState, Transport
from apps.monitoring.models import Feed, Source
from apps.monitoring.services.clocks import FARTHEST, TOLERANCE, Clock, lead_ms
from apps.monitoring.services.naming import source_of
from apps.monitoring.services.writing import insert_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

_OFTEN = "1 second"  # a feed that talks all the time is written down so often


def heard(source: str, *, transport: Transport) -> None:
    """Note a sign of life without data: a heartbeat, an empty list."""
    _note(source_of(source), transport, has_data=False)


def heard_data(source: Source, transport: Transport) -> None:
    """Note that data came."""
    _note(source, transport, has_data=True)


def _note(source: Source, transport: Transport, *, has_data: bool) -> None:
    now = clock.now()
    columns: dict[str, tuple[str, list[Any]]] = {
        "source_id": ("bigint", [source.pk]),
        "transport": ("text", [transport]),
        "state": ("text", [FeedState.LIVE]),
        "state_since": ("timestamptz", [now]),
        "heard_at": ("timestamptz", [now]),
    }
    if has_data:
        columns["data_at"] = ("timestamptz", [now])
    insert_rows(
        Feed,
        columns,
        key=("source_id", "transport"),
        update=("heard_at", "data_at") if has_data else ("heard_at",),
        only_if=f"coalesce(held.{'data_at' if has_data else 'heard_at'}, '-infinity')"
        f" < excluded.heard_at - interval '{_OFTEN}'",
    )


def set_feed_state(source: str, *, transport: Transport, state: FeedState) -> None:
    """Note how a transport is doing."""
    now = clock.now()
    insert_rows(
        Feed,
        {
            "source_id": ("bigint", [source_of(source).pk]),
            "transport": ("text", [transport]),
            "state": ("text", [state]),
            "state_since": ("timestamptz", [now]),
        },
        key=("source_id", "transport"),
        update=("state", "state_since"),
        only_if="held.state <> excluded.state",
    )


def take_turn(source: str, *, transport: Transport, until: dt.datetime) -> bool:
    """Take a turn of asking a source, of several processes one; others wait for its end, or for `until`."""
    row, now = source_of(source), clock.now()
    Feed.objects.get_or_create(source=row, transport=transport)
    due = Feed.objects.filter(Q(next_at__isnull=True) | Q(next_at__lte=now), source=row, transport=transport)
    return bool(due.update(next_at=until))


def end_turn(source: str, *, transport: Transport, next_at: dt.datetime) -> None:
    """Say from when on somebody may ask again."""
    Feed.objects.filter(source__code=source, transport=transport).update(next_at=next_at)


def clock_of(source: Source) -> Clock:
    return Clock(source.clock_offset_ms, tuple(source.clock_leads_ms), tuple(source.clock_readings_ms))


def learn_from_events(source: Source, told: Sequence[dt.datetime], received_at: dt.datetime) -> Clock:
    """Read the clock off events as they arrive; the row is written only while something is odd about it."""
    leads = [lead_ms(moment, received_at) for moment in told if moment <= received_at + FARTHEST]
    tolerance_ms = TOLERANCE // dt.timedelta(milliseconds=1)
    is_odd = source.clock_offset_ms or any(lead > tolerance_ms for lead in (*leads, *source.clock_leads_ms))
    if not leads or not is_odd:
        return clock_of(source)
    with transaction.atomic():
        held = Source.objects.select_for_update().get(pk=source.pk)
        return _keep(held, clock_of(held).after_events(leads), received_at)


@transaction.atomic
def receive_clock(source: str, theirs: dt.datetime, ours: dt.datetime) -> None:
    """Learn what a source's clock showed at an instant of ours."""
    held = Source.objects.select_for_update().get(pk=source_of(source).pk)
    _keep(held, clock_of(held).after_reference(lead_ms(theirs, ours)), ours)


def receive_date(source: str, theirs: dt.datetime, ours: dt.datetime) -> None:
    """Learn from the date of an answer, while it is off: one that is right may be that of a proxy."""
    row = source_of(source)
    lead = abs(theirs - ours)
    if lead <= FARTHEST and (lead > TOLERANCE or row.clock_readings_ms):
        receive_clock(source, theirs, ours)


def _keep(source: Source, known: Clock, now: dt.datetime) -> Clock:
    if known.offset_ms != source.clock_offset_ms:
        source.clock_offset_since = now if known.offset_ms else None
    source.clock_offset_ms = known.offset_ms
    source.clock_leads_ms = list(known.leads_ms)
    source.clock_readings_ms = list(known.readings_ms)
    source.save(
        update_fields=["clock_offset_ms", "clock_offset_since", "clock_leads_ms", "clock_readings_ms"]
    )
    return known
