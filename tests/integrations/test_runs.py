"""Runs: what their functions count, how they end, and that the calls they make are kept masked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.db import OperationalError, transaction

from apps.accounts.choices import Role
from apps.core.errors import ConflictError, DomainError, NotAllowedError
from apps.core.models import OutboxEvent
from apps.core.phrases import Phrase
from apps.integrations import registry
from apps.integrations.choices import FailureClass, RunState
from apps.integrations.errors import ExchangeError, RefusedError, TemporaryError
from apps.integrations.models import Breaker, Call, Run
from apps.integrations.services.access import access_to, set_secret
from apps.integrations.services.calls import collecting, keep
from apps.integrations.services.runs import close_left_behind, finish, start_run, wait_for_person
from apps.integrations.wire.client import call
from apps.jobs.choices import JobState
from apps.jobs.models import Job
from apps.jobs.services import cancel, repeat
from apps.jobs.services import run as run_job
from tests.concurrency import at_once
from tests.factories import make_user
from tests.factories.integrations import make_connection
from tests.integrations.peer import answering, peer

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_django import DjangoAssertNumQueries

    from apps.integrations.types import RunInHand

PURPOSE = "tests.run"
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("in_english")]


@pytest.fixture
def doing(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[RunInHand], None]], None]:
    def do(function: Callable[[RunInHand], None]) -> None:
        monkeypatch.setitem(registry._purposes, PURPOSE, registry.Purpose("onec", "Test", function))

    do(lambda _run: None)
    return do


def done(run: Run) -> Run:
    assert run.job_id
    run_job(run.job_id)
    return Run.objects.get(pk=run.pk)


@pytest.mark.usefixtures("doing")
class TestStarting:
    def test_one_of_a_purpose_at_a_time(self) -> None:
        connected = make_connection()
        outcomes = at_once(*[lambda: start_run(connected, PURPOSE, actor=None)] * 4)
        assert sum(isinstance(one, Run) for one in outcomes) == 1
        assert sum(isinstance(one, ConflictError) for one in outcomes) == 3
        assert done(Run.objects.get()).state == RunState.DONE
        start_run(connected, PURPOSE, actor=None)

    def test_only_who_may_operate_starts_what_the_system_has(self) -> None:
        connected = make_connection()
        with pytest.raises(NotAllowedError):
            start_run(connected, PURPOSE, actor=make_user())
        planner = make_user(role=Role.PLANNER)
        run = start_run(connected, PURPOSE, actor=planner, options={"days": 3})
        assert (run.actor, run.options) == (planner, {"days": 3})
        for other, purpose in ((make_connection(system="argus"), PURPOSE), (connected, "tests.none")):
            with pytest.raises(DomainError, match="cannot be run"):
                start_run(other, purpose, actor=None)
        with pytest.raises(ConflictError, match="paused"):
            start_run(make_connection(is_active=False), PURPOSE, actor=None)

    def test_a_run_whose_job_ended_without_it_is_closed(self) -> None:
        connected = make_connection()
        run = start_run(connected, PURPOSE, actor=None)
        Job.objects.filter(pk=run.job_id).update(state=JobState.FAILED)
        assert close_left_behind() == 1
        run.refresh_from_db()
        assert (run.state, run.failure) == (RunState.FAILED, FailureClass.INTERNAL)
        second = start_run(connected, PURPOSE, actor=None)
        cancel(second.job_id, actor=make_user(role=Role.ADMIN))  # type: ignore[arg-type]
        start_run(connected, PURPOSE, actor=None)
        second.refresh_from_db()
        assert second.state == RunState.CANCELLED


class TestEnding:
    def test_counts_and_problems_are_kept(self, doing: Callable[..., None]) -> None:
        def count(run: RunInHand) -> None:
            run.counts["created"] = 3
            run.problems.append({"subject": "10-000", "field": "rate", "reason": "no number"})

        doing(count)
        run = done(start_run(make_connection(), PURPOSE, actor=None))
        assert (run.state, run.counts) == (RunState.DONE, {"created": 3})
        assert run.problems == [{"subject": "10-000", "field": "rate", "reason": "no number"}]
        assert run.ended_at is not None
        job = Job.objects.get(pk=str(run.job_id))
        assert job.state == JobState.SUCCEEDED
        assert job.result_url.endswith(f"/{run.pk}/")

    @pytest.mark.parametrize(
        ("error", "failure", "counted"),
        [
            (TemporaryError(Phrase.plain("away")), FailureClass.RETRY, 1),
            (RefusedError(Phrase.plain("no calendar")), FailureClass.REFUSED, 0),
            (DomainError("not so"), "", 0),
        ],
    )
    def test_a_failure_keeps_its_class_and_reason(
        self, doing: Callable[..., None], error: ExchangeError | DomainError, failure: str, counted: int
    ) -> None:
        def fail(run: RunInHand) -> None:
            run.counts["read"] = 1
            raise error

        doing(fail)
        run = done(start_run(make_connection(), PURPOSE, actor=None))
        assert (run.state, run.failure, run.counts) == (RunState.FAILED, failure, {"read": 1})
        reason = error.phrase if isinstance(error, DomainError) else error.reason
        assert str(run.reason) == str(reason)
        assert OutboxEvent.objects.get(type="sync.failed").data["purpose"] == PURPOSE
        job = Job.objects.get(pk=str(run.job_id))
        assert job.state == JobState.FAILED
        again = repeat(job.pk, actor=make_user(role=Role.ADMIN))
        assert Run.objects.filter(job_id=again.pk).exists()
        assert sum(Breaker.objects.values_list("failures", flat=True)) == counted

    def test_a_fault_of_ours_is_told_as_one(self, doing: Callable[..., None]) -> None:
        def break_off(_run: RunInHand) -> None:
            raise ZeroDivisionError

        doing(break_off)
        run = start_run(make_connection(), PURPOSE, actor=None)
        with pytest.raises(ZeroDivisionError):
            done(run)
        run.refresh_from_db()
        assert (run.state, run.failure) == (RunState.FAILED, FailureClass.INTERNAL)
        assert "ZeroDivisionError" in str(run.reason)

    def test_a_fault_of_the_database_is_repeated_by_the_job(self, doing: Callable[..., None]) -> None:
        faults = [OperationalError("the server went away")]

        def fail_once(run: RunInHand) -> None:
            if faults:
                raise faults.pop()
            run.counts["read"] = 1

        doing(fail_once)
        run = start_run(make_connection(), PURPOSE, actor=None)
        assert done(run).state == RunState.RUNNING
        assert done(run).counts == {"read": 1}

    def test_one_that_waits_for_a_person_is_not_ended_by_its_job(self, doing: Callable[..., None]) -> None:
        def wait(run: RunInHand) -> None:
            run.counts["vanished"] = 40
            wait_for_person(run, {"dismiss": [1]}, Phrase.plain("too many"))

        doing(wait)
        run = done(start_run(make_connection(), PURPOSE, actor=None))
        assert (run.state, run.plan, run.counts) == (RunState.WAITING, {"dismiss": [1]}, {"vanished": 40})
        finish(run, RunState.DONE)
        with pytest.raises(ConflictError):
            finish(run, RunState.CANCELLED)


class TestCalls:
    def test_calls_of_a_run_are_kept_masked(self, doing: Callable[..., None]) -> None:
        body = '[{"agentId": "7", "lastname": "Зимина", "Login": "zimina", "token": "t0p"}]'.encode()
        with peer(answering(body)) as other:
            connected = make_connection(base_url=f"http://127.0.0.1:{other.port}", username="u")
            set_secret(connected, "password", "planted-secret", actor=None)

            def ask(run: RunInHand) -> None:
                sent: dict[str, Any] = {"agentId": "7", "initiator_name": "Зимина Анна", "phone": 79161234567}
                session = run.session_id
                call(
                    access_to(connected),
                    "POST",
                    "/x?password=p1",
                    endpoint="x",
                    session_id=session,
                    json=sent,
                )
                with pytest.raises(TemporaryError):
                    call(
                        access_to(connected),
                        "GET",
                        "",
                        endpoint="away",
                        session_id=session,
                        absolute_url="http://127.0.0.1:9/",
                    )

            doing(ask)
            run = done(start_run(connected, PURPOSE, actor=None))
        away, made = Call.objects.order_by("endpoint")
        assert (made.run_id, made.session_id, made.status, made.path) == (run.pk, run.session_id, 200, "/x")
        assert made.request == '{"agentId":"7","initiator_name":"***","phone":"***"}'
        assert made.answer == '[{"agentId": "7", "lastname": "***", "Login": "***", "token": "***"}]'
        assert made.answer_bytes == len(body)
        assert (away.failure, away.status, away.run_id) == (FailureClass.RETRY, None, run.pk)
        assert "refuses connections" in str(away.reason)
        assert "planted-secret" not in str(list(Call.objects.values()))

    def test_gathered_calls_are_written_in_one_statement(
        self, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        with peer(answering(b"{}")) as other:
            access = access_to(make_connection(base_url=f"http://127.0.0.1:{other.port}"))
            session = Run().session_id
            with django_assert_num_queries(0), collecting(operation_id=5) as calls:
                for _time in range(20):
                    call(access, "GET", "/", endpoint="x", session_id=session)
        with transaction.atomic(), django_assert_num_queries(1):
            keep(calls)
        assert Call.objects.filter(operation_id=5).count() == 20
