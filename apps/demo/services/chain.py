"""The demo's stages, each through the product's own services and jobs; what exists already is kept."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.conf import settings

from apps.core import clock
from apps.core.errors import ConflictError, DomainError
from apps.core.processes import die_with_parent
from apps.core.zones import midnight
from apps.demand.choices import ImportState
from apps.demand.selectors import imports_of
from apps.demand.services.clearing import clear_history
from apps.demand.services.importing import request_import
from apps.demo.blueprint import CALENDAR, QUEUES, SEED, ZONE, QueuePlan
from apps.demo.callrecords import CallFacts, read_call_facts
from apps.demo.people import MonthPlan, PersonPlan, people_of
from apps.demo.series import as_csv, planned_month, shifted_series
from apps.demo.services.sign_in import join_people, make_accounts
from apps.demo.services.staff import PREFIX, add_absences, store_people
from apps.demo.services.structure import make_structure
from apps.forecasts.selectors import active_version
from apps.forecasts.services.running import request_forecast
from apps.jobs.choices import JobState
from apps.jobs.models import Job
from apps.jobs.selectors import latest_job
from apps.jobs.services import cancel, mark_seen, run_now
from apps.organization.models import Employee
from apps.schedules.choices import VariantState
from apps.schedules.models import PlanningGroup, ScheduleVariant
from apps.schedules.selectors.planning import group_by_code, plan_key
from apps.schedules.services.optimisation import request_plan
from apps.schedules.services.publishing import publish_variant
from apps.staffing.selectors import active_requirement, requirement_points
from apps.staffing.services.deriving import request_requirement
from apps.workcalendar.selectors import working_days
from apps.workcalendar.services.kinds import load_kinds
from apps.workcalendar.services.loading import load_bundled_calendars

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from django.db.models import QuerySet

    from apps.accounts.models import User
    from apps.forecasts.models import ForecastVersion
    from apps.organization.models import Queue
    from apps.staffing.models import RequirementVersion

POLL_S = 1.0
REPORT_EVERY_S = 15.0
STOP_WITHIN_S = 10.0


class StageFailedError(DomainError):
    """A stage ended without its result."""


class DemoChain:
    """Runs the stages for the month that may lawfully be planned today; `say` gets a line per step."""

    def __init__(self, say: Callable[[str], None], queues: Sequence[QueuePlan] = QUEUES) -> None:
        self.say = say
        self.plans = queues
        self.today = clock.now().astimezone(ZoneInfo(ZONE)).date()
        self.month = planned_month(self.today)
        self.next_month = (self.month + dt.timedelta(days=32)).replace(day=1)
        self.calls: CallFacts = read_call_facts()
        self.seconds: dict[str, float] = {}
        self.actor: User
        self.queues: dict[str, Queue]

    def is_published(self) -> bool:
        """Tell whether every queue of the demo has a published variant for the month."""
        return len(published_variants(self.month, self.plans)) == len(self.plans)

    def prepare_accounts(self) -> None:
        """Make sure that everybody can sign in."""
        self.actor = make_accounts()

    def plan(self, code: str) -> None:
        """Plan the month of one queue's group, as the parent process asked."""
        self.prepare_accounts()
        plan = next(plan for plan in self.plans if plan.code == code)
        group = group_by_code(plan.code)
        self._succeed(
            lambda: request_plan(
                group_id=group.pk,
                month=self.month,
                actor=self.actor,
                seed=SEED,
                time_limit_s=plan.time_limit_s,
            )
        )

    def run(self) -> None:
        """Run every stage whose result is not there yet."""
        with self._timed("reference"):
            load_bundled_calendars()
            load_kinds()
            self.prepare_accounts()
            self.queues = make_structure(self.calls, self.plans)
        for plan in self.plans:
            self._import(plan)
        requirements = {}
        for plan in self.plans:
            forecast = self._forecast(plan)
            requirements[plan.key] = self._requirement(plan, forecast)
        with self._timed("people"):
            self._people(requirements)
            join_people()
        with self._timed("optimise"):
            self._optimise()
        with self._timed("publish"):
            self._publish()

    def _import(self, plan: QueuePlan) -> None:
        queue = self.queues[plan.key]
        series = shifted_series(plan, self.month)
        applied = imports_of(queue.pk).filter(state=ImportState.APPLIED).first()
        if applied is not None and applied.weeks_shifted == series.weeks_shifted:
            return
        with self._timed("import"):
            clear_history(queue_id=queue.pk, actor=self.actor)  # of a month planned earlier
            self._succeed(
                lambda: request_import(
                    queue_id=queue.pk,
                    file=as_csv(series, self.calls, seed=SEED),
                    file_name=plan.file.replace(".csv.gz", ".csv"),
                    actor=self.actor,
                    source=plan.source,
                    weeks_shifted=series.weeks_shifted,
                )
            )
        self.say(
            f"{plan.name}: {len(series.starts)} intervals, {series.original} shifted to {series.shifted}"
        )

    def _forecast(self, plan: QueuePlan) -> ForecastVersion:
        queue = self.queues[plan.key]
        start, end = midnight(self.month, ZONE), midnight(self.next_month, ZONE)
        found = active_version(queue.pk, start, end)
        if found is None:
            with self._timed("forecast"):
                self._succeed(
                    lambda: request_forecast(
                        queue_id=queue.pk,
                        start=self.month,
                        end=self.next_month,
                        actor=self.actor,
                        seed=SEED,
                    )
                )
            found = active_version(queue.pk, start, end)
        if found is None:
            raise StageFailedError(f"There is no forecast of {plan.name}.")
        self.say(f"{plan.name}: forecast by {found.model}")
        return found

    def _requirement(self, plan: QueuePlan, forecast: ForecastVersion) -> RequirementVersion:
        queue = self.queues[plan.key]
        found = active_requirement(queue.pk, forecast.start, forecast.end)
        if found is None or found.forecast_id != forecast.pk:
            with self._timed("staff"):
                self._succeed(lambda: request_requirement(forecast_id=forecast.pk, actor=self.actor))
            found = active_requirement(queue.pk, forecast.start, forecast.end)
        if found is None:
            raise StageFailedError(f"There is no requirement of {plan.name}.")
        return found

    def _people(self, requirements: dict[str, RequirementVersion]) -> None:
        if Employee.objects.filter(external_id__startswith=PREFIX).exists():
            self._renew_absences()
            return
        last = self.next_month - dt.timedelta(days=1)
        month = MonthPlan(self.month, working_days([CALENDAR], self.month, last)[CALENDAR])
        agents: list[PersonPlan] = []
        for number, plan in enumerate(self.plans):
            points = requirement_points(requirements[plan.key].pk)
            required_h = float(points.required.sum()) * points.step_s / 3600
            drawn = people_of(plan, required_h, month, seed=SEED + number, first_number=len(agents) + 1)
            self.say(f"{plan.name}: {len(drawn)} people for {required_h:.0f} agent hours")
            agents += drawn
        store_people(agents, seed=SEED, today=self.today)

    def _renew_absences(self) -> None:
        """Invent absences for a month that follows one planned earlier."""
        variants = ScheduleVariant.objects.filter(group__code__in=[plan.code for plan in self.plans])
        if variants.filter(month=self.month).exists() or not variants.filter(month__lt=self.month).exists():
            return
        added = add_absences(self.month, seed=SEED)
        self.say(f"{added} absences for {self.month:%Y-%m}")

    def _optimise(self) -> None:
        published = {variant.group.code for variant in published_variants(self.month, self.plans)}
        waiting = [
            plan
            for plan in self.plans
            if plan.code not in published and latest_draft(plan.code, self.month) is None
        ]
        if len(waiting) == 1:
            self.plan(waiting[0].code)
            return
        with ExitStack() as stack:
            running = [stack.enter_context(self._planning(plan)) for plan in waiting]
            try:
                self._wait(running)
            except KeyboardInterrupt:
                self.stop(running)
                raise
        for plan, process in zip(waiting, running, strict=True):
            if process.returncode != 0:
                job = latest_job(plan_key(group_by_code(plan.code).pk, self.month))
                reason = job.reason or job.state if job else process.returncode
                raise StageFailedError(f"{plan.name} was not planned: {reason}")

    def _planning(self, plan: QueuePlan) -> subprocess.Popen[bytes]:
        """Plan a group in a process of its own: each solver uses one core."""
        return subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "manage.py", "demo", f"--plan={plan.code}"],
            cwd=settings.BASE_DIR,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,  # the job row keeps the reason
            start_new_session=True,  # Ctrl-C reaches this process only, which then stops the others in order
            preexec_fn=die_with_parent(),  # noqa: PLW1509 - this process has one thread
        )

    def _wait(self, running: Sequence[subprocess.Popen[bytes]]) -> None:
        said_at = time.monotonic()
        while any(process.poll() is None for process in running):
            time.sleep(POLL_S)
            if time.monotonic() - said_at >= REPORT_EVERY_S:
                said_at = time.monotonic()
                jobs = self._planning_jobs(JobState.RUNNING)
                lines = [f"{job.title}: {job.progress:.0%}" for job in jobs]
                self.say("; ".join(lines) or "Taking over what an earlier run left")

    def stop(self, running: Sequence[subprocess.Popen[bytes]]) -> None:
        """Ask the jobs to end, so that a later run need not wait for them to be missed."""
        for job in self._planning_jobs(JobState.QUEUED, JobState.RUNNING):
            cancel(job.pk, actor=self.actor)
        deadline = time.monotonic() + STOP_WITHIN_S
        for process in running:
            try:
                process.wait(max(deadline - time.monotonic(), 0))
            except subprocess.TimeoutExpired:
                process.kill()

    def _planning_jobs(self, *states: JobState) -> QuerySet[Job]:
        """Give the jobs that plan the demo's own groups and month."""
        groups = PlanningGroup.objects.filter(code__in=[plan.code for plan in self.plans])
        keys = [plan_key(group.pk, self.month) for group in groups]
        return Job.objects.filter(dedupe_key__in=keys, state__in=states).order_by("created_at")

    def _publish(self) -> None:
        published = {variant.group.code for variant in published_variants(self.month, self.plans)}
        for plan in self.plans:
            draft = latest_draft(plan.code, self.month)
            if plan.code not in published and draft is not None:
                publish_variant(variant_id=draft.pk, actor=self.actor)

    def _succeed(self, request: Callable[[], Job]) -> None:
        """Start a job and do it here; one that a killed run left behind is ended first."""
        try:
            job = request()
        except ConflictError as conflict:
            left = run_now(Job.objects.get(pk=conflict.extra["job_id"]))
            job = left if left.state == JobState.SUCCEEDED else request()
        done = run_now(job) if job.is_active else job
        if done.state != JobState.SUCCEEDED:
            raise StageFailedError(f"{done.title}: {done.reason or done.state}")
        mark_seen(self.actor, until=clock.now(), job_id=done.pk)  # who looks at the demo asked for none of it

    @contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        begun = time.monotonic()
        yield
        self.seconds[stage] = self.seconds.get(stage, 0.0) + time.monotonic() - begun


def published_variants(month: dt.date, queues: Sequence[QueuePlan]) -> list[ScheduleVariant]:
    """Give the published variants of a month in the order of the queues."""
    codes = [plan.code for plan in queues]
    found = ScheduleVariant.objects.filter(
        group__code__in=codes, month=month, state=VariantState.PUBLISHED
    ).select_related("group")
    return sorted(found, key=lambda variant: codes.index(variant.group.code))


def latest_draft(group_code: str, month: dt.date) -> ScheduleVariant | None:
    """Give the newest draft of a group's month."""
    drafts = ScheduleVariant.objects.filter(group__code=group_code, month=month, state=VariantState.DRAFT)
    return drafts.order_by("-number").first()
