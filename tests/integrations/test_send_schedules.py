"""Published months on their way to 1C: what is sent, what is left alone, what is shown of it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
import time_machine

from apps.core.errors import DomainError, NotAllowedError
from apps.integrations.choices import OperationState, SendState
from apps.integrations.models import Operation, ScheduleSend
from apps.integrations.services.schedule_sends import request_schedules
from tests.factories import make_employee, make_position, make_site, make_user
from tests.integrations.draining import drain, make_due
from tests.integrations.onec_people import make_agent, make_onec, publish
from tests.integrations.simulated import Simulated, simulated_thread

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.integrations.models import Connection

pytestmark = pytest.mark.django_db
HOUR_MS = 3_600_000
TODAY = "2026-09-12"
SEPTEMBER, OCTOBER, NOVEMBER, DECEMBER = (dt.date(2026, month, 1) for month in (9, 10, 11, 12))


@pytest.fixture(scope="module")
def server() -> Iterator[Simulated]:
    with simulated_thread("onec", "--people", "0", "--today", TODAY) as simulated:
        yield simulated


@pytest.fixture
def onec(server: Simulated) -> Simulated:
    server.reset()
    return server


@pytest.fixture(autouse=True)
def _in_september() -> Iterator[None]:
    with time_machine.travel(f"{TODAY}T09:00:00Z"):
        yield


def ask(connection: Connection, first: dt.date = SEPTEMBER, last: dt.date = DECEMBER, **more: Any) -> Any:
    return request_schedules(connection, first=first, last=last, actor=None, **more).counts


def bodies(onec: Simulated) -> list[dict[str, Any]]:
    return [request["body"] for request in onec.requests() if request["path"].endswith("/sendSchedule")]


def sends_of(person: Any) -> dict[dt.date, ScheduleSend]:
    return {row.month: row for row in ScheduleSend.objects.filter(employee=person)}


def test_a_whole_year_asked_for_in_september_is_sent_from_september_on(onec: Simulated) -> None:
    person = make_agent(onec, "a-1")
    publish(person, *(f"2026-{month:02d}-15 09:00" for month in range(1, 13)))
    ask(make_onec(onec), dt.date(2026, 1, 1), dt.date(2026, 12, 31))
    (operation,) = drain()
    assert operation.state == OperationState.COMPLETED
    assert [entry["key"] for entry in onec.ledger("schedule_created")] == [
        f"a-1/2026-{month:02d}" for month in range(9, 13)
    ]
