"""getTimetypeInfo: the time codes of each day, the absences, the halves of the month."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from apps.integrations.simulators.onec.books import MS_A_HOUR
from apps.integrations.simulators.onec.dates import days

if TYPE_CHECKING:
    import datetime as dt

    from apps.integrations.simulators.onec.books import Books
    from apps.integrations.simulators.onec.people import Person

FIRST_HALF_ENDS = 15
WORKED = {"Я", "Н", "С", "РВ", "РВН"}
PRESENT = WORKED | {"В"}


def codes_of_day(books: Books, person: Person, day: dt.date) -> dict[str, int]:
    """Give the codes of a day in milliseconds; an absence that 1C knows of wins over everything."""
    agent_id = person.agent_id
    absence = books.absences.get((agent_id, day))
    if absence is not None:
        return {absence: 0}
    plan = books.plan_of(agent_id, day)
    facts = books.facts.get((agent_id, day), [])
    codes: Counter[str] = Counter()
    for fact in facts:
        codes.update(fact.codes)
    codes.update(_planned_codes(plan or (0, 0), facts[-1].worked if facts else None))
    if not codes and plan is not None:
        return {"В": 0}
    return dict(codes)


def _planned_codes(plan: tuple[int, int], worked: tuple[int, int] | None) -> dict[str, int]:
    """Give Я and Н: what was worked of the plan, all of it when 1C has heard of no fact."""
    kept = plan if worked is None or sum(worked) >= sum(plan) else worked
    if not sum(plan):
        return {}
    return {code: length for code, length in zip(("Я", "Н"), kept, strict=True) if length}


def timetypes(books: Books, person: Person, first: dt.date, last: dt.date) -> dict[str, Any]:
    """Give the sheet of a person: rows by date and code, absences as text, the halves."""
    rows: list[tuple[dt.date, str, int]] = [
        (day, code, length)
        for day in days(first, last)
        if person.works_on(day)
        for code, length in codes_of_day(books, person, day).items()
    ]
    return {
        "rows": rows,
        "absences": [(code, _absence_text(code, rows)) for code in _absence_codes(rows)],
        "halves": [
            _half(rows, 1, FIRST_HALF_ENDS),
            _half(rows, FIRST_HALF_ENDS + 1, 31),
        ],
    }


def _absence_codes(rows: list[tuple[dt.date, str, int]]) -> list[str]:
    return list(dict.fromkeys(code for _day, code, _length in rows if code not in PRESENT))


def _absence_text(code: str, rows: list[tuple[dt.date, str, int]]) -> str:
    """Give `2(6)` for two days and six hours, `14` for days only."""
    lengths = [length for _day, name, length in rows if name == code]
    hours = in_hours(sum(lengths))
    return f"{len(lengths)}({hours})" if hours else str(len(lengths))


def _half(rows: list[tuple[dt.date, str, int]], first: int, last: int) -> tuple[int, Decimal]:
    worked = [
        (day, length) for day, code, length in rows if code in WORKED and length and first <= day.day <= last
    ]
    return len({day for day, _length in worked}), in_hours(sum(length for _day, length in worked))


def in_hours(milliseconds: int) -> Decimal:
    """Give hours to the hundredth, without zeros that say nothing."""
    hours = (Decimal(milliseconds) / MS_A_HOUR).quantize(Decimal("0.01"))
    return hours.quantize(Decimal(1)) if hours == hours.to_integral_value() else hours.normalize()
