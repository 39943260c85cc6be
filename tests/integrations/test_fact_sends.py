"""Worked time to 1C: at most once, whatever happens, and in the hands of a person where it is not known."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import translation

from apps.audit.models import AuditEntry
from apps.core import clock
from apps.core.errors import ConflictError, DomainError, NotAllowedError
from apps.core.phrases import Phrase
from apps.integrations.choices import Dialect, FactState
from apps.integrations.errors import LeaseError
from apps.integrations.models import FactSend, Operation
from apps.integrations.services.fact_sends import Decision, decide, send_facts, sending
from apps.integrations.services.schedule_sends import request_schedules
from apps.integrations.types import WorkedTime
from tests.concurrency import at_once
from tests.factories import make_employee, make_user
from tests.integrations.draining import drain, expire_leases, make_due
from tests.integrations.onec_people import MOSCOW, make_agent, make_onec, publish
from tests.integrations.simulated import Simulated, simulated_thread

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.integrations.models import Connection
    from apps.organization.models import Employee

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 25)
METHOD = "sendFactWorkTime"


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture(scope="module")
def server() -> Iterator[Simulated]:
    with simulated_thread("onec", "--people", "0", "--today", "2026-11-20") as simulated:
        yield simulated


@pytest.fixture
def onec(server: Simulated) -> Simulated:
    server.reset()
    return server


@pytest.fixture
def person(onec: Simulated) -> Employee:
    return make_agent(onec, "a-1")


@pytest.fixture
def zup(onec: Simulated, person: Employee) -> Connection:
    """Give a connection whose 1C holds the person's plan of 8 h from 9 to 18."""
    connection = make_onec(onec)
    publish(person, f"{DAY} 09:00")
    first = DAY.replace(day=1)
    request_schedules(connection, first=first, last=first, actor=None)
    drain()
    return connection


def worked(person: Employee, *spans: tuple[str, str], day: dt.date = DAY) -> WorkedTime:
    moments = [
        (
            dt.datetime.fromisoformat(f"{day} {start}").replace(tzinfo=MOSCOW),
            dt.datetime.fromisoformat(f"{day} {end}").replace(tzinfo=MOSCOW),
        )
        for start, end in spans
    ]
    return WorkedTime(person.pk, day, tuple(moments))


def tell(connection: Connection, *facts: WorkedTime) -> list[FactSend]:
    return send_facts(connection, facts, initiator="Петрова А. А.", actor=None)


def documents(onec: Simulated) -> list[dict[str, Any]]:
    return [*onec.ledger("fact_document"), *onec.ledger("fact_without_document")]


OVERTIME = (("09:00", "13:00"), ("14:00", "20:00"))


@pytest.mark.parametrize(
    ("spans", "document", "codes"),
    [
        (OVERTIME, "Overtime", {"С": 2}),
        ((("09:00", "13:00"),), "Failure to appear", {"НН": 4}),
        ((), "Failure to appear", {"НН": 8}),
        ((("09:00", "13:00"), ("14:00", "18:00")), "", {}),
    ],
)
def test_a_fact_reaches_1c_once(
    onec: Simulated,
    person: Employee,
    zup: Connection,
    spans: tuple[tuple[str, str], ...],
    document: str,
    codes: dict[str, int],
) -> None:
    (fact,) = tell(zup, worked(person, *spans))
    (operation,) = drain()
    fact.refresh_from_db()
    assert (operation.state, fact.state, fact.document) == ("completed", FactState.SENT, document)
    (made,) = documents(onec)
    assert {code: length_ms / 3_600_000 for code, length_ms in made["codes"].items()} == codes
    assert made["initiator"] == "Петрова А. А."


def test_without_a_schedule_the_plan_is_nothing(onec: Simulated, person: Employee) -> None:
    (fact,) = tell(make_onec(onec), worked(person, ("20:00", "23:00")))
    drain()
    (made,) = documents(onec)
    assert set(made["codes"]) == {"РВ", "РВН"}
    fact.refresh_from_db()
    assert fact.document == "Weekend Work"


def test_the_same_fact_is_never_sent_twice(onec: Simulated, person: Employee, zup: Connection) -> None:
    (first,) = tell(zup, worked(person, *OVERTIME))
    (waiting,) = tell(zup, worked(person, *OVERTIME))
    drain()
    (sent,) = tell(zup, worked(person, *OVERTIME))
    assert first.pk == waiting.pk == sent.pk
    assert not drain()
    assert len(documents(onec)) == 1


def test_a_fact_named_twice_at_once_is_one(onec: Simulated, person: Employee, zup: Connection) -> None:
    first, second = tell(zup, worked(person, *OVERTIME), worked(person, *OVERTIME))
    assert first is second
    drain()
    assert len(documents(onec)) == 1


def test_another_fact_takes_the_place_of_one_that_waits(
    onec: Simulated, person: Employee, zup: Connection
) -> None:
    (first,) = tell(zup, worked(person, *OVERTIME))
    (second,) = tell(zup, worked(person, ("09:00", "13:00")))
    drain()
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == (FactState.REPLACED, FactState.SENT)
    (made,) = documents(onec)
    assert set(made["codes"]) == {"НН"}


def test_another_fact_after_a_sent_one_waits_for_a_person(
    onec: Simulated, person: Employee, zup: Connection
) -> None:
    (first,) = tell(zup, worked(person, *OVERTIME))
    drain()
    (second,) = tell(zup, worked(person, ("09:00", "13:00")))
    assert second.state == FactState.HELD
    assert "somebody has to decide" in str(second.reason)
    assert not drain()
    planner = make_user("planner")
    decide(second.pk, decision=Decision.AGAIN, reason="Сторнировано в 1С", actor=planner)
    drain()
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == (FactState.REPLACED, FactState.SENT)
    assert len(documents(onec)) == 2
    entry = AuditEntry.objects.get(action="fact.decided")
    assert (entry.actor_id, entry.after["reason"]) == (planner.pk, "Сторнировано в 1С")


@pytest.mark.parametrize(
    ("fault", "arrived"),
    [
        ({"kind": "cut"}, True),
        ({"kind": "cut", "effect": False}, False),
        ({"kind": "empty"}, True),
        ({"kind": "truncated"}, True),
        ({"kind": "status", "status": 500, "effect": True}, True),
        ({"kind": "status", "status": 503}, False),
        ({"kind": "cp1251"}, True),
        ({"kind": "nan"}, True),
    ],
)
def test_an_unclear_outcome_is_settled_and_never_sent_again_by_itself(
    onec: Simulated, person: Employee, zup: Connection, fault: dict[str, Any], arrived: bool
) -> None:
    (fact,) = tell(zup, worked(person, *OVERTIME))
    onec.fault(**fault, match=METHOD, times=1)
    (operation,) = drain()
    assert operation.state == "unknown"
    for _look in range(5):  # those that the queue makes by itself, and more
        make_due()
        drain()
    operation.refresh_from_db()
    fact.refresh_from_db()
    assert len(documents(onec)) == int(arrived)
    assert (operation.state, fact.state) == (
        ("completed", FactState.SENT) if arrived else ("unknown", FactState.WAITING)
    )
    if not arrived:
        assert "does not show it" in str(operation.reason)


@pytest.mark.parametrize("status", [401, 403, 404, 400, 302])
def test_what_was_turned_away_may_be_told_again(
    onec: Simulated, person: Employee, zup: Connection, status: int
) -> None:
    (fact,) = tell(zup, worked(person, *OVERTIME))
    onec.fault("status", METHOD, status=status, times=1)
    (operation,) = drain()
    assert operation.state == "failed"
    (again,) = tell(zup, worked(person, *OVERTIME))
    assert again.pk == fact.pk
    drain()
    again.refresh_from_db()
    assert again.state == FactState.SENT
    assert len(documents(onec)) == 1


def test_a_server_that_is_not_there_is_tried_again(person: Employee) -> None:
    (fact,) = tell(make_onec(), worked(person, *OVERTIME))
    (operation,) = drain()
    fact.refresh_from_db()
    assert (operation.state, operation.failure, fact.begun_at) == ("pending", "retry", None)


def test_a_refusal_is_one(onec: Simulated, person: Employee, zup: Connection) -> None:
    onec.post("/_refusals", {"agentId": "a-1", "message": "нет"})
    (fact,) = tell(zup, worked(person, *OVERTIME))
    (operation,) = drain()
    fact.refresh_from_db()
    assert (operation.failure, fact.state) == ("refused", FactState.REFUSED)


def test_an_abandoned_send_is_settled(onec: Simulated, person: Employee, zup: Connection) -> None:
    (fact,) = tell(zup, worked(person, *OVERTIME))
    drain()  # it arrived, but the process died before it noted that
    FactSend.objects.filter(pk=fact.pk).update(state=FactState.WAITING)
    Operation.objects.filter(pk=fact.operation_id).update(
        state="processing",
        lease_until=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        node="dead:1",
        finished_at=None,
    )
    expire_leases()
    make_due()
    drain()
    fact.refresh_from_db()
    assert fact.state == FactState.SENT
    assert len(documents(onec)) == 1


def test_what_began_to_leave_is_not_sent_again_whatever_the_queue_believes(
    onec: Simulated, person: Employee, zup: Connection
) -> None:
    (fact,) = tell(zup, worked(person, *OVERTIME))
    FactSend.objects.filter(pk=fact.pk).update(begun_at=clock.now())  # by a worker that is still at it
    (operation,) = drain()
    assert operation.state == "unknown"
    assert not documents(onec)


def test_a_late_attempt_leaves_the_mark_of_one_that_began_since(
    person: Employee, zup: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    (fact,) = tell(zup, worked(person, *OVERTIME))
    later = clock.now() + dt.timedelta(minutes=10)

    def stand_still(*_facts: Any, **_more: Any) -> None:
        FactSend.objects.filter(pk=fact.pk).update(begun_at=later)  # a person had it sent again
        raise LeaseError(Phrase.plain("over"), sent=False)

    monkeypatch.setattr(sending, "send_fact", stand_still)
    drain()
    fact.refresh_from_db()
    assert (fact.state, fact.begun_at) == (FactState.WAITING, later)


def test_what_never_began_to_leave_is_sent_by_itself(
    onec: Simulated, person: Employee, zup: Connection
) -> None:
    (fact,) = tell(zup, worked(person, *OVERTIME))
    Operation.objects.filter(pk=fact.operation_id).update(state="unknown", settle_at=clock.now())
    make_due()
    drain()
    make_due()
    drain()
    assert len(documents(onec)) == 1


def test_an_absence_in_1c_leaves_it_to_a_person(onec: Simulated, person: Employee, zup: Connection) -> None:
    onec.post("/_absences", {"agentId": "a-1", "from": f"{DAY}", "to": f"{DAY}", "code": "Б"})
    (fact,) = tell(zup, worked(person, *OVERTIME))
    onec.fault("cut", METHOD, times=1)
    drain()
    make_due()
    drain()
    operation = Operation.objects.get(pk=fact.operation_id)
    assert (operation.state, operation.settle_at) == ("unknown", None)
    assert "Б 0" in str(operation.reason)


def test_the_gateway_cannot_be_asked(onec: Simulated, person: Employee) -> None:
    (fact,) = tell(make_onec(onec, Dialect.GATEWAY), worked(person, *OVERTIME))
    onec.fault("cut", METHOD, times=1)
    drain()
    make_due()
    drain()
    operation = Operation.objects.get(pk=fact.operation_id)
    assert (operation.state, operation.settle_at) == ("unknown", None)
    assert "somebody has to look" in str(operation.reason)
    assert len(documents(onec)) == 1


def unknown_fact(onec: Simulated, person: Employee, zup: Connection) -> FactSend:
    (fact,) = tell(zup, worked(person, *OVERTIME))
    onec.fault("cut", METHOD, times=1, effect=False)
    drain()
    return fact


def test_a_person_says_that_it_is_in_1c(onec: Simulated, person: Employee, zup: Connection) -> None:
    fact = unknown_fact(onec, person, zup)
    decide(fact.pk, decision=Decision.DONE, reason="Видно в 1С", actor=make_user("planner"))
    make_due()
    drain()
    fact.refresh_from_db()
    assert fact.state == FactState.SENT
    assert Operation.objects.get(pk=fact.operation_id).state == "cancelled"
    assert not documents(onec)


def test_a_person_sends_it_again(onec: Simulated, person: Employee, zup: Connection) -> None:
    fact = unknown_fact(onec, person, zup)
    decide(fact.pk, decision=Decision.AGAIN, reason="В 1С нет", actor=make_user("planner"))
    drain()
    fact.refresh_from_db()
    assert fact.state == FactState.SENT
    assert len(documents(onec)) == 1
    with pytest.raises(ConflictError, match="takes no document back"):
        decide(fact.pk, decision=Decision.AGAIN, reason="ещё раз", actor=make_user("planner"))


def test_a_person_drops_it(onec: Simulated, person: Employee, zup: Connection) -> None:
    fact = unknown_fact(onec, person, zup)
    decide(fact.pk, decision=Decision.DISCARD, reason="Не нужно", actor=make_user("planner"))
    fact.refresh_from_db()
    assert fact.state == FactState.DISCARDED
    (other,) = tell(zup, worked(person, ("09:00", "13:00")))
    assert other.state == FactState.WAITING


def test_what_may_have_left_keeps_others_of_its_day_back(
    onec: Simulated, person: Employee, zup: Connection
) -> None:
    fact = unknown_fact(onec, person, zup)
    (other,) = tell(zup, worked(person, ("09:00", "13:00")))
    assert other.state == FactState.HELD
    with pytest.raises(ConflictError, match="other fact of this day first: it may"):
        decide(other.pk, decision=Decision.AGAIN, reason="так", actor=make_user("planner"))
    fact.refresh_from_db()
    assert fact.state == FactState.WAITING


def test_a_decision_needs_a_reason_and_the_right(onec: Simulated, person: Employee, zup: Connection) -> None:
    fact = unknown_fact(onec, person, zup)
    with pytest.raises(DomainError, match="Say why"):
        decide(fact.pk, decision=Decision.DONE, reason=" ", actor=make_user("planner"))
    with pytest.raises(NotAllowedError):
        decide(fact.pk, decision=Decision.DONE, reason="так", actor=make_user("employee"))


def test_what_waits_is_not_for_deciding(person: Employee, zup: Connection) -> None:
    (fact,) = tell(zup, worked(person, *OVERTIME))
    with pytest.raises(ConflictError, match="on its way"):
        decide(fact.pk, decision=Decision.AGAIN, reason="так", actor=make_user("planner"))


@pytest.mark.parametrize(
    ("spans", "words"),
    [
        ((("09:00", "13:00"), ("12:00", "14:00")), "overlap"),
        ((("13:00", "09:00"),), "ends before it begins"),
        ((("13:00", "13:00"),), "ends before it begins"),
    ],
)
def test_impossible_work_is_refused(
    person: Employee, zup: Connection, spans: tuple[tuple[str, str], ...], words: str
) -> None:
    with pytest.raises(DomainError, match=words) as refused:
        tell(zup, worked(person), worked(person, *spans))
    assert list(refused.value.fields) == ["facts.1"]


def test_work_of_another_day_and_strangers_are_refused(person: Employee, zup: Connection) -> None:
    moments = worked(person, ("09:00", "10:00")).periods
    with pytest.raises(DomainError, match="does not belong to the day"):
        tell(zup, WorkedTime(person.pk, dt.date(2026, 11, 20), moments))
    with pytest.raises(DomainError, match="no id of 1C"):
        tell(zup, WorkedTime(make_employee().pk, DAY, moments))


def test_many_facts_take_as_many_queries(onec: Simulated, django_assert_max_num_queries: Any) -> None:
    connection = make_onec(onec)
    facts = [worked(make_employee(external_id=f"many-{number}"), *OVERTIME) for number in range(20)]
    with django_assert_max_num_queries(16):
        assert {row.state for row in tell(connection, *facts)} == {FactState.WAITING}
    with django_assert_max_num_queries(10):
        tell(connection, *facts)


@pytest.mark.django_db(transaction=True)
def test_the_same_fact_told_at_the_same_moment_is_one_row() -> None:
    person, connection = make_agent(None, "a-1"), make_onec()
    facts = [worked(person, *OVERTIME), worked(person, *OVERTIME), worked(person, ("09:00", "13:00"))]
    told = at_once(*[lambda fact=fact: tell(connection, fact) for fact in facts])  # type: ignore[misc]
    assert not [one for one in told if isinstance(one, Exception)]
    assert FactSend.objects.count() == 2
    assert FactSend.objects.filter(state__in=(FactState.WAITING, FactState.SENT)).count() == 1
