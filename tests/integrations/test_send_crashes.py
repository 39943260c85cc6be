"""Workers that die while they send to 1C: a schedule has one effect, a fact one document at most."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from apps.integrations.choices import FactState
from apps.integrations.models import FactSend, Operation, ScheduleSend
from apps.integrations.services.fact_sends import Decision, decide, send_facts
from apps.integrations.services.schedule_sends import request_schedules
from apps.integrations.types import WorkedTime
from tests.factories import make_user
from tests.integrations import test_queue_processes as processes
from tests.integrations.draining import drain, expire_leases, make_due
from tests.integrations.onec_people import MOSCOW, make_agent, make_onec, publish
from tests.integrations.simulated import Simulated, simulated_thread

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.integrations.models import Connection
    from apps.organization.models import Employee

pytestmark = pytest.mark.django_db(transaction=True)
nursery = processes.nursery
LONG_DELAY_S = 0.5  # longer than the beat of a lease
POINTS = (
    "after_claim",
    "request_half_sent",
    "answer_unread",
    "at_heartbeat",
    "before_commit",
    "before_ack",
)
TODAY = dt.date.today()  # noqa: DTZ011 - the process that is killed has the clock of the machine
FIRST = (TODAY.replace(day=1) + dt.timedelta(days=32)).replace(day=1)
DAY = FIRST + dt.timedelta(days=9)


@pytest.fixture(scope="module")
def server() -> Iterator[Simulated]:
    with simulated_thread("onec", "--people", "0") as simulated:
        yield simulated


@pytest.fixture
def onec(server: Simulated) -> Simulated:
    server.reset()
    return server


@pytest.fixture
def person(onec: Simulated) -> Employee:
    return make_agent(onec, "a-1")


def planned(onec: Simulated, person: Employee) -> Connection:
    connection = make_onec(onec)
    publish(person, f"{DAY} 09:00")
    request_schedules(connection, first=FIRST, last=FIRST, actor=None)
    return connection


def tell(connection: Connection, person: Employee) -> FactSend:
    start = dt.datetime.combine(DAY, dt.time(9), MOSCOW)
    worked = WorkedTime(person.pk, DAY, ((start, start + dt.timedelta(hours=10)),))
    return send_facts(connection, [worked], initiator="test", actor=None)[0]


def recover() -> None:
    """Do what the workers that are left do within a minute."""
    expire_leases()
    for _turn in range(2):
        drain()
        make_due()
    drain()


def slow_for(onec: Simulated, point: str, method: str) -> None:
    if point == "at_heartbeat":
        onec.fault("delay", method, seconds=LONG_DELAY_S, times=1)


@pytest.mark.parametrize("point", POINTS)
def test_a_worker_killed_anywhere_leaves_one_effect_and_one_document_at_most(
    onec: Simulated, person: Employee, nursery: processes.Nursery, point: str
) -> None:
    connection = planned(onec, person)
    slow_for(onec, point, "sendSchedule")
    assert nursery.run(f"drain@{point}") == [processes.KILLED]
    recover()
    assert Operation.objects.get().state == "completed"
    assert ScheduleSend.objects.get().state == "sent"
    (made,) = onec.ledger("schedule_created")
    assert {str(entry["shifts"]) for entry in onec.ledger("schedule_repeated")} <= {str(made["shifts"])}
    assert not onec.ledger("schedule_updated")

    fact = tell(connection, person)
    slow_for(onec, point, "sendFactWorkTime")
    assert nursery.run(f"drain@{point}") == [processes.KILLED]
    recover()
    fact.refresh_from_db()
    assert fact.operation is not None
    if point == "at_heartbeat" and fact.operation.state == "unknown":  # it died before 1C took it in
        assert len(onec.ledger("fact_document")) <= 1
        return
    if point == "request_half_sent":  # it may have left: a person decides
        assert (fact.operation.state, onec.ledger("fact_document")) == ("unknown", [])
        decide(fact.pk, decision=Decision.AGAIN, reason="В 1С нет", actor=make_user("planner"))
        drain()
        fact.refresh_from_db()
    assert (fact.operation.state, fact.state) == ("completed", FactState.SENT)
    assert len(onec.ledger("fact_document")) == 1
