"""Data and outcome are kept together: workers that die, stall or meet a fault do nothing twice."""

from __future__ import annotations

import datetime as dt
import io
from typing import TYPE_CHECKING, Any

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import translation

from apps.accounts.choices import Role
from apps.core import clock
from apps.core.locks import LockHeldError
from apps.core.phrases import Phrase
from apps.demand.models import ImportBatch, ImportUpload
from apps.demand.services import importing
from apps.demand.services.importing import request_import
from apps.forecasts.models import ForecastVersion
from apps.forecasts.services.running import request_forecast
from apps.jobs import services
from apps.jobs.choices import JobState
from apps.jobs.models import Job
from apps.jobs.registry import JobLost, job_handler
from apps.jobs.services import running
from apps.jobs.services.sweeping import DEAD_AFTER_S
from apps.schedules.models import ScheduleVariant
from apps.schedules.services.optimisation import request_plan
from apps.staffing.models import RequirementVersion
from apps.staffing.services.deriving import request_requirement
from tests.factories import make_forecast, make_queue, make_target, make_user
from tests.forecasts.series import MONDAY, import_weeks, weekly_queue
from tests.schedules.scenes import MONTH, make_scene

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import Model

    from apps.accounts.models import User
    from apps.jobs.registry import JobContext

pytestmark = pytest.mark.django_db(transaction=True)
FILE = b"start;calls\n03.03.2025 07:00;120\n03.03.2025 07:15;99\n"
REFUSED_FILE = b"01.03.2025 00:00;1\n02.03.2025 00:00;1\n"


class KilledError(BaseException):
    """Stands for the end of the process: nothing after it runs."""


@pytest.fixture(autouse=True)
def _english() -> None:
    translation.activate("en")


@pytest.fixture
def planner() -> User:
    return make_user(Role.PLANNER)


def ask_import(planner: User, content: bytes = FILE) -> Job:
    return request_import(
        queue_id=make_queue().pk, file=io.BytesIO(content), file_name="h.csv", actor=planner
    )


def ask_refused_import(planner: User) -> Job:
    return ask_import(planner, REFUSED_FILE)


def ask_forecast(planner: User) -> Job:
    queue = weekly_queue()
    import_weeks(queue)
    start = MONDAY + dt.timedelta(weeks=8)
    return request_forecast(queue_id=queue.pk, start=start, end=start + dt.timedelta(days=7), actor=planner)


def ask_requirement(planner: User) -> Job:
    queue = make_queue()
    make_target(queue)
    forecast = make_forecast(queue, dt.datetime(2025, 3, 3, tzinfo=dt.UTC), [100.0], step_s=1800, aht_s=180)
    return request_requirement(forecast_id=forecast.pk, actor=planner)


def ask_plan(planner: User) -> Job:
    scene = make_scene(people=2, agents=1)
    return request_plan(group_id=scene.group.pk, month=MONTH, actor=planner, time_limit_s=1.0)


STORING: list[tuple[Callable[[User], Job], type[Model]]] = [
    (ask_import, ImportBatch),
    (ask_refused_import, ImportBatch),
    (ask_forecast, ForecastVersion),
    (ask_requirement, RequirementVersion),
    (ask_plan, ScheduleVariant),
]


@pytest.mark.parametrize(("ask", "stored"), STORING)
def test_a_worker_that_dies_after_its_commit_leaves_an_ended_job(
    ask: Callable[[User], Job], stored: Any, planner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = ask(planner)

    def die(*_args: object) -> None:
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr(running, "_finish", die)
        with pytest.raises(KilledError):
            services.run(job.pk)
    before = Job.objects.get(pk=job.pk)
    assert before.state == (JobState.FAILED if ask is ask_refused_import else JobState.SUCCEEDED)
    assert before.finished_at
    silence(job)
    assert services.sweep().requeued == 0
    assert services.run(job.pk) is None
    assert stored.objects.count() == 1
    if before.state == JobState.SUCCEEDED:
        assert stored.objects.get().pk in before.result.values()
    assert not ImportUpload.objects.exists()


@pytest.mark.parametrize(("ask", "stored"), STORING)
def test_a_worker_that_stalled_and_lost_its_job_stores_nothing(
    ask: Callable[[User], Job], stored: Any, planner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = ask(planner)
    real = running.find_handler(job.kind)

    def stall(context: JobContext) -> Any:
        silence(job)
        services.sweep()
        return real(context)

    with monkeypatch.context() as patch:
        patch.setattr(running, "find_handler", lambda _kind: stall)
        assert services.run(job.pk) is None
    assert not stored.objects.exists()
    assert Job.objects.get(pk=job.pk).state == JobState.QUEUED
    services.run_now(job)
    assert stored.objects.count() == 1


def silence(job: Job) -> None:
    long_ago = clock.now() - dt.timedelta(seconds=DEAD_AFTER_S + 1)
    Job.objects.filter(pk=job.pk).update(heartbeat_at=long_ago)


def start(kind: str, actor: User | None = None) -> Job:
    return services.start(kind, params={}, actor=actor, title=Phrase.plain("Work"))


def test_a_job_that_was_asked_to_stop_does_not_conclude() -> None:
    @job_handler("tests.late_stop")
    def late_stop(context: JobContext) -> None:
        Job.objects.filter(pk=context.job_id).update(cancel_requested=True)
        with transaction.atomic():
            make_user(username="stored")
            context.conclude()

    job = start("tests.late_stop")
    assert services.run(job.pk) == JobState.CANCELLED
    assert not type(make_user()).objects.filter(username="stored").exists()


def test_concluding_needs_the_transaction_of_the_data() -> None:
    @job_handler("tests.bare")
    def bare(context: JobContext) -> None:
        with pytest.raises(RuntimeError, match="transaction"):
            context.conclude()

    assert services.run(start("tests.bare").pk) == JobState.SUCCEEDED


def test_what_is_rolled_back_after_concluding_is_no_success() -> None:
    @job_handler("tests.rolled_back")
    def rolled_back(context: JobContext) -> None:
        with transaction.atomic():
            context.conclude({"sum": 1})
            raise ZeroDivisionError

    job = start("tests.rolled_back")
    with pytest.raises(ZeroDivisionError):
        services.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.result) == (JobState.FAILED, {})
    assert "ZeroDivisionError" in str(job.reason)


def test_a_fault_after_concluding_does_not_take_the_success_back() -> None:
    @job_handler("tests.fault_after")
    def fault_after(context: JobContext) -> None:
        with transaction.atomic():
            context.conclude({"sum": 1, "url": "/sum/"})
        raise OperationalError

    job = start("tests.fault_after")
    assert services.run(job.pk) == JobState.SUCCEEDED
    job.refresh_from_db()
    assert (job.attempts, job.result, job.result_url, job.progress) == (1, {"sum": 1}, "/sum/", 1.0)


def test_a_lost_job_is_told_by_its_own_exception() -> None:
    @job_handler("tests.lost_early")
    def lost_early(context: JobContext) -> None:
        Job.objects.filter(pk=context.job_id).update(attempts=7)
        with pytest.raises(JobLost), transaction.atomic():
            context.conclude()

    assert services.run(start("tests.lost_early").pk) is None


def test_a_passing_fault_of_the_database_is_tried_again_and_a_lasting_one_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(running, "POLL_S", 0.01)
    faults = [OperationalError(), None, *[OperationalError() for _ in range(running.MOST_FAULTS)]]

    @job_handler("tests.fault")
    def fault(_context: JobContext) -> None:
        error = faults.pop(0)
        if error:
            raise error

    assert services.run_now(start("tests.fault")).state == JobState.SUCCEEDED
    job = start("tests.fault")
    for _ in range(running.MOST_FAULTS - 1):
        assert services.run(job.pk) is None
        assert Job.objects.get(pk=job.pk).state == JobState.QUEUED
    with pytest.raises(OperationalError):
        services.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts) == (JobState.FAILED, running.MOST_FAULTS)
    assert "OperationalError" in str(job.reason)


def test_a_held_lock_lets_the_job_wait_its_turn_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "POLL_S", 0.01)
    tries = [1, 1, 0, *[1] * running.MOST_FAULTS]

    @job_handler("tests.held")
    def held(_context: JobContext) -> None:
        if tries.pop(0):
            raise LockHeldError("Somebody holds it.")

    job = start("tests.held")
    assert services.run(job.pk) is None
    job.refresh_from_db()
    assert (job.state, job.finished_at) == (JobState.QUEUED, None)
    assert str(job.stage) == "Waits: somebody else is writing the same just now."
    done = services.run_now(job)
    assert (done.state, done.attempts) == (JobState.SUCCEEDED, 3)
    job = start("tests.held")
    for _ in range(running.MOST_FAULTS):
        services.run(job.pk)
    job.refresh_from_db()
    assert (job.state, str(job.reason)) == (JobState.FAILED, "Somebody holds it.")


def test_a_connection_that_breaks_is_replaced_before_the_job_goes_back() -> None:
    @job_handler("tests.cut")
    def cut(context: JobContext) -> None:
        if Job.objects.get(pk=context.job_id).attempts == 1:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    job = services.run_now(start("tests.cut"))
    assert (job.state, job.attempts) == (JobState.SUCCEEDED, 2)


def test_work_that_only_tells_its_progress_does_not_fail_with_the_database() -> None:
    @job_handler("tests.cut_at_progress")
    def cut_at_progress(context: JobContext) -> dict[str, int]:
        with connection.cursor() as cursor, pytest.raises(OperationalError):
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        context.progress(0.5, Phrase.plain("untold"))
        context.log("lost")
        context.progress(0.6, Phrase.plain("told"))
        return {"sum": 1}

    job = services.run_now(start("tests.cut_at_progress"))
    assert (job.state, job.attempts, str(job.stage)) == (JobState.SUCCEEDED, 1, "told")


def test_an_import_keeps_its_file_over_a_fault(planner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    job = ask_import(planner)

    def fail(*_args: object, **_options: object) -> None:
        raise OperationalError

    with monkeypatch.context() as patch:
        patch.setattr(importing, "load_intervals", fail)
        assert services.run(job.pk) is None
    assert ImportUpload.objects.exists()
    assert not ImportBatch.objects.exists()
    assert services.run_now(job).state == JobState.SUCCEEDED
    assert not ImportUpload.objects.exists()


def test_a_job_whose_starter_is_deleted_does_not_run_as_the_system(planner: User) -> None:
    job = ask_import(planner)
    Job.objects.filter(pk=job.pk).update(created_by=None)  # what the deletion of the person does
    job = services.run_now(job)
    assert job.state == JobState.FAILED
    assert str(job.reason) == "The person who started this is no longer there."
    assert not ImportBatch.objects.exists()


def test_what_the_system_starts_is_marked_and_runs() -> None:
    job = request_import(queue_id=make_queue().pk, file=io.BytesIO(FILE), file_name="h.csv", actor=None)
    assert job.as_system
    assert services.run_now(job).state == JobState.SUCCEEDED
