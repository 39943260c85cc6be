"""Keep the figures of edited variants up to date, in the background and once for many edits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.db.models import F

from apps.core import clock
from apps.core.dispatch import enqueue
from apps.core.locks import lock_rows
from apps.schedules.models import ScheduleVariant
from apps.schedules.selectors.measuring import measure
from apps.schedules.services.editing.writing import MEASURE_TASK

if TYPE_CHECKING:
    from django.db.models import QuerySet

ROUNDS = 5
"""How often edits may overtake one measuring; then the next sweep goes on."""


def edited_variants() -> QuerySet[ScheduleVariant]:
    """Give the variants whose figures do not know of their last edits yet."""
    return ScheduleVariant.objects.filter(measured_edits__lt=F("edits"))


def request_measuring() -> int:
    """Ask for a measuring of each edited variant, whose own request may have been lost; give how many."""
    ids = list(edited_variants().order_by("pk").values_list("pk", flat=True))
    for variant_id in ids:
        enqueue(MEASURE_TASK, variant_id, queue="bulk")
    return len(ids)


def measure_edited(variant_id: int) -> int:
    """Measure a variant until its figures know of its last edit, and give how often that took.

    While somebody else measures it there is nothing to do: who does will see the newer edits.
    """
    for done in range(ROUNDS):
        if not _measure_once(variant_id):
            return done
    return ROUNDS


@transaction.atomic
def _measure_once(variant_id: int) -> bool:
    if not _is_mine(variant_id):
        return False
    variant = edited_variants().select_related("group").filter(pk=variant_id).first()
    if variant is None:
        return False
    figures = measure(variant)
    (row,) = lock_rows(ScheduleVariant.objects.filter(pk=variant_id))
    as_of = {"measured": {"edit": variant.edits, "at": clock.now().isoformat()}}
    row.metrics = row.metrics | figures | as_of
    row.measured_edits = variant.edits
    row.save(update_fields=["metrics", "measured_edits"])
    return True


def _is_mine(variant_id: int) -> bool:
    """Take the right to measure the variant until the transaction ends, without waiting for it."""
    with connection.cursor() as cursor:
        name = f"schedules.measure:{variant_id}"
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [name])
        return bool(cursor.fetchone()[0])
