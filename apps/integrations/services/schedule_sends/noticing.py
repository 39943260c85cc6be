"""A published schedule changed: what 1C holds of it is out of date, and may be sent by itself."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_noop

from apps.core import clock
from apps.core.phrases import Phrase
from apps.integrations.choices import System
from apps.integrations.models import Connection, ScheduleSend
from apps.integrations.policies import require_operating
from apps.integrations.selectors.agents import people_of_others
from apps.integrations.selectors.month_contents import Peer
from apps.integrations.services.schedule_sends.asking import COMPARING, PEOPLE_AT_ONCE, request_schedules
from apps.jobs.services import start
from apps.schedules.models import PlannedPerson, Shift

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from apps.accounts.models import User
    from apps.jobs.models import Job
    from apps.jobs.registry import JobContext

CHANGE_KIND = "integrations.changed_schedules"
BY_ITSELF = "send_schedules_on_change"
DELAY = "send_delay_s"
USUAL_DELAY_S = 60
TITLE = gettext_noop("Changed schedules of %(month)s to 1C")


def people_of_variants(variant_ids: Collection[int]) -> list[int]:
    """Give whom these variants plan or have shifts of, by id."""
    planned = PlannedPerson.objects.filter(variant__in=variant_ids).values_list("employee_id", flat=True)
    working = Shift.objects.filter(variant__in=variant_ids).values_list("employee_id", flat=True)
    return sorted({*planned.distinct(), *working.order_by().distinct()})


def notice_change(month: dt.date, employee_ids: Collection[int]) -> None:
    """Mark these people's month as out of date, and queue it for every 1C that is told by itself.

    Safe to repeat. It is sent a while later (`send_delay_s` of the connection), so that a series of edits is
    one send. More than `PEOPLE_AT_ONCE` people are queued by a job: a receiver of events has a minute.
    """
    now = clock.now()
    ScheduleSend.objects.filter(month=month, employee__in=employee_ids).update(changed_at=now)
    peers = _told_by_themselves(month)
    if peers and len(employee_ids) > PEOPLE_AT_ONCE:
        _start({"month": month.isoformat(), "employees": [*employee_ids], "at": now.isoformat()}, actor=None)
        return
    for connection in peers:
        _queue(connection, month, employee_ids, now)


def queue_changed(job: JobContext) -> None:
    """Queue the month of the people of a job `CHANGE_KIND`; done again it finds what waits already."""
    month = dt.date.fromisoformat(job.params["month"])
    at = dt.datetime.fromisoformat(job.params["at"])
    peers = _told_by_themselves(month)
    for number, connection in enumerate(peers):
        progress = partial(_tell, job, number, len(peers))
        _queue(connection, month, job.params["employees"], at, progress)


def repeat_changed(job: Job, actor: User | None) -> Job:
    """Start the work of a job `CHANGE_KIND` once more. Raises `NotAllowedError`."""
    require_operating(actor)
    return _start(dict(job.params), actor=actor)


def _start(params: dict[str, Any], *, actor: User | None) -> Job:
    month = dt.date.fromisoformat(params["month"])
    title = Phrase(TITLE, {"month": f"{month:%m.%Y}"})
    return start(CHANGE_KIND, params=params, actor=actor, title=title, queue="integrate")


def _tell(job: JobContext, number: int, peers: int, done: int, whole: int) -> None:
    job.check_cancelled()
    job.progress((number + done / max(whole, 1)) / peers, Phrase(COMPARING))


def _told_by_themselves(month: dt.date) -> list[Connection]:
    active = Connection.objects.filter(system=System.ONEC, is_active=True).order_by("pk")
    return [one for one in active if one.options.get(BY_ITSELF) and month >= Peer.of(one).current_month]


def _queue(
    connection: Connection,
    month: dt.date,
    employee_ids: Collection[int],
    noticed_at: dt.datetime,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    delay_s = float(connection.options.get(DELAY, USUAL_DELAY_S))
    others = people_of_others(connection.pk).filter(employee__in=employee_ids)
    request_schedules(
        connection,
        first=month,
        last=month,
        employee_ids={*employee_ids} - {*others},
        actor=None,
        run_at=noticed_at + dt.timedelta(seconds=delay_s),
        progress=progress,
    )
