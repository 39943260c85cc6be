"""What 1C should hold of people's months: read from the published schedules, in the words of its dialect."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections import defaultdict
from dataclasses import asdict, dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.translation import gettext_noop

from apps.core import clock
from apps.core.phrases import Phrase
from apps.integrations.choices import Dialect
from apps.integrations.models import Connection
from apps.integrations.selectors.agents import agent_ids
from apps.integrations.wire.onec.sends import ClockShift
from apps.integrations.wire.onec.split import Hours, split_shift
from apps.organization.models import Employee, EmploymentTerms
from apps.schedules.models import Activity, Shift

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from apps.integrations.types import Access
    from apps.integrations.wire.onec.split import Stretch

DAY = dt.timedelta(days=1)
MINUTE = dt.timedelta(minutes=1)
LONGEST_GROSS = dt.timedelta(hours=12)
REFUSE_OVERNIGHT = "refuse"

WITHOUT_ID = gettext_noop("This person has no id of 1C yet.")
NOT_PLANNED = gettext_noop("This person's position is not planned.")
OUTSIDE = gettext_noop("The month is outside this person's employment.")
OVERLAP = gettext_noop("Two shifts overlap on %(day)s.")
TOO_LONG = gettext_noop("The shift of %(day)s is longer than 12 hours.")
OVERNIGHT = gettext_noop("The shift of %(day)s ends on the next day, which this connection does not allow.")


class Readiness(Enum):
    """What may be done with a person's month."""

    READY = "ready"
    EMPTY = "empty"
    OUTSIDE = "outside"
    NOT_PLANNED = "not_planned"
    WITHOUT_ID = "without_id"
    REFUSED = "refused"


@dataclass(frozen=True)
class Peer:
    """The 1C that months are meant for."""

    connection_id: int
    dialect: str
    options: Mapping[str, Any]
    time_zone: str

    @classmethod
    def of(cls, connection: Connection | Access) -> Peer:
        key = connection.pk if isinstance(connection, Connection) else connection.connection_id
        return cls(key, connection.dialect, connection.options, connection.time_zone)

    @property
    def current_month(self) -> dt.date:
        """The month that it is there now: 1C takes nothing for earlier ones."""
        return clock.now().astimezone(ZoneInfo(self.time_zone)).date().replace(day=1)


@dataclass(frozen=True)
class MonthContent:
    """A person's month for 1C: `rows` as they are sent, JSON, and their `mark`; `reason` why they are not."""

    readiness: Readiness
    agent_id: str = ""
    rows: tuple[Any, ...] = ()
    mark: str = ""
    reason: Phrase = field(default_factory=Phrase)


@dataclass(frozen=True)
class PlannedShift:
    """A shift on the clock of its site; it belongs to the day on which it starts there."""

    date: dt.date
    start: dt.datetime
    end: dt.datetime
    unpaid: tuple[Stretch, ...]
    site_code: str

    @property
    def zone(self) -> ZoneInfo:
        zone = self.start.tzinfo
        assert isinstance(zone, ZoneInfo)  # noqa: S101 - made by `_on_site_clock`
        return zone


@dataclass(frozen=True)
class _Terms:
    first: dt.date
    last: dt.date | None
    zone: ZoneInfo
    site_code: str
    is_planned: bool


@dataclass(frozen=True)
class _Person:
    agent_id: str
    hired_on: dt.date
    dismissed_on: dt.date | None
    terms: tuple[_Terms, ...]

    def terms_on(self, day: dt.date) -> _Terms | None:
        """Give the terms of a day of employment."""
        if day < self.hired_on or (self.dismissed_on is not None and day > self.dismissed_on):
            return None
        return next(
            (one for one in self.terms if one.first <= day and (one.last is None or day <= one.last)), None
        )

    def is_employed_in(self, month: dt.date) -> bool:
        return self.hired_on < next_month(month) and (self.dismissed_on is None or self.dismissed_on >= month)


def next_month(month: dt.date) -> dt.date:
    """Give the first day of the month after that of a first day."""
    return (month + 32 * DAY).replace(day=1)


def last_day(month: dt.date) -> dt.date:
    return next_month(month) - DAY


def months_between(first: dt.date, last: dt.date) -> list[dt.date]:
    """Give the first days of the months that two days lie in and of those between."""
    found, month = [], first.replace(day=1)
    while month <= last:
        found.append(month)
        month = next_month(month)
    return found


def month_contents(
    peer: Peer, employee_ids: Collection[int], months: Sequence[dt.date]
) -> dict[tuple[int, dt.date], MonthContent]:
    """Give what 1C should hold of these people's months, by person and first day; five queries.

    Days outside employment and those of a position that is not planned are blank.
    """
    people = _people(peer, employee_ids)
    shifts = _published(employee_ids, months)
    found = {}
    for employee_id, person in people.items():
        by_month = _by_month(person, shifts[employee_id])
        for month in months:
            found[employee_id, month] = _content(peer, person, month, by_month[month])
    return found


def content_of(dialect: str, agent_id: str, rows: Iterable[Any]) -> MonthContent:
    """Make the content of a month of rows that are ready to be sent."""
    rows = tuple(rows)
    if not rows:
        return MonthContent(Readiness.EMPTY, agent_id)
    told = json.dumps([dialect, agent_id, rows], ensure_ascii=False, sort_keys=True)
    return MonthContent(Readiness.READY, agent_id, rows, hashlib.sha256(told.encode()).hexdigest())


def hours_of_row(row: Sequence[Any]) -> tuple[dt.date, Hours]:
    """Read a row of the dialect `zup` back."""
    day, day_ms, night_ms = row
    return dt.date.fromisoformat(day), Hours(day_ms, night_ms)


def hour_rows(days: Mapping[dt.date, Hours]) -> list[Any]:
    """Give hours by day as rows of the dialect `zup`, in order."""
    return [[day.isoformat(), hours.day_ms, hours.night_ms] for day, hours in sorted(days.items())]


def clock_rows(shifts: Iterable[ClockShift]) -> list[Any]:
    """Give shifts as rows of the dialect `gateway`, in order."""
    rows = [asdict(shift) | {"date": shift.date.isoformat()} for shift in shifts]
    return sorted(rows, key=lambda row: (row["date"], row["start_time"]))


def clock_shift_of_row(row: Mapping[str, Any]) -> ClockShift:
    """Read a row of the dialect `gateway` back."""
    return ClockShift(**{**row, "date": dt.date.fromisoformat(row["date"])})


def fault_of(
    spans: Sequence[tuple[dt.date, dt.datetime, dt.datetime]], options: Mapping[str, Any]
) -> Phrase | None:
    """Say what the gateway would refuse in somebody's shifts (day, start, end): overlaps, over 12 h gross."""
    previous: dt.datetime | None = None
    for day, start, end in sorted(spans, key=lambda span: span[1].astimezone(dt.UTC)):
        told = {"day": f"{day:%d.%m.%Y}"}
        if previous is not None and start.astimezone(dt.UTC) < previous:
            return Phrase(OVERLAP, told)
        previous = end.astimezone(dt.UTC)
        if previous - start.astimezone(dt.UTC) > LONGEST_GROSS:
            return Phrase(TOO_LONG, told)
        if options.get("gateway_overnight") == REFUSE_OVERNIGHT and end.date() > start.date():
            return Phrase(OVERNIGHT, told)
    return None


def _people(peer: Peer, employee_ids: Collection[int]) -> dict[int, _Person]:
    terms: defaultdict[int, list[_Terms]] = defaultdict(list)
    rows = EmploymentTerms.objects.filter(employee__in=employee_ids).order_by("valid_from")
    for employee_id, first, last, zone, code, is_planned in rows.values_list(
        "employee_id", "valid_from", "valid_to", "site__time_zone", "site__code", "position__is_planned"
    ):
        terms[employee_id].append(_Terms(first, last, ZoneInfo(zone), code, is_planned))
    known = agent_ids(peer.connection_id, employee_ids)
    return {
        pk: _Person(known.get(pk, ""), hired_on, dismissed_on, tuple(terms[pk]))
        for pk, hired_on, dismissed_on in Employee.objects.filter(pk__in=employee_ids).values_list(
            "pk", "hired_on", "dismissed_on"
        )
    }


ShiftRow = tuple[dt.date, dt.datetime, dt.datetime, "tuple[Stretch, ...]"]


def _published(employee_ids: Collection[int], months: Sequence[dt.date]) -> defaultdict[int, list[ShiftRow]]:
    """Give the published shifts by person, a day wider on both sides: the site's day may be another."""
    days = (min(months) - DAY, next_month(max(months)))
    shifts = Shift.objects.filter(employee__in=employee_ids, is_published=True, local_date__range=days)
    unpaid: defaultdict[int, list[Stretch]] = defaultdict(list)
    leaves = Activity.objects.filter(
        Q(shift__employee__in=employee_ids, shift__is_published=True, shift__local_date__range=days),
        kind__is_paid=False,
    )
    for shift_id, start, end in leaves.values_list("shift_id", "start", "end"):
        unpaid[shift_id].append((start, end))
    found: defaultdict[int, list[ShiftRow]] = defaultdict(list)
    for pk, employee_id, day, start, end in shifts.order_by("start").values_list(
        "pk", "employee_id", "local_date", "start", "end"
    ):
        found[employee_id].append((day, start, end, tuple(unpaid[pk])))
    return found


def _by_month(person: _Person, rows: Iterable[ShiftRow]) -> defaultdict[dt.date, list[PlannedShift]]:
    found: defaultdict[dt.date, list[PlannedShift]] = defaultdict(list)
    for day, start, end, unpaid in rows:
        terms = person.terms_on(day)
        if terms is None or not terms.is_planned:
            continue
        local = start.astimezone(terms.zone)
        shift = PlannedShift(local.date(), local, end.astimezone(terms.zone), unpaid, terms.site_code)
        found[shift.date.replace(day=1)].append(shift)
    return found


def _content(peer: Peer, person: _Person, month: dt.date, shifts: Sequence[PlannedShift]) -> MonthContent:
    obstacle = _obstacle(person, month)
    if obstacle is not None:
        return obstacle
    if peer.dialect != Dialect.GATEWAY:
        return content_of(peer.dialect, person.agent_id, hour_rows(_hours(shifts)))
    fault = fault_of([(shift.date, shift.start, shift.end) for shift in shifts], peer.options)
    if fault:
        return MonthContent(Readiness.REFUSED, person.agent_id, reason=fault)
    return content_of(peer.dialect, person.agent_id, clock_rows(map(_clock_shift, shifts)))


def _obstacle(person: _Person, month: dt.date) -> MonthContent | None:
    """Say why nothing of this person's month is for 1C, if so."""
    if not person.is_employed_in(month):
        return MonthContent(Readiness.OUTSIDE, person.agent_id, reason=Phrase(OUTSIDE))
    if not any(terms.is_planned for terms in person.terms):
        return MonthContent(Readiness.NOT_PLANNED, person.agent_id, reason=Phrase(NOT_PLANNED))
    if not person.agent_id:
        return MonthContent(Readiness.WITHOUT_ID, reason=Phrase(WITHOUT_ID))
    return None


def _hours(shifts: Iterable[PlannedShift]) -> dict[dt.date, Hours]:
    found: defaultdict[dt.date, Hours] = defaultdict(Hours)
    for shift in shifts:
        found[shift.date] += split_shift(shift.start, shift.end, shift.unpaid, shift.zone)
    return found


def _clock_shift(shift: PlannedShift) -> ClockShift:
    hours = split_shift(shift.start, shift.end, (), shift.zone)
    paid = split_shift(shift.start, shift.end, shift.unpaid, shift.zone)
    return ClockShift(
        date=shift.date,
        start_time=f"{shift.start:%H:%M}",
        end_time=f"{shift.end:%H:%M}",
        break_minutes=-((paid.total_ms - hours.total_ms) // 60_000),
        shift_type="night" if hours.night_ms > hours.day_ms else "day",
        location_code=shift.site_code,
    )
