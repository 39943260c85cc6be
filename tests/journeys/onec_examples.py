"""A personnel run that waits, and what 1C told of somebody: for the pages that show them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from apps.core.phrases import Phrase
from apps.integrations.choices import RunState
from apps.integrations.models import PlannedChange, Run
from apps.integrations.services.personnel.reconciling import VANISHED
from apps.workcalendar.models import PersonNorm, ReceivedTimeCode, ReceivedTimeSummary, VacationBalance
from tests.factories.integrations import make_connection

if TYPE_CHECKING:
    from apps.organization.models import Employee

FIRST, LAST = dt.date(2026, 11, 1), dt.date(2026, 11, 30)


def make_plan(person: Employee) -> Run:
    """Make a run whose plan waits: somebody new, somebody changed, somebody missing."""
    run = Run.objects.create(
        connection=make_connection(code="onec-example", name="1C:ZUP"),
        purpose="onec.personnel",
        state=RunState.WAITING,
        reason=Phrase(VANISHED, {"gone": 1, "all": 9, "percent": "11.1", "limit": "10"}),
        counts={"people": 9, "unchanged": 6, "vanished": 1, "at_work": 9},
        problems=[{"subject": "a-7", "field": "normWeek", "reason": "“сорок” is not a number."}],
        plan={
            "structure": {"departments": [], "positions": [], "sites": []},
            "structure_changes": [
                {"kind": "department", "name": "Чаты", "action": "create", "fields": {}},
                {"kind": "position", "name": "Оператор", "action": "update", "fields": {"name": ["A", "B"]}},
            ],
        },
    )
    told = {"last_name": ["Петрова", "Сидорова"], "terms_from": ["", "2026-11-02"]}
    new = {"hired_on": ["", "2026-11-16"], "department": ["", "Чаты"], "balance 2026-11-30": ["", "2.33"]}
    gone = {"dismissed_on": ["", "2026-11-20"]}
    for number, (action, fields) in enumerate((("create", new), ("update", told), ("dismiss", gone))):
        PlannedChange.objects.create(
            run=run,
            external_id=f"a-{number}",
            action=action,
            name=str(person),
            personnel_number=f"00012{number}",
            employee=None if action == "create" else person,
            fields=fields,
            has_vanished=action == "dismiss",
        )
    return run


def make_received(person: Employee) -> None:
    """Make a norm, a balance of leave, a code and a month of a person."""
    source = "onec-example"
    PersonNorm.objects.create(
        employee=person, mode="month", first=FIRST, last=LAST, seconds=151 * 3600, source=source
    )
    VacationBalance.objects.create(employee=person, date=LAST, days="14.33", source=source)
    ReceivedTimeCode.objects.create(
        employee=person, date=FIRST, number=0, code="Я", seconds=39_600, source=source
    )
    ReceivedTimeSummary.objects.create(
        employee=person,
        first=FIRST,
        last=LAST,
        half1_days=1,
        half1_seconds=39_600,
        half2_days=0,
        half2_seconds=0,
        absences=[["ОТ", "14"]],
        source=source,
    )
