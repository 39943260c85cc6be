"""`GET /agents/{start}/{end}` of the dialect `gateway`: a list of people in the gateway's words.

A bad row is told and skipped, the rest goes on. Departments have ids only: their names come from elsewhere.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_noop

from apps.core.phrases import Phrase
from apps.integrations.choices import Dialect
from apps.integrations.errors import ConfigurationError
from apps.integrations.wire.onec.agents import MOST_RATE, is_zup
from apps.integrations.wire.onec.fields import FieldError, Row
from apps.integrations.wire.onec.people import OneCPerson, PersonnelAnswer
from apps.integrations.wire.onec.reading_rows import (
    ID_CHARS,
    NAME_CHARS,
    NUMBER_CHARS,
    OTHER_DIALECT,
    TITLE_CHARS,
    doubts_of,
    read_people,
    refuse_shape,
    week_minutes,
)

_PERSONNEL_NUMBER = re.compile(r"[0-9]{5,10}")
BAD_PERSONNEL_NUMBER = gettext_noop("“%(text)s” is not five to ten digits.")


def read_gateway_agents(body: Any) -> PersonnelAnswer:
    """Read the parsed JSON of an answer.

    Raises `ConfigurationError` for an answer in the other dialect and `PoisonError` for one that is something
    else altogether.
    """
    if is_zup(body):
        told = {"found": Dialect.ZUP.value, "wanted": Dialect.GATEWAY.value}
        raise ConfigurationError(Phrase(OTHER_DIALECT, told))
    if not isinstance(body, list):
        raise refuse_shape("[{agent_id, tab_number, …}]")
    people, bad = read_people(body, _person, id_name="agent_id")
    return PersonnelAnswer(
        people=tuple(people),
        bad_rows=tuple(bad),
        incomplete=tuple(doubts_of(people, bad)),
        names_departments=False,
    )


def _person(row: Row) -> OneCPerson:
    number = row.text("tab_number", most=NUMBER_CHARS, required=True)
    if not _PERSONNEL_NUMBER.fullmatch(number):
        raise FieldError("tab_number", Phrase(BAD_PERSONNEL_NUMBER, {"text": number}))
    rate = row.number("employment_rate", least=0, most=MOST_RATE)
    return OneCPerson(
        agent_id=row.text("agent_id", most=ID_CHARS, required=True),
        personnel_number=number,
        last_name=row.text("lastname", most=NAME_CHARS, required=True),
        first_name=row.text("firstname", most=NAME_CHARS, required=True),
        middle_name=row.text("secondname", most=NAME_CHARS),
        hired_on=row.day("start_work"),
        dismissed_on=row.day("finish_work"),
        says_dismissal=row.has("finish_work"),
        position_id=row.text("position_id", most=ID_CHARS),
        position=row.text("position_name", most=TITLE_CHARS),
        department_id=row.text("department_id", most=ID_CHARS),
        rate=Decimal(1) if rate is None else rate,
        login=row.text("login_sso", most=150),
        weekly_norm_minutes=week_minutes(row, "norm_week"),
        norm_since=row.day("norm_week_change_date"),
    )
