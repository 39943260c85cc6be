"""What becomes of an operation: done, tried again, failed, unknown and settled."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection, transaction

from apps.core import clock
from apps.core.errors import DomainError
from apps.core.models import OutboxEvent
from apps.core.phrases import Phrase
from apps.integrations.errors import (
    AuthenticationError,
    ConfigurationError,
    DeferError,
    NotDoneError,
    PoisonError,
    RefusedError,
    TemporaryError,
    UnclearError,
)
from apps.integrations.models import Attempt, Operation
from apps.integrations.registry import operation_handler
from apps.integrations.services.operations import add_operations
from apps.integrations.types import Done, NewOperation
from tests.factories.integrations import make_connection
from tests.integrations.draining import drain, expire_leases, make_due

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.integrations.types import OperationInHand

pytestmark = pytest.mark.django_db
NO = Phrase.plain("no")
SAID = "said over there"
script: list[Any] = []  # what the next attempts do: Done or an exception


@pytest.fixture(autouse=True)
def _played_to_the_end() -> Iterator[None]:
    script.clear()
    yield
    assert script == []


def play(_in_hand: OperationInHand) -> Done:
    step = script.pop(0)
    if isinstance(step, Exception):
        raise step
    return step  # type: ignore[no-any-return]


@operation_handler("tests.repeatable", label="Repeatable")
def repeatable(in_hand: OperationInHand) -> Done:
    return play(in_hand)


def settle(in_hand: OperationInHand) -> Done:
    return play(in_hand)


@operation_handler("tests.once", label="Once", repeatable=False, settle=settle)
def once(in_hand: OperationInHand) -> Done:
    return play(in_hand)


@operation_handler("tests.blind", label="Once, and nobody can tell", repeatable=False)
def blind(in_hand: OperationInHand) -> Done:
    return play(in_hand)


def write(kind: str = "tests.repeatable", **facts: Any) -> Operation:
    connection_id = facts.pop("connection_id", None) or make_connection().pk
    with transaction.atomic():
        return add_operations([NewOperation(connection_id, kind, facts.pop("payload", {}), **facts)])[0]


def work(row: Operation, *steps: Any) -> Operation:
    """Let one attempt after the other end as told, each as soon as it would be due."""
    for step in steps:
        script.append(step)
        make_due()
        drain()
    return Operation.objects.get(pk=row.pk)


def outcomes(row: Operation) -> list[tuple[int, bool, str]]:
    return list(row.attempts.values_list("number", "is_settling", "outcome"))


def alerts() -> list[dict[str, Any]]:
    return list(OutboxEvent.objects.filter(type="operation.failed").values_list("data", flat=True))


def test_done_with_a_result_that_is_stored_in_the_same_transaction() -> None:
    stored = []
    row = work(write(), Done({"document": "НС-7"}, store=lambda: stored.append(connection.in_atomic_block)))
    assert (row.state, row.result, stored) == ("completed", {"document": "НС-7"}, [True])
    assert row.finished_at is not None
    assert outcomes(row) == [(1, False, "done")]
    assert alerts() == []


def test_attempts_at_0_30_150_and_450_seconds_then_failed_with_an_alert() -> None:
    row = write(key="month")
    pauses = []
    for failures in range(1, 5):
        row = work(row, TemporaryError(NO, detail=SAID, status=503))
        assert row.failures == failures
        ended = Attempt.objects.filter(operation=row).order_by("-number")[0].ended_at
        assert ended is not None
        pauses.append(round((row.run_at - ended).total_seconds()))
    assert pauses[:3] == [30, 120, 300]
    assert (row.state, row.failure, str(row.reason), row.detail) == ("failed", "retry", "no", SAID)
    assert outcomes(row) == [(number, False, "retry") for number in range(1, 5)]
    assert [attempt.status for attempt in row.attempts.all()] == [503] * 4
    assert [(data["kind"], data["key"], data["state"]) for data in alerts()] == [
        ("tests.repeatable", "month", "failed")
    ]


def test_a_longer_pause_is_made_when_the_other_system_asks_for_one() -> None:
    row = work(write(), TemporaryError(NO, retry_after_s=90))
    assert 80 < (row.run_at - clock.now()).total_seconds() <= 90


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (RefusedError(NO), "refused"),
        (AuthenticationError(NO), "authentication"),
        (ConfigurationError(NO), "configuration"),
        (PoisonError(NO), "poison"),
        (DomainError("no"), "configuration"),
    ],
)
def test_what_will_not_pass_fails_at_once(error: Exception, failure: str) -> None:
    row = work(write(), error)
    assert (row.state, row.failure, str(row.reason)) == ("failed", failure, "no")
    assert len(alerts()) == 1


def test_a_fault_of_ours_is_tried_again() -> None:
    row = work(write(), KeyError("secret"), Done())
    assert row.state == "completed"
    assert [outcome for _, _, outcome in outcomes(row)] == ["internal", "done"]
    assert "secret" not in str(Attempt.objects.get(operation=row, number=1).reason)


def test_what_is_not_wanted_now_waits_without_an_attempt_or_a_failure() -> None:
    until = clock.now() + dt.timedelta(hours=2)
    row = work(write(), DeferError(until))
    assert (row.state, row.run_at, row.failures, outcomes(row)) == ("pending", until, 0, [])
    row = work(row, Done())
    assert outcomes(row) == [(2, False, "done")]


def test_what_is_put_off_until_a_moment_that_is_past_does_not_go_round_in_circles() -> None:
    row = work(write(), DeferError(clock.now() - dt.timedelta(hours=1)))
    assert row.run_at > clock.now()


@pytest.mark.parametrize(
    "error",
    [UnclearError(NO), TemporaryError(NO), PoisonError(NO), KeyError("x")],
    ids=lambda e: type(e).__name__,
)
def test_what_must_not_be_repeated_is_settled_before_anything_is_sent_again(error: Exception) -> None:
    row = work(write("tests.once"), error)
    assert (row.state, alerts()) == ("unknown", [])
    assert row.settle_at is not None
    row = work(row, Done({"found": "there"}))
    assert (row.state, row.result) == ("completed", {"found": "there"})
    assert [settling for _, settling, _ in outcomes(row)] == [False, True]


def test_what_surely_did_not_happen_is_sent_again() -> None:
    row = work(write("tests.once"), UnclearError(NO), NotDoneError(NO))
    assert (row.state, row.failures) == ("pending", 1)
    row = work(row, Done())
    assert outcomes(row) == [(1, False, "unclear"), (2, True, "retry"), (3, False, "done")]


def test_what_was_not_sent_is_tried_again_even_if_it_must_not_be_repeated() -> None:
    row = work(write("tests.once"), TemporaryError(NO, sent=False))
    assert (row.state, row.failures) == ("pending", 1)


def test_settling_is_tried_again_and_then_left_to_a_person() -> None:
    row = work(write("tests.once"), UnclearError(NO), *[TemporaryError(NO)] * 3)
    assert (row.state, alerts()) == ("unknown", [])
    row = work(row, TemporaryError(NO))
    assert (row.state, row.settle_at) == ("unknown", None)
    assert [data["state"] for data in alerts()] == ["unknown"]
    assert drain() == []


def test_settling_that_cannot_tell_leaves_it_to_a_person_at_once() -> None:
    row = work(write("tests.once"), UnclearError(NO), UnclearError(NO))
    assert (row.state, row.settle_at, len(alerts())) == ("unknown", None, 1)


def test_nobody_can_tell_what_became_of_it() -> None:
    row = work(write("tests.blind"), UnclearError(NO))
    assert (row.state, row.settle_at, len(alerts())) == ("unknown", None, 1)


def test_a_kind_that_nobody_does_any_more() -> None:
    row = write("tests.gone")
    drain()
    row.refresh_from_db()
    assert (row.state, row.failure) == ("failed", "configuration")


def test_a_store_that_breaks_undoes_itself_and_touches_no_other_operation() -> None:
    connection_id = make_connection().pk

    def broken() -> None:
        make_connection(code="half-stored")
        raise ValueError

    script.extend([Done(store=broken), Done()])
    first, second = (write(connection_id=connection_id) for _ in range(2))
    drain()
    states = dict(Operation.objects.values_list("pk", "state"))
    assert states == {first.pk: "pending", second.pk: "completed"}
    assert "half-stored" not in set(first.connection.__class__.objects.values_list("code", flat=True))


@pytest.mark.parametrize("text", ["a\0b", "a\ud800b"])
def test_what_the_database_does_not_take_is_replaced(text: str) -> None:
    row = work(write(), Done({"said": text}))
    assert (row.state, row.result) == ("completed", {"said": "a\ufffdb"})
    row = work(write(), RefusedError(Phrase.plain(text), detail=text))
    assert (str(row.reason), row.detail) == ("a\ufffdb", "a\ufffdb")


def test_a_store_that_the_database_refuses_at_the_end_takes_no_other_with_it() -> None:
    connection_id = make_connection().pk
    script.extend([Done({"number": float("inf")}), Done()])
    first, second = (write(connection_id=connection_id) for _ in range(2))
    drain()
    states = dict(Operation.objects.values_list("pk", "state"))
    assert states == {first.pk: "pending", second.pk: "completed"}


class Died(BaseException):
    """The program ends here."""


def die_in(row: Operation) -> None:
    script.append(Died())
    with pytest.raises(Died):
        drain()
    assert Operation.objects.get(pk=row.pk).state == "processing"


@pytest.fixture(autouse=True)
def _deaths(monkeypatch: pytest.MonkeyPatch) -> None:
    def play_or_die(in_hand: OperationInHand) -> Done:
        if isinstance(script[0], Died):
            raise script.pop(0)
        return play_really(in_hand)

    play_really = play
    monkeypatch.setattr(f"{__name__}.play", play_or_die)


def test_what_a_dead_program_held_is_done_again() -> None:
    row = write()
    die_in(row)
    assert expire_leases() == 1
    row = work(row, Done())
    assert (row.state, row.failures) == ("completed", 0)
    assert outcomes(row) == [(1, False, "lost"), (2, False, "done")]


def test_what_a_dead_program_may_have_sent_is_settled_first() -> None:
    row = write("tests.once")
    die_in(row)
    expire_leases()
    row.refresh_from_db()
    assert (row.state, row.failure) == ("unknown", "lost")
    script.append(Done())
    drain()  # at once: the lease was pause enough
    assert outcomes(row) == [(1, False, "lost"), (2, True, "done")]


def test_a_program_that_died_while_settling_leaves_it_to_be_settled() -> None:
    row = work(write("tests.once"), UnclearError(NO))
    make_due()
    die_in(row)
    expire_leases()
    row.refresh_from_db()
    assert row.state == "unknown"
    assert work(row, NotDoneError(NO)).state == "pending"


def test_what_kills_every_program_is_given_up() -> None:
    row = write()
    for _ in range(10):
        die_in(row)
        expire_leases()
    row.refresh_from_db()
    assert (row.state, row.failure, len(alerts())) == ("failed", "lost", 1)
