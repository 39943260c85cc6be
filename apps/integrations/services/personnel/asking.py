"""Looks at 1C that change nothing: is the connection well, and who is there in the gateway's words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from apps.core import clock
from apps.core.errors import DomainError
from apps.integrations.choices import System
from apps.integrations.errors import ConfigurationError, ExchangeError
from apps.integrations.registry import connection_check, connection_test
from apps.integrations.services.access import access_of
from apps.integrations.wire.client import call
from apps.integrations.wire.onec.calls import fetch_agents, is_gateway
from apps.integrations.wire.reaching import reach

if TYPE_CHECKING:
    import datetime as dt
    from uuid import UUID

    from apps.integrations.models import Connection
    from apps.integrations.types import Access
    from apps.integrations.wire.onec.people import BadRow, OneCPerson, PersonnelAnswer

HOUR_MINUTES = 60
SHOWN = 3


class OtherSystemError(DomainError):
    """The other system did not answer well; the message says why."""

    status = 502
    code = "other_system"


@dataclass(frozen=True)
class GatewayPeople:
    """People in the gateway's words, and the rows of the answer that were skipped."""

    people: list[dict[str, Any]]
    bad_rows: tuple[BadRow, ...]


def people_of_connection(
    connection: Connection, first: dt.date | None, last: dt.date | None
) -> GatewayPeople:
    """Ask 1C for everybody now and give them in the gateway's words. Raises `OtherSystemError`."""
    access = access_of(connection.pk)
    today = clock.now().astimezone(ZoneInfo(access.time_zone)).date()
    try:
        answer = fetch_agents(access, first or today, last or first or today, session_id=uuid4())
    except ExchangeError as error:
        raise OtherSystemError(error.reason) from error
    return GatewayPeople([_gateway_row(person) for person in answer.people], answer.bad_rows)


@connection_test(System.ONEC)
def look_at_onec(access: Access) -> list[tuple[bool, str]]:
    """Ask for the people of today and say what came, or what is wrong with the connection."""
    session_id = uuid4()
    today = clock.now().astimezone(ZoneInfo(access.time_zone)).date()
    findings = []
    try:
        if is_gateway(access):
            findings.append(_gateway_health(access, session_id))
        answer = fetch_agents(access, today, today, session_id=session_id)
    except ExchangeError as error:
        return [*(finding for finding in findings if finding[0]), (False, str(error))]
    return [*findings, *_told(answer)]


def _gateway_health(access: Access, session_id: UUID) -> tuple[bool, str]:
    """Ask the gateway whether it is well; where it has no such page, its people may tell why."""
    try:
        call(access, "GET", "health", endpoint="health", session_id=session_id, needs_body=False)
    except ConfigurationError as error:
        return False, str(error)
    return True, _("The gateway says that it is well.")


@connection_check(System.ONEC)
def check_onec(access: Access) -> int | None:
    """Ask the gateway whether it is well, and 1C itself for its address: everybody would be too much."""
    if not is_gateway(access):
        return reach(access)
    call(access, "GET", "health", endpoint="health", session_id=uuid4(), needs_body=False)
    return None


def _told(answer: PersonnelAnswer) -> list[tuple[bool, str]]:
    told = {"people": len(answer.people), "departments": len(answer.departments)}
    findings = [(True, _("1C answers: people %(people)s, departments %(departments)s.") % told)]
    findings += [(False, str(doubt)) for doubt in answer.incomplete]
    if answer.bad_rows:
        findings.append((False, _("Rows that cannot be read: %(count)s.") % {"count": len(answer.bad_rows)}))
        findings += [(False, f"{row.subject}, {row.field}: {row.reason}") for row in answer.bad_rows[:SHOWN]]
    return findings


def _gateway_row(person: OneCPerson) -> dict[str, Any]:
    minutes = person.weekly_norm_minutes
    return {
        "agent_id": person.agent_id,
        "tab_number": person.personnel_number,
        "lastname": person.last_name,
        "firstname": person.first_name,
        "secondname": person.middle_name,
        "start_work": person.hired_on,
        "finish_work": person.dismissed_on,
        "position_id": person.position_id,
        "position_name": person.position,
        "department_id": person.department_id,
        "employment_rate": 1.0 if person.rate is None else float(person.rate),
        "norm_week": None if minutes is None else minutes / HOUR_MINUTES,
        "norm_week_change_date": person.norm_since,
        "login_sso": person.login,
    }
