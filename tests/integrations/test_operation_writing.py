"""Operations are written with their cause, wait once for each key, and are steered with a reason."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.db import transaction

from apps.accounts.choices import Role
from apps.audit.models import AuditEntry
from apps.core import clock
from apps.core.errors import ConflictError, DomainError, NotAllowedError, NotFoundError
from apps.core.phrases import Phrase
from apps.integrations.errors import TemporaryError
from apps.integrations.models import Operation
from apps.integrations.registry import find_operation_kind, operation_handler
from apps.integrations.services import operations
from apps.integrations.services.operations import add_operations, cancel, replay, retry
from apps.integrations.services.operations.adding import UPSERT
from apps.integrations.services.queue.claiming import claim
from apps.integrations.services.queue.finishing import finish
from apps.integrations.services.queue.judging import judge
from apps.integrations.types import Done, NewOperation, OperationInHand
from tests.concurrency import at_once
from tests.factories.accounts import make_user
from tests.factories.integrations import make_connection

if TYPE_CHECKING:
    from apps.accounts.models import User

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@operation_handler("tests.plain", label="Plain")
def plain(_in_hand: OperationInHand) -> Done:
    return Done()


@operation_handler("tests.undoable", label="Cannot be taken back", repeatable=False)
def undoable(_in_hand: OperationInHand) -> Done:
    return Done()


def new(connection_id: int, key: str = "", **facts: Any) -> NewOperation:
    return NewOperation(
        connection_id, facts.pop("kind", "tests.plain"), facts.pop("payload", {}), key=key, **facts
    )


def write(**facts: Any) -> Operation:
    """Write an operation in a state."""
    facts = {"connection_id": make_connection().pk, "kind": "tests.plain"} | facts
    return Operation.objects.create(**facts)


@transaction.atomic
def add(*wanted: NewOperation, **facts: Any) -> list[Operation]:
    return add_operations(wanted, **facts)


@pytest.fixture
def planner() -> User:
    return make_user(Role.PLANNER)


def test_they_come_in_the_order_given_and_carry_who_asked(planner: User) -> None:
    connection_id = make_connection().pk
    session = uuid4()
    wanted = [new(connection_id, key, payload={"n": n}) for n, key in enumerate(["", "b", "a", ""])]
    rows = add(*wanted, actor=planner, session_id=session)
    assert [row.payload["n"] for row in rows] == [0, 1, 2, 3]
    assert {(row.requested_by, row.session_id, row.state) for row in rows} == {(planner, session, "pending")}
    entry = AuditEntry.objects.get(action="operation.added")
    assert (entry.object_id, entry.after) == (str(connection_id), {"tests.plain": 4})


def test_nothing_is_written_when_the_cause_is_undone() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        add_operations([new(make_connection().pk)])
        raise ZeroDivisionError
    assert not Operation.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_it_is_refused() -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        add_operations([new(1)])


def test_what_waits_takes_the_newer_payload_and_the_more_urgent_priority() -> None:
    connection_id = make_connection().pk
    (first,) = add(new(connection_id, "may", payload={"v": 1}, priority=2))
    again, other = add(
        new(connection_id, "may", payload={"v": 2}, priority=4), new(connection_id, "june", payload={"v": 3})
    )
    assert (again.pk, again.payload, again.priority) == (first.pk, {"v": 2}, 2)
    assert other.pk != first.pk
    (twice, last) = add(
        new(connection_id, "may", payload={"v": 5}), new(connection_id, "may", payload={"v": 6})
    )
    assert (twice.pk, twice.payload) == (last.pk, last.payload) == (first.pk, {"v": 6})
    assert Operation.objects.count() == 2


def test_what_failed_keeps_its_pace_when_its_payload_is_replaced() -> None:
    connection_id = make_connection().pk
    (row,) = add(new(connection_id, "may"))
    later = clock.now() + DAY
    Operation.objects.update(failures=2, run_at=later)
    (again,) = add(new(connection_id, "may", payload={"v": 2}))
    assert (again.pk, again.run_at, again.failures) == (row.pk, later, 2)


def test_what_is_in_work_stays_and_the_newer_waits_behind_it() -> None:
    connection_id = make_connection().pk
    add(new(connection_id, "may", payload={"v": 1}))
    (claimed,) = claim("node:1", limit=1)
    (newer,) = add(new(connection_id, "may", payload={"v": 2}))
    assert newer.pk != claimed.operation_id
    kind = find_operation_kind("tests.plain")
    assert kind is not None
    finish([judge(claimed, kind, TemporaryError(Phrase.plain("ill")))])
    states = dict(Operation.objects.values_list("pk", "state"))
    assert states == {claimed.operation_id: "cancelled", newer.pk: "pending"}


@pytest.mark.django_db(transaction=True)
def test_of_one_key_one_waits_however_many_write_and_claim_at_once() -> None:
    connection_id = make_connection().pk
    writes = [partial(add, new(connection_id, "may", payload={"v": number})) for number in range(6)]
    for _round in range(8):
        ends = at_once(*writes, partial(claim, "node:1", limit=5), partial(claim, "node:2", limit=5))
        assert [end for end in ends if isinstance(end, Exception)] == []
        assert Operation.objects.filter(state="pending").count() <= 1
        assert (
            Operation.objects.filter(state="pending").count() + Operation.objects.filter(attempt=1).count()
            >= 1
        )
    assert set(Operation.objects.values_list("attempt", flat=True)) <= {0, 1}


def test_ten_thousand_are_written_in_few_queries(django_assert_max_num_queries: Any) -> None:
    connection_id = make_connection().pk
    wanted = [new(connection_id, f"k{n}" if n % 2 else "") for n in range(4000)]
    with django_assert_max_num_queries(12):
        rows = add(*wanted)
    assert [row.key for row in rows] == [one.key for one in wanted]
    assert "ON CONFLICT" in UPSERT


@pytest.mark.parametrize("state", ["pending", "unknown"])
def test_cancelled_with_a_reason(planner: User, state: str) -> None:
    row = write(state=state, settle_at=clock.now())
    cancel([row.pk], actor=planner, reason=" not needed ")
    row.refresh_from_db()
    assert (row.state, row.settle_at) == ("cancelled", None)
    entry = AuditEntry.objects.get(action="operation.cancelled", object_id=str(row.pk))
    assert (entry.before, entry.after) == ({"state": state}, {"state": "cancelled", "reason": "not needed"})


@pytest.mark.parametrize("state", ["processing", "completed", "failed", "cancelled"])
def test_what_does_not_wait_is_not_cancelled_nor_anything_with_it(planner: User, state: str) -> None:
    waits, other = write(), write(state=state)
    with pytest.raises(ConflictError):
        cancel([waits.pk, other.pk], actor=planner, reason="why")
    assert Operation.objects.get(pk=waits.pk).state == "pending"


def test_retried_with_all_its_retries(planner: User) -> None:
    row = write(state="failed", failures=4, failure="retry", detail="x", finished_at=clock.now())
    retry([row.pk], actor=planner, reason="1C is back")
    row.refresh_from_db()
    assert (row.state, row.failures, row.failure, row.detail, row.finished_at) == ("pending", 0, "", "", None)
    assert AuditEntry.objects.get(action="operation.retried").after == {
        "state": "pending",
        "reason": "1C is back",
    }
    assert len(claim("node:1", limit=1)) == 1


def test_what_may_take_effect_twice_is_sent_again_only_when_confirmed(planner: User) -> None:
    row = write(kind="tests.undoable", state="unknown")
    for steer in (retry, replay):
        with pytest.raises(ConflictError) as refusal:
            steer([row.pk], actor=planner, reason="hope")
        assert "confirmed" in refusal.value.fields
    retry([row.pk], actor=planner, reason="looked: no document", confirmed=True)
    row.refresh_from_db()
    assert row.state == "pending"


def test_what_was_refused_clearly_needs_no_confirmation(planner: User) -> None:
    row = write(kind="tests.undoable", state="failed")
    assert retry([row.pk], actor=planner, reason="corrected")[0].state == "pending"


@pytest.mark.usefixtures("in_english")
def test_not_retried_beside_a_newer_one_of_its_key(planner: User) -> None:
    old = write(state="failed", key="may")
    write(connection_id=old.connection_id, key="may")
    with pytest.raises(ConflictError, match="newer"):
        retry([old.pk], actor=planner, reason="why")
    with pytest.raises(ConflictError):
        replay([old.pk], actor=planner, reason="why")


def test_replayed_as_a_new_operation(planner: User) -> None:
    row = write(state="completed", payload={"v": 1}, priority=2, key="may", failures=2)
    (again,) = replay([row.pk], actor=planner, reason="1C was restored")
    assert (again.replay_of, again.payload, again.priority, again.key) == (row, {"v": 1}, 2, "may")
    assert (again.state, again.failures, again.requested_by) == ("pending", 0, planner)
    entry = AuditEntry.objects.get(action="operation.replayed")
    assert entry.after == {"replay": again.pk, "reason": "1C was restored"}


@pytest.mark.parametrize("steer", [cancel, retry, replay])
def test_steered_by_who_may_with_a_reason(planner: User, steer: Any) -> None:
    row = write()
    with pytest.raises(NotAllowedError):
        steer([row.pk], actor=make_user(Role.EMPLOYEE), reason="why")
    with pytest.raises(DomainError) as refusal:
        steer([row.pk], actor=planner, reason="  ")
    assert "reason" in refusal.value.fields
    with pytest.raises(NotFoundError):
        steer([row.pk, row.pk + 1], actor=planner, reason="why")


def test_what_ended_long_ago_is_forgotten_and_what_is_unknown_is_not(settings: Any) -> None:
    settings.OPERATIONS_KEPT_DAYS = 30
    long_ago = clock.now() - 31 * DAY
    for state in ("completed", "failed", "cancelled"):
        write(state=state, finished_at=long_ago)
    kept = {
        write(state="completed", finished_at=clock.now() - 29 * DAY).pk,
        write(state="unknown", created_at=long_ago).pk,
        write(created_at=long_ago).pk,
    }
    assert operations.prune() == 3
    assert set(Operation.objects.values_list("pk", flat=True)) == kept
    settings.OPERATIONS_KEPT_DAYS = 0
    assert operations.prune() == 0
