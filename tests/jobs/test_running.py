"""A job's life in one process."""

from __future__ import annotations

import datetime as dt
import time

import pytest
import time_machine
from django.db import IntegrityError, transaction

from apps.accounts.choices import Role
from apps.core import clock
from apps.core.broker import broker_was_told
from apps.core.errors import ConflictError, NotFoundError
from apps.core.phrases import Phrase
from apps.jobs import services
from apps.jobs.choices import JobState
from apps.jobs.models import Job
from apps.jobs.registry import job_handler
from apps.jobs.services import context as context_module
from apps.jobs.services.sweeping import DEAD_AFTER_S
from tests.concurrency import at_once
from tests.factories import make_user
from tests.jobs import sample_jobs

pytestmark = pytest.mark.django_db(transaction=True)


def start(kind: str = "tests.add", *, dedupe_key: str = "", **params: object) -> Job:
    return services.start(kind, params=params, actor=None, title=Phrase.plain("A sum"), dedupe_key=dedupe_key)


def test_a_job_that_succeeds_keeps_its_result() -> None:
    job = services.run_now(start(a=2, b=3))
    assert (job.state, job.progress, str(job.stage)) == (JobState.SUCCEEDED, 1.0, "adding")
    assert (job.result, job.result_url) == ({"sum": 5}, "/sum/")
    assert [line.split(" ", 1)[1] for line in job.log] == ["two numbers"]
    assert job.started_at
    assert job.finished_at
    assert job.started_at <= job.finished_at


def test_a_refusal_is_the_reason() -> None:
    job = services.run_now(start("tests.refuse"))
    assert (job.state, str(job.reason)) == (JobState.FAILED, "The forecast ends too early.")


def test_a_fault_is_recorded_by_name_and_not_swallowed() -> None:
    job = start("tests.break")
    with pytest.raises(sample_jobs.SolverBrokeError):
        services.run(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert "SolverBrokeError" in str(job.reason)
    assert "secret figures" not in str(job.reason)
    assert job.finished_at is not None


def test_a_job_of_an_unknown_kind_is_not_taken() -> None:
    with pytest.raises(LookupError, match=r"tests\.nothing"):
        start("tests.nothing")


def test_a_second_message_about_a_job_changes_nothing() -> None:
    job = services.run_now(start(a=1, b=1))
    assert services.run(job.pk) is None
    again = Job.objects.get(pk=job.pk)
    assert (again.attempts, again.finished_at) == (1, job.finished_at)


def test_one_key_has_one_active_job_and_the_refusal_names_it() -> None:
    first = start(dedupe_key="month:7", a=1, b=1)
    with pytest.raises(ConflictError) as refused:
        start(dedupe_key="month:7", a=1, b=1)
    assert refused.value.extra == {"job_id": str(first.pk), "job_url": f"/api/v1/jobs/{first.pk}/"}
    services.run_now(first)
    assert start(dedupe_key="month:7", a=1, b=1).pk != first.pk


def test_who_would_do_the_same_without_a_job_is_refused_likewise() -> None:
    first = start(dedupe_key="month:7", a=1, b=1)
    services.refuse_second("month:7", besides=first.pk)
    services.refuse_second("month:8")
    with pytest.raises(ConflictError) as refused:
        services.refuse_second("month:7")
    assert refused.value.extra["job_url"] == f"/api/v1/jobs/{first.pk}/"


def test_starts_at_once_make_one_job() -> None:
    def race() -> Job:
        return start(dedupe_key="month:7", a=1, b=1)

    refusals = [outcome for outcome in at_once(*[race] * 4) if isinstance(outcome, Exception)]
    assert [type(refusal) for refusal in refusals] == [ConflictError] * 3
    assert Job.objects.count() == 1


def test_the_database_holds_one_active_job_per_key_by_itself() -> None:
    first = start(dedupe_key="month:7", a=1, b=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.create(
            kind="tests.add", title=Phrase.plain("x"), queue="optimise", dedupe_key=first.dedupe_key
        )


def test_a_waiting_job_is_cancelled_at_once() -> None:
    planner = make_user(Role.PLANNER)
    job = services.cancel(start(a=1, b=1).pk, actor=planner)
    assert (job.state, job.finished_at is not None) == (JobState.CANCELLED, True)
    assert services.run(job.pk) is None
    with pytest.raises(ConflictError):
        services.cancel(job.pk, actor=planner)


def test_strangers_do_not_even_see_the_job() -> None:
    with pytest.raises(NotFoundError):
        services.cancel(start(a=1, b=1).pk, actor=make_user())


def test_a_running_job_stops_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context_module, "LOOK_EVERY_S", 0.05)
    planner = make_user(Role.PLANNER)
    job = start("tests.until_cancelled")

    def ask() -> None:
        while Job.objects.get(pk=job.pk).state != JobState.RUNNING:
            time.sleep(0.02)
        services.cancel(job.pk, actor=planner)

    assert at_once(lambda: services.run(job.pk), ask) == [JobState.CANCELLED, None]
    job.refresh_from_db()
    assert (job.state, str(job.reason)) == (JobState.CANCELLED, "")


def test_the_heartbeat_goes_on_while_the_work_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context_module, "LOOK_EVERY_S", 0.05)
    monkeypatch.setattr(context_module, "HEARTBEAT_EVERY_S", 0.1)
    beats = set()

    @job_handler("tests.silent")
    def silent(_context: object) -> None:
        for _ in range(20):
            beats.add(Job.objects.get().heartbeat_at)
            time.sleep(0.05)

    services.run_now(start("tests.silent"))
    assert len(beats) >= 3


def _silent_job(*, attempts: int, **facts: object) -> Job:
    job = start(a=1, b=1)
    long_ago = clock.now() - dt.timedelta(seconds=DEAD_AFTER_S + 1)
    Job.objects.filter(pk=job.pk).update(
        state=JobState.RUNNING, attempts=attempts, heartbeat_at=long_ago, **facts
    )
    return job


def test_a_silent_job_is_given_to_another_worker_twice() -> None:
    job = _silent_job(attempts=1)
    for attempt in (2, 3):
        assert services.sweep().requeued == 1
        job.refresh_from_db()
        assert job.state == JobState.QUEUED
        Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING, attempts=attempt)
    assert services.sweep().given_up == 1
    job.refresh_from_db()
    assert (job.state, job.deaths) == (JobState.FAILED, 3)
    assert "3" in str(job.reason)


def test_a_silent_job_that_was_asked_to_stop_is_cancelled() -> None:
    job = _silent_job(attempts=1, cancel_requested=True)
    assert services.sweep().given_up == 0
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED


def test_a_job_that_beats_is_left_alone() -> None:
    job = start(a=1, b=1)
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING, attempts=1, heartbeat_at=clock.now())
    assert (services.sweep().requeued, services.sweep().given_up) == (0, 0)


def test_a_worker_that_lost_its_job_writes_nothing() -> None:
    @job_handler("tests.lost")
    def lost(context: context_module.RunningJob) -> dict[str, int]:
        Job.objects.filter(pk=context.job_id).update(attempts=2, stage=Phrase.plain("the other's"))
        context.progress(0.9, Phrase.plain("mine"))
        return {"mine": 1}

    job = start("tests.lost")
    services.run(job.pk)
    job.refresh_from_db()
    assert (job.state, str(job.stage), job.result) == (JobState.RUNNING, "the other's", {})


def test_a_worker_that_lost_its_job_is_told_to_stop() -> None:
    job = start(a=1, b=1)
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING, attempts=1)
    running = context_module.RunningJob(Job.objects.get(pk=job.pk))
    running._look(beat=False)
    assert not running.cancelled()
    Job.objects.filter(pk=job.pk).update(attempts=2)
    running._look(beat=False)
    assert running.cancelled()


def test_unclaimed_jobs_are_sent_again_at_growing_distances() -> None:
    broker_was_told()
    begin = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    with time_machine.travel(begin, tick=False) as clock_hand:
        start(a=1, b=1)
        sent_at = []
        for second in range(0, 120, 5):
            clock_hand.move_to(begin + dt.timedelta(seconds=second + 1))
            if services.sweep().sent_again:
                sent_at.append(second)
    assert sent_at == [5, 15, 35, 75]


def test_a_command_takes_over_a_job_of_a_dead_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    job = _silent_job(attempts=1)
    monkeypatch.setattr("apps.jobs.services.running.POLL_S", 0.01)
    assert services.run_now(job).state == JobState.SUCCEEDED
