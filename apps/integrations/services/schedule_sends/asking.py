"""Ask for people's months to be sent to 1C: whole months, from the current one on, and only what changed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from apps.core import clock
from apps.core.errors import DomainError
from apps.core.phrases import Phrase
from apps.integrations.choices import SendState
from apps.integrations.policies import require_operating
from apps.integrations.selectors.month_contents import (
    Peer,
    Readiness,
    last_day,
    month_contents,
    months_between,
)
from apps.integrations.selectors.schedule_sends import people_to_send, personnel_numbers
from apps.integrations.services.schedule_sends.keeping import (
    keep_stopped,
    keep_unchanged,
    known_sends,
)
from apps.integrations.services.schedule_sends.queueing import Asked, queue_sends

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Collection, Sequence
    from uuid import UUID

    from apps.accounts.models import User
    from apps.integrations.models import Connection, ScheduleSend
    from apps.integrations.selectors.month_contents import MonthContent

    Place = tuple[int, dt.date]

PEOPLE_AT_ONCE = 500
MOST_MONTHS = 24
COMPARING = gettext_noop("Comparing with what 1C holds")
PAST = gettext_noop("Schedules of past periods may not be changed; nothing was created.")
STILL_HELD = gettext_noop("No shifts any more: nothing is sent, and 1C still holds the earlier month.")
NO_SHIFTS = gettext_noop("No data for this employee; nothing was created.")


@dataclass
class Requested:
    """What became of a wish to send: counts of months by outcome, and whom it was refused for and why."""

    counts: Counter[str] = field(default_factory=Counter)
    problems: list[dict[str, str]] = field(default_factory=list)


def months_to_send(peer: Peer, first: dt.date, last: dt.date) -> list[dt.date]:
    """Give the months of a period that 1C takes; earlier ones stay as they are.

    Raises `DomainError` for a period that lies wholly in the past, one that is turned round or too long.
    """
    if last < first:
        raise DomainError(_("The period ends before it begins."), fields={"last": [_("Before the first.")]})
    if last_day(last.replace(day=1)) < peer.current_month:
        raise DomainError(_(PAST), fields={"last": [_(PAST)]})
    months = [month for month in months_between(first, last) if month >= peer.current_month]
    if len(months) > MOST_MONTHS:
        raise DomainError(_("At most %(most)s months at once.") % {"most": MOST_MONTHS})
    return months


def request_schedules(
    connection: Connection,
    *,
    first: dt.date,
    last: dt.date,
    employee_ids: Collection[int] | None = None,
    actor: User | None,
    run_id: int | None = None,
    session_id: UUID | None = None,
    again: bool = False,
    run_at: dt.datetime | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Requested:
    """Queue the months of a period whose published schedule 1C does not hold; `again` those too that it does.

    Without `employee_ids` everybody with a published shift in the period or a month in 1C. What is sent is
    read again when it is sent. Transactions of `PEOPLE_AT_ONCE` people, each with a constant number of
    queries. Raises `NotAllowedError`, and `DomainError` for a period that 1C does not take.
    """
    require_operating(actor)
    peer = Peer.of(connection)
    months = months_to_send(peer, first, last)
    wanted = people_to_send(peer.connection_id, months) if employee_ids is None else sorted({*employee_ids})
    asked = Asked(peer, actor, run_id, session_id, again=again, run_at=run_at)
    requested = Requested(Counter(people=len(wanted)))
    for start in range(0, len(wanted), PEOPLE_AT_ONCE):
        if progress is not None:
            progress(start, len(wanted))
        with transaction.atomic():
            _request(asked, wanted[start : start + PEOPLE_AT_ONCE], months, requested)
    return requested


def _request(
    asked: Asked, employee_ids: Sequence[int], months: Sequence[dt.date], requested: Requested
) -> None:
    read_at = clock.now()
    contents = month_contents(asked.peer, employee_ids, months)
    known = known_sends(asked.peer.connection_id, employee_ids, months)
    # What waits may be on its way with another content: only what was sent and stayed so is unchanged.
    settled = {place: row for place, row in known.items() if row.state != SendState.WAITING}
    held = {place: row for place, row in known.items() if contents[place].readiness is Readiness.EMPTY}
    sorted_out = sort_out(contents, settled | held, again=asked.again)
    keep_unchanged(sorted_out.unchanged, read_at)
    keep_stopped(asked.peer.connection_id, sorted_out.stopped)
    queue_sends(asked, sorted_out.wanted)
    requested.counts.update(sorted_out.counts)
    numbers = personnel_numbers({employee_id for employee_id, _month in sorted_out.stopped})
    for (employee_id, month), (state, reason) in sorted(sorted_out.stopped.items()):
        if state == SendState.EMPTY:
            continue  # of everybody who is planned in one of the months only
        problem = {"subject": numbers[employee_id], "field": f"{month:%Y-%m}", "reason": str(reason)}
        requested.problems.append(problem)


@dataclass
class SortedOut:
    """Months by what may be done with them now."""

    wanted: list[Place] = field(default_factory=list)
    unchanged: list[ScheduleSend] = field(default_factory=list)
    stopped: dict[Place, tuple[SendState, Phrase]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)


def sort_out(
    contents: dict[Place, MonthContent], known: dict[Place, ScheduleSend], *, again: bool
) -> SortedOut:
    """Say which months are to be sent, which 1C holds already, and which are not for it and why.

    `again` sends those too that 1C holds.
    """
    found = SortedOut()
    for place, content in contents.items():
        row = known.get(place)
        outcome = content.readiness.value
        if content.readiness is Readiness.READY:
            if row is not None and not again and row.content_hash == content.mark:
                found.unchanged.append(row)
                outcome = "unchanged"
            else:
                found.wanted.append(place)
                outcome = "queued"
        elif content.readiness is Readiness.EMPTY and row is not None and row.content_hash:
            found.stopped[place] = (SendState.HELD, Phrase(STILL_HELD))
            outcome = "held"
        elif content.readiness is Readiness.EMPTY:
            found.stopped[place] = (SendState.EMPTY, Phrase(NO_SHIFTS))
        elif content.readiness in {Readiness.WITHOUT_ID, Readiness.REFUSED}:
            found.stopped[place] = (SendState.REFUSED, content.reason)
        found.counts[outcome] += 1
    return found
