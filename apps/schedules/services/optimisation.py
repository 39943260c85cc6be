"""Plan a month: read | solve | store. No transaction is open while solving."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from apps.accounts.policies import Capability, require
from apps.algorithms.rostering.solution import SolveStatus
from apps.algorithms.rostering.solver import solve
from apps.core.phrases import Phrase
from apps.jobs import services as jobs
from apps.schedules.selectors.planning import group_by_id, month_of, plan_inputs, plan_key, roster_problem
from apps.schedules.services.storing import QueuePlan, Stamp, store_plan

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from apps.accounts.models import User
    from apps.algorithms.rostering.solution import Progress, RosterSolution
    from apps.jobs.models import Job
    from apps.jobs.registry import JobContext
    from apps.organization.models import Queue
    from apps.schedules.models import ScheduleVariant
    from apps.schedules.selectors.planning import PlanInputs

JOB_KIND = "schedules.optimise"
TIME_LIMIT_S = 120.0
OVERHEAD_S = 540
"""Of a job's time, what reading, storing and a busy database may take besides solving."""
MAX_TIME_LIMIT_S = float(settings.CELERY_TASK_SOFT_TIME_LIMIT - OVERHEAD_S)
READ_SHARE = 0.02
SOLVE_SHARE = 0.93
"""Shares of the progress bar; storing takes the rest."""


def request_plan(
    *,
    group_id: int,
    month: dt.date,
    actor: User | None,
    seed: int = 0,
    time_limit_s: float = TIME_LIMIT_S,
) -> Job:
    """Start a job that plans the month; `ConflictError` names the job that is planning it already.

    What is missing (queues, people, requirement) is refused here, before anybody waits.
    """
    require(actor, Capability.PLAN_SCHEDULE)
    inputs = plan_inputs(group_id, month)
    return jobs.start(
        JOB_KIND,
        params={
            "group_id": group_id,
            "month": month.isoformat(),
            "seed": seed,
            "time_limit_s": min(max(time_limit_s, 1.0), MAX_TIME_LIMIT_S),
        },
        actor=actor,
        title=Phrase(
            gettext_noop("Schedule of %(group)s for %(month)s"),
            {"group": str(inputs.group), "month": f"{month:%m.%Y}"},
        ),
        queue="optimise",
        dedupe_key=plan_key(group_id, month),
    )


def optimise_month(
    *,
    group_id: int,
    month: dt.date,
    actor: User | None,
    seed: int = 0,
    time_limit_s: float = TIME_LIMIT_S,
    job: JobContext | None = None,
) -> ScheduleVariant:
    """Plan the month of a group in at most about `time_limit_s`, and store it as a new draft.

    Each queue is a problem of its own and gets time in proportion to its people. Raises `ConflictError`
    while a job plans the same month, `StaleError` when the inputs changed meanwhile, `JobCancelled` when
    the job was asked to stop.
    """
    require(actor, Capability.PLAN_SCHEDULE)
    month_of(group_by_id(group_id), month)
    jobs.refuse_second(plan_key(group_id, month), besides=None if job is None else job.job_id)
    watch = _Stopwatch()
    inputs = plan_inputs(group_id, month)
    watch.lap("load")
    plans = _solve_all(inputs, seed, time_limit_s, job)
    watch.lap("solve")
    if job is not None:
        job.check_cancelled()
        job.progress(READ_SHARE + SOLVE_SHARE, Phrase(gettext_noop("Storing")))
    stamp = Stamp(seed, time_limit_s, None if job is None else job.job_id, watch.laps)
    return store_plan(inputs=inputs, plans=plans, stamp=stamp, actor=actor, job=job)


class _Stopwatch:
    def __init__(self) -> None:
        self._begun = time.monotonic()
        self.laps: dict[str, float] = {}

    def lap(self, name: str) -> None:
        now = time.monotonic()
        self.laps[name] = round(now - self._begun, 3)
        self._begun = now


def _solve_all(inputs: PlanInputs, seed: int, time_limit_s: float, job: JobContext | None) -> list[QueuePlan]:
    staffed = [queue for queue in inputs.queues if inputs.crew.of_queue(queue.pk)]
    people = len(inputs.crew.people)
    plans: list[QueuePlan] = []
    done = 0.0
    for queue in staffed:
        share = len(inputs.crew.of_queue(queue.pk)) / people
        problem, clock = roster_problem(inputs, queue)
        solution = solve(
            problem,
            time_limit_s=time_limit_s * share,
            seed=seed,
            progress=None if job is None else _reporter(job, queue, _Part(done, share)),
            cancelled=None if job is None else job.cancelled,
        )
        plans.append(QueuePlan(queue, clock, solution))
        done += share
        if job is not None:
            job.check_cancelled()
            job.log(_summary(queue, len(inputs.crew.of_queue(queue.pk)), solution))
    return plans


def _summary(queue: Queue, people: int, solution: RosterSolution) -> str:
    return _(
        "%(queue)s: %(people)s people, %(shifts)s shifts; objective %(objective)s, none below %(bound)s "
        "exists; %(status)s."
    ) % {
        "queue": queue.code,
        "people": people,
        "shifts": len(solution.shifts),
        "objective": solution.objective,
        "bound": solution.bound,
        "status": _(STATUSES[solution.status]),
    }


STATUSES = {
    SolveStatus.OPTIMAL: gettext_noop("proven to be the best"),
    SolveStatus.FEASIBLE: gettext_noop("the best found in the time given"),
    SolveStatus.CANCELLED: gettext_noop("stopped early"),
}


@dataclass(frozen=True)
class _Part:
    """Which part of the solving one queue is."""

    begin: float
    share: float


PHASES = {
    "model": gettext_noop("possible shifts"),
    "construct": gettext_noop("first schedule"),
    "sharpen": gettext_noop("spreading the load"),
    "polish": gettext_noop("improving"),
    "verify": gettext_noop("checking the rules"),
    "done": gettext_noop("solved"),
}


def _reporter(job: JobContext, queue: Queue, part: _Part) -> Callable[[Progress], None]:
    def report(progress: Progress) -> None:
        solved = part.begin + part.share * progress.fraction
        phase = Phrase(PHASES.get(progress.phase, progress.phase))
        job.progress(
            READ_SHARE + SOLVE_SHARE * solved,
            Phrase("%(queue)s: %(phase)s", {"queue": str(queue), "phase": phase}),
        )

    return report
