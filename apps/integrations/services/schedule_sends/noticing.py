"""A published schedule changed: what 1C holds of it is out of date, and may be sent by itself."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from apps.core import clock
from apps.integrations.choices import System
from apps.integrations.models import Connection, ScheduleSend
from apps.integrations.selectors.month_contents import Peer
from apps.integrations.services.schedule_sends.asking import request_schedules
from apps.schedules.models import PlannedPerson, Shift

if TYPE_CHECKING:
    from collections.abc import Collection

BY_ITSELF = "send_schedules_on_change"
DELAY = "send_delay_s"
USUAL_DELAY_S = 60


def people_of_variants(variant_ids: Collection[int]) -> list[int]:
    """Give whom these variants plan or have shifts of, by id."""
    planned = PlannedPerson.objects.filter(variant__in=variant_ids).values_list("employee_id", flat=True)
    working = Shift.objects.filter(variant__in=variant_ids).values_list("employee_id", flat=True)
    return sorted({*planned.distinct(), *working.order_by().distinct()})


def notice_change(month: dt.date, employee_ids: Collection[int]) -> None:
    """Mark these people's month as out of date, and queue it for every 1C that is told by itself.

    Safe to repeat. It is sent a while later (`send_delay_s` of the connection), so that a series of edits is
    one send.
    """
    now = clock.now()
    ScheduleSend.objects.filter(month=month, employee__in=employee_ids).update(changed_at=now)
    for connection in Connection.objects.filter(system=System.ONEC, is_active=True):
        if not connection.options.get(BY_ITSELF) or month < Peer.of(connection).current_month:
            continue
        delay_s = float(connection.options.get(DELAY, USUAL_DELAY_S))
        request_schedules(
            connection,
            first=month,
            last=month,
            employee_ids=employee_ids,
            actor=None,
            run_at=now + dt.timedelta(seconds=delay_s),
        )
