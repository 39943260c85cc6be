"""Months, a run and facts that went to 1C, or did not: for the pages that show them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from apps.core import clock
from apps.core.phrases import Phrase
from apps.integrations.choices import FactState, FailureClass, OperationState, RunState, SendState
from apps.integrations.models import Connection, FactSend, Operation, PersonLink, Run, ScheduleSend
from apps.integrations.services.fact_sends.sending import NOT_SHOWN
from apps.integrations.services.schedule_sends.sending import REFUSED

if TYPE_CHECKING:
    from apps.organization.models import Employee

MONTH = dt.date(2027, 2, 1)
SAID = "За 2027-02 уже введён график на неполный месяц."
HOUR_MS = 3_600_000


def make_sends(person: Employee) -> tuple[Run, FactSend]:
    """Make a run that 1C refused in part, and a fact of which nobody knows whether it arrived."""
    connection = Connection.objects.get(code="onec-example")
    PersonLink.objects.create(connection=connection, employee=person, external_id="a-1")
    run = Run.objects.create(
        connection=connection,
        purpose="onec.schedules",
        state=RunState.DONE,
        ended_at=clock.now(),
        counts={"people": 2, "queued": 1, "unchanged": 1},
        problems=[{"subject": "000127", "field": "2027-02", "reason": "This person has no id of 1C yet."}],
    )
    refused = Operation.objects.create(
        connection=connection,
        kind="onec.send_schedule",
        state=OperationState.FAILED,
        failure=FailureClass.REFUSED,
        reason=Phrase(REFUSED),
        detail=SAID,
        payload={"employees": [person.pk], "first": "2027-02-01", "last": "2027-02-01"},
        run=run,
    )
    states = (SendState.REFUSED, SendState.SENT, SendState.WAITING)
    for state, month in zip(states, (MONTH, dt.date(2027, 3, 1), dt.date(2027, 4, 1)), strict=True):
        ScheduleSend.objects.create(
            connection=connection,
            employee=person,
            month=month,
            state=state,
            message=SAID if state == SendState.REFUSED else "",
            operation=refused if state == SendState.REFUSED else None,
            content=[[month.isoformat(), 8 * HOUR_MS, 0]] if state == SendState.SENT else [],
            built_at=clock.now(),
            sent_at=clock.now() if state == SendState.SENT else None,
        )
    return run, _fact(connection, person)


def _fact(connection: Connection, person: Employee) -> FactSend:
    start = dt.datetime(2027, 2, 2, 6, tzinfo=dt.UTC)
    operation = Operation.objects.create(
        connection=connection,
        kind="onec.send_fact",
        state=OperationState.UNKNOWN,
        failure=FailureClass.RETRY,
        reason=Phrase(NOT_SHOWN),
    )
    return FactSend.objects.create(
        connection=connection,
        employee=person,
        shift_date=start.date(),
        content_hash="0" * 64,
        initiator_name="Петрова А. А.",
        time_zone="Europe/Moscow",
        periods=[[start.isoformat(), (start + dt.timedelta(hours=10)).isoformat()]],
        day_ms=10 * HOUR_MS,
        state=FactState.WAITING,
        operation=operation,
        begun_at=clock.now(),
    )
