"""Time codes from 1C: kept by month for timesheets as they came, and asked for by whoever doubts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from apps.core.phrases import Phrase
from apps.integrations.choices import System
from apps.integrations.registry import run_purpose
from apps.integrations.services.access import access_of
from apps.integrations.services.months import PEOPLE_AT_ONCE, month_of, people_of, period_of, portions
from apps.integrations.services.norms import receive_norms
from apps.integrations.wire.onec.timetypes import PersonTimeTypes, fetch_timetypes
from apps.workcalendar.choices import NormMode
from apps.workcalendar.services.received_codes import MonthFacts, store_time_codes

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence
    from uuid import UUID

    from apps.integrations.types import Access, RunInHand

TIMETYPES = "onec.timetypes"
MONTH = "onec.month"
ASKING = gettext_noop("Asking 1C for time codes of %(count)s people")


def fetch(
    access: Access, days: tuple[dt.date, dt.date], external_ids: Sequence[str], *, session_id: UUID
) -> dict[str, PersonTimeTypes]:
    """Ask 1C what it has of people from the first of `days` to the last (both of one month); store nothing.

    A person whom 1C does not know, or whose row cannot be read, is missing. Raises the `ExchangeError`
    family, `ConfigurationError` for the gateway, which has no such method.
    """
    found: dict[str, PersonTimeTypes] = {}
    for start in range(0, len(external_ids), PEOPLE_AT_ONCE):
        portion = list(external_ids[start : start + PEOPLE_AT_ONCE])
        answer = fetch_timetypes(access, days, portion, session_id=session_id)
        found |= {person.agent_id: person for person in answer.people if person.agent_id in portion}
    return found


@run_purpose(TIMETYPES, system=System.ONEC, label=gettext_lazy("Time codes from 1C"))
def receive_timetypes(run: RunInHand) -> None:
    """Keep what 1C shows of a month (option `month`, else the present one). Safe to repeat."""
    access = access_of(run.connection_id)
    days = period_of(month_of(access, run.options), NormMode.MONTH)
    people = people_of(access.connection_id, days)
    done = 0
    for portion in portions(people):
        run.check_cancelled()
        run.progress(done / max(len(people), 1), Phrase(ASKING, {"count": len(people)}))
        answer = fetch_timetypes(access, days, list(portion), session_id=run.session_id)
        run.problems.extend(
            {"subject": row.subject, "field": row.field, "reason": str(row.reason)} for row in answer.bad_rows
        )
        told = {portion[one.agent_id]: _facts(one, days) for one in answer.people if one.agent_id in portion}
        written = store_time_codes(told, days=days, source=access.code)
        unread = {row.agent_id for row in answer.bad_rows}
        run.problems.extend(
            {"subject": agent_id, "field": "", "reason": _("1C does not know this person.")}
            for agent_id, employee_id in portion.items()
            if employee_id not in told and not unread & {agent_id, ""}
        )
        counts = {"asked": len(portion), "received": len(told), "changed": written}
        for name, count in counts.items():
            run.counts[name] = run.counts.get(name, 0) + count
        done += len(portion)


@run_purpose(MONTH, system=System.ONEC, label=gettext_lazy("Norms and time codes of the month from 1C"))
def receive_month(run: RunInHand) -> None:
    """Keep norms and time codes of a month: what runs on its last Saturday. Safe to repeat."""
    receive_norms(run)
    receive_timetypes(run)


def _facts(person: PersonTimeTypes, days: tuple[dt.date, dt.date]) -> MonthFacts:
    first, last = days
    return MonthFacts(
        codes=[(code.date, code.code, code.seconds) for code in person.days if first <= code.date <= last],
        absences=person.absences,
        half1_days=person.half1_days,
        half1_seconds=person.half1_seconds,
        half2_days=person.half2_days,
        half2_seconds=person.half2_seconds,
    )
