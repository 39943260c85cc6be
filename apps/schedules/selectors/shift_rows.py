"""The shifts of a variant as rows of a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from apps.organization.policies import employees_visible_to

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from django.contrib.auth.models import AnonymousUser

    from apps.accounts.models import User
    from apps.schedules.models import ScheduleVariant
    from apps.schedules.selectors.rows import Person


@dataclass(frozen=True, slots=True)
class ShiftRow:
    """A shift and whose it is; `own_clock` tells its times in the person's zone."""

    person: Person
    day: dt.date
    start: dt.datetime
    end: dt.datetime
    own_clock: str
    paid_s: int
    is_edited: bool


def shift_rows(
    variant: ScheduleVariant, user: User | AnonymousUser, people: list[Person]
) -> Iterator[ShiftRow]:
    """Yield the shifts of `people` whom `user` may see, by day and start; one query."""
    known = {person.employee_id: person for person in people}
    zones = {person.zone: ZoneInfo(person.zone) for person in people}
    shifts = variant.shifts.filter(employee__in=employees_visible_to(user)).order_by(
        "local_date", "start", "pk"
    )
    for employee_id, day, start, end, paid_s, revision in shifts.values_list(
        "employee_id", "local_date", "start", "end", "paid_s", "revision"
    ):
        person = known.get(employee_id)
        if person is None:
            continue
        zone = zones[person.zone]
        own = f"{start.astimezone(zone):%H:%M}–{end.astimezone(zone):%H:%M}"
        yield ShiftRow(person, day, start, end, own, paid_s, revision > 0)
