"""`getTimetypeInfo`: the codes of each day, the absences and the halves of a month, as 1C has them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from apps.core.phrases import Phrase
from apps.integrations.wire.client import call
from apps.integrations.wire.onec.calls import refuse_gateway
from apps.integrations.wire.onec.fields import NOT_AN_OBJECT, FieldError, Row, to_number
from apps.integrations.wire.onec.people import BadRow
from apps.integrations.wire.onec.reading_rows import ID_CHARS, place_of, refuse_shape, skipped

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence
    from uuid import UUID

    from apps.integrations.types import Access

METHOD = "getTimetypeInfo"
HOUR_S = 3600
DAY_HOURS = 24
HALF_DAYS = 16
CODE_CHARS = 8
TEXT_CHARS = 40
_ABSENCE = re.compile(r"([0-9]{1,3}(?:[.,][0-9]+)?)(?:\(([0-9]{1,4}(?:[.,][0-9]+)?)\))?")


@dataclass(frozen=True)
class DayCode:
    """A code of a day with its seconds; 0 where the code has none."""

    date: dt.date
    code: str
    seconds: int


@dataclass(frozen=True)
class PersonTimeTypes:
    """What 1C shows of a person; `absences` are pairs of code and text (`2(6)`: two days, six hours)."""

    agent_id: str
    days: tuple[DayCode, ...]
    absences: tuple[tuple[str, str], ...]
    half1_days: Decimal
    half1_seconds: int
    half2_days: Decimal
    half2_seconds: int


@dataclass(frozen=True)
class TimeTypesAnswer:
    """The people of an answer, and the rows that were skipped."""

    people: tuple[PersonTimeTypes, ...]
    bad_rows: tuple[BadRow, ...]


def fetch_timetypes(
    access: Access, days: tuple[dt.date, dt.date], agent_ids: Sequence[str], *, session_id: UUID
) -> TimeTypesAnswer:
    """Ask what 1C has of people from the first of `days` to the last, both of one month.

    A person whom 1C does not know is missing from the answer. Raises the `ExchangeError` family.
    """
    refuse_gateway(access, METHOD)
    first, last = days
    if (first.year, first.month) != (last.year, last.month):
        raise ValueError(f"{first} to {last} is not within one month")
    body = {
        "date_start": first.isoformat(),
        "date_end": last.isoformat(),
        "AR_agents": [{"agentId": agent_id} for agent_id in agent_ids],
    }
    answer = call(access, "POST", METHOD, endpoint=METHOD, session_id=session_id, json=body, reads_json=True)
    return read_timetypes(answer.data)


def read_timetypes(body: Any) -> TimeTypesAnswer:
    """Read the parsed JSON of an answer; `PoisonError` for what is no list."""
    if not isinstance(body, list):
        raise refuse_shape("[{agentId, AR_date, AR_N, half1_days, …}]")
    people: dict[str, PersonTimeTypes] = {}
    bad: list[BadRow] = []
    for number, item in enumerate(body, 1):
        if not isinstance(item, dict):
            bad.append(BadRow(place_of(number), "", Phrase(NOT_AN_OBJECT)))
            continue
        row = Row(item)
        try:
            person = _person(row)
        except FieldError as error:
            bad.append(skipped(row, number, error))
        else:
            people.setdefault(person.agent_id, person)
    return TimeTypesAnswer(tuple(people.values()), tuple(bad))


def absence_amount(text: str) -> tuple[Decimal, int] | None:
    """Give days and seconds of an absence: `2(6)` is two days and six hours, `14` days only.

    None for a text that is neither.
    """
    match = _ABSENCE.fullmatch("".join(text.split()))
    if match is None:
        return None
    days, hours = to_number(match[1]), to_number(match[2] or "0")
    return None if days is None or hours is None else (days, round(hours * HOUR_S))


def _person(row: Row) -> PersonTimeTypes:
    return PersonTimeTypes(
        agent_id=row.text("agentId", most=ID_CHARS, required=True),
        days=tuple(code for part in row.rows("AR_date") if (code := _code(part)) is not None),
        absences=tuple(
            (part.text("timetype_N", most=CODE_CHARS, required=True), part.text("hours_N", most=TEXT_CHARS))
            for part in row.rows("AR_N")
        ),
        half1_days=row.number("half1_days", least=0, most=HALF_DAYS) or Decimal(0),
        half1_seconds=_seconds(row, "half1_hours", DAY_HOURS * HALF_DAYS),
        half2_days=row.number("half2_days", least=0, most=HALF_DAYS) or Decimal(0),
        half2_seconds=_seconds(row, "half2_hours", DAY_HOURS * HALF_DAYS),
    )


def _code(row: Row) -> DayCode | None:
    day = row.day("date", required=True)
    code = row.text("timetype", most=CODE_CHARS)
    if day is None or not code:
        return None
    return DayCode(day, code, _seconds(row, "hours", DAY_HOURS))


def _seconds(row: Row, name: str, most_hours: int) -> int:
    return round((row.number(name, least=0, most=most_hours) or 0) * HOUR_S)
