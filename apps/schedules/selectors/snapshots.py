"""Stored shifts as snapshots, whole."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from apps.schedules.models import Activity, Shift
from apps.schedules.types import ActivityFacts, ShiftSnapshot

if TYPE_CHECKING:
    import datetime as dt

    from django.db.models import QuerySet

    from apps.schedules.models import ScheduleVariant

COLUMNS = ("pk", "employee_id", "local_date", "start", "end", "paid_s", "revision")


def snapshots(shifts: QuerySet[Shift]) -> dict[int, ShiftSnapshot]:
    """Give the shifts of a queryset by id, in its order; two queries."""
    rows = list(shifts.values_list(*COLUMNS))
    leaves: defaultdict[int, list[ActivityFacts]] = defaultdict(list)
    parts = Activity.objects.filter(shift__in=[row[0] for row in rows]).order_by("start")
    columns = ("shift_id", "kind__code", "start", "end", "queue_id")
    for owner, kind, start, end, queue_id in parts.values_list(*columns):
        leaves[owner].append(ActivityFacts(kind, start, end, queue_id))
    return {
        pk: ShiftSnapshot(pk, employee_id, local_date, start, end, paid_s, tuple(leaves[pk]), revision)
        for pk, employee_id, local_date, start, end, paid_s, revision in rows
    }


def shift_snapshot(shift_id: int) -> ShiftSnapshot | None:
    """Give one shift as it is stored; None when there is none. Two queries."""
    return snapshots(Shift.objects.filter(pk=shift_id)).get(shift_id)


def shifts_on(variant: ScheduleVariant, employee_id: int, local_date: dt.date) -> list[ShiftSnapshot]:
    """Give a person's shifts of one day of the variant, in order; two queries."""
    rows = Shift.objects.filter(variant=variant, employee=employee_id, local_date=local_date)
    return list(snapshots(rows.order_by("start")).values())
