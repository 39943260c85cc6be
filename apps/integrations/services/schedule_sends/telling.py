"""Schedules that another system tells us to send to 1C: checked, and put into the words of its dialect."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from apps.core import clock
from apps.core.errors import DomainError
from apps.core.phrases import Phrase
from apps.integrations.choices import Dialect, RunState
from apps.integrations.models import Run
from apps.integrations.policies import require_operating
from apps.integrations.selectors.agents import employees_of_agents
from apps.integrations.selectors.month_contents import Peer, clock_rows, fault_of, hour_rows, last_day
from apps.integrations.selectors.schedule_sends import zones_on
from apps.integrations.services.schedule_sends.asking import NO_SHIFTS, PAST, months_to_send
from apps.integrations.services.schedule_sends.queueing import PURPOSE, Asked, queue_sends
from apps.integrations.wire.onec.split import Hours, split_shift

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from apps.accounts.models import User
    from apps.integrations.models import Connection, Operation
    from apps.integrations.wire.onec.sends import ClockShift

    Place = tuple[int, dt.date]

DAY = dt.timedelta(days=1)
MINUTE_MS = 60_000
UNKNOWN = gettext_noop("There is no employee with this id.")
NAMED_TWICE = gettext_noop("This employee is named twice.")
OUTSIDE_PERIOD = gettext_noop("The shift of %(day)s is outside the period.")
LONG_BREAK = gettext_noop("The break of %(day)s is longer than the shift.")


@dataclass(frozen=True)
class GivenSchedule:
    """One person's shifts: readings of the site's clock, an end at or before the start is of the next day."""

    agent_id: str
    shifts: tuple[ClockShift, ...]


@dataclass
class Told:
    """What became of schedules told: the run, the operations that send them, who was refused and why."""

    run: Run
    operations: list[Operation] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)
    refused: dict[str, Phrase] = field(default_factory=dict)


@transaction.atomic
def request_given(
    connection: Connection,
    *,
    period: tuple[dt.date, dt.date],
    schedules: Sequence[GivenSchedule],
    actor: User | None,
) -> Told:
    """Queue schedules for 1C as they are told, as a run; who cannot be sent is named, the others go.

    Raises `NotAllowedError`, and `DomainError` for a period that is not whole months or lies in the past.
    """
    require_operating(actor)
    first, last = period
    if first.day != 1 or last != last_day(last.replace(day=1)):
        message = _("The period has to be whole months.")
        raise DomainError(message, fields={"period_end": [message]})
    peer = Peer.of(connection)
    months = months_to_send(peer, first, last)
    told = Told(Run(connection=connection, purpose=PURPOSE, state=RunState.DONE, actor=actor))
    places = _given(peer, period, months, schedules, told)
    _keep_run(told, period)
    asked = Asked(peer, actor, told.run.pk, told.run.session_id, given=places)
    told.operations = queue_sends(asked, places)
    return told


def _keep_run(told: Told, period: tuple[dt.date, dt.date]) -> None:
    run = told.run
    run.options = {"told": True, "first": f"{period[0]:%Y-%m}", "last": f"{period[1]:%Y-%m}"}
    run.counts = {"people": len(told.accepted) + len(told.refused), "queued": len(told.accepted)}
    run.problems = [
        {"subject": agent_id, "field": "", "reason": str(reason)} for agent_id, reason in told.refused.items()
    ]
    run.ended_at = clock.now()
    run.save()


def _given(
    peer: Peer,
    period: tuple[dt.date, dt.date],
    months: Collection[dt.date],
    schedules: Sequence[GivenSchedule],
    told: Told,
) -> dict[Place, list[Any]]:
    """Give the rows to send of `months` by person and month; who is refused is noted in `told`."""
    times = Counter(schedule.agent_id for schedule in schedules)
    people = employees_of_agents(peer.connection_id, list(times))
    places = {(employee_id, period[0]) for employee_id in people.values()}
    zones = {employee_id: zone for (employee_id, _day), zone in zones_on(places).items()}
    found: dict[Place, list[Any]] = {}
    for schedule in schedules:
        employee_id = people.get(schedule.agent_id)
        if employee_id is None or times[schedule.agent_id] > 1:
            told.refused[schedule.agent_id] = Phrase(UNKNOWN if employee_id is None else NAMED_TWICE)
            continue
        try:
            by_month = _months(peer, period, schedule.shifts, zones.get(employee_id, peer.time_zone))
        except _RefusedError as error:
            told.refused[schedule.agent_id] = error.reason
            continue
        places_told = {(employee_id, month): rows for month, rows in by_month.items() if month in months}
        if not places_told:
            told.refused[schedule.agent_id] = Phrase(PAST)
            continue
        told.accepted.append(schedule.agent_id)
        found |= places_told
    return found


class _RefusedError(Exception):
    def __init__(self, reason: Phrase) -> None:
        super().__init__(reason)
        self.reason = reason


def _months(
    peer: Peer, period: tuple[dt.date, dt.date], shifts: Sequence[ClockShift], zone: str
) -> dict[dt.date, list[Any]]:
    """Give one person's shifts by month, as the dialect has them."""
    if not shifts:
        raise _RefusedError(Phrase(NO_SHIFTS))
    spans = [_span(shift, ZoneInfo(zone)) for shift in shifts]
    outside = next((day for day, _start, _end in spans if not period[0] <= day <= period[1]), None)
    if outside is not None:
        raise _RefusedError(Phrase(OUTSIDE_PERIOD, {"day": f"{outside:%d.%m.%Y}"}))
    fault = fault_of(spans, peer.options)
    if fault is not None:
        raise _RefusedError(fault)
    by_month: defaultdict[dt.date, list[tuple[ClockShift, Hours]]] = defaultdict(list)
    for shift, (day, start, end) in zip(shifts, spans, strict=True):
        by_month[day.replace(day=1)].append((shift, _paid(shift, start, end, ZoneInfo(zone))))
    if peer.dialect == Dialect.GATEWAY:
        return {month: clock_rows(shift for shift, _hours in own) for month, own in by_month.items()}
    return {month: hour_rows(_summed(own)) for month, own in by_month.items()}


def _span(shift: ClockShift, zone: ZoneInfo) -> tuple[dt.date, dt.datetime, dt.datetime]:
    start, end = (
        dt.datetime.combine(shift.date, dt.time.fromisoformat(text), zone)
        for text in (shift.start_time, shift.end_time)
    )
    return shift.date, start, end if end > start else end + DAY


def _paid(shift: ClockShift, start: dt.datetime, end: dt.datetime, zone: ZoneInfo) -> Hours:
    """Give the hours without the break, which comes off the day first."""
    gross, unpaid_ms = split_shift(start, end, (), zone), shift.break_minutes * MINUTE_MS
    if unpaid_ms > gross.total_ms:
        raise _RefusedError(Phrase(LONG_BREAK, {"day": f"{shift.date:%d.%m.%Y}"}))
    by_day_ms = min(unpaid_ms, gross.day_ms)
    return Hours(gross.day_ms - by_day_ms, gross.night_ms - (unpaid_ms - by_day_ms))


def _summed(shifts: Sequence[tuple[ClockShift, Hours]]) -> dict[dt.date, Hours]:
    days: defaultdict[dt.date, Hours] = defaultdict(Hours)
    for shift, hours in shifts:
        days[shift.date] += hours
    return days
