"""What can be done to this 1C on demand: people change, calendars empty, documents get in the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from apps.integrations.simulators.onec.dates import days, read_day
from apps.integrations.simulators.onec.people import person_of
from apps.integrations.simulators.onec.refusals import FaultyRequestError
from apps.integrations.simulators.serving.messages import BadRequestError, json_answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from apps.integrations.simulators.onec.books import Books
    from apps.integrations.simulators.serving.messages import Answer, Request

    Change = Callable[[Books, dict[str, Any]], None]


def _hire(books: Books, wanted: dict[str, Any]) -> None:
    person = person_of(wanted)
    books.people[person.agent_id] = person


def _dismiss(books: Books, wanted: dict[str, Any]) -> None:
    books.replace_person(wanted["agentId"], dismissed=read_day(wanted.get("finishwork"), "finishwork"))


def _move(books: Books, wanted: dict[str, Any]) -> None:
    known = {department.identifier for department in books.departments}
    if wanted.get("departmentId") not in known:
        raise BadRequestError("There is no such departmentId.")
    books.replace_person(wanted["agentId"], department_id=wanted["departmentId"])


def _rename(books: Books, wanted: dict[str, Any]) -> None:
    fields = {"lastname": "last_name", "firstname": "first_name", "secondname": "second_name"}
    books.replace_person(
        wanted["agentId"], **{fields[name]: str(text) for name, text in wanted.items() if name in fields}
    )


def _spoil(books: Books, wanted: dict[str, Any]) -> None:
    """Make the feed tell `fields` of the person as given, whatever they are; none heals it."""
    books.replace_person(wanted["agentId"], spoiled=tuple(wanted.get("fields", {}).items()))


def _forget(books: Books, wanted: dict[str, Any]) -> None:
    del books.people[wanted["agentId"]]


PEOPLE: dict[str, Change] = {
    "hire": _hire,
    "dismiss": _dismiss,
    "move": _move,
    "rename": _rename,
    "spoil": _spoil,
    "forget": _forget,
}


def _change_people(books: Books, wanted: dict[str, Any]) -> object:
    action = wanted.get("action")
    if action not in PEOPLE:
        raise BadRequestError(f"action is one of {', '.join(PEOPLE)}.")
    if action != "hire" and wanted.get("agentId") not in books.people:
        raise BadRequestError("There is nobody with this agentId.")
    PEOPLE[action](books, wanted)
    books.ledger.add("person_changed", str(wanted["agentId"]), action=action)
    return {"people": len(books.people)}


def _empty_calendar(books: Books, wanted: dict[str, Any]) -> object:
    books.calendar.empty({int(year) for year in wanted.get("missing", [])})
    return {"filled": books.calendar.filled}


def _hold_part_month(books: Books, wanted: dict[str, Any]) -> object:
    place = (str(wanted.get("agentId")), str(wanted.get("month")))
    (books.part_months.discard if wanted.get("held") is False else books.part_months.add)(place)
    return sorted(books.part_months)


def _refuse(books: Books, wanted: dict[str, Any]) -> object:
    """Refuse every send for a person with `message`; an empty one ends it."""
    agent_id = str(wanted.get("agentId"))
    books.refused.pop(agent_id, None)
    if wanted.get("message"):
        books.refused[agent_id] = str(wanted["message"])
    return books.refused


def _add_absence(books: Books, wanted: dict[str, Any]) -> object:
    first, last = read_day(wanted.get("from"), "from"), read_day(wanted.get("to"), "to")
    for day in days(first, last):
        books.absences[str(wanted.get("agentId")), day] = str(wanted.get("code", "ОТ"))
    return {"days": (last - first).days + 1}


def _set_today(books: Books, wanted: dict[str, Any]) -> object:
    books.today = read_day(wanted["today"], "today") if wanted.get("today") else None
    return {"today": books.today}


CONTROLS: dict[str, Callable[[Books, dict[str, Any]], object]] = {
    "/_people": _change_people,
    "/_calendar": _empty_calendar,
    "/_part_month": _hold_part_month,
    "/_refusals": _refuse,
    "/_absences": _add_absence,
    "/_today": _set_today,
}


def control(books: Books, request: Request) -> Answer | None:
    """Do what a control path of this simulator asks for; raises `BadRequestError`."""
    change = CONTROLS.get(request.path)
    if change is None or request.method != "POST":
        return None
    wanted = request.json()
    if not isinstance(wanted, dict):
        raise BadRequestError("Send an object.")
    try:
        return json_answer(change(books, wanted))
    except FaultyRequestError as error:
        raise BadRequestError(str(error)) from error
