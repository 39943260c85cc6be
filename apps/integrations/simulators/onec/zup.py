"""The dialect `zup`: the five operations in camelCase; 200 = handled, 500 = a fault with a text."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from apps.integrations.simulators.onec.dates import NULL_DATE, in_utc, month_end, read_day
from apps.integrations.simulators.onec.facts import check_slices, make_fact
from apps.integrations.simulators.onec.norms import MODES, norm_rows
from apps.integrations.simulators.onec.reading import (
    as_number,
    read_instant,
    read_milliseconds,
    read_number,
    read_object,
    read_rows,
    read_text,
)
from apps.integrations.simulators.onec.refusals import WRITTEN, FaultyRequestError, RefusalError
from apps.integrations.simulators.onec.schedules import take_schedule
from apps.integrations.simulators.onec.timetypes import in_hours, timetypes
from apps.integrations.simulators.onec.vacations import balances
from apps.integrations.simulators.serving.messages import json_answer

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from apps.integrations.simulators.onec.books import Books, Hours
    from apps.integrations.simulators.onec.people import Person
    from apps.integrations.simulators.serving.messages import Answer, Request

Span = tuple[dt.date, dt.date]


class ZupService:
    """The HTTP service of 1C:ZUP as its vendor publishes it."""

    def __init__(self, books: Books, today: Callable[[], dt.date], *, is_untidy: bool) -> None:
        self._books = books
        self._today = today
        self._is_untidy = is_untidy

    def agents(self, _request: Request, start: str, end: str) -> Answer:
        """Answer GET /agents/{start}/{end}: the dates bound the balances of leave only."""
        span = _in_order(read_day(start, "startDate"), read_day(end, "endDate"))
        people = self._books.told_people(self._today())
        agents = [self._agent(person, span, number) for number, person in enumerate(people)]
        return json_answer([{"AR_departments": self._departments(), "AR_agents": agents}])

    def _departments(self) -> list[dict[str, str]]:
        parent = "parent_departmentId" if self._is_untidy else "parentDepartmentId"
        return [
            {"departmentId": one.identifier, "department": one.name, parent: one.parent}
            for one in self._books.departments
        ]

    def _agent(self, person: Person, span: Span, number: int) -> dict[str, Any]:
        row = {
            "agentId": person.agent_id,
            "tabN": person.tab_number,
            "lastname": person.last_name,
            "firstname": person.first_name,
            "secondname": person.second_name,
            "startwork": in_utc(person.hired),
            "finishwork": in_utc(person.dismissed) if person.dismissed else None,
            "positionId": person.position_id,
            "position": person.position,
            "positionChangeDate": in_utc(person.position_changed) if person.position_changed else None,
            "departmentId": person.department_id,
            "rate": as_number(person.rate),
            "Login": person.login,
            "normWeek": as_number(person.week),
            "normWeekChangeDate": in_utc(person.hired),
            "SN": "",
            "Db_ID": "1",
            "area": person.area,
            "AR_vacation": [
                {"date": in_utc(day), "vacation": as_number(balance)}
                for day, balance in balances(person, *span)
            ],
        }
        if self._is_untidy:
            row = _untidy(row, number)
        return {**row, **dict(person.spoiled)}

    def norms(self, request: Request) -> Answer:
        """Answer POST getNormHours; whom 1C does not know has no row."""
        content = read_object(request)
        span = _in_order(
            read_day(content.get("startDate"), "startDate"), read_day(content.get("endDate"), "endDate")
        )
        mode = read_text(content, "calculationMode")
        if mode not in MODES:
            raise FaultyRequestError(f"Поле calculationMode: «{mode}» – не month, quarter или year.")
        found: list[dict[str, Any]] = []
        for agent in read_rows(content, "AR_agents"):
            norms = sorted(_read_norm(row) for row in read_rows(agent, "AR_norms"))
            person = self._books.people.get(read_text(agent, "agentId"))
            if not norms:
                raise FaultyRequestError("Поле AR_norms пустое: нет нормы на начало периода.")
            if person is not None:
                found.extend(norm_rows(person, norms, span, mode, self._books.calendar))
        return json_answer(
            [
                {
                    "agentId": row["agentId"],
                    "normHours": self._number(row["hours"]),
                    "startDate": in_utc(row["first"]),
                    "endDate": in_utc(row["last"]),
                }
                for row in found
            ]
        )

    def schedule(self, request: Request) -> Answer:
        """Answer POST sendSchedule."""
        content = read_object(request)
        agent_id = read_text(content, "agentId")
        span = (read_day(content.get("period1"), "period1"), read_day(content.get("period2"), "period2"))
        rows = [_read_shift(row) for row in read_rows(content, "shift")]
        try:
            count = take_schedule(self._books, agent_id, span, rows, self._today(), request)
        except RefusalError as refusal:
            self._books.ledger.add("schedule_refused", agent_id, request, message=str(refusal))
            return json_answer({"result": self._truth(told=False), "message": str(refusal)})
        return json_answer({"result": self._truth(told=True), "message": WRITTEN.format(count=count)})

    def timetypes(self, request: Request) -> Answer:
        """Answer POST getTimetypeInfo; the window stays within one month."""
        content = read_object(request)
        first, last = _in_order(
            read_day(content.get("date_start"), "date_start"), read_day(content.get("date_end"), "date_end")
        )
        if last > month_end(first):
            raise FaultyRequestError("Поле date_end: период должен быть внутри одного месяца.")
        people = (
            self._books.people.get(read_text(row, "agentId")) for row in read_rows(content, "AR_agents")
        )
        return json_answer([self._sheet(person, first, last) for person in people if person is not None])

    def _sheet(self, person: Person, first: dt.date, last: dt.date) -> dict[str, Any]:
        found = timetypes(self._books, person, first, last)
        halves = {
            f"half{number}_{name}": self._number(value)
            for number, half in enumerate(found["halves"], 1)
            for name, value in zip(("days", "hours"), half, strict=True)
        }
        return {
            "agentId": person.agent_id,
            "AR_date": [
                {"date": in_utc(day), "timetype": code, "hours": self._number(in_hours(length))}
                for day, code, length in found["rows"]
            ],
            "AR_N": [{"timetype_N": code, "hours_N": text} for code, text in found["absences"]],
            **halves,
        }

    def fact(self, request: Request) -> Answer:
        """Answer POST sendFactWorkTime: not idempotent, each deviation is one more document."""
        return take_fact(self._books, request, agent_field="agentId")

    def _number(self, value: Decimal | float) -> object:
        return str(as_number(value)).replace(".", ",") if self._is_untidy else as_number(value)

    def _truth(self, *, told: bool) -> object:
        return told if self._is_untidy else str(told).lower()


def take_fact(books: Books, request: Request, *, agent_field: str) -> Answer:
    """Take a fact in either dialect, which differ in the name of the employee's field."""
    content = read_object(request)
    agent_id = read_text(content, agent_field)
    initiator = read_text(content, "initiator_name")
    day = read_day(content.get("date_start"), "date_start")
    slices = sorted(
        (read_instant(row, "start"), read_milliseconds(row, "time")) for row in read_rows(content, "loginfo")
    )
    check_slices(slices)
    if agent_id not in books.people or agent_id in books.refused:
        books.ledger.add("fact_refused", agent_id, request, date=day.isoformat())
        return json_answer({"result": False, "doc": None})
    fact = make_fact(books, agent_id, day, slices)
    books.write_fact(fact, request, initiator=initiator)
    return json_answer({"result": True, "doc": fact.document})


def _read_norm(row: dict[str, Any]) -> tuple[dt.date, Decimal]:
    return read_day(row.get("changeDate"), "changeDate"), read_number(row, "normWeek")


def _read_shift(row: dict[str, Any]) -> tuple[dt.date, Hours]:
    hours = read_milliseconds(row, "daily_hours"), read_milliseconds(row, "night_hours")
    return read_day(row.get("date_start"), "date_start"), hours


def _in_order(first: dt.date, last: dt.date) -> Span:
    if last < first:
        raise FaultyRequestError(f"Конец периода {last} раньше начала {first}.")
    return first, last


def _untidy(row: dict[str, Any], number: int) -> dict[str, Any]:
    """Write the row as other releases of 1C do: other spellings, numbers as text, its own empty date."""
    changed = {**row, "finishwork": row["finishwork"] or NULL_DATE}
    changed["positionChangeDate"] = row["positionChangeDate"] or NULL_DATE
    changed["rate"] = str(row["rate"]).replace(".", ",")
    changed["normWeek"] = f"{row['normWeek']:.2f}".replace(".", ",")
    changed["AR_vacation"] = [
        {"date": balance["date"], "vacation": f"{balance['vacation']:.2f}".replace(".", ",")}
        for balance in row["AR_vacation"]
    ]
    if number % 2:
        changed["agentID"] = changed.pop("agentId")
    return changed
