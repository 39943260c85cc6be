"""What reading the rows of both dialects shares: a bad row is told and skipped, the rest goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_noop

from apps.core.phrases import Phrase
from apps.integrations.errors import PoisonError
from apps.integrations.wire.onec.fields import NOT_AN_OBJECT, FieldError, Row
from apps.integrations.wire.onec.people import BadRow, OneCPerson

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

ID_CHARS = 64
NUMBER_CHARS = 20
NAME_CHARS = 80
TITLE_CHARS = 120
WEEK_HOURS = 60
HOUR_MINUTES = 60

NO_PEOPLE = gettext_noop("The answer names nobody.")
NAMELESS_ROWS = gettext_noop("Rows of the answer whose person cannot be told: %(count)s.")
TWICE = gettext_noop("The answer names this person more than once, with different facts.")
PLACE = gettext_noop("row %(number)s")
OTHER_DIALECT = gettext_noop(
    "The answer is in the dialect “%(found)s”, the connection is set to “%(wanted)s”."
)
NOT_THE_ANSWER = gettext_noop("The answer is not what the method gives: %(what)s.")


def read_people(
    rows: Iterable[Any], read: Callable[[Row], OneCPerson], *, id_name: str
) -> tuple[list[OneCPerson], list[BadRow]]:
    """Read each row by itself; of a person who is named twice only equal rows are taken, as one."""
    people: dict[str, OneCPerson] = {}
    bad: dict[str, BadRow] = {}
    for number, item in enumerate(rows, 1):
        place = place_of(number)
        if not isinstance(item, dict):
            bad[place] = BadRow(place, "", Phrase(NOT_AN_OBJECT))
            continue
        row = Row(item)
        try:
            person = read(row)
        except FieldError as error:
            agent_id = _id_of(row, id_name)
            people.pop(agent_id, None)
            bad[agent_id or place] = BadRow(agent_id or place, error.field, error.reason, agent_id)
            continue
        if person.agent_id in bad or people.get(person.agent_id, person) != person:
            people.pop(person.agent_id, None)
            bad[person.agent_id] = BadRow(person.agent_id, id_name, Phrase(TWICE), person.agent_id)
            continue
        people[person.agent_id] = person
    return list(people.values()), list(bad.values())


def doubts_of(people: list[OneCPerson], bad: list[BadRow]) -> list[Phrase]:
    """Give what speaks against the answer naming everybody."""
    doubts = []
    if not people:
        doubts.append(Phrase(NO_PEOPLE))
    nameless = sum(not row.agent_id for row in bad)
    if nameless:
        doubts.append(Phrase(NAMELESS_ROWS, {"count": nameless}))
    return doubts


def week_minutes(row: Row, name: str, *, required: bool = False) -> int | None:
    """Give the weekly norm in minutes of what is hours there, 0 to 60."""
    hours = row.number(name, least=0, most=WEEK_HOURS, required=required)
    return None if hours is None else round(hours * HOUR_MINUTES)


def place_of(number: int) -> str:
    """Name a row of which no better name is known, from 1."""
    return str(Phrase(PLACE, {"number": number}))


def skipped(row: Row, number: int, error: FieldError) -> BadRow:
    """Tell of a row of a person that could not be read: by the person's id, or by its place from 1."""
    agent_id = _id_of(row, "agentId")
    return BadRow(agent_id or place_of(number), error.field, error.reason, agent_id)


def refuse_shape(what: str) -> PoisonError:
    """Make the error for an answer that is JSON and yet not that of the method."""
    return PoisonError(Phrase(NOT_THE_ANSWER, {"what": what}))


def _id_of(row: Row, id_name: str) -> str:
    try:
        return row.text(id_name, most=ID_CHARS)
    except FieldError:
        return ""
