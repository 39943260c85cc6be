"""Write what the optimiser found as a new draft, in one short transaction."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from apps.audit.services import record
from apps.core.code_version import code_version
from apps.core.copying import copy_rows
from apps.core.errors import DomainError, StaleError
from apps.core.events import emit
from apps.core.locks import advisory_lock
from apps.core.phrases import Phrase
from apps.core.zones import to_instant
from apps.schedules.models import Activity, PlannedPerson, RuleViolation, ScheduleVariant, Shift
from apps.schedules.selectors.checking import check_variant
from apps.schedules.selectors.labour_rules import figures_of
from apps.schedules.selectors.measuring import measure
from apps.schedules.selectors.planning import plan_inputs
from apps.workcalendar.models import ActivityKind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from apps.accounts.models import User
    from apps.algorithms.rostering.solution import RosterSolution
    from apps.jobs.registry import JobContext
    from apps.organization.models import Queue
    from apps.schedules.selectors.planning import PlanInputs
    from apps.schedules.selectors.slots import SlotClock

HOUR_S = 3600
NO_QUEUE = 0
SHIFTS_AT_ONCE = 2000


@dataclass(frozen=True)
class QueuePlan:
    """What the optimiser found for one queue; its slots are those of `clock`."""

    queue: Queue
    clock: SlotClock
    solution: RosterSolution


@dataclass(frozen=True)
class Stamp:
    """How a plan was made; `seconds` by stage so far."""

    seed: int
    time_limit_s: float
    job_id: UUID | None
    seconds: dict[str, float]


@transaction.atomic
def store_plan(
    *,
    inputs: PlanInputs,
    plans: Sequence[QueuePlan],
    stamp: Stamp,
    actor: User | None,
    job: JobContext | None = None,
) -> ScheduleVariant:
    """Store a draft with its people, shifts, activities, violations and figures; `job` ends with it.

    Raises `StaleError` when requirement, people or rules are no longer those that were planned from.
    """
    begun = time.monotonic()
    first = inputs.month.first
    advisory_lock(f"schedules.variants:{inputs.group.pk}:{first:%Y-%m}")
    _refuse_stale(inputs)
    variant = _create_variant(inputs, plans, stamp, actor)
    _store_people(variant, inputs, plans)
    _store_shifts(variant, plans)
    _store_findings(variant)
    seconds = stamp.seconds | {"store": round(time.monotonic() - begun, 3)}
    variant.metrics = measure(variant) | _solver_figures(plans) | {"seconds": seconds}
    variant.save(update_fields=["metrics"])
    record(
        action="schedule.plan",
        obj=variant,
        actor=actor,
        after={"number": variant.number, "state": variant.state},
    )
    emit(
        "schedule.planned",
        aggregate="schedules.schedulevariant",
        aggregate_id=variant.pk,
        data={
            "group": inputs.group.code,
            "month": f"{first:%Y-%m}",
            "number": variant.number,
            "under_share": variant.metrics["under_share"],
            "gap": variant.metrics["gap"],
        },
        actor=actor,
    )
    if job is not None:
        job.conclude(_result(variant))
    return variant


def _result(variant: ScheduleVariant) -> dict[str, Any]:
    """Give what the job says of the variant; `url` is its page."""
    figures = {name: variant.metrics[name] for name in ("under_share", "gap", "hard_violations")}
    page = f"/planning/{variant.group.code}/{variant.month:%Y-%m}/schedule/?variant={variant.pk}"
    return {"variant_id": variant.pk, "number": variant.number, **figures, "url": page}


def _refuse_stale(inputs: PlanInputs) -> None:
    changed = inputs.differs_from(plan_inputs(inputs.group.pk, inputs.month.first))
    if changed:
        reasons = {
            "requirement": _("The requirement changed while the month was planned; plan it again."),
            "people": _("People, absences or work rules changed while the month was planned; plan it again."),
            "rules": _("The labour rules changed while the month was planned; plan it again."),
        }
        raise StaleError(reasons[changed])


def _create_variant(
    inputs: PlanInputs, plans: Sequence[QueuePlan], stamp: Stamp, actor: User | None
) -> ScheduleVariant:
    of_month = ScheduleVariant.objects.filter(group=inputs.group, month=inputs.month.first)
    last_number = of_month.aggregate(last=Max("number"))["last"] or 0
    variant = ScheduleVariant.objects.create(
        group=inputs.group,
        month=inputs.month.first,
        number=last_number + 1,
        start=inputs.month.start,
        end=inputs.month.end,
        parameters={
            "time_limit_s": stamp.time_limit_s,
            "rules": {rule.code: figures_of(rule) for rule in inputs.rules},
            "solver": {plan.queue.code: plan.solution.parameters for plan in plans},
        },
        reasons=_reasons(inputs, plans),
        seed=stamp.seed,
        code_version=code_version(),
        job_id=stamp.job_id,
        created_by=actor,
    )
    variant.requirements.set(inputs.requirement_ids)
    return variant


def _reasons(inputs: PlanInputs, plans: Sequence[QueuePlan]) -> list[dict[str, Any]]:
    """Give why something could not be met, as data: `selectors.reasons` says it in words."""
    reasons: list[dict[str, Any]] = [
        {"kind": "left_out", "employee_id": person.employee_id, "name": person.name, "key": person.reason}
        for person in inputs.crew.left_out
    ]
    staffed = {plan.queue.pk for plan in plans}
    reasons += [{"kind": "nobody", "queue": queue.code} for queue in inputs.queues if queue.pk not in staffed]
    for plan in plans:
        names = {person.employee_id: person.name for person in inputs.crew.of_queue(plan.queue.pk)}
        reasons += [
            {"kind": "shortage", "queue": plan.queue.code} | asdict(shortage)
            for shortage in plan.solution.shortages
        ]
        reasons += [
            {"kind": "conflict", "queue": plan.queue.code, "name": names[conflict.worker_id]}
            | asdict(conflict)
            for conflict in plan.solution.conflicts
        ]
    return reasons


def _store_people(variant: ScheduleVariant, inputs: PlanInputs, plans: Sequence[QueuePlan]) -> None:
    reachable = {
        conflict.worker_id: round(conflict.reachable_h * HOUR_S)
        for plan in plans
        for conflict in plan.solution.conflicts
        if conflict.code == "month_norm"
    }
    PlannedPerson.objects.bulk_create(
        PlannedPerson(
            variant=variant,
            employee_id=person.employee_id,
            queue_id=person.queue_id,
            department_id=person.department_id,
            site_id=person.site_id,
            work_rule_id=person.work_rule.work_rule_id,
            time_zone=person.zone_name,
            norm_s=person.norm_s,
            reachable_s=reachable.get(person.employee_id),
        )
        for person in inputs.crew.people
    )


def _store_shifts(variant: ScheduleVariant, plans: Sequence[QueuePlan]) -> None:
    for plan in plans:
        clock, slot_s = plan.clock, plan.clock.slot_s
        rows = Shift.objects.bulk_create(
            (
                Shift(
                    variant=variant,
                    employee_id=shift.worker_id,
                    local_date=variant.month + dt.timedelta(days=shift.day),
                    start=clock.instant(shift.start),
                    end=clock.instant(shift.end),
                    paid_s=shift.paid * slot_s,
                )
                for shift in plan.solution.shifts
            ),
            batch_size=SHIFTS_AT_ONCE,
        )
        _copy_activities(plan, [row.pk for row in rows])


def _copy_activities(plan: QueuePlan, shift_ids: Sequence[int]) -> None:
    kinds = {kind.code: kind for kind in ActivityKind.objects.all()}
    leaves = [
        (shift_id, leaf)
        for shift_id, shift in zip(shift_ids, plan.solution.shifts, strict=True)
        for leaf in shift.activities
    ]
    missing = {str(leaf.kind) for _shift_id, leaf in leaves} - kinds.keys()
    if missing:
        raise DomainError(
            Phrase(gettext_noop("There is no activity kind %(code)s."), {"code": ", ".join(sorted(missing))})
        )
    origin = to_instant(plan.clock.origin)
    step = np.timedelta64(plan.clock.slot_s, "s")
    productive = {code: plan.queue.pk if kind.is_productive else NO_QUEUE for code, kind in kinds.items()}
    columns = {
        "shift_id": ("int8", np.array([shift_id for shift_id, _leaf in leaves], dtype=np.int64)),
        "kind_id": ("int8", np.array([kinds[leaf.kind].pk for _id, leaf in leaves], dtype=np.int64)),
        "queue_id": ("int8", np.array([productive[leaf.kind] for _id, leaf in leaves], dtype=np.int64)),
        "start": (
            "timestamptz",
            origin + np.array([leaf.start for _id, leaf in leaves], dtype=np.int64) * step,
        ),
        "end": ("timestamptz", origin + np.array([leaf.end for _id, leaf in leaves], dtype=np.int64) * step),
    }
    if leaves:
        with connection.cursor() as cursor:
            copy_rows(cursor, Activity._meta.db_table, columns, null=NO_QUEUE)  # noqa: SLF001 - Django's public name


def _store_findings(variant: ScheduleVariant) -> None:
    RuleViolation.objects.bulk_create(
        RuleViolation(variant=variant, **asdict(finding)) for finding in check_variant(variant.pk)
    )


def _solver_figures(plans: Sequence[QueuePlan]) -> dict[str, Any]:
    objective = sum(plan.solution.objective for plan in plans)
    bound = sum(plan.solution.bound for plan in plans)
    return {
        "objective": objective,
        "bound": bound,
        "gap": (objective - bound) / objective if objective else 0.0,
        "solver": {
            plan.queue.code: {
                "status": str(plan.solution.status),
                "objective": plan.solution.objective,
                "bound": plan.solution.bound,
                "seconds": round(plan.solution.seconds, 3),
                "phases": [asdict(phase) for phase in plan.solution.phases],
            }
            for plan in plans
        },
    }
