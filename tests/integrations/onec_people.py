"""People, connections and published shifts for what is sent to 1C."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from apps.integrations.choices import Authentication, Dialect, System
from apps.integrations.models import Connection
from apps.schedules.choices import VariantState
from tests.factories import make_employee, make_shift, make_variant
from tests.factories.sequence import next_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apps.organization.models import Employee
    from apps.schedules.models import Shift
    from tests.integrations.simulated import Simulated

MOSCOW = ZoneInfo("Europe/Moscow")
ZUP = "/zup/hs/wfm"
GATEWAY = "/services/personnel"


def make_onec(server: Simulated | None = None, dialect: str = Dialect.ZUP, **facts: Any) -> Connection:
    path = GATEWAY if dialect == Dialect.GATEWAY else ZUP
    number = next_number()
    return Connection.objects.create(
        **{
            "code": f"onec-{number}",
            "name": f"1C {number}",
            "system": System.ONEC,
            "dialect": dialect,
            "base_url": f"{server.url if server else 'http://127.0.0.1:9'}{path}",
            "authentication": Authentication.NONE,
            **facts,
        }
    )


def make_agent(server: Simulated | None, agent_id: str, **facts: Any) -> Employee:
    """Make a person whom the simulated 1C knows, too."""
    person = make_employee(external_id=agent_id, **facts)
    if server is not None:
        server.post(
            "/_people",
            {
                "action": "hire",
                "agentId": agent_id,
                "tabN": person.personnel_number,
                "lastname": person.last_name,
                "firstname": person.first_name,
                "startwork": person.hired_on.isoformat(),
                "departmentId": "000010001",
            },
        )
    return person


def publish(
    person: Employee,
    *starts: str,
    parts: Sequence[tuple[str, int]] = (("work", 240), ("lunch", 60), ("work", 240)),
    zone: ZoneInfo = MOSCOW,
) -> list[Shift]:
    """Publish shifts that begin at these readings (`2026-11-25 09:00`) of the person's clock."""
    made = []
    for text in starts:
        start = dt.datetime.fromisoformat(text).replace(tzinfo=zone)
        month = start.date().replace(day=1)
        variant = make_variant(month=month, state=VariantState.PUBLISHED)
        made.append(make_shift(variant, person, start, parts, is_published=True))
    return made
