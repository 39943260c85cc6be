"""The dialect `gateway`: the client's own gateway, in snake_case; it knows neither norms nor time codes."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from apps.integrations.simulators.onec import refusals
from apps.integrations.simulators.onec.dates import read_day
from apps.integrations.simulators.onec.facts import split_hours
from apps.integrations.simulators.onec.reading import (
    as_number,
    read_milliseconds,
    read_object,
    read_rows,
    read_text,
)
from apps.integrations.simulators.onec.refusals import FaultyRequestError, RefusalError
from apps.integrations.simulators.onec.schedules import take_schedule
from apps.integrations.simulators.onec.zup import take_fact
from apps.integrations.simulators.serving.messages import json_answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from apps.integrations.simulators.onec.books import Books, Hours
    from apps.integrations.simulators.onec.people import Person
    from apps.integrations.simulators.serving.messages import Answer, Request

MOST_AT_ONCE = 100
LONGEST = dt.timedelta(hours=12)
MS_A_MINUTE = 60_000
ONE_DAY = dt.timedelta(days=1)


class GatewayService:
    """The gateway in front of the same 1C: what it takes lands in the same documents."""

    def __init__(self, books: Books, today: Callable[[], dt.date]) -> None:
        self._books = books
        self._today = today

    def health(self, _request: Request) -> Answer:
        return json_answer({"status": "ok"})

    def agents(self, _request: Request, start: str, end: str) -> Answer:
        read_day(start, "start")
        read_day(end, "end")
        return json_answer([_agent(person) for person in self._books.told_people(self._today())])

    def schedules(self, request: Request) -> Answer:
        """Answer POST sendSchedule: good rows apply, `result` is false when any failed."""
        content = read_object(request)
        span = (
            read_day(content.get("period_start"), "period_start"),
            read_day(content.get("period_end"), "period_end"),
        )
        rows = read_rows(content, "schedules")
        if len(rows) > MOST_AT_ONCE:
            raise FaultyRequestError(refusals.BATCH_TOO_LONG.format(most=MOST_AT_ONCE))
        results = [self._schedule(row, span, request) for row in rows]
        good = sum(result["result"] for result in results)
        return json_answer(
            {
                "result": good == len(results),
                "message": refusals.BATCH_WRITTEN.format(good=good, count=len(results)),
                "schedules": results,
            }
        )

    def _schedule(
        self, row: dict[str, Any], span: tuple[dt.date, dt.date], request: Request
    ) -> dict[str, Any]:
        agent_id = row.get("employee_id")
        try:
            hours = _hours_by_day(read_rows(row, "shifts"))
            count = take_schedule(
                self._books, read_text(row, "employee_id"), span, hours, self._today(), request
            )
        except (RefusalError, FaultyRequestError) as refusal:
            self._books.ledger.add("schedule_refused", str(agent_id), request, message=str(refusal))
            return {"employee_id": agent_id, "result": False, "message": str(refusal)}
        return {
            "employee_id": agent_id,
            "result": True,
            "message": refusals.WRITTEN.format(count=count),
        }

    def fact(self, request: Request) -> Answer:
        return take_fact(self._books, request, agent_field="agent_id")


def _agent(person: Person) -> dict[str, Any]:
    return {
        "agent_id": person.agent_id,
        "tab_number": person.tab_number.replace("-", ""),
        "lastname": person.last_name,
        "firstname": person.first_name,
        "secondname": person.second_name,
        "start_work": person.hired.isoformat(),
        "finish_work": person.dismissed.isoformat() if person.dismissed else None,
        "position_id": person.position_id,
        "position_name": person.position,
        "department_id": person.department_id,
        "employment_rate": as_number(person.rate),
        "norm_week": as_number(person.week),
        "norm_week_change_date": person.hired.isoformat(),
        "login_sso": person.login,
        **dict(person.spoiled),
    }


def _hours_by_day(shifts: list[dict[str, Any]]) -> list[tuple[dt.date, Hours]]:
    """Give the paid hours of each start date; raises `RefusalError` for a shift that may not be."""
    spans = sorted(_span(shift) for shift in shifts)
    for (_begin, end, _shift), (begin, _end, _next) in pairwise(spans):
        if begin < end:
            raise RefusalError(refusals.SHIFTS_OVERLAP.format(date=begin.date()))
    hours: dict[dt.date, Hours] = {}
    for begin, end, pause_ms in spans:
        if end - begin > LONGEST:
            raise RefusalError(refusals.SHIFT_TOO_LONG.format(date=begin.date()))
        day, night = split_hours(_by_day(begin, end))
        from_day = min(day, pause_ms)
        before = hours.get(begin.date(), (0, 0))
        night_left = max(0, night - (pause_ms - from_day))
        hours[begin.date()] = (before[0] + day - from_day, before[1] + night_left)
    return sorted(hours.items())


def _span(shift: dict[str, Any]) -> tuple[dt.datetime, dt.datetime, int]:
    """Give when the shift begins and ends by the clock of the site, and its unpaid milliseconds."""
    day = read_day(shift.get("date"), "date")
    begin, end = (
        dt.datetime.combine(day, _read_clock(shift, name), dt.UTC) for name in ("start_time", "end_time")
    )
    pause_ms = read_milliseconds(shift, "break_minutes") * MS_A_MINUTE
    return begin, end + ONE_DAY if end <= begin else end, pause_ms


def _read_clock(shift: dict[str, Any], name: str) -> dt.time:
    text = read_text(shift, name)
    try:
        return dt.datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 - a clock has no zone
    except ValueError as error:
        raise FaultyRequestError(f"Поле {name}: «{text[:20]}» – не время ЧЧ:ММ.") from error


def _by_day(begin: dt.datetime, end: dt.datetime) -> list[tuple[dt.datetime, int]]:
    """Cut the span at midnight, so that each piece lies in one day of the clock."""
    midnight = begin.replace(hour=0, minute=0) + ONE_DAY
    pieces = [(begin, min(end, midnight))] + ([(midnight, end)] if end > midnight else [])
    return [(first, (last - first) // dt.timedelta(milliseconds=1)) for first, last in pieces]
