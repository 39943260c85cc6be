"""What this 1C holds: people, schedules by employee and month, facts, absences."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from apps.integrations.simulators.onec.production import ProductionCalendar

if TYPE_CHECKING:
    from collections.abc import Iterable

    from apps.integrations.simulators.onec.people import Department, Person
    from apps.integrations.simulators.serving.ledger import Ledger
    from apps.integrations.simulators.serving.messages import Request

MS_A_HOUR = 3_600_000
Hours = tuple[int, int]  # by day and by night, milliseconds


@dataclass
class ScheduleDocument:
    """The schedule of one employee and month; a day without a shift is В, others are blank."""

    number: str
    agent_id: str
    month: str
    shifts: dict[dt.date, Hours]


@dataclass(frozen=True)
class Fact:
    """What was worked in a shift, and which document it made."""

    agent_id: str
    date: dt.date
    worked: Hours
    codes: dict[str, int]  # deviations: code -> milliseconds
    document: str | None


@dataclass
class Books:
    """Everything that this 1C knows. What requests change is in the ledger first, and comes back from it."""

    ledger: Ledger
    departments: list[Department] = field(default_factory=list)
    people: dict[str, Person] = field(default_factory=dict)
    calendar: ProductionCalendar = field(default_factory=ProductionCalendar)
    schedules: dict[tuple[str, str], ScheduleDocument] = field(default_factory=dict)
    facts: dict[tuple[str, dt.date], list[Fact]] = field(default_factory=dict)
    absences: dict[tuple[str, dt.date], str] = field(default_factory=dict)
    part_months: set[tuple[str, str]] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)
    today: dt.date | None = None

    def recall(self) -> None:
        """Take up what the ledger says was done before."""
        for entry in self.ledger.entries:
            if entry["kind"] in SCHEDULE_KINDS:
                self._recall_schedule(entry)
            elif entry["kind"] in FACT_KINDS:
                self._recall_fact(entry)

    def _recall_schedule(self, entry: dict[str, Any]) -> None:
        shifts = {dt.date.fromisoformat(day): (hours[0], hours[1]) for day, hours in entry["shifts"].items()}
        document = ScheduleDocument(entry["document"], entry["agent_id"], entry["month"], shifts)
        self.schedules[document.agent_id, document.month] = document

    def _recall_fact(self, entry: dict[str, Any]) -> None:
        fact = Fact(
            entry["agent_id"],
            dt.date.fromisoformat(entry["date"]),
            (entry["worked"][0], entry["worked"][1]),
            entry["codes"],
            entry["document_kind"],
        )
        self.facts.setdefault((fact.agent_id, fact.date), []).append(fact)

    def write_schedule(
        self, agent_id: str, month: str, shifts: dict[dt.date, Hours], request: Request
    ) -> ScheduleDocument:
        """Make the month's document, or replace what the one that is there holds."""
        known = self.schedules.get((agent_id, month))
        number = known.number if known else f"ГР-{len(self.schedules) + 1:06}"
        kind = "schedule_created" if known is None else "schedule_updated"
        if known is not None and known.shifts == shifts:
            kind = "schedule_repeated"
        document = ScheduleDocument(number, agent_id, month, shifts)
        self.ledger.add(
            kind,
            f"{agent_id}/{month}",
            request,
            agent_id=agent_id,
            month=month,
            document=number,
            shifts={day.isoformat(): hours for day, hours in sorted(shifts.items())},
        )
        self.schedules[agent_id, month] = document
        return document

    def write_fact(self, fact: Fact, request: Request, *, initiator: str) -> None:
        """Write down a fact; each that deviates from the plan is one more document, whatever came before."""
        self.ledger.add(
            "fact_document" if fact.document else "fact_without_document",
            f"{fact.agent_id}/{fact.date}",
            request,
            agent_id=fact.agent_id,
            date=fact.date.isoformat(),
            worked=fact.worked,
            codes=fact.codes,
            document_kind=fact.document,
            initiator=initiator,
        )
        self.facts.setdefault((fact.agent_id, fact.date), []).append(fact)

    def plan_of(self, agent_id: str, day: dt.date) -> Hours | None:
        """Give the planned hours of a day; nothing when no document holds its month."""
        document = self.schedules.get((agent_id, day.strftime("%Y-%m")))
        return document.shifts.get(day, (0, 0)) if document else None

    def replace_person(self, agent_id: str, **changes: Any) -> None:
        self.people[agent_id] = replace(self.people[agent_id], **changes)

    def told_people(self, today: dt.date) -> Iterable[Person]:
        return (person for person in self.people.values() if person.is_told(today))


SCHEDULE_KINDS = {"schedule_created", "schedule_updated", "schedule_repeated"}
FACT_KINDS = {"fact_document", "fact_without_document"}
