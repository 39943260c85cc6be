"""The chain of a planning group and a month: what each stage has, and what runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.demand.selectors import history_span
from apps.forecasts.selectors import active_version
from apps.jobs.selectors import latest_job
from apps.schedules.models import ScheduleVariant
from apps.schedules.selectors.planning import plan_key
from apps.schedules.types import Month, Overview, QueueStage
from apps.staffing.selectors import active_requirement

if TYPE_CHECKING:
    import datetime as dt

    from apps.organization.models import Queue
    from apps.schedules.models import PlanningGroup


def overview(group: PlanningGroup, month: dt.date) -> Overview:
    """Give what each stage has of the month with its newest job; seven queries per queue, and three."""
    span = Month(month, group.time_zone)
    variants = ScheduleVariant.objects.filter(group=group, month=month).select_related(
        "group", "created_by", "published_by"
    )
    return Overview(
        group=group,
        month=month,
        queues=[_stage(queue, span) for queue in group.queues.order_by("name")],
        variants=list(variants.order_by("-number")),
        plan_job=latest_job(plan_key(group.pk, month)),
    )


def _stage(queue: Queue, month: Month) -> QueueStage:
    return QueueStage(
        queue=queue,
        history=history_span(queue.pk),
        import_job=latest_job(f"import:{queue.pk}"),
        forecast=active_version(queue.pk, month.start, month.end),
        forecast_job=latest_job(f"forecast:{queue.pk}"),
        requirement=active_requirement(queue.pk, month.start, month.end),
        requirement_job=latest_job(f"requirement:{queue.pk}"),
    )
